// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/node_text.h"

#include <algorithm>
#include <cmath>

#include "core/base/human.h"

namespace howdah::ui {

namespace {

using plan::Node;
using plan::NodeId;
using plan::NodeMetrics;

constexpr std::int64_t block_bytes = 8'192; ///< of every server that was not built otherwise

QString of(const std::string &text)
{
    return QString::fromStdString(text);
}

QString kilobytes(double kb)
{
    return of(human::bytes(static_cast<std::int64_t>(kb * 1'024)));
}

QString firstText(const Node &node, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        if (const std::string text = node.text(key); !text.empty())
            return of(text);
    }
    return {};
}

QString spill(const Node &node)
{
    if (node.text("Sort Space Type") == "Disk")
        return NodeText::tr("sorted on disk: %1").arg(kilobytes(node.number("Sort Space Used").value_or(0)));
    if (const auto batches = node.number("Hash Batches"); batches && *batches > 1)
        return NodeText::tr("spilled to disk in %1 batches").arg(NodeText::count(*batches));
    if (const auto disk = node.number("Disk Usage"); disk && *disk > 0)
        return NodeText::tr("spilled to disk: %1").arg(kilobytes(*disk));
    if (node.text("Storage") == "Disk")
        return NodeText::tr("kept on disk: %1").arg(kilobytes(node.number("Maximum Storage").value_or(0)));
    return {};
}

} // namespace

Tone shareTone(double share)
{
    return share >= 0.4 ? Tone::Bad : share >= 0.1 ? Tone::Warn : Tone::Good;
}

Tone factorTone(const NodeMetrics &metrics)
{
    if (!metrics.estimate_factor)
        return Tone::Neutral;
    const double wrong = std::max(*metrics.estimate_factor, 1 / *metrics.estimate_factor);
    if (*metrics.estimate_factor < 1 && metrics.stopped_early)
        return Tone::Neutral;
    return wrong >= 10 ? Tone::Bad : wrong >= 2.95 ? Tone::Warn : Tone::Good;
}

QString NodeText::duration(double ms)
{
    return of(human::duration(ms));
}

QString NodeText::percent(double share)
{
    const double value = share * 100;
    return tr("%1 %").arg(value > 0 && value < 0.95 ? QStringLiteral("<1") : QString::number(std::lround(value)));
}

QString NodeText::count(double value)
{
    if (value != std::floor(value) && value < 100)
        return QString::number(value, 'f', 2);
    return of(human::count(std::llround(value)));
}

QString NodeText::rowCount(double value)
{
    return value == 1 ? tr("1 row") : tr("%1 rows").arg(count(value));
}

QString NodeText::subplan(const Node &node)
{
    return of(node.subplan_name.substr(0, node.subplan_name.find(" (")));
}

QString NodeText::blocks(std::int64_t count)
{
    return tr("%1 (%2)").arg(of(human::bytes(count * block_bytes)), of(human::count(count)));
}

QString NodeText::name(const Node &node)
{
    const QString target = of(node.target());
    return target.isEmpty() ? of(node.label()) : tr("%1 on %2").arg(of(node.label()), target);
}

QString NodeText::detail(const Node &node)
{
    if (const QString target = of(node.target()); !target.isEmpty())
        return target;
    if (node.node_type == "Hash") {
        const auto batches = node.number("Hash Batches");
        const auto memory = node.number("Peak Memory Usage");
        if (batches && memory)
            return (*batches == 1 ? tr("1 batch · %1") : tr("%2 batches · %1").arg(QStringLiteral("%1"), count(*batches)))
                .arg(kilobytes(*memory));
    }
    if (node.node_type == "Gather" || node.node_type == "Gather Merge") {
        if (const auto launched = node.number("Workers Launched"))
            return tr("%1 workers").arg(count(*launched));
        if (const auto planned = node.number("Workers Planned"))
            return tr("%1 workers planned").arg(count(*planned));
    }
    if (node.node_type == "Memoize") {
        const double hits = node.number("Cache Hits").value_or(0);
        const double all = hits + node.number("Cache Misses").value_or(0);
        if (all > 0)
            return tr("%1 hits").arg(percent(hits / all));
    }
    return firstText(node, {"Hash Cond", "Merge Cond", "Join Filter", "Sort Key", "Group Key", "Cache Key", "Filter",
                            "One-Time Filter", "Index Cond", "Function Call"});
}

QString NodeText::rows(const Node &node, const NodeMetrics &metrics)
{
    if (node.never_executed)
        return node.plan_rows ? tr("~%1 planned").arg(rowCount(*node.plan_rows)) : QString();
    if (!node.actual_rows)
        return node.plan_rows ? tr("~%1").arg(rowCount(*node.plan_rows)) : QString();
    if (!node.plan_rows || !metrics.estimate_factor)
        return rowCount(metrics.rows_total.value_or(*node.actual_rows));
    const double planned = *metrics.plan_rows_total;
    const double actual = metrics.rows_total.value_or(0);
    if (count(planned) == count(actual))
        return rowCount(actual);
    if (planned >= 99'999.5 || actual >= 99'999.5)
        return tr("%1 → %2 rows").arg(of(human::compactCount(planned)), of(human::compactCount(actual)));
    return tr("%1 → %2 rows").arg(count(planned), count(actual));
}

NodeText::Said NodeText::estimate(const NodeMetrics &metrics)
{
    if (!metrics.estimate_factor)
        return {};
    const double factor = *metrics.estimate_factor;
    if (std::abs(factor - 1) < 0.005)
        return {tr("exact"), Tone::Good};
    if (factor < 1 && metrics.stopped_early)
        return {tr("stopped early"), Tone::Neutral};
    const QString text = of(human::factor(std::max(factor, 1 / factor)));
    if (factorTone(metrics) == Tone::Good && text == of(human::factor(1)))
        return {text, Tone::Good};
    return {(factor > 1 ? QStringLiteral("↑ ") : QStringLiteral("↓ ")) + text, factorTone(metrics)};
}

NodeText::Said NodeText::remark(const plan::Plan &plan, const plan::Metrics &metrics, NodeId id)
{
    const Node &node = plan.nodes[id];
    const NodeMetrics &figures = metrics.nodes[id];
    const bool matters = figures.time_share >= 0.1;
    if (node.never_executed)
        return {tr("never executed"), Tone::Neutral};
    if (const QString text = spill(node); !text.isEmpty())
        return {text, Tone::Warn};
    if (metrics.misestimate_origin == id)
        return {tr("the estimate goes wrong here"), factorTone(figures) == Tone::Bad ? Tone::Bad : Tone::Warn};
    if (const auto lossy = node.number("Lossy Heap Blocks"); lossy && *lossy > 0)
        return {tr("%1 lossy heap blocks").arg(count(*lossy)), Tone::Warn};
    const double planned = node.number("Workers Planned").value_or(0);
    if (const auto launched = node.number("Workers Launched"); launched && *launched < planned)
        return {tr("%1 of %2 workers launched").arg(count(*launched), count(planned)), Tone::Warn};
    if (figures.removed_share && *figures.removed_share >= 0.5 && *figures.removed_total >= 1'000)
        return {tr("%1 of the rows removed").arg(percent(*figures.removed_share)),
                matters && *figures.removed_share >= 0.9 ? Tone::Bad : Tone::Warn};
    if (const auto fetches = node.number("Heap Fetches");
        fetches && *fetches >= 1'000 && *fetches > figures.rows_total.value_or(0) / 2)
        return {tr("%1 heap fetches").arg(count(*fetches)), Tone::Warn};
    if (node.disabled)
        return {tr("disabled, yet the only way"), Tone::Warn};
    if (node.loops && *node.loops >= 1'000 && matters)
        return {tr("%1 loops").arg(count(*node.loops)), Tone::Warn};
    return {};
}

QString NodeText::summary(const plan::Plan &plan, const plan::Metrics &metrics, NodeId id)
{
    const Node &node = plan.nodes[id];
    const NodeMetrics &figures = metrics.nodes[id];
    QStringList parts{name(node)};
    if (!node.subplan_name.empty())
        parts += of(node.subplan_name);
    if (figures.exclusive_ms)
        parts += tr("%1 alone, %2 of the time").arg(duration(*figures.exclusive_ms), percent(figures.time_share));
    else if (node.total_cost)
        parts += tr("cost %1, %2 of the plan").arg(count(std::round(figures.exclusive_cost)), percent(figures.cost_share));
    if (figures.exclusive_ms && node.total_cost)
        parts += tr("%1 of the cost").arg(percent(figures.cost_share));
    if (const QString text = rows(node, figures); !text.isEmpty())
        parts += text;
    if (const Said said = estimate(figures); !said.text.isEmpty())
        parts += tr("estimate %1").arg(said.text);
    if (const Said said = remark(plan, metrics, id); !said.text.isEmpty())
        parts += said.text;
    return parts.join(QStringLiteral(", "));
}

} // namespace howdah::ui
