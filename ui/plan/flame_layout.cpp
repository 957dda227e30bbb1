// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/flame_layout.h"

#include <algorithm>

namespace howdah::ui {

namespace {

/// The sums of what the nodes alone have, from the leaves up: a child is always within its parent then, which the
/// inclusive times of InitPlans and CTEs are not, since those are charged to whoever asked for them.
double sumUp(const plan::Plan &plan, std::vector<double> &whole)
{
    for (std::size_t i = plan.nodes.size(); i-- > 1;)
        whole[plan.nodes[i].parent] += whole[i];
    return whole.empty() ? 0 : whole.front();
}

} // namespace

FlameLayout layoutFlame(const plan::Plan &plan, const plan::Metrics &metrics)
{
    FlameLayout layout;
    const std::size_t count = plan.nodes.size();
    layout.boxes.resize(count);
    const auto fill = [&](FlameMeasure measure, auto own) {
        layout.measure = measure;
        layout.whole.resize(count);
        for (std::size_t i = 0; i < count; ++i)
            layout.whole[i] = own(metrics.nodes[i]);
        return sumUp(plan, layout.whole) > 0;
    };
    if (count == 0)
        return layout;
    if (!fill(FlameMeasure::Time, [](const plan::NodeMetrics &m) { return m.exclusive_ms.value_or(0); })
        && !fill(FlameMeasure::Cost, [](const plan::NodeMetrics &m) { return std::max(0.0, m.exclusive_cost); }))
        fill(FlameMeasure::Nodes, [](const plan::NodeMetrics &) { return 1.0; });
    const double all = layout.whole.front();
    layout.boxes.front().width = 1;
    layout.depth = 1;
    for (std::size_t i = 0; i < count; ++i) { // parents come before their children
        double left = layout.boxes[i].left;
        for (const plan::NodeId child : plan.nodes[i].children) {
            FlameBox &box = layout.boxes[child];
            box = {left, layout.whole[child] / all, layout.boxes[i].depth + 1};
            left += box.width;
            layout.depth = std::max(layout.depth, box.depth + 1);
        }
    }
    return layout;
}

} // namespace howdah::ui
