// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/sql/format/layout.h"
#include "core/sql/format/words.h"

namespace howdah::sql::format_detail {

/// Where a statement may break: between the clauses of a query, at the commas of a list, before AND and OR, around
/// sub-queries; in DDL between the clauses that its kind has.
[[nodiscard]] Layout layoutOf(const std::vector<Word> &words, const FormatOptions &options);

} // namespace howdah::sql::format_detail
