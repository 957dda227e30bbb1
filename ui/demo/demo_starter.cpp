// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/demo/demo_starter.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ui/base/bridge.h"

namespace howdah::ui {

namespace {

using namespace std::chrono_literals;

// A fast shutdown of an idle server takes about 0.2 s; a window that hangs longer than this looks broken.
constexpr auto moment = 1500ms;

} // namespace

/// Shared with the threads, which may outlive the object.
struct DemoStarter::Work {
    pg::Canceller canceller;
    std::mutex mutex;
    std::condition_variable wake;
    bool busy = false;         ///< a thread is starting the server
    bool cancelled = false;    ///< also before the thread has come far enough for the canceller
    bool started_here = false;
    bool stopping = false;     ///< a thread is stopping it
};

DemoStarter::DemoStarter(QObject *parent) : QObject(parent), work_(std::make_shared<Work>()) { }

DemoStarter::~DemoStarter()
{
    cancel();
    std::unique_lock lock(work_->mutex);
    work_->wake.wait_for(lock, moment, [this] { return !work_->busy; });
}

void DemoStarter::start(const demo::DemoOptions &options)
{
    if (starting_)
        return;
    starting_ = true;
    {
        const std::lock_guard lock(work_->mutex);
        work_->busy = true;
        work_->cancelled = false;
    }
    const auto tell = onGui<demo::DemoProgress>(this, [this](const demo::DemoProgress &now) {
        if (starting_)
            Q_EMIT progress(QString::fromStdString(now.what), now.fraction, now.seconds_left);
    });
    const auto done = onGui<Result<demo::DemoStatus>>(this, [this](const Result<demo::DemoStatus> &result) {
        starting_ = false;
        if (result)
            Q_EMIT ready(*result);
        else
            Q_EMIT failed(result.error());
    });
    std::thread([work = work_, options, tell, done] {
        // The scope holds a cancel() that comes before the first statement.
        const pg::CancelScope scope(work->canceller);
        const bool ran_before = demo::status().running;
        Result<demo::DemoStatus> result = fail(ErrorKind::Cancelled, "Starting the demo server was cancelled");
        bool cancelled = false;
        {
            const std::lock_guard lock(work->mutex);
            cancelled = work->cancelled;
        }
        if (!cancelled)
            result = demo::start(tell, work->canceller, options);
        // A start that failed half-way may have left the server running, which is ours to stop as well.
        const bool runs_now = result ? true : !ran_before && demo::status().running;
        {
            const std::lock_guard lock(work->mutex);
            work->started_here = work->started_here || (!ran_before && runs_now);
            work->busy = false;
        }
        work->wake.notify_all();
        done(std::move(result));
    }).detach();
}

void DemoStarter::cancel()
{
    {
        const std::lock_guard lock(work_->mutex);
        if (!work_->busy)
            return;
        work_->cancelled = true;
    }
    work_->canceller.cancel();
}

bool DemoStarter::startedHere() const
{
    const std::lock_guard lock(work_->mutex);
    return work_->started_here;
}

void DemoStarter::stopIfStartedHere()
{
    cancel();
    std::unique_lock lock(work_->mutex);
    work_->wake.wait_for(lock, moment, [this] { return !work_->busy; });
    if (!work_->started_here || work_->stopping)
        return;
    work_->stopping = true;
    std::thread([work = work_] {
        const auto stopped = demo::stop();
        {
            const std::lock_guard inner(work->mutex);
            work->stopping = false;
            work->started_here = work->started_here && !stopped;
        }
        work->wake.notify_all();
    }).detach();
    work_->wake.wait_for(lock, moment, [this] { return !work_->stopping; });
}

} // namespace howdah::ui
