// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// The slowest process of a parallel part took much longer than the average.
void ruleParallelSkew(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const bool below_gather =
            node.parent != no_node
            && (in.node(node.parent).node_type == "Gather" || in.node(node.parent).node_type == "Gather Merge");
        if (!below_gather || node.workers.empty() || in.of(id).processes < 2)
            continue;
        const double work = node.actual_total_ms.value_or(0) * node.loops.value_or(1);
        double slowest = 0;
        double leader = work;
        for (const WorkerStats &worker : node.workers) {
            const double spent = worker.total_ms.value_or(0) * worker.loops.value_or(1);
            slowest = std::max(slowest, spent);
            leader -= spent;
        }
        slowest = std::max(slowest, leader);
        const double average = work / in.of(id).processes;
        // Time alone may be waiting for one another: the rows have to be uneven too.
        double most = 0;
        double rows = node.actual_rows.value_or(0) * node.loops.value_or(1);
        for (const WorkerStats &worker : node.workers)
            most = std::max(most, worker.rows.value_or(0) * worker.loops.value_or(1));
        const double lost = slowest - average;
        // Starting the workers alone takes some milliseconds.
        if (slowest < 2 * average || lost < 10 || !in.worth(lost))
            continue;
        Finding &f = report(in, out, "parallel-skew", id, lost,
                            fmt::format("One of {:.0f} processes took {} where the average is {}.", in.of(id).processes,
                                        timeText(slowest), timeText(average)),
                            fmt::format("{}: {} over all processes; most rows in one worker {} of {}", nameOf(node),
                                        timeText(work), countText(most), countText(rows)));
        f.why = "Blocks are handed out in turn, so uneven times come from rows that cost very different amounts, from "
                "a part that "
                "only one process can do, or from workers that started late.";
    }
}

} // namespace howdah::plan
