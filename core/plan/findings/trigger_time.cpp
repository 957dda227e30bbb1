// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/pg/catalog.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

/// CREATE INDEX for the foreign key of this name when its columns lead no index.
std::string missingIndex(const pg::Catalog &catalog, const std::string &constraint)
{
    for (const pg::CatalogRelation &relation : catalog.relations) {
        for (const pg::CatalogConstraint &each : relation.constraints) {
            if (each.name != constraint || each.type != 'f' || each.columns.empty())
                continue;
            const bool covered =
                std::any_of(relation.indexes.begin(), relation.indexes.end(), [&](const pg::CatalogIndex &index) {
                    return index.key_columns.size() >= each.columns.size()
                           && std::is_permutation(each.columns.begin(), each.columns.end(), index.key_columns.begin());
                });
            if (covered)
                return {};
            std::vector<std::string> names;
            for (const std::int16_t attnum : each.columns) {
                for (const pg::CatalogColumn &column : relation.columns) {
                    if (column.attnum == attnum)
                        names.push_back(sql::quoteIdentifier(column.name));
                }
            }
            return fmt::format("CREATE INDEX CONCURRENTLY ON {}.{} ({});", sql::quoteIdentifier(relation.schema),
                               sql::quoteIdentifier(relation.name), fmt::join(names, ", "));
        }
    }
    return {};
}

} // namespace

/// Triggers that take a good part of the time. Those of foreign keys look into the other table for every row.
void ruleTriggerTime(const RuleInput &in, std::vector<Finding> &out)
{
    for (const TriggerTime &trigger : in.plan.triggers) {
        const double lost = trigger.time_ms.value_or(0);
        if (!in.worth(lost) || lost < 0.1 * in.execution_ms)
            continue;
        const bool foreign_key = !trigger.constraint.empty() || trigger.name.starts_with("RI_ConstraintTrigger_");
        const std::string &name = trigger.constraint.empty() ? trigger.name : trigger.constraint;
        const double each = trigger.calls > 0 ? lost / trigger.calls : lost;
        Finding &f = report(in, out, "trigger-time", in.size() > 0 ? NodeId(0) : no_node, lost,
                            fmt::format("{} {} took {} in {} calls, {} each.",
                                        foreign_key ? "The check of foreign key" : "Trigger", name, timeText(lost),
                                        countText(trigger.calls), timeText(each)),
                            fmt::format("Trigger {}{}: time={:.3f} calls={:.0f}", trigger.name,
                                        trigger.constraint.empty() ? "" : " for constraint " + trigger.constraint, lost,
                                        trigger.calls));
        if (!foreign_key) {
            f.why = "A row trigger runs once for every row. A statement trigger with a transition table does its work "
                    "once.";
            continue;
        }
        if (in.context.catalog != nullptr) {
            const std::string fix = missingIndex(*in.context.catalog, trigger.constraint);
            if (!fix.empty())
                f.fix_sql.push_back(fix);
        }
        f.why = "Deleting or updating a referenced row searches the referencing table. PostgreSQL makes no index on "
                "the referencing "
                "columns by itself; without one each search reads that whole table.";
    }
}

} // namespace howdah::plan
