// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::plan {

// Statements that a server knows of and that can be explained: those that run, and those that pg_stat_statements keeps.

struct ServerStatement {
    std::string text;
    bool truncated = false; ///< the server keeps no more of it than track_activity_query_size bytes
    bool explainable = true; ///< EXPLAIN takes it, as far as our grammar can tell
    std::string user;
    // Of a running one:
    int pid = 0;
    std::string application, state;
    std::optional<double> running_ms;
    // Of one that is kept ($1 … in place of constants):
    std::optional<double> calls, total_ms, mean_ms, rows;
};

/// Statements that other sessions run in this database, or ran last; the longest running first, at most 500. Without
/// the rights of pg_read_all_stats those of the same role alone.
[[nodiscard]] Result<std::vector<ServerStatement>> runningStatements(pg::Connection &connection);

/// Of this database by total time, at most 500. Fails with Unsupported where pg_stat_statements is not installed.
[[nodiscard]] Result<std::vector<ServerStatement>> keptStatements(pg::Connection &connection);

} // namespace howdah::plan
