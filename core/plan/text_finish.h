// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/plan/model.h"

namespace howdah::plan {

// What TEXT leaves unsaid because it follows from the rest, filled in after reading.

/// A "Group Key", "Hash Key" or "Sort Key" line of an Aggregate, with its column.
struct GroupKeyLine {
    std::string key, value;
    std::size_t column = 0;
};

/// One plain key becomes "Group Key"; several, hashed ones and "()" become "Grouping Sets", as the other
/// formats have them.
void finishGroupKeys(Node &node, const std::vector<GroupKeyLine> &lines);

/// "Parent Relationship" of every node, times of nodes that never ran, workers in their order.
void finishTextPlan(Plan &plan);

} // namespace howdah::plan
