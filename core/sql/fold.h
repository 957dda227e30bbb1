// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::sql {

/// What an editor can fold away, line by line.
struct FoldLine {
    std::int16_t depth = 0; ///< foldable things that this line lies within, but not their first lines
    bool begins = false;    ///< something foldable begins on this line and ends on a later one
};

/// Statements, parentheses, bodies in dollar quotes and block comments of more than one line. One entry for each line
/// of the script (an empty last one too). One pass; at most 1,000 deep.
[[nodiscard]] std::vector<FoldLine> foldLines(std::string_view script, const std::vector<StatementSpan> &statements);

} // namespace howdah::sql
