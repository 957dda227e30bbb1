// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// An Append over many partitions most of which gave nothing.
void rulePruning(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        if ((node.node_type != "Append" && node.node_type != "Merge Append") || node.children.size() < 8)
            continue;
        double empty = 0;
        double lost = 0;
        std::string filter;
        std::size_t scans = 0;
        for (const NodeId child : node.children) {
            const Node &scan = in.node(child);
            if (scan.relation_name.empty() || scan.never_executed || !in.executed(child))
                continue;
            ++scans;
            if (in.rows(child) > 0)
                continue;
            ++empty;
            lost += in.inclusive(child);
            if (filter.empty())
                filter = scan.text("Index Cond").empty() ? scan.text("Filter") : scan.text("Index Cond");
        }
        if (scans < 8 || empty < 0.75 * static_cast<double>(scans) || filter.empty() || !in.worth(lost))
            continue;
        Finding &f = report(in, out, "partitions-not-pruned", id, lost,
                            fmt::format("{} of {} partitions were scanned and gave no row.", countText(empty), scans),
                            fmt::format("condition of a scan: {}", filter));
        if (in.setting("enable_partition_pruning") == "off")
            f.fix_sql.push_back("SET LOCAL enable_partition_pruning = on;");
        f.why = "Partitions can be left out only when a condition compares the partition key itself with a constant or "
                "a parameter. "
                "A function or a cast on the key, or a condition on another column, keeps all of them in the plan.";
    }
}

} // namespace howdah::plan
