// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/base/human.h"
#include "core/plan/derivations.h"
#include "core/plan/print_values.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

using Group = NodeText::Group;
using plan::Buffers;
using plan::Node;
using plan::NodeMetrics;

QString of(const std::string &text)
{
    return QString::fromStdString(text);
}

void add(Group &group, const QString &name, const QString &value, bool is_code = false)
{
    if (!value.isEmpty())
        group.properties.push_back({name, value, is_code});
}

using Derived = std::vector<plan::Derivation>;

/// The same for a figure that was computed.
void add(Group &group, const QString &name, const QString &value, const Derived &derived, std::initializer_list<std::string_view> figures)
{
    if (value.isEmpty())
        return;
    QStringList how;
    for (const plan::Derivation &each : derived) {
        if (std::find(figures.begin(), figures.end(), each.figure) != figures.end())
            how += of(each.text);
    }
    group.properties.push_back({name, value, false, how.join(QLatin1Char('\n'))});
}

bool isCondition(std::string_view key)
{
    return key.ends_with("Cond") || key.ends_with("Filter") || key.ends_with("Key") || key == "Order By"
           || key == "Output" || key == "Window" || key == "Run Condition" || key == "Function Call"
           || key == "Table Function Call" || key == "Remote SQL" || key == "Grouping Sets" || key == "Cache Mode"
           || key == "Inner Unique" || key == "Sampling Parameters" || key == "Sampling Method";
}

bool isRowKey(std::string_view key)
{
    return key.starts_with("Rows Removed") || key.starts_with("Tuples ") || key == "Heap Fetches"
           || key == "Conflicting Tuples" || key == "Subplans Removed";
}

Group timing(const Node &node, const NodeMetrics &m, const Derived &derived)
{
    Group group{NodeText::tr("Time"), {}};
    if (m.exclusive_ms) {
        add(group, NodeText::tr("Alone"),
            NodeText::tr("%1 · %2 of the execution").arg(NodeText::duration(*m.exclusive_ms), NodeText::percent(m.time_share)), derived, {"exclusive_ms", "time_share"});
        add(group, NodeText::tr("With all below"), NodeText::duration(m.inclusive_ms.value_or(0)), derived, {"inclusive_ms"});
        if (m.work_ms && m.processes > 1)
            add(group, NodeText::tr("Work"),
                NodeText::tr("%1 in %2 processes").arg(NodeText::duration(*m.work_ms), NodeText::count(m.processes)), derived, {"work_ms", "processes"});
        if (m.rounding_ms >= 0.05)
            add(group, NodeText::tr("Rounding"), NodeText::tr("±%1").arg(NodeText::duration(m.rounding_ms)), derived, {"rounding_ms"});
        add(group, NodeText::tr("Computed"), of(m.derivation), true);
    }
    if (node.actual_total_ms && !node.never_executed)
        add(group, NodeText::tr("First .. last row"),
            NodeText::tr("%1 .. %2 ms per loop")
                .arg(QString::number(node.actual_startup_ms.value_or(0), 'f', 3), QString::number(*node.actual_total_ms, 'f', 3)));
    if (node.loops && !node.never_executed)
        add(group, NodeText::tr("Loops"), NodeText::count(*node.loops));
    if (node.never_executed)
        add(group, NodeText::tr("Executed"), NodeText::tr("never"));
    return group;
}

Group rowsAndCost(const Node &node, const NodeMetrics &m, const Derived &derived)
{
    Group group{NodeText::tr("Rows and cost"), {}};
    if (m.rows_total && !node.never_executed)
        add(group, NodeText::tr("Rows"), NodeText::count(*m.rows_total), derived, {"rows_total"});
    if (node.plan_rows)
        add(group, NodeText::tr("Estimated"),
            node.loops.value_or(1) > 1 && !node.never_executed
                ? NodeText::tr("%1 (%2 per loop)").arg(NodeText::count(m.plan_rows_total.value_or(0)), NodeText::count(*node.plan_rows))
                : NodeText::count(*node.plan_rows),
            derived, {"plan_rows_total"});
    add(group, NodeText::tr("Estimate"), NodeText::estimate(m).text, derived, {"estimate_factor"});
    if (m.removed_total)
        add(group, NodeText::tr("Removed"),
            NodeText::tr("%1 · %2").arg(NodeText::count(*m.removed_total), NodeText::percent(m.removed_share.value_or(0))),
            derived, {"removed_total", "removed_share"});
    for (const auto &[key, value] : node.properties) {
        if (isRowKey(key))
            add(group, of(key), of(plan::listText(value)));
    }
    if (node.plan_width)
        add(group, NodeText::tr("Width"), NodeText::tr("%1 bytes a row").arg(*node.plan_width));
    if (node.total_cost) {
        add(group, NodeText::tr("Cost alone"),
            NodeText::tr("%1 · %2 of the plan").arg(QString::number(m.exclusive_cost, 'f', 2), NodeText::percent(m.cost_share)),
            derived, {"exclusive_cost"});
        add(group, NodeText::tr("Cost"),
            NodeText::tr("%1 .. %2").arg(QString::number(node.startup_cost.value_or(0), 'f', 2), QString::number(*node.total_cost, 'f', 2)));
    }
    return group;
}

void addBuffers(Group &group, const QString &where, const Buffers &b)
{
    const auto line = [&](const QString &name, std::int64_t count) {
        if (count > 0)
            add(group, where.isEmpty() ? name : where + name.toLower(), NodeText::blocks(count));
    };
    line(NodeText::tr("Hit"), b.shared_hit);
    line(NodeText::tr("Read"), b.shared_read);
    line(NodeText::tr("Dirtied"), b.shared_dirtied);
    line(NodeText::tr("Written"), b.shared_written);
    line(NodeText::tr("Local hit"), b.local_hit);
    line(NodeText::tr("Local read"), b.local_read);
    line(NodeText::tr("Local dirtied"), b.local_dirtied);
    line(NodeText::tr("Local written"), b.local_written);
    line(NodeText::tr("Temp read"), b.temp_read);
    line(NodeText::tr("Temp written"), b.temp_written);
}

Group buffers(const Node &node, const NodeMetrics &m)
{
    Group group{NodeText::tr("Buffers of this node alone"), {}};
    if (m.exclusive_buffers) {
        addBuffers(group, {}, *m.exclusive_buffers);
        if (group.properties.empty())
            add(group, NodeText::tr("Buffers"), NodeText::tr("none"));
        if (*m.exclusive_buffers != *node.buffers)
            addBuffers(group, NodeText::tr("With all below: "), *node.buffers);
    }
    if (node.io) {
        add(group, NodeText::tr("Time reading"), NodeText::duration(node.io->shared_read_ms + node.io->local_read_ms + node.io->temp_read_ms));
        const double writing = node.io->shared_write_ms + node.io->local_write_ms + node.io->temp_write_ms;
        if (writing > 0)
            add(group, NodeText::tr("Time writing"), NodeText::duration(writing));
    }
    if (node.wal && node.wal->records > 0)
        add(group, NodeText::tr("WAL"),
            NodeText::tr("%1 in %2 records, %3 full pages")
                .arg(of(human::bytes(node.wal->bytes)), NodeText::count(static_cast<double>(node.wal->records)),
                     NodeText::count(static_cast<double>(node.wal->fpi))));
    return group;
}

Group workers(const Node &node)
{
    Group group{NodeText::tr("Workers"), {}};
    for (const plan::WorkerStats &worker : node.workers) {
        QStringList parts;
        if (worker.total_ms)
            parts += NodeText::duration(*worker.total_ms * worker.loops.value_or(1));
        if (worker.rows)
            parts += NodeText::rowCount(*worker.rows * worker.loops.value_or(1));
        for (const plan::PropertyLine &line : plan::propertyLines(worker.properties)) {
            if (!of(line.text).endsWith(QStringLiteral(": 0")))
                parts += of(line.text);
        }
        add(group, NodeText::tr("Worker %1").arg(worker.number), parts.join(QStringLiteral(" · ")));
    }
    return group;
}

} // namespace

std::vector<NodeText::Group> NodeText::properties(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id)
{
    const Node &node = plan.nodes[id];
    const NodeMetrics &m = metrics.nodes[id];
    const Derived derived = plan::derivations(plan, metrics, id);
    std::vector<Group> groups{timing(node, m, derived), rowsAndCost(node, m, derived)};

    Group conditions{tr("Conditions and keys"), {}};
    Group more{tr("More"), {}};
    for (const auto &[key, value] : node.properties) {
        if (isRowKey(key))
            continue;
        Group &group = isCondition(key) ? conditions : more;
        if (std::holds_alternative<plan::PropertyValue::List>(value.value) || !std::holds_alternative<plan::PropertyValue::Group>(value.value))
            add(group, of(key), key == "Grouping Sets" ? of(node.text(key)) : of(plan::listText(value)), isCondition(key));
        else
            add(group, of(key), of(node.text(key)), true);
    }
    if (!node.subplan_name.empty())
        add(more, tr("Subplan"), of(node.subplan_name));
    add(more, tr("Relationship"), of(node.parent_relationship));
    add(more, tr("Schema"), of(node.schema));
    if (node.alias != node.relation_name)
        add(more, tr("Alias"), of(node.alias));
    if (node.scan_direction == "Backward")
        add(more, tr("Direction"), tr("backward"));
    for (const std::string &line : node.extra_lines)
        add(more, tr("Also printed"), of(line), true);

    groups.push_back(std::move(conditions));
    groups.push_back(buffers(node, m));
    for (const plan::Derivation &each : derived) {
        if (each.figure == "exclusive_buffers") {
            for (NodeText::Property &property : groups.back().properties)
                property.derivation = of(each.text);
        }
    }
    groups.push_back(workers(node));
    groups.push_back(std::move(more));
    std::erase_if(groups, [](const Group &group) { return group.properties.empty(); });
    return groups;
}

QString NodeText::plainText(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id)
{
    QString text = name(plan.nodes[id]) + QLatin1Char('\n');
    for (const Group &group : properties(plan, metrics, id)) {
        text += QLatin1Char('\n') + group.title + QLatin1Char('\n');
        for (const Property &property : group.properties)
            text += QStringLiteral("  %1: %2\n").arg(property.name, property.value);
    }
    return text;
}

} // namespace howdah::ui
