// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <set>

#include "run_cli.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;

namespace {

// A sort on disk, as EXPLAIN prints it.
constexpr const char *spilling = R"( Sort  (cost=20000.00..21000.00 rows=400000 width=40) (actual time=400.000..500.000 rows=400000 loops=1)
   Sort Key: secret_name
   Sort Method: external merge  Disk: 20000kB
   ->  Seq Scan on secret_table  (cost=0.00..5000.00 rows=400000 width=40) (actual time=0.010..40.000 rows=400000 loops=1)
 Planning Time: 0.100 ms
 Execution Time: 520.000 ms
)";

constexpr const char *calm = R"( Seq Scan on secret_table  (cost=0.00..5000.00 rows=400000 width=40) (actual time=0.010..40.000 rows=400000 loops=1)
 Planning Time: 0.100 ms
 Execution Time: 50.000 ms
)";

} // namespace

class TestPlanCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        write("spilling.txt", spilling);
        write("calm.txt", calm);
        write("slower.txt", QByteArray(calm).replace("40.000", "90.000").replace("50.000", "99.000"));
        write("junk.txt", "no plan at all");
    }

    void tellsFindings()
    {
        const auto plan = plans({QStringLiteral("--json"), path("spilling.txt")}).json()["plans"][0];
        QVERIFY(!plan["findings"].empty());
        const auto &found = plan["findings"][0];
        QCOMPARE(found["rule"].get<std::string>(), std::string("sort-spill"));
        QCOMPARE(found["node"].get<int>(), 0);
        QVERIFY(found["severity"] == "serious" || found["severity"] == "warning" || found["severity"] == "info");
        QVERIFY(found["lost_ms"].is_number() && !found["message"].get<std::string>().empty() && !found["evidence"].get<std::string>().empty() && found["fix_sql"].is_array());
        QVERIFY(found["fix_sql"].dump().find("work_mem") != std::string::npos);
        const CliOutcome text = plans({path("spilling.txt")});
        QCOMPARE(text.code, 0);
        QVERIFY2(text.out.find("sort-spill at Sort") != std::string::npos && text.out.find("try: ") != std::string::npos, text.out.c_str());
    }

    /// Of several plans in one input: on top for whoever does not care which plan it is.
    void tellsFindingsOfEveryPlan()
    {
        QFile both(path("both.txt"));
        QVERIFY(both.open(QIODevice::WriteOnly));
        both.write(QByteArray(calm) + "\n" + spilling);
        both.close();
        const auto document = plans({QStringLiteral("--json"), path("both.txt")}).json();
        QCOMPARE(document["plans"].size(), std::size_t(2));
        QVERIFY(document["plans"][0]["findings"].empty());
        QCOMPARE(document["findings"].size(), document["plans"][1]["findings"].size());
        QCOMPARE(document["findings"][0]["plan"].get<int>(), 1);
        QCOMPARE(document["findings"][0]["rule"].get<std::string>(), std::string("sort-spill"));
        const double sum = document["plans"][0]["unaccounted_ms"].get<double>() + document["plans"][1]["unaccounted_ms"].get<double>();
        QVERIFY(std::abs(document["unaccounted_ms"].get<double>() - sum) < 1e-9);
    }

    void tellsEveryField()
    {
        const auto plan = plans({QStringLiteral("--json"), QStringLiteral(HOWDAH_TEST_DATA "/plans/nodes/pg18/subplan.json")}).json()["plans"][0];
        std::set<std::string> seen;
        for (const auto &node : plan["nodes"]) {
            for (const auto &[key, value] : node.items())
                seen.insert(key);
            QVERIFY(node["never_executed"].is_boolean() && node["extra"].is_object());
        }
        for (const char *key : {"id", "parent", "node_type", "relation", "alias", "plan_rows", "actual_rows", "loops", "inclusive_ms", "exclusive_ms", "rows_total", "estimate_factor",
                                "buffers", "never_executed", "extra", "derivations"})
            QVERIFY2(seen.contains(key), key);
        QVERIFY(plan["unaccounted_ms"].is_number());
    }

    void lints()
    {
        const CliOutcome bad = lint({path("spilling.txt")});
        QCOMPARE(bad.code, 1);
        QVERIFY2(bad.out.find(path("spilling.txt").toStdString() + ": Sort: sort-spill: ") != std::string::npos, bad.out.c_str());
        QCOMPARE(lint({path("calm.txt")}).code, 0);
        QCOMPARE(lint({path("calm.txt"), path("spilling.txt")}).code, 1);
        QCOMPARE(lint({QStringLiteral("--fail-on"), QStringLiteral("none"), path("spilling.txt")}).code, 0);
        QCOMPARE(lint({QStringLiteral("--fail-on"), QStringLiteral("info"), path("spilling.txt")}).code, 1);
        QCOMPARE(lint({QStringLiteral("--fail-on"), QStringLiteral("often"), path("spilling.txt")}).code, 2);
        QCOMPARE(lint({}).code, 2);
        QCOMPARE(lint({path("spilling.txt"), path("junk.txt")}).code, 2);
        QCOMPARE(runCli({QStringLiteral("plan"), QStringLiteral("lint"), QStringLiteral("-")}, spilling).code, 1);
        const CliOutcome told = lint({QStringLiteral("--json"), path("calm.txt"), path("junk.txt"), path("spilling.txt")});
        QCOMPARE(told.code, 2);
        const auto document = told.json();
        QVERIFY(document["failed"].get<bool>() && document["unreadable"].size() == 1);
        QCOMPARE(document["findings"][0]["file"].get<std::string>(), path("spilling.txt").toStdString());
    }

    void compares()
    {
        const CliOutcome same = diff({path("calm.txt"), path("calm.txt")});
        QCOMPARE(same.code, 0);
        QVERIFY(same.out.find("The shape is the same") != std::string::npos);
        QCOMPARE(diff({path("calm.txt"), path("slower.txt")}).code, 1);
        QCOMPARE(diff({path("slower.txt"), path("calm.txt")}).code, 0);
        QCOMPARE(diff({QStringLiteral("--noise"), QStringLiteral("60"), path("calm.txt"), path("slower.txt")}).code, 0);
        const CliOutcome changed = diff({path("spilling.txt"), path("calm.txt")});
        QCOMPARE(changed.code, 1);
        QVERIFY2(changed.out.find("The shape changed") != std::string::npos, changed.out.c_str());
        const CliOutcome told = diff({QStringLiteral("--json"), path("spilling.txt"), path("calm.txt")});
        QCOMPARE(told.code, 1);
        const auto document = told.json();
        QVERIFY(document["changed"].get<bool>() && !document["plans"][0]["same_shape"].get<bool>() && !document["plans"][0]["changes"].empty());
        QCOMPARE(document["plans"][0]["execution_ms"].get<double>(), -470.0);
        QCOMPARE(document["plans"][0]["nodes"].size(), std::size_t{2});
        QCOMPARE(diff({path("calm.txt")}).code, 2);
        QCOMPARE(diff({path("calm.txt"), path("junk.txt")}).code, 2);
        QCOMPARE(diff({path("calm.txt"), path("calm.txt"), path("calm.txt")}).code, 2);
    }

    void readsFilesCalledLikeCommands()
    {
        for (const char *name : {"diff", "lint", "history"}) {
            write(name, calm);
            QProcess process;
            process.setWorkingDirectory(folder_.path());
            process.start(test::cliProgram(), {QStringLiteral("plan"), QString::fromUtf8(name)});
            QVERIFY(process.waitForFinished());
            QVERIFY(process.readAllStandardOutput().contains("Seq Scan on secret_table"));
            QCOMPARE(process.exitCode(), 0);
            QFile::remove(path(name));
        }
        write("diff", calm);
        QCOMPARE(lint({path("diff")}).code, 0);
        QCOMPARE(diff({path("diff"), path("diff")}).code, 0);
        QCOMPARE(plans({path("calm.txt"), QStringLiteral("diff")}).code, 2);
    }

    void anonymises()
    {
        const CliOutcome text = plans({QStringLiteral("--anonymise"), path("spilling.txt")});
        QCOMPARE(text.code, 0);
        QVERIFY2(text.out.find("secret") == std::string::npos && text.out.find("Sort Method: external merge  Disk: 20000kB") != std::string::npos, text.out.c_str());
        QCOMPARE(runCli({QStringLiteral("plan"), QStringLiteral("-")}, text.out).code, 0);
        const CliOutcome told = plans({QStringLiteral("--anonymise"), QStringLiteral("--json"), path("spilling.txt")});
        QVERIFY(told.out.find("secret") == std::string::npos && told.json()["plans"][0]["nodes"].size() == 2);
        QCOMPARE(plans({QStringLiteral("--anonymise"), QStringLiteral("diff"), path("calm.txt"), path("calm.txt")}).code, 2);
    }

    void explainsWithFindingsAndHistory()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), database,
                         QStringLiteral("CREATE TABLE t (a int, b text); INSERT INTO t SELECT g, repeat('x', 50) FROM generate_series(1, 100000) g; ANALYZE t; "
                                        "CREATE TABLE u (a int); INSERT INTO u SELECT generate_series(1, 30000)")}).code, 0);
        const QStringList environment{QStringLiteral("HOWDAH_HISTORY=") + path("h.sqlite")};
        const auto explain = [&](const QStringList &arguments, const QStringList &variables) {
            return runCli(QStringList{QStringLiteral("explain"), QStringLiteral("-d"), database} + arguments, {}, variables);
        };
        const QString statement = QStringLiteral("SELECT b FROM t WHERE a = 5");
        const CliOutcome first = explain({QStringLiteral("-a"), statement}, environment);
        QCOMPARE(first.code, 0);
        QVERIFY2(first.out.find("seq-scan at Seq Scan on") != std::string::npos && first.out.find("CREATE INDEX") != std::string::npos, first.out.c_str());
        const auto told = explain({QStringLiteral("-a"), QStringLiteral("--json"), statement}, environment).json();
        QVERIFY(!told["plans"][0]["findings"].empty());
        QCOMPARE(explain({statement}, environment).code, 0); // planned only: not kept by itself
        const auto history = [&](const QStringList &arguments) {
            return runCli(QStringList{QStringLiteral("plan"), QStringLiteral("history")} + arguments, {}, environment);
        };
        auto kept = history({QStringLiteral("--json")}).json()["entries"];
        QCOMPARE(kept.size(), std::size_t{2});
        QVERIFY(kept[0]["shape"] == kept[1]["shape"] && kept[0]["execution_ms"].is_number() && kept[0]["source"].get<std::string>().starts_with("["));
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), database, QStringLiteral("CREATE INDEX ON t (a)")}).code, 0);
        QCOMPARE(explain({QStringLiteral("--record"), QStringLiteral("SELECT b FROM t WHERE a = 777")}, environment).code, 0);
        const std::string fingerprint = kept[0]["fingerprint"].get<std::string>();
        const CliOutcome runs = history({QStringLiteral("--fingerprint"), QString::fromStdString(fingerprint)});
        QVERIFY2(runs.code == 0 && runs.out.find("flip") != std::string::npos, runs.out.c_str());
        const CliOutcome all = history({});
        QVERIFY2(all.out.find(fingerprint) != std::string::npos && all.out.find("a = 777") != std::string::npos, all.out.c_str());
        write("history.json", QByteArray::fromStdString(history({QStringLiteral("--json")}).out));
        const QStringList other{QStringLiteral("HOWDAH_HISTORY=") + path("other.sqlite")};
        const QStringList take{QStringLiteral("plan"), QStringLiteral("history"), QStringLiteral("--import"), path("history.json")};
        QCOMPARE(runCli(take, {}, other).out, std::string("3 runs added.\n"));
        QCOMPARE(runCli(take, {}, other).out, std::string("0 runs added.\n"));
        // Neither asked for nor switched on.
        const QStringList quiet{QStringLiteral("HOWDAH_HISTORY="), QStringLiteral("HOWDAH_HOME=") + folder_.path()};
        QCOMPARE(explain({QStringLiteral("-a"), statement}, quiet).code, 0);
        QVERIFY(!QFile::exists(path("plans.sqlite")) && !QFile::exists(path("data/plans.sqlite")));
    }

    void tries_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }
    void tries()
    {
        QFETCH(int, major);
        const std::string conninfo = test::freshDatabase(major);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = *pg::Connection::open(spec);
        QVERIFY(connection->query("CREATE TABLE t AS SELECT n AS a, n % 50 AS kind, md5(n::text) AS word FROM generate_series(1, 30000) n"));
        QVERIFY(connection->query("ANALYZE t"));
        const auto attempt = [&](const QStringList &arguments) {
            return runCli(QStringList{QStringLiteral("plan"), QStringLiteral("try"), QStringLiteral("-d"), QString::fromStdString(conninfo)} + arguments);
        };
        const QString statement = QStringLiteral("SELECT * FROM t WHERE a = :which");
        const QStringList value{QStringLiteral("-v"), QStringLiteral("which=7")};
        const CliOutcome index = attempt(QStringList{QStringLiteral("--json"), QStringLiteral("--runs"), QStringLiteral("3"), QStringLiteral("--build-up-to"), QStringLiteral("64"),
                                                     QStringLiteral("--sql"), QStringLiteral("CREATE INDEX ON t (a)"), statement} + value);
        QVERIFY2(index.code == 0, index.err.c_str());
        const auto trial = index.json()["trials"][0];
        QVERIFY(trial["index_used"].get<bool>() && trial["runs_after"]["ms"].size() == 3 && trial["runs_after"].contains("cold_ms"));
        QVERIFY(trial["locks"].size() == 1 && trial["ms_after"].get<double>() < trial["ms_before"].get<double>());
        write("better.sql", "SELECT a, kind, word FROM t WHERE a IN (:which)");
        const CliOutcome reworded = attempt(QStringList{QStringLiteral("--json"), QStringLiteral("--rewrite"), path("better.sql"), statement} + value);
        QVERIFY2(reworded.code == 0, reworded.err.c_str());
        QVERIFY(reworded.json()["trials"][0]["same_rows"].get<bool>());
        // What the rules propose, without naming anything: here an index, which nothing allows to try.
        const CliOutcome proposed = attempt(QStringList{QStringLiteral("--json"), statement} + value);
        QVERIFY(proposed.json()["trials"][0]["statements"][0].get<std::string>().starts_with("CREATE INDEX"));
        QVERIFY(proposed.json()["trials"][0]["error"]["hint"].get<std::string>().find("hypopg") != std::string::npos);
        QCOMPARE(proposed.code, 2);
        const auto left = connection->query("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass");
        QCOMPARE(std::string(left->result->cell(0, 0).text), std::string("0"));
    }

private:
    QString path(const char *name) const { return folder_.filePath(QString::fromUtf8(name)); }
    void write(const char *name, const QByteArray &text) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    }
    static CliOutcome plans(const QStringList &arguments) { return runCli(QStringList{QStringLiteral("plan")} + arguments); }
    static CliOutcome lint(const QStringList &arguments) { return runCli(QStringList{QStringLiteral("plan"), QStringLiteral("lint")} + arguments); }
    static CliOutcome diff(const QStringList &arguments) { return runCli(QStringList{QStringLiteral("plan"), QStringLiteral("diff")} + arguments); }

    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestPlanCommands)
#include "tst_plan_commands.moc"
