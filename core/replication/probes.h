// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/series/probe.h"

namespace howdah::replication {

inline constexpr int max_senders = 200;
inline constexpr int max_slots = 500;
inline constexpr int max_tables = 500; ///< of publications and of subscriptions whose columns are looked at

/// What a round asks a node, for versions 13 to 18. Nothing in it needs more than pg_monitor; what a role may not read
/// is left out. Their series are "senders.replay_bytes[walsender pid]", "slots.retained[name]", "node.wal_bytes" …
[[nodiscard]] std::vector<series::Probe> probes();

} // namespace howdah::replication
