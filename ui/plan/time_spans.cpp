// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/time_spans.h"

#include <algorithm>

namespace howdah::ui {

namespace {

using plan::Node;
using plan::NodeId;

double rounds(const Node &node, const plan::NodeMetrics &metrics)
{
    return node.loops.value_or(1) / std::max(1.0, metrics.processes);
}

double duration(const plan::Plan &plan, const plan::Metrics &metrics, NodeId id)
{
    return plan.nodes[id].actual_total_ms.value_or(0) * std::max(1.0, rounds(plan.nodes[id], metrics.nodes[id]));
}

/// When the inputs of a node are first asked.
void startChildren(const plan::Plan &plan, const plan::Metrics &metrics, NodeId id, std::vector<TimeSpan> &spans)
{
    const Node &node = plan.nodes[id];
    const double start = spans[id].start;
    const bool one_after_another = (node.node_type == "Append" && !node.parallel_aware) || node.node_type == "ModifyTable";
    double next = start;
    const auto part = [&](const char *relationship) {
        const auto found = std::find_if(node.children.begin(), node.children.end(), [&](NodeId child) {
            return plan.nodes[child].parent_relationship == relationship;
        });
        return found == node.children.end() ? plan::no_node : *found;
    };
    for (const NodeId child : node.children) {
        spans[child].start = start;
        if (one_after_another && plan.nodes[child].parent_relationship == "Member") {
            spans[child].start = next;
            next += duration(plan, metrics, child);
        }
    }
    const NodeId outer = part("Outer");
    const NodeId inner = part("Inner");
    if (outer == plan::no_node || inner == plan::no_node)
        return;
    if (node.node_type == "Hash Join") // the table is built before the outer side is read
        spans[outer].start = start + duration(plan, metrics, inner);
    else if (node.node_type == "Nested Loop") // the inner side waits for an outer row
        spans[inner].start = start + plan.nodes[outer].actual_startup_ms.value_or(0);
}

} // namespace

std::vector<TimeSpan> timeSpans(const plan::Plan &plan, const plan::Metrics &metrics)
{
    std::vector<TimeSpan> spans(plan.nodes.size());
    const double whole = metrics.execution_ms.value_or(0);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        TimeSpan &span = spans[i];
        const TimeSpan *above = node.parent == plan::no_node ? nullptr : &spans[node.parent];
        const double latest = above != nullptr && above->known ? above->end : std::max(whole, node.actual_total_ms.value_or(0));
        span.known = node.actual_total_ms.has_value() && !node.never_executed;
        if (span.known) {
            span.looped = rounds(node, metrics.nodes[i]) > 1;
            span.busy = duration(plan, metrics, static_cast<NodeId>(i));
            span.start = std::min(span.start, latest);
            span.first = std::min(span.start + node.actual_startup_ms.value_or(0), latest);
            span.end = span.looped ? latest : std::clamp(span.start + span.busy, span.first, std::max(span.first, latest));
            for (const plan::WorkerStats &worker : node.workers) {
                if (!worker.total_ms)
                    continue;
                const double end = span.start + *worker.total_ms * std::max(1.0, worker.loops.value_or(1));
                span.workers.push_back({worker.number, std::min(span.start + worker.startup_ms.value_or(0), latest),
                                        std::min(end, std::max(latest, whole))});
            }
        } else {
            span.end = latest;
        }
        startChildren(plan, metrics, static_cast<NodeId>(i), spans);
    }
    return spans;
}

} // namespace howdah::ui
