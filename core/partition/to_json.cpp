// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/to_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "core/migration/script_json.h"
#include "core/partition/conditions.h"

namespace howdah::partition {

namespace {

using Json = nlohmann::ordered_json;

void put(Json &object, const char *key, const std::string &text)
{
    if (!text.empty())
        object[key] = text;
}

Json valueJson(const BoundValue &value)
{
    switch (value.kind) {
    case BoundValue::Kind::Min: return "MINVALUE";
    case BoundValue::Kind::Max: return "MAXVALUE";
    case BoundValue::Kind::Null: return nullptr;
    case BoundValue::Kind::Value: break;
    }
    return value.text;
}

Json valuesJson(const std::vector<BoundValue> &values)
{
    Json all = Json::array();
    for (const BoundValue &value : values)
        all.push_back(valueJson(value));
    return all;
}

Json keyJson(const Key &key)
{
    Json columns = Json::array();
    for (const KeyColumn &column : key.columns)
        columns.push_back({{"expression", column.expression}, {"type", column.type}, {"not_null", column.not_null}});
    return {{"strategy", strategyName(key.strategy)}, {"definition", key.definition}, {"columns", std::move(columns)}};
}

Json tableJson(const Table &table)
{
    Json one{{"schema", table.schema}, {"name", table.name}, {"oid", table.oid}, {"depth", table.depth}};
    one["parent"] = table.parent == no_table ? Json(-1) : Json(table.parent);
    one["kind"] = table.relkind == 'p' ? "partitioned" : table.relkind == 'f' ? "foreign" : "table";
    if (table.parent != no_table)
        one["bound"] = boundJson(table.bound);
    if (table.key)
        one["key"] = keyJson(*table.key);
    if (table.relkind == 'r') {
        one["table_bytes"] = table.table_bytes;
        one["index_bytes"] = table.index_bytes;
        one["live_tuples"] = table.live_tuples;
        one["dead_tuples"] = table.dead_tuples;
        one["modified_since_analyze"] = table.modified_since_analyze;
    }
    if (table.estimated_rows >= 0)
        one["estimated_rows"] = table.estimated_rows;
    put(one, "last_vacuum", table.last_vacuum);
    put(one, "last_analyze", table.last_analyze);
    if (table.relkind == 'p')
        one["analysed_as_a_whole"] = table.has_inherited_statistics;
    if (table.detach_pending)
        one["detach_pending"] = true;
    if (!table.indexes.empty()) {
        Json indexes = Json::array();
        for (const TreeIndex &index : table.indexes) {
            Json entry{{"schema", index.schema}, {"name", index.name}, {"valid", index.valid}, {"unique", index.unique}, {"primary", index.primary}, {"attached", index.parent != 0}};
            put(entry, "definition", index.definition);
            indexes.push_back(std::move(entry));
        }
        one["indexes"] = std::move(indexes);
    }
    return one;
}

Json foreignKeysJson(const std::vector<ForeignKey> &keys)
{
    Json all = Json::array();
    for (const ForeignKey &key : keys)
        all.push_back({{"name", key.name}, {"from", key.from}, {"to", key.to}, {"definition", key.definition}, {"validated", key.validated}});
    return all;
}

} // namespace

Json boundJson(const Bound &bound)
{
    Json json{{"sql", bound.sql()}};
    switch (bound.kind) {
    case Bound::Kind::Default: json["kind"] = "default"; break;
    case Bound::Kind::Range:
        json["kind"] = "range";
        json["lower"] = valuesJson(bound.lower);
        json["upper"] = valuesJson(bound.upper);
        break;
    case Bound::Kind::List:
        json["kind"] = "list";
        json["values"] = valuesJson(bound.values);
        break;
    case Bound::Kind::Hash:
        json["kind"] = "hash";
        json["modulus"] = bound.modulus;
        json["remainder"] = bound.remainder;
        break;
    }
    return json;
}

Json summaryJson(const SchemeSummary &summary)
{
    return {{"schema", summary.schema}, {"name", summary.name}, {"oid", summary.oid}, {"key", summary.key}, {"partitions", summary.partitions}, {"depth", summary.depth},
            {"bytes", summary.bytes}, {"estimated_rows", summary.estimated_rows}, {"has_default", summary.has_default}};
}

Json schemeJson(const Scheme &scheme)
{
    Json json{{"table", scheme.root().sqlName()}, {"key", scheme.root().key ? keyJson(*scheme.root().key) : Json()}, {"partitions", scheme.leafCount()}};
    std::int64_t bytes = 0;
    for (const Table &table : scheme.tables)
        bytes += table.totalBytes();
    json["bytes"] = bytes;
    if (const auto interval = usualInterval(scheme, scheme.root()))
        json["interval"] = interval->text();
    Json tables = Json::array();
    for (const Table &table : scheme.tables)
        tables.push_back(tableJson(table));
    json["tables"] = std::move(tables);
    Json gaps = Json::array();
    for (const Table &table : scheme.tables) {
        if (!table.key || table.key->strategy != Strategy::Range)
            continue;
        for (const Gap &gap : gapsOf(scheme, table))
            gaps.push_back({{"table", table.sqlName()}, {"lower", valuesJson(gap.lower)}, {"upper", valuesJson(gap.upper)}});
    }
    json["gaps"] = std::move(gaps);
    json["foreign_keys"] = {{"outgoing", foreignKeysJson(scheme.outgoing)}, {"incoming", foreignKeysJson(scheme.incoming)}};
    if (!scheme.partman.version.empty())
        json["partman"] = {{"version", scheme.partman.version}, {"schema", scheme.partman.schema}, {"config", scheme.partman.config}};
    Json jobs = Json::array();
    for (const CronJob &job : scheme.cron_jobs)
        jobs.push_back({{"id", job.id}, {"schedule", job.schedule}, {"command", job.command}, {"database", job.database}, {"active", job.active}, {"last_status", job.last_status},
                        {"last_message", job.last_message}, {"last_start", job.last_start}});
    if (scheme.cron_installed)
        json["cron_jobs"] = std::move(jobs);
    if (!scheme.notes.empty())
        json["notes"] = scheme.notes;
    return json;
}

Json findingJson(const Finding &finding)
{
    Json json{{"rule", finding.rule}, {"severity", severityName(finding.severity)}, {"relation", finding.relation}, {"message", finding.message}};
    put(json, "detail", finding.detail);
    put(json, "evidence", finding.evidence);
    if (finding.fix) {
        json["fix"] = migration::scriptJson(*finding.fix);
        json["sql"] = finding.fix->toSql();
    }
    put(json, "no_fix", finding.no_fix);
    return json;
}

Json conversionJson(const Conversion &conversion)
{
    Json json{{"table", conversion.table}, {"rows", conversion.rows}, {"bytes", conversion.bytes}};
    put(json, "lowest", conversion.lowest);
    put(json, "highest", conversion.highest);
    Json bounds = Json::array();
    for (const Bound &bound : conversion.partitions)
        bounds.push_back(boundJson(bound));
    json["partitions"] = std::move(bounds);
    Json keys = Json::array();
    for (const KeyIssue &issue : conversion.keys) {
        Json choices = Json::array();
        for (const KeyIssue::Choice &choice : issue.choices)
            choices.push_back({{"id", choice.id}, {"becomes", choice.becomes}, {"means", choice.means}});
        keys.push_back({{"name", issue.name}, {"definition", issue.definition}, {"primary", issue.primary}, {"choices", std::move(choices)}});
    }
    json["keys"] = std::move(keys);
    json["blockers"] = conversion.blockers;
    json["warnings"] = conversion.warnings;
    json["carried"] = conversion.carried;
    Json strategies = Json::array();
    for (const StrategyEstimate &estimate : conversion.strategies)
        strategies.push_back({{"strategy", strategyName(estimate.strategy)}, {"possible", estimate.possible}, {"obstacles", estimate.obstacles}, {"seconds_low", std::round(estimate.seconds_low * 10) / 10},
                              {"seconds_high", std::round(estimate.seconds_high * 10) / 10}, {"space_bytes", estimate.space_bytes}, {"wal_bytes", estimate.wal_bytes}, {"lock", estimate.lock},
                              {"write_cost", estimate.write_cost}});
    json["strategies"] = std::move(strategies);
    json["measured"] = conversion.measured;
    json["recommended"] = strategyName(conversion.recommended);
    json["script"] = migration::scriptJson(conversion.script);
    json["sql"] = conversion.script.toSql();
    return json;
}

Json adviceJson(const Advice &advice)
{
    Json json{{"table", advice.table}, {"partition", advice.partition}, {"reasons", advice.reasons}, {"rows", advice.rows}, {"bytes", advice.bytes}};
    if (!advice.column.empty()) {
        json["strategy"] = strategyName(advice.strategy);
        json["column"] = advice.column;
        put(json, "interval", advice.interval);
        json["partitions"] = advice.partitions;
    }
    Json columns = Json::array();
    for (const ColumnUse &use : advice.columns) {
        Json one{{"column", use.column}, {"type", use.type}, {"weight", use.weight}, {"queries", use.queries}, {"range_queries", use.range_queries}, {"equality_queries", use.equality_queries}};
        if (use.correlation)
            one["correlation"] = *use.correlation;
        columns.push_back(std::move(one));
    }
    json["columns"] = std::move(columns);
    Json queries = Json::array();
    for (const QueryPruning &query : advice.queries) {
        Json one{{"query", query.text}, {"calls", query.calls}};
        if (query.error.empty()) {
            one["prunes"] = query.prunes;
            one["partitions_read"] = query.partitions_read;
            one["partitions_total"] = query.partitions_total;
            one["how"] = query.how;
        } else {
            one["error"] = query.error;
        }
        queries.push_back(std::move(one));
    }
    json["queries"] = std::move(queries);
    json["proof"] = advice.proof;
    json["notes"] = advice.notes;
    return json;
}

} // namespace howdah::partition
