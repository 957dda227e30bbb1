// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_finish.h"

#include <algorithm>
#include <string_view>

#include "core/plan/text_values.h"

namespace howdah::plan {

namespace {

PropertyValue keyItems(const std::string &value)
{
    return PropertyValue{value == "()" ? PropertyValue::List{} : splitItems(value)};
}

std::string_view relationship(const Node &parent, std::size_t plain_children_before)
{
    const std::string &type = parent.node_type;
    if (type == "Append" || type == "Merge Append" || type == "BitmapAnd" || type == "BitmapOr")
        return "Member";
    if (type == "Subquery Scan")
        return "Subquery";
    if (type == "Custom Scan")
        return "child";
    // Up to 13 ModifyTable had a plan for each target; since 14 it has one outer plan. Several children can
    // only be the former.
    return plain_children_before == 0 ? "Outer" : type == "ModifyTable" ? "Member" : "Inner";
}

/// TEXT prints "Rows Removed by …: 0" only for less than half a row a loop, which no other format tells from none. A
/// real number keeps that it was printed.
void keepPrintedZeros(Node &node)
{
    for (Property &property : node.properties) {
        const auto *count = std::get_if<std::int64_t>(&property.second.value);
        if (count != nullptr && *count == 0 && property.first.starts_with("Rows Removed by "))
            property.second.value = 0.0;
    }
}

} // namespace

void finishGroupKeys(Node &node, const std::vector<GroupKeyLine> &lines)
{
    if (lines.empty())
        return;
    const bool simple = lines.size() == 1 && lines[0].key == "Group Key" && lines[0].value != "()";
    // EXPLAIN prints the keys right after "Output" and before the quals, so that is where they go back to.
    auto place = node.properties.begin();
    while (place != node.properties.end() && place->first == "Output")
        ++place;
    if (simple) {
        node.properties.insert(place, {"Group Key", keyItems(lines[0].value)});
        return;
    }
    PropertyValue::List sets;
    std::string_view open_key;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const GroupKeyLine &line = lines[i];
        if (line.key == "Sort Key") {
            sets.push_back(PropertyValue{PropertyValue::Group{{"Sort Key", keyItems(line.value)}}});
            open_key = {};
            continue;
        }
        const bool nested = i > 0 && !sets.empty() && line.column > lines[0].column;
        // Sorted sets that share one sort stand in one group; every hashed set is a group of its own.
        const bool same = open_key == line.key && line.key == "Group Key";
        if (!nested && !same)
            sets.push_back(PropertyValue{PropertyValue::Group{}});
        auto &group = std::get<PropertyValue::Group>(sets.back().value);
        const std::string keys = line.key + "s";
        if (group.empty() || group.back().first != keys)
            group.emplace_back(keys, PropertyValue{PropertyValue::List{}});
        std::get<PropertyValue::List>(group.back().second.value).push_back(keyItems(line.value));
        open_key = line.key;
    }
    node.properties.insert(place, {"Grouping Sets", PropertyValue{std::move(sets)}});
}

void finishTextPlan(Plan &plan)
{
    const bool timed = std::any_of(plan.nodes.begin(), plan.nodes.end(),
                                   [](const Node &node) { return node.actual_total_ms.has_value(); });
    std::vector<std::size_t> plain(plan.nodes.size(), 0);
    for (Node &node : plan.nodes) {
        keepPrintedZeros(node);
        if (node.never_executed && timed)
            node.actual_startup_ms = node.actual_total_ms = 0;
        std::stable_sort(node.workers.begin(), node.workers.end(),
                         [](const WorkerStats &a, const WorkerStats &b) { return a.number < b.number; });
        if (node.parent == no_node)
            continue;
        const std::string &name = node.subplan_name;
        if (name.starts_with("CTE ") || name.starts_with("InitPlan"))
            node.parent_relationship = "InitPlan";
        else if (!name.empty())
            node.parent_relationship = "SubPlan";
        else
            node.parent_relationship = relationship(plan.nodes[node.parent], plain[node.parent]++);
    }
}

} // namespace howdah::plan
