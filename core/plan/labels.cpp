// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/labels.h"

#include <algorithm>
#include <array>

namespace howdah::plan {

namespace {

// Node types whose TEXT label is their JSON name.
constexpr std::array plain_types{
    "Result",           "ProjectSet",        "Append",
    "Merge Append",     "Recursive Union",   "BitmapAnd",
    "BitmapOr",         "Nested Loop",       "Merge Join",
    "Hash Join",        "Seq Scan",          "Sample Scan",
    "Gather",           "Gather Merge",      "Index Scan",
    "Index Only Scan",  "Bitmap Index Scan", "Bitmap Heap Scan",
    "Tid Scan",         "Tid Range Scan",    "Subquery Scan",
    "Function Scan",    "Values Scan",       "Table Function Scan",
    "CTE Scan",         "WorkTable Scan",    "Named Tuplestore Scan",
    "Foreign Scan",     "Custom Scan",       "Materialize",
    "Memoize",          "Sort",              "Incremental Sort",
    "Group",            "WindowAgg",         "Unique",
    "SetOp",            "LockRows",          "Limit",
    "Hash",             "ModifyTable",       "Aggregate",
};

struct AggregateName {
    std::string_view label;
    std::string_view strategy;
};
constexpr std::array<AggregateName, 4> aggregates{{{"Aggregate", "Plain"},
                                                   {"GroupAggregate", "Sorted"},
                                                   {"HashAggregate", "Hashed"},
                                                   {"MixedAggregate", "Mixed"}}};

constexpr std::array operations{"Insert", "Update", "Delete", "Merge"};
constexpr std::array foreign_operations{"Insert", "Update", "Delete"};
// Longest first: "Right Semi" before "Right".
constexpr std::array join_types{"Right Semi", "Right Anti", "Left", "Full", "Right", "Semi", "Anti"};

bool eat(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool applyAggregate(std::string_view label, Node &node)
{
    std::string_view partial = "Simple";
    if (eat(label, "Partial "))
        partial = "Partial";
    else if (eat(label, "Finalize "))
        partial = "Finalize";
    const auto *found = std::find_if(aggregates.begin(), aggregates.end(),
                                     [label](const AggregateName &name) { return name.label == label; });
    if (found == aggregates.end())
        return false;
    node.node_type = "Aggregate";
    node.strategy = found->strategy;
    node.partial_mode = partial;
    return true;
}

bool applySetOp(std::string_view label, Node &node)
{
    const bool hashed = eat(label, "HashSetOp");
    if (!hashed && !eat(label, "SetOp"))
        return false;
    if (!label.empty() && !eat(label, " "))
        return false;
    node.node_type = "SetOp";
    node.strategy = hashed ? "Hashed" : "Sorted";
    node.command = label;
    return true;
}

bool applyJoin(std::string_view label, Node &node)
{
    if (eat(label, "Nested Loop")) {
        node.node_type = "Nested Loop";
    } else if (eat(label, "Hash ")) {
        node.node_type = "Hash Join";
    } else if (eat(label, "Merge ")) {
        node.node_type = "Merge Join";
    } else {
        return false;
    }
    // What is left: "", "Join", "Left Join", " Left Join", " Join" (never printed today).
    eat(label, " ");
    if (label.empty() || label == "Join") {
        if (label.empty() && node.node_type != "Nested Loop")
            return false;
        node.join_type = "Inner";
        return true;
    }
    for (const std::string_view type : join_types) {
        if (label.size() == type.size() + 5 && label.starts_with(type) && label.ends_with(" Join")) {
            node.join_type = type;
            return true;
        }
    }
    return false;
}

bool applyForeignOrCustom(std::string_view label, Node &node)
{
    if (label == "Foreign Scan") {
        node.node_type = label;
        node.operation = "Select";
        return true;
    }
    std::string_view rest = label;
    if (eat(rest, "Foreign ")
        && std::find(foreign_operations.begin(), foreign_operations.end(), rest) != foreign_operations.end()) {
        node.node_type = "Foreign Scan";
        node.operation = rest;
        return true;
    }
    rest = label;
    if (eat(rest, "Custom Scan (") && rest.ends_with(')')) {
        node.node_type = "Custom Scan";
        node.custom_plan_provider = rest.substr(0, rest.size() - 1);
        return true;
    }
    return false;
}

} // namespace

bool applyLabel(std::string_view label, Node &node)
{
    if (eat(label, "Parallel "))
        node.parallel_aware = true;
    if (eat(label, "Async "))
        node.async_capable = true;
    if (std::find(operations.begin(), operations.end(), label) != operations.end()) {
        node.node_type = "ModifyTable";
        node.operation = label;
        return true;
    }
    if (applyAggregate(label, node) || applySetOp(label, node) || applyForeignOrCustom(label, node))
        return true;
    const bool plain = std::find(plain_types.begin(), plain_types.end(), label) != plain_types.end();
    if (!plain || label == "Nested Loop" || label == "Hash Join" || label == "Merge Join") {
        Node join;
        if (applyJoin(label, join)) {
            node.node_type = std::move(join.node_type);
            node.join_type = std::move(join.join_type);
            return true;
        }
    }
    node.node_type = label;
    return plain;
}

std::string nodeLabel(const Node &node)
{
    std::string prefix;
    if (node.parallel_aware)
        prefix += "Parallel ";
    if (node.async_capable)
        prefix += "Async ";

    if (node.node_type == "ModifyTable" && !node.operation.empty())
        return prefix + node.operation;
    if (node.node_type == "Foreign Scan" && !node.operation.empty() && node.operation != "Select")
        return prefix + "Foreign " + node.operation;
    if (node.node_type == "Custom Scan" && !node.custom_plan_provider.empty())
        return prefix + "Custom Scan (" + node.custom_plan_provider + ")";
    if (node.node_type == "SetOp") {
        std::string name = node.strategy == "Hashed" ? "HashSetOp" : "SetOp";
        return prefix + (node.command.empty() ? name : name + " " + node.command);
    }
    if (node.node_type == "Aggregate") {
        const auto *found
            = std::find_if(aggregates.begin(), aggregates.end(),
                           [&](const AggregateName &name) { return name.strategy == node.strategy; });
        const std::string name(found == aggregates.end() ? "Aggregate" : found->label);
        const bool whole = node.partial_mode.empty() || node.partial_mode == "Simple";
        return prefix + (whole ? name : node.partial_mode + " " + name);
    }
    if (!node.join_type.empty() && node.join_type != "Inner") {
        if (node.node_type == "Nested Loop")
            return prefix + "Nested Loop " + node.join_type + " Join";
        if (node.node_type == "Hash Join")
            return prefix + "Hash " + node.join_type + " Join";
        if (node.node_type == "Merge Join")
            return prefix + "Merge " + node.join_type + " Join";
    }
    return prefix + node.node_type;
}

bool looksLikeHead(std::string_view line)
{
    // Cut at what can follow a label: its target, the index, the direction.
    std::string_view label = line.substr(0, line.find(" on "));
    label = label.substr(0, label.find(" using "));
    if (label.ends_with(" Backward"))
        label.remove_suffix(9);
    Node scratch;
    return applyLabel(label, scratch);
}

} // namespace howdah::plan
