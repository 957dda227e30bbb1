// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/derivations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

/// As EXPLAIN would print it: whole, or with what decimals there are.
std::string plain(double value)
{
    return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

std::string inclusive(const Node &node, const NodeMetrics &m)
{
    if (node.never_executed)
        return "never executed";
    const double loops = node.loops.value_or(1);
    const double work = *node.actual_total_ms * loops;
    std::string text = fmt::format("{:.3f} ms", *node.actual_total_ms);
    if (loops != 1)
        text += fmt::format(" × {:.0f} loops = {:.3f} ms", loops, work);
    const double less = work - *m.inclusive_ms;
    if (less < 0.0005)
        return text;
    if (m.processes > 1)
        return text + fmt::format(" of {:.3g} processes together, {:.3f} ms of the query's time", m.processes, *m.inclusive_ms);
    return text + fmt::format(" − {:.3f} (told at CTEs and InitPlans that hang elsewhere, or at what ran side by side) = {:.3f} ms", less, *m.inclusive_ms);
}

std::string work(const Plan &plan, const Node &node, const NodeMetrics &m)
{
    double children = 0;
    for (const NodeId child : node.children) {
        if (!isDetached(plan.nodes[child]))
            children += plan.nodes[child].actual_total_ms.value_or(0) * plan.nodes[child].loops.value_or(1);
    }
    const double own = *node.actual_total_ms * node.loops.value_or(1);
    std::string text = fmt::format("{:.3f} ms over {:.0f} loops in all processes", own, node.loops.value_or(1));
    if (children > 0)
        text += fmt::format(" − {:.3f} below", children);
    if (const double charged = own - children - *m.work_ms; charged > 0.0005)
        text += fmt::format(" − {:.3f} of CTEs and InitPlans", charged);
    return text + fmt::format(" = {:.3f} ms", *m.work_ms);
}

std::string estimate(const Node &node, const NodeMetrics &m)
{
    return fmt::format("{} rows a loop came / {} were expected = {:.3g} (fewer than 1 counts as 1)",
                       plain(*node.actual_rows), plain(*node.plan_rows), *m.estimate_factor);
}

std::string removed(const Node &node, const NodeMetrics &m)
{
    std::string text;
    for (const char *key : {"Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck", "Rows Removed by Conflict Filter"}) {
        if (const auto rows = node.number(key))
            text += fmt::format("{}{} {}", text.empty() ? "" : " + ", plain(*rows), key);
    }
    if (node.loops.value_or(1) != 1)
        text = fmt::format("({}) × {:.0f} loops", text, *node.loops);
    return text + " = " + plain(*m.removed_total);
}

/// The counters in which a node and its children differ.
std::string buffers(const Plan &plan, const Node &node, const NodeMetrics &m)
{
    static constexpr std::array<std::pair<const char *, std::int64_t Buffers::*>, 10> counters{
        {{"shared hit", &Buffers::shared_hit}, {"shared read", &Buffers::shared_read}, {"shared dirtied", &Buffers::shared_dirtied},
         {"shared written", &Buffers::shared_written}, {"local hit", &Buffers::local_hit}, {"local read", &Buffers::local_read},
         {"local dirtied", &Buffers::local_dirtied}, {"local written", &Buffers::local_written}, {"temp read", &Buffers::temp_read},
         {"temp written", &Buffers::temp_written}}};
    std::string text;
    for (const auto &[name, counter] : counters) {
        const std::int64_t all = (*node.buffers).*counter;
        if (all == 0)
            continue;
        std::int64_t below = 0;
        for (const NodeId child : node.children) {
            if (!isDetached(plan.nodes[child]) && plan.nodes[child].buffers)
                below += (*plan.nodes[child].buffers).*counter;
        }
        const std::int64_t own = (*m.exclusive_buffers).*counter;
        text += fmt::format("{}{} {} − {} below", text.empty() ? "" : "; ", name, all, below);
        if (const std::int64_t charged = all - below - own; charged > 0)
            text += fmt::format(" − {} of CTEs and InitPlans", charged);
        text += fmt::format(" = {}", own);
    }
    return text;
}

} // namespace

std::vector<Derivation> derivations(const Plan &plan, const Metrics &metrics, NodeId id)
{
    const Node &node = plan.nodes[id];
    const NodeMetrics &m = metrics.nodes[id];
    std::vector<Derivation> all;
    if (m.inclusive_ms && node.actual_total_ms)
        all.push_back({"inclusive_ms", inclusive(node, m)});
    if (m.exclusive_ms && !m.derivation.empty())
        all.push_back({"exclusive_ms", m.derivation});
    if (m.work_ms && node.actual_total_ms && !node.never_executed)
        all.push_back({"work_ms", work(plan, node, m)});
    if (m.rounding_ms > 0)
        all.push_back({"rounding_ms", fmt::format("±0.0005 ms in each printed time × {:.0f} loops, here and in each child = ±{:.4f} ms",
                                                  node.loops.value_or(1), m.rounding_ms)});
    if (m.processes > 1)
        all.push_back({"processes", "the loops below the Gather / the loops of the Gather"});
    if (m.rows_total && !node.never_executed)
        all.push_back({"rows_total", fmt::format("{} rows × {:.0f} loops = {}", plain(*node.actual_rows), *node.loops, plain(*m.rows_total))});
    if (m.plan_rows_total)
        all.push_back({"plan_rows_total", fmt::format("{} rows × {:.0f} loops = {}", plain(*node.plan_rows), std::max(1.0, node.loops.value_or(1)),
                                                      plain(*m.plan_rows_total))});
    if (m.estimate_factor)
        all.push_back({"estimate_factor", estimate(node, m)});
    if (m.removed_total)
        all.push_back({"removed_total", removed(node, m)});
    if (m.removed_total && *m.removed_total > 0)
        all.push_back({"removed_share", fmt::format("{} removed / ({} removed + {} kept) = {:.1f} %", plain(*m.removed_total), plain(*m.removed_total),
                                                    plain(m.rows_total.value_or(0)), m.removed_share.value_or(0) * 100)});
    if (node.total_cost)
        all.push_back({"exclusive_cost", fmt::format("the part of {:.2f} that the nodes below do not cost (of an inner side for all its rounds, "
                                                     "below a Limit for the rows it takes) = {:.2f}",
                                                     *node.total_cost, m.exclusive_cost)});
    if (m.exclusive_ms && metrics.execution_ms && *metrics.execution_ms > 0)
        all.push_back({"time_share", fmt::format("{:.3f} ms / {:.3f} ms of the execution = {:.1f} %", *m.exclusive_ms, *metrics.execution_ms,
                                                 m.time_share * 100)});
    if (m.exclusive_buffers && node.buffers) {
        if (std::string text = buffers(plan, node, m); !text.empty())
            all.push_back({"exclusive_buffers", std::move(text)});
    }
    return all;
}

} // namespace howdah::plan
