// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr std::int64_t least_pages = 16;
constexpr double few_visible = 0.1;

/// The b-tree that would be read alone: one with INCLUDE or several columns, else the one that is used most.
const IndexFacts *candidate(const Facts &facts, const TableFacts &table)
{
    const IndexFacts *best = nullptr;
    const auto worth = [&](const IndexFacts &index) {
        return std::pair(index.parts.size() > index.keys ? 2 : index.parts.size() > 1 ? 1 : 0, facts.scansOf(index));
    };
    for (const std::size_t i : table.indexes) {
        const IndexFacts &index = facts.indexes[i];
        const bool can = index.isUsable() && (index.access_method == "btree" || index.access_method == "gist" || index.access_method == "spgist");
        // One column and never read: nobody waits for it.
        if (can && (index.parts.size() > 1 || index.scans > 0) && (best == nullptr || worth(index) > worth(*best)))
            best = &index;
    }
    return best;
}

} // namespace

void ruleNeverVacuumed(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (const TableFacts &table : facts.tables) {
        if (table.kind == 'p' || table.was_vacuumed || table.pages < least_pages ||
            static_cast<double>(table.all_visible_pages) >= few_visible * static_cast<double>(table.pages))
            continue;
        const IndexFacts *index = candidate(facts, table);
        if (index == nullptr)
            continue;
        Draft draft = draftOf(in, "never-vacuumed", index->scans > 0 ? Severity::Warning : Severity::Info, *index);
        Finding &finding = draft.finding;
        finding.message = table.name + " was never vacuumed: index-only scans of " + index->name + " " + keyText(table, *index) + " visit the table for every row";
        finding.why = "Only VACUUM marks pages as visible to all (" + countText(table.all_visible_pages) + " of " + countText(table.pages) +
                      " are). An index that holds all that a query asks for saves nothing until then.";
        finding.evidence = {{"relallvisible", table.all_visible_pages}, {"pages", table.pages}, {"scans", index->scans},
                            {"tuples_read", index->tuples_read}, {"tuples_fetched", index->tuples_fetched}, {"statistics_since", facts.statistics_since}};
        Mend mend;
        mend.step = stepOf("Vacuum " + table.name, "VACUUM (ANALYZE) " + qualified(table), "SHARE UPDATE EXCLUSIVE", false);
        mend.step.no_undo_reason = "It changes no data; there is nothing to go back to.";
        mend.step.note = "Reads and writes go on meanwhile; it reads " + human::bytes(table.bytes(facts.block_bytes)) + ".";
        draft.mends.push_back(std::move(mend));
        out.push_back(std::move(draft));
    }
}

} // namespace howdah::index_health
