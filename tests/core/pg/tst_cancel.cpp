// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <random>
#include <thread>

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
