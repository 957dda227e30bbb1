// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/builder.h"

#include <algorithm>
#include <utility>

namespace howdah::plan {

namespace {

constexpr std::size_t max_value_depth = 200; ///< of nested unknown values; EXPLAIN itself needs four

std::string *textField(Node &node, Slot slot)
{
    switch (slot) {
    case Slot::NodeType: return &node.node_type;
    case Slot::ParentRelationship: return &node.parent_relationship;
    case Slot::SubplanName: return &node.subplan_name;
    case Slot::Strategy: return &node.strategy;
    case Slot::PartialMode: return &node.partial_mode;
    case Slot::Operation: return &node.operation;
    case Slot::JoinType: return &node.join_type;
    case Slot::ScanDirection: return &node.scan_direction;
    case Slot::Command: return &node.command;
    case Slot::CustomPlanProvider: return &node.custom_plan_provider;
    case Slot::Schema: return &node.schema;
    case Slot::RelationName: return &node.relation_name;
    case Slot::Alias: return &node.alias;
    case Slot::IndexName: return &node.index_name;
    case Slot::FunctionName: return &node.function_name;
    case Slot::CteName: return &node.cte_name;
    case Slot::TuplestoreName: return &node.tuplestore_name;
    case Slot::TableFunctionName: return &node.table_function_name;
    default: return nullptr;
    }
}

bool *flagField(Node &node, Slot slot)
{
    switch (slot) {
    case Slot::ParallelAware: return &node.parallel_aware;
    case Slot::AsyncCapable: return &node.async_capable;
    case Slot::Disabled: return &node.disabled;
    default: return nullptr;
    }
}

std::optional<double> *realField(Node &node, Slot slot)
{
    switch (slot) {
    case Slot::StartupCost: return &node.startup_cost;
    case Slot::TotalCost: return &node.total_cost;
    case Slot::PlanRows: return &node.plan_rows;
    case Slot::ActualStartupTime: return &node.actual_startup_ms;
    case Slot::ActualTotalTime: return &node.actual_total_ms;
    case Slot::ActualRows: return &node.actual_rows;
    case Slot::ActualLoops: return &node.loops;
    default: return nullptr;
    }
}

std::optional<double> *realField(WorkerStats &worker, Slot slot)
{
    switch (slot) {
    case Slot::ActualStartupTime: return &worker.startup_ms;
    case Slot::ActualTotalTime: return &worker.total_ms;
    case Slot::ActualRows: return &worker.rows;
    case Slot::ActualLoops: return &worker.loops;
    default: return nullptr;
    }
}

/// Buffers, I/O times and WAL counters, wherever they stand.
bool setCounter(const KeyInfo &info, std::string_view text, std::optional<Buffers> &buffers,
                std::optional<IoTimes> &io, std::optional<WalUsage> *wal)
{
    std::int64_t integer = 0;
    if (info.slot == Slot::Buffer && parseInt(text, integer)) {
        if (!buffers)
            buffers.emplace();
        (*buffers).*info.buffer = integer;
        return true;
    }
    double real = 0;
    if (info.slot == Slot::Io && parseReal(text, real)) {
        if (!io)
            io.emplace();
        (*io).*info.io = real;
        return true;
    }
    if (info.slot == Slot::Wal && wal != nullptr && parseInt(text, integer)) {
        if (!*wal)
            wal->emplace();
        (**wal).*info.wal = integer;
        return true;
    }
    return false;
}

} // namespace

void PlanBuilder::key(std::string_view name)
{
    if (frames_.empty())
        return;
    Frame &frame = frames_.back();
    frame.info = findKey(name);
    if (frame.info == nullptr || frame.place == Place::Settings || frame.place == Place::Value
        || frame.place == Place::Query)
        frame.key.assign(name);
}

void PlanBuilder::keyOfTag(std::string_view tag)
{
    if (const KeyInfo *info = findXmlTag(tag)) {
        key(info->key);
        return;
    }
    std::string name(tag);
    std::replace(name.begin(), name.end(), '-', ' ');
    key(name);
}

void PlanBuilder::open(Place place, NodeId node)
{
    Frame &frame = frames_.emplace_back();
    frame.place = place;
    frame.node = node;
}

void PlanBuilder::beginNode(NodeId parent)
{
    const auto id = static_cast<NodeId>(plan_.nodes.size());
    Node &node = plan_.nodes.emplace_back();
    node.parent = parent;
    if (parent != no_node)
        plan_.nodes[parent].children.push_back(id);
    has_plan_ = true;
    open(Place::Node, id);
}

void PlanBuilder::beginValue(bool list)
{
    // A list inside a list ("Group Keys": [["a"], []]) has items of the same type.
    const Frame &outer = frames_.back();
    KeyType element = KeyType::Unknown;
    if (outer.place == Place::Value && std::holds_alternative<PropertyValue::List>(values_.back().value))
        element = outer.element;
    else if (outer.info != nullptr)
        element = outer.info->type == KeyType::Groups ? KeyType::Text : outer.info->type;
    if (list)
        values_.push_back(PropertyValue{PropertyValue::List{}});
    else
        values_.push_back(PropertyValue{PropertyValue::Group{}});
    open(Place::Value);
    frames_.back().element = element;
}

void PlanBuilder::beginGroup()
{
    if (frames_.empty() || frames_.back().place == Place::TopList) {
        open(Place::Query);
        return;
    }
    const Frame &frame = frames_.back();
    const std::string_view key = frame.info != nullptr ? frame.info->key : std::string_view(frame.key);
    switch (frame.place) {
    case Place::Query:
        if (key == "Plan" && plan_.nodes.empty())
            beginNode(no_node);
        else if (key == "Planning")
            open(Place::Planning);
        else if (key == "Settings")
            open(Place::Settings);
        else if (!has_plan_ && frame.info == nullptr)
            open(Place::Query); // wrapped once more: {"explain": {"Plan": …}}
        else
            beginValue(false);
        break;
    case Place::Plans: beginNode(frame.node); break;
    case Place::Workers: {
        const NodeId node = frame.node;
        plan_.nodes[node].workers.emplace_back();
        open(Place::Worker, node);
        break;
    }
    case Place::Triggers:
        plan_.triggers.emplace_back();
        open(Place::Trigger);
        break;
    default: beginValue(false); break;
    }
}

void PlanBuilder::beginList()
{
    if (frames_.empty() || frames_.back().place == Place::TopList) {
        open(Place::TopList);
        return;
    }
    const Frame &frame = frames_.back();
    const NodeId node = frame.node;
    if (frame.place == Place::Node && frame.info != nullptr && frame.info->slot == Slot::Plans)
        open(Place::Plans, node);
    else if (frame.place == Place::Node && frame.info != nullptr && frame.info->slot == Slot::Workers)
        open(Place::Workers, node);
    else if (frame.place == Place::Query && frame.key == "Triggers")
        open(Place::Triggers);
    else if (frame.place == Place::Query && plan_.nodes.empty() && !has_plan_ && frame.info == nullptr)
        open(Place::TopList); // a driver's row: {"QUERY PLAN": [{"Plan": …}]}
    else
        beginValue(true);
}

void PlanBuilder::close()
{
    const Place place = frames_.back().place;
    frames_.pop_back();
    if (place == Place::Value) {
        PropertyValue value = std::move(values_.back());
        values_.pop_back();
        storeValue(std::move(value));
    } else if (place == Place::Query) {
        commit();
    }
}

void PlanBuilder::endGroup()
{
    if (!frames_.empty())
        close();
}

void PlanBuilder::endList()
{
    if (!frames_.empty())
        close();
}

void PlanBuilder::storeValue(PropertyValue value)
{
    if (frames_.empty())
        return;
    Frame &frame = frames_.back();
    std::string key(frame.info != nullptr ? frame.info->key : std::string_view(frame.key));
    switch (frame.place) {
    case Place::Value:
        if (values_.size() > max_value_depth)
            return;
        if (auto *list = std::get_if<PropertyValue::List>(&values_.back().value))
            list->push_back(std::move(value));
        else
            std::get<PropertyValue::Group>(values_.back().value)
                .emplace_back(std::move(frame.key), std::move(value));
        break;
    case Place::Node: plan_.nodes[frame.node].properties.emplace_back(std::move(key), std::move(value)); break;
    case Place::Worker:
        plan_.nodes[frame.node].workers.back().properties.emplace_back(std::move(key), std::move(value));
        break;
    case Place::Planning: plan_.planning.emplace_back(std::move(key), std::move(value)); break;
    case Place::Query: {
        auto *group = std::get_if<PropertyValue::Group>(&value.value);
        if (key == "JIT" && group != nullptr)
            plan_.jit = std::move(*group);
        else if (key == "Serialization" && group != nullptr)
            plan_.serialization = std::move(*group);
        else
            plan_.properties.emplace_back(std::move(key), std::move(value));
        break;
    }
    default: break;
    }
}

void PlanBuilder::scalar(std::string_view text, Written written)
{
    if (frames_.empty())
        return;
    Frame &frame = frames_.back();
    switch (frame.place) {
    case Place::Node: nodeScalar(frame, text, written); break;
    case Place::Worker: workerScalar(frame, text, written); break;
    case Place::Query: queryScalar(frame, text, written); break;
    case Place::Planning: planningScalar(frame, text, written); break;
    case Place::Trigger: triggerScalar(frame, text, written); break;
    case Place::TopList:
        if (written != Written::Bare && !planlessNote(text).empty())
            note(planlessNote(text));
        break;
    case Place::Settings: // settings are text, whatever they look like
        plan_.settings.emplace_back(frame.key, PropertyValue{std::string(text)});
        break;
    case Place::Value: {
        const bool list = std::holds_alternative<PropertyValue::List>(values_.back().value);
        const KeyType type = list                    ? frame.element
                             : frame.info != nullptr ? frame.info->type
                                                     : KeyType::Unknown;
        storeValue(typedValue(type, text, written));
        break;
    }
    default: break;
    }
}

void PlanBuilder::noteIoKey(std::string_view key)
{
    if (key.starts_with("I/O"))
        plan_.io_style = plan_.io_style == IoStyle::SharedLocal ? IoStyle::SharedLocal : IoStyle::Single;
    else if (key.starts_with("Temp") && plan_.io_style != IoStyle::Separate)
        plan_.io_style = IoStyle::SharedLocal;
    else if (key.starts_with("Shared"))
        plan_.io_style = IoStyle::Separate;
}

void PlanBuilder::nodeScalar(Frame &frame, std::string_view text, Written written)
{
    Node &node = plan_.nodes[frame.node];
    if (frame.info == nullptr) {
        node.properties.emplace_back(frame.key, typedValue(KeyType::Unknown, text, written));
        return;
    }
    const KeyInfo &info = *frame.info;
    if (info.slot == Slot::Other) {
        node.properties.emplace_back(std::string(info.key), typedValue(info.type, text, written));
        return;
    }
    if (std::string *field = textField(node, info.slot)) {
        field->assign(text);
        return;
    }
    double real = 0;
    if (std::optional<double> *field = realField(node, info.slot); field != nullptr && parseReal(text, real)) {
        *field = real;
        if (info.slot == Slot::ActualLoops)
            node.never_executed = real == 0;
        if (info.slot == Slot::ActualRows && text.find('.') != std::string_view::npos)
            plan_.fractional_rows = true;
        return;
    }
    if (bool *field = flagField(node, info.slot)) {
        *field = text == "true";
        return;
    }
    if (setCounter(info, text, node.buffers, node.io, &node.wal)) {
        if (info.slot == Slot::Io)
            noteIoKey(info.key);
        return;
    }
    std::int64_t integer = 0;
    if (info.slot == Slot::PlanWidth && parseInt(text, integer)) {
        node.plan_width = integer;
        return;
    }
    node.properties.emplace_back(std::string(info.key), typedValue(info.type, text, written));
}

void PlanBuilder::workerScalar(Frame &frame, std::string_view text, Written written)
{
    WorkerStats &worker = plan_.nodes[frame.node].workers.back();
    double real = 0;
    std::int64_t integer = 0;
    if (frame.info != nullptr) {
        if (std::optional<double> *field = realField(worker, frame.info->slot);
            field != nullptr && parseReal(text, real)) {
            *field = real;
            return;
        }
        if (frame.info->slot == Slot::WorkerNumber && parseInt(text, integer) && integer >= 0
            && integer < 1'000'000) {
            worker.number = static_cast<int>(integer);
            return;
        }
    }
    const KeyType type = frame.info != nullptr ? frame.info->type : KeyType::Unknown;
    worker.properties.emplace_back(frame.info != nullptr ? std::string(frame.info->key) : frame.key,
                                   typedValue(type, text, written));
}

void PlanBuilder::queryScalar(Frame &frame, std::string_view text, Written written)
{
    double real = 0;
    if (frame.key == "Query Text") {
        plan_.query_text.assign(text);
        has_plan_ = true;
    } else if (frame.key == "Planning Time" && parseReal(text, real)) {
        plan_.planning_ms = real;
    } else if ((frame.key == "Execution Time" || frame.key == "Total Runtime") && parseReal(text, real)) {
        plan_.execution_ms = real;
    } else if (frame.info != nullptr && frame.info->slot == Slot::NodeType && plan_.nodes.empty()) {
        // A bare node object, as people cut it out of a larger plan.
        frame.place = Place::Node;
        frame.node = 0;
        plan_.nodes.emplace_back().node_type.assign(text);
        has_plan_ = true;
    } else {
        const KeyType type = frame.info != nullptr ? frame.info->type : KeyType::Unknown;
        plan_.properties.emplace_back(frame.key, typedValue(type, text, written));
    }
}

void PlanBuilder::planningScalar(Frame &frame, std::string_view text, Written written)
{
    if (frame.info != nullptr
        && setCounter(*frame.info, text, plan_.planning_buffers, plan_.planning_io, nullptr)) {
        if (frame.info->slot == Slot::Io)
            noteIoKey(frame.info->key);
        return;
    }
    const KeyType type = frame.info != nullptr ? frame.info->type : KeyType::Unknown;
    plan_.planning.emplace_back(frame.info != nullptr ? std::string(frame.info->key) : frame.key,
                                typedValue(type, text, written));
}

void PlanBuilder::triggerScalar(Frame &frame, std::string_view text, Written)
{
    TriggerTime &trigger = plan_.triggers.back();
    const std::string_view key = frame.info != nullptr ? frame.info->key : std::string_view(frame.key);
    double real = 0;
    if (key == "Trigger Name")
        trigger.name.assign(text);
    else if (key == "Constraint Name")
        trigger.constraint.assign(text);
    else if (key == "Relation")
        trigger.relation.assign(text);
    else if (key == "Time" && parseReal(text, real))
        trigger.time_ms = real;
    else if (key == "Calls" && parseReal(text, real))
        trigger.calls = real;
}

bool isPlanlessNote(std::string_view text)
{
    return text == "Query rewrites to nothing" || text == "Utility statements have no plan structure"
           || text == "NOTIFY";
}

std::string_view planlessNote(std::string_view word)
{
    if (word == "Utility Statement" || word == "Utility-Statement")
        return "Utility statements have no plan structure";
    if (word == "Notify")
        return "NOTIFY";
    if (word == "CREATE TABLE AS" || word == "CREATE-TABLE-AS")
        return "CREATE TABLE AS";
    if (word == "CREATE MATERIALIZED VIEW" || word == "CREATE-MATERIALIZED-VIEW")
        return "CREATE MATERIALIZED VIEW";
    return isPlanlessNote(word) ? word : std::string_view();
}

void PlanBuilder::note(std::string_view text)
{
    Plan &plan = plans_.emplace_back();
    plan.note.assign(text);
}

void PlanBuilder::commit()
{
    if (has_plan_)
        plans_.push_back(std::move(plan_));
    else
        ++foreign_groups_;
    plan_ = Plan();
    has_plan_ = false;
}

void PlanBuilder::finish()
{
    while (!frames_.empty())
        close();
    if (has_plan_)
        commit();
}

} // namespace howdah::plan
