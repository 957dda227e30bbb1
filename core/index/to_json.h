// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/index/advise.h"
#include "core/migration/change_script.h"

namespace howdah::index {

/// {indexes[], queries[], cost_before, cost_after, write_cost, whatif_calls, elapsed_ms, candidates, rewrites[], problems[],
/// redundant[], foreign_keys[], frontier[], notes[], what_if, complete, script}. Costs are the planner's units, weights
/// counted; sizes bytes.
[[nodiscard]] std::string toJson(const Advice &advice);

/// CREATE INDEX CONCURRENTLY of each, with a check that it became valid; what a build that failed left is dropped first.
/// An index on a partitioned table is made on the parent alone, then on each part, and attached.
[[nodiscard]] migration::ChangeScript scriptOf(const Advice &advice);

} // namespace howdah::index
