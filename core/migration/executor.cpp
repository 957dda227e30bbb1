// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/executor.h"

#include <thread>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/migration_run.h"
#include "core/sql/lexer.h"
#include "core/sql/transaction_block.h"

namespace howdah::migration {

namespace {

double since(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// It was begun and something of it may be there.
bool touched(JournalStepState state)
{
    return state != JournalStepState::Waiting && state != JournalStepState::Undone && state != JournalStepState::Kept;
}

} // namespace

std::optional<Error> unfitForJournal(const ChangeScript &script)
{
    for (const ChangeStep &step : script.steps) {
        if (script.all_or_nothing && (!step.in_transaction || step.batches || step.comparison))
            return fail(ErrorKind::Usage, "\"" + step.title + "\" cannot run within a transaction, so these steps cannot be all or nothing").value();
        for (const std::string *sql : {&step.sql, &step.undo_sql, &step.repair_sql}) {
            for (const sql::StatementSpan &statement : sql::splitStatements(*sql)) {
                const sql::BlockRule rule = sql::blockRule(statement.text.of(*sql));
                if (rule.role == sql::BlockRole::Control)
                    return fail(ErrorKind::Usage, "\"" + step.title + "\" controls transactions itself, so that the journal could not be kept in them: " + std::string(statement.text.of(*sql)),
                                "Leave BEGIN and COMMIT out: each step that runs in a transaction gets one.")
                        .value();
                if (rule.role == sql::BlockRole::Outside && sql == &step.sql && step.in_transaction)
                    return fail(ErrorKind::Usage, "\"" + step.title + "\" says that it runs in a transaction, and " + rule.command + " cannot", "Set in_transaction to false.").value();
                if (statement.psql_command)
                    return fail(ErrorKind::Usage, "\"" + step.title + "\" holds a command of psql: " + std::string(statement.text.of(*sql))).value();
            }
        }
    }
    return {};
}

std::vector<std::string> irreversible(const JournalMigration &migration)
{
    std::vector<std::string> stuck;
    for (std::size_t i = 0; i < migration.steps.size(); ++i) {
        const ChangeStep &step = migration.script.steps[i];
        const bool changes = !step.comparison && (step.phase == Phase::Contract || step.phase == Phase::Plain);
        if (!changes || !step.undo_sql.empty() || migration.steps[i].state == JournalStepState::Waiting || migration.steps[i].state == JournalStepState::Undone)
            continue;
        // Of one that failed in its transaction nothing is there.
        if (migration.steps[i].state != JournalStepState::Done && step.in_transaction && !step.batches)
            continue;
        stuck.push_back("\"" + step.title + "\": " + (step.no_undo_reason.empty() ? "it has no way back" : step.no_undo_reason));
    }
    return stuck;
}

Execution execute(const pg::ConnectionSpec &spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options, const RunObserver &observer)
{
    return MigrationRun(spec, canceller, id, options, observer).run(false);
}

Execution rollBack(const pg::ConnectionSpec &spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options, const RunObserver &observer)
{
    return MigrationRun(spec, canceller, id, options, observer).run(true);
}

// The loops over the steps.

std::optional<MigrationRun::Stop> MigrationRun::stopped(const Result<StepEnd> &end, std::size_t index) const
{
    if (end && *end == StepEnd::Done)
        return {};
    Stop stop;
    stop.step = static_cast<int>(index) + 1;
    if (end || canceller_.requested()) {
        stop.end = ExecutionEnd::Paused;
        return stop;
    }
    stop.end = ExecutionEnd::Failed;
    stop.error = end.error();
    return stop;
}

std::optional<std::string> MigrationRun::deploymentBefore(const ChangeStep &step) const
{
    std::string what;
    for (const Deployment &deployment : migration_.script.deployments) {
        if (deployment.before <= step.phase && deployment.before > migration_.deployed)
            what += (what.empty() ? "" : "\n") + deployment.what;
    }
    return what.empty() ? std::nullopt : std::optional(what);
}

/// A step outside of a transaction that an earlier run had begun: it may be done, half done or not begun.
Result<StepEnd> MigrationRun::resolve(const ChangeStep &step, StepWork &work, bool &done)
{
    done = false;
    if (!step.check_after.empty()) {
        const auto held = work.holds(step.check_after);
        // The check itself may fail on what is not there yet: then it is not done.
        if (!held && !connection_->alive())
            return tl::unexpected(held.error());
        done = held.value_or(false);
    }
    return done ? Result<StepEnd>(StepEnd::Done) : work.repair(step);
}

std::optional<MigrationRun::Stop> MigrationRun::runStep(std::size_t index)
{
    const ChangeStep &step = migration_.script.steps[index];
    const bool begun_before = migration_.steps[index].state == JournalStepState::Running || migration_.steps[index].state == JournalStepState::Failed;
    step_began_ = std::chrono::steady_clock::now();
    StepWork work(*connection_, limits_, watcher_.get(), recordOf(index, JournalStepState::Done), static_cast<int>(index) + 1);
    if (begun_before && !step.in_transaction && !step.batches && !step.comparison) {
        bool done = false;
        if (auto stop = stopped(resolve(step, work, done), index))
            return stop;
        if (done) {
            if (auto set = setStep(index, JournalStepState::Done); !set)
                return stopped(tl::unexpected(set.error()), index);
            tell(RunEventKind::Resolved, index, "\"" + step.title + "\" had been done when it was interrupted");
            return {};
        }
    }
    if (auto set = setStep(index, JournalStepState::Running); !set)
        return stopped(tl::unexpected(set.error()), index);
    migration_.steps[index].state = JournalStepState::Running;
    tell(RunEventKind::Started, index, step.title);
    if (auto stop = stopped(work.run(step, migration_.steps[index].batches), index))
        return stop;
    migration_.steps[index].state = JournalStepState::Done;
    tell(RunEventKind::Done, index, step.title, since(step_began_));
    return {};
}

/// Steps that only make sense together, in one transaction with the journal.
Result<void> MigrationRun::runTogetherOnce(double timeout_ms, std::size_t &at)
{
    if (auto begun = connection_->query("BEGIN"); !begun)
        return tl::unexpected(begun.error());
    if (auto set = connection_->query(fmt::format("SET LOCAL lock_timeout = '{}ms'", static_cast<int>(timeout_ms))); !set)
        return tl::unexpected(set.error());
    for (at = 0; at < migration_.steps.size(); ++at) {
        step_began_ = std::chrono::steady_clock::now();
        StepWork work(*connection_, limits_, watcher_.get(), recordOf(at, JournalStepState::Done), static_cast<int>(at) + 1);
        if (auto done = work.runWithin(migration_.script.steps[at]); !done)
            return done;
        if (auto set = setStep(at, JournalStepState::Done); !set)
            return set;
    }
    at = migration_.steps.size() - 1;
    if (auto committed = connection_->query("COMMIT"); !committed)
        return tl::unexpected(committed.error());
    return {};
}

std::optional<MigrationRun::Stop> MigrationRun::runTogether()
{
    const auto begin = std::chrono::steady_clock::now();
    Backoff backoff(limits_.locks);
    for (int number = 1;; ++number) {
        std::size_t at = 0;
        watcher_->attemptBegins(limits_.locks.max_queued);
        const auto done = runTogetherOnce(backoff.timeout(number), at);
        const Watcher::Attempt seen = watcher_->attemptEnds();
        if (done) {
            for (std::size_t i = 0; i < migration_.steps.size(); ++i)
                tell(RunEventKind::Done, i, migration_.script.steps[i].title);
            return {};
        }
        if (connection_->alive() && connection_->transaction() != pg::TransactionState::Idle) {
            const pg::CancelShield shield(canceller_);
            static_cast<void>(connection_->query("ROLLBACK"));
        }
        const Error &error = done.error();
        const bool again = error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001" || (seen.gave_up && error.sqlstate == "57014");
        if (!again || since(begin) > limits_.locks.give_up_s * 1000 || canceller_.requested() || !watcher_->request().empty())
            return stopped(tl::unexpected(error), at);
        const double wait = backoff.nextPause();
        tell(RunEventKind::Retry, at, fmt::format("Try {} was given up: {}{}; again in {}", number, error.message, seen.blockers.empty() ? "" : ", because of " + seen.blockers, human::duration(wait)));
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(wait));
    }
}

std::optional<MigrationRun::Stop> MigrationRun::forward()
{
    if (migration_.script.all_or_nothing)
        return migration_.steps.empty() || migration_.steps.back().state == JournalStepState::Done ? std::nullopt : runTogether();
    for (std::size_t i = 0; i < migration_.steps.size(); ++i) {
        if (migration_.steps[i].state == JournalStepState::Done)
            continue;
        if (const auto what = deploymentBefore(migration_.script.steps[i])) {
            Stop stop;
            stop.end = ExecutionEnd::Waiting;
            stop.waits_for = *what;
            return stop;
        }
        if (canceller_.requested() || !watcher_->request().empty()) {
            Stop stop;
            stop.end = ExecutionEnd::Paused;
            return stop;
        }
        if (auto stop = runStep(i))
            return stop;
    }
    return {};
}

std::optional<MigrationRun::Stop> MigrationRun::undoStep(std::size_t index)
{
    const ChangeStep &step = migration_.script.steps[index];
    const JournalStepState before = migration_.steps[index].state;
    step_began_ = std::chrono::steady_clock::now();
    StepWork work(*connection_, limits_, watcher_.get(), recordOf(index, JournalStepState::Undone), static_cast<int>(index) + 1);
    const auto settle = [&](JournalStepState state, RunEventKind kind, const std::string &message) -> std::optional<Stop> {
        if (auto set = setStep(index, state); !set)
            return stopped(tl::unexpected(set.error()), index);
        migration_.steps[index].state = state;
        tell(kind, index, message, since(step_began_));
        return {};
    };
    bool may_be_gone = before == JournalStepState::Undoing;
    if (!step.in_transaction && !step.batches && !step.comparison && (before == JournalStepState::Running || before == JournalStepState::Failed)) {
        bool done = false;
        if (auto stop = stopped(resolve(step, work, done), index))
            return stop;
        if (!done && !step.repair_sql.empty())
            return settle(JournalStepState::Undone, RunEventKind::Undone, "\"" + step.title + "\" had not come to its end; what it left is gone");
        may_be_gone = may_be_gone || !done;
    } else if (step.in_transaction && !step.batches && before != JournalStepState::Done && before != JournalStepState::Undoing) {
        return settle(JournalStepState::Undone, RunEventKind::Undone, "\"" + step.title + "\" had not come to its end, and its transaction left nothing");
    }
    if (step.undo_sql.empty())
        return settle(JournalStepState::Kept, RunEventKind::Kept, "\"" + step.title + "\" has nothing to take back" + (step.no_undo_reason.empty() ? "" : ": " + step.no_undo_reason));
    if (auto set = setStep(index, JournalStepState::Undoing); !set)
        return stopped(tl::unexpected(set.error()), index);
    migration_.steps[index].state = JournalStepState::Undoing;
    if (auto stop = stopped(work.undo(step, may_be_gone), index))
        return stop;
    migration_.steps[index].state = JournalStepState::Undone;
    tell(RunEventKind::Undone, index, "Taken back: " + step.title, since(step_began_));
    return {};
}

std::optional<MigrationRun::Stop> MigrationRun::backward()
{
    for (std::size_t i = migration_.steps.size(); i-- > 0;) {
        if (!touched(migration_.steps[i].state))
            continue;
        if (canceller_.requested() || !watcher_->request().empty()) {
            Stop stop;
            stop.end = ExecutionEnd::Paused;
            return stop;
        }
        if (auto stop = undoStep(i))
            return stop;
    }
    return {};
}

} // namespace howdah::migration
