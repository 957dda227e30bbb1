// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/plan/text_lines.h"

namespace howdah::plan {

// What lines of EXPLAIN's TEXT format look like, and how one that was broken can be told. Lines are given without the
// white space around them.

struct KeyValue {
    std::string_view key, value;
};
/// "Key: value" or "Key:". A key starts with a letter and holds nothing that only expressions hold.
[[nodiscard]] std::optional<KeyValue> splitProperty(std::string_view line);
[[nodiscard]] bool isArrow(std::string_view line);
/// "(cost=…", "(actual …" and "(never executed)" at the beginning of a line.
[[nodiscard]] bool isFigures(std::string_view line);
/// The head without the figures in which the line ends, as truncated logs have it; otherwise the line.
[[nodiscard]] std::string_view withoutCutFigures(std::string_view line);

/// Parentheses, a quote or a list that a line leaves open: it goes on in the next.
[[nodiscard]] bool isOpenEnded(std::string_view line);
/// Whether a line begins something of its own, so that it cannot be the rest of the one before.
[[nodiscard]] bool beginsAnew(std::string_view line);
/// Whether a head and its rest belong together without a space: it was broken inside a word.
[[nodiscard]] bool fitsBest(std::string_view head, std::string_view rest);
/// How all lines that are too long were broken.
struct Wrapping {
    std::size_t width = 0;  ///< characters; 0: none was broken at one width
    std::size_t margin = 0; ///< spaces before the rest of each, from a frame
};
[[nodiscard]] Wrapping findWrapping(const std::vector<Line> &lines);

} // namespace howdah::plan
