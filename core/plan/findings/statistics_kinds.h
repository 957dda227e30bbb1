// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/plan/findings/quals.h"
#include "core/plan/findings/rule.h"

namespace howdah::plan {

/// Which extended statistics can mend the estimate of a scan's conditions.
struct StatisticsChoice {
    std::vector<std::string> kinds;  ///< "dependencies", "mcv"; empty: none would help
    std::optional<int> target;       ///< ALTER STATISTICS … SET STATISTICS, so that the list holds all combinations
    std::string reason;              ///< a sentence; "" when nothing is known of the columns
};

/// `quals` are the conditions on `columns` (quoted names, two or more). PostgreSQL's documentation, "Extended
/// Statistics": functional dependencies serve equalities alone and can only raise an estimate; a list of most common
/// values serves ranges too, but only says something of the combinations that are in it.
[[nodiscard]] StatisticsChoice chooseStatistics(const RuleInput &in, NodeId scan, const std::vector<Qual> &quals,
                                                const std::vector<std::string> &columns);

} // namespace howdah::plan
