// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"
#include "core/plan/model.h"
#include "core/sql/parameters.h"

namespace howdah::plan {

/// What of a statement made a node necessary. A node may have several: a scan has its table and its filter.
struct NodeSource {
    NodeId node = no_node;
    std::vector<ByteSpan> spans; ///< in the statement, in its order, never empty
    std::string what;            ///< "table", "filter", "join condition", "ORDER BY", "GROUP BY", "aggregate", "LIMIT", …
};

/// For each node what is known, the nodes in their order and a node's own most telling source first. Exact where the
/// parse tree and the plan agree (by alias, columns and constants), else the nearest clause around it; nodes of which
/// nothing is known (views' tables, planner's own work) are absent. Empty when the statement does not parse; an
/// EXPLAIN before it is passed over. Takes about nodes × conditions of the statement.
[[nodiscard]] std::vector<NodeSource> mapToSql(const Plan &plan, std::string_view statement);
/// The same for a statement that was sent with values; the spans are those of the statement as it was written.
[[nodiscard]] std::vector<NodeSource> mapToSql(const Plan &plan, std::string_view statement,
                                               const sql::ParameterValues &values);

/// The way back: nodes whose source holds that byte, the narrowest source first, each once.
[[nodiscard]] std::vector<NodeId> nodesAt(const std::vector<NodeSource> &sources, ByteOffset at);

} // namespace howdah::plan
