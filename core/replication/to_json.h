// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/replication/monitor.h"

namespace howdah::replication {

/// One line of JSON: time_ms, nodes, edges, slots, subscriptions, publications, alerts, forecast. Ages and lags are
/// milliseconds, LSNs as the server writes them; what is not known is absent, and what is NULL for a reason is null.
[[nodiscard]] std::string toJson(const Overview &overview);

} // namespace howdah::replication
