// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/subplans.h"

namespace howdah::plan {

/// A part of WITH that is computed as a whole while its only reader wants little of it.
void ruleMaterializedCte(const RuleInput &in, std::vector<Finding> &out)
{
    for (const SubplanUse &use : findSubplanUses(in.plan)) {
        if (!use.is_cte || use.consumers.size() != 1)
            continue;
        const Node &body = in.node(use.body);
        const NodeId scan = use.consumers[0];
        if (body.node_type == "ModifyTable" || body.node_type == "Recursive Union"
            || in.node(scan).loops.value_or(0) > 1)
            continue;
        const double produced = in.rows(use.body);
        const double wanted = in.rows(scan);
        if (produced < 1000 || wanted > 0.2 * produced || in.node(scan).text("Filter").empty())
            continue;
        const double lost = (in.inclusive(use.body) + in.exclusive(scan)) * (1 - wanted / produced) * 0.8;
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "materialized-cte", use.body, lost,
                            fmt::format("{} produced {} rows of which its only reader kept {}.", body.subplan_name,
                                        countText(produced), countText(wanted)),
                            fmt::format("CTE Scan: Filter: {}", in.node(scan).text("Filter")));
        f.why = "A part of WITH that is MATERIALIZED (or holds a volatile function, or is used twice) is computed "
                "alone, without "
                "the conditions of the query around it. AS NOT MATERIALIZED lets them in.";
    }
}

} // namespace howdah::plan
