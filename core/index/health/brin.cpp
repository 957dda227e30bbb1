// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr double useless_share = 0.6;
/// bringetbitmap() counts ten tuples for each page that it returns.
constexpr double counted_per_page = 10;

constexpr double unknown = -1;

/// The share of the table that a scan of it has read on average; unknown when it was not scanned.
double shareRead(const TableFacts &table, const IndexFacts &index)
{
    if (index.scans == 0 || table.pages == 0)
        return unknown;
    return static_cast<double>(index.tuples_read) / counted_per_page / static_cast<double>(index.scans) / static_cast<double>(table.pages);
}

} // namespace

void ruleBrin(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (const IndexFacts &index : facts.indexes) {
        if (index.access_method != "brin" || index.kind != 'i' || !index.isUsable())
            continue;
        const TableFacts &table = *facts.table(index.table);
        const auto measured = facts.measured.find(index.oid);
        const double overlap = measured == facts.measured.end() ? unknown : measured->second.brin_overlap.value_or(unknown);
        const double read = shareRead(table, index);
        // The samples say what any search would read, the counters what those that were made have read.
        if ((overlap >= 0 ? overlap : read) < useless_share)
            continue;
        Draft draft = draftOf(in, "low-correlation-brin", Severity::Warning, index);
        Finding &finding = draft.finding;
        finding.size_won_bytes = finding.size_bytes;
        const std::string keys = keyText(table, index);
        if (overlap >= 0)
            finding.message = "A search for one value of " + keys + " by " + index.name + " must read about " + shareText(overlap) + " of " + table.name;
        else
            finding.message = "Scans of " + index.name + " " + keys + " have read " + shareText(std::min(read, 1.0)) + " of " + table.name + " on average";
        finding.why = "A BRIN index keeps the smallest and the largest value of each range of blocks. Where the rows do not lie in the order of the column, "
                      "every range holds every value, and the planner, which trusts pg_stats.correlation, may still choose it over a sequential scan.";
        if (overlap >= 0)
            finding.evidence = {{"overlap", overlap}, {"pieces", measured->second.brin_pieces}, {"pages_per_piece", measured->second.brin_piece_pages}};
        if (read >= 0)
            finding.evidence.push_back({"share_read_by_scans", std::min(read, 1.0)});
        finding.evidence.push_back({"scans", index.scans});
        finding.evidence.push_back({"table_pages", table.pages});
        draft.mends.push_back(dropIndex(index));
        out.push_back(std::move(draft));
    }
}

} // namespace howdah::index_health
