// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr std::size_t many_indexes = 6;
constexpr std::int64_t many_updates = 1000;
constexpr double share_updated = 0.1, many_writes_a_day = 100'000, day_s = 86'400;
constexpr std::int64_t writes_per_scan = 100; ///< an index that is read so seldom does not earn its writes
constexpr double poor_hot_share = 0.5;
constexpr double worth_dropping = 1000;

/// Not merely loaded once: its rows change, or many come every day.
bool isHot(const Facts &facts, const TableFacts &table)
{
    const std::int64_t cold = table.updated - table.hot_updated;
    if (cold >= many_updates && static_cast<double>(cold) >= share_updated * std::max(table.rows, 0.0))
        return true;
    const double days = facts.statistics_age_s / day_s;
    return days >= 1 && static_cast<double>(table.inserted + cold) / days >= many_writes_a_day;
}

} // namespace

void ruleTooMany(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (const TableFacts &table : facts.tables) {
        const std::int64_t writes = table.inserted + table.updated - table.hot_updated; // those that go into every index
        if (table.kind == 'p' || table.indexes.size() < many_indexes || !isHot(facts, table))
            continue;
        std::int64_t scans = 0, bytes = 0;
        std::vector<const IndexFacts *> idle;
        for (const std::size_t i : table.indexes) {
            const IndexFacts &index = facts.indexes[i];
            scans += facts.scansOf(index);
            bytes += facts.bytesOf(index);
            const bool seldom = static_cast<double>(facts.scansOf(index)) * worth_dropping <= static_cast<double>(writes);
            if (seldom && in.idle.contains(index.oid))
                idle.push_back(&index);
        }
        const auto count = static_cast<std::int64_t>(table.indexes.size());
        // Read as often as written: they earn what they cost.
        if (scans * writes_per_scan >= writes * count)
            continue;
        const double hot = table.updated > 0 ? static_cast<double>(table.hot_updated) / static_cast<double>(table.updated) : 1;
        Draft draft = draftOf(in, "too-many-indexes", Severity::Warning, table);
        Finding &finding = draft.finding;
        finding.size_bytes = bytes;
        finding.message = table.name + " is written " + countText(writes) + " times and each time into " + countText(count) + " indexes (" +
                          countText(writes * count) + " entries), for " + countText(scans) + " scans of them";
        finding.why = "An INSERT, and an UPDATE that is not HOT, writes every index of the table. " +
                      std::string(table.updated == 0 ? "" : shareText(hot) + " of its updates were HOT" + (hot < poor_hot_share ? ": an index on a column that changes, or full pages (fillfactor), keeps the others from it. " : ". ")) +
                      (idle.empty() ? "None of them is without use, so which to give up is yours to say." : "Those that nobody scans can go.");
        finding.evidence = {{"indexes", count}, {"writes", writes}, {"entries_written", writes * count}, {"scans", scans},
                            {"inserted", table.inserted}, {"updated", table.updated}, {"hot_updated", table.hot_updated}, {"hot_share", hot}};
        for (const IndexFacts *index : idle) {
            finding.size_won_bytes += facts.bytesOf(*index);
            draft.mends.push_back(dropIndex(*index, true));
        }
        out.push_back(std::move(draft));
    }
}

} // namespace howdah::index_health
