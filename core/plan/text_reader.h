// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/plan/model.h"
#include "core/plan/text_lines.h"

namespace howdah::plan {

/// Reads EXPLAIN's TEXT format. The tree is read by shape (arrows and their columns, a label line before an
/// arrow), so that names of subplans and node types of servers to come do not matter. Lines that no rule
/// knows go to extra_lines of what they stand under.
[[nodiscard]] std::vector<Plan> readText(const std::vector<Line> &lines, std::vector<Diagnostic> &diagnostics);

} // namespace howdah::plan
