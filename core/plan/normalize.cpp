// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <string_view>

#include "core/plan/keys.h"
#include "core/plan/model.h"

namespace howdah::plan {

namespace {

bool isZero(const PropertyValue &value)
{
    if (const auto *integer = std::get_if<std::int64_t>(&value.value))
        return *integer == 0;
    if (const auto *real = std::get_if<double>(&value.value))
        return *real == 0;
    const auto *flag = std::get_if<bool>(&value.value);
    return flag != nullptr && !*flag;
}

/// TEXT prints these only when they are not zero or true (explain.c: "if (… >
/// 0)" around ExplainProperty… for the text format).
bool saysNoZero(std::string_view key)
{
    static constexpr std::array keys{"Rows Removed by Filter",
                                     "Rows Removed by Join Filter",
                                     "Rows Removed by Index Recheck",
                                     "Rows Removed by Conflict Filter",
                                     "Subplans Removed",
                                     "Inner Unique",
                                     "Single Copy",
                                     "Exact Heap Blocks",
                                     "Lossy Heap Blocks",
                                     "Planned Partitions",
                                     "Disk Usage",
                                     "Tuples Updated",
                                     "Tuples Deleted",
                                     "Tuples Skipped"};
    if (std::find(keys.begin(), keys.end(), key) != keys.end())
        return true;
    const KeyInfo *info = findKey(key);
    return info != nullptr
           && (info->slot == Slot::Buffer || info->slot == Slot::Io || info->slot == Slot::Wal);
}

void dropZeros(std::vector<Property> &properties)
{
    std::erase_if(properties, [](const Property &p) { return saysNoZero(p.first) && isZero(p.second); });
}

template <typename Counters> void dropZeros(std::optional<Counters> &counters)
{
    if (counters && *counters == Counters{})
        counters.reset();
}

/// Keys that share a line, and the order of counters, differ between the
/// formats: order says nothing.
void sortByKey(std::vector<Property> &properties)
{
    std::stable_sort(properties.begin(), properties.end(),
                     [](const Property &a, const Property &b) { return a.first < b.first; });
}

void normalizeNode(Node &node)
{
    dropZeros(node.properties);
    sortByKey(node.properties);
    dropZeros(node.buffers);
    dropZeros(node.io);
    dropZeros(node.wal);
    // MERGE prints one line with what is not zero; ON CONFLICT prints zeros.
    if (node.property("Conflicting Tuples") == nullptr)
        std::erase_if(node.properties,
                      [](const Property &p) { return p.first == "Tuples Inserted" && isZero(p.second); });
    // "NoMovement" is an index scan that is ordered by distance; TEXT has no word
    // for it.
    if (node.scan_direction == "NoMovement")
        node.scan_direction = "Forward";
    // Up to 13 the one child of ModifyTable is a "Member"; TEXT has no
    // relationships.
    if (node.parent_relationship == "Member")
        node.parent_relationship = "Outer";
    // "Function Scan on f" may be a function f, or several of any name under the
    // alias f.
    if (node.node_type == "Function Scan" && (node.function_name.empty() || node.function_name == node.alias))
        node.function_name.clear();
    for (WorkerStats &worker : node.workers) {
        dropZeros(worker.properties);
        sortByKey(worker.properties);
    }
    // A worker without anything to tell has no line.
    std::erase_if(node.workers, [](const WorkerStats &w) { return !w.loops && w.properties.empty(); });
}

} // namespace

Plan normalizedForComparison(Plan plan)
{
    for (Node &node : plan.nodes)
        normalizeNode(node);
    dropZeros(plan.planning_buffers);
    dropZeros(plan.planning_io);
    dropZeros(plan.serialization);
    sortByKey(plan.serialization);
    sortByKey(plan.planning);
    // TEXT names a trigger's relation only when several have triggers, and a
    // constraint's trigger only with VERBOSE.
    for (TriggerTime &trigger : plan.triggers) {
        trigger.relation.clear();
        if (!trigger.constraint.empty())
            trigger.name.clear();
    }
    // Wording of I/O times: unknown to TEXT when all are zero.
    plan.io_style = IoStyle::Unknown;
    return plan;
}

} // namespace howdah::plan
