// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/plan/diff.h"

namespace howdah::plan {

/// What to try: statements that would be run before the one in question.
struct WhatIf {
    /// CREATE INDEX (as a hypothetical index of HypoPG; nothing is built), ANALYZE, CREATE STATISTICS, SET LOCAL,
    /// ALTER TABLE … SET STATISTICS … in order. What cannot run in a transaction (VACUUM) cannot be tried.
    std::vector<std::string> statements;
    bool execute = false; ///< run the statement before and after too; not with hypothetical indexes, which are never read
};

struct WhatIfOutcome {
    std::string before_source, after_source; ///< what EXPLAIN printed in JSON
    PlanDiff diff;
    double cost_before = 0, cost_after = 0;  ///< of the root
    std::optional<double> ms_before, ms_after; ///< execution times, when executed
    std::vector<std::string> hypothetical_indexes;
    bool index_used = false;                 ///< one of them is in the new plan
    std::vector<std::string> warnings;
    std::string level_of_proof;              ///< "planned with a hypothetical index", "measured, rolled back" …
};

/// Plans (and runs, when asked) the statement as it is, then after what is tried, in one transaction that is rolled back
/// (a savepoint, when one is open). Leaves nothing behind, hypothetical indexes included, also when it is cancelled; but
/// ANALYZE writes pg_class.reltuples and relpages and its own statistics of activity past every transaction (a warning
/// says so). Both runs are single ones: where the first had to read from disk, the second looks faster than it is.
/// Locks are waited for two seconds at most.
/// Fails with Unsupported where a part cannot be tried (the hint says what would be needed), with Usage for a statement
/// that cannot be explained, else with the server's error.
[[nodiscard]] Result<WhatIfOutcome> whatIf(pg::Connection &connection, std::string_view statement, const WhatIf &tried);

} // namespace howdah::plan
