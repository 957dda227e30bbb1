// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/index/select.h"

namespace howdah::index {

/// select() with a limit to the upkeep of all that is chosen, in the planner's units for the whole workload; 0 is none. Upkeep
/// is made dearer until the choice keeps the limit, then as cheap again as it may be. Plans are asked for once.
[[nodiscard]] Result<Selection> selectWithinUpkeep(const std::vector<SelectableIndex> &indexes, const std::vector<SelectableStatement> &statements, const PlanFunction &plan,
                                                   const SelectOptions &options, double most_upkeep, const std::vector<std::vector<RecordedPlan>> &given,
                                                   const std::function<bool(double)> &progress);

} // namespace howdah::index
