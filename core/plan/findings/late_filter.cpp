// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"
#include "core/plan/subplans.h"

namespace howdah::plan {

/// "Rows Removed by Join Filter", and filters above a join or a subquery that throw most rows away.
void ruleLateFilter(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const bool join =
            node.node_type == "Nested Loop" || node.node_type == "Hash Join" || node.node_type == "Merge Join";
        const bool above = node.node_type == "Subquery Scan" || node.node_type == "Result";
        const double removed = in.of(id).removed_total.value_or(0);
        const double share = in.of(id).removed_share.value_or(0);
        if (!(join || above) || removed < 1000 || share < 0.8)
            continue;
        // A Nested Loop does this for every pair: the other side's rounds are lost with it.
        double lost = in.exclusive(id) * share;
        if (const std::vector<NodeId> inputs = inputsOf(in.plan, id); above && !inputs.empty())
            lost += 0.5 * share * in.exclusive(inputs[0]);
        if (!in.worth(lost))
            continue;
        const std::string filter = node.text("Join Filter").empty() ? node.text("Filter") : node.text("Join Filter");
        Finding &f = report(in, out, "late-filter", id, lost,
                            fmt::format("{} put {} rows together and threw {} of them away.", nameOf(node),
                                        countText(removed + in.rows(id)), countText(removed)),
                            fmt::format("{}: {}; {} rows removed in all",
                                        node.text("Join Filter").empty() ? "Filter" : "Join Filter", filter,
                                        countText(removed)));
        f.why = isDisjunction(filter)
                    ? "A condition with OR across two tables can only be tested after joining them. Written as "
                      "a UNION of two queries, each side can use an index of its own."
                    : "The condition can only be tested on the joined row. A condition that compares for "
                      "equality, or one on a single table, could be used earlier.";
    }
}

} // namespace howdah::plan
