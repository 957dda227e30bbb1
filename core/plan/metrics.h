// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

/// What one node cost, after loops, processes, CTEs, InitPlans and rounding were accounted for.
struct NodeMetrics {
    std::optional<double> inclusive_ms;  ///< wall time of the node with everything below it
    std::optional<double> exclusive_ms;  ///< wall time of the node alone; never negative
    std::optional<double> work_ms;       ///< exclusive time summed over processes
    double rounding_ms = 0;              ///< ± this much, from printing per-loop averages: 0.0005 ms × loops
    double clamped_ms = 0;               ///< what had to be cut so that exclusive_ms is not negative
    double processes = 1;                ///< processes that ran it side by side
    std::optional<double> rows_total;    ///< actual rows × loops
    std::optional<double> plan_rows_total; ///< plan rows × loops (in parallel parts: as EXPLAIN estimates them)
    std::optional<double> estimate_factor; ///< actual / estimated rows per loop: > 1 more came, < 1 fewer; rows below 1 count as 1
    double exclusive_cost = 0;           ///< total_cost less the children's
    double time_share = 0;               ///< exclusive_ms / execution time, 0..1
    double cost_share = 0;               ///< exclusive_cost / the root's total cost, 0..1
    std::optional<Buffers> exclusive_buffers;
    std::string derivation;              ///< how exclusive_ms came about, in one line people can check
};

struct Metrics {
    std::vector<NodeMetrics> nodes;      ///< same index as Plan::nodes
    std::optional<double> execution_ms;  ///< Execution Time, or the root's inclusive time when it is not printed
    double triggers_ms = 0;              ///< AFTER triggers: outside the tree
    double unaccounted_ms = 0;           ///< execution time in no node and no trigger (start, stop, output)
    std::optional<NodeId> misestimate_origin; ///< deepest node where the estimate goes wrong by 10× or more
};

/// Linear in the number of nodes. Rules: PostgreSQL's src/backend/commands/explain.c; each is described where
/// it is applied.
[[nodiscard]] Metrics measure(const Plan &plan);

} // namespace howdah::plan
