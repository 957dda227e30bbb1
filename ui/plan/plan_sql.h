// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/sql_map.h"

namespace howdah::ui {

/// The statement of a plan as the SQL view shows it, and which node each part of it caused.
struct PlanSql {
    std::string text; ///< "" when unknown
    std::vector<plan::NodeSource> sources;
};

/// One long line is laid out anew, so that its clauses have lines of their own. Any thread.
[[nodiscard]] PlanSql planSql(const plan::Plan &plan, std::string statement, const sql::ParameterValues &values = {});

/// What the clauses that begin on one line took: the nodes that are there because of them, first of all of them.
struct SqlLineTime {
    double ms = 0;    ///< exclusive times; of a plan that was not executed, exclusive costs
    double share = 0; ///< of the whole
    std::vector<plan::NodeId> nodes;
};
/// One entry a line of the text.
[[nodiscard]] std::vector<SqlLineTime> timesByLine(const PlanSql &sql, const plan::Metrics &metrics);

} // namespace howdah::ui
