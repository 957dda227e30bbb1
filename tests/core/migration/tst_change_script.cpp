// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <thread>

#include "core/migration/change_script.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;

namespace {

ChangeStep makeStep(std::string title, std::string sql, std::string undo = {})
{
    ChangeStep step;
    step.title = std::move(title);
    step.sql = std::move(sql);
    step.undo_sql = std::move(undo);
    return step;
}

std::string ask(pg::Connection &connection, const std::string &sql)
{
    const auto outcome = connection.query(sql);
    return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
}

} // namespace

class TestChangeScript : public QObject
{
    Q_OBJECT

    static ChangeScript threeSteps()
    {
        ChangeScript script;
        script.title = "Prepare t";
        script.steps = {makeStep("Create t", "CREATE TABLE t (a int)", "DROP TABLE t"),
                        makeStep("Fill t", "INSERT INTO t SELECT generate_series(1, 100)", "DELETE FROM t"),
                        makeStep("Index t", "CREATE INDEX CONCURRENTLY t_a ON t (a)", "DROP INDEX t_a")};
        script.steps[2].in_transaction = false;
        script.steps[2].check_before = "SELECT count(*) = 100 FROM t";
        script.steps[2].check_after = "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass";
        return script;
    }

private Q_SLOTS:
    void runsInOrderOnEveryVersion()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            QVERIFY(connection->query("SET lock_timeout = '7s'"));
            std::vector<std::string> told;
            const ChangeOutcome outcome = runChangeScript(*connection, threeSteps(), {}, [&](std::size_t step, const StepOutcome &state) {
                told.push_back(std::to_string(step) + (state.state == StepState::Running ? " runs" : " done"));
            });
            QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
            QCOMPARE(told, (std::vector<std::string>{"0 runs", "0 done", "1 runs", "1 done", "2 runs", "2 done"}));
            QCOMPARE(ask(*connection, "SHOW lock_timeout"), std::string("7s"));
            QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
        }
    }

    void anErrorStopsAndAccounts()
    {
        const auto connection = test::freshConnection();
        ChangeScript script = threeSteps();
        script.steps[1].sql = "INSERT INTO nowhere VALUES (1)";
        const ChangeOutcome outcome = runChangeScript(*connection, script);
        QVERIFY(!outcome.done());
        QCOMPARE(outcome.error->sqlstate, std::string("42P01"));
        QCOMPARE(outcome.steps[0].state, StepState::Done);
        QCOMPARE(outcome.steps[1].state, StepState::Failed);
        QCOMPARE(outcome.steps[2].state, StepState::NotRun);
        QVERIFY2(outcome.error->detail.find("Done and kept: Create t. Not done: Fill t, Index t.") != std::string::npos, outcome.error->detail.c_str());
        QVERIFY(outcome.error->detail.find("DROP TABLE t;") != std::string::npos);
        QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
        QCOMPARE(ask(*connection, "SELECT to_regclass('t') IS NOT NULL"), std::string("t"));
    }

    void allOrNothing()
    {
        const auto connection = test::freshConnection();
        ChangeScript script = threeSteps();
        ChangeOptions options;
        options.single_transaction = true;
        QCOMPARE(runChangeScript(*connection, script, options).error->kind, ErrorKind::Usage);
        script.steps.pop_back();
        script.steps.push_back(makeStep("Fail", "SELECT 1 / 0"));
        const ChangeOutcome outcome = runChangeScript(*connection, script, options);
        QCOMPARE(outcome.error->sqlstate, std::string("22012"));
        QVERIFY(outcome.error->detail.find("Nothing was changed") != std::string::npos);
        QCOMPARE(ask(*connection, "SELECT to_regclass('t') IS NULL"), std::string("t"));
        script.steps.pop_back();
        QVERIFY(runChangeScript(*connection, script, options).done());
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("100"));
    }

    void checksStopTheScript()
    {
        const auto connection = test::freshConnection();
        ChangeScript script = threeSteps();
        script.steps[1].check_after = "SELECT count(*) = 7 FROM t";
        const ChangeOutcome outcome = runChangeScript(*connection, script);
        QCOMPARE(outcome.steps[1].state, StepState::Failed);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM t"), std::string("0")); // rolled back with its step
    }

    void aHeldLockGivesUpInTime()
    {
        const auto connection = test::freshConnection();
        pg::ConnectionSpec spec;
        spec.conninfo = test::server().conninfo(connection->facts().database);
        const auto other = std::move(*pg::Connection::open(spec));
        QVERIFY(!other->run("CREATE TABLE t (a int); BEGIN; LOCK TABLE t").error);
        ChangeScript script;
        script.steps = {makeStep("Add b", "ALTER TABLE t ADD b int")};
        ChangeOptions options;
        options.lock_timeout = "100ms";
        const ChangeOutcome outcome = runChangeScript(*connection, script, options);
        QCOMPARE(outcome.error->sqlstate, std::string("55P03"));
        QVERIFY(outcome.error->retryable);
    }

    void cancelled()
    {
        const auto connection = test::freshConnection();
        ChangeScript script = threeSteps();
        script.steps[1].sql = "SELECT pg_sleep(60)";
        std::thread other;
        const ChangeOutcome outcome = runChangeScript(*connection, script, {}, [&](std::size_t step, const StepOutcome &state) {
            if (step == 1 && state.state == StepState::Running)
                other = std::thread([canceller = connection->canceller()] {
                    std::this_thread::sleep_for(std::chrono::milliseconds(100));
                    canceller.cancel();
                });
        });
        other.join();
        QCOMPARE(outcome.steps[1].state, StepState::Cancelled);
        QCOMPARE(outcome.error->kind, ErrorKind::Cancelled);
        QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
    }

    void withinATransactionItRefuses()
    {
        const auto connection = test::freshConnection();
        QVERIFY(connection->query("BEGIN"));
        const ChangeOutcome outcome = runChangeScript(*connection, threeSteps());
        QCOMPARE(outcome.error->kind, ErrorKind::Usage);
        QCOMPARE(outcome.steps[0].state, StepState::NotRun);
    }

    void printsItselfAsSql()
    {
        ChangeScript script = threeSteps();
        script.reason = "Two\nlines";
        script.steps[2].lock_level = "SHARE UPDATE EXCLUSIVE";
        const std::string sql = script.toSql();
        QVERIFY(sql.starts_with("-- Prepare t\n-- Two\n-- lines\n"));
        QVERIFY(sql.find("-- 3. Index t\n-- Lock: SHARE UPDATE EXCLUSIVE\n-- Way back: DROP INDEX t_a\n-- Not within a transaction.\n"
                         "CREATE INDEX CONCURRENTLY t_a ON t (a);\n") != std::string::npos);
        const auto connection = test::freshConnection();
        const pg::RunOutcome run = connection->run(sql);
        QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
    }
};

QTEST_GUILESS_MAIN(TestChangeScript)
#include "tst_change_script.moc"
