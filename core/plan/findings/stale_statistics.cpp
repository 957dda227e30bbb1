// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/pg/catalog.h"

namespace howdah::plan {

/// Tables in the plan that changed a lot since ANALYZE, or were never analysed, and are judged wrongly.
void ruleStaleStatistics(const RuleInput &in, std::vector<Finding> &out)
{
    std::vector<const pg::CatalogRelation *> told;
    for (NodeId id = 0; id < in.size(); ++id) {
        const pg::CatalogRelation *relation = in.relation(id);
        if (relation == nullptr || std::find(told.begin(), told.end(), relation) != told.end())
            continue;
        const auto live = static_cast<double>(std::max<std::int64_t>(relation->live_tuples, 1));
        const auto changed = static_cast<double>(relation->modified_since_analyze);
        const bool never = !relation->last_analyze && live >= 1000;
        const double factor = in.of(id).estimate_factor.value_or(1);
        const bool fits = in.analyzed && factor < 3 && (factor > 1.0 / 3 || in.of(id).stopped_early);
        if (fits || (!never && (changed < 1000 || changed < 0.2 * live)))
            continue;
        told.push_back(relation);
        Finding &f = report(in, out, "stale-statistics", id, 0,
                            never ? fmt::format("{} was never analysed.", relationName(in.node(id)))
                                  : fmt::format("{} rows of {} changed since it was analysed, {} of them live.",
                                                countText(changed), relationName(in.node(id)), countText(live)),
                            fmt::format("n_mod_since_analyze={:.0f} n_live_tup={:.0f} last_analyze={}", changed, live,
                                        relation->last_analyze.value_or("never")));
        f.fix_sql.push_back("ANALYZE " + relationName(in.node(id)) + ";");
        f.why = "Estimates come from a sample that ANALYZE takes. Autovacuum does it after a tenth of the rows "
                "changed, unless it "
                "is off or behind.";
    }
}

} // namespace howdah::plan
