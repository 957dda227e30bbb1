// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/run_cli.h"
#include "core/base/subprocess.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

QStringList health(const std::string &conninfo, const QStringList &more = {})
{
    return QStringList{QStringLiteral("index"), QStringLiteral("health"), QStringLiteral("-d"), QString::fromStdString(conninfo)} + more;
}

std::unique_ptr<pg::Connection> opened(const std::string &conninfo)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    auto connection = pg::Connection::open(spec);
    if (!connection)
        QTest::qFail(connection.error().text().c_str(), __FILE__, __LINE__);
    return connection ? std::move(*connection) : nullptr;
}

std::string one(pg::Connection &connection, const std::string &sql)
{
    const auto read = connection.query(sql);
    return read && read->result->rowCount() == 1 ? std::string(read->result->cell(0, 0).text) : std::string();
}

std::vector<std::string> unused(const nlohmann::json &document)
{
    std::vector<std::string> names;
    for (const auto &finding : document["findings"]) {
        if (finding["rule"] == "unused")
            names.push_back(finding["index"]);
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

class TestIndexHealthCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asJson()
    {
        const std::string conninfo = test::freshDatabase();
        const auto connection = opened(conninfo);
        QVERIFY(!connection->run("CREATE TABLE t (a int, b int); CREATE INDEX t_1 ON t (a); CREATE INDEX t_2 ON t (a); CREATE INDEX t_ab ON t (b) WHERE a > 3;"
                                 "CREATE SCHEMA other; CREATE TABLE other.u (a int); CREATE INDEX u_1 ON other.u (a); CREATE INDEX u_2 ON other.u (a)").error);
        const auto outcome = test::runCli(health(conninfo, {QStringLiteral("--json")}));
        QCOMPARE(outcome.code, 0);
        const auto json = outcome.json();
        QCOMPARE(json["findings"].size(), 2U);
        for (const char *key : {"rule", "severity", "index", "table", "schema", "size_bytes", "size_won_bytes", "message", "evidence", "sql", "undo_sql", "steps"})
            QVERIFY2(json["findings"][0].contains(key), key);
        QCOMPARE(json["indexes"].size(), 5U);
        for (const char *key : {"index", "schema", "table", "size_bytes", "scans", "use"})
            QVERIFY2(json["indexes"][0].contains(key), key);
        QVERIFY(json["summary"]["stats_age_s"].get<double>() >= 0);
        QVERIFY(!json["summary"]["stats_since"].get<std::string>().empty());
        const auto limited = test::runCli(health(conninfo, {QStringLiteral("--json"), QStringLiteral("--schema"), QStringLiteral("other")})).json();
        QCOMPARE(limited["findings"].size(), 1U);
        QCOMPARE(limited["findings"][0]["sql"].get<std::string>(), "DROP INDEX CONCURRENTLY other.u_2;");
    }

    void theScriptRunsAndNothingIsLeft()
    {
        const std::string conninfo = test::freshDatabase();
        const auto connection = opened(conninfo);
        QVERIFY(!connection->run("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p, b int); CREATE INDEX t_1 ON t (b); CREATE INDEX t_2 ON t (b)").error);
        QCOMPARE(test::runCli(health(conninfo, {QStringLiteral("--fail-on"), QStringLiteral("warning")})).code, 1);
        const auto script = test::runCli(health(conninfo, {QStringLiteral("--script")}));
        QCOMPARE(script.code, 0);
        const auto run = connection->run(script.out);
        QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
        const auto after = test::runCli(health(conninfo));
        QVERIFY2(after.out.find("Nothing was found.") != std::string::npos, after.out.c_str());
    }

    void saysWhatIsWrong()
    {
        QCOMPARE(test::runCli({QStringLiteral("index"), QStringLiteral("health"), QStringLiteral("--fail-on"), QStringLiteral("always")}).code, 2);
        QCOMPARE(test::runCli(health("host=/nowhere", {QStringLiteral("--json")})).code, 3);
        const auto replica = test::runCli(health(test::freshDatabase(), {QStringLiteral("--replica"), QStringLiteral("host=/nowhere")}));
        QCOMPARE(replica.code, 3);
        QVERIFY(test::runCli({QStringLiteral("help"), QStringLiteral("index")}).out.find("index health") != std::string::npos);
    }

    /// What only the standby scans is not unused; unasked, the report says so.
    void aStandbyIsAsked()
    {
        const std::string conninfo = test::freshDatabase();
        const auto primary = opened(conninfo);
        QVERIFY(!primary->run("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i; CREATE INDEX t_there ON t (a);"
                              "CREATE INDEX t_nowhere ON t (b); ANALYZE t; CHECKPOINT").error);
        const auto &server = test::server(15);
        const std::filesystem::path folder = server.folder().parent_path() / "standby";
        std::filesystem::create_directories(folder);
        QVERIFY(giveToServiceAccount(folder).has_value());
        const auto copied = runCommand({server.installation().bin / "pg_basebackup", {"-D", (folder / "data").string(), "-R", "-c", "fast", "-d", server.conninfo()}, {}, serviceAccount(), {}});
        QVERIFY2(copied && copied->exit_code == 0, copied ? copied->output.c_str() : copied.error().text().c_str());
        cluster::ClusterOptions options;
        options.folder = folder;
        options.durable = false;
        auto standby = cluster::LocalCluster::start(server.installation(), options);
        QVERIFY2(standby.has_value(), standby ? "" : standby.error().text().c_str());
        const std::string there = (*standby)->conninfo(one(*primary, "SELECT current_database()"));
        const auto reader = opened(there);
        QCOMPARE(one(*reader, "SELECT pg_is_in_recovery()"), "t");
        QVERIFY(!reader->run("SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT * FROM t WHERE a = 5").error);
        QVERIFY(!reader->run("SELECT pg_stat_force_next_flush(); SELECT 1").error);
        for (int i = 0; i < 100 && one(*reader, "SELECT pg_stat_get_numscans('t_there'::regclass) > 0") != "t"; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const auto alone = test::runCli(health(conninfo, {QStringLiteral("--json")})).json();
        QCOMPARE(unused(alone), (std::vector<std::string>{"t_nowhere", "t_there"}));
        QCOMPARE(alone["summary"]["standbys"].get<int>(), 1);
        QVERIFY(alone["summary"]["notes"].dump().find("standby") != std::string::npos);
        const auto asked = test::runCli(health(conninfo, {QStringLiteral("--json"), QStringLiteral("--replica"), QString::fromStdString(there)})).json();
        QCOMPARE(unused(asked), (std::vector<std::string>{"t_nowhere"}));
        QVERIFY(asked["summary"]["replicas"][0]["standby"].get<bool>());
        QVERIFY(!asked["summary"]["replicas"][0]["matched_by_name"].get<bool>());
        // Asked about another database, it would tell of other indexes.
        const auto wrong = test::runCli(health(conninfo, {QStringLiteral("--replica"), QString::fromStdString((*standby)->conninfo())}));
        QCOMPARE(wrong.code, 2);
        // On the standby itself nothing is proposed.
        const auto itself = test::runCli(health(there, {QStringLiteral("--json")})).json();
        QVERIFY(itself["summary"]["in_recovery"].get<bool>());
        for (const auto &finding : itself["findings"])
            QCOMPARE(finding["sql"].get<std::string>(), "");
    }
};

QTEST_MAIN(TestIndexHealthCommand)
#include "tst_index_health.moc"
