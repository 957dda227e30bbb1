// SPDX-License-Identifier: GPL-3.0-or-later
// What `index advise` leaves on a server, however it ends; and what it makes of workloads that are not what they should be.
#include <csignal>

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

#include "cli/run_cli.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

std::string cell(pg::Connection &connection, const std::string &sql)
{
    const auto answer = connection.query(sql);
    if (!answer) {
        QTest::qFail(answer.error().text().c_str(), __FILE__, __LINE__);
        return {};
    }
    return std::string(answer->result->cell(0, 0).text);
}

/// Everything that could be left: schemas, relations, extensions, invalid indexes, and sessions with their locks.
const char *const traces = "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)') + (SELECT count(*) FROM pg_extension WHERE extname = 'hypopg') "
                           "+ (SELECT count(*) FROM pg_index WHERE NOT indisvalid) + (SELECT count(*) FROM pg_class WHERE relname ~ '^howdah') "
                           "+ (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend')";

} // namespace

class TestIndexTraces : public QObject
{
    Q_OBJECT

    QStringList arguments(const QStringList &more) const
    {
        return QStringList{QStringLiteral("index"), QStringLiteral("advise"), QStringLiteral("--workload"), QStringLiteral("-"), QStringLiteral("-d"), QString::fromStdString(database_)} + more;
    }
    nlohmann::json advise(const std::string &workload, const QStringList &more = {}, int code = 0) const
    {
        const auto outcome = test::runCli(arguments(QStringList{QStringLiteral("--json")} + more), workload);
        if (outcome.code != code)
            QTest::qFail(("ended with " + std::to_string(outcome.code) + ": " + outcome.err + outcome.out.substr(0, 300)).c_str(), __FILE__, __LINE__);
        return outcome.json();
    }
    static std::string messages(const nlohmann::json &advice)
    {
        std::string all;
        for (const auto &one : advice["problems"])
            all += one["message"].get<std::string>() + "\n";
        return all;
    }

private Q_SLOTS:
    void initTestCase()
    {
        database_ = test::freshDatabase(15);
        pg::ConnectionSpec spec;
        spec.conninfo = database_;
        connection_ = pg::Connection::open(spec).value();
        const auto made = connection_->run("CREATE TABLE t AS SELECT i AS id, i % 5000 AS k, jsonb_build_object('user', i % 3000, 'kind', i % 7) AS doc, int4range(i, i + 5) AS span, "
                                           "repeat('x', 50) AS filler FROM generate_series(1, 60000) i; ALTER TABLE t ADD PRIMARY KEY (id); CREATE SEQUENCE numbers; CREATE TABLE seen (at int);"
                                           "CREATE FUNCTION notes(i int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN INSERT INTO seen VALUES (i); PERFORM nextval('numbers'); RETURN i; END $$;"
                                           "CREATE FUNCTION lies(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM nextval('numbers'); RETURN i; END $$;"
                                           "CREATE VIEW noisy AS SELECT id, k, notes(k) AS noted FROM t; ANALYZE");
        QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
    }

    /// Killed at any moment of planning, sampling, building and running, it leaves the server as it was.
    void leavesNothingWhenKilled()
    {
        const std::string workload = "SELECT * FROM t WHERE k = 7;\nSELECT * FROM t WHERE doc @> '{\"user\": 5}';\nSELECT * FROM t WHERE span && int4range(10, 20);\n"
                                     "SELECT k, count(*) FROM t WHERE filler LIKE 'y%' GROUP BY k;\n";
        QElapsedTimer timer;
        timer.start();
        const auto whole = test::runCli(arguments({QStringLiteral("--measure"), QStringLiteral("--json")}), workload);
        const auto length = static_cast<int>(timer.elapsed());
        QCOMPARE(whole.code, 0);
        QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, traces), std::string("0"), 5000);
        const int kills = qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS") > 0 ? qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS") : 5;
        quint32 state = 12345;
        int alive = 0, at_work = 0;
        for (int i = 0; i < kills; ++i) {
            QProcess process;
            process.start(test::cliProgram(), arguments({QStringLiteral("--measure"), QStringLiteral("--json")}));
            process.write(workload.data(), static_cast<qint64>(workload.size()));
            process.closeWriteChannel();
            QVERIFY(process.waitForStarted());
            state = state * 1664525 + 1013904223;
            // One in each stretch of the run, somewhere within it.
            const int moment = length * i / kills + static_cast<int>(state >> 8U) % (length / kills + 1);
            if (!process.waitForFinished(moment)) {
                ++alive;
                at_work += cell(*connection_, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL") != "0" ? 1 : 0;
                process.kill();
                process.waitForFinished();
            }
            QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, traces), std::string("0"), 5000);
            QCOMPARE(cell(*connection_, "SELECT count(*) FROM t"), std::string("60000"));
        }
        QVERIFY2(alive >= kills / 2 && at_work > 0, "the moments were not within the run");
        // Whoever wants to change the table is not kept waiting.
        QVERIFY(connection_->query("SET lock_timeout = '1s'").has_value());
        QVERIFY(connection_->query("ALTER TABLE t ADD COLUMN later int").has_value());
        QVERIFY(connection_->query("ALTER TABLE t DROP COLUMN later").has_value());
    }

    /// A statement that the server is busy with when its client dies is given up within a second or two, not when it is done.
    void longWorkEndsWithItsClient()
    {
        QProcess process;
        process.start(test::cliProgram(), arguments({QStringLiteral("--measure"), QStringLiteral("--allow-volatile")}));
        const std::string workload = "SELECT count(*) FROM t WHERE k = 7 AND pg_sleep(0.1) IS NOT NULL";
        process.write(workload.data(), static_cast<qint64>(workload.size()));
        process.closeWriteChannel();
        const std::string running = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event = 'PgSleep'";
        QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, running), std::string("1"), 15'000);
        process.kill();
        process.waitForFinished();
        QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, traces), std::string("0"), 4000);
    }

    /// Planned, and not run: neither by planning itself nor for a measurement.
    void neverRunsWhatHasEffects()
    {
        const std::string before = cell(*connection_, "SELECT last_value || is_called::text FROM numbers");
        for (const char *statement : {"SELECT notes(k) FROM t WHERE k = 7", "SELECT * FROM t WHERE k = 7 AND notes(id) > 0", "SELECT nextval('numbers') FROM t WHERE k = 7", "SELECT noted FROM noisy WHERE k = 7",
                                      "SELECT * FROM t WHERE k = lies(7)", "SELECT * FROM t WHERE lies(k) = 7",
                                      "WITH gone AS (DELETE FROM t WHERE k = 7 RETURNING id) SELECT * FROM gone", "SELECT * FROM t WHERE k = 7 FOR UPDATE",
                                      "DELETE FROM t WHERE k = 7", "UPDATE t SET filler = 'y' WHERE k = 7"}) {
            const auto outcome = test::runCli(arguments({QStringLiteral("--json"), QStringLiteral("--measure")}), statement);
            // What the server refuses to plan read-only is said, and all there is.
            QCOMPARE(outcome.code, std::string(statement).find("lies(7)") != std::string::npos ? 1 : 0);
            const auto advice = outcome.json();
            QVERIFY2(cell(*connection_, "SELECT count(*) FROM seen") == "0", statement);
            QVERIFY2(cell(*connection_, "SELECT last_value || is_called::text FROM numbers") == before, statement);
            QCOMPARE(cell(*connection_, "SELECT count(*) FROM t"), std::string("60000"));
            for (const auto &one : advice["indexes"]) {
                // What was not run was not timed.
                if (one.contains("measured") && std::string(statement).find("lies") == std::string::npos)
                    QVERIFY2(one["measured"]["ms_before"].get<double>() == 0, statement);
            }
        }
        // Asked to, it runs them, on the copy.
        const auto asked = advise("SELECT * FROM t WHERE k = 7 AND notes(id) > 0", {QStringLiteral("--measure"), QStringLiteral("--allow-volatile")});
        QVERIFY(asked["indexes"][0]["measured"]["ms_before"].get<double>() > 0);
        QCOMPARE(cell(*connection_, "SELECT count(*) FROM seen"), std::string("0"));
    }

    void saysWhatCannotBeUsed()
    {
        QVERIFY(!connection_->run("CREATE SCHEMA closed; CREATE TABLE closed.inner_one AS SELECT i FROM generate_series(1, 5000) i; CREATE TABLE secret AS SELECT i, repeat('s', 100) AS s FROM generate_series(1, 20000) i;"
                                  "DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN; GRANT SELECT ON t TO poor; REVOKE CREATE ON SCHEMA public FROM public; ANALYZE secret").error);
        const std::string workload = "SELECT * FROM t WHERE k = 7;\nSELECT * FROM secret WHERE i = 7;\nSELECT * FROM closed.inner_one WHERE i = 7;\nSELEC 1;\nSELECT * FROM mine WHERE a = 1;\nSELECT missing FROM t;\n"
                                     "SELECT no_such(k) FROM t;\nCREATE INDEX ON t (k);\nVACUUM t;\nBEGIN;\nSET work_mem = '1MB';\nCOPY t TO STDOUT;\nEXECUTE prepared(1);\nSELECT 'open;\n";
        const std::string as_poor = database_.substr(0, database_.find("user=")) + "user=poor" + (database_.find(' ', database_.find("user=")) == std::string::npos ? "" : database_.substr(database_.find(' ', database_.find("user="))));
        const auto outcome = test::runCli({QStringLiteral("index"), QStringLiteral("advise"), QStringLiteral("--workload"), QStringLiteral("-"), QStringLiteral("-d"), QString::fromStdString(as_poor), QStringLiteral("--json")}, workload);
        QCOMPARE(outcome.code, 0);
        const auto advice = outcome.json();
        QCOMPARE(advice["indexes"].size(), 1U);
        std::map<std::size_t, std::string> by_line;
        for (const auto &one : advice["problems"])
            by_line[one.value("line", 0UL)] = one["message"].get<std::string>();
        const std::map<std::size_t, std::string> wanted{{2, "permission denied for table secret"}, {3, "closed"}, {4, "does not parse"}, {5, "mine"}, {6, "missing"}, {7, "no_such"}, {8, "DDL"},
                                                        {9, "utility"}, {12, "COPY"}, {13, "prepared"}, {14, "parse"}};
        for (const auto &[line, word] : wanted)
            QVERIFY2(by_line[line].find(word) != std::string::npos, (std::to_string(line) + ": " + by_line[line]).c_str());
        QCOMPARE(by_line.size(), wanted.size());
        const auto text = test::runCli(arguments({}), workload);
        QVERIFY2(text.err.find("line 4: It does not parse") != std::string::npos, text.err.c_str());
        // Nothing at all that can be advised on is a finding.
        const auto none = advise("SELEC 1;\nSELECT * FROM nowhere;", {}, 1);
        QCOMPARE(none["problems"].size(), 2U);
        QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, traces), std::string("1"), 5000); // the schema made here
        QVERIFY(!connection_->run("DROP SCHEMA closed CASCADE; DROP TABLE secret; REVOKE ALL ON t FROM poor; DROP ROLE poor").error);
    }

    /// Tables that differ in a digit are tables of their own.
    void keepsNumberedTablesApart()
    {
        QVERIFY(!connection_->run("CREATE TABLE part1 AS SELECT * FROM t; CREATE TABLE part2 AS SELECT * FROM t; ANALYZE part1; ANALYZE part2").error);
        const auto advice = advise("SELECT * FROM part1 WHERE k = 7;\nSELECT * FROM part2 WHERE k = 8;\nSELECT * FROM part2 WHERE k = 9;");
        QCOMPARE(advice["queries"].size(), 2U);
        QCOMPARE(advice["indexes"].size(), 2U);
        QVERIFY(!connection_->run("DROP TABLE part1, part2").error);
    }

    /// Ten thousand statements over hundreds of tables, many of them wrong: seconds, and no more locks than a few tables' at a time.
    void staysBoundedWithThousands()
    {
        QVERIFY(!connection_->run("DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE many_%s AS SELECT g AS id, g %% 50 AS a, g %% 7 AS b, repeat(''x'', 500) AS c FROM generate_series(1, %s) g', "
                                  "i, CASE WHEN i % 30 = 0 THEN 20000 ELSE 60 END); END LOOP; END $$; ANALYZE").error);
        std::string workload;
        for (int i = 0; i < 10000; ++i) {
            const std::string table = "many_" + std::to_string(1 + i % 300), number = std::to_string(i % 3000);
            workload += i % 50 == 49 ? "SELEC " + number + ";\n"
                                     : i % 3 == 0 ? "SELECT a, b AS o" + number + " FROM " + table + " WHERE id = " + number + ";\n"
                                                  : "SELECT count(*) AS n" + number + " FROM " + table + " WHERE a = 5 AND b > 2;\n";
        }
        QElapsedTimer timer;
        timer.start();
        const auto advice = advise(workload, {QStringLiteral("--budget"), QStringLiteral("100MB")});
        QVERIFY2(timer.elapsed() < 60'000, std::to_string(timer.elapsed()).c_str());
        QVERIFY(advice["indexes"].size() >= 5);
        QVERIFY(advice["queries"].size() > 2000);
        QVERIFY(advice["problems"].size() >= 200 && advice["problems"].size() <= 1001);
        QTRY_COMPARE_WITH_TIMEOUT(cell(*connection_, traces), std::string("0"), 5000);
    }

private:
    std::string database_;
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_GUILESS_MAIN(TestIndexTraces)
#include "tst_index_traces.moc"
