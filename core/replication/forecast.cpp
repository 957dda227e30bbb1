// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/forecast.h"

#include <algorithm>
#include <cmath>

#include "core/base/human.h"

namespace howdah::replication {

namespace {

constexpr series::TimeMs rate_span_ms = 10 * 60'000;
constexpr series::TimeMs lag_span_ms = 60'000;
/// Slower than this is noise of keepalives and checkpoints: 100 bytes a second fill a gigabyte in four months.
constexpr double still = 100;
constexpr double steady = 4096;

std::string inTime(double seconds)
{
    return human::duration(seconds * 1000);
}

SlotForecast forecastOf(const Node &node, const Slot &slot, const series::SeriesStore *series)
{
    SlotForecast forecast;
    forecast.node = node.name;
    forecast.slot = slot.name;
    if (slot.wal_status == "lost" || !slot.invalidation_reason.empty()) {
        forecast.event = "slot lost";
        forecast.seconds = 0;
        forecast.room_bytes = 0;
        forecast.words = "lost already";
        return forecast;
    }
    const auto slope = series == nullptr ? std::nullopt : slopeOf(*series, "slots.retained[" + slot.name + "]", node.time_ms, rate_span_ms);
    if (slope) {
        forecast.rate = std::max(0.0, slope->per_second);
        forecast.measured_s = slope->measured_s;
    }
    const bool capped = node.settings.max_slot_wal_keep_bytes >= 0 && slot.safe_wal_bytes >= 0;
    if (capped)
        forecast.room_bytes = slot.safe_wal_bytes;
    const bool disk_first = node.free_bytes >= 0 && (!capped || node.free_bytes < slot.safe_wal_bytes);
    if (disk_first)
        forecast.room_bytes = node.free_bytes;
    if (!slope) {
        forecast.words = "unknown: measured once so far";
    } else if (forecast.rate < still) {
        forecast.words = "never, as things go";
    } else if (forecast.room_bytes < 0) {
        forecast.event = "disk full";
        forecast.words = "unknown: no max_slot_wal_keep_size, and the free space of the disk is not known";
    } else {
        forecast.event = disk_first ? "disk full" : "slot lost";
        forecast.seconds = static_cast<double>(forecast.room_bytes) / forecast.rate;
        forecast.words = forecast.event + " in " + inTime(*forecast.seconds);
    }
    return forecast;
}

LagForecast forecastOf(const Node &node, const Sender &sender, const series::SeriesStore *series)
{
    LagForecast forecast;
    forecast.node = node.name;
    forecast.receiver = sender.application_name.empty() ? sender.slot : sender.application_name;
    forecast.key = seriesKey(sender);
    const auto slope = series == nullptr ? std::nullopt : slopeOf(*series, "senders.replay_bytes[" + forecast.key + "]", node.time_ms, lag_span_ms);
    const std::int64_t bytes = sender.lag[static_cast<int>(Stage::Replay)].bytes;
    if (slope)
        forecast.slope = slope->per_second;
    if (bytes == 0)
        forecast.words = "caught up";
    else if (!slope || std::abs(forecast.slope) < steady)
        forecast.words = "steady";
    else if (forecast.slope > 0)
        forecast.words = "rising " + human::bytes(std::llround(forecast.slope)) + "/s";
    if (bytes > 0 && forecast.slope <= -steady) {
        forecast.seconds = static_cast<double>(bytes) / -forecast.slope;
        forecast.words = "caught up in " + inTime(*forecast.seconds);
    }
    return forecast;
}

} // namespace

std::string seriesKey(const Sender &sender)
{
    return (sender.slot.empty() ? sender.application_name : sender.slot) + "@" + sender.client;
}

std::optional<Slope> slopeOf(const series::SeriesStore &series, const std::string &name, series::TimeMs now, series::TimeMs span_ms)
{
    const std::vector<series::Point> points = series.window(name, now - span_ms, now + 60'000, 4000);
    // From the last gap on: what came before belongs to another life of the counter.
    std::size_t begin = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].isGap())
            begin = i + 1;
    }
    const std::size_t count = points.size() - std::min(begin, points.size());
    if (count < 2)
        return {};
    double mean_t = 0, mean_v = 0;
    for (std::size_t i = begin; i < points.size(); ++i) {
        mean_t += static_cast<double>(points[i].time_ms - points[begin].time_ms);
        mean_v += points[i].value;
    }
    mean_t /= static_cast<double>(count);
    mean_v /= static_cast<double>(count);
    double over = 0, under = 0;
    for (std::size_t i = begin; i < points.size(); ++i) {
        const double t = static_cast<double>(points[i].time_ms - points[begin].time_ms) - mean_t;
        over += t * (points[i].value - mean_v);
        under += t * t;
    }
    if (under <= 0)
        return {};
    return Slope{over / under * 1000, static_cast<double>(points.back().time_ms - points[begin].time_ms) / 1000};
}

const SlotForecast *Forecast::slot(std::string_view node, std::string_view name) const
{
    const auto found = std::find_if(slots.begin(), slots.end(), [&](const SlotForecast &one) { return one.node == node && one.slot == name; });
    return found == slots.end() ? nullptr : &*found;
}

Forecast forecastOf(const std::vector<std::shared_ptr<const Node>> &nodes, const SeriesOf &series)
{
    Forecast forecast;
    for (const auto &node : nodes) {
        const series::SeriesStore *store = series(node->name);
        for (const Slot &slot : node->slots)
            forecast.slots.push_back(forecastOf(*node, slot, store));
        for (const Sender &sender : node->senders) {
            if (sender.state != "backup")
                forecast.lags.push_back(forecastOf(*node, sender, store));
        }
    }
    return forecast;
}

} // namespace howdah::replication
