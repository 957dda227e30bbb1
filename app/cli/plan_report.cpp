// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/cli/terminal.h"
#include "core/base/human.h"

namespace howdah::cli {

namespace {

using plan::Node;
using plan::NodeId;
using plan::NodeMetrics;

constexpr std::size_t slowest_nodes = 3;
constexpr double notable_factor = 2; ///< below it an estimate counts as right

std::string percent(double share)
{
    const double value = share * 100;
    return value > 0 && value < 0.5 ? "<1 %" : fmt::format("{:.0f} %", value);
}

/// "12× more", "3.1× fewer"; "" where the estimate was about right.
std::string estimateText(const NodeMetrics &metrics)
{
    if (!metrics.estimate_factor || *metrics.estimate_factor <= 0)
        return {};
    const double factor = *metrics.estimate_factor;
    const double distance = std::max(factor, 1 / factor);
    if (distance < notable_factor)
        return {};
    if (factor < 1 && metrics.stopped_early)
        return "stopped early";
    return fmt::format("{}× {}", distance < 9.95 ? fmt::format("{:.1f}", distance) : human::compactCount(distance), factor > 1 ? "more" : "fewer");
}

Ink inkOfShare(double share)
{
    return share >= 0.3 ? Ink::Red : share >= 0.1 ? Ink::Yellow : Ink::Plain;
}

/// Two blanks a level; where trees are deep the number of levels that were left out stands instead.
std::string indentation(std::size_t depth, std::size_t columns)
{
    const std::size_t most = std::max<std::size_t>(columns / 2, 20) / 2;
    if (depth <= most)
        return std::string(depth * 2, ' ') + (depth > 0 ? "→ " : "");
    return fmt::format("{}+{} → ", std::string(most * 2 - 4, ' '), depth - most);
}

std::vector<std::size_t> depths(const plan::Plan &plan)
{
    std::vector<std::size_t> depth(plan.nodes.size(), 0);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (plan.nodes[i].parent != plan::no_node)
            depth[i] = depth[plan.nodes[i].parent] + 1;
    }
    return depth;
}

/// What stands behind the title in dim ink.
std::string remarks(const Node &node, const NodeMetrics &metrics)
{
    std::string text;
    const auto add = [&text](const std::string &part) { text += (text.empty() ? "  " : ", ") + part; };
    if (node.never_executed)
        add("never executed");
    if (node.loops.value_or(1) > 1)
        add(human::count(std::llround(*node.loops), ",") + (metrics.processes > 1 ? " loops in all processes" : " loops"));
    if (metrics.removed_share.value_or(0) >= 0.5)
        add(percent(*metrics.removed_share) + " filtered away");
    return text;
}

std::string nodeLine(const Node &node, const NodeMetrics &metrics, std::size_t depth, const std::string &figures, std::size_t columns, bool colored)
{
    std::string title = indentation(depth, columns);
    if (!node.subplan_name.empty())
        title += printable(node.subplan_name) + ": ";
    title += printable(nodeTitle(node));
    const std::size_t room = columns - std::min(columns - 20, displayWidth(figures));
    title = clipped(title, room);
    const std::string behind = clipped(remarks(node, metrics), room - std::min(room - 1, displayWidth(title)));
    const Ink ink = node.never_executed ? Ink::Dim : inkOfShare(metrics.exclusive_ms ? metrics.time_share : 0);
    return inked(figures, ink, colored) + inked(title, node.never_executed ? Ink::Dim : Ink::Plain, colored) + (behind == "…" ? "" : inked(behind, Ink::Dim, colored)) + "\n";
}

std::string rowsText(const std::optional<double> &rows)
{
    return rows ? human::compactCount(*rows) : "";
}

} // namespace

std::string nodeTitle(const Node &node)
{
    const std::string target = node.target();
    return node.label() + (target.empty() ? "" : target.starts_with("CTE ") ? ": " + target : " on " + target);
}

std::string planTree(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored)
{
    const std::vector<std::size_t> depth = depths(plan);
    const bool analyzed = plan.analyzed();
    const bool timed = std::any_of(metrics.nodes.begin(), metrics.nodes.end(), [](const NodeMetrics &m) { return m.exclusive_ms.has_value(); });
    std::string text = inked(timed      ? "  own time   share     rows  estimate       node"
                             : analyzed ? "      rows  estimate       node"
                                        : "  own cost   share     rows  node",
                             Ink::Bold, colored)
        + "\n";
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        const NodeMetrics &m = metrics.nodes[i];
        std::string figures;
        if (timed)
            figures = padded(m.exclusive_ms && !node.never_executed ? human::duration(*m.exclusive_ms) : "", 10, true)
                + padded(m.exclusive_ms && !node.never_executed ? percent(m.time_share) : "", 8, true);
        else if (!analyzed)
            figures = padded(node.total_cost ? fmt::format("{:.2f}", m.exclusive_cost) : "", 10, true)
                + padded(node.total_cost ? percent(m.cost_share) : "", 8, true);
        if (analyzed)
            figures += padded(rowsText(m.rows_total), timed ? 9 : 10, true) + "  " + padded(estimateText(m), 13) + "  ";
        else
            figures += padded(rowsText(node.plan_rows), 9, true) + "  ";
        text += nodeLine(node, m, depth[i], figures, columns, colored);
    }
    return text;
}

namespace {

std::string wholeTimes(const plan::Plan &plan, const plan::Metrics &metrics)
{
    std::vector<std::string> parts;
    if (metrics.execution_ms)
        parts.push_back("Execution " + human::duration(*metrics.execution_ms));
    if (plan.planning_ms)
        parts.push_back((parts.empty() ? "Planning " : "planning ") + human::duration(*plan.planning_ms));
    if (metrics.triggers_ms > 0)
        parts.push_back("triggers " + human::duration(metrics.triggers_ms));
    if (metrics.execution_ms && metrics.unaccounted_ms > 0.0005)
        parts.push_back(human::duration(metrics.unaccounted_ms) + " in no node (start, output, end)");
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : " · ") + part;
    return text.empty() ? text : text + "\n";
}

std::string slowest(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored)
{
    std::string text;
    for (const NodeId id : plan::hottest(metrics, slowest_nodes)) {
        const NodeMetrics &m = metrics.nodes[id];
        if (!m.exclusive_ms)
            continue;
        const std::string figures = padded(human::duration(*m.exclusive_ms), 10, true) + padded(percent(m.time_share), 8, true) + "  ";
        const std::string title = clipped(printable(nodeTitle(plan.nodes[id])), columns - std::min(columns - 20, displayWidth(figures)));
        text += inked(figures, inkOfShare(m.time_share), colored) + title + "\n";
        if (!m.derivation.empty())
            text += inked(clipped(std::string(20, ' ') + printable(m.derivation), columns), Ink::Dim, colored) + "\n";
    }
    return text.empty() ? text : inked("Slowest nodes, by their own time:", Ink::Bold, colored) + "\n" + text;
}

double distanceOf(const NodeMetrics &metrics)
{
    const double factor = metrics.estimate_factor.value_or(1);
    if (factor <= 0 || (factor < 1 && metrics.stopped_early))
        return 1;
    return std::max(factor, 1 / factor);
}

std::string worstEstimate(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored)
{
    std::size_t worst = plan.nodes.size();
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (metrics.nodes[i].estimate_factor && (worst == plan.nodes.size() || distanceOf(metrics.nodes[i]) > distanceOf(metrics.nodes[worst])))
            worst = i;
    }
    if (worst == plan.nodes.size())
        return {};
    if (distanceOf(metrics.nodes[worst]) < notable_factor)
        return "Estimates of rows: all right within a factor of 2.\n";
    const Node &node = plan.nodes[worst];
    std::string text = inked("Worst estimate:", Ink::Bold, colored) + " " + clipped(printable(nodeTitle(node)), columns - 17) + "\n";
    text += fmt::format("  {} rows expected, {} came{} ({})\n", human::compactCount(node.plan_rows.value_or(0)),
                        human::compactCount(node.actual_rows.value_or(0)), node.loops.value_or(1) > 1 ? " in a loop" : "", estimateText(metrics.nodes[worst]));
    if (metrics.misestimate_origin && *metrics.misestimate_origin != worst)
        text += "  It goes wrong first at: " + clipped(printable(nodeTitle(plan.nodes[*metrics.misestimate_origin])), columns - 27) + "\n";
    return text;
}

} // namespace

std::string planReadout(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored)
{
    std::string text = wholeTimes(plan, metrics);
    if (plan.analyzed())
        text += slowest(plan, metrics, columns, colored) + worstEstimate(plan, metrics, columns, colored);
    return text;
}

} // namespace howdah::cli
