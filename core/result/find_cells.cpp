// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/find_cells.h"

#include <algorithm>
#include <cstring>
#include <locale.h>
#include <wctype.h>

#include "core/result/value_kind.h"

namespace howdah::result {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// glibc's tables of every letter, whatever the locale of the process is.
locale_t unicodeLocale()
{
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

/// The code point at `at`, which moves behind it; a byte that is no UTF-8 stands for itself, outside of Unicode.
std::uint32_t nextCodePoint(std::string_view text, std::size_t &at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    const auto invalid = [&] {
        ++at;
        return 0x110000U + first;
    };
    if (length == 0 || at + length > text.size())
        return invalid();
    std::uint32_t value = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80)
            return invalid();
        value = value << 6 | (byte(at + i) & 0x3FU);
    }
    at += length;
    return value;
}

std::uint32_t foldCodePoint(std::uint32_t value)
{
    const locale_t locale = unicodeLocale();
    return value >= 0x110000 || locale == nullptr ? value : static_cast<std::uint32_t>(towlower_l(value, locale));
}

/// Folded text as code points of four bytes, in a string because only searching matters.
std::u32string folded(std::string_view text)
{
    std::u32string result;
    for (std::size_t at = 0; at < text.size();)
        result += static_cast<char32_t>(foldCodePoint(nextCodePoint(text, at)));
    return result;
}

bool matchesAscii(std::string_view text, std::string_view needle)
{
    if (text.size() < needle.size())
        return false;
    const char small = needle[0];
    const char large = small >= 'a' && small <= 'z' ? static_cast<char>(small - ('a' - 'A')) : small;
    const std::size_t last = text.size() - needle.size();
    for (std::size_t at = 0; at <= last; ++at) {
        if (text[at] != small && text[at] != large)
            continue;
        std::size_t same = 1;
        while (same < needle.size() && lower(text[at + same]) == needle[same])
            ++same;
        if (same == needle.size())
            return true;
    }
    return false;
}

} // namespace

TextMatcher::TextMatcher(std::string needle, bool match_case)
    : needle_(std::move(needle)), match_case_(match_case), ascii_(isAscii(needle_))
{
    if (!match_case_ && ascii_)
        std::transform(needle_.begin(), needle_.end(), needle_.begin(), lower);
}

bool TextMatcher::matches(std::string_view text) const
{
    if (needle_.empty())
        return false;
    if (match_case_)
        return memmem(text.data(), text.size(), needle_.data(), needle_.size()) != nullptr;
    if (ascii_)
        return matchesAscii(text, needle_);
    return folded(text).find(folded(needle_)) != std::u32string::npos;
}

FoundCells findCells(const RowView &rows, std::int64_t row_count, const std::vector<std::size_t> &columns,
                     const TextMatcher &matcher, std::size_t most, std::stop_token stop)
{
    FoundCells found;
    if (matcher.empty())
        return found;
    std::vector<bool> is_boolean;
    for (const std::size_t column : columns)
        is_boolean.push_back(valueKind(rows.source->columns()[column].type_oid) == ValueKind::Boolean);
    for (std::int64_t row = 0; row < row_count; ++row) {
        if ((row & 1023) == 0 && stop.stop_requested()) {
            found.complete = false;
            return found;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const pg::Cell cell = rows.cell(row, columns[i]);
            const std::string_view text = !is_boolean[i] ? cell.text : cell.text == "t" ? "true" : "false";
            if (cell.is_null || !matcher.matches(text))
                continue;
            if (found.places.size() == most) {
                found.complete = false;
                return found;
            }
            found.places.push_back({row, columns[i]});
        }
    }
    return found;
}

} // namespace howdah::result
