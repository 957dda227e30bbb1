// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// "Heap Fetches" of an Index Only Scan: the visibility map does not vouch for those pages.
void ruleHeapFetches(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double fetches = node.number("Heap Fetches").value_or(0);
        const double rows = std::max(in.rows(id) + in.of(id).removed_total.value_or(0), fetches);
        if (node.node_type != "Index Only Scan" || fetches < 100 || fetches < 0.1 * rows)
            continue;
        const double lost = in.exclusive(id) * 0.6 * fetches / rows;
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "heap-fetches", id, lost,
                            fmt::format("{} had to read the table for {} of its {} rows.", nameOf(node),
                                        countText(fetches), countText(rows)),
                            fmt::format("Heap Fetches: {:.0f}", fetches));
        f.fix_sql.push_back("VACUUM (ANALYZE) " + relationName(node) + ";");
        f.why = "An index-only scan may trust the index alone only for pages that VACUUM has marked all-visible. "
                "If it comes back, let autovacuum run more often on this table.";
    }
}

} // namespace howdah::plan
