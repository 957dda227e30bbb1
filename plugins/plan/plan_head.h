// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace howdah::plan_tool {

/// Whether the beginning of a file is EXPLAIN output, in any format, or a log with plans; SQL that merely speaks of
/// plans is not.
[[nodiscard]] bool looksLikePlan(std::string_view head);

} // namespace howdah::plan_tool
