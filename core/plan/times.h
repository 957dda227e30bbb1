// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::plan {

/// Where something below a node was really evaluated: an InitPlan or CTE hangs
/// on the top of its query, but the time it took lies inside the node that
/// asked for its result first.
struct Charge {
    NodeId subplan = no_node; ///< the body: child of `owner`
    NodeId owner = no_node;
    NodeId consumer = no_node; ///< whose time holds the body's
    double ms = 0;             ///< wall time
};

/// Times of the whole tree, in milliseconds; vectors have one entry a node.
struct Times {
    bool known = false;        ///< false: not executed, or TIMING OFF
    std::vector<double> work;  ///< printed time × loops: a sum over processes, children included
    std::vector<double> scale; ///< wall time per work
    std::vector<double> processes;
    std::vector<double> exclusive; ///< wall
    std::vector<double> clamped;
    std::vector<double> inclusive; ///< wall, charges taken out
    std::vector<Charge> charges;
    double outside_tree = 0; ///< parts of WITH that ran after the main query had ended
};

[[nodiscard]] Times accountTimes(const Plan &plan);

/// How the exclusive time of a node was computed, in one line.
[[nodiscard]] std::string derivation(const Plan &plan, const Times &times, NodeId id,
                                     const std::vector<std::vector<std::uint32_t>> &charges_by_consumer);

} // namespace howdah::plan
