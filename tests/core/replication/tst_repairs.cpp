// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <fstream>

#include <QTest>

#include "core/base/subprocess.h"
#include "core/migration/change_script.h"
#include "core/replication/canary_run.h"
#include "core/replication/failing_transaction.h"
#include "core/replication/setup.h"
#include "support/replication_servers.h"

using namespace howdah;
using namespace howdah::replication;
using test::ReplicationServer;
using test::Watcher;

namespace {

namespace fs = std::filesystem;

const SetupStep *stepOf(const SetupOutcome &outcome, const std::string &id)
{
    for (const SetupStep &step : outcome.steps) {
        if (step.id == id)
            return &step;
    }
    return nullptr;
}

const char *wordsOf(const std::optional<Error> &error)
{
    static std::string words;
    words = error ? error->text() + "\n" + error->detail : std::string();
    return words.c_str();
}

/// A publisher and a subscriber whose next transaction but one cannot be applied: a row is in the way.
struct FailingPair {
    explicit FailingPair(int major) : a(ReplicationServer::primary(major)),
          d(ReplicationServer::primary(major, {{"logging_collector", "on"}, {"log_directory", "log"}}, true))
    {
        const char *const schema = "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE not_published (v text)";
        a->run(schema);
        d->run(schema);
        a->run("CREATE PUBLICATION p FOR TABLE t");
        d->run("CREATE SUBSCRIPTION s CONNECTION '" + a->conninfo() + "' PUBLICATION p");
        ready = d->waitFor("SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel");
        a->run("INSERT INTO t VALUES (1, 'good')");
        ready = ready && d->waitFor("SELECT count(*) = 1 FROM t");
        d->run("INSERT INTO t VALUES (5, 'in the way')");
        a->run("INSERT INTO not_published VALUES ('nothing of it is sent')");
        a->run("BEGIN; INSERT INTO t VALUES (4, 'with it'); INSERT INTO t VALUES (5, 'bad'); UPDATE t SET v = 'other' WHERE id = 1; COMMIT");
        a->run("INSERT INTO t VALUES (6, 'behind it')");
    }
    std::unique_ptr<ReplicationServer> a, d;
    bool ready = false;
};

} // namespace

/// What mends a replication and what proves it, on servers that are really broken.
class TestRepairs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// 15: the alert has the script by itself, from the server log; the publisher's slot names the same transaction.
    void skipsFoundInTheLogAndInTheSlot()
    {
        const FailingPair pair(15);
        QVERIFY(pair.ready);
        Watcher watcher({{"a", pair.a->conninfo()}, {"d", pair.d->conninfo()}});
        std::optional<Alert> alert;
        watcher.waitFor([&](const Overview &overview) {
            for (const Alert &one : overview.alerts) {
                if (one.rule == "subscription_errors" && one.script)
                    alert = one;
            }
            return alert.has_value();
        }, 14'000);
        QVERIFY2(alert, watcher.alerts().c_str());
        qInfo("subscription_errors with its SKIP after %.0f ms", watcher.lastWaitMs());
        const auto a = pair.a->open(), d = pair.d->open();
        const auto from_slot = findFailingTransaction(*d, a.get(), "");
        QVERIFY2(from_slot, from_slot ? "" : from_slot.error().text().c_str());
        QCOMPARE(from_slot->source, std::string("publisher's slot"));
        const auto from_log = findFailingTransaction(*d, nullptr, "s");
        QVERIFY2(from_log, from_log ? "" : from_log.error().text().c_str());
        QCOMPARE(lsnText(from_log->finish_lsn), lsnText(from_slot->finish_lsn));
        QVERIFY(from_slot->xid > 0);
        const std::vector<std::string> changes{"INSERT into public.t: 2", "UPDATE of public.t: 1"};
        auto seen = from_slot->changes;
        std::sort(seen.begin(), seen.end());
        QVERIFY2(seen == changes, seen.empty() ? "" : seen.front().c_str());
        QCOMPARE(alert->script->steps.front().sql, from_slot->script.steps.front().sql);
        // The slot that was looked through is gone again, the subscription's own stands where it stood.
        QCOMPARE(pair.a->ask("SELECT string_agg(slot_name, ',') FROM pg_replication_slots"), std::string("s"));
        const auto ran = migration::runChangeScript(*d, *alert->script);
        QVERIFY2(ran.done(), wordsOf(ran.error));
        QVERIFY(pair.d->waitFor("SELECT count(*) = 1 FROM t WHERE id = 6", 15'000));
        QCOMPARE(pair.d->ask("SELECT string_agg(id || v, ',' ORDER BY id) FROM t"), std::string("1good,5in the way,6behind it"));
        // What goes on has nothing to skip.
        pair.d->run("ALTER SUBSCRIPTION s DISABLE");
        pair.d->run("ALTER SUBSCRIPTION s ENABLE");
        QVERIFY(!findFailingTransaction(*d, a.get(), ""));
    }

    /// 13: there is no SKIP and the log does not tell; the slot does. By the origin, then by the slot.
    void skipsBefore15()
    {
        const FailingPair pair(13);
        QVERIFY(pair.ready);
        QTest::qWait(300);
        const auto a = pair.a->open(), d = pair.d->open();
        QVERIFY(!findFailingTransaction(*d, nullptr, ""));
        const auto found = findFailingTransaction(*d, a.get(), "");
        QVERIFY2(found, found ? "" : found.error().text().c_str());
        QVERIFY(found->alternative && found->alternative->danger);
        auto ran = migration::runChangeScript(*d, found->script);
        QVERIFY2(ran.done(), wordsOf(ran.error));
        QVERIFY(pair.d->waitFor("SELECT count(*) = 1 FROM t WHERE id = 6", 15'000));
        QCOMPARE(pair.d->ask("SELECT string_agg(id || v, ',' ORDER BY id) FROM t"), std::string("1good,5in the way,6behind it"));
        // Again, and now on the publisher.
        pair.d->run("INSERT INTO t VALUES (7, 'in the way')");
        pair.a->run("INSERT INTO t VALUES (7, 'bad')");
        pair.a->run("INSERT INTO t VALUES (8, 'behind it')");
        QTest::qWait(1000);
        const auto again = findFailingTransaction(*d, a.get(), "");
        QVERIFY2(again && again->finish_lsn > found->finish_lsn, again ? "" : again.error().text().c_str());
        pair.d->run("ALTER SUBSCRIPTION s DISABLE");
        // A worker that was about to begin again takes the slot once more before it sees that it is not wanted.
        QVERIFY(pair.d->waitFor("SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'logical replication worker'"));
        QVERIFY(pair.a->waitFor("SELECT NOT active FROM pg_replication_slots"));
        ran = migration::runChangeScript(*a, *again->alternative);
        QVERIFY2(ran.done(), wordsOf(ran.error));
        pair.d->run("ALTER SUBSCRIPTION s ENABLE");
        QVERIFY(pair.d->waitFor("SELECT count(*) = 1 FROM t WHERE id = 8", 15'000));
        QCOMPARE(pair.d->ask("SELECT v FROM t WHERE id = 7"), std::string("in the way"));
    }

    /// Over streaming, over a cascade, and over logical replication; nothing stays behind.
    void canaryOnEveryEdge()
    {
        const auto a = ReplicationServer::primary(15, {}, true), d = ReplicationServer::primary(15);
        const auto b = ReplicationServer::standby(*a, "b"), c = ReplicationServer::standby(*b, "c");
        a->run("CREATE TABLE t (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE t");
        d->run("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)");
        d->run("CREATE SUBSCRIPTION s CONNECTION '" + a->conninfo() + "' PUBLICATION p");
        QVERIFY(d->waitFor("SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"));
        const auto send = [&](ReplicationServer &from, ReplicationServer &to) {
            const auto up = from.open(), down = to.open();
            const auto plan = completed(*up, *down, CanaryPlan{});
            SetupOutcome outcome;
            if (plan)
                return sendCanary(*up, *down, *plan);
            outcome.error = plan.error();
            return outcome;
        };
        for (ReplicationServer *to : {b.get(), c.get(), d.get()}) {
            const SetupOutcome outcome = send(*a, *to);
            QVERIFY2(outcome.proven && !outcome.error, wordsOf(outcome.error));
            qInfo("%s", outcome.proof.c_str());
            QVERIFY(stepOf(outcome, "canary_read")->state == migration::StepState::Done);
        }
        const char *const left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah_canary%'";
        QCOMPARE(a->ask(left), std::string("0"));
        QCOMPARE(d->ask(left), std::string("0"));
        QCOMPARE(d->ask("SELECT string_agg(srrelid::regclass::text, ',') FROM pg_subscription_rel"), std::string("t"));
        // A standby takes no canary; one that does not replay does not show it; one of another cluster is none of this.
        QVERIFY(send(*b, *c).error);
        b->run("SELECT pg_wal_replay_pause()");
        {
            const auto up = a->open(), down = b->open();
            CanaryPlan impatient;
            impatient.patience_s = 0.5;
            const auto plan = completed(*up, *down, impatient);
            const SetupOutcome outcome = sendCanary(*up, *down, *plan);
            QVERIFY(!outcome.proven && outcome.error && outcome.proof.empty());
            QVERIFY(stepOf(outcome, "canary_remove")->state == migration::StepState::Done);
        }
        b->run("SELECT pg_wal_replay_resume()");
        QVERIFY(send(*d, *b).error);
        // What is published and not taken over yet must not be taken over by the way.
        a->run("CREATE TABLE u (id int PRIMARY KEY); ALTER PUBLICATION p ADD TABLE u");
        const SetupOutcome refused = send(*a, *d);
        QVERIFY(refused.error && refused.error->message.find("public.u") != std::string::npos);
    }

    /// Its slot is lost: copied again in its place, its own settings kept, the old directory aside until the proof.
    void rebuildsALostStandby()
    {
        const auto a = ReplicationServer::primary(15, {{"max_slot_wal_keep_size", "32MB"}, {"wal_log_hints", "on"}});
        a->run("CREATE TABLE t (id int PRIMARY KEY)");
        const fs::path folder = a->data().parent_path() / "lost", target = folder / "data";
        fs::create_directories(folder);
        QVERIFY(giveToServiceAccount(folder).has_value());
        const auto primary = a->open();
        StreamingPlan plan;
        plan.primary_conninfo = a->conninfo();
        plan.target = target;
        plan.slot = "lost";
        const auto made = completed(*primary, plan);
        QVERIFY(made && setUpStreaming(*primary, *made).proven);
        const int port = made->port;
        const auto control = [&](const std::vector<std::string> &arguments) {
            Command command{a->cluster().installation().bin / "pg_ctl", {"-D", target.string(), "-w"}, {}, serviceAccount(), {}};
            command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
            command.output = "/dev/null";
            const auto outcome = runCommand(command);
            return outcome && outcome->exit_code == 0;
        };
        std::ofstream(target / "postgresql.auto.conf", std::ios::app) << "work_mem = '7MB'\nwal_keep_size = '320MB'\n"; // the WAL from before a promotion is what pg_rewind needs
        StreamingPlan again;
        again.primary_conninfo = a->conninfo();
        again.target = target;
        again.rebuild = true;
        // One that streams is not lost.
        auto wanted = completed(*primary, again);
        QVERIFY(wanted && wanted->slot == "lost" && wanted->port == port && wanted->method == "copy");
        QVERIFY(!setUpStreaming(*primary, *wanted).proven);
        QVERIFY(fs::exists(target / "standby.signal") && !fs::exists(wanted->aside));
        // And what the primary lives in is nobody's standby.
        StreamingPlan mistaken = again;
        mistaken.target = a->data();
        mistaken.slot = "none";
        const auto own = completed(*primary, mistaken);
        QVERIFY(own);
        const SetupOutcome refused = setUpStreaming(*primary, *own);
        QVERIFY(!refused.proven && refused.error && refused.error->detail.find("the primary's own data directory") != std::string::npos);
        QCOMPARE(a->ask("SELECT 1"), std::string("1"));
        QVERIFY(control({"stop"}));
        for (int i = 0; i < 5; ++i)
            a->run("INSERT INTO t SELECT COALESCE(max(id), 0) + 1 FROM t; SELECT pg_switch_wal()");
        a->run("CHECKPOINT");
        QCOMPARE(a->ask("SELECT wal_status FROM pg_replication_slots"), std::string("lost"));
        wanted = completed(*primary, again);
        std::size_t progress_calls = 0;
        double greatest = 0;
        const SetupOutcome outcome = setUpStreaming(*primary, *wanted, [&](std::size_t, const SetupStep &step) {
            ++progress_calls;
            if (step.id == "base_backup" && step.state == migration::StepState::Running)
                greatest = std::max(greatest, step.fraction);
        });
        QVERIFY2(outcome.proven, wordsOf(outcome.error));
        QVERIFY(progress_calls > 10);
        QCOMPARE(a->ask("SELECT wal_status || active FROM pg_replication_slots"), std::string("reservedtrue"));
        QVERIFY(fs::exists(wanted->aside / "PG_VERSION"));
        QVERIFY(outcome.proof.find(wanted->aside.string()) != std::string::npos);
        pg::ConnectionSpec spec;
        spec.conninfo = outcome.standby_conninfo;
        {
            const auto standby = pg::Connection::open(spec);
            QVERIFY(standby);
            const auto kept = (*standby)->query("SELECT current_setting('work_mem') || ' ' || current_setting('port') || ' ' || (SELECT count(*) FROM t)");
            QCOMPARE(std::string(kept->result->cell(0, 0).text), "7MB " + std::to_string(port) + " 5");
            // Promoted, it takes writes of its own: now it can be rewound.
            QVERIFY(!(*standby)->run("SELECT pg_promote()").error);
            QVERIFY(!(*standby)->run("CREATE TABLE own (v text); CHECKPOINT").error);
        }
        a->run("INSERT INTO t VALUES (100)");
        fs::remove_all(wanted->aside);
        again.remove_old = true;
        wanted = completed(*primary, again);
        QVERIFY(wanted);
        QCOMPARE(wanted->method, std::string("rewind"));
        const SetupOutcome rewound = setUpStreaming(*primary, *wanted);
        QVERIFY2(rewound.proven, wordsOf(rewound.error));
        QVERIFY(stepOf(rewound, "rewind")->state == migration::StepState::Done && stepOf(rewound, "base_backup") == nullptr);
        QVERIFY(!fs::exists(wanted->aside));
        {
            const auto standby = pg::Connection::open(spec);
            QVERIFY(standby);
            const auto kept = (*standby)->query("SELECT current_setting('work_mem') || ' ' || pg_is_in_recovery() || ' ' || (SELECT count(*) FROM t) || ' ' || (to_regclass('own') IS NULL)");
            QCOMPARE(std::string(kept->result->cell(0, 0).text), std::string("7MB true 6 true"));
        }
        QVERIFY(control({"-m", "immediate", "stop"}));
        // What cannot come to be is taken back: the copy is refused, the old directory is in its place again.
        QVERIFY(a->waitFor("SELECT NOT active FROM pg_replication_slots"));
        again.bin = folder / "none";
        again.remove_old = false;
        wanted = completed(*primary, again);
        wanted->bin = a->cluster().installation().bin;
        wanted->old = {};
        QVERIFY(!setUpStreaming(*primary, *wanted).proven);
        wanted->old.is_cluster = true;
        wanted->old.major = 15;
        wanted->old.system_identifier = a->ask("SELECT system_identifier FROM pg_control_system()");
        wanted->slot = "lost";
        wanted->method = "copy";
        wanted->password = "unused";
        wanted->primary_conninfo = "host=/nonexistent port=1 user=nobody";
        const SetupOutcome failed = setUpStreaming(*primary, *wanted);
        QVERIFY(!failed.proven && failed.error);
        QVERIFY2(failed.error->detail.find("in its place again") != std::string::npos, failed.error->detail.c_str());
        QVERIFY(fs::exists(target / "standby.signal") && !fs::exists(wanted->aside));
        // On another host: the exact commands, the old directory aside first.
        StreamingPlan away;
        away.primary_conninfo = a->conninfo();
        away.rebuild = true;
        away.slot = "lost";
        const auto commands = completed(*primary, away);
        QVERIFY(commands);
        std::string text;
        for (const SetupStep &step : streamingSteps(*primary, *commands))
            text += step.id + ": " + step.text + "\n";
        QVERIFY2(text.find("keep_old: mv DATA_DIRECTORY DATA_DIRECTORY.old\nbase_backup: pg_basebackup -D DATA_DIRECTORY -R -C -S lost") != std::string::npos, text.c_str());
    }

};

QTEST_GUILESS_MAIN(TestRepairs)
#include "tst_repairs.moc"
