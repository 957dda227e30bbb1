// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/replication/replication.h"

namespace howdah::replication {

/// What becomes of a slot when everything goes on as it does now.
struct SlotForecast {
    std::string node, slot;
    std::string event;             ///< "slot lost", "disk full"; "" when neither comes
    double rate = 0;               ///< bytes a second by which what it retains grows
    double measured_s = 0;         ///< the stretch that the rate was measured over
    std::int64_t room_bytes = -1;  ///< until the event; -1: not known
    std::optional<double> seconds; ///< until the event
    std::string words;             ///< "slot lost in 3 h 10 min", "never", "unknown: …"
};

/// Where the replay lag of a receiver goes.
struct LagForecast {
    std::string node, receiver;    ///< the upstream, and the application_name or slot
    std::string key;               ///< of its series, senders.replay_bytes[key]
    double slope = 0;              ///< bytes a second; negative: it catches up
    std::optional<double> seconds; ///< until it has caught up
    std::string words;             ///< "rising 3.1 MB/s", "caught up in 12 s", "steady"
};

struct Forecast {
    std::vector<SlotForecast> slots;
    std::vector<LagForecast> lags;
    [[nodiscard]] const SlotForecast *slot(std::string_view node, std::string_view name) const;
};

/// The series of a node by its name; may give null.
using SeriesOf = std::function<const series::SeriesStore *(const std::string &node)>;

[[nodiscard]] Forecast forecastOf(const std::vector<std::shared_ptr<const Node>> &nodes, const SeriesOf &series);

/// The key of a sender in the series of its node.
[[nodiscard]] std::string seriesKey(const Sender &sender);

/// Change per second over the last `span_ms` of a series, by the least squares; nothing with fewer than two points.
struct Slope {
    double per_second = 0;
    double measured_s = 0;
};
[[nodiscard]] std::optional<Slope> slopeOf(const series::SeriesStore &series, const std::string &name, series::TimeMs now, series::TimeMs span_ms);

} // namespace howdah::replication
