// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::ui {

/// A node's place in the flame: from `left` on, `width` wide, both as parts of the root's width (0..1).
struct FlameBox {
    double left = 0, width = 0;
    std::size_t depth = 0;
};

/// What widths tell. Time is that of the node and all that hangs below it, each millisecond counted once; plans
/// that were not executed have their cost, those without either count their nodes.
enum class FlameMeasure { Time, Cost, Nodes };

struct FlameLayout {
    std::vector<FlameBox> boxes; ///< one a node
    std::vector<double> whole;   ///< one a node: milliseconds, cost or nodes in its box
    FlameMeasure measure = FlameMeasure::Time;
    std::size_t depth = 0;       ///< rows
};

/// Linear in the number of nodes, without recursion.
[[nodiscard]] FlameLayout layoutFlame(const plan::Plan &plan, const plan::Metrics &metrics);

} // namespace howdah::ui
