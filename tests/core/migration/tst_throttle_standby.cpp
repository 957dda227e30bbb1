// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <thread>

#include "core/migration/executor.h"
#include "core/migration/pulse.h"
#include "support/migration_shapes.h"
#include "support/replication_servers.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::migration;
using test::ReplicationServer;

/// Batches give way to a standby that falls behind, to WAL that is written too fast, and to a slot that keeps too much of it; each is
/// really made to happen, said, written into the journal, and over when it is over.
class TestThrottleStandby : public QObject
{
    Q_OBJECT

    std::unique_ptr<ReplicationServer> primary_, standby_;
    std::unique_ptr<pg::Connection> connection_;

    std::string ask(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }

    struct Course {
        std::string reason;      ///< the first that was told
        std::string in_journal;  ///< while it waited
        std::string rows_waited; ///< done when it began to wait, and a second later
        bool released = false;
        bool done = false;
        std::string error;
    };

    /// Runs the backfill with that limit alone. `release` is called a second after it began to wait.
    Course run(const std::string &limit, const std::function<void()> &release)
    {
        Course course;
        if (const auto made = connection_->run("DROP TABLE IF EXISTS t CASCADE; DROP FUNCTION IF EXISTS t_length() CASCADE;" + test::makeTable("t", 60'000)); made.error) {
            course.error = made.error->text();
            return course;
        }
        Throttle throttle;
        for (const char *none : {"replica_lag_s=0", "replica_lag_bytes=0", "slot_bytes=0", "latency_ms=0", "autovacuum_s=0", "waiting_sessions=0"})
            static_cast<void>(setThrottle(throttle, none));
        static_cast<void>(setThrottle(throttle, "rows_per_second=30000"));
        if (const auto set = setThrottle(throttle, limit); !set) {
            course.error = set.error().text();
            return course;
        }
        const auto id = addMigration(*connection_, test::fillByBlocks(), throttle);
        if (!id) {
            course.error = id.error().text();
            return course;
        }
        pg::ConnectionSpec spec;
        spec.conninfo = primary_->conninfo();
        std::thread releasing;
        const std::string filled = "SELECT count(*) FROM t WHERE note_length IS NOT NULL";
        const Execution execution = execute(spec, {}, *id, {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Throttled && course.reason.empty()) {
                course.reason = event.message;
                releasing = std::thread([&] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(300));
                    const std::string before = ask(filled);
                    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
                    course.in_journal = ask("SELECT throttle_reason FROM howdah.migrations ORDER BY id DESC LIMIT 1");
                    course.rows_waited = before + " " + ask(filled);
                    release();
                });
            }
            course.released = course.released || event.kind == RunEventKind::Released;
        });
        if (releasing.joinable())
            releasing.join();
        course.done = execution.end == ExecutionEnd::Done;
        if (execution.error)
            course.error = execution.error->text();
        return course;
    }

    void verify(const Course &course, const std::string &begins)
    {
        QVERIFY2(course.done, course.error.c_str());
        QVERIFY2(course.reason.rfind(begins, 0) == 0, course.reason.c_str());
        QVERIFY2(course.in_journal.rfind(begins, 0) == 0, course.in_journal.c_str());
        QVERIFY(course.released);
        const std::size_t blank = course.rows_waited.find(' ');
        QCOMPARE(course.rows_waited.substr(0, blank), course.rows_waited.substr(blank + 1)); // nothing went on meanwhile
        QVERIFY(course.rows_waited.substr(0, blank) != "60000");
        QCOMPARE(ask("SELECT count(*) FROM t WHERE note_length IS NULL"), std::string("0"));
        QCOMPARE(ask("SELECT throttle_reason FROM howdah.migrations ORDER BY id DESC LIMIT 1"), std::string());
    }

private Q_SLOTS:
    void initTestCase()
    {
        primary_ = ReplicationServer::primary(15);
        standby_ = ReplicationServer::standby(*primary_, "b");
        connection_ = primary_->open();
        QVERIFY(connection_);
        QVERIFY(createJournal(*connection_));
        QVERIFY(primary_->waitFor("SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'"));
    }

    void cleanupTestCase()
    {
        connection_.reset();
        standby_.reset();
        primary_.reset();
    }

    void givesWayToAStandbyInBytes()
    {
        standby_->run("SELECT pg_wal_replay_pause()");
        const Course course = run("replica_lag_bytes=1 MB", [this] { standby_->run("SELECT pg_wal_replay_resume()"); });
        standby_->run("SELECT pg_wal_replay_resume()");
        verify(course, "Replica b is ");
    }

    void givesWayToAStandbyInSeconds()
    {
        standby_->run("SELECT pg_wal_replay_pause()");
        const Course course = run("replica_lag_s=0.4", [this] { standby_->run("SELECT pg_wal_replay_resume()"); });
        standby_->run("SELECT pg_wal_replay_resume()");
        verify(course, "Replica b is ");
    }

    void givesWayToASlotThatKeepsTooMuch()
    {
        standby_->stop();
        const Course course = run("slot_bytes=2 MB", [this] { standby_->start(); });
        verify(course, "Slot b keeps ");
    }

    void givesWayToWalWrittenTooFast()
    {
        std::atomic<bool> over{false};
        std::thread writer([&] {
            const auto other = primary_->open();
            static_cast<void>(other->run("CREATE TABLE IF NOT EXISTS noise (a text)"));
            while (!over) {
                static_cast<void>(other->run("INSERT INTO noise SELECT repeat('x', 900) FROM generate_series(1, 800)"));
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        });
        const Course course = run("wal_bytes_per_second=2 MB", [&] { over = true; });
        over = true;
        writer.join();
        verify(course, "The server writes ");
    }

    void feelsThePulse()
    {
        standby_->run("SELECT pg_wal_replay_pause()");
        QVERIFY(!connection_->run("DROP TABLE IF EXISTS p; CREATE TABLE p AS SELECT repeat('y', 500) AS a FROM generate_series(1, 4000)").error);
        const auto holder = primary_->open();
        QVERIFY(!holder->run("BEGIN; LOCK TABLE p").error);
        std::thread waits([this] { static_cast<void>(primary_->open()->query("SELECT count(*) FROM p")); });
        QVERIFY(primary_->waitFor("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"));
        QTest::qWait(250);
        const auto pulse = readPulse(*connection_, holder->facts().backend_pid);
        const auto without = readPulse(*connection_, 0);
        static_cast<void>(holder->query("ROLLBACK"));
        waits.join();
        standby_->run("SELECT pg_wal_replay_resume()");
        QVERIFY(pulse && without);
        QCOMPARE(pulse->waiting_sessions, 1);
        QCOMPARE(pulse->behind_migration, 1);
        QCOMPARE(without->behind_migration, 0);
        QVERIFY(pulse->longest_wait_ms > 200 && pulse->longest_wait_ms < 20'000);
        QCOMPARE(pulse->standbys, 1);
        QVERIFY(pulse->replica_lag_bytes > 1'000'000);
    }
};

QTEST_GUILESS_MAIN(TestThrottleStandby)
#include "tst_throttle_standby.moc"
