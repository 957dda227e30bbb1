// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include "core/migration/change_script.h"
#include "core/migration/step_work.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

/// Without a journal and a watcher: the steps themselves are StepWork's, as they are for the executor of migrations.
class ScriptRun
{
public:
    ScriptRun(pg::Connection &connection, const ChangeScript &script, const ChangeOptions &options,
              const std::function<void(std::size_t, const StepOutcome &)> &progress)
        : connection_(connection), script_(script), options_(options), progress_(progress)
    {
        outcome_.steps.resize(script.steps.size());
        limits_.lock_timeout = options.lock_timeout;
        limits_.locks.tries = std::max(1, options.lock_tries);
        limits_.locks.pause_ms = 200;
    }

    ChangeOutcome run();

private:
    [[nodiscard]] std::optional<Error> refusal() const;
    Result<void> step(std::size_t index);
    Result<void> begin();
    Result<void> send(const std::string &sql);
    void rollBack();
    void set(std::size_t index, StepState state);
    void close(std::size_t failed, Error error);
    [[nodiscard]] std::string account(std::size_t failed) const;

    pg::Connection &connection_;
    const ChangeScript &script_;
    const ChangeOptions &options_;
    const std::function<void(std::size_t, const StepOutcome &)> &progress_;
    WorkLimits limits_;
    ChangeOutcome outcome_;
};

std::optional<Error> ScriptRun::refusal() const
{
    Error error;
    error.kind = ErrorKind::Usage;
    error.detail = "Nothing was run.";
    if (connection_.transaction() != pg::TransactionState::Idle) {
        error.message = "A change script needs a connection without an open transaction";
        error.hint = "Commit or roll back first.";
        return error;
    }
    for (const ChangeStep &step : script_.steps) {
        if (options_.single_transaction && (!step.in_transaction || step.batches || step.comparison)) {
            error.message = "\"" + step.title + "\" cannot run within a transaction, so these steps cannot be all or nothing";
            error.hint = "Run them one by one.";
            return error;
        }
    }
    return {};
}

Result<void> ScriptRun::send(const std::string &sql)
{
    auto sent = connection_.query(sql);
    if (!sent)
        return tl::unexpected(std::move(sent.error()));
    return {};
}

Result<void> ScriptRun::begin()
{
    if (auto begun = send("BEGIN"); !begun || options_.lock_timeout.empty())
        return begun;
    const auto set = connection_.query("SELECT set_config('lock_timeout', $1, true)", {options_.lock_timeout});
    if (!set)
        return tl::unexpected(set.error());
    return {};
}

Result<void> ScriptRun::step(std::size_t index)
{
    StepWork work(connection_, limits_, nullptr, {}, static_cast<int>(index) + 1);
    if (options_.single_transaction)
        return work.runWithin(script_.steps[index]);
    const auto end = work.run(script_.steps[index]);
    if (!end)
        return tl::unexpected(end.error());
    if (*end == StepEnd::Paused)
        return fail(ErrorKind::Cancelled, "Cancelled");
    return {};
}

void ScriptRun::rollBack()
{
    if (!connection_.alive() || connection_.transaction() == pg::TransactionState::Idle)
        return;
    const pg::CancelShield shield(connection_.canceller());
    // Should even this fail the server has gone, and has rolled back by itself.
    static_cast<void>(send("ROLLBACK"));
}

void ScriptRun::set(std::size_t index, StepState state)
{
    outcome_.steps[index].state = state;
    if (progress_)
        progress_(index, outcome_.steps[index]);
}

/// What was done and what was not, by the steps' titles.
std::string ScriptRun::account(std::size_t failed) const
{
    std::string done, not_done, back;
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
        const ChangeStep &step = script_.steps[i];
        std::string &list = i < failed && !options_.single_transaction ? done : not_done;
        if (!list.empty())
            list += ", ";
        list += step.title;
        // The last step done is the first to be taken back.
        if (&list == &done && !step.undo_sql.empty())
            back.insert(0, step.undo_sql + (step.undo_sql.ends_with(';') ? "\n" : ";\n"));
    }
    const ChangeStep &step = script_.steps[failed];
    std::string text = done.empty() ? "Nothing was changed" : "Done and kept: " + done;
    text += ". Not done: " + not_done + ".";
    if (step.batches)
        text += " The batches of \"" + step.title + "\" that were done are kept.";
    else if (!step.in_transaction)
        text += " \"" + step.title + "\" does not run in a transaction, so it may have left something behind"
            + (step.undo_sql.empty() ? "." : "; its way back: " + step.undo_sql);
    if (!back.empty())
        text += "\nThe way back from what was done:\n" + back;
    return text.substr(0, text.find_last_not_of('\n') + 1);
}

void ScriptRun::close(std::size_t failed, Error error)
{
    rollBack();
    outcome_.steps[failed].error = error;
    set(failed, error.kind == ErrorKind::Cancelled ? StepState::Cancelled : StepState::Failed);
    for (std::size_t i = failed + 1; i < script_.steps.size(); ++i)
        set(i, StepState::NotRun);
    if (options_.single_transaction) {
        for (std::size_t i = 0; i < failed; ++i)
            set(i, StepState::NotRun);
    }
    if (!error.detail.empty())
        error.detail += '\n';
    error.detail += account(failed);
    outcome_.error = std::move(error);
}

ChangeOutcome ScriptRun::run()
{
    if (auto refused = refusal()) {
        outcome_.error = std::move(refused);
        for (StepOutcome &step : outcome_.steps)
            step.state = StepState::NotRun;
        return std::move(outcome_);
    }
    if (script_.steps.empty())
        return std::move(outcome_);
    if (options_.single_transaction) {
        if (auto begun = begin(); !begun) {
            close(0, std::move(begun.error()));
            return std::move(outcome_);
        }
    }
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
        set(i, StepState::Running);
        const auto begin = Clock::now();
        auto done = step(i);
        if (done && options_.single_transaction && i + 1 == script_.steps.size())
            done = send("COMMIT");
        outcome_.steps[i].duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        if (!done) {
            close(i, std::move(done.error()));
            return std::move(outcome_);
        }
        set(i, StepState::Done);
    }
    return std::move(outcome_);
}

} // namespace

ChangeOutcome runChangeScript(pg::Connection &connection, const ChangeScript &script, const ChangeOptions &options,
                              const std::function<void(std::size_t, const StepOutcome &)> &progress)
{
    const pg::CancelScope scope(connection.canceller());
    return ScriptRun(connection, script, options, progress).run();
}

} // namespace howdah::migration
