// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "core/pg/connection.h"

namespace howdah::migration {

/// What a migration that runs costs others at one moment.
struct Pulse {
    double longest_wait_ms = 0;       ///< of a session of this database that waits for a lock now
    int waiting_sessions = 0;         ///< that wait for a lock
    int behind_migration = 0;         ///< of these, in the way of whom the executor stands, itself not counted
    double replica_lag_s = 0;         ///< of the standby that replays last
    std::int64_t replica_lag_bytes = 0;
    int standbys = 0;
};

/// One query; works on 13 to 18, on what the role may see. `executor_pid`: the server process that works; 0: none.
[[nodiscard]] Result<Pulse> readPulse(pg::Connection &connection, int executor_pid);

} // namespace howdah::migration
