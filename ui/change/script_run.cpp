// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/script_run.h"

#include <mutex>
#include <optional>

#include "ui/base/bridge.h"

namespace howdah::ui {

/// What the GUI thread and the worker both look at; lives as long as either of them needs it.
struct ScriptRun::Shared {
    std::mutex mutex;
    std::optional<pg::Canceller> canceller; ///< while the script runs
    bool cancelled = false;
};

namespace {

Error cancelledBefore()
{
    Error error;
    error.kind = ErrorKind::Cancelled;
    error.message = "Cancelled before it was started";
    error.detail = "Nothing was run.";
    return error;
}

} // namespace

migration::ChangeOutcome ScriptRun::notRun(std::size_t steps, Error error)
{
    migration::ChangeOutcome outcome;
    outcome.steps.resize(steps);
    for (migration::StepOutcome &step : outcome.steps)
        step.state = migration::StepState::NotRun;
    outcome.error = std::move(error);
    return outcome;
}

ScriptRun::ScriptRun(migration::ChangeScript script, std::shared_ptr<pg::Session> session, QObject *parent)
    : QObject(parent), script_(std::make_shared<const migration::ChangeScript>(std::move(script))),
      session_(std::move(session)), shared_(std::make_shared<Shared>())
{
}

ScriptRun::~ScriptRun()
{
    cancel();
}

void ScriptRun::start(const migration::ChangeOptions &options)
{
    if (running_)
        return;
    running_ = true;
    const auto progress = onGui<std::size_t, migration::StepOutcome>(
        this, [this](std::size_t step, const migration::StepOutcome &outcome) { Q_EMIT stepChanged(step, outcome); });
    const auto done = onGui<migration::ChangeOutcome>(
        this, [this](const migration::ChangeOutcome &outcome) { end(outcome); });
    const auto task = [script = script_, shared = shared_, options, progress, done](pg::Connection &connection) {
        {
            const std::lock_guard lock(shared->mutex);
            if (shared->cancelled) {
                done(notRun(script->steps.size(), cancelledBefore()));
                return;
            }
            shared->canceller = connection.canceller();
        }
        migration::ChangeOutcome outcome = runChangeScript(connection, *script, options, progress);
        {
            // From here on a cancel would hit the session's next task.
            const std::lock_guard lock(shared->mutex);
            shared->canceller.reset();
        }
        done(std::move(outcome));
    };
    const std::size_t steps = script_->steps.size();
    session_->post(task, [done, steps](Error error) { done(notRun(steps, std::move(error))); });
}

void ScriptRun::cancel()
{
    const std::lock_guard lock(shared_->mutex);
    shared_->cancelled = true;
    if (shared_->canceller)
        shared_->canceller->cancel();
}

void ScriptRun::end(const migration::ChangeOutcome &outcome)
{
    running_ = false;
    Q_EMIT finished(outcome);
}

} // namespace howdah::ui
