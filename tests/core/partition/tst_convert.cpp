// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "conversion.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::partition;
using namespace howdah::test::conversion;
using test::ask;
using test::must;
using test::runSteps;

class TestConvert : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesEverythingAlong_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<bool>("slot");
        for (const int major : test::majors()) {
            QTest::addRow("%d copy", major) << major << false;
            if (major >= 18) // where the triggers and the switch are the same, and the slot is told of more
                QTest::addRow("%d logical", major) << major << true;
        }
    }
    void carriesEverythingAlong()
    {
        QFETCH(int, major);
        QFETCH(bool, slot);
        const ConvertWish wish = monthly("orders", "at", slot ? ConvertStrategy::LogicalReplication : ConvertStrategy::SyncedCopy);
        const auto connection = test::freshConnection(major);
        must(*connection, richSql(major));
        const Conversion conversion = planned(*connection, wish);
        QVERIFY2(conversion.blockers.empty(), conversion.blockers.empty() ? "" : conversion.blockers.front().c_str());
        QCOMPARE(conversion.keys.size(), std::size_t{2});
        QCOMPARE(conversion.strategies.size(), std::size_t{3});
        const std::string before = hash(*connection, "orders", order_columns);
        const std::string logged = ask(*connection, "SELECT count(*) FROM log");
        std::string undo;
        QCOMPARE(runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
                     if (step.phase == migration::Phase::Switch && undo.empty())
                         undo = step.undo_sql;
                     return step.phase != migration::Phase::Contract;
                 }), std::string());
        const auto is = [&](const std::string &sql, const std::string &wanted) {
            const std::string got = ask(*connection, sql);
            if (got != wanted)
                qWarning("%s gives %s instead of %s", sql.c_str(), got.c_str(), wanted.c_str());
            return got == wanted;
        };
        const auto sameThings = [&](bool partitioned) {
            bool good = is("SELECT relkind FROM pg_class WHERE oid = 'orders'::regclass", partitioned ? "p" : "r");
            good = is("SELECT obj_description('orders'::regclass)", "What was ordered") && good;
            good = is("SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal AND tgname NOT LIKE '!%' AND tgname NOT LIKE '%fkey%'", "auditO quietD") && good;
            good = is("SELECT count(*) FROM pg_policy WHERE polrelid = 'orders'::regclass", "1") && good;
            good = is("SELECT relrowsecurity FROM pg_class WHERE oid = 'orders'::regclass", "t") && good;
            good = is("SELECT has_table_privilege('clerk_" + std::to_string(major) + "', 'orders', 'INSERT') AND has_column_privilege('clerk_" + std::to_string(major) + "', 'orders', 'note', 'UPDATE') AND NOT has_table_privilege('clerk_" + std::to_string(major) + "', 'orders', 'UPDATE')", "t") && good;
            good = is("SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = 'orders'::regclass AND x.indisvalid", "orders_customer orders_lower orders_number orders_pkey") && good;
            good = is("SELECT string_agg(prrelid::regclass::text, ' ') FROM pg_publication_rel", "orders") && good;
            good = is("SELECT attstattarget FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'customer'", "321") && good;
            good = is("SELECT pg_get_serial_sequence('orders', 'id') || ' ' || pg_get_serial_sequence('orders', 'number')", "public.orders_id_seq public.orders_number_seq") && good;
            good = is("SELECT count(*) FROM recent_two WHERE id IS NOT NULL", ask(*connection, "SELECT count(*) FROM orders WHERE at > '2025-02-01'")) && good;
            return good;
        };
        QVERIFY(sameThings(true));
        QCOMPARE(hash(*connection, "orders", order_columns), before);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM log"), logged);
        QVERIFY(is("SELECT string_agg(DISTINCT array_to_string(reloptions, ','), ' ') FROM pg_class WHERE relname LIKE 'orders\\_p2%' AND relkind = 'r'", "fillfactor=70,autovacuum_vacuum_scale_factor=0.05"));
        // The identity goes on where it was, step and all.
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, '2025-03-03') RETURNING id", std::to_string(100 + 2000 * 2)));
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, '2025-03-03') RETURNING number", "2002"));
        QVERIFY(QString::fromStdString(ask(*connection, "INSERT INTO orders (id, customer) VALUES (1, 1)")).contains(QStringLiteral("428C9")));
        // Foreign keys: out by the constraint, in by triggers.
        const auto refused = [&](const std::string &sql) { return ask(*connection, sql).find("23503") != std::string::npos; };
        QVERIFY(refused("INSERT INTO orders (customer) VALUES (999)"));
        QVERIFY(refused("INSERT INTO items VALUES (9999, 12345)"));
        QVERIFY(is("INSERT INTO items VALUES (9999, 4100) RETURNING id", "9999"));
        QVERIFY(refused("DELETE FROM orders WHERE id = 100"));
        must(*connection, "UPDATE orders SET parent = NULL; UPDATE orders SET at = at + interval '3 months' WHERE id = 4100");
        QVERIFY(is("SELECT count(*) FROM items WHERE order_id = 4100", "1"));
        must(*connection, "DELETE FROM orders WHERE id = 4100");
        QVERIFY(is("SELECT count(*) FROM items WHERE order_id = 4100", "0"));
        must(*connection, "DELETE FROM customers WHERE id = 7");
        // Back again, with the writes since.
        const std::string after = hash(*connection, "orders", order_columns);
        QCOMPARE(hash(*connection, "orders_old", order_columns), after);
        must(*connection, "BEGIN; " + undo + "; COMMIT");
        QVERIFY(sameThings(false));
        QCOMPARE(hash(*connection, "orders", order_columns), after);
        QVERIFY(is("INSERT INTO orders (customer, at) VALUES (1, '2025-03-03') RETURNING id", "4106"));
        QVERIFY(QString::fromStdString(ask(*connection, "INSERT INTO orders (id, customer) VALUES (1, 1)")).contains(QStringLiteral("428C9")));
        QVERIFY(refused("INSERT INTO items VALUES (99999, 12345)"));
        QVERIFY(is("SELECT count(*) FROM pg_class WHERE relname LIKE 'orders\\_p2%'", "0"));
        QVERIFY(is("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!%'", "0"));
        // And forward to the end.
        const Conversion again = planned(*connection, wish);
        QVERIFY2(again.blockers.empty(), again.blockers.empty() ? "" : again.blockers.front().c_str());
        QCOMPARE(runSteps(*connection, again.script), std::string());
        QVERIFY(sameThings(true));
        QVERIFY(is("SELECT to_regclass('orders_old') IS NULL", "t"));
        QVERIFY(is("SELECT count(*) FROM pg_proc WHERE pronamespace = 'howdah'::regnamespace", "0"));
    }

    void losesNothingUnderWrites_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<QString>("isolation");
        QTest::addColumn<bool>("slot");
        for (const int major : test::majors()) {
            QTest::addRow("%d", major) << major << QStringLiteral("read committed") << false;
            if (major != 15)
                QTest::addRow("%d logical", major) << major << QStringLiteral("read committed") << true;
        }
        QTest::addRow("15 repeatable read") << 15 << QStringLiteral("repeatable read") << false;
        QTest::addRow("15 repeatable read, logical") << 15 << QStringLiteral("repeatable read") << true;
    }
    void losesNothingUnderWrites()
    {
        QFETCH(int, major);
        QFETCH(QString, isolation);
        QFETCH(bool, slot);
        const auto connection = test::freshConnection(major);
        must(*connection, liveSql(8000));
        const Conversion conversion = planned(*connection, monthly("live", "at", slot ? ConvertStrategy::LogicalReplication : ConvertStrategy::SyncedCopy));
        QVERIFY(conversion.blockers.empty());
        Writers writers(test::server(major).conninfo(connection->facts().database), 4, isolation.toStdString(), slot ? 3 : 0);
        must(*connection, "SET lock_timeout = '2s'");
        std::string mid;
        const std::string error = runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
            // What was noted meanwhile is worked off at the switch; a comparison leaves it out.
            if (step.batches)
                QThread::msleep(200);
            return step.phase != migration::Phase::Contract;
        }, 300);
        QThread::msleep(400);
        writers.stop();
        QCOMPARE(error, std::string());
        QCOMPARE(writers.error, std::string());
        qInfo("%ld transactions, %ld serialisation failures or deadlocks, longest %.0f ms", writers.done.load(), writers.serialization.load(), writers.longest_ms.load());
        QVERIFY(writers.done > 100 && writers.longest_ms < 2000);
        if (isolation == QStringLiteral("read committed"))
            QVERIFY(writers.serialization <= writers.done / 50);
        const std::string wanted = hash(*connection, "shadow", "id, at, v");
        QCOMPARE(hash(*connection, "live", "id, at, v"), wanted);
        QCOMPARE(hash(*connection, "live_old", "id, at, v"), wanted);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM (SELECT id FROM live GROUP BY id HAVING count(*) > 1) d"), std::string("0"));
    }

    void anInterruptionBetweenStepsLosesNothing()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, liveSql(3000));
        const Conversion conversion = planned(*connection, monthly("live"));
        Writers writers(test::server(15).conninfo(connection->facts().database), 2, "read committed");
        // Up to the middle, then everything is taken back, last step first.
        std::vector<std::string> undo;
        static_cast<void>(runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
            if (step.phase == migration::Phase::Switch || step.phase == migration::Phase::Contract)
                return false;
            undo.push_back(step.undo_sql);
            return true;
        }));
        for (auto sql = undo.rbegin(); sql != undo.rend(); ++sql) {
            if (!sql->empty())
                must(*connection, *sql);
        }
        writers.stop();
        QCOMPARE(writers.error, std::string());
        QCOMPARE(hash(*connection, "live", "id, at, v"), hash(*connection, "shadow", "id, at, v"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_class WHERE relname LIKE 'live\\_%' AND relkind IN ('r', 'p')"), std::string("0"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!%'"), std::string("0"));
        QVERIFY(planned(*connection, monthly("live")).blockers.empty());
    }

    void byListAndHash()
    {
        const auto connection = test::freshConnection(18);
        must(*connection, "CREATE TABLE t (id int PRIMARY KEY, region text NOT NULL, v int); INSERT INTO t SELECT g, (ARRAY['eu', 'us', 'asia'])[1 + g % 3], g FROM generate_series(1, 900) g");
        ConvertWish wish;
        wish.table = "t";
        wish.column = "region";
        wish.by = Strategy::List;
        wish.lists = {{"eu", "uk"}, {"us"}};
        QCOMPARE(runSteps(*connection, planned(*connection, wish).script), std::string());
        QCOMPARE(ask(*connection, "SELECT string_agg(n || ' ' || c, ', ' ORDER BY n) FROM (SELECT tableoid::regclass::text AS n, count(*) AS c FROM t GROUP BY 1) x"), std::string("t_default 300, t_eu 300, t_us 300"));
        must(*connection, "CREATE TABLE h (id int PRIMARY KEY, v int); INSERT INTO h SELECT g, g FROM generate_series(1, 900) g");
        wish = ConvertWish();
        wish.table = "h";
        wish.column = "id";
        wish.by = Strategy::Hash;
        wish.modulus = 4;
        const Conversion conversion = planned(*connection, wish);
        QVERIFY(conversion.keys.empty()); // the key is the primary key
        QCOMPARE(runSteps(*connection, conversion.script), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) || ' ' || count(DISTINCT tableoid) FROM h"), std::string("900 4"));
    }

    void saysWhatIsInTheWay()
    {
        const auto connection = test::freshConnection(15);
        const auto blocked = [&](const ConvertWish &wish, const char *word) {
            const Conversion conversion = planned(*connection, wish);
            for (const std::string &text : conversion.blockers) {
                if (text.find(word) != std::string::npos)
                    return conversion.script.steps.empty();
            }
            return false;
        };
        must(*connection, "CREATE TABLE nokey (a int, at timestamptz NOT NULL); CREATE TABLE nulls (id int PRIMARY KEY, at timestamptz); INSERT INTO nulls VALUES (1, NULL); "
                          "CREATE TABLE fine (id int PRIMARY KEY, at timestamptz); INSERT INTO fine VALUES (1, now()); CREATE MATERIALIZED VIEW mv AS SELECT * FROM nulls; "
                          "CREATE TABLE late (id int PRIMARY KEY DEFERRABLE, at date); CREATE TABLE far (id int PRIMARY KEY, at date); INSERT INTO far VALUES (1, '0001-01-01'), (2, '2025-01-01'), (3, 'infinity')");
        QVERIFY(blocked(monthly("nokey"), "no primary key"));
        QVERIFY(blocked(monthly("nulls"), "NULL"));
        QVERIFY(blocked(monthly("nulls"), "materialized view"));
        QVERIFY(blocked(monthly("late"), "DEFERRABLE"));
        const auto wrong = [&](const ConvertWish &wish) {
            const auto conversion = planConversion(*connection, wish);
            return !conversion && conversion.error().kind == ErrorKind::Usage;
        };
        QVERIFY(wrong(monthly("far")));
        QVERIFY(wrong(monthly("nothing")));
        QVERIFY(wrong(monthly("fine", "nope")));
        QVERIFY(wrong(monthly("mv")));
        ConvertWish numbers = monthly("fine");
        numbers.interval = *parseInterval("1000");
        QVERIFY(wrong(numbers));
        // A nullable key without NULLs is proved, and refused to writers from then on.
        const Conversion conversion = planned(*connection, monthly("fine"));
        QVERIFY(conversion.blockers.empty());
        QCOMPARE(runSteps(*connection, conversion.script), std::string());
        QVERIFY(ask(*connection, "INSERT INTO fine VALUES (2, NULL)").find("23502") != std::string::npos);
        // Infinity is no month: the default has it.
        must(*connection, "DELETE FROM far WHERE id = 1");
        QCOMPARE(runSteps(*connection, planned(*connection, monthly("far")).script), std::string());
        QCOMPARE(ask(*connection, "SELECT tableoid::regclass FROM far WHERE at = 'infinity'"), std::string("far_default"));
    }

    void leavesTheTableWhenAStepIsRefused()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, "CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO t SELECT g, timestamptz '2025-01-01' + g * interval '1 day' FROM generate_series(1, 100) g");
        const Conversion conversion = planned(*connection, monthly("t"));
        // Every step refused in turn, as a full disk, a missing right or a cancelled statement would have it: what came before
        // is taken back, and the table is what it was.
        const std::string before = hash(*connection, "t", "id, at");
        for (std::size_t fail_at = 0; fail_at < conversion.script.steps.size(); ++fail_at) {
            if (conversion.script.steps[fail_at].phase == migration::Phase::Contract)
                break;
            migration::ChangeScript broken = conversion.script;
            broken.steps.resize(fail_at + 1);
            migration::ChangeStep &last = broken.steps.back();
            if (last.sql.empty() || !last.in_transaction)
                continue;
            last.sql += ";\nDO $$ BEGIN RAISE disk_full; END $$";
            QVERIFY2(!runSteps(*connection, broken).empty(), last.title.c_str());
            QCOMPARE(hash(*connection, "t", "id, at"), before);
            must(*connection, "UPDATE t SET at = at WHERE id = 5");
            for (std::size_t i = fail_at; i-- > 0;) {
                if (!broken.steps[i].undo_sql.empty())
                    must(*connection, broken.steps[i].undo_sql);
            }
            QCOMPARE(ask(*connection, "SELECT relkind::text || ' ' || (SELECT count(*) FROM pg_trigger WHERE tgrelid = 't'::regclass)::text FROM pg_class WHERE oid = 't'::regclass"), std::string("r 0"));
        }
        QCOMPARE(hash(*connection, "t", "id, at"), before);
    }
};

QTEST_GUILESS_MAIN(TestConvert)
#include "tst_convert.moc"
