// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::plan {

/// How one figure of NodeMetrics came about, in a line that can be checked against the plan's text.
struct Derivation {
    std::string_view figure; ///< the member's name: "inclusive_ms", "rows_total" …
    std::string text;        ///< "25.00 rows × 4 loops = 100"
};

/// Of every figure that was computed for the node and not just printed; in the order of NodeMetrics. Linear in the
/// number of the node's children.
[[nodiscard]] std::vector<Derivation> derivations(const Plan &plan, const Metrics &metrics, NodeId id);

} // namespace howdah::plan
