// SPDX-License-Identifier: GPL-3.0-or-later
// The strategy that copies nothing: the old table becomes the first partition of one that is put above it.
#include <QtTest>

#include "conversion.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::partition;
using namespace howdah::test::conversion;
using test::ask;
using test::must;
using test::runSteps;

namespace {

std::vector<std::string> undoOf(const migration::ChangeScript &script)
{
    std::vector<std::string> undo;
    for (auto step = script.steps.rbegin(); step != script.steps.rend(); ++step) {
        if (step->phase != migration::Phase::Contract && !step->undo_sql.empty())
            undo.push_back(step->undo_sql);
    }
    return undo;
}

bool beforeContract(const migration::ChangeStep &step)
{
    return step.phase != migration::Phase::Contract;
}

} // namespace

class TestConvertAttach : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesEverythingAlong_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<bool>("per_partition");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major << false;
        QTest::addRow("15 unique within partitions") << 15 << true;
    }
    void carriesEverythingAlong()
    {
        QFETCH(int, major);
        QFETCH(bool, per_partition);
        const auto connection = test::freshConnection(major);
        must(*connection, richSql(major));
        ConvertWish wish = monthly("orders", "at", ConvertStrategy::AttachOld);
        wish.keys = per_partition ? KeyChoice::PerPartition : KeyChoice::Extend;
        const Conversion conversion = planned(*connection, wish);
        QVERIFY2(conversion.blockers.empty(), conversion.blockers.empty() ? "" : conversion.blockers.front().c_str());
        QVERIFY(conversion.measured && conversion.strategies[0].seconds_high < conversion.strategies[1].seconds_high);
        const std::string before = hash(*connection, "orders", order_columns);
        const std::string file = ask(*connection, "SELECT pg_relation_filenode('orders')");
        const auto is = [&](const std::string &sql, const std::string &wanted) {
            const std::string got = ask(*connection, sql);
            if (got != wanted)
                qWarning("%s gives %s instead of %s", sql.c_str(), got.c_str(), wanted.c_str());
            return got == wanted;
        };
        const auto refused = [&](const std::string &sql, const char *state = "23503") { return ask(*connection, sql).find(state) != std::string::npos; };
        // No index is built and no row read under the lock of the exchange: all that there is was there before.
        std::string indexes;
        QCOMPARE(runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
                     if (step.phase == migration::Phase::Switch && indexes.empty())
                         indexes = ask(*connection, "SELECT string_agg(pg_relation_filenode(indexrelid)::text, ' ' ORDER BY 1) FROM pg_index WHERE indrelid = 'orders'::regclass");
                     return beforeContract(step);
                 }), std::string());
        const std::string old = ask(*connection, "SELECT relname FROM pg_class WHERE relname LIKE 'orders\\_until\\_%' AND relkind = 'r'");
        QVERIFY(is("SELECT pg_relation_filenode('" + old + "')", file));
        // Only the file of the primary key that gave way has gone.
        for (const std::string &now : {ask(*connection, "SELECT string_agg(pg_relation_filenode(indexrelid)::text, ' ') FROM pg_index WHERE indrelid = '" + old + "'::regclass")}) {
            for (std::size_t begin = 0; begin < now.size(); begin = now.find(' ', begin) == std::string::npos ? now.size() : now.find(' ', begin) + 1)
                QVERIFY2(indexes.find(now.substr(begin, now.find(' ', begin) - begin)) != std::string::npos, now.c_str());
        }
        QVERIFY(is("SELECT relkind FROM pg_class WHERE oid = 'orders'::regclass", "p"));
        QVERIFY(is("SELECT obj_description('orders'::regclass)", "What was ordered"));
        QVERIFY(is("SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal AND tgname NOT LIKE '%fkey%'", "auditO quietD"));
        QVERIFY(is("SELECT count(*) FROM pg_policy WHERE polrelid = 'orders'::regclass", "1"));
        QVERIFY(is("SELECT has_table_privilege('clerk_" + std::to_string(major) + "', 'orders', 'INSERT')", "t"));
        QVERIFY(is("SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = 'orders'::regclass AND x.indisvalid", "orders_customer orders_lower orders_number orders_pkey"));
        QVERIFY(is("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'p'", "PRIMARY KEY (id, at)"));
        QVERIFY(is("SELECT string_agg(prrelid::regclass::text, ' ') FROM pg_publication_rel", "orders"));
        QVERIFY(is("SELECT pg_get_serial_sequence('orders', 'id') || ' ' || pg_get_serial_sequence('orders', 'number')", "public.orders_id_seq public.orders_number_seq"));
        QCOMPARE(hash(*connection, "orders", order_columns), before);
        QVERIFY(is("SELECT count(*) FROM recent_two WHERE id IS NOT NULL", ask(*connection, "SELECT count(*) FROM orders WHERE at > '2025-02-01'")));
        // The identity goes on; a row far ahead lands in a partition of its own; keys hold.
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, '2025-03-03') RETURNING id", std::to_string(100 + 2000 * 2)));
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, now() + interval '3 months') RETURNING tableoid::regclass <> '" + old + "'::regclass", "t"));
        QVERIFY(is("SELECT max(number) FROM orders", "2002"));
        QVERIFY(refused("INSERT INTO orders (id, customer) VALUES (1, 1)", "428C9"));
        QVERIFY(refused("INSERT INTO orders (customer) VALUES (999)"));
        QVERIFY(refused("INSERT INTO items VALUES (9999, 12345)"));
        QVERIFY(refused("DELETE FROM orders WHERE id = 100"));
        QVERIFY(is("INSERT INTO items VALUES (9999, 4100) RETURNING id", "9999"));
        // A row may move out of the old table into another partition, and back.
        must(*connection, "UPDATE orders SET parent = NULL; UPDATE orders SET at = at + interval '10 years' WHERE id = 4100");
        QVERIFY(is("SELECT count(*) FROM items WHERE order_id = 4100", "1"));
        must(*connection, "DELETE FROM customers WHERE id = 7");
        const std::string after = hash(*connection, "orders", order_columns);
        // Back again, with the writes since.
        for (const std::string &undo : undoOf(conversion.script))
            must(*connection, undo.find("CONCURRENTLY") != std::string::npos ? undo : "BEGIN; " + undo + "; COMMIT");
        QVERIFY(is("SELECT relkind FROM pg_class WHERE oid = 'orders'::regclass", "r"));
        QVERIFY(is("SELECT pg_relation_filenode('orders')", file));
        QCOMPARE(hash(*connection, "orders", order_columns), after);
        QVERIFY(is("SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = 'orders'::regclass AND x.indisvalid", "orders_customer orders_lower orders_number orders_pkey"));
        QVERIFY(is("SELECT string_agg(conname || contype::text, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype <> 'n'", "orders_customer_fkeyf orders_numberu orders_parent_fkeyf orders_pkeyp orders_total_checkc"));
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, '2025-03-03') RETURNING id", "4106"));
        QVERIFY(refused("INSERT INTO orders (id, customer) VALUES (1, 1)", "428C9"));
        QVERIFY(refused("INSERT INTO items VALUES (99999, 12345)"));
        QVERIFY(is("SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal", "auditO quietD"));
        QVERIFY(is("SELECT count(*) FROM pg_class WHERE relname ~ 'howdah|until|_old|_p20'", "0"));
        QVERIFY(is("SELECT string_agg(prrelid::regclass::text, ' ') FROM pg_publication_rel", "orders"));
        // And forward to the end.
        const Conversion again = planned(*connection, wish);
        QVERIFY2(again.blockers.empty(), again.blockers.empty() ? "" : again.blockers.front().c_str());
        QCOMPARE(runSteps(*connection, again.script), std::string());
        QVERIFY(is("SELECT count(*) FROM pg_constraint WHERE conname = 'howdah_bound'", "0"));
        QVERIFY(refused("INSERT INTO orders (id, customer, at, number) OVERRIDING SYSTEM VALUE SELECT id, customer, at, number FROM orders LIMIT 1", "23505"));
        // Another time, the same number: refused within one partition where that was wished for.
        const std::string twice = ask(*connection, "INSERT INTO orders (customer, at, number) SELECT customer, at + interval '1 second', number FROM orders WHERE at < '2025-01-10' LIMIT 1 RETURNING 'taken'");
        QCOMPARE(twice.find("23505") != std::string::npos, per_partition);
    }

    void losesNothingUnderWrites_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }
    void losesNothingUnderWrites()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        must(*connection, liveSql(8000));
        const Conversion conversion = planned(*connection, monthly("live", "at", ConvertStrategy::AttachOld));
        QVERIFY(conversion.blockers.empty());
        Writers writers(test::server(major).conninfo(connection->facts().database), 4, "read committed");
        must(*connection, "SET lock_timeout = '2s'");
        const std::string error = runSteps(*connection, conversion.script, [](const migration::ChangeStep &step) {
            QThread::msleep(60);
            return beforeContract(step);
        });
        QThread::msleep(400);
        // Some of what is written now lies past the old table's bound.
        must(*connection, "INSERT INTO live (at, v) SELECT now() + g * interval '20 days', 'ahead' FROM generate_series(1, 10) g");
        std::string back;
        for (const std::string &undo : undoOf(conversion.script)) {
            const auto outcome = connection->run(undo.find("CONCURRENTLY") != std::string::npos ? undo : "BEGIN; " + undo + "; COMMIT");
            if (outcome.error && back.empty())
                back = outcome.error->text();
            static_cast<void>(connection->query("ROLLBACK"));
        }
        QThread::msleep(200);
        writers.stop();
        QCOMPARE(error, std::string());
        QCOMPARE(back, std::string());
        QCOMPARE(writers.error, std::string());
        qInfo("%ld transactions, %ld serialisation failures or deadlocks, longest %.0f ms", writers.done.load(), writers.serialization.load(), writers.longest_ms.load());
        QVERIFY(writers.done > 100 && writers.longest_ms < 2000);
        QCOMPARE(ask(*connection, "SELECT relkind FROM pg_class WHERE oid = 'live'::regclass"), std::string("r"));
        QCOMPARE(hash(*connection, "live", "id, at, v"), hash(*connection, "shadow", "id, at, v"));
        QVERIFY(ask(*connection, "SELECT count(*) FROM live WHERE v = 'ahead'") == "10");
    }

    void withoutAKeyAndByNumbers()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, "CREATE TABLE n (a int, b numeric); INSERT INTO n SELECT g, g FROM generate_series(1, 1000) g; CREATE INDEX n_a ON n (a)");
        ConvertWish wish = monthly("n", "a", ConvertStrategy::AttachOld);
        wish.interval = *parseInterval("500");
        wish.ahead = 2;
        wish.keep_default = false;
        const Conversion conversion = planned(*connection, wish);
        QVERIFY2(conversion.blockers.empty(), conversion.blockers.empty() ? "" : conversion.blockers.front().c_str());
        QCOMPARE(runSteps(*connection, conversion.script), std::string());
        QCOMPARE(ask(*connection, "SELECT string_agg(c.relname || ' ' || pg_get_expr(relpartbound, c.oid), '; ' ORDER BY c.relname) FROM pg_class c WHERE relispartition AND relkind = 'r'"),
                 std::string("n_p2000 FOR VALUES FROM (2000) TO (2500); n_p2500 FOR VALUES FROM (2500) TO (3000); n_until_2000 FOR VALUES FROM (MINVALUE) TO (2000)"));
        QVERIFY(ask(*connection, "INSERT INTO n VALUES (3000, 1)").find("23514") != std::string::npos);
        QVERIFY(ask(*connection, "INSERT INTO n VALUES (NULL, 1)").find("23514") != std::string::npos);
        QCOMPARE(ask(*connection, "INSERT INTO n VALUES (2400, 1) RETURNING tableoid::regclass"), std::string("n_p2000"));
    }

    void saysWhatIsInTheWay()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, "CREATE TABLE far (id int PRIMARY KEY, at date NOT NULL); INSERT INTO far VALUES (1, 'infinity')");
        const Conversion conversion = planned(*connection, monthly("far", "at", ConvertStrategy::AttachOld));
        QVERIFY(conversion.blockers.size() == 1 && conversion.blockers.front().find("infinity") != std::string::npos && conversion.script.steps.empty());
        ConvertWish by_hash = monthly("far", "id", ConvertStrategy::AttachOld);
        by_hash.by = Strategy::Hash;
        by_hash.modulus = 4;
        const auto refused = planConversion(*connection, by_hash);
        QVERIFY(!refused && refused.error().kind == ErrorKind::Usage);
        must(*connection, "CREATE UNLOGGED TABLE u (id int PRIMARY KEY); CREATE TABLE k (id int PRIMARY KEY); ALTER TABLE k REPLICA IDENTITY NOTHING; INSERT INTO u VALUES (1); INSERT INTO k VALUES (1)");
        ConvertWish slot = monthly("u", "id", ConvertStrategy::LogicalReplication);
        slot.interval = *parseInterval("1000");
        QVERIFY(planned(*connection, slot).blockers.front().find("UNLOGGED") != std::string::npos);
        slot.table = "k";
        QVERIFY(planned(*connection, slot).blockers.front().find("REPLICA IDENTITY") != std::string::npos);
    }

    /// A row that the proof does not allow comes between looking and proving: nothing is changed, and it says which.
    void aRowPastTheBoundStopsIt()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, "CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO t SELECT g, timestamptz '2025-01-01' + g * interval '1 day' FROM generate_series(1, 100) g");
        const Conversion conversion = planned(*connection, monthly("t", "at", ConvertStrategy::AttachOld));
        must(*connection, "INSERT INTO t VALUES (1000, '2099-01-01')");
        const std::string error = runSteps(*connection, conversion.script);
        QVERIFY2(error.find("howdah_bound") != std::string::npos, error.c_str());
        for (const std::string &undo : undoOf(conversion.script)) {
            if (undo.find("ATTACH PARTITION") == std::string::npos && undo.find("DETACH") == std::string::npos)
                must(*connection, undo);
        }
        QCOMPARE(ask(*connection, "SELECT relkind::text || (SELECT count(*) FROM t)::text || (SELECT count(*) FROM pg_constraint WHERE conrelid = 't'::regclass)::text FROM pg_class WHERE oid = 't'::regclass"), std::string("r1011"));
    }
};

QTEST_GUILESS_MAIN(TestConvertAttach)
#include "tst_convert_attach.moc"
