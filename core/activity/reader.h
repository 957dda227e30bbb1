// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/activity/activity.h"
#include "core/series/probe_round.h"

namespace howdah::activity {

/// Makes Activity of samples of probes(). Remembers between rounds what one sample cannot tell: since when a backend
/// waits, and how fast a command goes on. One thread at a time.
class Reader
{
public:
    /// Adds the series "figures.cache_hit" to the store.
    explicit Reader(std::shared_ptr<series::SeriesStore> store) : store_(std::move(store)) {}
    [[nodiscard]] std::shared_ptr<const Activity> read(const series::Sample &sample);

private:
    struct Wait {
        series::TimeMs since_ms = 0; ///< first seen waiting
        bool seen_before = false;    ///< the session was seen before it began to wait
        std::string started;
        bool waiting = false;
        bool met = false;            ///< in the round at hand
    };
    void readBackends(const series::Sample &sample, Activity &activity);
    void trackWait(Backend &backend, series::TimeMs time_ms);
    void readProgress(const series::Sample &sample, Activity &activity);
    void readFigures(const series::Sample &sample, Activity &activity) const;

    std::shared_ptr<series::SeriesStore> store_;
    std::map<int, Wait> waits_;                          ///< by pid
    std::map<std::string, series::TimeSeries> progress_; ///< by command, pid and phase
};

} // namespace howdah::activity
