// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/result/filter_rows.h"

namespace howdah::result {

/// A condition written on one line: `total >= 100`, `name contains smi`, `"order no" in 1, 2, 3`, `day between 2024-05-01
/// .. 2024-05-31`, `note is null`, `code matches ^A\d+`. The column by its name in the result, in double quotes where it
/// holds blanks or operators. Usage for an unknown column, a missing operator or operand.
[[nodiscard]] Result<Condition> readCondition(std::string_view text, const std::vector<pg::Column> &columns);

} // namespace howdah::result
