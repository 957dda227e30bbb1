// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/pg/catalog.h"
#include "core/plan/explain.h"
#include "core/plan/sql_map.h"
#include "plugins/plan/judged_view.h"

namespace howdah::plan_tool {

/// What the worker brings back of one EXPLAIN.
struct Explained {
    Result<plan::ExplainOutcome> outcome = fail(ErrorKind::Cancelled, "Cancelled");
    Result<std::shared_ptr<const ui::PlanDocument>> document = fail(ErrorKind::Cancelled, "Cancelled");
    JudgedPlans judged;
    std::vector<std::vector<plan::NodeSource>> sources; ///< in the statement as it was written; one a plan
};

/// Explains on the connection and judges what came; for the worker. `catalog` may be null.
[[nodiscard]] Explained explainOn(pg::Connection &connection, const std::string &sql, const plan::ExplainOptions &options,
                                  const std::shared_ptr<const pg::Catalog> &catalog);

/// Keeps what was explained in the history of plans; for the worker. "" or what went wrong.
[[nodiscard]] std::string recordExplained(const pg::Connection &connection, const Explained &explained, const std::string &sql,
                                          const plan::ExplainOptions &options);

} // namespace howdah::plan_tool
