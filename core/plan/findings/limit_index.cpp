// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/pg/catalog.h"
#include "core/plan/findings/quals.h"
#include "core/sql/quote.h"

namespace howdah::plan {

/// An index walked in ORDER BY's order until a LIMIT has enough, with most rows failing the filter.
void ruleLimitIndex(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const bool index = node.node_type == "Index Scan" || node.node_type == "Index Only Scan";
        const double removed = in.of(id).removed_total.value_or(0);
        if (!index || !in.of(id).stopped_early || !node.text("Index Cond").empty() || removed < 1000
            || in.of(id).removed_share.value_or(0) < 0.9)
            continue;
        NodeId limit = node.parent;
        while (limit != no_node && in.node(limit).node_type != "Limit")
            limit = in.node(limit).parent;
        const double lost = in.exclusive(id) * *in.of(id).removed_share;
        if (limit == no_node || !in.worth(lost))
            continue;
        Finding &f = report(in, out, "limit-index", id, lost,
                            fmt::format("{} walked {} rows in order to find {} for the LIMIT.", nameOf(node),
                                        countText(removed + in.rows(id)), countText(in.rows(id))),
                            fmt::format("no Index Cond; Filter: {}; Rows Removed by Filter: {}", node.text("Filter"),
                                        countText(removed)));
        std::vector<std::string> columns = indexColumns(qualsOf(in, id, node.text("Filter")));
        if (const pg::CatalogRelation *relation = in.relation(id)) {
            for (const pg::CatalogIndex &each : relation->indexes) {
                if (each.name != node.index_name || each.key_columns.empty() || each.key_columns[0] <= 0)
                    continue;
                for (const pg::CatalogColumn &column : relation->columns) {
                    if (column.attnum == each.key_columns[0])
                        columns.push_back(sql::quoteIdentifier(column.name));
                }
            }
        }
        offerIndex(in, id, columns, f);
        f.why = "The planner hoped that matching rows lie evenly along the index, so that a few would be found soon. "
                "An index that begins with the filter's columns and goes on with those of ORDER BY gives them at once; "
                "ORDER BY (column + 0) keeps the planner from this index.";
    }
}

} // namespace howdah::plan
