// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"

namespace howdah::plan {

/// A SubPlan that ran once for each row of the query around it.
void ruleCorrelatedSubplan(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 1; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double loops = node.loops.value_or(0);
        if (node.parent_relationship != "SubPlan" || loops < 100)
            continue;
        const double lost = in.inclusive(id) * 0.8;
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "correlated-subplan", id, lost,
                            fmt::format("{} ran {} times, {} in all.",
                                        node.subplan_name.empty() ? nameOf(node) : node.subplan_name, countText(loops),
                                        timeText(in.inclusive(id))),
                            fmt::format("{}: loops={:.0f}", nameOf(node), loops));
        f.why = "A subquery that mentions the outer row cannot be computed once. Written as a join against the grouped "
                "subquery (or LEFT JOIN LATERAL where one row is wanted) it can be hashed.";
        for (NodeId scan = id; scan < in.size() && (scan == id || in.node(scan).parent >= id); ++scan) {
            const Node &each = in.node(scan);
            if (each.node_type != "Seq Scan" || each.relation_name.empty())
                continue;
            // The outer row's columns are constants in each round.
            const std::vector<std::string> columns = indexColumns(readQualsOf(each.alias, each.text("Filter")));
            offerIndex(in, scan, columns, f);
            break;
        }
    }
}

} // namespace howdah::plan
