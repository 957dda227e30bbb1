// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/to_json.h"

#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/plan/derivations.h"
#include "core/plan/metrics.h"

namespace howdah::plan {

namespace {

using Json = nlohmann::ordered_json;

/// Values of EXPLAIN are a few levels deep; what is deeper comes from damaged or hostile input and is cut.
constexpr int deepest_value = 100;

Json number(double value)
{
    // Counts are kept as doubles, but people expect 3, not 3.0.
    if (std::abs(value) < 1e15 && std::trunc(value) == value)
        return static_cast<std::int64_t>(value);
    return value;
}

void put(Json &object, const char *key, const std::optional<double> &value)
{
    if (value)
        object[key] = number(*value);
}

void put(Json &object, const char *key, const std::string &value)
{
    if (!value.empty())
        object[key] = value;
}

void put(Json &object, const char *key, bool value)
{
    if (value)
        object[key] = true;
}

Json toJson(const PropertyValue &property, int depth = 0)
{
    if (depth > deepest_value)
        return "…";
    if (const auto *group = std::get_if<PropertyValue::Group>(&property.value)) {
        Json object = Json::object();
        for (const auto &[key, value] : *group)
            object[key] = toJson(value, depth + 1);
        return object;
    }
    if (const auto *list = std::get_if<PropertyValue::List>(&property.value)) {
        Json array = Json::array();
        for (const PropertyValue &value : *list)
            array.push_back(toJson(value, depth + 1));
        return array;
    }
    if (const auto *text = std::get_if<std::string>(&property.value))
        return *text;
    if (const auto *integer = std::get_if<std::int64_t>(&property.value))
        return *integer;
    if (const auto *real = std::get_if<double>(&property.value))
        return *real;
    return std::get<bool>(property.value);
}

Json toJson(const std::vector<Property> &properties)
{
    Json object = Json::object();
    for (const auto &[key, value] : properties)
        object[key] = toJson(value);
    return object;
}

void put(Json &object, const char *key, const std::vector<Property> &properties)
{
    if (!properties.empty())
        object[key] = toJson(properties);
}

void put(Json &object, const char *key, const std::vector<std::string> &lines)
{
    if (!lines.empty())
        object[key] = lines;
}

void put(Json &object, const char *key, const std::optional<Buffers> &buffers)
{
    if (!buffers)
        return;
    object[key] = {{"shared_hit", buffers->shared_hit},         {"shared_read", buffers->shared_read},
                   {"shared_dirtied", buffers->shared_dirtied}, {"shared_written", buffers->shared_written},
                   {"local_hit", buffers->local_hit},           {"local_read", buffers->local_read},
                   {"local_dirtied", buffers->local_dirtied},   {"local_written", buffers->local_written},
                   {"temp_read", buffers->temp_read},           {"temp_written", buffers->temp_written}};
}

void put(Json &object, const char *key, const std::optional<IoTimes> &io)
{
    if (!io)
        return;
    object[key] = {{"shared_read_ms", io->shared_read_ms}, {"shared_write_ms", io->shared_write_ms},
                   {"local_read_ms", io->local_read_ms},   {"local_write_ms", io->local_write_ms},
                   {"temp_read_ms", io->temp_read_ms},     {"temp_write_ms", io->temp_write_ms}};
}

void put(Json &object, const std::optional<WalUsage> &wal)
{
    if (wal)
        object["wal"] = {{"records", wal->records}, {"fpi", wal->fpi}, {"bytes", wal->bytes}, {"buffers_full", wal->buffers_full}};
}

void putWorkers(Json &object, const std::vector<WorkerStats> &workers)
{
    for (const WorkerStats &worker : workers) {
        Json entry{{"number", worker.number}};
        put(entry, "startup_ms", worker.startup_ms);
        put(entry, "total_ms", worker.total_ms);
        put(entry, "rows", worker.rows);
        put(entry, "loops", worker.loops);
        put(entry, "extra", worker.properties);
        object["workers"].push_back(std::move(entry));
    }
}

/// What it is and works on.
void putIdentity(Json &object, const Node &node)
{
    object["node_type"] = node.node_type;
    object["label"] = node.label();
    put(object, "target", node.target());
    put(object, "parent_relationship", node.parent_relationship);
    put(object, "subplan_name", node.subplan_name);
    put(object, "strategy", node.strategy);
    put(object, "partial_mode", node.partial_mode);
    put(object, "operation", node.operation);
    put(object, "join_type", node.join_type);
    put(object, "scan_direction", node.scan_direction);
    put(object, "command", node.command);
    put(object, "custom_plan_provider", node.custom_plan_provider);
    put(object, "parallel_aware", node.parallel_aware);
    put(object, "async_capable", node.async_capable);
    put(object, "disabled", node.disabled);
    put(object, "relation", node.relation_name);
    put(object, "schema", node.schema);
    put(object, "alias", node.alias);
    put(object, "index", node.index_name);
    put(object, "function", node.function_name);
    put(object, "cte", node.cte_name);
    put(object, "tuplestore", node.tuplestore_name);
    put(object, "table_function", node.table_function_name);
}

void putFigures(Json &object, const Node &node, const NodeMetrics &metrics, bool analyzed)
{
    put(object, "startup_cost", node.startup_cost);
    put(object, "total_cost", node.total_cost);
    if (node.total_cost) {
        object["exclusive_cost"] = number(metrics.exclusive_cost);
        object["cost_share"] = metrics.cost_share;
    }
    put(object, "plan_rows", node.plan_rows);
    if (node.plan_width)
        object["plan_width"] = *node.plan_width;
    put(object, "actual_startup_ms", node.actual_startup_ms);
    put(object, "actual_total_ms", node.actual_total_ms);
    put(object, "actual_rows", node.actual_rows);
    put(object, "loops", node.loops);
    if (analyzed)
        object["never_executed"] = node.never_executed;
    put(object, "inclusive_ms", metrics.inclusive_ms);
    put(object, "exclusive_ms", metrics.exclusive_ms);
    put(object, "work_ms", metrics.work_ms);
    if (metrics.exclusive_ms) {
        object["rounding_ms"] = metrics.rounding_ms;
        object["time_share"] = metrics.time_share;
        put(object, "clamped_ms", metrics.clamped_ms > 0 ? std::optional(metrics.clamped_ms) : std::nullopt);
    }
    put(object, "derivation", metrics.derivation);
    if (analyzed)
        object["processes"] = number(metrics.processes);
    put(object, "rows_total", metrics.rows_total);
    put(object, "plan_rows_total", metrics.plan_rows_total);
    put(object, "estimate_factor", metrics.estimate_factor);
    put(object, "stopped_early", metrics.stopped_early);
    put(object, "removed_total", metrics.removed_total);
    put(object, "removed_share", metrics.removed_share);
    put(object, "buffers", node.buffers);
    put(object, "exclusive_buffers", metrics.exclusive_buffers);
    put(object, "io", node.io);
    put(object, node.wal);
}

const char *word(Severity severity)
{
    return severity == Severity::Serious ? "serious" : severity == Severity::Warning ? "warning" : "info";
}

Json toJson(const Finding &finding)
{
    Json object{{"rule", finding.rule},
                {"node", finding.node == no_node ? Json() : Json(finding.node)},
                {"severity", word(finding.severity)},
                {"lost_ms", number(finding.lost_ms)},
                {"message", finding.message},
                {"evidence", finding.evidence},
                {"fix_sql", finding.fix_sql}};
    put(object, "why", finding.why);
    return object;
}

Json toJson(const Plan &plan, const FindingContext &context)
{
    const Metrics metrics = measure(plan);
    const bool analyzed = plan.analyzed();
    Json object{{"nodes", Json::array()}};
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        Json entry{{"id", i}, {"parent", node.parent == no_node ? Json() : Json(node.parent)}};
        putIdentity(entry, node);
        putFigures(entry, node, metrics.nodes[i], analyzed);
        Json derived = Json::object();
        for (const Derivation &each : derivations(plan, metrics, static_cast<NodeId>(i)))
            derived[std::string(each.figure)] = each.text;
        entry["derivations"] = std::move(derived);
        putWorkers(entry, node.workers);
        entry["extra"] = toJson(node.properties);
        put(entry, "extra_lines", node.extra_lines);
        object["nodes"].push_back(std::move(entry));
    }
    put(object, "execution_ms", metrics.execution_ms);
    put(object, "planning_ms", plan.planning_ms);
    put(object, "duration_ms", plan.duration_ms);
    object["triggers"] = Json::array();
    for (const TriggerTime &trigger : plan.triggers) {
        Json entry = Json::object();
        put(entry, "name", trigger.name);
        put(entry, "constraint", trigger.constraint);
        put(entry, "relation", trigger.relation);
        put(entry, "time_ms", trigger.time_ms);
        entry["calls"] = number(trigger.calls);
        object["triggers"].push_back(std::move(entry));
    }
    if (metrics.execution_ms && analyzed) {
        object["triggers_ms"] = metrics.triggers_ms;
        put(object, "serialization_ms", metrics.serialization_ms > 0 ? std::optional(metrics.serialization_ms) : std::nullopt);
        put(object, "jit_ms", metrics.jit_ms > 0 ? std::optional(metrics.jit_ms) : std::nullopt);
        object["unaccounted_ms"] = metrics.unaccounted_ms;
        object["rounding_ms"] = metrics.rounding_ms;
    }
    if (metrics.misestimate_origin)
        object["misestimate_origin"] = *metrics.misestimate_origin;
    object["findings"] = Json::array();
    for (const Finding &finding : findings(plan, metrics, context))
        object["findings"].push_back(toJson(finding));
    object["settings"] = toJson(plan.settings);
    Json planning = toJson(plan.planning);
    put(planning, "buffers", plan.planning_buffers);
    put(planning, "io", plan.planning_io);
    if (!planning.empty())
        object["planning"] = std::move(planning);
    put(object, "jit", plan.jit);
    put(object, "serialization", plan.serialization);
    put(object, "extra", plan.properties);
    put(object, "extra_lines", plan.extra_lines);
    put(object, "query_text", plan.query_text);
    put(object, "note", plan.note);
    return object;
}

/// What the whole input has to say, for programs that do not care which plan it is of.
void putFindingsOfAll(Json &document)
{
    Json all = Json::array();
    std::optional<double> unaccounted;
    for (std::size_t i = 0; i < document["plans"].size(); ++i) {
        const Json &plan = document["plans"][i];
        for (const Json &finding : plan["findings"]) {
            Json entry{{"plan", i}};
            entry.update(finding);
            all.push_back(std::move(entry));
        }
        if (plan.contains("unaccounted_ms"))
            unaccounted = unaccounted.value_or(0) + plan["unaccounted_ms"].get<double>();
    }
    document["findings"] = std::move(all);
    put(document, "unaccounted_ms", unaccounted);
}

} // namespace

std::string toJson(const ReadResult &result, std::string_view source, const FindingContext &context)
{
    constexpr std::array formats{"text", "json", "xml", "yaml"};
    Json document{{"format", formats.at(static_cast<std::size_t>(result.format))}, {"plans", Json::array()}, {"diagnostics", Json::array()}};
    for (const Plan &plan : result.plans)
        document["plans"].push_back(toJson(plan, context));
    putFindingsOfAll(document);
    for (const Diagnostic &diagnostic : result.diagnostics)
        document["diagnostics"].push_back({{"line", diagnostic.line}, {"message", diagnostic.message}});
    if (!source.empty())
        document["source"] = source;
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace howdah::plan
