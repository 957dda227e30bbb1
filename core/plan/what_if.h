// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/plan/diff.h"
#include "core/sql/parameters.h"

namespace howdah::plan {

/// What to try: statements that would be run before the one in question, or another wording of it.
struct WhatIf {
    /// CREATE INDEX (as a hypothetical index of HypoPG; else see build_up_to_bytes), ANALYZE, CREATE and ALTER STATISTICS,
    /// SET, ALTER TABLE … SET STATISTICS … in order. What cannot run in a transaction (VACUUM) cannot be tried.
    std::vector<std::string> statements;
    bool execute = false; ///< run the statement before and after too; not with hypothetical indexes, which are never read
    std::string rewrite = {}; ///< planned (and run) in place of the statement afterwards; "": the same statement
    int runs = 1;         ///< of each side, when executed; the first of several is the cold one, and one that is alone
                          ///< and cold is repeated
    /// An index is really built, and rolled back, for a table of at most so many bytes where HypoPG is not installed
    /// (or `build` is set): writes to the table wait meanwhile. 0: never.
    std::int64_t build_up_to_bytes = 0;
    bool build = false;              ///< build also where HypoPG could pretend, so that the index can be read and measured
    sql::ParameterValues parameters = {}; ///< of both statements
};

/// Times of one side's runs, in their order. Only the first finds the caches as they were, so it is told apart when
/// there are more.
struct RunTimes {
    std::vector<double> ms;

    [[nodiscard]] std::optional<double> cold() const; ///< the first of several
    [[nodiscard]] std::optional<double> typical() const; ///< the median of the warm ones; of a single run its time
    [[nodiscard]] std::optional<double> least() const; ///< of the warm ones
    [[nodiscard]] std::optional<double> most() const;
};

struct WhatIfOutcome {
    std::string before_source, after_source; ///< what EXPLAIN printed in JSON; of several runs the typical one
    PlanDiff diff;
    double cost_before = 0, cost_after = 0;  ///< of the root
    std::optional<double> ms_before, ms_after; ///< typical execution times, when executed
    RunTimes runs_before, runs_after;
    bool noise = true;                       ///< the times are no more apart than runs of one plan are
    std::optional<bool> same_rows;           ///< of a rewrite that was run: whether it gave the rows the statement gives
    std::vector<std::string> indexes;        ///< hypothetical or built ones
    bool index_used = false;                 ///< one of them is in the new plan
    std::vector<std::string> locks;          ///< held until it was rolled back: "SHARE on public.orders for 1.2 s: …"
    std::vector<std::string> warnings;
    std::string level_of_proof;              ///< "planned with a hypothetical index", "measured, rolled back" …
};

/// Plans (and runs, when asked) the statement as it is, then after what is tried, in one transaction that is rolled back
/// (a savepoint, when one is open). Leaves nothing behind, hypothetical indexes included, also when it is cancelled; but
/// ANALYZE and CREATE INDEX write pg_class.reltuples and relpages past every transaction (a warning says so). A single
/// run that had to read from disk is followed by a second, so that neither side profits from what the other fetched.
/// Locks are waited for two seconds at most.
/// Fails with Unsupported where a part cannot be tried (the hint says what would be needed), with Usage for a statement
/// that cannot be explained, else with the server's error.
[[nodiscard]] Result<WhatIfOutcome> whatIf(pg::Connection &connection, std::string_view statement, const WhatIf &tried);

/// One of several things that were tried against the same first side.
struct WhatIfTrial {
    std::vector<std::string> statements;
    bool together = false; ///< all that could be tried by themselves
    Result<WhatIfOutcome> outcome;
};

/// Statements that belong together: an ANALYZE goes with the statistics before it.
[[nodiscard]] std::vector<std::vector<std::string>> fixesApart(const std::vector<std::string> &statements);

/// Each fix of `tried.statements` alone, then, when there are more, all of them together; the statement itself is planned
/// (and run) once. One that cannot be tried has its error as its outcome. Fails as whatIf() does for the first side, and
/// when it is cancelled.
[[nodiscard]] Result<std::vector<WhatIfTrial>> whatIfEach(pg::Connection &connection, std::string_view statement,
                                                          const WhatIf &tried);

} // namespace howdah::plan
