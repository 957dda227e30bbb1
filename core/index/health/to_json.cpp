// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/index/health/health.h"
#include "core/index/health/rule.h"
#include "core/migration/script_json.h"

namespace howdah::index_health {

namespace {

using nlohmann::ordered_json;

ordered_json evidenceJson(const std::vector<Evidence> &evidence)
{
    ordered_json object = ordered_json::object();
    for (const Evidence &one : evidence) {
        const ordered_json value = std::visit([](const auto &held) { return ordered_json(held); }, one.value);
        if (object.contains(one.name)) // several of a kind
            object[one.name] = object[one.name].get<std::string>() + "; " + value.get<std::string>();
        else
            object[one.name] = value;
    }
    return object;
}

ordered_json findingJson(const Facts &facts, const Finding &finding)
{
    ordered_json object{{"rule", finding.rule}, {"severity", severityWord(finding.severity)}};
    object["index"] = finding.index_name.empty() ? ordered_json() : ordered_json(finding.index_name);
    object["table"] = finding.table_name;
    object["schema"] = finding.schema;
    object["size_bytes"] = finding.size_bytes;
    object["size_won_bytes"] = finding.size_won_bytes;
    object["message"] = finding.message;
    object["why"] = finding.why;
    object["evidence"] = evidenceJson(finding.evidence);
    if (const IndexFacts *kept = finding.kept_index != 0 ? facts.index(finding.kept_index) : nullptr)
        object["kept_index"] = kept->name;
    object["sql"] = sqlOf(finding.script);
    object["undo_sql"] = undoOf(finding.script);
    object["steps"] = migration::scriptJson(finding.script)["steps"];
    return object;
}

const char *useWord(Use use)
{
    switch (use) {
    case Use::Used: return "used";
    case Use::Rare: return "rare";
    case Use::Unused: return "unused";
    case Use::Needed: return "needed";
    case Use::Unknown: break;
    }
    return "unknown";
}

ordered_json indexJson(const Facts &facts, const IndexFacts &index)
{
    const TableFacts *table = facts.table(index.table);
    ordered_json object{{"index", index.name},
                        {"schema", index.schema},
                        {"table", table == nullptr ? std::string() : table->name},
                        {"access_method", index.access_method},
                        {"columns", table == nullptr ? std::string() : keyText(*table, index)},
                        {"size_bytes", facts.bytesOf(index)},
                        {"scans", index.attached.empty() ? index.scans : facts.scansOf(index)},
                        {"use", useWord(useOf(facts, index))},
                        {"unique", index.unique},
                        {"primary", index.primary},
                        {"valid", index.isUsable()}};
    if (!index.predicate.empty())
        object["predicate"] = index.predicate;
    if (!index.constraint.empty())
        object["constraint"] = index.constraint;
    if (index.last_scan)
        object["last_scan"] = *index.last_scan;
    if (!facts.replicas.empty())
        object["replica_scans"] = index.replica_scans;
    if (const IndexFacts *parent = index.parent != 0 ? facts.index(index.parent) : nullptr)
        object["part_of"] = parent->name;
    return object;
}

ordered_json summaryJson(const Report &report)
{
    const Facts &facts = report.facts;
    ordered_json object{{"database", facts.database}, {"server_version_num", facts.version_num}};
    object["stats_reset"] = facts.statistics_reset ? ordered_json(*facts.statistics_reset) : ordered_json();
    object["server_start"] = facts.server_start;
    object["stats_since"] = facts.statistics_since;
    object["stats_age_s"] = facts.statistics_age_s;
    object["stats_age"] = ageText(facts.statistics_age_s);
    object["tables"] = facts.tables.size();
    object["indexes"] = facts.indexes.size();
    object["index_bytes"] = report.index_bytes;
    object["size_won_bytes"] = report.size_won_bytes;
    std::int64_t unused = 0, unused_bytes = 0;
    ordered_json counts = ordered_json::object();
    for (const HealthRule &rule : healthRules())
        counts[std::string(rule.name)] = 0;
    for (const Finding &finding : report.findings) {
        counts[finding.rule] = counts[finding.rule].get<std::int64_t>() + 1;
        unused += finding.rule == "unused" ? 1 : 0;
        unused_bytes += finding.rule == "unused" ? finding.size_bytes : 0;
    }
    object["unused_indexes"] = unused;
    object["unused_bytes"] = unused_bytes;
    object["findings"] = std::move(counts);
    object["omitted"] = report.omitted;
    object["measured"] = report.measured;
    object["in_recovery"] = facts.in_recovery;
    object["standbys"] = facts.standbys;
    object["replicas"] = ordered_json::array();
    for (const ReplicaFacts &replica : facts.replicas) {
        ordered_json one{{"name", replica.name}, {"standby", replica.is_standby}, {"matched_by_name", replica.matched_by_name}, {"scans", replica.scans}};
        one["stats_age_s"] = replica.statistics_age_s ? ordered_json(*replica.statistics_age_s) : ordered_json();
        object["replicas"].push_back(std::move(one));
    }
    object["notes"] = facts.notes;
    object["read_ms"] = facts.read_ms;
    object["elapsed_ms"] = report.elapsed_ms;
    return object;
}

} // namespace

std::string toJson(const Report &report, std::size_t max_indexes)
{
    const Facts &facts = report.facts;
    ordered_json document{{"summary", summaryJson(report)}, {"findings", ordered_json::array()}, {"indexes", ordered_json::array()}};
    for (const Finding &finding : report.findings)
        document["findings"].push_back(findingJson(facts, finding));
    std::vector<const IndexFacts *> largest;
    largest.reserve(facts.indexes.size());
    for (const IndexFacts &index : facts.indexes)
        largest.push_back(&index);
    std::stable_sort(largest.begin(), largest.end(), [&](const IndexFacts *a, const IndexFacts *b) { return facts.bytesOf(*a) > facts.bytesOf(*b); });
    if (max_indexes > 0 && largest.size() > max_indexes)
        largest.resize(max_indexes);
    for (const IndexFacts *index : largest)
        document["indexes"].push_back(indexJson(facts, *index));
    return document.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

} // namespace howdah::index_health
