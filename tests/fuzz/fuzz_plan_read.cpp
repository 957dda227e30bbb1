// SPDX-License-Identifier: GPL-3.0-or-later
// Any text as a plan: no crash, no time below zero, and no node with more time of its own than it had in all.
#include <cmath>
#include <cstdint>

#include "core/plan/metrics.h"
#include "core/plan/print.h"
#include "invariant.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

/// The tree is a tree in depth-first order: everything that walks it counts on that.
void checkTree(const Plan &plan)
{
    for (NodeId id = 0; id < plan.nodes.size(); ++id) {
        const Node &node = plan.nodes[id];
        INVARIANT(id == 0 ? node.parent == no_node : node.parent < id);
        for (const NodeId child : node.children) {
            INVARIANT(child > id && child < plan.nodes.size());
            INVARIANT(plan.nodes[child].parent == id);
        }
    }
}

void checkMetrics(const Plan &plan)
{
    const Metrics metrics = measure(plan);
    INVARIANT(metrics.nodes.size() == plan.nodes.size());
    for (const NodeMetrics &node : metrics.nodes) {
        INVARIANT(!node.exclusive_ms || !(*node.exclusive_ms < 0));
        INVARIANT(!node.work_ms || !(*node.work_ms < 0));
        INVARIANT(!(node.clamped_ms < 0));
        INVARIANT(!(node.rounding_ms < 0));
    }
    INVARIANT(!metrics.misestimate_origin || *metrics.misestimate_origin < plan.nodes.size());
    const std::vector<NodeId> hot = hottest(metrics, 5);
    INVARIANT(hot.size() <= 5);
    for (const NodeId id : hot)
        INVARIANT(id < plan.nodes.size());
}

void checkPrint(const Plan &plan)
{
    const PrintedPlan printed = printText(plan);
    INVARIANT(printed.nodes.size() == plan.nodes.size());
    for (const PrintedLines &lines : printed.nodes)
        INVARIANT(lines.node < plan.nodes.size());
    for (const Node &node : plan.nodes) {
        static_cast<void>(node.label());
        static_cast<void>(node.target());
    }
    static_cast<void>(normalizedForComparison(plan));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto result = read(std::string_view(reinterpret_cast<const char *>(data), size));
    if (!result) {
        INVARIANT(!result.error().message.empty());
        return 0;
    }
    for (const Plan &plan : result->plans) {
        checkTree(plan);
        checkMetrics(plan);
        checkPrint(plan);
    }
    return 0;
}
