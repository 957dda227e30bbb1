// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include "core/migration/change_script.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace {

using Clock = std::chrono::steady_clock;

class ScriptRun
{
public:
    ScriptRun(pg::Connection &connection, const ChangeScript &script, const ChangeOptions &options,
              const std::function<void(std::size_t, const StepOutcome &)> &progress)
        : connection_(connection), script_(script), options_(options), progress_(progress)
    {
        outcome_.steps.resize(script.steps.size());
    }

    ChangeOutcome run();

private:
    [[nodiscard]] std::optional<Error> refusal() const;
    Result<void> step(const ChangeStep &step);
    Result<void> send(const std::string &sql);
    Result<void> sendStep(const ChangeStep &step);
    Result<void> check(const std::string &sql, const char *when);
    Result<void> sendWithLockTimeout(const std::string &sql);
    void rollBack();
    void set(std::size_t index, StepState state);
    void close(std::size_t failed, Error error);
    [[nodiscard]] std::string account(std::size_t failed) const;

    pg::Connection &connection_;
    const ChangeScript &script_;
    const ChangeOptions &options_;
    const std::function<void(std::size_t, const StepOutcome &)> &progress_;
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
        if (options_.single_transaction && !step.in_transaction) {
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

Result<void> ScriptRun::sendStep(const ChangeStep &step)
{
    auto sent = connection_.query(step.sql);
    if (!sent)
        return tl::unexpected(std::move(sent.error()));
    if (!step.expected_rows || sent->rows == *step.expected_rows)
        return {};
    return fail(ErrorKind::Unsupported,
                "\"" + step.title + "\" hit " + std::to_string(sent->rows) + " rows instead of " + std::to_string(*step.expected_rows),
                "Somebody else has changed or deleted the row since it was read, or a trigger or policy held the change back. Read it again.");
}

Result<void> ScriptRun::check(const std::string &sql, const char *when)
{
    if (sql.empty())
        return {};
    auto checked = connection_.query(sql);
    if (!checked)
        return tl::unexpected(std::move(checked.error()));
    const auto &rows = checked->result;
    if (rows && rows->rowCount() == 1 && rows->columns().size() == 1 && rows->cell(0, 0).text == "t")
        return {};
    return fail(ErrorKind::Unsupported, std::string("The check ") + when + " the step does not hold: " + sql,
                "Look at what the server has now and make the script anew.");
}

/// Outside of a transaction SET LOCAL does not hold, so the session's own setting is put back afterwards.
Result<void> ScriptRun::sendWithLockTimeout(const std::string &sql)
{
    if (options_.lock_timeout.empty())
        return send(sql);
    const auto before = connection_.query("SELECT current_setting('lock_timeout')");
    if (!before)
        return tl::unexpected(before.error());
    const std::string previous(before->result->cell(0, 0).text);
    if (auto set = send("SET lock_timeout = " + sql::quoteLiteral(options_.lock_timeout)); !set)
        return set;
    auto sent = send(sql);
    if (connection_.alive()) {
        const pg::CancelShield shield(connection_.canceller());
        auto restored = send("SET lock_timeout = " + sql::quoteLiteral(previous));
        if (sent && !restored)
            return restored;
    }
    return sent;
}

Result<void> ScriptRun::step(const ChangeStep &step)
{
    if (auto held = check(step.check_before, "before"); !held)
        return held;
    if (!step.in_transaction) {
        if (auto sent = sendWithLockTimeout(step.sql); !sent)
            return sent;
        return check(step.check_after, "after");
    }
    if (!options_.single_transaction) {
        if (auto begun = send("BEGIN"); !begun)
            return begun;
    }
    if (!options_.lock_timeout.empty()) {
        if (auto set = send("SET LOCAL lock_timeout = " + sql::quoteLiteral(options_.lock_timeout)); !set)
            return set;
    }
    if (auto sent = sendStep(step); !sent)
        return sent;
    if (auto held = check(step.check_after, "after"); !held)
        return held;
    return options_.single_transaction ? Result<void>() : send("COMMIT");
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
    std::string text = done.empty() ? "Nothing was changed" : "Done and kept: " + done;
    text += ". Not done: " + not_done + ".";
    if (!script_.steps[failed].in_transaction)
        text += " \"" + script_.steps[failed].title + "\" does not run in a transaction, so it may have left something behind"
            + (script_.steps[failed].undo_sql.empty() ? "." : "; its way back: " + script_.steps[failed].undo_sql);
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
        if (auto begun = send("BEGIN"); !begun) {
            close(0, std::move(begun.error()));
            return std::move(outcome_);
        }
    }
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
        set(i, StepState::Running);
        const auto begin = Clock::now();
        auto done = step(script_.steps[i]);
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
