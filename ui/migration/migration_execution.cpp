// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migration/migration_execution.h"

#include <atomic>
#include <thread>

#include "ui/base/bridge.h"

namespace howdah::ui {

/// Lives as long as the thread or this object needs it.
struct MigrationExecution::Shared {
    pg::Canceller canceller;
    std::atomic<bool> stopped{false};
};

MigrationExecution::MigrationExecution(pg::ConnectionSpec spec, std::int64_t id, QObject *parent)
    : QObject(parent), spec_(std::move(spec)), id_(id), shared_(std::make_shared<Shared>())
{
}

MigrationExecution::~MigrationExecution()
{
    stop();
}

void MigrationExecution::start(bool backward, const migration::ExecutorOptions &options)
{
    if (running_)
        return;
    running_ = true;
    const auto told = onGui<migration::RunEvent>(this, [this](const migration::RunEvent &event) { Q_EMIT this->told(event); });
    const auto done = onGui<migration::Execution>(this, [this](const migration::Execution &execution) {
        running_ = false;
        Q_EMIT finished(execution);
    });
    // Not waited for: it ends within moments of stop(), and should the program end first the journal has it all.
    std::thread([spec = spec_, id = id_, shared = shared_, backward, options, told, done] {
        const pg::CancelScope scope(shared->canceller);
        if (shared->stopped) {
            migration::Execution execution;
            execution.end = migration::ExecutionEnd::Paused;
            done(execution);
            return;
        }
        done(backward ? migration::rollBack(spec, shared->canceller, id, options, told) : migration::execute(spec, shared->canceller, id, options, told));
    }).detach();
}

void MigrationExecution::stop()
{
    shared_->stopped = true;
    shared_->canceller.cancel();
}

} // namespace howdah::ui
