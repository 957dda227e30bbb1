// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/model.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/labels.h"

namespace howdah::plan {

bool PropertyValue::operator==(const PropertyValue &other) const
{
    return value == other.value;
}

const PropertyValue *Node::property(std::string_view key) const
{
    const auto found = std::find_if(properties.begin(), properties.end(),
                                    [key](const Property &property) { return property.first == key; });
    return found == properties.end() ? nullptr : &found->second;
}

namespace {

std::string scalarText(const PropertyValue &value)
{
    if (const auto *text = std::get_if<std::string>(&value.value))
        return *text;
    if (const auto *integer = std::get_if<std::int64_t>(&value.value))
        return std::to_string(*integer);
    if (const auto *real = std::get_if<double>(&value.value))
        return fmt::format("{}", *real);
    if (const auto *flag = std::get_if<bool>(&value.value))
        return *flag ? "true" : "false";
    return {};
}

/// Nested lists and groups in one line: "key: value, key: value". An explicit stack, since the depth comes
/// from the input.
std::string valueText(const PropertyValue &value)
{
    struct Level {
        const PropertyValue *value;
        std::size_t next;
    };
    std::string out;
    std::vector<Level> levels{{&value, 0}};
    while (!levels.empty()) {
        Level &level = levels.back();
        if (const auto *list = std::get_if<PropertyValue::List>(&level.value->value)) {
            if (level.next == list->size()) {
                levels.pop_back();
                continue;
            }
            if (level.next > 0)
                out += ", ";
            levels.push_back({&(*list)[level.next++], 0});
        } else if (const auto *group = std::get_if<PropertyValue::Group>(&level.value->value)) {
            if (level.next == group->size()) {
                levels.pop_back();
                continue;
            }
            if (level.next > 0)
                out += ", ";
            const auto &[key, child] = (*group)[level.next++];
            out += key + ": ";
            levels.push_back({&child, 0});
        } else {
            out += scalarText(*level.value);
            levels.pop_back();
        }
    }
    return out;
}

} // namespace

std::string Node::text(std::string_view key) const
{
    const PropertyValue *value = property(key);
    return value == nullptr ? std::string() : valueText(*value);
}

std::optional<double> Node::number(std::string_view key) const
{
    const PropertyValue *value = property(key);
    if (value == nullptr)
        return std::nullopt;
    if (const auto *integer = std::get_if<std::int64_t>(&value->value))
        return static_cast<double>(*integer);
    if (const auto *real = std::get_if<double>(&value->value))
        return *real;
    return std::nullopt;
}

std::string Node::label() const
{
    return nodeLabel(*this);
}

std::string Node::target() const
{
    std::string object;
    if (!relation_name.empty())
        object = relation_name;
    else if (!cte_name.empty())
        object = "CTE " + cte_name;
    else if (!function_name.empty())
        object = function_name;
    else if (!table_function_name.empty())
        object = table_function_name;
    else if (!tuplestore_name.empty())
        object = tuplestore_name;

    const std::string &name = !relation_name.empty()         ? relation_name
                              : !cte_name.empty()            ? cte_name
                              : !function_name.empty()       ? function_name
                              : !table_function_name.empty() ? table_function_name
                                                             : tuplestore_name;
    if (!alias.empty() && alias != name)
        object += object.empty() ? alias : " " + alias;
    if (!index_name.empty())
        object += object.empty() ? index_name : " using " + index_name;
    return object;
}

bool Plan::analyzed() const
{
    return std::any_of(nodes.begin(), nodes.end(), [](const Node &node) { return node.loops.has_value(); });
}

} // namespace howdah::plan
