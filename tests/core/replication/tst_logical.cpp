// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/migration/change_script.h"
#include "core/replication/alerts.h"
#include "core/replication/probes.h"
#include "support/replication_servers.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::replication;
using test::ReplicationServer;
using test::Watcher;

/// A publisher and a subscriber on which every failure is really made to happen.
class TestLogical : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        a_ = ReplicationServer::primary(15);
        d_ = ReplicationServer::primary(15, {}, true);
        const char *const schema = "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY, v text)";
        a_->run(schema);
        d_->run(schema);
        a_->run("INSERT INTO t SELECT g, 'x' FROM generate_series(1, 100) g; CREATE PUBLICATION p FOR TABLE t, u");
        d_->run("CREATE SUBSCRIPTION s CONNECTION '" + a_->conninfo() + "' PUBLICATION p");
        QVERIFY(d_->waitFor("SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"));
    }

    void cleanupTestCase()
    {
        d_.reset();
        a_.reset();
    }

    void linkedFromBothEnds()
    {
        Watcher watcher(nodes());
        const auto now = watcher.looked(3);
        QVERIFY(now);
        QCOMPARE(now->topology.links.size(), 1U);
        const Link &link = now->topology.links.front();
        QVERIFY(link.kind == LinkKind::Logical && link.sender != nullptr && link.subscription != nullptr && link.slot != nullptr);
        QVERIFY(link.state == LinkState::Good);
        QVERIFY(now->topology.placeOf("a")->publishes && now->topology.placeOf("d")->subscribes);
        QVERIFY2(watcher.alerts().empty(), watcher.alerts().c_str());
        QCOMPARE(now->node("a")->published.size(), 2U);
        QCOMPARE(now->node("d")->subscriptions.front().relations.at("r"), 2);
    }

    /// The column comes by DDL, which is not replicated: first the difference, then the errors; the script mends both.
    void publisherDdl()
    {
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        a_->run("ALTER TABLE u ADD COLUMN extra int");
        a_->run("INSERT INTO u VALUES (1, 'x', 7)");
        const auto failing = watcher.waitForAlert("subscription_errors", "d", 10'000);
        QVERIFY2(failing && failing->severity == Severity::Critical, watcher.alerts().c_str());
        const auto differs = watcher.waitForAlert("columns_differ", "d", 12'000, "public.u");
        QVERIFY2(differs && differs->script, watcher.alerts().c_str());
        const auto ran = migration::runChangeScript(*d_->open(), *differs->script);
        QVERIFY2(ran.done(), ran.done() ? "" : ran.error->text().c_str());
        QVERIFY(d_->waitFor("SELECT count(*) = 1 FROM u WHERE extra = 7"));
        QVERIFY(watcher.waitUntilGone("columns_differ", "d", 12'000));
    }

    void duplicateKey()
    {
        d_->run("INSERT INTO t VALUES (5000, 'in the way')");
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        a_->run("INSERT INTO t VALUES (5000, 'from a')");
        const auto alert = watcher.waitFor([](const Overview &overview) {
            for (const Alert &one : overview.alerts) {
                if (one.rule == "subscription_errors" && one.severity == Severity::Critical && one.figure.find("apply errors") != std::string::npos &&
                    overview.node("d")->subscriptions.front().apply_error_age_ms >= 0)
                    return true;
            }
            return false;
        }, 12'000);
        QVERIFY2(alert, watcher.alerts().c_str());
        qInfo("subscription_errors after %.0f ms", watcher.lastWaitMs());
        d_->run("DELETE FROM t WHERE id = 5000");
        QVERIFY(d_->waitFor("SELECT count(*) = 1 FROM t WHERE v = 'from a'"));
    }

    /// A row is there already: the copy fails again and again, until it is gone.
    void copyThatFails()
    {
        a_->run("CREATE TABLE doubled (id int PRIMARY KEY); INSERT INTO doubled VALUES (1); ALTER PUBLICATION p ADD TABLE doubled");
        d_->run("CREATE TABLE doubled (id int PRIMARY KEY); INSERT INTO doubled VALUES (1)");
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        d_->run("ALTER SUBSCRIPTION s REFRESH PUBLICATION");
        const auto alert = watcher.waitForAlert("relation_stuck", "d", 10'000, "public.doubled");
        const double after_ms = watcher.lastWaitMs();
        const std::string alerts = watcher.alerts();
        d_->run("TRUNCATE doubled");
        QVERIFY2(alert && alert->severity == Severity::Critical, alerts.c_str());
        qInfo("relation_stuck after %.0f ms: %s", after_ms, alert->figure.c_str());
        QVERIFY(watcher.waitUntilGone("relation_stuck", "d", 15'000));
        QCOMPARE(d_->ask("SELECT count(*) FROM doubled"), std::string("1"));
    }

    /// Somebody holds a lock: the table stays in state d without an error.
    void copyThatWaits()
    {
        a_->run("CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held VALUES (1); ALTER PUBLICATION p ADD TABLE held");
        d_->run("CREATE TABLE held (id int PRIMARY KEY)");
        Limits limits;
        QVERIFY(setLimit(limits, "copying_ms", 2000));
        Watcher watcher(nodes(), limits);
        QVERIFY(watcher.looked());
        const auto holder = d_->open();
        QVERIFY(!holder->run("BEGIN; LOCK TABLE held IN SHARE MODE").error);
        d_->run("ALTER SUBSCRIPTION s REFRESH PUBLICATION");
        const auto alert = watcher.waitForAlert("relation_stuck", "d", 9000, "public.held");
        const double after_ms = watcher.lastWaitMs();
        QVERIFY(!holder->run("ROLLBACK").error);
        QVERIFY2(alert, watcher.alerts().c_str());
        qInfo("relation_stuck after %.0f ms (limit 2 s; 10 min by default): %s", after_ms, alert->figure.c_str());
        QVERIFY2(alert->figure.starts_with("state d for"), alert->figure.c_str());
        QVERIFY(watcher.waitUntilGone("relation_stuck", "d", 10'000));
    }

    void disabledSubscription()
    {
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        d_->run("ALTER SUBSCRIPTION s DISABLE");
        const auto alert = watcher.waitForAlert("subscription_disabled", "d", 5000, "s");
        QVERIFY2(alert && alert->script, watcher.alerts().c_str());
        QVERIFY(watcher.waitForAlert("slot_inactive", "a", 8000, "s"));
        QVERIFY(migration::runChangeScript(*d_->open(), *alert->script).done());
        QVERIFY(watcher.waitUntilGone("subscription_disabled", "d", 5000));
        QVERIFY(watcher.waitUntilGone("slot_inactive", "a", 10'000));
    }

    void tableWithoutIdentity()
    {
        a_->run("CREATE TABLE heap (v text); INSERT INTO heap VALUES ('x'); ALTER PUBLICATION p ADD TABLE heap");
        const auto refused = a_->open()->run("UPDATE heap SET v = 'y'");
        QVERIFY(refused.error && refused.error->sqlstate == "55000");
        Watcher watcher(nodes());
        const auto alert = watcher.waitForAlert("identity_missing", "a", 12'000, "public.heap");
        QVERIFY2(alert && alert->script, watcher.alerts().c_str());
        const auto not_taken = watcher.waitForAlert("columns_differ", "d", 3000, "public.heap"); // published, not subscribed
        QVERIFY(not_taken && not_taken->script);
        QVERIFY(migration::runChangeScript(*a_->open(), *alert->script).done());
        a_->run("UPDATE heap SET v = 'y'");
        // The other script takes it over, with its rows.
        d_->run("CREATE TABLE heap (v text)");
        QVERIFY(migration::runChangeScript(*d_->open(), *not_taken->script).done());
        QVERIFY(d_->waitFor("SELECT count(*) = 1 FROM heap WHERE v = 'y'"));
        QVERIFY(watcher.waitUntilGone("columns_differ", "d", 12'000));
    }

    void subscriberThatCannotReachItsPublisher()
    {
        Watcher watcher({{"d", d_->conninfo()}});
        QVERIFY(watcher.looked());
        a_->stop(cluster::LocalCluster::StopMode::Immediate);
        const auto alert = watcher.waitForAlert("subscription_not_running", "d", 8000, "s");
        a_->start();
        QVERIFY2(alert, watcher.alerts().c_str());
    }

    /// Every view of every version, bound by column name: nothing is refused. 17 has the columns of today's slots.
    void everyVersion()
    {
        std::vector<int> majors = test::majors();
        majors.push_back(17);
        for (const int major : majors) {
            const auto connection = test::freshConnection(major);
            QVERIFY(connection->query("SELECT pg_create_physical_replication_slot('of_" + std::to_string(major) + "', true)").has_value());
            Watcher watcher({{"n", test::server(major).conninfo(connection->facts().database)}});
            const auto now = watcher.looked();
            QVERIFY2(now, std::to_string(major).c_str());
            const Node &node = *now->node("n");
            QVERIFY2(node.notes.empty(), (std::to_string(major) + ": " + (node.notes.empty() ? std::string() : node.notes.front())).c_str());
            const Slot *slot = node.slot("of_" + std::to_string(major));
            QVERIFY(slot != nullptr);
            QCOMPARE(slot->wal_status, std::string("reserved"));
            QCOMPARE(slot->inactive_ms >= 0, major >= 17);
            QCOMPARE(slot->failover.has_value(), major >= 17);
            QVERIFY(connection->query("SELECT pg_drop_replication_slot('of_" + std::to_string(major) + "')").has_value());
        }
    }

    /// 18 counts rows that were not there to be updated.
    void conflictsCountedBy18()
    {
        const auto a = test::freshConnection(18), b = test::freshConnection(18);
        const std::string conninfo = test::server(18).conninfo(a->facts().database);
        QVERIFY(!a->run("CREATE TABLE k (id int PRIMARY KEY, v text); INSERT INTO k VALUES (1, 'x'); CREATE PUBLICATION pk FOR TABLE k").error);
        QVERIFY(a->query("SELECT pg_create_logical_replication_slot('sk', 'pgoutput')").has_value());
        QVERIFY(!b->run("CREATE TABLE k (id int PRIMARY KEY, v text)").error);
        QVERIFY(!b->run("CREATE SUBSCRIPTION sk CONNECTION '" + conninfo + "' PUBLICATION pk WITH (create_slot = false, copy_data = false)").error);
        QVERIFY(!a->run("UPDATE k SET v = 'y'").error);
        Watcher watcher({{"a", conninfo}, {"b", test::server(18).conninfo(b->facts().database)}});
        const auto alert = watcher.waitForAlert("subscription_conflicts", {}, 12'000, "sk");
        const std::string alerts = watcher.alerts();
        QVERIFY(!b->run("DROP SUBSCRIPTION sk").error);
        QVERIFY2(alert, alerts.c_str());
        QVERIFY(alert->figure.find("update_missing 1") != std::string::npos);
    }

    void readsSynchronousStandbyNames()
    {
        const auto names = [](const char *text) { return syncRequirement(text); };
        QVERIFY(!names("") && !names("  "));
        QCOMPARE(names("a, b")->wanted, 1);
        QCOMPARE(names("FIRST 2 (a, \"B c\", d)")->names.size(), 3U);
        QCOMPARE(names("FIRST 2 (a, \"B c\", d)")->wanted, 2);
        QVERIFY(names("ANY 1 (*)")->any);
        QCOMPARE(names("2 (s1, s2)")->wanted, 2);
        QCOMPARE(names("\"odd (name)\"")->names.front(), std::string("odd (name)"));
    }

private:
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> nodes() const
    {
        return {{"a", a_->conninfo()}, {"d", d_->conninfo()}};
    }
    std::unique_ptr<ReplicationServer> a_, d_;
};

QTEST_GUILESS_MAIN(TestLogical)
#include "tst_logical.moc"
