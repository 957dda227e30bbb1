// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include "cli/run_cli.h"
#include "core/migration/journal.h"
#include "core/migration/script_json.h"
#include "support/migration_shapes.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::runCli;

class TestMigrate : public QObject
{
    Q_OBJECT

    std::string conninfo_;
    std::unique_ptr<pg::Connection> connection_;

    QStringList args(const QStringList &arguments) const
    {
        return QStringList{QStringLiteral("migrate")} + arguments + QStringList{QStringLiteral("-d"), QString::fromStdString(conninfo_)};
    }
    std::string ask(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    static std::vector<nlohmann::json> lines(const std::string &out)
    {
        std::vector<nlohmann::json> all;
        for (std::size_t at = 0; at < out.size();) {
            const std::size_t end = out.find('\n', at);
            all.push_back(nlohmann::json::parse(out.substr(at, end - at)));
            at = end + 1;
        }
        return all;
    }

private Q_SLOTS:
    void init()
    {
        conninfo_ = test::freshDatabase();
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo_;
        connection_ = std::move(*pg::Connection::open(spec));
        QVERIFY(!connection_->run(test::makeTable("t", 20'000)).error);
    }

    void theJournalIsMadeOnlyWhenAllowed()
    {
        const auto refused = runCli(args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes")}), migration::toJson(test::indexT()));
        QCOMPARE(refused.code, 2);
        QVERIFY(refused.err.find("--journal") != std::string::npos);
        QCOMPARE(ask("SELECT to_regnamespace('howdah') IS NULL"), std::string("t"));
        QCOMPARE(runCli(args({QStringLiteral("list"), QStringLiteral("--json")})).json()["migrations"].size(), std::size_t(0));
    }

    void showsRunsAndRollsBack()
    {
        migration::ChangeScript script = test::widenA(false);
        script.deployments = {{migration::Phase::Switch, "Deploy the new reader"}};
        const auto run = runCli(args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes"), QStringLiteral("--journal"), QStringLiteral("--json")}), migration::toJson(script));
        QVERIFY2(run.code == 1, run.err.c_str());
        QVERIFY(run.err.find("ALTER TABLE t ADD COLUMN a_new bigint") != std::string::npos); // shown first
        auto events = lines(run.out);
        QCOMPARE(events.front()["event"], "started");
        QCOMPARE(events.front()["step"], 1);
        QCOMPARE(events.back()["event"], "end");
        QCOMPARE(events.back()["state"], "waiting");
        QCOMPARE(events.back()["waits_for"], "Deploy the new reader");
        const auto status = runCli(args({QStringLiteral("status"), QStringLiteral("1"), QStringLiteral("--json")})).json();
        QCOMPARE(status["state"], "waiting");
        QCOMPARE(status["steps"][1]["batches"]["finished"], true);
        QCOMPARE(status["steps"][1]["batches"]["cursor"][0], "20000");
        QCOMPARE(status["steps"].back()["state"], "waiting");
        QVERIFY(runCli(args({QStringLiteral("status")})).out.find("Deploy the new reader") != std::string::npos);
        const auto resumed = runCli(args({QStringLiteral("resume"), QStringLiteral("1")}));
        QVERIFY2(resumed.code == 0, resumed.err.c_str());
        QVERIFY(resumed.err.find("[7/7] done: Swap the columns") != std::string::npos);
        QCOMPARE(runCli(args({QStringLiteral("list"), QStringLiteral("--json")})).json()["migrations"][0]["state"], "done");
        QCOMPARE(runCli(args({QStringLiteral("rollback"), QStringLiteral("1")})).code, 2); // nobody to ask
        const auto back = runCli(args({QStringLiteral("rollback"), QStringLiteral("1"), QStringLiteral("--yes")}));
        QVERIFY2(back.code == 0, back.err.c_str());
        QVERIFY(back.out.find("DROP TRIGGER t_sync_back ON t") != std::string::npos);
        QCOMPARE(ask("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), std::string("0"));
        QCOMPARE(runCli(args({QStringLiteral("resume"), QStringLiteral("1")})).code, 2);
        QCOMPARE(runCli(args({QStringLiteral("status"), QStringLiteral("99")})).code, 2);
    }

    void anotherProcessPausesAndThrottles()
    {
        QProcess process;
        process.start(test::cliProgram(), args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes"), QStringLiteral("--journal"), QStringLiteral("--json"),
                                                QStringLiteral("--limit"), QStringLiteral("rows_per_second=3000")}));
        process.write(QByteArray::fromStdString(migration::toJson(test::fillByBlocks())));
        process.closeWriteChannel();
        QTRY_COMPARE_WITH_TIMEOUT(ask("SELECT coalesce(max(rows_done), 0) > 500 FROM howdah.batches"), std::string("t"), 20'000);
        const auto throttled = runCli(args({QStringLiteral("throttle"), QStringLiteral("1"), QStringLiteral("rows_per_second=2000"), QStringLiteral("--json")}));
        QCOMPARE(throttled.json()["throttle"]["rows_per_second"], 2000.0);
        QCOMPARE(runCli(args({QStringLiteral("throttle"), QStringLiteral("1"), QStringLiteral("speed=9")})).code, 2);
        const auto paused = runCli(args({QStringLiteral("pause"), QStringLiteral("1")}));
        QCOMPARE(paused.code, 0);
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 1);
        QCOMPARE(ask("SELECT state FROM howdah.migrations"), std::string("paused"));
        QCOMPARE(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), std::string("0"));
        const auto resumed = runCli(args({QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--limit"), QStringLiteral("rows_per_second=off")}));
        QVERIFY2(resumed.code == 0, resumed.err.c_str());
        QCOMPARE(ask("SELECT count(*) FROM t WHERE note_length IS NULL"), std::string("0"));
    }

    void interruptPausesCleanly()
    {
        QProcess process;
        process.start(test::cliProgram(), args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes"), QStringLiteral("--journal"), QStringLiteral("--limit"), QStringLiteral("rows_per_second=3000")}));
        process.write(QByteArray::fromStdString(migration::toJson(test::fillByBlocks())));
        process.closeWriteChannel();
        QTRY_COMPARE_WITH_TIMEOUT(ask("SELECT coalesce(max(rows_done), 0) > 500 FROM howdah.batches"), std::string("t"), 20'000);
        QVERIFY(process.processId() > 0);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 130);
        QCOMPARE(ask("SELECT state FROM howdah.migrations"), std::string("paused"));
        // A killed one is taken over; its place is not lost.
        process.start(test::cliProgram(), args({QStringLiteral("resume"), QStringLiteral("1")}));
        QTRY_COMPARE_WITH_TIMEOUT(ask("SELECT state FROM howdah.migrations"), std::string("running"), 20'000);
        QTest::qWait(300);
        process.kill();
        QVERIFY(process.waitForFinished(20'000));
        QTRY_COMPARE_WITH_TIMEOUT(runCli(args({QStringLiteral("status"), QStringLiteral("--json")})).json()["state"], "interrupted", 10'000);
        QCOMPARE(runCli(args({QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--limit"), QStringLiteral("rows_per_second=off")})).code, 0);
        QCOMPARE(ask("SELECT count(*) FROM t WHERE note_length IS NULL"), std::string("0"));
        QCOMPARE(ask("SELECT rows_done BETWEEN 19000 AND 21000 FROM howdah.batches"), std::string("t"));
    }

    void errorsHaveTheirPlaceAndCode()
    {
        migration::ChangeScript script;
        script.title = "Wrong";
        script.steps = {test::migrationStep(migration::Phase::Plain, "Wrong", "ALTER TABLE t\n  ADD COLUM b intt")};
        const auto run = runCli(args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes"), QStringLiteral("--journal")}), migration::toJson(script));
        QCOMPARE(run.code, 4);
        QVERIFY2(run.err.find("42601") != std::string::npos || run.err.find("syntax error") != std::string::npos, run.err.c_str());
        QCOMPARE(runCli(args({QStringLiteral("run"), QStringLiteral("-"), QStringLiteral("--yes")}), "{\"title\": 1}").code, 2);
        QCOMPARE(runCli(args({QStringLiteral("run"), QStringLiteral("/nowhere.json"), QStringLiteral("--yes")})).code, 2);
        QCOMPARE(runCli({QStringLiteral("migrate"), QStringLiteral("list"), QStringLiteral("-d"), QStringLiteral("host=/nowhere")}).code, 3);
    }
};

QTEST_GUILESS_MAIN(TestMigrate)
#include "tst_migrate.moc"
