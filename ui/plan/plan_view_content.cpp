// SPDX-License-Identifier: GPL-3.0-or-later
// What PlanView shows around the tree: figures, the bar of time and search.
#include <algorithm>
#include <cmath>

#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "core/base/human.h"
#include "core/plan/print_values.h"
#include "ui/base/palette.h"
#include "ui/plan/flame_view.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_grid.h"
#include "ui/plan/plan_text_pane.h"
#include "ui/plan/plan_view.h"
#include "ui/plan/stat_strip.h"
#include "ui/plan/time_bar.h"
#include "ui/plan/timeline_view.h"

namespace howdah::ui {

namespace {

QString of(const std::string &text)
{
    return QString::fromStdString(text);
}

QString shortName(const plan::Node &node)
{
    for (const std::string *name : {&node.relation_name, &node.index_name, &node.cte_name, &node.alias}) {
        if (!name->empty())
            return of(*name);
    }
    return of(node.label());
}

std::optional<plan::NodeId> worstEstimate(const plan::Metrics &metrics)
{
    if (metrics.misestimate_origin)
        return metrics.misestimate_origin;
    std::optional<plan::NodeId> worst;
    double by = 2.95;
    for (std::size_t i = 0; i < metrics.nodes.size(); ++i) {
        const plan::NodeMetrics &m = metrics.nodes[i];
        if (!m.estimate_factor || (*m.estimate_factor < 1 && m.stopped_early))
            continue;
        const double wrong = std::max(*m.estimate_factor, 1 / *m.estimate_factor);
        if (wrong > by) {
            by = wrong;
            worst = static_cast<plan::NodeId>(i);
        }
    }
    return worst;
}

} // namespace

void PlanView::fillStats()
{
    stats_->clear();
    const auto go = [this](plan::NodeId id) { return [this, id] { selectNode(id); }; };
    if (metrics().execution_ms)
        stats_->add(tr("EXECUTION"), NodeText::duration(*metrics().execution_ms));
    else if (!plan().nodes.empty() && plan().nodes[0].total_cost)
        stats_->add(tr("COST"), NodeText::count(std::round(*plan().nodes[0].total_cost)), tr("not executed"));
    if (plan().planning_ms) {
        const bool long_planning = *plan().planning_ms > metrics().execution_ms.value_or(1e300);
        stats_->add(tr("PLANNING"), NodeText::duration(*plan().planning_ms), {}, long_planning ? Tone::Warn : Tone::Neutral);
    }
    const std::vector<plan::NodeId> hot = plan::hottest(metrics(), 1);
    if (!hot.empty()) {
        const plan::NodeMetrics &m = metrics().nodes[hot[0]];
        const double share = m.exclusive_ms ? m.time_share : m.cost_share;
        stats_->add(m.exclusive_ms ? tr("SLOWEST NODE") : tr("COSTLIEST NODE"), NodeText::percent(share),
                    NodeText::name(plan().nodes[hot[0]]), shareTone(share) == Tone::Good ? Tone::Neutral : shareTone(share),
                    go(hot[0]));
    }
    if (const auto worst = worstEstimate(metrics())) {
        const NodeText::Said said = NodeText::estimate(metrics().nodes[*worst]);
        stats_->add(tr("WORST ESTIMATE"), said.text, NodeText::name(plan().nodes[*worst]), said.tone, go(*worst));
    }
    if (!plan().nodes.empty() && plan().nodes[0].buffers) {
        const plan::Buffers &b = *plan().nodes[0].buffers;
        const auto size = [](std::int64_t blocks) { return of(human::bytes(blocks * 8'192)); };
        stats_->add(tr("BUFFERS"), size(b.shared_read + b.local_read), tr("read, %1 hit").arg(size(b.shared_hit + b.local_hit)));
        if (b.temp_written > 0)
            stats_->add(tr("TEMPORARY FILES"), size(b.temp_written), {}, Tone::Warn);
    }
    if (metrics().triggers_ms > 0)
        stats_->add(tr("TRIGGERS"), NodeText::duration(metrics().triggers_ms));
    if (!plan().jit.empty()) {
        plan::Node jit;
        jit.properties = plan().jit;
        if (const plan::PropertyValue *timing = jit.property("Timing")) {
            if (const auto *group = std::get_if<plan::PropertyValue::Group>(&timing->value); group != nullptr && !group->empty()) {
                plan::Node times;
                times.properties = *group;
                stats_->add(tr("JIT"), NodeText::duration(times.number("Total").value_or(0)));
            }
        }
    }
    if (metrics().unaccounted_ms > 0.1 * metrics().execution_ms.value_or(1e300))
        stats_->add(tr("IN NO NODE"), NodeText::duration(metrics().unaccounted_ms), tr("start, stop, output"));
    stats_->add(tr("NODES"), NodeText::count(static_cast<double>(plan().nodes.size())),
                metrics().rounding_ms >= 0.05 ? tr("±%1").arg(NodeText::duration(metrics().rounding_ms)) : QString());
}

void PlanView::fillBar()
{
    constexpr std::size_t most_parts = 6;
    const bool timed = metrics().execution_ms.has_value();
    const bool any = timed || (!plan().nodes.empty() && plan().nodes[0].total_cost.value_or(0) > 0);
    time_bar_->setVisible(any);
    bar_caption_->setVisible(any);
    bar_caption_->setText(timed ? tr("WHERE THE %1 WENT").arg(NodeText::duration(*metrics().execution_ms))
                                : tr("WHERE THE COST IS"));
    hot_caption_->setText(timed ? tr("SLOWEST NODES") : tr("COSTLIEST NODES"));
    std::vector<TimeBar::Part> parts;
    double told = 0;
    for (const plan::NodeId id : plan::hottest(metrics(), most_parts)) {
        const plan::NodeMetrics &m = metrics().nodes[id];
        const double share = m.exclusive_ms ? m.time_share : m.cost_share;
        if (share < 0.02)
            break;
        const QString figure = m.exclusive_ms ? NodeText::duration(*m.exclusive_ms) : NodeText::percent(share);
        parts.push_back({tr("%1 %2").arg(shortName(plan().nodes[id]), figure),
                         tr("%1: %2, %3").arg(NodeText::name(plan().nodes[id]), figure, NodeText::percent(share)), share,
                         shareTone(share), id});
        told += share;
    }
    if (timed && metrics().triggers_ms > 0) {
        const double share = std::min(1 - told, metrics().triggers_ms / *metrics().execution_ms);
        parts.push_back({tr("triggers %1").arg(NodeText::duration(metrics().triggers_ms)),
                         tr("Triggers: %1").arg(NodeText::duration(metrics().triggers_ms)), share, shareTone(share), plan::no_node});
        told += share;
    }
    if (told < 0.995)
        parts.push_back({tr("other"), tr("All other nodes, start and end: %1").arg(NodeText::percent(1 - told)), 1 - told,
                         Tone::Neutral, plan::no_node});
    time_bar_->setParts(std::move(parts));
}

void PlanView::search(const QString &text)
{
    found_.clear();
    found_at_ = 0;
    const QString wanted = text.trimmed();
    if (document_ != nullptr && !wanted.isEmpty()) {
        for (std::size_t i = 0; i < plan().nodes.size(); ++i) {
            const plan::Node &node = plan().nodes[i];
            const auto contains = [&](const std::string &value) { return of(value).contains(wanted, Qt::CaseInsensitive); };
            bool hit = contains(node.label()) || contains(node.target()) || contains(node.subplan_name) || contains(node.schema);
            for (auto property = node.properties.begin(); !hit && property != node.properties.end(); ++property)
                hit = contains(property->first) || contains(plan::listText(property->second));
            if (hit)
                found_.push_back(static_cast<plan::NodeId>(i));
        }
    }
    search_count_->setText(wanted.isEmpty() ? QString()
                           : found_.empty() ? tr("nothing found")
                                            : tr("%1 of %2").arg(1).arg(found_.size()));
    search_->setProperty("invalid", !wanted.isEmpty() && found_.empty());
    canvas_->setFound(found_);
    flame_->setFound(found_);
    timeline_->setFound(found_);
    grid_->setFound(wanted.isEmpty() ? std::nullopt : std::optional(found_));
    text_->markFound(found_);
    if (!found_.empty())
        selectNode(found_.front());
}

void PlanView::stepFound(int way)
{
    if (found_.empty())
        return;
    const auto count = static_cast<std::ptrdiff_t>(found_.size());
    found_at_ = static_cast<std::size_t>((static_cast<std::ptrdiff_t>(found_at_) + way + count) % count);
    search_count_->setText(tr("%1 of %2").arg(found_at_ + 1).arg(found_.size()));
    selectNode(found_[found_at_]);
}

} // namespace howdah::ui
