// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::plan {

/// One line of EXPLAIN's own output, freed of what psql, a log, a table view or a terminal put around it.
struct Line {
    std::string text;
    std::size_t number = 0; ///< in the input, from 1
    bool boundary = false;  ///< a heading or a row count stood here: what follows is another result
};

/// Takes off psql's frames (aligned, wrapped and unaligned, borders 0 to 2, ASCII, old ASCII and Unicode,
/// expanded), the "QUERY PLAN" heading, row counts in any language, quotes around lines, carriage returns
/// and the tab that logs put before every following line; joins what psql broke into several rows of a cell.
[[nodiscard]] std::vector<Line> bareLines(std::string_view input);

/// "… LOG:  duration: 6.355 ms  plan:", as auto_explain begins a message; the milliseconds.
[[nodiscard]] std::optional<double> logDuration(std::string_view line);

/// A line that begins any message of a server's log or of psql: "… LOG:  …", "NOTICE:  …".
[[nodiscard]] bool isMessageHead(std::string_view line);

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string_view trimmedRight(std::string_view text);

/// Columns of white space before the text; a tab reaches to the next multiple of eight.
[[nodiscard]] std::size_t indentOf(std::string_view text);

} // namespace howdah::plan
