// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/terminal.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <sys/ioctl.h>
#include <unistd.h>

namespace howdah::cli {

namespace {

bool wantsColors()
{
    const char *none = std::getenv("NO_COLOR");
    const char *terminal = std::getenv("TERM");
    return (none == nullptr || *none == '\0') && (terminal == nullptr || std::string_view(terminal) != "dumb");
}

struct Character {
    char32_t code = 0;
    std::size_t size = 1; ///< bytes
    bool valid = false;
};

/// One character of UTF-8 as RFC 3629 allows it: no overlong forms, no surrogates.
Character decode(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return {first, 1, true};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size)
        return {};
    char32_t code = first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80)
            return {};
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return {};
    return {code, size, true};
}

/// Control characters, and those that turn the direction of what follows or hide it.
bool steers(char32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t cells(char32_t code)
{
    if (code < 0x300)
        return 1;
    const int width = wcwidth(static_cast<wchar_t>(code));
    return width >= 0 ? static_cast<std::size_t>(width) : 1;
}

bool plainAscii(std::string_view text)
{
    for (const char c : text) {
        if (c < 0x20 || c == 0x7F) // negative: not ASCII
            return false;
    }
    return true;
}

std::string escaped(char32_t code)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), code > 0xFF ? "\\u%04X" : "\\x%02X", static_cast<unsigned>(code));
    return text.data();
}

} // namespace

bool stdoutIsTerminal()
{
    static const bool is = isatty(STDOUT_FILENO) == 1;
    return is;
}

bool stderrIsTerminal()
{
    static const bool is = isatty(STDERR_FILENO) == 1;
    return is;
}

bool stdoutHasColors()
{
    static const bool has = stdoutIsTerminal() && wantsColors();
    return has;
}

bool stderrHasColors()
{
    static const bool has = stderrIsTerminal() && wantsColors();
    return has;
}

std::size_t terminalColumns(std::size_t otherwise)
{
    winsize size{};
    if (!stdoutIsTerminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return otherwise;
    return size.ws_col;
}

std::string inked(std::string_view text, Ink ink, bool colored)
{
    constexpr std::array codes{"", "1", "2", "31", "33", "32", "36"};
    if (!colored || ink == Ink::Plain)
        return std::string(text);
    return std::string("\x1B[") + codes.at(static_cast<std::size_t>(ink)) + "m" + std::string(text) + "\x1B[0m";
}

std::size_t displayWidth(std::string_view utf8)
{
    if (plainAscii(utf8))
        return utf8.size();
    std::size_t width = 0;
    for (std::size_t at = 0; at < utf8.size();) {
        const Character character = decode(utf8.substr(at));
        width += character.valid ? cells(character.code) : 4;
        at += character.size;
    }
    return width;
}

std::string printable(std::string_view utf8, bool keep_line_breaks)
{
    if (plainAscii(utf8))
        return std::string(utf8);
    std::string text;
    std::size_t column = 0;
    for (std::size_t at = 0; at < utf8.size();) {
        const Character character = decode(utf8.substr(at));
        std::string part(utf8.substr(at, character.size));
        if (!character.valid)
            part = escaped(static_cast<unsigned char>(utf8[at]));
        else if (character.code == '\n')
            part = keep_line_breaks ? "\n" : "\\n";
        else if (character.code == '\t')
            part = std::string(8 - column % 8, ' ');
        else if (character.code == '\r')
            part = "\\r";
        else if (steers(character.code))
            part = escaped(character.code);
        column = part == "\n" ? 0 : column + displayWidth(part);
        text += part;
        at += character.size;
    }
    return text;
}

std::string clipped(std::string_view printable_text, std::size_t width)
{
    if (displayWidth(printable_text) <= width)
        return std::string(printable_text);
    std::size_t used = 0;
    std::size_t at = 0;
    while (at < printable_text.size()) {
        const Character character = decode(printable_text.substr(at));
        const std::size_t next = cells(character.code);
        if (used + next + 1 > width)
            break;
        used += next;
        at += character.size;
    }
    return std::string(printable_text.substr(0, at)) + "…";
}

std::string padded(std::string_view printable_text, std::size_t width, bool to_the_right)
{
    const std::size_t own = displayWidth(printable_text);
    const std::string blanks(own < width ? width - own : 0, ' ');
    return to_the_right ? blanks + std::string(printable_text) : std::string(printable_text) + blanks;
}

} // namespace howdah::cli
