// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/plan/subplans.h"
#include "core/plan/times.h"

namespace howdah::plan {

namespace {

constexpr double wrong_by = 10; ///< from here on an estimate counts as wrong
constexpr double rounding_per_loop = 0.0005;

constexpr std::array buffer_fields{
    &Buffers::shared_hit, &Buffers::shared_read,  &Buffers::shared_dirtied, &Buffers::shared_written,
    &Buffers::local_hit,  &Buffers::local_read,   &Buffers::local_dirtied,  &Buffers::local_written,
    &Buffers::temp_read,  &Buffers::temp_written,
};

/// Reads all of its input before it gives a row, so that a LIMIT above does not
/// cut its input short.
bool readsAllInput(const Node &node)
{
    const std::string &type = node.node_type;
    return type == "Sort" || type == "Hash" || type == "Bitmap Heap Scan" || type == "BitmapAnd"
           || type == "BitmapOr" || type == "ModifyTable"
           || ((type == "Aggregate" || type == "SetOp") && node.strategy != "Sorted");
}

/// A parent that may not ask this child for all of its rows.
bool mayStopEarly(const Plan &plan, NodeId id, bool parent_stopped)
{
    const Node &node = plan.nodes[id];
    if (node.parent == no_node || isDetached(node))
        return false;
    const Node &parent = plan.nodes[node.parent];
    if (parent.node_type == "Limit" || (parent_stopped && !readsAllInput(parent)))
        return true;
    if (parent.node_type == "Merge Join") // ends with the shorter input
        return true;
    if (node.parent_relationship == "SubPlan") // EXISTS and ANY stop at the first hit
        return true;
    if (parent.node_type != "Nested Loop" || node.parent_relationship != "Inner")
        return false;
    const PropertyValue *unique = parent.property("Inner Unique");
    const bool inner_unique = unique != nullptr && unique->value == PropertyValue{true}.value;
    return inner_unique || parent.join_type == "Semi" || parent.join_type == "Anti";
}

bool countsRows(const Node &node)
{
    if (node.node_type == "BitmapAnd" || node.node_type == "BitmapOr")
        return false;
    return node.node_type != "ModifyTable" || node.actual_rows.value_or(0) > 0;
}

void measureRows(const Node &node, NodeMetrics &out)
{
    const double loops = node.loops.value_or(1);
    if (node.plan_rows)
        out.plan_rows_total = *node.plan_rows * std::max(1.0, loops);
    if (!node.actual_rows || !node.loops)
        return;
    out.rows_total = *node.actual_rows * loops;
    if (node.plan_rows && !node.never_executed && countsRows(node))
        out.estimate_factor = std::max(1.0, *node.actual_rows) / std::max(1.0, *node.plan_rows);
    double removed = 0;
    bool removes = false;
    for (const char *key : {"Rows Removed by Filter", "Rows Removed by Join Filter",
                            "Rows Removed by Index Recheck", "Rows Removed by Conflict Filter"}) {
        if (const auto rows = node.number(key)) { // averages per loop, like the rows
            removed += *rows * loops;
            removes = true;
        }
    }
    if (removes) {
        out.removed_total = removed;
        out.removed_share = removed > 0 ? removed / (removed + *out.rows_total) : 0;
    }
}

/// Costs below a Limit are for all rows although the Limit pays for a part of
/// them only; the part is passed down. Costs of a Nested Loop's inner side are
/// for one round.
void measureCosts(const Plan &plan, std::vector<NodeMetrics> &out)
{
    if (plan.nodes.empty() || !plan.nodes[0].total_cost)
        return;
    const double whole = *plan.nodes[0].total_cost;
    std::vector<double> paid(plan.nodes.size(), 1);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        const double own = node.total_cost.value_or(0) * paid[i];
        double children = 0;
        const std::vector<NodeId> inputs
            = node.node_type == "Nested Loop" ? inputsOf(plan, static_cast<NodeId>(i)) : std::vector<NodeId>();
        for (const NodeId child : node.children) {
            const Node &below = plan.nodes[child];
            double part = paid[i];
            double cost = below.total_cost.value_or(0);
            if (node.node_type == "Limit" && cost > node.total_cost.value_or(0))
                part *= node.total_cost.value_or(0) / cost;
            if (inputs.size() == 2 && inputs[1] == child)
                part *= std::max(1.0, plan.nodes[inputs[0]].plan_rows.value_or(1));
            paid[child] = part;
            children += cost * part;
        }
        // Materialize and Memoize make later rounds cheaper than the first, so the
        // children can seem to cost more than the parent.
        if (children > own && children > 0) {
            for (const NodeId child : node.children)
                paid[child] *= own / children;
            children = own;
        }
        out[i].exclusive_cost = own - children;
        out[i].cost_share = whole > 0 ? std::clamp(out[i].exclusive_cost / whole, 0.0, 1.0) : 0;
    }
}

/// Counters are totals with all that ran below, an InitPlan's and a CTE's
/// inside the node that asked for it.
void measureBuffers(const Plan &plan, const std::vector<SubplanUse> &uses, const std::vector<Charge> &charges,
                    std::vector<NodeMetrics> &out)
{
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!plan.nodes[i].buffers)
            continue;
        Buffers left = *plan.nodes[i].buffers;
        for (const NodeId child : plan.nodes[i].children) {
            if (isDetached(plan.nodes[child]) || !plan.nodes[child].buffers)
                continue;
            for (const auto field : buffer_fields)
                left.*field -= (*plan.nodes[child].buffers).*field;
        }
        out[i].exclusive_buffers = left;
    }
    const auto take = [&](NodeId body, NodeId from) {
        if (!out[from].exclusive_buffers || !plan.nodes[body].buffers)
            return;
        for (const auto field : buffer_fields)
            (*out[from].exclusive_buffers).*field -= (*plan.nodes[body].buffers).*field;
    };
    for (const SubplanUse &use : uses) {
        if (!use.is_cte || !plan.nodes[use.body].buffers)
            continue;
        for (const auto field : buffer_fields) { // from the scans in turn, as far as each has them
            std::int64_t rest = (*plan.nodes[use.body].buffers).*field;
            for (const NodeId scan : use.consumers) {
                if (!out[scan].exclusive_buffers)
                    continue;
                std::int64_t &has = (*out[scan].exclusive_buffers).*field;
                const std::int64_t part = std::clamp<std::int64_t>(has, 0, rest);
                has -= part;
                rest -= part;
            }
        }
    }
    std::vector<bool> charged(plan.nodes.size(), false);
    for (const Charge &charge : charges) {
        if (!isCteBody(plan.nodes[charge.subplan]) && !charged[charge.subplan]) {
            charged[charge.subplan] = true;
            take(charge.subplan, charge.consumer);
        }
    }
    for (const SubplanUse &use : uses) {
        if (!use.is_cte && !charged[use.body])
            take(use.body, use.consumers.empty() ? plan.nodes[use.body].parent : use.consumers.front());
    }
    for (NodeMetrics &node : out) {
        if (!node.exclusive_buffers)
            continue;
        for (const auto field : buffer_fields)
            (*node.exclusive_buffers).*field = std::max<std::int64_t>(0, (*node.exclusive_buffers).*field);
    }
}

/// BEFORE triggers run inside ModifyTable and are in its time already; AFTER
/// triggers run when the tree has ended. EXPLAIN does not say which is which:
/// those that fit into the time after the tree are the latter.
void measureTriggers(const Plan &plan, double after_tree, Metrics &out)
{
    std::vector<const TriggerTime *> triggers;
    for (const TriggerTime &trigger : plan.triggers)
        triggers.push_back(&trigger);
    std::stable_sort(triggers.begin(), triggers.end(), [](const TriggerTime *a, const TriggerTime *b) {
        if (a->constraint.empty() != b->constraint.empty())
            return !a->constraint.empty(); // constraint triggers are always AFTER
        return a->time_ms.value_or(0) > b->time_ms.value_or(0);
    });
    for (const TriggerTime *trigger : triggers) {
        const double ms = trigger->time_ms.value_or(0);
        if (out.triggers_ms + ms <= after_tree + 0.01)
            out.triggers_ms += ms;
    }
    out.triggers_ms = std::min(out.triggers_ms, std::max(0.0, after_tree));
}

double numberIn(const std::vector<Property> &properties, std::string_view key)
{
    for (const auto &[name, value] : properties) {
        if (name != key)
            continue;
        if (const auto *real = std::get_if<double>(&value.value))
            return *real;
        if (const auto *integer = std::get_if<std::int64_t>(&value.value))
            return static_cast<double>(*integer);
    }
    return 0;
}

double jitTotal(const Plan &plan)
{
    for (const auto &[name, value] : plan.jit) {
        const auto *timing = std::get_if<PropertyValue::Group>(&value.value);
        if (name == "Timing" && timing != nullptr)
            return numberIn(*timing, "Total");
    }
    return 0;
}

void measureTimes(const Plan &plan, const Times &times, Metrics &out)
{
    std::vector<std::vector<std::uint32_t>> by_consumer(plan.nodes.size());
    std::vector<double> charged_work(plan.nodes.size(), 0);
    for (std::size_t i = 0; i < times.charges.size(); ++i) {
        by_consumer[times.charges[i].consumer].push_back(static_cast<std::uint32_t>(i));
        charged_work[times.charges[i].consumer] += times.charges[i].ms;
    }
    const double root = times.work[0];
    out.execution_ms = plan.execution_ms  ? plan.execution_ms
                       : plan.duration_ms ? plan.duration_ms // auto_explain: of the execution alone
                                          : std::optional(root + times.outside_tree);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        NodeMetrics &node = out.nodes[i];
        if (!plan.nodes[i].actual_total_ms)
            continue;
        node.inclusive_ms = times.inclusive[i];
        node.exclusive_ms = times.exclusive[i];
        node.clamped_ms = times.clamped[i];
        double work = times.work[i] - charged_work[i];
        double rounding = rounding_per_loop * plan.nodes[i].loops.value_or(1) * times.scale[i];
        for (const NodeId child : plan.nodes[i].children) {
            if (isDetached(plan.nodes[child]))
                continue;
            // One child is one subtraction of one more rounded average.
            work -= times.work[child];
            rounding += rounding_per_loop * plan.nodes[child].loops.value_or(1) * times.scale[child];
        }
        node.work_ms = std::max({0.0, work, times.processes[i] > 1 ? 0.0 : times.exclusive[i]});
        node.rounding_ms = plan.nodes[i].never_executed ? 0 : rounding;
        out.rounding_ms = std::max(out.rounding_ms, node.rounding_ms);
        if (*out.execution_ms > 0)
            node.time_share = std::min(1.0, *node.exclusive_ms / *out.execution_ms);
        node.derivation = derivation(plan, times, static_cast<NodeId>(i), by_consumer);
    }
    const double after_tree = *out.execution_ms - root;
    measureTriggers(plan, after_tree - times.outside_tree, out);
    const double left = std::max(0.0, after_tree - times.outside_tree - out.triggers_ms);
    out.serialization_ms = std::clamp(numberIn(plan.serialization, "Time"), 0.0, left);
    out.jit_ms = jitTotal(plan);
    out.unaccounted_ms = left - out.serialization_ms;
}

bool isWrong(const NodeMetrics &node)
{
    if (!node.estimate_factor)
        return false;
    return *node.estimate_factor >= wrong_by
           || (*node.estimate_factor <= 1 / wrong_by && !node.stopped_early);
}

/// The worst of the wrong nodes that have no wrong node below them: what is
/// wrong above follows from it.
std::optional<NodeId> misestimateOrigin(const Plan &plan, const Metrics &metrics)
{
    std::vector<bool> wrong_below(plan.nodes.size(), false);
    std::optional<NodeId> origin;
    double worst = 0;
    for (std::size_t i = plan.nodes.size(); i-- > 0;) {
        const bool wrong = isWrong(metrics.nodes[i]);
        if (wrong && !wrong_below[i]) {
            const double severity = std::abs(std::log(*metrics.nodes[i].estimate_factor));
            if (severity >= worst) {
                worst = severity;
                origin = static_cast<NodeId>(i);
            }
        }
        if ((wrong || wrong_below[i]) && plan.nodes[i].parent != no_node)
            wrong_below[plan.nodes[i].parent] = true;
    }
    return origin;
}

} // namespace

Metrics measure(const Plan &plan)
{
    Metrics out;
    out.nodes.resize(plan.nodes.size());
    out.execution_ms = plan.execution_ms;
    if (plan.nodes.empty())
        return out;
    const Times times = accountTimes(plan);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        NodeMetrics &node = out.nodes[i];
        node.processes = times.processes[i];
        measureRows(plan.nodes[i], node);
        const NodeId parent = plan.nodes[i].parent;
        node.stopped_early = parent != no_node
                             && mayStopEarly(plan, static_cast<NodeId>(i), out.nodes[parent].stopped_early);
    }
    measureCosts(plan, out.nodes);
    if (times.known)
        measureTimes(plan, times, out);
    if (std::any_of(plan.nodes.begin(), plan.nodes.end(),
                    [](const Node &n) { return n.buffers.has_value(); }))
        measureBuffers(plan, findSubplanUses(plan), times.charges, out.nodes);
    out.misestimate_origin = misestimateOrigin(plan, out);
    return out;
}

std::vector<NodeId> hottest(const Metrics &metrics, std::size_t count)
{
    std::vector<NodeId> order(metrics.nodes.size());
    std::iota(order.begin(), order.end(), NodeId{0});
    const bool timed = std::any_of(metrics.nodes.begin(), metrics.nodes.end(),
                                   [](const NodeMetrics &node) { return node.exclusive_ms.has_value(); });
    const auto weight = [&](NodeId id) {
        const NodeMetrics &node = metrics.nodes[id];
        return timed ? node.exclusive_ms.value_or(0) : node.exclusive_cost;
    };
    const std::size_t kept = std::min(count, order.size());
    std::partial_sort(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
        [&](NodeId a, NodeId b) { return weight(a) != weight(b) ? weight(a) > weight(b) : a < b; });
    order.resize(kept);
    while (!order.empty() && weight(order.back()) <= 0)
        order.pop_back();
    return order;
}

} // namespace howdah::plan
