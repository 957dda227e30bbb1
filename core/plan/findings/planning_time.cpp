// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Planning that took longer than running.
void rulePlanningTime(const RuleInput &in, std::vector<Finding> &out)
{
    const double planning = in.plan.planning_ms.value_or(0);
    if (!in.analyzed || planning < 10 || planning < in.execution_ms)
        return;
    Finding &f = report(in, out, "planning-time", no_node, planning,
                        fmt::format("Planning took {}, running {}.", timeText(planning), timeText(in.execution_ms)),
                        fmt::format("Planning Time: {:.3f} ms; {} nodes", planning, in.size()));
    f.severity = planning >= 50 ? Severity::Serious : Severity::Warning;
    f.fix_sql.push_back("SET LOCAL plan_cache_mode = 'force_generic_plan';");
    f.why = "A prepared statement is planned once and run often. Many partitions, many joined tables "
            "(join_collapse_limit) and a "
            "cold catalog cache make planning slow.";
}

} // namespace howdah::plan
