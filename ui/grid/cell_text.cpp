// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/cell_text.h"

#include <algorithm>

namespace howdah::ui {

namespace {

constexpr std::size_t bytes_per_character = 4; ///< of UTF-8 at most
constexpr char16_t control_pictures = 0x2400;  ///< U+2400 … picture the characters 0 …
constexpr char16_t return_arrow = 0x21B5;
constexpr char16_t tab_arrow = 0x21E5;
constexpr char16_t delete_picture = 0x2421;

/// Characters that turn the direction of all that follows could make a value look like another one.
bool turnsDirection(char16_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

char16_t visible(char16_t c)
{
    if (c == u'\n')
        return return_arrow;
    if (c == u'\t')
        return tab_arrow;
    if (c < 0x20)
        return static_cast<char16_t>(control_pictures + c);
    if (c == 0x7F)
        return delete_picture;
    if ((c >= 0x80 && c < 0xA0) || c == 0x2028 || c == 0x2029 || turnsDirection(c))
        return QChar::ReplacementCharacter;
    return c;
}

} // namespace

QString lineText(std::string_view utf8, qsizetype most_characters)
{
    const std::size_t most_bytes = static_cast<std::size_t>(most_characters) * bytes_per_character;
    std::size_t size = std::min(utf8.size(), most_bytes);
    while (size < utf8.size() && size > 0 && (static_cast<unsigned char>(utf8[size]) & 0xC0) == 0x80)
        --size;
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(size));
    const bool cut = size < utf8.size() || text.size() > most_characters;
    if (text.size() > most_characters) {
        text.truncate(most_characters);
        if (text.back().isHighSurrogate())
            text.chop(1);
    }
    for (QChar &c : text) {
        if (const char16_t shown = visible(c.unicode()); shown != c.unicode())
            c = QChar(shown);
    }
    if (cut)
        text += QChar(u'…');
    return text;
}

QString cellText(const pg::Cell &cell, result::ValueKind kind)
{
    if (cell.is_null)
        return QStringLiteral("NULL");
    if (kind == result::ValueKind::Boolean && cell.text.size() == 1)
        return cell.text[0] == 't' ? QStringLiteral("true") : QStringLiteral("false");
    return lineText(cell.text);
}

} // namespace howdah::ui
