// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

/// Bodies of CTEs and InitPlans, and the nodes whose time can hold theirs.
struct SubplanUse {
    NodeId body = no_node;
    bool is_cte = false;
    std::vector<NodeId> consumers; ///< CTE: its scans. InitPlan: nodes that
                                   ///< mention its result, or the Gather above
};

[[nodiscard]] bool isCteBody(const Node &node);
/// A child that is evaluated on demand of some other node, not of the node it
/// hangs on.
[[nodiscard]] bool isDetached(const Node &node);

/// The children that a node takes its rows from, in order: without InitPlans, CTEs and SubPlans, which hang there too.
[[nodiscard]] std::vector<NodeId> inputsOf(const Plan &plan, NodeId id);

[[nodiscard]] std::vector<SubplanUse> findSubplanUses(const Plan &plan);

/// The nearest Gather or Gather Merge above each node; no_node where there is
/// none.
[[nodiscard]] std::vector<NodeId> gathersAbove(const Plan &plan);

} // namespace howdah::plan
