// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

// What each node cost. EXPLAIN prints averages per loop and sums over processes; what people ask for is the
// share of the time they waited. Sources of the rules: explain.c, execProcnode.c, instrument.c, nodeGather.c,
// nodeSubplan.c and nodeCtescan.c of PostgreSQL.

/// What one node cost, after loops, processes, CTEs, InitPlans and rounding were accounted for.
struct NodeMetrics {
    /// Wall time of the node with everything below it, less what was charged to InitPlans and CTEs that hang
    /// elsewhere. Below a Gather: its share of the wall time of all processes together.
    std::optional<double> inclusive_ms;
    std::optional<double> exclusive_ms; ///< wall time of the node alone; never negative
    std::optional<double> work_ms;      ///< exclusive time summed over processes
    double rounding_ms = 0;             ///< ± this much, from printing per-loop averages: 0.0005 ms × loops
    double clamped_ms = 0;              ///< what had to be cut so that exclusive_ms is not negative
    double processes = 1;               ///< processes that ran it side by side
    std::optional<double> rows_total;   ///< actual rows × loops
    std::optional<double> plan_rows_total; ///< plan rows × loops (in parallel parts: as EXPLAIN estimates them)
    /// Actual / estimated rows per loop: > 1 more came, < 1 fewer; rows below 1 count as 1. Absent where
    /// EXPLAIN counts no rows (BitmapAnd, BitmapOr, writing without RETURNING).
    std::optional<double> estimate_factor;
    bool stopped_early = false; ///< a LIMIT or a join above it needed no more rows: fewer is no error
    std::optional<double> removed_total; ///< rows that filters and rechecks threw away, over all loops
    std::optional<double> removed_share; ///< removed / (removed + kept), 0..1
    double exclusive_cost = 0;           ///< total_cost less the children's
    double time_share = 0;               ///< exclusive_ms / execution time, 0..1
    double cost_share = 0;               ///< exclusive_cost / the root's total cost, 0..1
    std::optional<Buffers> exclusive_buffers;
    std::string derivation; ///< how exclusive_ms came about, in one line people can check
};

struct Metrics {
    std::vector<NodeMetrics> nodes;     ///< same index as Plan::nodes
    std::optional<double> execution_ms; ///< Execution Time; else the log's duration; else the root's time
    double triggers_ms = 0;             ///< AFTER triggers: outside the tree
    double serialization_ms = 0;        ///< turning rows into what is sent (EXPLAIN SERIALIZE): outside the tree
    double jit_ms = 0;                  ///< compiling; not to be added: it lies inside the nodes' times, "Generation"
                                        ///< in the start of the executor
    double unaccounted_ms = 0;          ///< execution time in no node and none of the above (start, stop, output)
    double rounding_ms = 0;             ///< the largest rounding_ms of a node
    std::optional<NodeId> misestimate_origin; ///< deepest node where the estimate goes wrong by 10× or more
};

/// Linear in the number of nodes. Rules: PostgreSQL's src/backend/commands/explain.c; each is described where
/// it is applied.
[[nodiscard]] Metrics measure(const Plan &plan);

/// Executed nodes by exclusive time, the slowest first (by exclusive cost when nothing was executed); at most
/// `count`.
[[nodiscard]] std::vector<NodeId> hottest(const Metrics &metrics, std::size_t count);

} // namespace howdah::plan
