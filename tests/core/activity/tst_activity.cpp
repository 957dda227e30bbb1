// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include <QtTest>

#include <nlohmann/json.hpp>

#include "core/activity/activity.h"
#include "core/activity/backend_details.h"
#include "core/activity/end_backend.h"
#include "core/activity/monitor.h"
#include "core/activity/probes.h"
#include "core/activity/reader.h"
#include "core/activity/to_json.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::activity;

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

namespace {

std::unique_ptr<pg::Connection> openOn(const std::string &conninfo, const char *application = "test")
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    spec.application_name = application;
    auto opened = pg::Connection::open(spec);
    if (!opened)
        qFatal("%s", opened.error().text().c_str());
    return std::move(*opened);
}

/// A statement that goes on in the background until it ends or is cancelled.
class Running
{
public:
    Running(pg::Connection &connection, std::string sql) : connection_(connection)
    {
        thread_ = std::thread([this, text = std::move(sql)] {
            pg::RunOptions options;
            outcome = connection_.run(text, options);
            ended = true;
        });
    }
    ~Running()
    {
        while (!ended) {
            connection_.canceller().cancel();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        thread_.join();
    }
    std::atomic<bool> ended{false};
    pg::RunOutcome outcome;

private:
    pg::Connection &connection_;
    std::thread thread_;
};

/// A server of its own, for settings that take a restart.
std::unique_ptr<cluster::LocalCluster> serverWith(std::map<std::string, std::string> settings)
{
    static QTemporaryDir folder;
    static int count = 0;
    const std::filesystem::path below = folder.path().toStdString();
    std::filesystem::permissions(below, std::filesystem::perms::others_exec | std::filesystem::perms::group_exec,
                                 std::filesystem::perm_options::add);
    cluster::ClusterOptions options;
    options.folder = below / std::to_string(++count);
    options.durable = false;
    options.settings = std::move(settings);
    const auto installation = cluster::findInstallation(15);
    auto started = installation ? cluster::LocalCluster::start(*installation, options)
                                : fail(ErrorKind::Unsupported, "PostgreSQL 15 is not installed");
    if (!started)
        qFatal("%s", started.error().text().c_str());
    return std::move(*started);
}

/// A page's view of a server, looked at by hand.
class Looker
{
public:
    explicit Looker(const std::string &conninfo) : connection(openOn(conninfo)), round(probes(), store), reader(store) {}
    std::shared_ptr<const Activity> look()
    {
        auto sample = round.run(*connection);
        if (!sample)
            qFatal("%s", sample.error().text().c_str());
        return reader.read(**sample);
    }
    /// Looks until it holds, or 10 s.
    template <typename Condition> std::shared_ptr<const Activity> until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        for (;;) {
            auto now = look();
            if (condition(*now))
                return now;
            if (std::chrono::steady_clock::now() > end)
                return nullptr;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }
    std::shared_ptr<series::SeriesStore> store = std::make_shared<series::SeriesStore>();
    std::unique_ptr<pg::Connection> connection;
    series::ProbeRound round;
    Reader reader;
};

Backend waiter(int pid, std::vector<int> blockers, double wait_ms = 10)
{
    Backend backend;
    backend.pid = pid;
    backend.blocked_by = std::move(blockers);
    backend.wait_event_type = backend.blocked_by.empty() ? "" : "Lock";
    backend.wait_ms = wait_ms;
    return backend;
}

std::vector<std::string> drawn(const std::vector<BlockingNode> &tree)
{
    std::vector<std::string> lines;
    for (const BlockingNode &node : tree) {
        std::string line = std::string(static_cast<std::size_t>(node.depth), '-') + std::to_string(node.pid) + " holds " +
                           std::to_string(node.waiting_below);
        for (const int also : node.also_blocked_by)
            line += " also " + std::to_string(also);
        lines.push_back(line + (node.in_cycle ? " cycle" : "") + (node.is_last ? " last" : ""));
    }
    return lines;
}

int pidOf(const pg::Connection &connection)
{
    return connection.facts().backend_pid;
}

} // namespace

class TestActivity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void treeOfChainsForksAndCircles()
    {
        using Lines = std::vector<std::string>;
        QCOMPARE(drawn(blockingTree({waiter(1, {})})), Lines());
        // 3 queues behind 2, which waits for 1; it waits for both.
        QCOMPARE(drawn(blockingTree({waiter(1, {}), waiter(2, {1}), waiter(3, {1, 2}), waiter(4, {9})})),
                 (Lines{"1 holds 2", "-2 holds 1 last", "--3 holds 0 also 1 last", "9 holds 1 last", "-4 holds 0 last"}));
        // The longest waiting first; a prepared transaction is 0.
        QCOMPARE(drawn(blockingTree({waiter(2, {0}, 5), waiter(3, {0}, 50)})), (Lines{"0 holds 2 last", "-3 holds 0", "-2 holds 0 last"}));
        // A deadlock that has not been found yet is a tree all the same, and everybody stands in it once.
        const auto circle = blockingTree({waiter(1, {2}), waiter(2, {1}), waiter(3, {1})});
        QCOMPARE(circle.size(), 3U);
        QCOMPARE(std::count_if(circle.begin(), circle.end(), [](const BlockingNode &node) { return node.in_cycle; }), 2);
        // Two hundred that wait for each other in turn, each for all before it: no blow-up.
        std::vector<Backend> queue{waiter(1, {})};
        for (int pid = 2; pid <= 200; ++pid) {
            std::vector<int> all;
            for (int before = 1; before < pid; ++before)
                all.push_back(before);
            queue.push_back(waiter(pid, all));
        }
        const auto deep = blockingTree(queue);
        QCOMPARE(deep.size(), 200U);
        QCOMPARE(deep.back().depth, 199);
        QCOMPARE(rootOf(deep, 150), 0);
    }

    void readsAServerOfEveryVersion()
    {
        for (const int major : test::majors()) {
            Looker looker(test::freshDatabase(major));
            static_cast<void>(looker.look());
            QTest::qWait(300);
            const auto now = looker.look();
            QVERIFY2(now->notes.empty(), now->notes.empty() ? "" : now->notes.front().c_str());
            const Backend *own = now->find(pidOf(*looker.connection));
            QVERIFY(own);
            QVERIFY(own->is_own);
            QCOMPARE(own->state, std::string("active"));
            QVERIFY(own->isClient());
            QVERIFY(own->is_superuser);
            QCOMPARE(own->application, std::string("test"));
            QCOMPARE(own->client, std::string("local"));
            QVERIFY(std::any_of(now->backends.begin(), now->backends.end(), [](const Backend &b) { return b.backend_type == "checkpointer"; }));
            QVERIFY(now->figures.max_connections > 0);
            QVERIFY(now->figures.clients >= 1);
            QVERIFY(now->figures.database_bytes > 1'000'000);
            QVERIFY(std::isfinite(now->figures.commits));
            QVERIFY(std::isfinite(now->figures.wal_bytes));
            QVERIFY(std::isfinite(now->figures.checkpoints_timed));
            QVERIFY(now->sees_everything);
        }
    }

    void countsWhatIsDone()
    {
        const std::string conninfo = test::freshDatabase();
        Looker looker(conninfo);
        const auto worker = openOn(conninfo);
        QVERIFY(worker->query("CREATE TABLE t (id int, x text)"));
        static_cast<void>(looker.look());
        QVERIFY(worker->query("INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1, 20000) g"));
        QVERIFY(worker->query("SELECT pg_stat_clear_snapshot()"));
        // Backends report at most once a second; 15 does so at the next idle moment after that.
        QTest::qWait(1100);
        QVERIFY(worker->query("SELECT 1"));
        QTest::qWait(50);
        const auto now = looker.until([](const Activity &a) { return a.figures.tuples_inserted > 0; });
        QVERIFY(now);
        QVERIFY2(now->figures.tuples_inserted > 5'000, std::to_string(now->figures.tuples_inserted).c_str());
        const auto wal = looker.store->window("figures.wal_bytes", 0, INT64_MAX, 100);
        QVERIFY(std::any_of(wal.begin(), wal.end(), [](const series::Point &point) { return point.value > 100'000; }));
    }

    void blockingChainOfThreeLevels()
    {
        for (const int major : test::majors()) {
            const std::string conninfo = test::freshDatabase(major);
            Looker looker(conninfo);
            const auto root = openOn(conninfo, "root");
            const auto middle = openOn(conninfo, "middle");
            const auto leaf = openOn(conninfo, "leaf");
            QVERIFY(!root->run("CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)").error);
            QVERIFY(!root->run("BEGIN; UPDATE a SET id = 2").error);
            static_cast<void>(looker.look());
            Running middle_runs(*middle, "BEGIN; UPDATE b SET id = 2; UPDATE a SET id = 3");
            QVERIFY(looker.until([](const Activity &a) { return a.waiters() == 1; }));
            Running leaf_runs(*leaf, "UPDATE b SET id = 4");
            const auto now = looker.until([](const Activity &a) { return a.blocking.size() == 3 && a.figures.waiting == 2; });
            QVERIFY(now);
            QCOMPARE(now->blocking[0].pid, pidOf(*root));
            QCOMPARE(now->blocking[0].waiting_below, 2);
            QCOMPARE(now->blocking[1].pid, pidOf(*middle));
            QCOMPARE(now->blocking[2].pid, pidOf(*leaf));
            QCOMPARE(now->blocking[2].depth, 2);
            QCOMPARE(rootBlockers(*now), std::vector<int>{pidOf(*root)});
            const Backend *idle = now->find(pidOf(*root));
            QVERIFY(idle && idle->isIdleInTransaction());
            QVERIFY(idle->transaction_age_ms > 0);
            QVERIFY(idle->xid_age >= 0);
            const Backend *waits = now->find(pidOf(*middle));
            QVERIFY(waits->isWaitingForLock());
            QVERIFY(waits->wait_ms >= 0 && waits->wait_ms < 20'000);
            QVERIFY(now->figures.idle_in_transaction >= 1);

            const auto details = readBackendDetails(*looker.connection, pidOf(*middle));
            VERIFY_DONE(details);
            QCOMPARE(details->query, std::string("UPDATE a SET id = 3"));
            QVERIFY(!details->locks.empty());
            QVERIFY(!details->locks.front().granted);
            QVERIFY(std::any_of(details->locks.begin(), details->locks.end(),
                                [](const HeldLock &lock) { return lock.object == "b" && lock.mode == "ROW EXCLUSIVE" && lock.granted; }));
            QCOMPARE(details->locks.front().waited_ms >= 0, major >= 14);

            // Ending the root lets the middle one go on, and then the leaf.
            const auto script = endScript(*now, rootBlockers(*now), Ending::Terminate);
            QCOMPARE(script.steps.size(), 1U);
            QVERIFY2(script.steps[0].note.find("is rolled back with everything it has written") != std::string::npos, script.steps[0].note.c_str());
            QVERIFY(script.steps[0].note.find("2 waiters are held up by it") != std::string::npos);
            const auto changer = openOn(conninfo);
            const auto outcome = migration::runChangeScript(*changer, script);
            QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
            QVERIFY(looker.until([&](const Activity &a) { return a.find(pidOf(*root)) == nullptr && a.waiters() <= 1; }));
            // The same script again finds nobody, and says so instead of hitting whoever has the pid by then.
            const auto again = migration::runChangeScript(*changer, script);
            QVERIFY(again.error);
        }
    }

    void preparedTransactionIsARoot()
    {
        const auto server = serverWith({{"max_prepared_transactions", "5"}});
        QVERIFY(server);
        const std::string conninfo = server->conninfo();
        Looker looker(conninfo);
        const auto holder = openOn(conninfo);
        const auto waits = openOn(conninfo);
        QVERIFY(!holder->run("CREATE TABLE a (id int); BEGIN; LOCK a; PREPARE TRANSACTION 'left behind'").error);
        Running runs(*waits, "SELECT * FROM a");
        const auto now = looker.until([](const Activity &a) { return a.blocking.size() == 2 && !a.prepared.empty(); });
        QVERIFY(now);
        QCOMPARE(now->blocking[0].pid, 0);
        QCOMPARE(now->blocking[1].pid, pidOf(*waits));
        QVERIFY(rootBlockers(*now).empty()); // nobody to terminate
        QCOMPARE(now->prepared[0].gid, std::string("left behind"));
        QVERIFY(now->prepared[0].age_ms > 0);
        QVERIFY(holder->query("ROLLBACK PREPARED 'left behind'"));
        QTRY_VERIFY(runs.ended);
        QVERIFY(!runs.outcome.error);
    }

    void tellsWhatEndingDoes()
    {
        Activity activity;
        auto facts = std::make_shared<pg::ServerFacts>();
        facts->version_num = 160000;
        facts->is_superuser = true;
        activity.server = facts;
        const auto add = [&activity](int pid, const char *type, const char *state) -> Backend & {
            Backend backend;
            backend.pid = pid;
            backend.started = "2026-01-01 00:00:0" + std::to_string(pid % 10);
            backend.user = "ann";
            backend.database = "shop";
            backend.backend_type = type;
            backend.state = state;
            activity.backends.push_back(backend);
            return activity.backends.back();
        };
        activity.backends.reserve(20);
        const auto says = [&activity](int pid, Ending ending, const char *words) {
            const std::string text = consequence(activity, *activity.find(pid), ending);
            if (text.find(words) != std::string::npos)
                return true;
            qWarning("\"%s\" is not in: %s", words, text.c_str());
            return false;
        };
        add(1, "client backend", "idle");
        QVERIFY(says(1, Ending::Terminate, "nothing is rolled back"));
        QCOMPARE(refusal(activity, *activity.find(1), Ending::Cancel), std::string("It runs nothing."));
        Backend &writer = add(2, "client backend", "idle in transaction");
        writer.transaction_age_ms = 190'000;
        writer.xid_age = 3;
        QVERIFY(says(2, Ending::Terminate, "open for 3 min 10 s, is rolled back"));
        QVERIFY(says(2, Ending::Cancel, "a cancel does nothing"));
        Backend &reader = add(3, "client backend", "active");
        reader.transaction_age_ms = reader.query_age_ms = 5000;
        QVERIFY(says(3, Ending::Terminate, "has written nothing"));
        QVERIFY(says(3, Ending::Cancel, "ends with an error; the session stays"));
        add(4, "autovacuum worker", "active").query = "autovacuum: VACUUM public.t (to prevent wraparound)";
        QVERIFY(says(4, Ending::Cancel, "wraparound"));
        add(5, "autovacuum worker", "active").query = "autovacuum: VACUUM public.t";
        QVERIFY(says(5, Ending::Cancel, "comes again with the next round"));
        add(6, "walsender", "active");
        QVERIFY(says(6, Ending::Terminate, "WAL sender"));
        Backend &worker = add(7, "parallel worker", "active");
        worker.leader_pid = 3;
        QVERIFY(says(7, Ending::Cancel, "parallel worker of 3"));
        add(8, "client backend", "active").is_own = true;
        QVERIFY(!refusal(activity, *activity.find(8), Ending::Terminate).empty());
        add(9, "client backend", "active").is_superuser = true;
        QVERIFY(says(9, Ending::Terminate, "only a superuser"));
        QCOMPARE(refusal(activity, *activity.find(9), Ending::Terminate), std::string());
        facts->is_superuser = false;
        QVERIFY(!refusal(activity, *activity.find(9), Ending::Terminate).empty());
        add(10, "checkpointer", "");
        QVERIFY(!refusal(activity, *activity.find(10), Ending::Terminate).empty());

        // Several at once: refused ones are left out, and a worker with its leader is one step.
        const auto script = endScript(activity, {3, 7, 8, 10, 2, 99}, Ending::Terminate);
        QCOMPARE(script.title, std::string("Terminate 2 sessions"));
        QCOMPARE(script.steps.size(), 2U);
        QCOMPARE(script.steps[0].sql, std::string("SELECT pg_terminate_backend(3, 5000)"));
        QVERIFY(script.steps[0].check_before.find("backend_start = '2026-01-01 00:00:03'") != std::string::npos);
        facts->version_num = 130000;
        QCOMPARE(endScript(activity, {3}, Ending::Terminate).steps[0].sql, std::string("SELECT pg_terminate_backend(3)"));
        QCOMPARE(endScript(activity, {3}, Ending::Cancel).steps[0].sql, std::string("SELECT pg_cancel_backend(3)"));
    }

    void cancelEndsTheStatementOnly()
    {
        const std::string conninfo = test::freshDatabase();
        Looker looker(conninfo);
        const auto sleeper = openOn(conninfo);
        Running runs(*sleeper, "SELECT pg_sleep(60)");
        const auto now = looker.until([&](const Activity &a) {
            const Backend *backend = a.find(pidOf(*sleeper));
            return backend != nullptr && backend->query == "SELECT pg_sleep(60)" && backend->state == "active";
        });
        QVERIFY(now);
        QCOMPARE(now->find(pidOf(*sleeper))->wait_event, std::string("PgSleep"));
        const auto changer = openOn(conninfo);
        QVERIFY(migration::runChangeScript(*changer, endScript(*now, {pidOf(*sleeper)}, Ending::Cancel)).done());
        QTRY_VERIFY(runs.ended);
        QCOMPARE(runs.outcome.error->sqlstate, std::string("57014"));
        QVERIFY(sleeper->alive());
    }

    void progressOfIndexBuildAndVacuum()
    {
        for (const int major : test::majors()) {
            const std::string conninfo = test::freshDatabase(major);
            Looker looker(conninfo);
            const auto worker = openOn(conninfo);
            // An expression that takes its time keeps the build in sight.
            QVERIFY(!worker->run("CREATE TABLE t AS SELECT g AS id, repeat('x', 400) AS x FROM generate_series(1, 3000) g;"
                                 "CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(0.001); RETURN $1; END';"
                                 "ALTER TABLE t SET (autovacuum_enabled = off); DELETE FROM t WHERE id % 3 = 0").error);
            {
                Running builds(*worker, "CREATE INDEX slow_index ON t (slow(id))");
                const auto now = looker.until([](const Activity &a) {
                    return !a.progress.empty() && a.progress[0].per_second > 0.0 && a.progress[0].total > 0 && a.progress[0].seconds_left.has_value();
                });
                QVERIFY(now);
                const Progress &progress = now->progress[0];
                QCOMPARE(progress.command, std::string("CREATE INDEX"));
                QCOMPARE(progress.relation, std::string("t"));
                QCOMPARE(progress.pid, pidOf(*worker));
                QVERIFY(progress.fraction() > 0 && progress.fraction() <= 1);
                QVERIFY(progress.phase.find("building index") != std::string::npos);
                QCOMPARE(progress.unit, std::string("pages"));
                QVERIFY(progress.running_ms > 0);
                QVERIFY(*progress.seconds_left < 60);
                QVERIFY(toJson(*now).find("\"fraction\"") != std::string::npos);
            }
            {
                Running vacuums(*worker, "SET vacuum_cost_delay = 20; SET vacuum_cost_limit = 5; VACUUM t");
                const auto now = looker.until([](const Activity &a) { return !a.progress.empty() && a.progress[0].done > 0; });
                QVERIFY(now);
                QCOMPARE(now->progress[0].command, std::string("VACUUM"));
                QVERIFY(now->progress[0].total > 0 && now->progress[0].done <= now->progress[0].total);
                QVERIFY(!now->progress[0].phase.empty());
            }
        }
    }

    void slotsThatHoldXminAreSeen()
    {
        const std::string conninfo = test::freshDatabase();
        Looker looker(conninfo);
        QVERIFY(looker.connection->query("SELECT pg_create_physical_replication_slot('held_by_test', true)"));
        const auto now = looker.look();
        QVERIFY(looker.connection->query("SELECT pg_drop_replication_slot('held_by_test')"));
        QCOMPARE(now->slots.size(), 1U);
        QCOMPARE(now->slots[0].name, std::string("held_by_test"));
        QVERIFY(!now->slots[0].active);
        QVERIFY(now->slots[0].retained_bytes >= 0);
    }

    void roleWithoutRightsSeesLittleAndIsTold()
    {
        const std::string conninfo = test::freshDatabase();
        Looker looker(conninfo);
        QVERIFY(!looker.connection->run("DROP ROLE IF EXISTS howdah_nobody; CREATE ROLE howdah_nobody; SET ROLE howdah_nobody").error);
        const auto now = looker.look();
        QVERIFY(!now->sees_everything);
        QVERIFY2(now->notes.empty(), now->notes.empty() ? "" : now->notes.front().c_str());
        QVERIFY(now->find(pidOf(*looker.connection)) != nullptr);
        QVERIFY(!looker.connection->run("RESET ROLE; DROP ROLE howdah_nobody").error);
    }

    /// A session that holds tens of thousands of locks, and another that waits for one of them.
    void tensOfThousandsOfLocksDoNotHurt()
    {
        const auto server = serverWith({{"max_locks_per_transaction", "1024"}});
        const std::string conninfo = server->conninfo();
        Looker looker(conninfo);
        const auto holder = openOn(conninfo);
        const auto waits = openOn(conninfo);
        QVERIFY(!holder->run("SELECT count(pg_advisory_lock(g)) FROM generate_series(1, 50000) g").error);
        Running runs(*waits, "SELECT pg_advisory_lock(77)");
        QVERIFY(looker.until([](const Activity &a) { return a.blocking.size() == 2; }));
        double slowest = 0;
        double sum = 0;
        constexpr int rounds = 20;
        for (int i = 0; i < rounds; ++i) {
            const auto now = looker.look();
            slowest = std::max(slowest, now->server_ms);
            sum += now->server_ms;
            QCOMPARE(now->blocking.size(), 2U);
            QTest::qWait(60); // past the pause that a costly probe takes
        }
        QElapsedTimer timer;
        timer.start();
        const auto details = readBackendDetails(*looker.connection, pidOf(*holder));
        VERIFY_DONE(details);
        const auto locks = looker.connection->query("SELECT count(*) FROM pg_locks");
        qInfo("%s locks: a sample costs the server %.2f ms on average, %.2f ms at most; the locks of one backend on demand %lld ms",
              std::string(locks->result->cell(0, 0).text).c_str(), sum / rounds, slowest, static_cast<long long>(timer.elapsed()));
        QVERIFY(QByteArray::fromStdString(std::string(locks->result->cell(0, 0).text)).toInt() >= 50'000);
        QCOMPARE(details->locks.size(), static_cast<std::size_t>(max_locks));
        QVERIFY(details->locks_total >= 50'000);
        QVERIFY2(sum / rounds < 20, std::to_string(sum / rounds).c_str());
    }

    void costOfATick()
    {
        for (const int major : test::majors()) {
            const std::string conninfo = test::freshDatabase(major);
            Looker looker(conninfo);
            std::vector<std::unique_ptr<pg::Connection>> others;
            for (int i = 0; i < 40; ++i)
                others.push_back(openOn(conninfo));
            static_cast<void>(looker.look());
            double sum = 0;
            constexpr int rounds = 20;
            for (int i = 0; i < rounds; ++i) {
                QTest::qWait(110);
                sum += looker.look()->server_ms;
            }
            qInfo("PostgreSQL %d, %d sessions: a tick costs the server %.2f ms", major, 40, sum / rounds);
            QVERIFY2(sum / rounds < 25, std::to_string(sum / rounds).c_str());
        }
    }

    void monitorLivesThroughALostServer()
    {
        const std::string conninfo = test::freshDatabase();
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        Monitor monitor(std::make_shared<pg::Session>(spec));
        monitor.sampler().setTick(std::chrono::seconds(1));
        std::atomic<int> looks{0};
        std::atomic<int> lost{0};
        std::atomic<int> own{0};
        monitor.start(
            [&](const std::shared_ptr<const Activity> &now) {
                ++looks;
                for (const Backend &backend : now->backends) {
                    if (backend.is_own)
                        own = backend.pid;
                }
            },
            [&](series::SamplerState state, const Error &) { lost += state == series::SamplerState::Lost ? 1 : 0; });
        QTRY_VERIFY(looks >= 2);
        const auto killer = openOn(conninfo);
        QVERIFY(killer->query("SELECT pg_terminate_backend(" + std::to_string(own) + ")"));
        QTRY_VERIFY_WITH_TIMEOUT(lost >= 1, 2500);
        const int before = looks;
        QTRY_VERIFY_WITH_TIMEOUT(looks >= before + 2, 6000);
        monitor.stop();
        const int at_stop = looks;
        QTest::qWait(1300);
        QCOMPARE(looks, at_stop);
    }

    void jsonIsOneLineOfWhatIsKnown()
    {
        Looker looker(test::freshDatabase());
        static_cast<void>(looker.look());
        QTest::qWait(300);
        const std::string line = toJson(*looker.look());
        QVERIFY(line.find('\n') == std::string::npos);
        const auto json = nlohmann::json::parse(line);
        QVERIFY(json["sessions"].size() > 1);
        QVERIFY(json["figures"].contains("commits_per_s"));
        QVERIFY(json["blocking"].is_array());
        QVERIFY(json["server_ms"].get<double>() > 0);
    }
};

QTEST_GUILESS_MAIN(TestActivity)
#include "tst_activity.moc"
