// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <filesystem>
#include <sstream>
#include <thread>

#include "cli/run_cli.h"
#include "core/base/subprocess.h"
#include "support/replication_servers.h"

using namespace howdah;
using test::ReplicationServer;

namespace {

QStringList arguments(std::initializer_list<std::string> texts)
{
    QStringList list{QStringLiteral("replication")};
    for (const std::string &text : texts)
        list.append(QString::fromStdString(text));
    return list;
}

nlohmann::json named(const nlohmann::json &list, const char *key, const std::string &name)
{
    for (const auto &one : list) {
        if (one.value(key, std::string()) == name)
            return one;
    }
    return {};
}

} // namespace

/// The wizards from end to end, through the program.
class TestReplicationCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        a_ = ReplicationServer::primary(15, {{"max_slot_wal_keep_size", "1GB"}});
        a_->run("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g");
    }

    void cleanupTestCase()
    {
        a_.reset();
    }

    void preflightFindsWhatDoesNotHold()
    {
        const auto bad = ReplicationServer::primary(15, {{"wal_level", "minimal"}, {"max_wal_senders", "0"}}, true);
        const auto outcome = test::runCli(arguments({"preflight", "streaming", "-d", bad->conninfo(), "--target", "/usr", "--json"}));
        QCOMPARE(outcome.code, 1);
        const auto json = outcome.json();
        QCOMPARE(json["ok"].get<bool>(), false);
        const auto level = named(json["checks"], "name", "wal_level");
        QCOMPARE(level["ok"].get<bool>(), false);
        QCOMPARE(level["figure"].get<std::string>(), std::string("minimal"));
        QVERIFY(level["fix_sql"].get<std::string>().find("wal_level") != std::string::npos);
        QCOMPARE(named(json["checks"], "name", "max_wal_senders")["ok"].get<bool>(), false);
        QCOMPARE(named(json["checks"], "name", "target_empty")["ok"].get<bool>(), false);
        QVERIFY(named(json["checks"], "name", "pg_hba")["ok"].get<bool>());
        // A set-up that must not begin changes nothing.
        const auto refused = test::runCli(arguments({"setup", "streaming", "-d", bad->conninfo(), "--target", "/tmp/howdah-never-made", "--json"}));
        QVERIFY(refused.code == 1);
        QVERIFY(!std::filesystem::exists("/tmp/howdah-never-made"));
    }

    void streamingFromEndToEnd()
    {
        const std::filesystem::path folder = a_->data().parent_path() / "wizard";
        const std::string target = (folder / "data").string();
        std::filesystem::create_directories(folder);
        QVERIFY(giveToServiceAccount(folder).has_value());
        const auto dry = test::runCli(arguments({"setup", "streaming", "-d", a_->conninfo(), "--target", target, "--slot", "wizard", "--dry-run", "--json"}));
        QCOMPARE(dry.code, 0);
        const auto steps = dry.json()["steps"];
        QVERIFY(named(steps, "id", "base_backup")["command"].get<std::string>().find(" -R -C -S wizard ") != std::string::npos);
        QVERIFY(!std::filesystem::exists(target));
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_replication_slots"), std::string("0"));

        const QStringList secret{QStringLiteral("HOWDAH_REPLICATION_PASSWORD=very secret")};
        const auto made = test::runCli(arguments({"setup", "streaming", "-d", a_->conninfo(), "--target", target, "--slot", "wizard", "--role", "copier", "--json"}), {}, secret);
        QVERIFY2(made.code == 0, (made.out + made.err).c_str());
        const auto json = made.json();
        QVERIFY(json["proven"].get<bool>());
        QVERIFY(json["proof"].get<std::string>().find("howdah_canary_") != std::string::npos);
        QVERIFY(made.out.find("very secret") == std::string::npos && made.err.find("very secret") == std::string::npos);
        for (const auto &step : json["steps"])
            QVERIFY2(step["state"] == "done", step.dump().c_str());
        QVERIFY(a_->ask("SELECT rolpassword FROM pg_authid WHERE rolname = 'copier'").starts_with("SCRAM-SHA-256"));
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah_canary%'"), std::string("0"));

        const std::string standby = json["standby"].get<std::string>();
        const auto status = test::runCli(arguments({"status", "-d", a_->conninfo(), "--node", standby, "--json"}));
        const auto lines = test::runCli(arguments({"watch", "-d", a_->conninfo(), "--node", standby, "--interval", "1", "--count", "2", "--json"}));
        const auto same = test::runCli(arguments({"compare", "-d", a_->conninfo(), "--node", standby, "--json"}));
        const auto canary = test::runCli(arguments({"canary", "-d", a_->conninfo(), "--node", standby, "--json"}));
        const auto forbidden = test::runCli(arguments({"canary", "-d", a_->conninfo(), "--node", standby, "--read-only", "--json"}));
        const auto shown = test::runCli(arguments({"canary", "-d", a_->conninfo(), "--node", standby, "--read-only", "--dry-run", "--json"}));
        const auto in_use = test::runCli(arguments({"setup", "rebuild", "-d", a_->conninfo(), "--target", target, "--dry-run", "--json"}));
        const auto checked = test::runCli(arguments({"preflight", "streaming", "-d", a_->conninfo(), "--node", standby, "--slot", "another", "--json"}));
        const auto bin = a_->cluster().installation().bin;
        Command stop{bin / "pg_ctl", {"-D", target, "-m", "immediate", "stop"}, {}, serviceAccount(), {}};
        static_cast<void>(runCommand(stop));
        a_->run("SELECT pg_drop_replication_slot('wizard')");
        QVERIFY2(status.code == 0, (status.out + status.err).c_str());
        const auto now = status.json();
        QCOMPARE(now["edges"].size(), 1U);
        QCOMPARE(now["edges"][0]["slot"].get<std::string>(), std::string("wizard"));
        QVERIFY(now["edges"][0]["evidence"]["upstream"].get<bool>() && now["edges"][0]["evidence"]["downstream"].get<bool>());
        QCOMPARE(now["slots"][0]["wal_status"].get<std::string>(), std::string("reserved"));
        QVERIFY(now.contains("subscriptions") && now.contains("publications") && now.contains("forecast"));
        QCOMPARE(lines.code, 0);
        std::istringstream each(lines.out);
        int count = 0;
        for (std::string line; std::getline(each, line); ++count)
            QVERIFY(nlohmann::json::parse(line)["nodes"].size() == 2);
        QCOMPARE(count, 2);
        QVERIFY2(same.code == 0 && same.json()["same"].get<bool>(), same.out.c_str());
        QVERIFY2(canary.code == 0 && canary.json()["proven"].get<bool>(), (canary.out + canary.err).c_str());
        QCOMPARE(forbidden.code, 2);
        QCOMPARE(shown.code, 0);
        QCOMPARE(named(shown.json()["steps"], "id", "canary_write")["state"].get<std::string>(), std::string("waiting"));
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah_canary%'"), std::string("0"));
        // One that streams is not lost.
        QCOMPARE(in_use.code, 1);
        QCOMPARE(named(in_use.json()["checks"], "name", "slot")["ok"].get<bool>(), false);
        for (const char *name : {"standby_limits", "same_major_standby", "system_identifier", "in_recovery", "listen_addresses", "role"})
            QVERIFY2(named(checked.json()["checks"], "name", name)["ok"].get<bool>(), name);
    }

    /// The primary was given more connections than the standby has: replay stops for want of them.
    void standbyWithLowerLimits()
    {
        const auto a = ReplicationServer::primary(15, {{"max_connections", "30"}}, true);
        const auto b = ReplicationServer::standby(*a, "b");
        a->run("ALTER SYSTEM SET max_connections = 60");
        QVERIFY(a->cluster().restart().has_value());
        const auto checks = test::runCli(arguments({"preflight", "streaming", "-d", a->conninfo(), "--node", b->conninfo(), "--slot", "other", "--json"}));
        QCOMPARE(checks.code, 1);
        QCOMPARE(named(checks.json()["checks"], "name", "standby_limits")["figure"].get<std::string>(), std::string("max_connections 30 < 60"));
    }

    /// What cannot be replicated, what differs and what is left behind, each by its name.
    void preflightNamesWhatLogicalReplicationLeavesBehind()
    {
        a_->run("CREATE DATABASE left_behind");
        a_->run("CREATE TABLE good (id int PRIMARY KEY, v text); CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY); CREATE TABLE slow (v text); "
                "ALTER TABLE slow REPLICA IDENTITY FULL; CREATE TABLE computed (id int PRIMARY KEY, twice int); CREATE TABLE typed (id int PRIMARY KEY, n int); "
                "CREATE SEQUENCE counter; SELECT setval('counter', 42); SELECT lo_create(0)", "left_behind");
        // A wrapper needs no library to have a foreign table.
        a_->run("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (id int) SERVER s", "left_behind");
        const auto d = ReplicationServer::primary(15, {}, true);
        d->run("CREATE TABLE good (id int PRIMARY KEY, v text); CREATE TABLE unlogged (id int PRIMARY KEY); CREATE TABLE slow (v text); CREATE TABLE far (id int); "
               "CREATE TABLE computed (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED); CREATE TABLE typed (id int PRIMARY KEY, n text)");
        const auto outcome = test::runCli(arguments({"preflight", "logical", "-d", a_->conninfo("left_behind"), "--node", d->conninfo(), "--table", "good", "--table", "unlogged", "--table", "slow",
                                                     "--table", "computed", "--table", "typed", "--table", "far", "--json"}));
        QCOMPARE(outcome.code, 1);
        const auto checks = outcome.json()["checks"];
        const auto says = [&checks](const std::string &name, const std::string &figure) {
            for (const auto &check : checks) {
                if (check["name"] == name && check["figure"].get<std::string>().find(figure) != std::string::npos)
                    return true;
            }
            return false;
        };
        QVERIFY2(says("unlogged_table", "public.unlogged"), outcome.out.c_str());
        QVERIFY2(says("foreign_table", "public.far"), outcome.out.c_str());
        QVERIFY2(says("replica_identity_full", "public.slow"), outcome.out.c_str());
        QVERIFY2(says("schema_difference", "generated there: twice"), outcome.out.c_str());
        QVERIFY2(says("schema_difference", "other types: n integer → text"), outcome.out.c_str());
        QVERIFY2(named(checks, "name", "sequences")["fix_sql"].get<std::string>().find("setval('public.counter', 42, true)") != std::string::npos, outcome.out.c_str());
        QVERIFY2(says("large_objects", "1"), outcome.out.c_str());
        for (const char *name : {"wal_level", "max_replication_slots", "max_wal_senders", "pg_hba", "max_logical_replication_workers", "max_worker_processes", "may_subscribe"})
            QVERIFY2(named(checks, "name", name)["ok"].get<bool>(), name);
    }

    /// The transaction that cannot be applied is found in the publisher's slot and skipped.
    void skipsAFailingTransaction()
    {
        a_->run("CREATE DATABASE skipping");
        a_->run("CREATE TABLE k (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE k", "skipping");
        const auto d = ReplicationServer::primary(15, {}, true);
        d->run("CREATE TABLE k (id int PRIMARY KEY); INSERT INTO k VALUES (1)");
        d->run("CREATE SUBSCRIPTION skips CONNECTION '" + a_->conninfo("skipping") + "' PUBLICATION p WITH (copy_data = false)");
        const std::string publisher = a_->conninfo("skipping");
        a_->run("INSERT INTO k VALUES (1)", "skipping");
        a_->run("INSERT INTO k VALUES (2)", "skipping");
        QVERIFY(d->waitFor("SELECT sum(apply_error_count) > 0 FROM pg_stat_subscription_stats"));
        const auto blind = test::runCli(arguments({"skip", "-d", d->conninfo(), "--json"}));
        const auto found = test::runCli(arguments({"skip", "-d", d->conninfo(), "--node", publisher, "--json"}));
        const auto forbidden = test::runCli(arguments({"skip", "-d", d->conninfo(), "--node", publisher, "--run", "--read-only", "--json"}));
        const std::string untouched = d->ask("SELECT string_agg(id::text, ',') FROM k");
        const auto skipped = test::runCli(arguments({"skip", "-d", d->conninfo(), "--node", publisher, "--run", "--json"}));
        const bool went_on = d->waitFor("SELECT count(*) = 1 FROM k WHERE id = 2");
        d->run("DROP SUBSCRIPTION skips");
        // Its log goes elsewhere: that is said, with what helps.
        QVERIFY2(blind.code != 0 && blind.out.find("--node") != std::string::npos, (blind.out + blind.err).c_str());
        QVERIFY2(found.code == 0, (found.out + found.err).c_str());
        QCOMPARE(found.json()["changes"].dump(), std::string("[\"INSERT into public.k: 1\"]"));
        QVERIFY(found.json()["script"]["sql"].get<std::string>().find("SKIP (lsn = '" + found.json()["finish_lsn"].get<std::string>() + "')") != std::string::npos);
        QCOMPARE(found.json()["done"].get<bool>(), false);
        QCOMPARE(forbidden.code, 2);
        QCOMPARE(untouched, std::string("1"));
        QVERIFY2(skipped.code == 0 && skipped.json()["done"].get<bool>() && went_on, (skipped.out + skipped.err).c_str());
    }

    /// Under load: the comparison after the initial copy finds no difference; then over to the subscriber.
    void logicalFromEndToEnd()
    {
        const auto d = ReplicationServer::primary(15, {}, true);
        const auto bin = a_->cluster().installation().bin;
        a_->run("CREATE DATABASE bench; CREATE DATABASE nothing");
        d->run("CREATE DATABASE bench");
        const auto pgbench = [&](const ReplicationServer &server, std::vector<std::string> options) {
            const std::string conninfo = server.conninfo("bench");
            options.push_back(conninfo);
            return runCommand({bin / "pgbench", options, {}, {}, {}});
        };
        const auto filled = pgbench(*a_, {"-i", "-s", "1", "-q"});
        const auto made = pgbench(*d, {"-i", "-I", "dtp", "-q"});
        QVERIFY2(filled && filled->exit_code == 0 && made && made->exit_code == 0, filled ? filled->output.c_str() : "");
        a_->run("CREATE SEQUENCE numbers; SELECT setval('numbers', 4711); ALTER TABLE pgbench_history ADD COLUMN hid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "bench");
        d->run("CREATE SEQUENCE numbers; ALTER TABLE pgbench_history ADD COLUMN hid bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "bench");
        const std::string a = a_->conninfo("bench"), b = d->conninfo("bench");
        const auto checks = test::runCli(arguments({"preflight", "logical", "-d", a, "--node", b, "--json"}));
        QVERIFY2(checks.code == 0, checks.out.c_str());
        QVERIFY(named(checks.json()["checks"], "name", "sequences")["fix_sql"].get<std::string>().find("setval('public.numbers', 4711, true)") != std::string::npos);

        std::atomic<int> load_code{-1};
        std::thread load([&] {
            const auto outcome = pgbench(*a_, {"-c", "2", "-T", "12", "-n", "-R", "150"});
            load_code = outcome ? outcome->exit_code : -2;
        });
        const auto outcome = test::runCli(arguments({"setup", "logical", "-d", a, "--node", b, "--json"}));
        const auto early = test::runCli(arguments({"setup", "cut-over", "-d", a, "--node", b, "--json"}));
        load.join();
        QVERIFY2(outcome.code == 0, (outcome.out + outcome.err).c_str());
        QCOMPARE(load_code.load(), 0);
        const auto json = outcome.json();
        QVERIFY(json["proven"].get<bool>());
        for (const auto &table : json["comparison"]["tables"])
            QVERIFY2(table["different_rows"].get<int>() == 0 && table["rows_a"].get<int>() > 0, table.dump().c_str());
        // While it is written to nobody moves over.
        QVERIFY2(early.code == 1, early.out.c_str());
        QCOMPARE(named(early.json()["steps"], "id", "writes_stopped")["state"].get<std::string>(), std::string("failed"));

        const auto same = test::runCli(arguments({"compare", "-d", a, "--node", b, "--publication", "bench_pub", "--chunk", "1000", "--json"}));
        QVERIFY2(same.code == 0, same.out.c_str());
        const auto accounts = named(same.json()["tables"], "table", "public.pgbench_accounts");
        QCOMPARE(accounts["rows_a"].get<int>(), 100'000);
        QCOMPARE(accounts["hash_a"].get<std::string>(), accounts["hash_b"].get<std::string>());
        QVERIFY(accounts["chunks"].get<int>() > 90);
        d->run("UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = 4711; DELETE FROM pgbench_accounts WHERE aid = 99999; INSERT INTO pgbench_accounts VALUES (500000, 1, 0, '')", "bench");
        const auto differs = test::runCli(arguments({"compare", "-d", a, "--node", b, "--table", "pgbench_accounts", "--json"}));
        QCOMPARE(differs.code, 1);
        const auto table = differs.json()["tables"][0];
        QCOMPARE(table["different_rows"].get<int>(), 3);
        QCOMPARE(named(table["differences"], "key", "aid=4711")["kind"].get<std::string>(), std::string("changed"));
        QCOMPARE(named(table["differences"], "key", "aid=99999")["kind"].get<std::string>(), std::string("missing"));
        QCOMPARE(named(table["differences"], "key", "aid=500000")["kind"].get<std::string>(), std::string("extra"));
        d->run("UPDATE pgbench_accounts SET abalance = abalance - 1 WHERE aid = 4711; DELETE FROM pgbench_accounts WHERE aid = 500000", "bench");
        d->run("INSERT INTO pgbench_accounts VALUES (99999, 1, 0, '')", "bench");
        d->run("UPDATE pgbench_accounts SET abalance = (" + a_->ask("SELECT abalance FROM pgbench_accounts WHERE aid = 99999", "bench") + "), filler = '" +
                   a_->ask("SELECT filler FROM pgbench_accounts WHERE aid = 99999", "bench") + "' WHERE aid = 99999", "bench");

        const auto over = test::runCli(arguments({"setup", "cut-over", "-d", a, "--node", b, "--drop-publication", "--json"}));
        QVERIFY2(over.code == 0, (over.out + over.err).c_str());
        QCOMPARE(d->ask("SELECT last_value FROM numbers", "bench"), std::string("4711"));
        QCOMPARE(d->ask("SELECT count(*) FROM pg_subscription", "bench"), std::string("0"));
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_replication_slots", "bench"), std::string("0"));
    }

    /// Within one server CREATE SUBSCRIPTION alone would hang; and what does not fit is said before.
    void withinOneServer()
    {
        a_->run("CREATE DATABASE one; CREATE DATABASE two");
        a_->run("CREATE TABLE k (id int PRIMARY KEY, v text); INSERT INTO k VALUES (1, 'x'), (2, 'y'); CREATE TABLE heap (v text)", "one");
        a_->run("CREATE TABLE k (id int PRIMARY KEY)", "two");
        const std::string one = a_->conninfo("one"), two = a_->conninfo("two");
        const auto checks = test::runCli(arguments({"preflight", "logical", "-d", one, "--node", two, "--json"}));
        QCOMPARE(checks.code, 1);
        QVERIFY(named(checks.json()["checks"], "name", "same_cluster")["ok"].get<bool>());
        QVERIFY(named(checks.json()["checks"], "name", "replica_identity")["figure"].get<std::string>().find("public.heap") != std::string::npos);
        QVERIFY(checks.out.find("missing columns v") != std::string::npos);
        a_->run("ALTER TABLE k ADD COLUMN v text", "two");
        const auto made = test::runCli(arguments({"setup", "logical", "-d", one, "--node", two, "--table", "k (id, v) WHERE (id > 1)", "--json"}));
        QVERIFY2(made.code == 0, (made.out + made.err).c_str());
        QCOMPARE(named(made.json()["steps"], "id", "slot")["state"].get<std::string>(), std::string("done"));
        QCOMPARE(a_->ask("SELECT string_agg(id::text, ',') FROM k", "two"), std::string("2"));
        a_->run("DROP SUBSCRIPTION one_sub", "two");
    }

    void mistakes()
    {
        QCOMPARE(test::runCli(arguments({})).code, 2);
        QCOMPARE(test::runCli(arguments({"setup", "sideways"})).code, 2);
        QCOMPARE(test::runCli(arguments({"status", "-d", "host=/nonexistent", "--json"})).code, 3);
        QCOMPARE(test::runCli(arguments({"status", "-d", a_->conninfo(), "--limit", "nothing=1", "--json"})).code, 2);
        QCOMPARE(test::runCli(arguments({"compare", "-d", a_->conninfo(), "--json"})).code, 2);
        QCOMPARE(test::runCli(arguments({"setup", "streaming", "-d", a_->conninfo(), "--target", "/tmp/x", "--read-only"})).code, 2);
        // One node that is not there is a finding, not the end of the look.
        const auto lost = test::runCli(arguments({"status", "-d", a_->conninfo(), "--node", "host=/nonexistent", "--json"}));
        QCOMPARE(lost.code, 1);
        QCOMPARE(lost.json()["alerts"][0]["rule"].get<std::string>(), std::string("node_unreachable"));
    }

private:
    std::unique_ptr<ReplicationServer> a_;
};

QTEST_GUILESS_MAIN(TestReplicationCommand)
#include "tst_replication.moc"
