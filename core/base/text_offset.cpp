// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text_offset.h"

#include <algorithm>

namespace howdah {

namespace {

unsigned char byteAt(std::string_view text, std::size_t at)
{
    return static_cast<unsigned char>(text[at]);
}

/// Bytes of the character that begins at `at`; 1 for a byte that begins none, so that a caller always advances.
std::size_t characterLength(std::string_view text, std::size_t at)
{
    const unsigned char first = byteAt(text, at);
    std::size_t length = 1;
    if (first >= 0xF0 && first <= 0xF4)
        length = 4;
    else if (first >= 0xE0 && first < 0xF0)
        length = 3;
    else if (first >= 0xC2 && first < 0xE0)
        length = 2;
    if (at + length > text.size())
        return 1;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byteAt(text, at + i) & 0xC0) != 0x80)
            return 1;
    }
    return length;
}

} // namespace

ByteOffset toBytes(std::string_view utf8, CharOffset offset)
{
    std::size_t at = 0;
    for (std::size_t chars = 0; chars < offset.value && at < utf8.size(); ++chars)
        at += characterLength(utf8, at);
    return {at};
}

CharOffset toChars(std::string_view utf8, ByteOffset offset)
{
    const std::size_t end = std::min(offset.value, utf8.size());
    std::size_t chars = 0;
    for (std::size_t at = 0; at < end; at += characterLength(utf8, at))
        ++chars;
    return {chars};
}

std::string validUtf8(std::string text)
{
    const auto isStray = [&text](std::size_t at) { return byteAt(text, at) >= 0x80 && characterLength(text, at) == 1; };
    std::size_t at = 0;
    while (at < text.size() && !isStray(at))
        at += characterLength(text, at);
    if (at == text.size())
        return text;
    std::string valid;
    for (at = 0; at < text.size();) {
        const std::size_t length = characterLength(text, at);
        if (isStray(at)) {
            static constexpr std::string_view digits = "0123456789ABCDEF";
            valid.append("\\x").push_back(digits[byteAt(text, at) >> 4]);
            valid.push_back(digits[byteAt(text, at) & 0xF]);
        } else {
            valid.append(text, at, length);
        }
        at += length;
    }
    return valid;
}

LineColumn lineColumn(std::string_view utf8, ByteOffset offset)
{
    const std::string_view before = utf8.substr(0, std::min(offset.value, utf8.size()));
    const auto newlines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t last = before.rfind('\n');
    const std::string_view in_line = last == std::string_view::npos ? before : before.substr(last + 1);
    return {newlines + 1, toChars(in_line, {in_line.size()}).value + 1};
}

} // namespace howdah
