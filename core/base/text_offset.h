// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace howdah {

// PostgreSQL reports error positions in characters and parse locations in bytes; editors count either.
// Strong types keep the two apart: mixing them marks the wrong word in any text that is not ASCII.

/// Bytes from the start of a UTF-8 text, counted from 0.
struct ByteOffset {
    std::size_t value = 0;
    auto operator<=>(const ByteOffset &) const = default;
};

/// Characters (Unicode code points) from the start of a UTF-8 text, counted from 0.
struct CharOffset {
    std::size_t value = 0;
    auto operator<=>(const CharOffset &) const = default;
};

/// A half-open range of bytes in a text.
struct ByteSpan {
    ByteOffset begin;
    ByteOffset end;
    [[nodiscard]] std::size_t size() const { return end.value - begin.value; }
    [[nodiscard]] bool contains(ByteOffset at) const { return begin <= at && at < end; }
    [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(begin.value, size()); }
    bool operator==(const ByteSpan &) const = default;
};

/// Both clamp to the end of the text; invalid UTF-8 bytes count as one character each.
[[nodiscard]] ByteOffset toBytes(std::string_view utf8, CharOffset offset);
[[nodiscard]] CharOffset toChars(std::string_view utf8, ByteOffset offset);

/// Bytes that belong to no UTF-8 character written as \xE9, for texts that come from a server that knows no encodings.
[[nodiscard]] std::string validUtf8(std::string text);

/// Line and column, both from 1; the column counts characters. For messages.
struct LineColumn {
    std::size_t line = 1;
    std::size_t column = 1;
};
[[nodiscard]] LineColumn lineColumn(std::string_view utf8, ByteOffset offset);

} // namespace howdah
