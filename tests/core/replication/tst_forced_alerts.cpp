// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <csignal>
#include <thread>

#include <QTest>
#include <libpq-fe.h>

#include "support/replication_servers.h"

using namespace howdah;
using namespace howdah::replication;
using test::ReplicationServer;
using test::Watcher;

namespace {

/// Writes small rows again and again until it goes.
class Writer
{
public:
    explicit Writer(const ReplicationServer &server, int pause_ms = 20)
        : thread_([connection = std::shared_ptr<pg::Connection>(server.open()), pause_ms, this] {
              while (!stop_) {
                  static_cast<void>(connection->run("INSERT INTO t (v) SELECT repeat('x', 500)"));
                  std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
              }
          })
    {
    }
    ~Writer()
    {
        stop_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

/// Lets a stopped process go on, whatever happens.
struct Stopped {
    explicit Stopped(int process) : pid(process) { kill(pid, SIGSTOP); }
    ~Stopped() { kill(pid, SIGCONT); }
    int pid;
};

bool has(const Overview &overview, const std::string &rule)
{
    return std::any_of(overview.alerts.begin(), overview.alerts.end(), [&rule](const Alert &alert) { return alert.rule == rule; });
}

} // namespace

/// Failures that take time on a server as it is set up usually: here with limits of seconds, so that each is really made
/// to happen, and the alert is awaited no longer than its rule, its limit and two ticks allow.
class TestForcedAlerts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        a_ = ReplicationServer::primary(15, {{"max_slot_wal_keep_size", "256MB"}, {"archive_mode", "on"}, {"archive_command", "true"},
                                             {"wal_receiver_timeout", "4s"}, {"wal_sender_timeout", "8s"}, {"wal_receiver_status_interval", "1s"}});
        a_->run("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)");
        b_ = ReplicationServer::standby(*a_, "b");
        QVERIFY(streams());
    }

    void cleanupTestCase()
    {
        b_.reset();
        a_.reset();
    }

    /// It usually lags by a fifth of a second's writes; paused, it lags by more and more.
    void replayLagOverThreeTimesItsBaselineAndRising()
    {
        // What it has to catch up with at first belongs to no baseline.
        QVERIFY(a_->waitFor("SELECT pg_current_wal_lsn() - replay_lsn < 4096 FROM pg_stat_replication WHERE application_name = 'b'"));
        b_->run("ALTER SYSTEM SET recovery_min_apply_delay = '200ms'");
        b_->run("SELECT pg_reload_conf()");
        Limits limits;
        QVERIFY(setLimit(limits, "lag_floor_bytes", 4096) && setLimit(limits, "lag_baseline_ms", 3000) && setLimit(limits, "lag_recent_ms", 5000));
        const Writer writer(*a_);
        Watcher watcher(nodes(), limits);
        const auto usual = watcher.looked(10);
        QVERIFY(usual);
        QVERIFY2(!has(*usual, "replay_lag"), watcher.alerts().c_str());
        b_->run("SELECT pg_wal_replay_pause()");
        const auto alert = watcher.waitForAlert("replay_lag", "a", 15'000, "b");
        qInfo("replay_lag after %.0f ms, %s, limit %s", watcher.lastWaitMs(), alert ? alert->figure.c_str() : "", alert ? alert->limit.c_str() : "");
        b_->run("SELECT pg_wal_replay_resume()");
        b_->run("ALTER SYSTEM RESET recovery_min_apply_delay");
        b_->run("SELECT pg_reload_conf()");
        QVERIFY2(alert, watcher.alerts().c_str());
        QVERIFY2(alert->limit.starts_with("3 × its usual"), alert->limit.c_str());
        QVERIFY(alert->figure.find("rising") != std::string::npos);
        // It catches up: no longer rising, no alert.
        QVERIFY(watcher.waitUntilGone("replay_lag", "a", 10'000));
    }

    /// The receiver stands still: both ends say so, each by its own limit.
    void stoppedReceiverIsSeenFromBothEnds()
    {
        Watcher watcher(nodes());
        const auto before = watcher.looked(2);
        QVERIFY(before && before->node("b")->receiver);
        const Stopped receiver(before->node("b")->receiver->pid);
        const auto below = watcher.waitForAlert("receiver_silent", "b", 5000);
        QVERIFY2(below, watcher.alerts().c_str());
        const double below_ms = watcher.lastWaitMs();
        const auto above = watcher.waitForAlert("sender_silent", "a", 5000, "b");
        QVERIFY2(above, watcher.alerts().c_str());
        qInfo("receiver_silent after %.0f ms (limit 2 s), sender_silent after %.0f ms (limit 4 s)", below_ms, below_ms + watcher.lastWaitMs());
        QVERIFY(below_ms > 1000 && below_ms < 5000 && below_ms + watcher.lastWaitMs() < 7000);
        QVERIFY(above->limit.find("half of wal_sender_timeout") != std::string::npos);
    }

    /// Nothing comes through, though both ends live: what a cut network looks like from below.
    void cutNetworkLooksLikeNoLag()
    {
        QVERIFY(streams());
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        const Stopped sender(std::stoi(a_->ask("SELECT pid FROM pg_stat_replication WHERE application_name = 'b'")));
        a_->run("INSERT INTO t (v) SELECT 'not sent'");
        const auto alert = watcher.waitForAlert("receiver_silent", "b", 5000);
        QVERIFY2(alert && alert->severity == Severity::Critical, watcher.alerts().c_str());
        qInfo("receiver_silent with a cut network after %.0f ms (limit 2 s)", watcher.lastWaitMs());
        const auto now = watcher.looked();
        const Node &b = *now->node("b");
        // Receive = replay: all that the standby knows of says that it lags by nothing.
        QCOMPARE(b.lsn, b.replay_lsn);
        QVERIFY(now->node("a")->lsn > b.lsn);
    }

    /// A receiver that does not take what it is sent stays at catchup.
    void senderThatDoesNotComeToStream()
    {
        QVERIFY(streams());
        const std::string from = a_->ask("SELECT pg_current_wal_lsn()");
        a_->run("INSERT INTO t (v) SELECT repeat(md5(g::text), 40) FROM generate_series(1, 30000) g");
        PGconn *receiver = PQconnectdb((a_->conninfo() + " replication=true application_name=slow").c_str());
        PGresult *begun = PQexec(receiver, ("START_REPLICATION PHYSICAL " + from).c_str());
        const auto status = PQresultStatus(begun);
        PQclear(begun);
        Limits limits;
        QVERIFY(setLimit(limits, "sender_settle_ms", 2000));
        Watcher watcher(nodes(), limits);
        const auto alert = watcher.waitForAlert("sender_not_streaming", "a", 6000, "slow");
        const double after_ms = watcher.lastWaitMs();
        const std::string alerts = watcher.alerts();
        // Under the usual limit of a minute nothing is said of it yet.
        Watcher usual(nodes());
        const auto now = usual.looked();
        PQfinish(receiver);
        QCOMPARE(status, PGRES_COPY_BOTH);
        QVERIFY2(alert, alerts.c_str());
        qInfo("sender_not_streaming after %.0f ms (limit 2 s; 60 s by default): %s", after_ms, alert->figure.c_str());
        QVERIFY2(alert->figure.starts_with("catchup"), alert->figure.c_str());
        QVERIFY(now && !has(*now, "sender_not_streaming"));
        QCOMPARE(Limits().sender_settle_ms, 60'000.0);
    }

    /// WAL grows by a few MB a second, 256 MB may be kept.
    void slotThatEndsBeforeLong()
    {
        a_->run("SELECT pg_create_physical_replication_slot('ends', true)");
        Limits limits;
        QVERIFY(setLimit(limits, "slot_end_measured_s", 3));
        Watcher watcher(nodes(), limits);
        std::atomic<bool> stop{false};
        std::thread load([&] {
            const auto writer = a_->open();
            while (!stop) {
                static_cast<void>(writer->run("INSERT INTO t (v) SELECT repeat(md5(g::text), 20) FROM generate_series(1, 500) g"));
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
            }
        });
        const auto alert = watcher.waitForAlert("slot_end", "a", 8000, "ends");
        const double after_ms = watcher.lastWaitMs();
        const auto now = watcher.looked();
        stop = true;
        load.join();
        a_->run("SELECT pg_drop_replication_slot('ends')");
        QVERIFY2(alert && alert->script, watcher.alerts().c_str());
        qInfo("slot_end after %.0f ms: %s", after_ms, alert->title.c_str());
        QVERIFY(alert->severity == Severity::Critical);
        const SlotForecast *forecast = now->forecast.slot("a", "ends");
        QVERIFY(forecast != nullptr && forecast->seconds);
        QCOMPARE(forecast->event, std::string("slot lost"));
        // What is left, by the rate: the figure is checked by hand.
        QVERIFY(std::abs(*forecast->seconds - static_cast<double>(forecast->room_bytes) / forecast->rate) < 1);
        QVERIFY(forecast->room_bytes <= now->node("a")->slot("ends")->safe_wal_bytes + 1);
        QVERIFY(watcher.waitUntilGone("slot_end", "a", 4000));
    }

    /// The command hangs: no failure tells of it, segments wait.
    void archiverThatDoesNotProgress()
    {
        Limits limits;
        QVERIFY(setLimit(limits, "archive_ready_warning", 2) && setLimit(limits, "archive_stalled_ms", 1000));
        a_->run("ALTER SYSTEM SET archive_command = 'sleep 30'");
        a_->run("SELECT pg_reload_conf()");
        Watcher watcher(nodes(), limits);
        QVERIFY(watcher.looked());
        for (int i = 0; i < 3; ++i)
            a_->run("INSERT INTO t (v) SELECT 'x'; SELECT pg_switch_wal()");
        const auto alert = watcher.waitForAlert("archiver_behind", "a", 9000);
        const double after_ms = watcher.lastWaitMs();
        a_->run("ALTER SYSTEM SET archive_command = 'true'");
        a_->run("SELECT pg_reload_conf()");
        QVERIFY2(alert, watcher.alerts().c_str());
        qInfo("archiver_behind after %.0f ms: %s", after_ms, alert->figure.c_str());
        QCOMPARE(a_->ask("SELECT failed_count FROM pg_stat_archiver"), std::string("0"));
    }

    /// In recovery, and nobody receives.
    void standbyWithoutReceiver()
    {
        QVERIFY(streams());
        Watcher watcher(nodes());
        QVERIFY(watcher.looked());
        const std::string before = b_->ask("SELECT current_setting('primary_conninfo')");
        b_->run("ALTER SYSTEM SET primary_conninfo = 'host=/nonexistent'");
        b_->run("SELECT pg_reload_conf()");
        const auto alert = watcher.waitForAlert("receiver_missing", "b", 6000);
        const double after_ms = watcher.lastWaitMs();
        QVERIFY(watcher.waitForAlert("standby_missing", "a", 3000, "b"));
        b_->run("ALTER SYSTEM RESET primary_conninfo");
        QVERIFY(!b_->open()->run("ALTER SYSTEM SET primary_conninfo = " + std::string("'") + QString::fromStdString(before).replace(QLatin1Char('\''), QStringLiteral("''")).toStdString() + "'").error);
        b_->run("SELECT pg_reload_conf()");
        QVERIFY2(alert && alert->severity == Severity::Critical, watcher.alerts().c_str());
        qInfo("receiver_missing after %.0f ms", after_ms);
        QVERIFY(watcher.waitUntilGone("receiver_missing", "b", 12'000));
    }

    /// Nobody looks: no connection asks anything, until somebody looks again.
    void samplingStopsWhenNobodyLooks()
    {
        Watcher watcher({{"a", a_->conninfo()}});
        QVERIFY(watcher.looked(2));
        // One connection a node: every other client here is a walsender or the one that asks.
        const std::string clients = " FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        QCOMPARE(a_->ask("SELECT count(*)" + clients), std::string("1"));
        watcher.monitor().stop();
        const std::string asked = "SELECT max(query_start)" + clients;
        QTest::qWait(300);
        const std::string last = a_->ask(asked);
        QVERIFY(!last.empty());
        const auto series = watcher.monitor().series("a");
        const std::size_t points = series->window("node.wal_bytes", 0, std::numeric_limits<series::TimeMs>::max() / 2, 100'000).size();
        QTest::qWait(3200);
        QCOMPARE(a_->ask(asked), last);
        QCOMPARE(series->window("node.wal_bytes", 0, std::numeric_limits<series::TimeMs>::max() / 2, 100'000).size(), points);
        QVERIFY(!watcher.monitor().isStarted());
    }

    /// A day in stretches of ten seconds, the last hour as measured, whatever the tick: what the charts can show.
    void seriesHoldADay()
    {
        Watcher watcher({{"a", a_->conninfo()}});
        QVERIFY(watcher.looked());
        watcher.monitor().stop();
        const auto series = watcher.monitor().series("a");
        constexpr series::TimeMs second = 1000, day = 24 * 3600 * second;
        const series::TimeMs now = 2'000'000'000'000;
        for (series::TimeMs t = now - day - 3600 * second; t <= now; t += 2 * second)
            series->add("senders.replay_bytes[x]", t, static_cast<double>(t % 97));
        const auto all = series->window("senders.replay_bytes[x]", now - day, now, 600);
        QVERIFY(all.size() > 300 && all.size() <= 700);
        QVERIFY(all.front().time_ms <= now - day + 60 * second && all.back().time_ms >= now - 10 * second);
        const auto ten_minutes = series->window("senders.replay_bytes[x]", now - 600 * second, now, 600);
        QVERIFY(ten_minutes.size() >= 300);
    }

private:
    bool streams()
    {
        return a_->waitFor("SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'b' AND state = 'streaming' AND now() - reply_time < '2s'");
    }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> nodes() const
    {
        return {{"a", a_->conninfo()}, {"b", b_->conninfo()}};
    }
    std::unique_ptr<ReplicationServer> a_, b_;
};

QTEST_GUILESS_MAIN(TestForcedAlerts)
#include "tst_forced_alerts.moc"
