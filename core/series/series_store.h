// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/series/time_series.h"

namespace howdah::series {

/// Series by name. One thread adds, any number read.
class SeriesStore
{
public:
    /// `max_series` bounds what many short-lived keys can take; the longest silent ones go first.
    explicit SeriesStore(SeriesLimits limits = {}, std::size_t max_series = 400);

    void add(const std::string &name, TimeMs time_ms, double value);
    void addRate(const std::string &name, TimeMs time_ms, double counter);
    /// Breaks every line and makes counters begin anew: the connection was lost.
    void interrupt(TimeMs time_ms);

    [[nodiscard]] std::vector<std::string> names() const;
    /// A gap when the series is unknown or was interrupted.
    [[nodiscard]] double last(const std::string &name) const;
    [[nodiscard]] std::vector<Point> window(const std::string &name, TimeMs from, TimeMs to, std::size_t max_points) const;

private:
    struct Entry {
        TimeSeries series;
        CounterRate rate;
    };
    [[nodiscard]] Entry &entry(const std::string &name);

    SeriesLimits limits_;
    std::size_t max_series_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

} // namespace howdah::series
