// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

#include "core/pg/backend_signal.h"
#include "core/pg/connection.h"
#include "support/deaf_port.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;
using namespace std::chrono_literals;

namespace {

double elapsedMs(std::chrono::steady_clock::time_point since)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - since).count();
}

} // namespace

class TestCancel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reallyCancelsOnTheServer()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const auto witness = test::freshConnection(major);
            std::chrono::steady_clock::time_point asked;
            std::thread other([&] {
                std::this_thread::sleep_for(200ms);
                asked = std::chrono::steady_clock::now();
                connection->canceller().cancel();
            });
            const RunOutcome run = connection->run("SELECT pg_sleep(60); SELECT 1");
            const double took = elapsedMs(asked);
            other.join();
            QCOMPARE(run.error->kind, ErrorKind::Cancelled);
            QCOMPARE(run.error->sqlstate, std::string("57014"));
            QCOMPARE(run.not_started, 1U);
            QVERIFY2(took < 5000, "the cancel did not reach the server");
            qInfo("PostgreSQL %d: cancelled after %.1f ms", major, took);
            const auto left = witness->query("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'");
            QCOMPARE(left->result->cell(0, 0).text, std::string_view("0"));
            QVERIFY(connection->query("SELECT 1"));
        }
    }

    /// A cancel that comes while a statement ends must never hit the next one.
    void lateCancelsHitNothing()
    {
        const auto connection = test::freshConnection();
        std::mt19937 random(7);
        std::uniform_int_distribution<int> microseconds(0, 25000);
        int cancelled = 0, finished = 0;
        for (int round = 0; round < 200; ++round) {
            std::atomic<bool> go{false};
            const int delay = microseconds(random);
            std::thread other([&] {
                while (!go)
                    std::this_thread::yield();
                std::this_thread::sleep_for(std::chrono::microseconds(delay));
                connection->canceller().cancel();
            });
            go = true;
            const auto first = connection->query("SELECT count(*) FROM generate_series(1, 200000)");
            if (first)
                ++finished;
            else if (first.error().kind == ErrorKind::Cancelled)
                ++cancelled;
            else
                QFAIL(first.error().text().c_str());
            other.join();
            const auto second = connection->query("SELECT pg_sleep(0.001), 'untouched'");
            QVERIFY2(second, second ? "" : second.error().text().c_str());
        }
        qInfo("200 rounds: %d cancelled, %d finished before", cancelled, finished);
        QCOMPARE(cancelled + finished, 200);
    }

    /// 200 cancels at random moments on four sessions at once, of statements of every kind, while two more load the
    /// server: each session is idle within five seconds, its settings stay, and the next statement is never hit.
    void randomCancelsUnderLoad()
    {
        constexpr int sessions = 4, rounds = 50;
        static const std::vector<std::string> kinds{
            "SELECT pg_sleep(30)",
            "SELECT g, repeat('x', 200) FROM generate_series(1, 50000000) g",
            "COPY (SELECT g, md5(g::text) FROM generate_series(1, 50000000) g) TO STDOUT",
            "SELECT count(*) FROM (SELECT md5(g::text) AS h FROM generate_series(1, 3000000) g ORDER BY h OFFSET 1) s",
            "DO $$ DECLARE n bigint := 0; BEGIN LOOP n := n + 1; END LOOP; END $$",
            "SELECT pg_sleep(0.06)"}; // ends by itself about when the cancel comes
        const std::string database = test::freshDatabase();
        ConnectionSpec spec;
        spec.conninfo = database;
        std::atomic<bool> over{false};
        std::vector<std::thread> load;
        for (int i = 0; i < 2; ++i)
            load.emplace_back([&] {
                const auto connection = Connection::open(spec);
                while (connection && !over)
                    static_cast<void>((*connection)->query("SELECT sum(length(md5(g::text))) FROM generate_series(1, 30000) g"));
            });
        std::mutex mutex;
        std::string trouble;
        double worst = 0, sum = 0;
        int cancelled = 0, ended = 0;
        std::vector<std::thread> workers;
        for (int w = 0; w < sessions; ++w)
            workers.emplace_back([&, w] {
                const auto opened = Connection::open(spec);
                const auto complain = [&](const std::string &what) {
                    const std::lock_guard lock(mutex);
                    trouble += what + "; ";
                };
                if (!opened)
                    return complain(opened.error().text());
                Connection &connection = **opened;
                const std::string mark = "session " + std::to_string(w);
                if (!connection.query("SELECT set_config('howdah.mark', $1, false)", {mark}))
                    return complain("no setting");
                std::mt19937 random(static_cast<unsigned>(w + 1));
                std::uniform_int_distribution<int> microseconds(0, 120'000);
                RunOptions options;
                options.limits.max_rows = -1;
                options.limits.memory_bytes = 4 << 20;
                for (int round = 0; round < rounds; ++round) {
                    std::atomic<std::int64_t> asked_ns{0};
                    const int delay = microseconds(random);
                    std::atomic<bool> begun{false};
                    std::thread asker([&] {
                        while (!begun)
                            std::this_thread::yield();
                        std::this_thread::sleep_for(std::chrono::microseconds(delay));
                        asked_ns = std::chrono::steady_clock::now().time_since_epoch().count();
                        connection.canceller().cancel();
                    });
                    RunObserver observer;
                    observer.statementStarted = [&](std::size_t, ByteSpan) { begun = true; };
                    const RunOutcome run = connection.run(kinds[static_cast<std::size_t>(round) % kinds.size()], options, observer);
                    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
                    asker.join();
                    const double took = static_cast<double>(now - asked_ns) / 1e6;
                    const auto next = connection.query("SELECT pg_sleep(0.001), current_setting('howdah.mark')");
                    const std::lock_guard lock(mutex);
                    if (run.error && run.error->kind != ErrorKind::Cancelled)
                        trouble += run.error->text() + "; ";
                    run.error ? ++cancelled : ++ended;
                    worst = std::max(worst, took);
                    sum += took;
                    if (!next)
                        trouble += "the next one was hit: " + next.error().text() + "; ";
                    else if (next->result->cell(0, 1).text != mark)
                        trouble += "the setting is gone; ";
                }
            });
        for (std::thread &worker : workers)
            worker.join();
        over = true;
        for (std::thread &one : load)
            one.join();
        QVERIFY2(trouble.empty(), trouble.c_str());
        qInfo("%d cancelled, %d had ended; idle after %.1f ms at worst, %.1f ms on average", cancelled, ended, worst, sum / (sessions * rounds));
        QCOMPARE(cancelled + ended, sessions * rounds);
        QVERIFY(cancelled >= 150);
        QVERIFY(worst < 5000);
    }

    /// A block that catches every cancel, and a server process that does not run at all.
    void whenCancelDoesNotHelp()
    {
        const std::string deaf = "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$";
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const auto other = test::freshConnection(major);
            const auto after = [&](auto what) { return std::thread([what] { std::this_thread::sleep_for(300ms); what(); }); };
            std::string said;
            auto signals = after([&] {
                const auto cancel = signalBackend(*other, connection->facts(), BackendSignal::Cancel);
                std::this_thread::sleep_for(200ms);
                const auto end = signalBackend(*other, connection->facts(), BackendSignal::Terminate);
                said = cancel && *cancel && end && *end ? "sent" : "not sent";
            });
            RunOutcome run = connection->run(deaf);
            signals.join();
            QCOMPARE(said, std::string("sent"));
            QCOMPARE(run.error->kind, ErrorKind::Connection);
            // Nothing is signalled where the backend is no more, or where another one has its pid.
            ServerFacts gone = other->facts();
            gone.backend_start = "2001-01-01 00:00:00+00";
            const auto nothing = signalBackend(*other, gone, BackendSignal::Terminate);
            QVERIFY(nothing && !*nothing);

            QVERIFY(connection->reconnect());
            const int pid = connection->facts().backend_pid;
            kill(pid, SIGSTOP);
            auto leaving = after([&] {
                connection->canceller().cancel();
                std::this_thread::sleep_for(100ms);
                connection->canceller().abandon();
            });
            const auto begin = std::chrono::steady_clock::now();
            run = connection->run("SELECT 1");
            leaving.join();
            const double took = elapsedMs(begin);
            kill(pid, SIGCONT);
            QCOMPARE(run.error->kind, ErrorKind::Connection);
            QVERIFY2(run.error->message.find("abandoned") != std::string::npos, run.error->message.c_str());
            QVERIFY(took < 2000);
            QVERIFY(!connection->alive());
            QVERIFY(connection->reconnect());
            QVERIFY(connection->query("SELECT 1"));
        }
    }

    void inMidResultTheArrivedRowsStay()
    {
        const auto connection = test::freshConnection();
        RunObserver observer;
        observer.rowsArrived = [&](std::size_t) { connection->canceller().cancel(); };
        const RunOutcome run = connection->run("SELECT g, repeat('x', 100) FROM generate_series(1, 20000000) g", {}, observer);
        QCOMPARE(run.error->kind, ErrorKind::Cancelled);
        const auto &store = run.statements[0].result;
        QVERIFY(store->rowCount() > 0);
        QVERIFY(store->rowCount() < 20'000'000);
        QCOMPARE(store->cell(store->rowCount() - 1, 0).text, std::string_view(std::to_string(store->rowCount())));
        QVERIFY(connection->query("SELECT 1"));
    }

    void outsideOfWorkItDoesNothing()
    {
        const auto connection = test::freshConnection();
        connection->canceller().cancel();
        QVERIFY(connection->query("SELECT 1"));
    }

    void whileConnecting()
    {
        // The handshake succeeds, then nothing comes.
        const test::DeafPort listener;
        ConnectionSpec spec;
        spec.conninfo = "host=127.0.0.1 sslmode=disable port=" + std::to_string(listener.port);
        const Canceller canceller;
        std::thread other([&] {
            std::this_thread::sleep_for(100ms);
            canceller.cancel();
        });
        const auto begin = std::chrono::steady_clock::now();
        const auto connection = Connection::open(spec, canceller);
        other.join();
        QVERIFY(!connection);
        QCOMPARE(connection.error().kind, ErrorKind::Cancelled);
        QVERIFY(elapsedMs(begin) < 5000);
        spec.connect_timeout = 2s;
        const auto late = Connection::open(spec);
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Connection);
        QVERIFY(late.error().message.find("2 s") != std::string::npos);
    }

    void aServerThatDiesInMidResult()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const auto other = test::freshConnection(major);
            const std::string pid = std::to_string(connection->facts().backend_pid);
            RunObserver observer;
            bool asked = false;
            observer.rowsArrived = [&](std::size_t) {
                if (!std::exchange(asked, true))
                    QVERIFY(other->query("SELECT pg_terminate_backend(" + pid + ")"));
            };
            const RunOutcome run = connection->run("SELECT g, repeat('x', 100) FROM generate_series(1, 20000000) g; SELECT 1", {}, observer);
            QCOMPARE(run.error->kind, ErrorKind::Connection);
            QVERIFY(run.statements[0].result->rowCount() > 0);
            QCOMPARE(run.not_started, 1U);
            QVERIFY(!connection->alive());
            QVERIFY(!connection->query("SELECT 1"));
            const auto again = connection->reconnect();
            QVERIFY2(again, again ? "" : again.error().text().c_str());
            QVERIFY(connection->query("SELECT 1"));
        }
    }

    void anIdleConnectionThatWasTerminated()
    {
        const auto connection = test::freshConnection();
        const auto other = test::freshConnection();
        QVERIFY(other->query("SELECT pg_terminate_backend(" + std::to_string(connection->facts().backend_pid) + ")"));
        const auto outcome = connection->query("SELECT 1");
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, ErrorKind::Connection);
        QVERIFY(!connection->alive());
    }
};

QTEST_GUILESS_MAIN(TestCancel)
#include "tst_cancel.moc"
