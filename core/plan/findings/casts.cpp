// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/pg/catalog.h"
#include "core/plan/findings/quals.h"
#include "core/plan/findings/rule.h"
#include "core/sql/quote.h"

namespace howdah::plan {

/// EXPLAIN shows "(status)::text" for a varchar, where it costs nothing, and "(id)::text" for a number, where it hides
/// the column from an index. Only the catalog can tell them apart.
void settleCasts(const RuleInput &in, NodeId scan, std::vector<Qual> &quals)
{
    const pg::CatalogRelation *relation = in.relation(scan);
    if (relation == nullptr)
        return;
    for (Qual &qual : quals) {
        if (qual.cast.empty() || qual.converts)
            continue;
        const auto column = std::find_if(relation->columns.begin(), relation->columns.end(), [&](const pg::CatalogColumn &each) {
            return sql::quoteIdentifier(each.name) == qual.column;
        });
        qual.converts = column != relation->columns.end() && !column->type.starts_with("character varying")
                        && column->type != "text";
    }
}

std::vector<Qual> qualsOf(const RuleInput &in, NodeId scan, std::string_view text)
{
    std::vector<Qual> quals = readQuals(text);
    settleCasts(in, scan, quals);
    return quals;
}

} // namespace howdah::plan
