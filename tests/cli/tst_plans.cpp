// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <QDirIterator>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;

namespace {

QString dataPath(const char *name)
{
    return QStringLiteral(HOWDAH_TEST_DATA "/plans/") + QString::fromUtf8(name);
}

} // namespace

class TestPlans : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEveryFile()
    {
        QStringList files;
        for (QDirIterator all(dataPath(""), QDir::Files, QDirIterator::Subdirectories); all.hasNext();) {
            const QString path = all.next();
            if (!path.endsWith(QStringLiteral("cases.txt")) && !path.endsWith(QStringLiteral(".md")) && !path.endsWith(QStringLiteral(".sql")))
                files += path;
        }
        QVERIFY(files.size() > 500);
        std::atomic<int> next{0};
        std::mutex mutex;
        std::vector<std::string> problems;
        const auto work = [&] {
            for (int i = next++; i < files.size(); i = next++) {
                const CliOutcome told = runCli({QStringLiteral("plan"), QStringLiteral("--json"), files[i]});
                const auto document = nlohmann::json::parse(told.out, nullptr, false);
                const bool good = told.code == 0 && !document.is_discarded() && !document["plans"].empty() && document["diagnostics"].is_array();
                if (!good) {
                    const std::lock_guard lock(mutex);
                    problems.push_back(files[i].toStdString() + ": " + std::to_string(told.code) + " " + told.err);
                }
            }
        };
        std::thread second(work);
        work();
        second.join();
        for (const std::string &problem : problems)
            qWarning("%s", problem.c_str());
        QVERIFY(problems.empty());
    }

    void tellsTheShape()
    {
        const auto document = runCli({QStringLiteral("plan"), QStringLiteral("--json"), dataPath("nodes/pg18/hashjoin_left.json")}).json();
        QCOMPARE(document["format"].get<std::string>(), std::string("json"));
        const auto &plan = document["plans"][0];
        QVERIFY(plan["execution_ms"].is_number() && plan["planning_ms"].is_number() && plan["unaccounted_ms"].is_number());
        QVERIFY(plan["findings"].is_array() && plan["triggers"].is_array() && plan["settings"].is_object());
        const auto &nodes = plan["nodes"];
        double sum = plan["unaccounted_ms"].get<double>() + plan["triggers_ms"].get<double>() + plan.value("serialization_ms", 0.0);
        bool has_relation = false;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            QCOMPARE(nodes[i]["id"].get<std::size_t>(), i);
            QVERIFY(i == 0 ? nodes[i]["parent"].is_null() : nodes[i]["parent"].get<std::size_t>() < i);
            for (const char *key : {"node_type", "label", "plan_rows", "actual_rows", "loops", "inclusive_ms", "exclusive_ms", "work_ms", "rows_total", "rounding_ms", "derivation", "extra"})
                QVERIFY2(nodes[i].contains(key), key);
            has_relation = has_relation || (nodes[i].contains("relation") && nodes[i].contains("alias"));
            QVERIFY(!nodes[i].contains("schema") || !nodes[i]["schema"].get<std::string>().empty());
            sum += nodes[i]["exclusive_ms"].get<double>();
        }
        QVERIFY(has_relation);
        QVERIFY2(std::abs(sum - plan["execution_ms"].get<double>()) < 0.1, std::to_string(sum).c_str());
        const auto costs_off = runCli({QStringLiteral("plan"), QStringLiteral("--json"), dataPath("nodes/pg13/subplan.costsoff.txt")}).json();
        for (const auto &node : costs_off["plans"][0]["nodes"])
            QVERIFY(!node.contains("plan_rows") && !node.contains("total_cost") && !node.contains("exclusive_ms"));
    }

    void staysWithinTheWidth()
    {
        for (const char *name : {"nodes/pg18/hashjoin_left.json", "nodes/pg13/subplan.costsoff.txt", "nodes/pg13/parallel_hash.txt"}) {
            const CliOutcome outcome = runCli({QStringLiteral("plan"), dataPath(name)});
            QCOMPARE(outcome.code, 0);
            for (const QString &line : QString::fromStdString(outcome.out).split(QLatin1Char('\n')))
                QVERIFY2(line.size() <= 120, qPrintable(line));
            QVERIFY(outcome.out.find('\x1B') == std::string::npos);
        }
    }

    void saysWhatIsNoPlan()
    {
        const CliOutcome outcome = runCli({QStringLiteral("plan"), QStringLiteral("-")}, "hello\n");
        QCOMPARE(outcome.code, 2);
        QVERIFY(!outcome.err.empty());
        QCOMPARE(runCli({QStringLiteral("plan"), QStringLiteral("/nowhere")}).code, 2);
        QCOMPARE(runCli({QStringLiteral("plan")}).code, 2);
    }

    void explainsOnEveryVersion()
    {
        for (const int major : test::majors()) {
            const QString database = QString::fromStdString(test::freshDatabase(major));
            const auto explain = [&](const QStringList &arguments) { return runCli(QStringList{QStringLiteral("explain"), QStringLiteral("-d"), database} + arguments); };
            QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), database, QStringLiteral("CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 1000) g; ANALYZE t")}).code, 0);
            const CliOutcome plain = explain({QStringLiteral("SELECT * FROM t WHERE a < 10")});
            QCOMPARE(plain.code, 0);
            QVERIFY2(plain.out.find("Seq Scan on public.t") != std::string::npos && plain.out.find("Planning") != std::string::npos, plain.out.c_str());
            const CliOutcome ran = explain({QStringLiteral("--analyze"), QStringLiteral("DELETE FROM t")});
            QCOMPARE(ran.code, 0);
            QVERIFY2(ran.out.find("Slowest nodes") != std::string::npos && ran.err.find("rolled back") != std::string::npos, ran.err.c_str());
            const auto told = explain({QStringLiteral("--analyze"), QStringLiteral("--json"), QStringLiteral("SELECT count(*) FROM t")}).json();
            QCOMPARE(told["plans"][0]["nodes"][0]["actual_rows"].get<int>(), 1);
            QVERIFY(nlohmann::json::parse(told["source"].get<std::string>()).is_array());
            QCOMPARE(told["rolled_back"].get<bool>(), false);
            QCOMPARE(explain({QStringLiteral("--generic"), QStringLiteral("SELECT * FROM t WHERE a = $1")}).code, major >= 16 ? 0 : 2);
            const CliOutcome wrong = explain({QStringLiteral("SELECT a,\n b FROM t")});
            QCOMPARE(wrong.code, 4);
            QVERIFY2(wrong.err.find("LINE 2:  b FROM t\n         ^\n") != std::string::npos, wrong.err.c_str());
            QCOMPARE(explain({QStringLiteral("DROP TABLE t")}).code, 2);
        }
    }

    void listsTheCatalog()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        const auto catalog = [&](const QStringList &arguments) { return runCli(QStringList{QStringLiteral("catalog"), QStringLiteral("-d"), database} + arguments); };
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), database,
                         QStringLiteral("CREATE SCHEMA other; CREATE TABLE other.t2 (a int); CREATE TABLE \"Größe\" (id int PRIMARY KEY, b text NOT NULL DEFAULT 'x');"
                                        "INSERT INTO \"Größe\" SELECT g FROM generate_series(1, 1234) g; ANALYZE \"Größe\";"
                                        "CREATE VIEW v AS SELECT 1; CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'")}).code, 0);
        const CliOutcome all = catalog({});
        QCOMPARE(all.code, 0);
        QVERIFY2(all.out.find("Größe") != std::string::npos && all.out.find("1,234") != std::string::npos && all.out.find("(3 relations)") != std::string::npos, all.out.c_str());
        QVERIFY(catalog({QStringLiteral("-n"), QStringLiteral("other")}).out.find("(1 relation)") != std::string::npos);
        QVERIFY(catalog({QStringLiteral("-k"), QStringLiteral("view"), QStringLiteral("-k"), QStringLiteral("function")}).out.find("f(a integer)") != std::string::npos);
        QVERIFY(catalog({QStringLiteral("-p"), QStringLiteral("other.t*")}).out.find("(1 relation)") != std::string::npos);
        const auto told = catalog({QStringLiteral("--json"), QStringLiteral("-p"), QStringLiteral("Gr*")}).json();
        QCOMPARE(told["relations"].size(), std::size_t{1});
        const auto &relation = told["relations"][0];
        QCOMPARE(relation["columns"][1]["not_null"].get<bool>(), true);
        QVERIFY(relation["indexes"][0]["is_primary"].get<bool>());
        QCOMPARE(relation["constraints"][0]["type"].get<std::string>(), std::string("p"));
        QCOMPARE(relation["estimated_rows"].get<double>(), 1234.0);
        QCOMPARE(catalog({QStringLiteral("-p"), QStringLiteral("nothing*")}).code, 0);
        QCOMPARE(catalog({QStringLiteral("-k"), QStringLiteral("nonsense")}).code, 2);
    }

    void runsTheDemoServer()
    {
        // A folder that the account which runs servers can reach.
        QTemporaryDir home(QStringLiteral("/tmp/howdah-cli-XXXXXX"));
        QFile::setPermissions(home.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ReadOther | QFile::ExeOther);
        const QStringList environment{QStringLiteral("HOWDAH_HOME=") + home.path()};
        const auto demo = [&](const QStringList &arguments) { return runCli(QStringList{QStringLiteral("demo")} + arguments, {}, environment); };
        const QStringList ask{QStringLiteral("query"), QStringLiteral("-d"), QStringLiteral("demo"), QStringLiteral("-t"), QStringLiteral("SELECT count(*) > 0 FROM orders")};
        QCOMPARE(demo({QStringLiteral("status")}).code, 1);
        QCOMPARE(runCli(ask, {}, environment).code, 3);
        const CliOutcome started = demo({QStringLiteral("start"), QStringLiteral("--scale"), QStringLiteral("0.01"), QStringLiteral("--json")});
        QVERIFY2(started.code == 0, started.err.c_str());
        QVERIFY(started.json()["loaded"].get<bool>() && started.json()["running"].get<bool>());
        QVERIFY2(started.err.find(" %  ") != std::string::npos && started.err.find('\r') == std::string::npos, started.err.c_str());
        QCOMPARE(demo({QStringLiteral("status")}).code, 0);
        const CliOutcome answer = runCli(ask, {}, environment);
        QCOMPARE(answer.out, std::string(" t\n"));
        QCOMPARE(demo({QStringLiteral("stop")}).code, 0);
        QCOMPARE(demo({QStringLiteral("status")}).code, 1);
        QCOMPARE(demo({QStringLiteral("reset")}).code, 0);
        QCOMPARE(demo({QStringLiteral("status"), QStringLiteral("--json")}).json()["exists"].get<bool>(), false);
    }
};

QTEST_GUILESS_MAIN(TestPlans)
#include "tst_plans.moc"
