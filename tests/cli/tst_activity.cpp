// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <sstream>
#include <thread>

#include "cli/run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;

class TestActivityCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneLookAsJson()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        const auto outcome = test::runCli({QStringLiteral("activity"), QStringLiteral("-d"), database, QStringLiteral("--json")});
        QCOMPARE(outcome.code, 0);
        const auto json = outcome.json();
        QVERIFY(json["figures"]["commits_per_s"].is_number());
        QVERIFY(json["figures"]["connections"]["max"].get<int>() > 0);
        QVERIFY(json["sessions"].size() >= 2);
        QVERIFY(json["server_ms"].get<double>() > 0);
        QCOMPARE(json["blocking"].size(), 0U);
    }

    void tellsWhoBlocksWhomAndExitsWithOne()
    {
        const std::string conninfo = test::freshDatabase();
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto holder = pg::Connection::open(spec);
        const auto waits = pg::Connection::open(spec);
        QVERIFY(holder && waits);
        QVERIFY(!(*holder)->run("CREATE TABLE a (id int); BEGIN; LOCK a").error);
        std::atomic<bool> ended{false};
        std::thread waiting([&] {
            static_cast<void>((*waits)->run("SELECT * FROM a"));
            ended = true;
        });
        const auto json = test::runCli({QStringLiteral("activity"), QStringLiteral("-d"), QString::fromStdString(conninfo), QStringLiteral("--json")});
        const auto text = test::runCli({QStringLiteral("activity"), QStringLiteral("-d"), QString::fromStdString(conninfo)});
        const auto ended_before = ended.load();
        static_cast<void>((*holder)->run("ROLLBACK"));
        waiting.join();
        QVERIFY(!ended_before);
        QCOMPARE(json.code, 1);
        const auto tree = json.json()["blocking"];
        QCOMPARE(tree.size(), 2U);
        QCOMPARE(tree[0]["pid"].get<int>(), (*holder)->facts().backend_pid);
        QCOMPARE(tree[1]["blocked_by"].get<int>(), (*holder)->facts().backend_pid);
        QCOMPARE(text.code, 1);
        QVERIFY2(text.out.find("holds up 1") != std::string::npos, text.out.c_str());
        QVERIFY(text.out.find("idle in transaction") != std::string::npos);
    }

    void watchesALineALook()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        const auto outcome = test::runCli({QStringLiteral("activity"), QStringLiteral("-d"), database, QStringLiteral("--json"), QStringLiteral("--watch"), QStringLiteral("1"), QStringLiteral("--count"), QStringLiteral("3")});
        QCOMPARE(outcome.code, 0);
        std::istringstream lines(outcome.out);
        std::string line;
        std::int64_t before = 0;
        int count = 0;
        while (std::getline(lines, line)) {
            const auto json = nlohmann::json::parse(line);
            QVERIFY(json["time_ms"].get<std::int64_t>() > before);
            before = json["time_ms"].get<std::int64_t>();
            ++count;
        }
        QCOMPARE(count, 3);
    }

    void refusesSenselessIntervals()
    {
        QCOMPARE(test::runCli({QStringLiteral("activity"), QStringLiteral("--watch"), QStringLiteral("0")}).code, 2);
        QCOMPARE(test::runCli({QStringLiteral("activity"), QStringLiteral("--count"), QStringLiteral("-1")}).code, 2);
        QCOMPARE(test::runCli({QStringLiteral("activity"), QStringLiteral("-d"), QStringLiteral("host=/nonexistent"), QStringLiteral("--json")}).code, 3);
    }
};

QTEST_GUILESS_MAIN(TestActivityCommand)
#include "tst_activity.moc"
