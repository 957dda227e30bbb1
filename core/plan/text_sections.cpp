// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <utility>

#include "core/plan/builder.h"
#include "core/plan/keys.h"
#include "core/plan/labels.h"
#include "core/plan/text_head.h"
#include "core/plan/text_shapes.h"
#include "core/plan/text_tree.h"
#include "core/plan/utf8.h"

namespace howdah::plan {

namespace {

constexpr int max_group_depth = 20;

} // namespace

bool TextReader::readWorkerLine(std::string_view text, std::size_t column)
{
    if (text.starts_with("Worker ")) {
        const std::size_t colon = text.find(':');
        std::int64_t number = 0;
        if (colon != std::string_view::npos && parseInt(text.substr(7, colon - 7), number) && number >= 0
            && number < 1'000'000) {
            std::vector<WorkerStats> &workers = node().workers;
            const auto known = std::find_if(workers.begin(), workers.end(), [number](const WorkerStats &w) {
                return w.number == static_cast<int>(number);
            });
            if (known == workers.end()) {
                workers.emplace_back().number = static_cast<int>(number);
            } else if (known + 1 != workers.end()) {
                std::rotate(known, known + 1, workers.end());
            }
            worker_column_ = column;
            text = trimmed(text.substr(colon + 1));
            if (text.empty())
                return true;
            ActualFigures figures;
            if (text.starts_with("actual ") && readActual(text.substr(7), figures)) {
                WorkerStats &worker = workers.back();
                worker.startup_ms = figures.startup_ms;
                worker.total_ms = figures.total_ms;
                worker.rows = figures.rows;
                worker.loops = figures.loops;
                return true;
            }
        } else {
            return false;
        }
    } else if (!worker_column_ || column <= *worker_column_) {
        worker_column_.reset();
        return false;
    }
    WorkerStats &worker = node().workers.back();
    const auto property = splitProperty(text);
    if (!property)
        return false;
    if (property->key == "JIT" && property->value.empty()) {
        std::vector<Property> jit;
        readJitLines(column, jit);
        worker.properties.emplace_back("JIT", PropertyValue{std::move(jit)});
        return true;
    }
    const std::size_t before = worker.properties.size();
    if (applyTextProperty(property->key, property->value,
                          {nullptr, &worker.properties, nullptr, nullptr, nullptr, &plan_.io_style}))
        return true;
    worker.properties.resize(before);
    return false;
}

/// ModifyTable of a partitioned table names its targets on lines of their own, foreign ones with what
/// their wrapper has to say below.
bool TextReader::readTargetTable(std::string_view text, std::size_t column)
{
    Node &n = node();
    if (n.node_type != "ModifyTable")
        return false;
    PropertyValue::List *tables = nullptr;
    for (Property &property : n.properties) {
        if (property.first == "Target Tables")
            tables = std::get_if<PropertyValue::List>(&property.second.value);
    }
    if (target_column_ && column > *target_column_ && tables != nullptr) {
        const auto property = splitProperty(text);
        if (!property)
            return false;
        std::get<PropertyValue::Group>(tables->back().value)
            .emplace_back(std::string(property->key), typedValue(KeyType::Text, property->value, Written::Untyped));
        return true;
    }
    target_column_.reset();
    std::string_view rest = text;
    if (rest.starts_with("Foreign "))
        rest.remove_prefix(8);
    if (!rest.starts_with(n.operation + " on "))
        return false;
    rest.remove_prefix(n.operation.size() + 4);
    Target target = takeTarget(rest);
    if (!rest.empty())
        return false;
    PropertyValue::Group group;
    if (target.alias.empty())
        target.alias = target.name;
    group.emplace_back("Relation Name", PropertyValue{std::move(target.name)});
    if (!target.schema.empty())
        group.emplace_back("Schema", PropertyValue{std::move(target.schema)});
    group.emplace_back("Alias", PropertyValue{std::move(target.alias)});
    if (tables == nullptr)
        tables = &std::get<PropertyValue::List>(
            n.properties.emplace_back("Target Tables", PropertyValue{PropertyValue::List{}}).second.value);
    tables->push_back(PropertyValue{std::move(group)});
    target_column_ = column;
    return true;
}

PropertyValue TextReader::readGroup(std::size_t column, int depth)
{
    PropertyValue::Group group;
    while (const Line *next = nextFilled()) {
        const std::size_t inner = indentOf(next->text);
        if (inner <= column || isArrow(trimmed(next->text)))
            break;
        while (&lines_[at_] != next)
            ++at_;
        const std::string_view text = trimmed(next->text);
        const auto property = splitProperty(text);
        if (!property)
            group.emplace_back(std::string(text), PropertyValue{std::string()});
        else if (property->value.empty() && depth < max_group_depth && deeperFollows(inner))
            group.emplace_back(std::string(property->key), readGroup(inner, depth + 1));
        else
            group.emplace_back(std::string(property->key),
                               typedValue(findKey(property->key) ? findKey(property->key)->type : KeyType::Unknown,
                                          property->value, Written::Untyped));
    }
    return PropertyValue{std::move(group)};
}

void TextReader::readPlanningLines(std::size_t column)
{
    while (deeperFollows(column)) {
        ++at_;
        const std::string_view text = trimmed(lines_[at_].text);
        if (text.empty())
            continue;
        const auto property = splitProperty(text);
        const TextTarget target{nullptr, &plan_.planning, &plan_.planning_buffers, &plan_.planning_io,
                                nullptr, &plan_.io_style};
        if (!property || !applyTextProperty(property->key, property->value, target))
            plan_.extra_lines.emplace_back(text);
    }
}

void TextReader::readSerializationLines(std::string_view value, std::size_t column)
{
    const TextTarget target{nullptr, &plan_.serialization, nullptr, nullptr, nullptr, &plan_.io_style};
    if (!applyTextProperty("Serialization", value, target))
        plan_.extra_lines.emplace_back(trimmed(lines_[at_].text));
    while (deeperFollows(column)) {
        ++at_;
        const std::string_view text = trimmed(lines_[at_].text);
        if (text.empty())
            continue;
        const auto property = splitProperty(text);
        if (!property || !applyTextProperty(property->key, property->value, target))
            plan_.extra_lines.emplace_back(text);
    }
}

void TextReader::readJitLines(std::size_t column, std::vector<Property> &out)
{
    while (deeperFollows(column)) {
        ++at_;
        const std::string_view text = trimmed(lines_[at_].text);
        if (text.empty())
            continue;
        if (const auto property = splitProperty(text))
            out.push_back(readJitLine(property->key, property->value));
        else
            plan_.extra_lines.emplace_back(text);
    }
}

} // namespace howdah::plan
