// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <thread>

#include "core/migration/executor.h"
#include "core/migration/script_json.h"
#include "support/migration_shapes.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;

namespace {

/// A database with table t, a journal, and a connection of the test's own.
struct Bed {
    pg::ConnectionSpec spec;
    std::unique_ptr<pg::Connection> connection;

    explicit Bed(int major = 15, int rows = 3000)
    {
        spec.conninfo = test::freshDatabase(major);
        connection = std::move(*pg::Connection::open(spec));
        run(test::makeTable("t", rows));
        if (const auto made = createJournal(*connection); !made)
            QTest::qFail(made.error().text().c_str(), __FILE__, __LINE__);
    }
    void run(const std::string &sql)
    {
        if (const auto done = connection->run(sql); done.error)
            QTest::qFail(done.error->text().c_str(), __FILE__, __LINE__);
    }
    std::string ask(const std::string &sql)
    {
        const auto outcome = connection->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    std::int64_t add(const ChangeScript &script, const Throttle &throttle = {})
    {
        const auto id = addMigration(*connection, script, throttle);
        if (!id)
            QTest::qFail(id.error().text().c_str(), __FILE__, __LINE__);
        return id.value_or(0);
    }
    Execution go(std::int64_t id, ExecutorOptions options = {}, const RunObserver &observer = {}, const pg::Canceller &canceller = {})
    {
        return execute(spec, canceller, id, options, observer);
    }
    Execution back(std::int64_t id) { return rollBack(spec, {}, id, {}, {}); }
    JournalMigration journal(std::int64_t id)
    {
        auto read = readMigration(*connection, id);
        if (!read)
            QTest::qFail(read.error().text().c_str(), __FILE__, __LINE__);
        return read.value_or(JournalMigration());
    }
    /// Columns, constraints, indexes, triggers and functions of the schema public.
    std::string shape()
    {
        return ask("SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
                   "SELECT attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull AS line FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
                   "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped "
                   "UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' "
                   "UNION ALL SELECT pg_get_indexdef(indexrelid) || indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace "
                   "UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
                   "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace) all_of_it");
    }
};

ChangeScript oneStep(std::string sql)
{
    ChangeScript script;
    script.title = "One step";
    script.steps = {test::migrationStep(Phase::Plain, "The step", std::move(sql))};
    return script;
}

#define VERIFY_END(execution, wanted)                                                                                                                                   \
    do {                                                                                                                                                                \
        const Execution &e = (execution);                                                                                                                               \
        QVERIFY2(e.end == (wanted), e.error ? e.error->text().c_str() : std::to_string(static_cast<int>(e.end)).c_str());                                               \
    } while (false)

} // namespace

class TestExecutor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void forwardAndBackOnEveryVersion()
    {
        for (const int major : test::majors()) {
            Bed bed(major);
            const std::string before = bed.shape();
            const std::int64_t id = bed.add(test::widenA(false));
            VERIFY_END(bed.go(id), ExecutionEnd::Done);
            QCOMPARE(bed.ask("SELECT count(*) FROM t WHERE a_old IS DISTINCT FROM a"), std::string("0"));
            QCOMPARE(bed.ask("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a'"), std::string("bigint"));
            const JournalMigration done = bed.journal(id);
            QCOMPARE(done.state, MigrationState::Done);
            QVERIFY(!done.attended);
            for (const JournalStep &step : done.steps)
                QCOMPARE(step.state, JournalStepState::Done);
            QCOMPARE(done.steps[1].batches->rows_done, std::int64_t(3000));
            QVERIFY(done.steps[1].batches->batches > 1);
            bed.run("INSERT INTO t (id, a) VALUES (100000, 77); UPDATE t SET a = 5 WHERE id = 1");
            VERIFY_END(bed.back(id), ExecutionEnd::Done);
            QCOMPARE(bed.shape(), before);
            QCOMPARE(bed.ask("SELECT sum(a) FROM t WHERE id IN (1, 100000)"), std::string("82")); // written meanwhile and kept
            QCOMPARE(bed.journal(id).state, MigrationState::RolledBack);
            QCOMPARE(bed.go(id).error->kind, ErrorKind::Usage);
        }
    }

    void theJournalSurvivesTheFormOfTheScript()
    {
        Bed bed;
        const std::int64_t id = bed.add(test::widenA(true));
        QCOMPARE(toJson(bed.journal(id).script), toJson(test::widenA(true)));
    }

    void waitsForDeployments()
    {
        Bed bed;
        ChangeScript script = test::widenA(true);
        script.deployments = {{Phase::Switch, "Deploy one"}, {Phase::Contract, "Deploy two"}};
        const std::int64_t id = bed.add(script);
        Execution stopped = bed.go(id);
        VERIFY_END(stopped, ExecutionEnd::Waiting);
        QCOMPARE(stopped.waits_for, std::string("Deploy one"));
        QCOMPARE(bed.journal(id).state, MigrationState::Waiting);
        QCOMPARE(bed.ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a_old'"), std::string("0"));
        stopped = bed.go(id);
        VERIFY_END(stopped, ExecutionEnd::Waiting);
        QCOMPARE(stopped.waits_for, std::string("Deploy two"));
        VERIFY_END(bed.go(id), ExecutionEnd::Done);
        // Past the contract phase there is no way back, and that is said with its reason.
        const Execution back = bed.back(id);
        VERIFY_END(back, ExecutionEnd::Failed);
        QVERIFY2(back.error->detail.find("the old column is gone") != std::string::npos, back.error->detail.c_str());
        QCOMPARE(bed.journal(id).state, MigrationState::Done);
    }

    void aDifferenceStopsItAndIsListed()
    {
        Bed bed;
        ChangeScript script = test::widenA(false);
        // Somebody writes past the trigger between the backfill and the comparison.
        script.steps.insert(script.steps.begin() + 3, test::migrationStep(Phase::Validate, "Spoil", "SET LOCAL session_replication_role = replica; UPDATE t SET a_new = -1 WHERE id IN (1234, 2999)"));
        script.steps[3].no_undo_reason = "nothing";
        const std::int64_t id = bed.add(script);
        Execution stopped = bed.go(id);
        VERIFY_END(stopped, ExecutionEnd::Failed);
        QCOMPARE(stopped.step, 5);
        QVERIFY2(stopped.error->detail.find("1234 | ") != std::string::npos, stopped.error->detail.c_str());
        QVERIFY(bed.journal(id).error->detail.find("1234 | ") != std::string::npos);
        QCOMPARE(bed.journal(id).steps[4].state, JournalStepState::Failed);
        bed.run("UPDATE t SET a = a WHERE id IN (1234, 2999)");
        VERIFY_END(bed.go(id), ExecutionEnd::Done);
    }

    void aBlockerIsNamedAndWaitedForWithoutATry()
    {
        Bed bed;
        pg::ConnectionSpec other_spec = bed.spec;
        other_spec.application_name = "nightly report";
        const auto other = std::move(*pg::Connection::open(other_spec));
        QVERIFY(!other->run("BEGIN; SELECT count(*) FROM t").error);
        const std::int64_t id = bed.add(oneStep("ALTER TABLE t ADD COLUMN b int"));
        ExecutorOptions options;
        options.locks.old_transaction_ms = 100;
        std::atomic<int> blocked = 0;
        std::string message;
        std::thread ends([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(900));
            static_cast<void>(other->query("COMMIT"));
        });
        const Execution done = bed.go(id, options, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Blocked && blocked++ == 0)
                message = event.message;
        });
        ends.join();
        VERIFY_END(done, ExecutionEnd::Done);
        QVERIFY(blocked > 0);
        QVERIFY2(message.find("nightly report") != std::string::npos, message.c_str());
    }

    void triesBrieflyAndAgainAndGivesUpWithATimeout()
    {
        Bed bed;
        const auto other = std::move(*pg::Connection::open(bed.spec));
        QVERIFY(!other->run("BEGIN; SELECT count(*) FROM t").error);
        const std::int64_t id = bed.add(oneStep("ALTER TABLE t ADD COLUMN b int"));
        ExecutorOptions options;
        options.locks.old_transaction_ms = 1e9; // tries nevertheless
        options.locks.give_up_s = 1.5;
        options.locks.pause_ms = 20;
        std::atomic<bool> over = false;
        double worst_ms = 0; // of a reader meanwhile
        std::thread reader([&] {
            const auto connection = std::move(*pg::Connection::open(bed.spec));
            while (!over) {
                QElapsedTimer timer;
                timer.start();
                static_cast<void>(connection->query("SELECT a FROM t WHERE id = 7"));
                worst_ms = std::max(worst_ms, static_cast<double>(timer.nsecsElapsed()) / 1e6);
            }
        });
        int retries = 0;
        const Execution failed = bed.go(id, options, [&](const RunEvent &event) { retries += event.kind == RunEventKind::Retry ? 1 : 0; });
        over = true;
        reader.join();
        VERIFY_END(failed, ExecutionEnd::Failed);
        QCOMPARE(failed.error->sqlstate, std::string("55P03"));
        QVERIFY2(failed.error->detail.find("In the way: pid") != std::string::npos, failed.error->detail.c_str());
        QVERIFY(retries >= 3);
        qInfo("a reader behind %d tries waited %.0f ms at most", retries, worst_ms);
        QVERIFY(worst_ms < 1000);
        QCOMPARE(bed.journal(id).state, MigrationState::Failed);
        QVERIFY(!other->run("COMMIT").error);
        VERIFY_END(bed.go(id), ExecutionEnd::Done);
    }

    void givesUpATryWhenTooManyQueue()
    {
        Bed bed;
        const auto other = std::move(*pg::Connection::open(bed.spec));
        QVERIFY(!other->run("BEGIN; SELECT count(*) FROM t").error);
        const std::int64_t id = bed.add(oneStep("ALTER TABLE t ADD COLUMN b int"));
        ExecutorOptions options;
        options.locks.old_transaction_ms = 1e9;
        options.locks.timeout_ms = options.locks.longest_timeout_ms = 20'000; // only the queue ends a try
        options.locks.max_queued = 2;
        options.locks.pause_ms = 300;
        std::atomic<bool> over = false;
        std::vector<std::thread> readers;
        for (int i = 0; i < 4; ++i) {
            readers.emplace_back([&] {
                const auto connection = std::move(*pg::Connection::open(bed.spec));
                while (!over)
                    static_cast<void>(connection->query("SELECT a FROM t WHERE id = 7"));
            });
        }
        std::string message;
        QElapsedTimer timer;
        timer.start();
        const Execution done = bed.go(id, options, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Retry && message.empty()) {
                message = event.message;
                static_cast<void>(other->query("COMMIT"));
            }
        });
        over = true;
        for (std::thread &reader : readers)
            reader.join();
        VERIFY_END(done, ExecutionEnd::Done);
        QVERIFY2(message.find("sessions queued behind it") != std::string::npos, message.c_str());
        QVERIFY(timer.elapsed() < 15'000);
    }

    void pausesAndResumesWithinBatches()
    {
        Bed bed(15, 20'000);
        Throttle throttle;
        throttle.rows_per_second = 20'000;
        const std::int64_t id = bed.add(test::fillByBlocks(), throttle);
        pg::Canceller canceller;
        bool asked = false;
        const Execution stopped = bed.go(id, {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Progress && event.rows_done > 1000 && !asked) {
                asked = true;
                QVERIFY(requestPause(*bed.connection, id));
            }
        }, canceller);
        VERIFY_END(stopped, ExecutionEnd::Paused);
        const JournalMigration paused = bed.journal(id);
        QCOMPARE(paused.state, MigrationState::Paused);
        QVERIFY(!paused.attended);
        QVERIFY(paused.steps[1].batches->rows_done < 20'000);
        QCOMPARE(paused.steps[1].state, JournalStepState::Running);
        const std::string done_rows = bed.ask("SELECT count(*) FROM t WHERE note_length IS NOT NULL");
        QVERIFY(done_rows != "0" && done_rows != "20000");
        QVERIFY(setThrottle(*bed.connection, id, Throttle()));
        VERIFY_END(bed.go(id), ExecutionEnd::Done);
        QCOMPARE(bed.ask("SELECT count(*) FROM t WHERE note_length IS NULL"), std::string("0"));
        // Each row once: what the first run had done was not done again.
        QCOMPARE(bed.ask("SELECT rows_done BETWEEN 19000 AND 21000 FROM howdah.batches WHERE migration_id = " + std::to_string(id)), std::string("t"));
    }

    void batchesGiveWayAndSayWhy()
    {
        Bed bed(15, 20'000);
        Throttle throttle;
        throttle.window = "00:00-00:00"; // never
        const std::int64_t id = bed.add(test::fillByBlocks(), throttle);
        std::string reason;
        std::string in_journal;
        bool released = false;
        std::thread opens;
        const Execution done = bed.go(id, {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Throttled && reason.empty()) {
                reason = event.message;
                opens = std::thread([&] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(700));
                    in_journal = bed.ask("SELECT throttle_reason FROM howdah.migrations");
                    static_cast<void>(setThrottle(*bed.connection, id, Throttle()));
                });
            }
            released = released || event.kind == RunEventKind::Released;
        });
        if (opens.joinable())
            opens.join();
        VERIFY_END(done, ExecutionEnd::Done);
        QVERIFY2(reason.find("outside of the window 00:00-00:00") != std::string::npos, reason.c_str());
        QVERIFY2(in_journal.find("outside of the window") != std::string::npos, in_journal.c_str());
        QVERIFY(released);
    }

    void everyReasonIsFoundOnTheServer()
    {
        Bed bed(15, 2000);
        bed.run("CREATE TABLE s (a int); SELECT pg_create_physical_replication_slot('kept_" + bed.connection->facts().database + "', true)");
        const auto old = std::move(*pg::Connection::open(bed.spec));
        QVERIFY(!old->run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").error);
        bed.run("INSERT INTO s SELECT generate_series(1, 50000)");
        const auto reasonWith = [&](const std::string &limit) {
            Throttle throttle;
            throttle.replica_lag_s = throttle.latency_ms = 0;
            throttle.waiting_sessions = 0;
            if (const auto set = setThrottle(throttle, limit); !set)
                return set.error().text();
            bed.run("ALTER TABLE t DROP COLUMN IF EXISTS note_length; DROP FUNCTION IF EXISTS t_length CASCADE");
            ChangeScript script = test::fillByBlocks();
            script.steps.pop_back();
            std::string reason;
            const std::int64_t id = bed.add(script, throttle);
            // Small batches, so that the watcher has looked before they are through.
            const Execution done = bed.go(id, {}, [&](const RunEvent &event) {
                if (event.kind == RunEventKind::Throttled) {
                    reason = event.message;
                    static_cast<void>(setThrottle(*bed.connection, id, Throttle()));
                }
            });
            return done.end == ExecutionEnd::Done ? reason : done.error->text();
        };
        const auto check = [&](const std::string &limit, const std::string &begin) {
            const std::string reason = reasonWith(limit);
            QVERIFY2(reason.starts_with(begin), (limit + ": " + reason).c_str());
        };
        check("slot_bytes=1", "Slot kept_");
        check("oldest_transaction_s=0.05", "pid " + std::to_string(old->facts().backend_pid));
        check("latency_ms=0.0001", "The probe took");
        const auto waiter = std::move(*pg::Connection::open(bed.spec));
        QVERIFY(!old->run("ROLLBACK; BEGIN; LOCK TABLE s").error);
        std::thread waits([&] { static_cast<void>(waiter->query("SELECT * FROM s")); });
        QTRY_COMPARE(bed.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"), std::string("1"));
        const auto third = std::move(*pg::Connection::open(bed.spec));
        std::thread waits_too([&] { static_cast<void>(third->query("SELECT * FROM s")); });
        QTRY_COMPARE(bed.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"), std::string("2"));
        const std::string waiting = reasonWith("waiting_sessions=1");
        static_cast<void>(old->query("ROLLBACK"));
        waits.join();
        waits_too.join();
        QCOMPARE(waiting, std::string("2 sessions wait for locks (limit 1)"));
        bed.run("SELECT pg_drop_replication_slot('kept_" + bed.connection->facts().database + "')");
    }

    void anIndexBuildSaysWhomItWaitsFor()
    {
        Bed bed;
        pg::ConnectionSpec other_spec = bed.spec;
        other_spec.application_name = "nightly report";
        const auto other = std::move(*pg::Connection::open(other_spec));
        QVERIFY(!other->run("BEGIN; UPDATE t SET a = a WHERE id = 1").error);
        bed.run("SET lock_timeout = '50ms'; ALTER DATABASE " + bed.connection->facts().database + " SET lock_timeout = '50ms'; ALTER DATABASE "
                + bed.connection->facts().database + " SET statement_timeout = '900ms'");
        ChangeScript script;
        script.title = "Index";
        script.steps = {test::concurrentIndex("t_a_idx", "t (a)")};
        std::string said;
        std::atomic<bool> asked = false;
        const Execution done = bed.go(bed.add(script), {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Progress && event.message.find("nightly report") != std::string::npos && !asked.exchange(true)) {
                said = event.message;
                static_cast<void>(other->query("COMMIT"));
            }
        });
        VERIFY_END(done, ExecutionEnd::Done); // no timeout of the database has cut it short
        QVERIFY2(said.find("waiting for pid") != std::string::npos, said.c_str());
    }

    void anInterruptedIndexIsResolved()
    {
        for (const int major : test::majors()) {
            Bed bed(major);
            const std::int64_t id = bed.add(test::indexT());
            // As if killed: one index done but not written down, one left invalid.
            bed.run("CREATE INDEX t_a_idx ON t (a); CREATE INDEX t_note_idx ON t (note, a); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_note_idx'::regclass;"
                    "UPDATE howdah.steps SET state = 'running' WHERE number <= 2; UPDATE howdah.migrations SET state = 'running'");
            QVERIFY(bed.journal(id).isInterrupted());
            std::vector<std::string> told;
            VERIFY_END(bed.go(id, {}, [&](const RunEvent &event) { told.emplace_back(word(event.kind)); }), ExecutionEnd::Done);
            QCOMPARE(std::count(told.begin(), told.end(), "resolved"), 1);
            QCOMPARE(std::count(told.begin(), told.end(), "repaired"), 1);
            QCOMPARE(bed.ask("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"), std::string("4"));
        }
    }

    void theFingerprintMustHold()
    {
        Bed bed;
        ChangeScript script = oneStep("ALTER TABLE t ADD COLUMN b int");
        script.fingerprint_sql = "SELECT string_agg(attname || ' ' || format_type(atttypid, -1), E'\\n' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0";
        script.fingerprint = bed.ask(script.fingerprint_sql);
        bed.run("ALTER TABLE t ADD COLUMN surprise int");
        const std::int64_t id = bed.add(script);
        const Execution refused = bed.go(id);
        VERIFY_END(refused, ExecutionEnd::Failed);
        QCOMPARE(refused.error->detail, std::string("now:  surprise integer\n"));
        QCOMPARE(bed.journal(id).state, MigrationState::Failed);
        QCOMPARE(bed.journal(id).steps[0].state, JournalStepState::Waiting);
    }

    void onlyOneRunsIt()
    {
        Bed bed(15, 20'000);
        Throttle throttle;
        throttle.rows_per_second = 5000;
        const std::int64_t id = bed.add(test::fillByBlocks(), throttle);
        bool tried = false;
        std::optional<Error> error;
        VERIFY_END(bed.go(id, {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Progress && !tried) {
                tried = true;
                pg::ConnectionSpec other = bed.spec;
                other.application_name = "another";
                error = execute(other, {}, id, {}, {}).error;
                static_cast<void>(setThrottle(*bed.connection, id, Throttle()));
            }
        }), ExecutionEnd::Done);
        QVERIFY(error);
        QVERIFY2(error->message.find("is run by") != std::string::npos, error->message.c_str());
    }

    void aLostConnectionIsHadAgain()
    {
        Bed bed(15, 20'000);
        Throttle throttle;
        throttle.rows_per_second = 20'000;
        const std::int64_t id = bed.add(test::fillByBlocks(), throttle);
        int ended = 0;
        bool reconnected = false;
        VERIFY_END(bed.go(id, {}, [&](const RunEvent &event) {
            if (event.kind == RunEventKind::Progress && event.rows_done > ended * 6000 && ended < 2) {
                ++ended;
                bed.run("SELECT pg_terminate_backend(executor_pid) FROM howdah.migrations");
            }
            reconnected = reconnected || event.kind == RunEventKind::Reconnected;
        }), ExecutionEnd::Done);
        QCOMPARE(ended, 2);
        QVERIFY(reconnected);
        QCOMPARE(bed.ask("SELECT count(*) FROM t WHERE note_length IS NULL"), std::string("0"));
        QCOMPARE(bed.ask("SELECT rows_done BETWEEN 19000 AND 21000 FROM howdah.batches"), std::string("t"));
    }

    void partitionsAndBlocksOnEveryVersion()
    {
        for (const int major : test::majors()) {
            Bed bed(major, 10);
            bed.run("CREATE TABLE p (id int, k int, v int, PRIMARY KEY (k, id)) PARTITION BY RANGE (k);"
                    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (5); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (10);"
                    "CREATE TABLE empty PARTITION OF p FOR VALUES FROM (10) TO (20);"
                    "INSERT INTO p SELECT i, i % 10, 0 FROM generate_series(1, 5000) i");
            ChangeScript script;
            script.title = "Both ways";
            ChangeStep by_key = test::migrationStep(Phase::Backfill, "By key", "");
            by_key.batches = BatchWork{"p", {"k", "id"}, "UPDATE p SET v = v + 1 WHERE {range}", 300, true};
            ChangeStep by_block = test::migrationStep(Phase::Backfill, "By block", "");
            // Rows that a batch has moved behind the walk must not be met again by another leaf's.
            by_block.batches = BatchWork{"p", {}, "UPDATE p SET v = v + 10 WHERE {range} AND v < 10", 300, true};
            script.steps = {by_key, by_block};
            VERIFY_END(bed.go(bed.add(script)), ExecutionEnd::Done);
            QCOMPARE(bed.ask("SELECT min(v) || ' ' || max(v) FROM p"), std::string("11 11"));
        }
    }

    void keysOfManyTypes()
    {
        Bed bed(15, 10);
        const auto walk = [&](const std::string &type, const std::string &value) {
            bed.run("DROP TABLE IF EXISTS k; CREATE TABLE k (\"Key\" " + type + " PRIMARY KEY, v int DEFAULT 0); INSERT INTO k (\"Key\") SELECT " + value + " FROM generate_series(1, 700) i; ANALYZE k");
            ChangeScript script;
            script.title = type;
            ChangeStep step = test::migrationStep(Phase::Backfill, "All", "");
            step.batches = BatchWork{"k", {"\"Key\""}, "UPDATE k SET v = v + 1 WHERE {range}", 50, true};
            script.steps = {step};
            const Execution done = bed.go(bed.add(script));
            QVERIFY2(done.end == ExecutionEnd::Done, (type + ": " + (done.error ? done.error->text() : "")).c_str());
            QCOMPARE(bed.ask("SELECT min(v) || ' ' || max(v) || ' ' || count(*) FROM k"), std::string("1 1 700"));
        };
        walk("text", "md5(i::text) || chr(39) || chr(92)");
        walk("character(40)", "md5(i::text)");
        walk("uuid", "md5(i::text)::uuid");
        walk("timestamptz", "now() + i * interval '1.234567 s'");
        walk("date", "current_date + i");
        walk("numeric", "i / 7.0");
        walk("double precision", "i / 7.0::float8");
        walk("bytea", "decode(md5(i::text), 'hex')");
        walk("interval", "i * interval '1 hour 3 s'");
    }

    void badInputIsSaidAndNothingIsHalfDone()
    {
        Bed bed;
        // A statement with a mistake: where it is, within its step.
        ChangeScript wrong = oneStep("CREATE TABLE made (a int);\nALTER TABLE t ADD COLUM b intt");
        Execution failed = bed.go(bed.add(wrong));
        VERIFY_END(failed, ExecutionEnd::Failed);
        QVERIFY(failed.error->position);
        QCOMPARE(wrong.steps[0].sql.substr(failed.error->position->value, 4), std::string("intt"));
        QCOMPARE(bed.ask("SELECT to_regclass('made') IS NULL"), std::string("t"));

        // A table dropped between the steps.
        ChangeScript dropped = test::widenA(false);
        dropped.steps.insert(dropped.steps.begin() + 1, test::migrationStep(Phase::Expand, "Drop", "ALTER TABLE t RENAME TO gone", "ALTER TABLE gone RENAME TO t"));
        std::int64_t id = bed.add(dropped);
        failed = bed.go(id);
        VERIFY_END(failed, ExecutionEnd::Failed);
        QCOMPARE(failed.error->sqlstate, std::string("42P01"));
        QCOMPARE(failed.step, 3);
        const std::string shape = Bed(15, 10).shape();
        VERIFY_END(bed.back(id), ExecutionEnd::Done);
        QCOMPARE(bed.shape(), shape);

        // No privilege.
        bed.run("CREATE ROLE weak_" + bed.connection->facts().database + " LOGIN");
        pg::ConnectionSpec weak = bed.spec;
        weak.conninfo += " user=weak_" + bed.connection->facts().database;
        const auto connection = std::move(*pg::Connection::open(weak));
        QCOMPARE(listMigrations(*connection).error().sqlstate, std::string("42501"));
        const auto made = createJournal(*connection);
        QCOMPARE(made.error().sqlstate, std::string("42501"));
        QVERIFY(!made.error().hint.empty());
        bed.run("GRANT USAGE ON SCHEMA howdah TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA howdah TO PUBLIC");
        id = bed.add(test::widenA(false));
        failed = execute(weak, {}, id, {}, {});
        VERIFY_END(failed, ExecutionEnd::Failed);
        QCOMPARE(failed.error->sqlstate, std::string("42501"));
        VERIFY_END(bed.back(id), ExecutionEnd::Done);
        bed.run("REVOKE ALL ON ALL TABLES IN SCHEMA howdah FROM PUBLIC; REVOKE USAGE ON SCHEMA howdah FROM PUBLIC; DROP ROLE weak_" + bed.connection->facts().database);

        // The disk is full in the midst of the batches: they stay, the next run goes on.
        ChangeScript full = test::widenA(false);
        full.steps[1].batches->batch_sql = "UPDATE t SET a_new = CASE WHEN id = 2000 AND to_regclass('room') IS NULL THEN full_disk() ELSE a END WHERE {range}";
        bed.run("CREATE FUNCTION full_disk() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END $$");
        id = bed.add(full);
        failed = bed.go(id);
        VERIFY_END(failed, ExecutionEnd::Failed);
        QCOMPARE(failed.error->sqlstate, std::string("53100"));
        QVERIFY(bed.journal(id).steps[1].batches->rows_done > 0);
        QCOMPARE(bed.journal(id).steps[1].state, JournalStepState::Failed);
        bed.run("CREATE TABLE room ()");
        VERIFY_END(bed.go(id), ExecutionEnd::Done);
    }

    void refusesWhatAJournalCannotHold()
    {
        QVERIFY(unfitForJournal(oneStep("CREATE TABLE x (a int); COMMIT; DROP TABLE x")));
        QVERIFY(unfitForJournal(oneStep("CREATE INDEX CONCURRENTLY i ON t (a)")));
        QVERIFY(unfitForJournal(oneStep("\\dt")));
        QVERIFY(!unfitForJournal(test::widenA(true)));
    }

    void allOrNothingIsOneTransaction()
    {
        Bed bed;
        ChangeScript script = oneStep("CREATE TABLE first (a int)");
        script.all_or_nothing = true;
        script.steps.push_back(test::migrationStep(Phase::Plain, "Second", "SELECT 1 / 0"));
        const std::int64_t id = bed.add(script);
        VERIFY_END(bed.go(id), ExecutionEnd::Failed);
        QCOMPARE(bed.ask("SELECT to_regclass('first') IS NULL"), std::string("t"));
        QCOMPARE(bed.journal(id).steps[0].state, JournalStepState::Waiting);
        script.steps[1].sql = "CREATE TABLE second (a int)";
        VERIFY_END(bed.go(bed.add(script)), ExecutionEnd::Done);
        QCOMPARE(bed.ask("SELECT to_regclass('second') IS NOT NULL"), std::string("t"));
    }

    void limitsAreReadAndRefused()
    {
        Throttle throttle;
        QVERIFY(setThrottle(throttle, "slot_bytes=2 GB"));
        QCOMPARE(throttle.slot_bytes, std::int64_t(2) << 30);
        QVERIFY(setThrottle(throttle, "window=22:00-06:30"));
        QVERIFY(setThrottle(throttle, "latency_ms=off"));
        QCOMPARE(readThrottle(toJson(throttle))->window, std::string("22:00-06:30"));
        QVERIFY(!setThrottle(throttle, "window=22-6"));
        QVERIFY(!setThrottle(throttle, "batch_ms=fast"));
        QVERIFY(!setThrottle(throttle, "nonsense=1"));
        Load load;
        load.minute_of_day = 23 * 60;
        QVERIFY(!reasonToWait(throttle, load));
        load.minute_of_day = 12 * 60;
        QVERIFY(reasonToWait(throttle, load));
        load.minute_of_day = 23 * 60;
        load.replica = "standby1";
        load.replica_lag_s = 12;
        QCOMPARE(*reasonToWait(throttle, load), std::string("Replica standby1 is 12.0 s behind (limit 10.0 s)"));
    }
};

QTEST_GUILESS_MAIN(TestExecutor)
#include "tst_executor.moc"
