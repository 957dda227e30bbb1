// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/series/series_store.h"

#include <algorithm>

namespace howdah::series {

SeriesStore::SeriesStore(SeriesLimits limits, std::size_t max_series) : limits_(limits), max_series_(max_series) {}

SeriesStore::Entry &SeriesStore::entry(const std::string &name)
{
    if (const auto found = entries_.find(name); found != entries_.end())
        return found->second;
    if (entries_.size() >= max_series_) {
        const auto age = [](const auto &one) { return one.second.series.last().value_or(Point{}).time_ms; };
        entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                        [&age](const auto &a, const auto &b) { return age(a) < age(b); }));
    }
    return entries_.emplace(name, Entry{TimeSeries(limits_), {}}).first->second;
}

void SeriesStore::add(const std::string &name, TimeMs time_ms, double value)
{
    const std::lock_guard lock(mutex_);
    entry(name).series.add(time_ms, value);
}

void SeriesStore::addRate(const std::string &name, TimeMs time_ms, double counter)
{
    const std::lock_guard lock(mutex_);
    Entry &one = entry(name);
    one.series.add(time_ms, one.rate.next(time_ms, counter).value_or(no_value));
}

void SeriesStore::interrupt(TimeMs time_ms)
{
    const std::lock_guard lock(mutex_);
    for (auto &[name, one] : entries_) {
        one.rate.forget();
        if (const auto last = one.series.last(); last && !last->isGap())
            one.series.addGap(time_ms);
    }
}

std::vector<std::string> SeriesStore::names() const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const auto &[name, one] : entries_)
        all.push_back(name);
    return all;
}

double SeriesStore::last(const std::string &name) const
{
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(name);
    return found == entries_.end() ? no_value : found->second.series.last().value_or(Point{}).value;
}

std::vector<Point> SeriesStore::window(const std::string &name, TimeMs from, TimeMs to, std::size_t max_points) const
{
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(name);
    if (found == entries_.end())
        return {};
    return found->second.series.window(from, to, max_points);
}

} // namespace howdah::series
