// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/index/health/rule.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

/// Sorted by a library that sorts otherwise now: lookups may miss rows that are there.
bool judgeVersion(RuleInput &in, const IndexFacts &index, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    if (index.access_method != "btree" && index.access_method != "brin" && index.access_method != "gist" && index.access_method != "spgist")
        return false;
    for (std::size_t i = 0; i < index.keys; ++i) {
        const CollationFacts *collation = facts.collation(index.parts[i].collation);
        if (collation == nullptr || !collation->version_differs || collation->is_c)
            continue;
        const OpclassFacts *opclass = facts.opclass(index.parts[i].opclass);
        if (opclass != nullptr && opclass->name.ends_with("_pattern_ops"))
            continue;
        Draft draft = draftOf(in, "wrong-collation", Severity::Serious, index);
        Finding &finding = draft.finding;
        finding.message = index.name + " may be in the wrong order: the collation \"" + collation->name + "\" is of version " + collation->actual_version +
                          ", and " + collation->recorded_version + " was recorded";
        finding.why = "An update of the operating system or of ICU may have changed how strings sort. An index in the old order misses rows and lets duplicates in. "
                      "When every index with this collation is rebuilt, ALTER COLLATION … REFRESH VERSION (ALTER DATABASE for the default one) ends the warning.";
        finding.evidence = {{"collation", collation->name}, {"recorded_version", collation->recorded_version}, {"actual_version", collation->actual_version}};
        draft.mends.push_back(reindex(index));
        out.push_back(std::move(draft));
        return true;
    }
    return false;
}

} // namespace

void ruleCollation(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (const IndexFacts &index : facts.indexes) {
        if (!index.isUsable() || index.kind != 'i' || judgeVersion(in, index, out))
            continue;
        if (index.access_method != "btree" || index.parent != 0 || index.unique || !facts.counts || facts.scansOf(index) > 0)
            continue;
        const TableFacts &table = *facts.table(index.table);
        for (std::size_t i = 0; i < index.keys; ++i) {
            const PartFacts &part = index.parts[i];
            const auto column = table.columns.find(part.attnum);
            if (part.attnum == 0 || part.collation == 0 || column == table.columns.end() || part.collation == column->second.collation)
                continue;
            const CollationFacts *own = facts.collation(part.collation), *of_column = facts.collation(column->second.collation);
            // In C order it serves LIKE 'x%': that is what it may be meant for.
            if (own == nullptr || of_column == nullptr || own->is_c)
                continue;
            Draft draft = draftOf(in, "wrong-collation", Severity::Info, index);
            Finding &finding = draft.finding;
            finding.message = index.name + " sorts " + partName(table, part) + " by \"" + own->name + "\", the column by \"" + of_column->name +
                              "\": only a query that says COLLATE can use it, and none has";
            finding.why = "A comparison without COLLATE is done in the column's collation, and an index in another one does not answer it.";
            finding.evidence = {{"collation", own->name}, {"column_collation", of_column->name}, {"scans", facts.scansOf(index)}, {"statistics_since", facts.statistics_since}};
            finding.size_won_bytes = finding.size_bytes;
            draft.mends.push_back(dropIndex(index, true));
            out.push_back(std::move(draft));
            break;
        }
    }
}

} // namespace howdah::index_health
