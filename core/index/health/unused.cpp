// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr double telling_age_s = 7 * 86'400.0;
constexpr double long_ago_s = 90 * 86'400.0;
constexpr std::int64_t worth_a_warning = 1 << 20;

std::optional<double> lastScanAge(const Facts &facts, const IndexFacts &index)
{
    std::optional<double> age = index.last_scan_age_s;
    for (const std::size_t part : index.attached) {
        const auto other = lastScanAge(facts, facts.indexes[part]);
        if (other && (!age || *other < *age))
            age = other;
    }
    return age;
}

bool isIdle(const Facts &facts, const IndexFacts &index)
{
    const TableFacts *table = facts.table(index.table);
    if (table == nullptr || !index.isUsable() || index.isProtected() || index.clustered)
        return false;
    if (table->kind != 'p' && table->pages == 0) // nothing to look up, nothing to win
        return false;
    if (facts.scansOf(index) == 0)
        return true;
    const auto last = lastScanAge(facts, index);
    return last && *last > long_ago_s;
}

/// A foreign key keeps one of the indexes that serve it, used or not: each DELETE of a referenced row would read the table.
void keepForForeignKeys(RuleInput &in, std::unordered_map<Oid, std::string> &because)
{
    for (const ForeignKeyFacts &key : in.facts.foreign_keys) {
        const TableFacts *table = in.facts.table(key.table);
        const IndexFacts *best = nullptr;
        bool other_stays = false;
        for (const std::size_t i : table->indexes) {
            const IndexFacts &index = in.facts.indexes[i];
            if (!index.isUsable() || in.redundant.contains(index.oid) || !serves(in.facts, *table, index, key))
                continue;
            other_stays = other_stays || !in.idle.contains(index.oid);
            if (best == nullptr || index.parts.size() < best->parts.size())
                best = &index;
        }
        if (best != nullptr && !other_stays) {
            in.idle.erase(best->oid);
            because.emplace(best->oid, key.name);
        }
    }
}

void report(RuleInput &in, const IndexFacts &index, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    const TableFacts &table = *facts.table(index.table);
    const std::int64_t bytes = facts.bytesOf(index), scans = facts.scansOf(index);
    const bool told = facts.statistics_age_s >= telling_age_s && facts.standbys <= static_cast<std::int64_t>(facts.replicas.size());
    Draft draft = draftOf(in, "unused", told && bytes >= worth_a_warning ? Severity::Warning : Severity::Info, index);
    Finding &finding = draft.finding;
    finding.size_won_bytes = bytes;
    const std::string since = facts.statistics_since.substr(0, 10);
    if (scans == 0)
        finding.message = index.name + " has not been scanned once in the " + ageText(facts.statistics_age_s) + " since " + since +
                          (facts.replicas.empty() ? "" : ", on the standbys neither") + ", and takes " + human::bytes(bytes);
    else
        finding.message = index.name + " was last scanned " + ageText(*lastScanAge(facts, index)) + " ago, and takes " + human::bytes(bytes);
    const std::int64_t writes = table.inserted + table.updated - table.hot_updated;
    finding.why = "Nothing enforces or references by it, and the planner has not chosen it. " +
                  std::string(writes > 0 ? countText(writes) + " inserts and updates of " + table.name + " had to write it. " : "") +
                  (told ? "" : facts.statistics_age_s < telling_age_s ? "The statistics are young: what runs once a month has not been seen yet. " : "Standbys follow this server and were not asked. ") +
                  "Should it be missed, its definition brings it back.";
    finding.evidence = {{"scans", scans},
                        {"statistics_since", facts.statistics_since},
                        {"statistics_age_s", facts.statistics_age_s},
                        {"writes", writes},
                        {"replicas_asked", static_cast<std::int64_t>(facts.replicas.size())}};
    if (!facts.replicas.empty())
        finding.evidence.push_back({"replica_scans", index.replica_scans});
    if (index.last_scan)
        finding.evidence.push_back({"last_scan", *index.last_scan});
    draft.mends.push_back(dropIndex(index, scans == 0));
    out.push_back(std::move(draft));
}

} // namespace

void ruleUnused(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    if (!facts.counts)
        return;
    for (const IndexFacts &index : facts.indexes) {
        if (isIdle(facts, index))
            in.idle.insert(index.oid);
    }
    // What takes over the work of a redundant one that is used will be used.
    for (const Draft &draft : out) {
        if (draft.finding.kept_index != 0 && !in.idle.contains(draft.finding.index))
            in.idle.erase(draft.finding.kept_index);
    }
    std::unordered_map<Oid, std::string> because;
    keepForForeignKeys(in, because);
    for (const IndexFacts &index : facts.indexes) {
        if (in.idle.contains(index.oid))
            report(in, index, out);
    }
}

} // namespace howdah::index_health
