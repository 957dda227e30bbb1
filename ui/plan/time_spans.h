// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::ui {

/// When a node worked, in milliseconds from the start of the execution. EXPLAIN prints how long a node took to its
/// first and to its last row, on average of its loops, but not when it was first asked; that is derived from what
/// the node above does with its inputs.
struct TimeSpan {
    double start = 0; ///< first asked for a row
    double first = 0; ///< gave its first row
    double end = 0;   ///< gave its last row
    double busy = 0;  ///< how much of it was spent in the node and below, over all loops of one process
    bool known = false;
    bool looped = false; ///< several loops of one process: between start and end it worked now and then
    struct Worker {
        int number = 0;
        double first = 0, end = 0;
    };
    std::vector<Worker> workers; ///< those that were measured
};

/// One a node; linear, without recursion.
[[nodiscard]] std::vector<TimeSpan> timeSpans(const plan::Plan &plan, const plan::Metrics &metrics);

} // namespace howdah::ui
