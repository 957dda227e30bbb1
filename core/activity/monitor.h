// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "core/activity/activity.h"
#include "core/series/sampler.h"

namespace howdah::activity {

/// A sampler with the probes of this subject, its samples read: what a page about a server's activity looks at.
class Monitor
{
public:
    /// The session is the monitor's alone.
    explicit Monitor(std::shared_ptr<pg::Session> session);
    ~Monitor();
    Monitor(const Monitor &) = delete;
    Monitor &operator=(const Monitor &) = delete;

    /// Watches until stop(). Callbacks come on other threads; after stop() none comes any more.
    void start(std::function<void(std::shared_ptr<const Activity>)> sampled,
               std::function<void(series::SamplerState, const Error &)> state_changed);
    void stop();
    [[nodiscard]] bool isStarted() const { return watch_ != nullptr; }
    [[nodiscard]] series::Sampler &sampler() { return *sampler_; }
    [[nodiscard]] const std::shared_ptr<series::SeriesStore> &series() const { return sampler_->series(); }
    /// The sampler's own, for small questions between rounds.
    [[nodiscard]] const std::shared_ptr<pg::Session> &session() const { return session_; }

private:
    class Shared;
    std::shared_ptr<pg::Session> session_;
    std::unique_ptr<series::Sampler> sampler_;
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<series::Sampler::Watch> watch_;
};

} // namespace howdah::activity
