// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "core/pg/session.h"
#include "core/series/probe_round.h"

namespace howdah::series {

enum class SamplerState : std::uint8_t {
    Stopped,    ///< nobody looks
    Starting,   ///< no sample yet
    Live,
    Slow,       ///< a sample is out for two ticks; no second one is asked for meanwhile
    Lost        ///< the connection is gone; it is tried again with every tick
};

/// Samples a server as long as somebody looks: a round of the probes every tick, on a session of its own. A tick that
/// finds the round before still out is left out, never queued. All of it is thread-safe.
class Sampler
{
public:
    /// The session is the sampler's alone for its life. Nothing is asked before somebody observes.
    Sampler(std::shared_ptr<pg::Session> session, std::vector<Probe> probes, SeriesLimits limits = {});
    ~Sampler();
    Sampler(const Sampler &) = delete;
    Sampler &operator=(const Sampler &) = delete;

    struct Observer {
        std::function<void(std::shared_ptr<const Sample>)> sampled;
        /// `error` says why in state Lost.
        std::function<void(SamplerState, const Error &error)> stateChanged;
    };
    /// Looks until the handle goes. Callbacks come on the sampler's threads, one at a time; when destroying the handle
    /// returns none is running any more, so it must not be destroyed within one.
    class Watch;
    [[nodiscard]] std::shared_ptr<Watch> observe(Observer observer);

    /// 1 to 10 s; 2 s at first. Takes effect with the tick that is being waited for.
    void setTick(std::chrono::milliseconds tick);
    [[nodiscard]] std::chrono::milliseconds tick() const;
    /// A round now, unless one is out.
    void sampleNow();
    [[nodiscard]] SamplerState state() const;
    [[nodiscard]] const std::shared_ptr<SeriesStore> &series() const;
    /// Ticks left out because the round before was still out.
    [[nodiscard]] std::int64_t skippedTicks() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace howdah::series
