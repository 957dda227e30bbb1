// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// "Workers Launched" below "Workers Planned".
void ruleWorkers(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double planned = node.number("Workers Planned").value_or(0);
        const auto launched = node.number("Workers Launched");
        if (!launched || *launched >= planned || node.children.empty())
            continue;
        const double lost = in.inclusive(id) * (1 - (*launched + 1) / (planned + 1));
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "workers-not-launched", id, lost,
                            fmt::format("{} got {:.0f} of {:.0f} workers.", nameOf(node), *launched, planned),
                            fmt::format("Workers Planned: {:.0f}; Workers Launched: {:.0f}", planned, *launched));
        f.fix_sql.push_back("SELECT name, setting FROM pg_settings WHERE name IN ('max_parallel_workers', "
                            "'max_worker_processes', 'max_parallel_workers_per_gather');");
        f.why = "All parallel queries share max_parallel_workers, and those come out of max_worker_processes. They "
                "were in use "
                "when this query began.";
    }
}

} // namespace howdah::plan
