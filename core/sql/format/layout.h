// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::sql::format_detail {

/// A text with places where it may break, after Wadler ("A prettier printer", 2003): a group is set on one line
/// when it fits, else all its own breaks are taken.
struct Layout {
    enum class Kind : std::uint8_t { Text, Break, SoftBreak, HardBreak, Group, Indent, Sequence };
    Kind kind = Kind::Sequence;
    std::string text;           ///< of Text; may hold line breaks of its own, which stay as they are
    std::vector<Layout> parts;  ///< of Group, Indent, Sequence
    std::size_t limit = std::numeric_limits<std::size_t>::max(); ///< of a Group: widest on one line
    std::size_t width = 0;      ///< on one line
    bool must_break = false;

    Layout &add(Layout part);
    Layout &add(std::string_view text);
};

[[nodiscard]] Layout textOf(std::string text);
[[nodiscard]] Layout space();      ///< a blank or a new line
[[nodiscard]] Layout softBreak();  ///< nothing or a new line
[[nodiscard]] Layout hardBreak();  ///< always a new line
[[nodiscard]] Layout group(std::size_t limit = std::numeric_limits<std::size_t>::max());
[[nodiscard]] Layout indented();

/// Without a line break at the end, and without blanks at the ends of lines that we broke.
[[nodiscard]] std::string print(const Layout &layout, std::size_t width, std::size_t indent);

} // namespace howdah::sql::format_detail
