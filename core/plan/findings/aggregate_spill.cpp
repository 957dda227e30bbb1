// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// HashAggregate with "Disk Usage".
void ruleAggregateSpill(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double disk = node.number("Disk Usage").value_or(0);
        const double lost = 0.4 * in.exclusive(id);
        if (disk <= 0 || !in.worth(lost))
            continue;
        const double batches = std::max(2.0, node.number("HashAgg Batches").value_or(2));
        const double peak = node.number("Peak Memory Usage").value_or(0);
        const double per_group = static_cast<double>(node.plan_width.value_or(8)) + 64;
        const double need =
            std::max(node.actual_rows.value_or(0) * per_group / 1024, std::min(peak * batches, peak + 2 * disk));
        const double multiplier = in.version() == 0 || in.version() >= 150000 ? 2 : 1;
        Finding &f = report(in, out, "aggregate-spill", id, lost,
                            fmt::format("{} kept {} kB of its groups in temporary files; it needs about {}.",
                                        nameOf(node), countText(disk), memorySetting(need)),
                            fmt::format("Batches: {:.0f}  Memory Usage: {:.0f}kB  Disk Usage: {:.0f}kB; {} groups",
                                        batches, peak, disk, countText(in.rows(id))));
        f.fix_sql.push_back(workMemFix(need / multiplier));
        f.why =
            "Groups that do not fit into work_mem × hash_mem_multiplier are put off: their rows are written to files "
            "and aggregated in later rounds.";
    }
}

} // namespace howdah::plan
