// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/plan/model.h"

namespace howdah::plan {

/// Where a node's lines stand in printed text.
struct PrintedLines {
    NodeId node = no_node;
    std::size_t first = 0; ///< counted from 0: the line of its label or head
    std::size_t count = 0; ///< its own lines, without those of nodes below
};

struct PrintedPlan {
    std::string text;                ///< lines end with "\n"
    std::vector<PrintedLines> nodes; ///< in the order of Plan::nodes
};

/// The plan as EXPLAIN's TEXT format words it, whichever format it was read
/// from.
[[nodiscard]] PrintedPlan printText(const Plan &plan);

} // namespace howdah::plan
