// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/plan/findings.h"

namespace howdah::cli {

/// "Seq Scan on orders o".
[[nodiscard]] std::string nodeTitle(const plan::Node &node);

/// The tree with a line a node: exclusive time, its share, rows, how far the estimate was off; costs where nothing was
/// executed. No line is wider than `columns`.
[[nodiscard]] std::string planTree(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored);

/// A few lines: the times of the whole, the slowest nodes, the worst estimate.
[[nodiscard]] std::string planReadout(const plan::Plan &plan, const plan::Metrics &metrics, std::size_t columns, bool colored);

/// "info", "warning", "serious".
[[nodiscard]] const char *severityWord(plan::Severity severity);

/// What the rules found, the costliest first: severity, node, message, evidence, what can be tried. "" when nothing.
[[nodiscard]] std::string findingsText(const plan::Plan &plan, const std::vector<plan::Finding> &findings, std::size_t columns, bool colored);

} // namespace howdah::cli
