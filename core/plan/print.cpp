// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/print.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/labels.h"
#include "core/plan/print_values.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

std::string headOf(const Node &node)
{
    std::string text = nodeLabel(node);
    if (node.scan_direction == "Backward")
        text += " Backward";
    if (node.node_type == "Bitmap Index Scan")
        return text + " on " + sql::quoteIdentifier(node.index_name);
    if (!node.index_name.empty())
        text += " using " + sql::quoteIdentifier(node.index_name);
    const std::string &name = !node.relation_name.empty()         ? node.relation_name
                              : !node.cte_name.empty()            ? node.cte_name
                              : !node.function_name.empty()       ? node.function_name
                              : !node.table_function_name.empty() ? node.table_function_name
                                                                  : node.tuplestore_name;
    if (name.empty() && node.alias.empty())
        return text;
    text += " on ";
    if (!name.empty() && !node.schema.empty())
        text += sql::quoteIdentifier(node.schema) + ".";
    if (!name.empty())
        text += sql::quoteIdentifier(name);
    if (!node.alias.empty() && node.alias != name)
        text.append(name.empty() ? "" : " ").append(sql::quoteIdentifier(node.alias));
    return text;
}

class Printer {
public:
    explicit Printer(const Plan &plan) : plan_(plan) {}
    PrintedPlan run();

private:
    void line(std::size_t column, std::string_view text)
    {
        out_.text.append(column, ' ').append(text).push_back('\n');
        ++lines_;
    }
    void lines(std::size_t column, const std::vector<PropertyLine> &all)
    {
        for (const PropertyLine &each : all)
            line(column + 2 * static_cast<std::size_t>(each.depth), each.text);
    }
    std::size_t node(NodeId id, std::size_t column);
    void targets(const Node &node, const PropertyValue &value, std::size_t column);
    void workers(const Node &node, std::size_t column);
    void planLevel();
    void jit(std::size_t column, const std::vector<Property> &jit);

    const Plan &plan_;
    PrintedPlan out_;
    std::size_t lines_ = 0;
};

void Printer::targets(const Node &node, const PropertyValue &value, std::size_t column)
{
    const auto *list = std::get_if<PropertyValue::List>(&value.value);
    if (list == nullptr)
        return;
    for (const PropertyValue &item : *list) {
        const auto *group = std::get_if<PropertyValue::Group>(&item.value);
        if (group == nullptr)
            continue;
        Node target;
        std::vector<Property> rest;
        for (const auto &[key, part] : *group) {
            if (key == "Relation Name")
                target.relation_name = scalarText(part);
            else if (key == "Schema")
                target.schema = scalarText(part);
            else if (key == "Alias")
                target.alias = scalarText(part);
            else if (key != "Node Type")
                rest.emplace_back(key, part);
        }
        target.node_type = rest.empty() ? node.operation : "Foreign " + node.operation;
        line(column, headOf(target));
        lines(column + 2, propertyLines(rest));
    }
}

void Printer::workers(const Node &node, std::size_t column)
{
    for (const WorkerStats &worker : node.workers) {
        std::vector<Property> properties;
        std::vector<Property> jit_lines;
        Node counters;
        for (const Property &property : worker.properties) {
            const KeyedCounter counted = countInto(property, counters);
            if (counted == KeyedCounter::No && property.first == "JIT") {
                if (const auto *group = std::get_if<PropertyValue::Group>(&property.second.value))
                    jit_lines = *group;
            } else if (counted == KeyedCounter::No) {
                properties.push_back(property);
            }
        }
        std::vector<PropertyLine> all = propertyLines(properties);
        const std::vector<PropertyLine> counts
            = counterLines(counters.buffers, counters.io, counters.wal, plan_.io_style);
        all.insert(all.end(), counts.begin(), counts.end());
        if (all.empty() && !worker.loops && jit_lines.empty())
            continue;
        std::string first = fmt::format("Worker {}:  ", worker.number);
        if (worker.loops) {
            first += actualFigures(worker.startup_ms, worker.total_ms, worker.rows, worker.loops,
                                   plan_.fractional_rows);
        } else if (!all.empty()) {
            first += all.front().text;
            all.erase(all.begin());
        }
        line(column, first);
        lines(column + 2, all);
        if (!jit_lines.empty())
            jit(column + 2, jit_lines);
    }
}

/// Returns the column of the node's own lines.
std::size_t Printer::node(NodeId id, std::size_t column)
{
    const Node &node = plan_.nodes[id];
    const std::size_t first = lines_;
    if (!node.subplan_name.empty()) {
        line(column, node.subplan_name);
        column += 2;
    }
    const std::string head = headOf(node) + figures(node, plan_.fractional_rows);
    line(column, node.parent == no_node ? head : "->  " + head);
    column += node.parent == no_node ? 2 : 6;
    if (node.disabled)
        line(column, "Disabled: true");
    std::vector<Property> plain;
    std::vector<Property> of_children; // explain.c: ExplainMissingMembers(), right before the children
    for (const Property &property : node.properties) {
        if (property.first == "Target Tables")
            targets(node, property.second, column);
        else if (property.first == "Subplans Removed")
            of_children.push_back(property);
        else
            plain.push_back(property);
    }
    lines(column, propertyLines(plain));
    for (const std::string &extra : node.extra_lines)
        line(column, extra);
    lines(column, counterLines(node.buffers, node.io, node.wal, plan_.io_style));
    workers(node, column);
    lines(column, propertyLines(of_children));
    out_.nodes.push_back({id, first, lines_ - first});
    return column;
}

void Printer::jit(std::size_t column, const std::vector<Property> &jit)
{
    line(column, "JIT:");
    for (const auto &[key, value] : jit) {
        const auto *group = std::get_if<PropertyValue::Group>(&value.value);
        if (group == nullptr) {
            line(column + 2, key + ": " + scalarText(value));
            continue;
        }
        std::string text = key + ":";
        const bool timing = key == "Timing";
        for (const auto &[name, part] : *group) {
            text += (text.ends_with(':') ? " " : ", ") + name + " ";
            const auto *both = std::get_if<PropertyValue::Group>(&part.value);
            const auto ms = [](const PropertyValue &number) {
                const auto *real = std::get_if<double>(&number.value);
                const auto *whole = std::get_if<std::int64_t>(&number.value);
                return fmt::format("{:.3f} ms", real != nullptr    ? *real
                                                : whole != nullptr ? static_cast<double>(*whole)
                                                                   : 0.0);
            };
            if (both != nullptr && both->size() == 2)
                text += ms((*both)[1].second) + " (Deform " + ms((*both)[0].second) + ")";
            else
                text += timing ? ms(part) : scalarText(part);
        }
        line(column + 2, text);
    }
}

void Printer::planLevel()
{
    if (!plan_.settings.empty()) {
        std::string text;
        for (const auto &[name, value] : plan_.settings)
            text
                += (text.empty() ? "Settings: " : ", ") + name + " = " + sql::quoteLiteral(scalarText(value));
        line(0, text);
    }
    std::vector<PropertyLine> planning
        = counterLines(plan_.planning_buffers, plan_.planning_io, {}, plan_.io_style);
    const std::vector<PropertyLine> rest = propertyLines(plan_.planning);
    planning.insert(planning.end(), rest.begin(), rest.end());
    if (!planning.empty()) {
        line(0, "Planning:");
        lines(2, planning);
    }
    if (plan_.planning_ms)
        line(0, fmt::format("Planning Time: {:.3f} ms", *plan_.planning_ms));
    for (const TriggerTime &trigger : plan_.triggers) {
        std::string text = "Trigger";
        if (!trigger.name.empty())
            text += " " + trigger.name;
        if (!trigger.constraint.empty())
            text += " for constraint " + trigger.constraint;
        if (!trigger.relation.empty())
            text += " on " + trigger.relation;
        text += trigger.time_ms ? fmt::format(": time={:.3f} calls={:.0f}", *trigger.time_ms, trigger.calls)
                                : fmt::format(": calls={:.0f}", trigger.calls);
        line(0, text);
    }
    if (!plan_.jit.empty())
        jit(0, plan_.jit);
    if (!plan_.serialization.empty()) {
        Node counters;
        std::string text = "Serialization:";
        for (const Property &property : plan_.serialization) {
            if (countInto(property, counters) != KeyedCounter::No)
                continue;
            const auto &[key, value] = property;
            const auto *real = std::get_if<double>(&value.value);
            if (key == "Time")
                text += fmt::format(" time={:.3f} ms ", real != nullptr ? *real : 0.0);
            else if (key == "Output Volume")
                text += " output=" + scalarText(value) + "kB ";
            else if (key == "Format")
                text += " format=" + scalarText(value);
        }
        line(0, text);
        lines(2, counterLines(counters.buffers, counters.io, {}, plan_.io_style));
    }
    lines(0, propertyLines(plan_.properties));
    for (const std::string &extra : plan_.extra_lines)
        line(0, extra);
    if (plan_.execution_ms)
        line(0, fmt::format("Execution Time: {:.3f} ms", *plan_.execution_ms));
}

PrintedPlan Printer::run()
{
    if (!plan_.note.empty())
        line(0, plan_.note);
    std::vector<std::size_t> columns(plan_.nodes.size(), 0);
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
        const NodeId parent = plan_.nodes[i].parent;
        columns[i] = node(static_cast<NodeId>(i), parent == no_node ? 0 : columns[parent]);
    }
    planLevel();
    return std::move(out_);
}

} // namespace

PrintedPlan printText(const Plan &plan)
{
    return Printer(plan).run();
}

} // namespace howdah::plan
