// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/series/probe.h"

namespace howdah::activity {

/// How much of a query's text a round brings for each session; the whole of it on demand (backend_details.h).
inline constexpr int query_letters = 400;
inline constexpr int max_backends = 500;
/// pg_blocking_pids is asked for that many waiters, the longest waiting first.
inline constexpr int max_waiters = 200;

/// What the activity page asks a server, for every version from 13: "figures", "sessions", "progress", "prepared",
/// "slots", "size". None reads pg_locks, whose size anybody can make.
[[nodiscard]] std::vector<series::Probe> probes();

} // namespace howdah::activity
