// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong in the midst of a conversion: the error says what, and the table is what it was.
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

constexpr const char *plain = "CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL, v text UNIQUE); INSERT INTO t SELECT g, timestamptz '2025-01-01' + g * interval '1 day', 'v' || g FROM generate_series(1, 400) g; "
                              "CREATE TABLE other (id int PRIMARY KEY, t int REFERENCES t); INSERT INTO other SELECT g, g FROM generate_series(1, 50) g";

/// Relation, rows, triggers, constraints, indexes, and what else of a conversion is about.
std::string shape(pg::Connection &connection)
{
    return ask(connection, "SELECT concat_ws(' ', (SELECT relkind FROM pg_class WHERE oid = 't'::regclass), (SELECT count(*) || ' ' || sum(hashtextextended(ROW(id, at, v)::text, 0)::numeric) FROM t), "
                           "(SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 't'::regclass AND NOT tgisinternal), "
                           "(SELECT string_agg(conname || pg_get_constraintdef(oid), ',' ORDER BY conname) FROM pg_constraint WHERE 't'::regclass IN (conrelid, confrelid) AND contype <> 'n'), "
                           "(SELECT string_agg(indexrelid::regclass::text, ',' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = 't'::regclass), "
                           "(SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '^t_' AND relkind IN ('r', 'p')), (SELECT count(*) FROM pg_publication WHERE pubname LIKE 'howdah%'), "
                           "(SELECT count(*) FROM pg_replication_slots WHERE database = current_database()), (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('howdah')))");
}

/// As the executor takes back: what is done, last step first, and what has gone already counts as taken back.
void takeBack(pg::Connection &connection, const migration::ChangeScript &script, std::size_t done)
{
    for (std::size_t i = done; i-- > 0;) {
        const migration::ChangeStep &step = script.steps[i];
        if (step.undo_sql.empty())
            continue;
        const bool outside = step.undo_sql.find("CONCURRENTLY") != std::string::npos;
        must(connection, outside ? step.undo_sql : "BEGIN;\n" + step.undo_sql + ";\nCOMMIT");
    }
}

std::size_t contractOf(const migration::ChangeScript &script)
{
    std::size_t at = 0;
    while (at < script.steps.size() && script.steps[at].phase != migration::Phase::Contract)
        ++at;
    return at;
}

} // namespace

class TestConvertRefusals : public QObject
{
    Q_OBJECT

    static void strategies()
    {
        QTest::addColumn<int>("strategy");
        QTest::newRow("copy") << int(ConvertStrategy::SyncedCopy);
        QTest::newRow("attach") << int(ConvertStrategy::AttachOld);
        QTest::newRow("logical") << int(ConvertStrategy::LogicalReplication);
    }

private Q_SLOTS:
    /// A full disk, or a right that is taken away, at each statement in turn.
    void eachStepRefused_data() { strategies(); }
    void eachStepRefused()
    {
        QFETCH(int, strategy);
        const auto connection = test::freshConnection(15);
        must(*connection, plain);
        ConvertWish wish = monthly("t", "at", static_cast<ConvertStrategy>(strategy));
        wish.interval = *parseInterval("1 year");
        const Conversion conversion = planned(*connection, wish);
        QVERIFY2(conversion.blockers.empty(), conversion.blockers.empty() ? "" : conversion.blockers.front().c_str());
        const std::string before = shape(*connection);
        const std::size_t end = contractOf(conversion.script);
        int refused = 0;
        // Of the many that build an index a partition every fifth is enough.
        for (std::size_t at = 0; at < end; ++at) {
            const migration::ChangeStep &step = conversion.script.steps[at];
            if (step.sql.empty() || !step.in_transaction || ((step.title.starts_with("Attach the index") || step.title.starts_with("Validate ") || step.title.starts_with("Add ")) && at % 5 != 0))
                continue;
            migration::ChangeScript broken = conversion.script;
            broken.steps.resize(at + 1);
            broken.steps.back().sql += std::string(";\nDO $$ BEGIN RAISE ") + (at % 2 == 0 ? "disk_full" : "insufficient_privilege") + "; END $$";
            const std::string error = runSteps(*connection, broken);
            QVERIFY2(error.find(at % 2 == 0 ? "disk_full" : "insufficient_privilege") != std::string::npos && error.find(step.title) != std::string::npos, (step.title + ": " + error).c_str());
            // The application works on in the meantime.
            must(*connection, "UPDATE t SET at = at WHERE id = 5; INSERT INTO t VALUES (1000, '2025-02-02', 'more'); DELETE FROM t WHERE id = 1000");
            takeBack(*connection, conversion.script, at + (step.phase == migration::Phase::Expand && step.sql.find("pg_create_logical") != std::string::npos ? 1 : 0));
            if (const std::string now = shape(*connection); now != before)
                QFAIL(("after \"" + step.title + "\" was refused:\n" + now + "\ninstead of\n" + before).c_str());
            ++refused;
        }
        qInfo("%d steps refused", refused);
        QVERIFY(refused >= 5);
    }

    /// In the midst of the rows.
    void theDiskIsFullWhileRowsAreCopied_data()
    {
        QTest::addColumn<int>("strategy");
        QTest::newRow("copy") << int(ConvertStrategy::SyncedCopy);
        QTest::newRow("logical") << int(ConvertStrategy::LogicalReplication);
    }
    void theDiskIsFullWhileRowsAreCopied()
    {
        QFETCH(int, strategy);
        const auto connection = test::freshConnection(15);
        must(*connection, plain);
        const std::string before = shape(*connection);
        const Conversion conversion = planned(*connection, monthly("t", "at", static_cast<ConvertStrategy>(strategy)));
        must(*connection, "CREATE FUNCTION full_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 250 THEN RAISE disk_full USING MESSAGE = 'could not extend file'; END IF; RETURN NEW; END $$");
        std::size_t at = 0;
        const std::string error = runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
            at = static_cast<std::size_t>(&step - conversion.script.steps.data());
            if (step.batches && step.title.starts_with("Copy the rows"))
                must(*connection, "CREATE TRIGGER full_now BEFORE INSERT ON t_howdah_new FOR EACH ROW EXECUTE FUNCTION full_now()");
            return true;
        }, 100);
        QVERIFY2(error.find("could not extend file") != std::string::npos && error.find("53100") != std::string::npos, error.c_str());
        static_cast<void>(connection->query("ROLLBACK"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t_howdah_new"), std::string("200"));
        takeBack(*connection, conversion.script, at);
        QCOMPARE(shape(*connection), before);
    }

    void aRoleWithoutRights()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, plain);
        const auto blocked = [&](ConvertStrategy strategy, const char *word) {
            const Conversion conversion = planned(*connection, monthly("t", "at", strategy));
            return conversion.script.steps.empty() && std::any_of(conversion.blockers.begin(), conversion.blockers.end(), [word](const std::string &text) { return text.find(word) != std::string::npos; });
        };
        must(*connection, "CREATE ROLE nobody_much; CREATE ROLE keeper; GRANT ALL ON t, other TO nobody_much; SET ROLE nobody_much");
        QVERIFY(blocked(ConvertStrategy::SyncedCopy, "not the owner"));
        QVERIFY(blocked(ConvertStrategy::SyncedCopy, "schema howdah"));
        QVERIFY(blocked(ConvertStrategy::LogicalReplication, "REPLICATION"));
        // An owner with nothing else that the conversion does not ask for.
        must(*connection, "RESET ROLE; ALTER TABLE t OWNER TO keeper; ALTER TABLE other OWNER TO keeper; CREATE SCHEMA howdah AUTHORIZATION keeper; GRANT CREATE ON SCHEMA public TO keeper; SET ROLE keeper");
        const std::string before = shape(*connection);
        for (const ConvertStrategy strategy : {ConvertStrategy::SyncedCopy, ConvertStrategy::AttachOld}) {
            const Conversion conversion = planned(*connection, monthly("t", "at", strategy));
            QVERIFY2(conversion.blockers.empty(), conversion.blockers.empty() ? "" : conversion.blockers.front().c_str());
            const std::size_t end = contractOf(conversion.script);
            QCOMPARE(runSteps(*connection, conversion.script, [](const migration::ChangeStep &step) { return step.phase != migration::Phase::Contract; }), std::string());
            QCOMPARE(ask(*connection, "SELECT relkind FROM pg_class WHERE oid = 't'::regclass"), std::string("p"));
            takeBack(*connection, conversion.script, end);
            QCOMPARE(shape(*connection), before);
        }
        // The right goes while it works: that statement says so, nothing of it is done.
        const Conversion conversion = planned(*connection, monthly("t"));
        const std::string error = runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
            if (step.title == "Exchange the names")
                must(*connection, "RESET ROLE; ALTER TABLE t OWNER TO nobody_much; SET ROLE keeper");
            return true;
        });
        QVERIFY2(error.find("42501") != std::string::npos && error.find("Exchange the names") != std::string::npos, error.c_str());
        QCOMPARE(ask(*connection, "SELECT relkind FROM pg_class WHERE relname = 't'"), std::string("r"));
        must(*connection, "RESET ROLE");
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("400"));
    }

    void valuesPastTheLastPartition()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, plain);
        ConvertWish wish = monthly("t");
        wish.keep_default = false;
        const Conversion conversion = planned(*connection, wish);
        const std::string error = runSteps(*connection, conversion.script, [&](const migration::ChangeStep &step) {
            if (step.title.starts_with("Copy the rows"))
                must(*connection, "INSERT INTO t VALUES (5000, '2999-01-01', 'far')");
            return true;
        });
        // The default that takes them meanwhile is not dropped while it holds one.
        QVERIFY2(error.find("Drop the default partition") != std::string::npos, error.c_str());
        QCOMPARE(ask(*connection, "SELECT tableoid::regclass FROM t WHERE id = 5000"), std::string("t_default"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("401"));
        must(*connection, "DELETE FROM t WHERE id = 5000; " + conversion.script.steps.back().sql);
        const std::string refused = ask(*connection, "INSERT INTO t VALUES (5001, '2999-01-01', 'far')");
        QVERIFY2(refused.find("23514") != std::string::npos, refused.c_str());
    }

    void boundsThatOverlap()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, plain);
        ConvertWish wish = monthly("t", "v");
        wish.interval.reset();
        wish.by = Strategy::List;
        wish.lists = {{"v1", "v2"}, {"v2", "v3"}};
        const auto conversion = planConversion(*connection, wish);
        QVERIFY(!conversion && conversion.error().kind == ErrorKind::Usage && conversion.error().message.find("overlaps") != std::string::npos);
        QCOMPARE(ask(*connection, "SELECT relkind FROM pg_class WHERE oid = 't'::regclass"), std::string("r"));
    }
};

QTEST_GUILESS_MAIN(TestConvertRefusals)
#include "tst_convert_refusals.moc"
