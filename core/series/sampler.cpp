// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/series/sampler.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace howdah::series {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds shortest_tick{1000};
constexpr milliseconds longest_tick{10'000};

} // namespace

struct Sampler::Impl {
    std::shared_ptr<pg::Session> session;
    std::shared_ptr<SeriesStore> store;
    ProbeRound round; ///< the session's worker's alone

    std::mutex mutex;
    std::condition_variable wake;
    milliseconds tick{2000};
    bool stopping = false;
    bool now_wanted = false;
    bool out = false;             ///< a round is out
    int missed = 0;               ///< ticks in a row that found it out
    std::int64_t skipped = 0;
    SamplerState state = SamplerState::Stopped;
    Error error;
    std::size_t next_id = 0;

    /// Held while observers are called and while they change; never taken with `mutex` held.
    std::mutex telling;
    std::map<std::size_t, Observer> observers;

    Impl(std::shared_ptr<pg::Session> with, std::vector<Probe> probes, SeriesLimits limits)
        : session(std::move(with)), store(std::make_shared<SeriesStore>(limits)), round(std::move(probes), store) {}

    void loop();
    void ask();
    void answered(Result<std::shared_ptr<const Sample>> sample);
    void become(SamplerState next, Error why = {});
    [[nodiscard]] bool isWatched();
    std::thread thread;
};

class Sampler::Watch
{
public:
    Watch(std::shared_ptr<Impl> impl, std::size_t id) : impl_(std::move(impl)), id_(id) {}
    ~Watch()
    {
        const std::lock_guard lock(impl_->telling);
        impl_->observers.erase(id_);
    }
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

private:
    std::shared_ptr<Impl> impl_;
    std::size_t id_;
};

bool Sampler::Impl::isWatched()
{
    const std::lock_guard lock(telling);
    return !observers.empty();
}

void Sampler::Impl::become(SamplerState next, Error why)
{
    {
        const std::lock_guard lock(mutex);
        if (state == next && error.message == why.message)
            return;
        state = next;
        error = why;
    }
    const std::lock_guard lock(telling);
    for (const auto &[id, observer] : observers) {
        if (observer.stateChanged)
            observer.stateChanged(next, why);
    }
}

void Sampler::Impl::loop()
{
    auto due = Clock::now();
    for (;;) {
        const bool watched = isWatched();
        if (!watched)
            become(SamplerState::Stopped);
        bool is_out = false;
        int unanswered = 0;
        SamplerState present = SamplerState::Stopped;
        {
            std::unique_lock lock(mutex);
            const auto ready = [this] { return stopping || now_wanted; };
            if (!watched)
                wake.wait(lock, ready);
            else
                wake.wait_until(lock, due, ready);
            if (stopping)
                return;
            const bool asked = std::exchange(now_wanted, false);
            is_out = out;
            if (asked && is_out)
                continue;
            due = Clock::now() + tick;
            missed = is_out ? missed + 1 : 0;
            skipped += is_out ? 1 : 0;
            unanswered = missed;
            present = state;
        }
        if (!isWatched())
            continue;
        if (!is_out) {
            if (present == SamplerState::Stopped)
                become(SamplerState::Starting);
            ask();
        } else if (unanswered >= 2 && present != SamplerState::Lost) {
            become(SamplerState::Slow);
        }
    }
}

void Sampler::Impl::ask()
{
    {
        const std::lock_guard lock(mutex);
        out = true;
    }
    // The session outlives its tasks, and ~Sampler waits for the one that is out.
    session->post([this](pg::Connection &connection) { answered(round.run(connection)); },
                  [this](const Error &why) { answered(tl::unexpected(why)); });
}

void Sampler::Impl::answered(Result<std::shared_ptr<const Sample>> sample)
{
    const bool lost = !sample && sample.error().kind != ErrorKind::Cancelled;
    if (lost)
        round.interrupt();
    if (!isWatched()) {
        // The last one who looked has gone meanwhile.
        become(SamplerState::Stopped);
    } else if (sample) {
        become(SamplerState::Live);
        const std::lock_guard lock(telling);
        for (const auto &[id, observer] : observers) {
            if (observer.sampled)
                observer.sampled(*sample);
        }
    } else if (lost) {
        become(SamplerState::Lost, sample.error());
    }
    const std::lock_guard lock(mutex);
    out = false;
    missed = 0;
    wake.notify_all();
}

Sampler::Sampler(std::shared_ptr<pg::Session> session, std::vector<Probe> probes, SeriesLimits limits)
    : impl_(std::make_shared<Impl>(std::move(session), std::move(probes), limits))
{
    impl_->thread = std::thread([impl = impl_.get()] { impl->loop(); });
}

Sampler::~Sampler()
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
    }
    impl_->wake.notify_all();
    impl_->thread.join();
    {
        const std::lock_guard lock(impl_->telling);
        impl_->observers.clear();
    }
    impl_->session->cancelAll();
    std::unique_lock lock(impl_->mutex);
    impl_->wake.wait(lock, [this] { return !impl_->out; });
}

std::shared_ptr<Sampler::Watch> Sampler::observe(Observer observer)
{
    std::size_t id = 0;
    {
        const std::lock_guard lock(impl_->telling);
        id = impl_->next_id++;
        impl_->observers.emplace(id, std::move(observer));
    }
    sampleNow();
    return std::make_shared<Watch>(impl_, id);
}

void Sampler::setTick(milliseconds tick)
{
    const std::lock_guard lock(impl_->mutex);
    impl_->tick = std::clamp(tick, shortest_tick, longest_tick);
}

milliseconds Sampler::tick() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->tick;
}

void Sampler::sampleNow()
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->now_wanted = true;
    }
    impl_->wake.notify_all();
}

SamplerState Sampler::state() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->state;
}

const std::shared_ptr<SeriesStore> &Sampler::series() const
{
    return impl_->store;
}

std::int64_t Sampler::skippedTicks() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->skipped;
}

} // namespace howdah::series
