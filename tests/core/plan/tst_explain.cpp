// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/plan/explain.h"
#include "core/plan/model.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

std::string ask(pg::Connection &connection, const std::string &sql)
{
    const auto outcome = connection.query(sql);
    return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
}

void must(pg::Connection &connection, const std::string &sql)
{
    const auto outcome = connection.run(sql);
    if (outcome.error)
        QTest::qFail(outcome.error->text().c_str(), __FILE__, __LINE__);
}

bool mentions(const std::vector<std::string> &warnings, const std::string &part)
{
    return std::any_of(warnings.begin(), warnings.end(), [&](const std::string &text) { return text.find(part) != std::string::npos; });
}

ExplainOptions analyzing()
{
    ExplainOptions options;
    options.analyze = true;
    return options;
}

/// Everything that a run could have left behind, in one text.
std::string trace(pg::Connection &connection)
{
    return ask(connection, "SELECT (SELECT count(*) FROM t)::text || ' ' || (SELECT sum(a) FROM t)::text || ' ' || "
                           "(SELECT count(*) FROM pg_class WHERE relname LIKE 'made%')::text || ' ' || (SELECT count(*) FROM log)::text");
}

constexpr const char *set_up = "CREATE TABLE t (id serial, a int); INSERT INTO t (a) SELECT generate_series(1, 100);"
                               "CREATE TABLE log (at timestamptz);"
                               "CREATE FUNCTION noisy() RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN INSERT INTO log VALUES (now()); RETURN 1; END $$;"
                               "PREPARE gone(int) AS DELETE FROM t WHERE a > $1";

} // namespace

class TestExplain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void valuesAreBound_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }
    void valuesAreBound()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        QVERIFY(connection->query("CREATE TABLE v AS SELECT n AS a, n::text AS b FROM generate_series(1, 1000) n"));
        ExplainOptions options = analyzing();
        options.parameters = {{"least", "990"}, {"word", "990"}, {"1", "995"}, {"unused", "x"}};
        const std::string sql = "SELECT * FROM v WHERE a >= :least AND b <> :'word' AND a < $1";
        const auto outcome = runExplain(*connection, sql, options);
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        const auto plan = plan::read(outcome->source)->plans.front();
        QCOMPARE(plan.nodes.front().actual_rows.value_or(-1), 4.0);
        QVERIFY(plan.nodes.front().text("Filter").find("990") != std::string::npos);
        // Positions are those of what was written.
        const auto wrong = runExplain(*connection, "SELECT * FROM v WHERE a >= :least AND nothing_here = 1", options);
        QVERIFY(!wrong && wrong.error().position);
        QCOMPARE(wrong.error().position->value, std::string("SELECT * FROM v WHERE a >= :least AND ").size());
        // Some without a value: refused before anything is sent.
        const auto missing = runExplain(*connection, "SELECT * FROM v WHERE a = :least AND a = :other", options);
        QVERIFY(!missing && missing.error().kind == ErrorKind::Usage);
        QVERIFY(missing.error().message.find(":other") != std::string::npos);
        const auto none = runExplain(*connection, "SELECT * FROM v WHERE a = :other");
        QCOMPARE(none.has_value(), major >= 16);
        if (none)
            QVERIFY(none->source.find("$1") != std::string::npos);
    }


    void saysOnlyWhatTheServerKnows()
    {
        ExplainOptions all;
        all.generic_plan = all.memory = all.serialize = true;
        QCOMPARE(explainSql("SELECT 1", all, 130000), std::string("EXPLAIN (VERBOSE, BUFFERS, SETTINGS, SUMMARY, FORMAT JSON) SELECT 1"));
        QCOMPARE(explainSql("SELECT 1", all, 160000), std::string("EXPLAIN (VERBOSE, BUFFERS, SETTINGS, GENERIC_PLAN, SUMMARY, FORMAT JSON) SELECT 1"));
        all.analyze = true;
        all.generic_plan = false;
        QCOMPARE(explainSql("SELECT 1", all, 170000),
                 std::string("EXPLAIN (ANALYZE, VERBOSE, BUFFERS, SETTINGS, WAL, MEMORY, SERIALIZE, SUMMARY, FORMAT JSON) SELECT 1"));
        const ExplainOptions none{true, false, false, false, false, false, false, false, false, false};
        QCOMPARE(explainSql("SELECT 1", none, 180000),
                 std::string("EXPLAIN (ANALYZE, COSTS FALSE, BUFFERS FALSE, TIMING FALSE, SUMMARY, FORMAT JSON) SELECT 1"));
    }

    /// Each of the 1,024 combinations is accepted by every version.
    void everyCombinationIsAccepted()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            for (unsigned bits = 0; bits < 1024; ++bits) {
                const auto bit = [bits](unsigned number) { return ((bits >> number) & 1U) != 0; };
                const ExplainOptions options{bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), bit(7), bit(8), bit(9)};
                const auto answer = connection->query(explainSql("SELECT 1", options, connection->facts().version_num));
                QVERIFY2(answer, answer ? "" : answer.error().text().c_str());
            }
        }
    }

    void readsBackAsAPlan()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            must(*connection, set_up);
            const auto plain = runExplain(*connection, "SELECT * FROM t WHERE a = 3;");
            QVERIFY2(plain, plain ? "" : plain.error().text().c_str());
            const auto read_plain = read(plain->source);
            QVERIFY(read_plain && read_plain->plans.size() == 1 && read_plain->diagnostics.empty());
            QVERIFY(!read_plain->plans[0].analyzed());
            QVERIFY(read_plain->plans[0].planning_ms.has_value());
            QVERIFY(!plain->rolled_back && plain->warnings.empty());
            const auto real = runExplain(*connection, "SELECT * FROM t WHERE a = 3", analyzing());
            QVERIFY(real);
            const auto read_real = read(real->source);
            QVERIFY(read_real->plans[0].analyzed());
            QCOMPARE(read_real->plans[0].nodes[0].actual_rows.value_or(-1), 1.0);
            QVERIFY(!real->rolled_back && real->warnings.empty());
        }
    }

    void leavesNothingBehind_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::newRow("insert") << QStringLiteral("INSERT INTO t (a) VALUES (7)");
        QTest::newRow("update") << QStringLiteral("UPDATE t SET a = 0");
        QTest::newRow("delete") << QStringLiteral("DELETE FROM t");
        QTest::newRow("cte") << QStringLiteral("WITH gone AS (DELETE FROM t RETURNING a) SELECT sum(a) FROM gone");
        QTest::newRow("select into") << QStringLiteral("SELECT a INTO made_a FROM t");
        QTest::newRow("create table as") << QStringLiteral("CREATE TABLE made_b AS SELECT a FROM t");
        QTest::newRow("create materialized view") << QStringLiteral("CREATE MATERIALIZED VIEW made_c AS SELECT a FROM t");
        QTest::newRow("execute") << QStringLiteral("EXECUTE gone(10)");
        QTest::newRow("create table as execute") << QStringLiteral("CREATE TABLE made_d AS EXECUTE gone(10)");
        QTest::newRow("volatile function") << QStringLiteral("SELECT noisy() FROM t");
        QTest::newRow("declare") << QStringLiteral("DECLARE c CURSOR FOR SELECT noisy()");
        QTest::newRow("wrapped") << QStringLiteral("explain (analyze, format text) DELETE FROM t");
    }
    void leavesNothingBehind()
    {
        QFETCH(QString, sql);
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            must(*connection, set_up);
            const std::string before = trace(*connection);
            const auto outcome = runExplain(*connection, sql.toStdString(), analyzing());
            if (!outcome && sql.contains(QStringLiteral("made_d"))) {
                QCOMPARE(outcome.error().kind, ErrorKind::Server); // prepared DELETE is no SELECT: the server's refusal
            } else {
                QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
                QVERIFY(outcome->rolled_back);
            }
            QCOMPARE(trace(*connection), before);
            QCOMPARE(connection->transaction(), pg::TransactionState::Idle);

            // Within the user's own transaction: theirs stays, ours goes.
            must(*connection, "BEGIN; UPDATE t SET a = a + 1 WHERE a = 100");
            const std::string within = trace(*connection);
            const auto again = runExplain(*connection, sql.toStdString(), analyzing());
            QCOMPARE(again.has_value(), outcome.has_value());
            QCOMPARE(connection->transaction(), pg::TransactionState::InTransaction);
            QCOMPARE(trace(*connection), within);
            must(*connection, "COMMIT");
            QCOMPARE(trace(*connection), within);
        }
    }

    void saysWhatIsNotUndone()
    {
        const auto connection = test::freshConnection();
        must(*connection, set_up);
        must(*connection, "CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"
                          "DROP TRIGGER watch ON t;"
                          "CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
                          "CREATE TRIGGER watch AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION on_insert();"
                          "CREATE SEQUENCE \"Odd 'one\"");
        auto outcome = runExplain(*connection, "INSERT INTO t (a) VALUES (1)", analyzing());
        QVERIFY(outcome);
        QVERIFY(mentions(outcome->warnings, "t_id_seq"));
        QVERIFY(mentions(outcome->warnings, "Triggers ran: watch"));
        ExplainOptions brief = analyzing();
        brief.verbose = false;
        outcome = runExplain(*connection, "INSERT INTO t (a) VALUES (1)", brief);
        QVERIFY(outcome && mentions(outcome->warnings, "t_id_seq"));
        outcome = runExplain(*connection, "SELECT nextval('t_id_seq')", brief);
        QVERIFY(outcome && mentions(outcome->warnings, "t_id_seq"));
        outcome = runExplain(*connection, "SELECT noisy(), pg_advisory_lock(7)", analyzing());
        QVERIFY(outcome && outcome->rolled_back);
        QVERIFY(mentions(outcome->warnings, "public.noisy()"));
        QVERIFY(mentions(outcome->warnings, "pg_advisory_lock()"));
        outcome = runExplain(*connection, "SELECT count(*), random() FROM t", analyzing());
        QVERIFY(outcome && outcome->warnings.empty() && !outcome->rolled_back);
        outcome = runExplain(*connection, "INSERT INTO t (a) VALUES (1)");
        QVERIFY(outcome && outcome->warnings.empty() && !outcome->rolled_back);
    }

    void positionsCountInTheCallersText()
    {
        const auto connection = test::freshConnection();
        must(*connection, set_up);
        for (const std::string prefix : {"", "-- größer\n", "EXPLAIN ANALYZE ", "/* é */ explain (costs off) "}) {
            const std::string sql = prefix + "SELECT 'Straße', nmae FROM t";
            const auto outcome = runExplain(*connection, sql);
            QVERIFY(!outcome);
            QCOMPARE(outcome.error().sqlstate, std::string("42703"));
            QVERIFY(outcome.error().position.has_value());
            QCOMPARE(sql.substr(outcome.error().position->value, 4), std::string("nmae"));
        }
    }

    void refusesBeforeSending_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::newRow("nothing") << QStringLiteral(" -- nothing\n");
        QTest::newRow("only explain") << QStringLiteral("EXPLAIN ANALYZE");
        QTest::newRow("two") << QStringLiteral("SELECT 1; DROP TABLE t");
        QTest::newRow("ddl") << QStringLiteral("DROP TABLE t");
        QTest::newRow("transaction") << QStringLiteral("COMMIT");
        QTest::newRow("refresh") << QStringLiteral("REFRESH MATERIALIZED VIEW v");
        QTest::newRow("copy") << QStringLiteral("COPY t TO STDOUT");
        QTest::newRow("psql") << QStringLiteral("\\d t");
        QTest::newRow("wrapped ddl") << QStringLiteral("EXPLAIN DROP TABLE t");
        QTest::newRow("parameters") << QStringLiteral("SELECT * FROM t WHERE a = $1");
        QTest::newRow("nul") << QString(QStringLiteral("SELECT 1") + QChar(0));
    }
    void refusesBeforeSending()
    {
        QFETCH(QString, sql);
        const auto connection = test::freshConnection(15);
        must(*connection, set_up);
        const auto outcome = runExplain(*connection, sql.toStdString(), analyzing());
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, ErrorKind::Usage);
        QVERIFY(!outcome.error().hint.empty());
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("100"));
    }

    /// What is one statement for us must be one for the server.
    void stringsMayEndElsewhere()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, set_up);
        must(*connection, "SET standard_conforming_strings = off; SET escape_string_warning = off");
        // One statement by the standard; without it the string ends after the backslashed quote, and a DROP follows.
        const auto outcome = runExplain(*connection, "SELECT 'a\\'' ; DROP TABLE t; --'");
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, ErrorKind::Usage);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("100"));
    }

    void plansParametersFrom16On()
    {
        const auto old = test::freshConnection(15);
        must(*old, set_up);
        QCOMPARE(runExplain(*old, "SELECT * FROM t WHERE a = $1").error().kind, ErrorKind::Usage);
        ExplainOptions generic;
        generic.generic_plan = true;
        QCOMPARE(runExplain(*old, "SELECT * FROM t", generic).error().kind, ErrorKind::Unsupported);
        const auto recent = test::freshConnection(18);
        must(*recent, set_up);
        const auto outcome = runExplain(*recent, "SELECT * FROM t WHERE a = $1");
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QVERIFY(outcome->source.find("$1") != std::string::npos);
        QCOMPARE(runExplain(*recent, "SELECT * FROM t WHERE a = $1", analyzing()).error().kind, ErrorKind::Usage);
    }

    void aFailureSparesTheOpenTransaction()
    {
        const auto connection = test::freshConnection();
        must(*connection, set_up);
        must(*connection, "BEGIN; DELETE FROM t WHERE a > 50");
        for (const bool analyze : {false, true}) {
            ExplainOptions options;
            options.analyze = analyze;
            QVERIFY(!runExplain(*connection, "SELECT 1 / 0 FROM nowhere", options));
            QVERIFY(!runExplain(*connection, "SELECT 1 FROM t WHERE", options));
            QCOMPARE(connection->transaction(), pg::TransactionState::InTransaction);
        }
        QVERIFY(!runExplain(*connection, "SELECT 1 / (a - a) FROM t", analyzing()));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("50"));
        QVERIFY(connection->query("SELECT 1 / 0").error().kind == ErrorKind::Server);
        const auto failed = runExplain(*connection, "SELECT 1");
        QCOMPARE(failed.error().kind, ErrorKind::Usage);
        must(*connection, "ROLLBACK");
    }

    void cancellingLeavesTheTransactionAsItWas()
    {
        const auto connection = test::freshConnection();
        must(*connection, set_up);
        for (const bool open : {false, true}) {
            if (open)
                must(*connection, "BEGIN; DELETE FROM t WHERE a > 50");
            const pg::Canceller canceller = connection->canceller();
            std::thread later([canceller] {
                std::this_thread::sleep_for(std::chrono::milliseconds(300));
                canceller.cancel();
            });
            const auto begin = std::chrono::steady_clock::now();
            const auto outcome = runExplain(*connection, "WITH d AS (DELETE FROM t RETURNING a) SELECT pg_sleep(30), count(*) FROM d", analyzing());
            later.join();
            QVERIFY(!outcome);
            QCOMPARE(outcome.error().kind, ErrorKind::Cancelled);
            QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
            QCOMPARE(connection->transaction(), open ? pg::TransactionState::InTransaction : pg::TransactionState::Idle);
            QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string(open ? "50" : "100"));
        }
        must(*connection, "ROLLBACK");
    }

    void worksOnAReadOnlyConnection()
    {
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase();
        must(**pg::Connection::open(spec), set_up);
        spec.read_only = true;
        const auto connection = pg::Connection::open(spec);
        QVERIFY(connection);
        QVERIFY(runExplain(**connection, "SELECT * FROM t", analyzing()));
        QVERIFY(runExplain(**connection, "DELETE FROM t"));
        const auto refused = runExplain(**connection, "DELETE FROM t", analyzing());
        QVERIFY(!refused);
        QCOMPARE(refused.error().sqlstate, std::string("25006"));
    }
};

QTEST_GUILESS_MAIN(TestExplain)
#include "tst_explain.moc"
