// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/value_text.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace howdah::result {

namespace {

constexpr std::size_t bytes_per_line = 16;
constexpr std::size_t offset_digits = 8;
constexpr char hex_digits[] = "0123456789abcdef";

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::optional<std::string> decodeHex(std::string_view digits)
{
    if (digits.size() % 2 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hexValue(digits[i]);
        const int low = hexValue(digits[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

/// bytea_output = escape: "\\" and "\ooo".
std::optional<std::string> decodeEscapes(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '\\') {
            bytes += '\\';
            ++i;
            continue;
        }
        if (i + 3 >= text.size())
            return std::nullopt;
        int value = 0;
        for (std::size_t k = 1; k <= 3; ++k) {
            if (text[i + k] < '0' || text[i + k] > '7')
                return std::nullopt;
            value = value * 8 + (text[i + k] - '0');
        }
        bytes += static_cast<char>(value);
        i += 3;
    }
    return bytes;
}

} // namespace

std::optional<std::string> indentJson(std::string_view text)
{
    if (!nlohmann::json::accept(text.begin(), text.end()))
        return std::nullopt;
    std::string out;
    out.reserve(text.size() * 2);
    std::size_t depth = 0;
    const auto line = [&] {
        out += '\n';
        out.append(depth * 2, ' ');
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            std::size_t end = i + 1;
            while (text[end] != '"')
                end += text[end] == '\\' ? 2 : 1;
            out += text.substr(i, end - i + 1);
            i = end;
        } else if (c == '{' || c == '[') {
            std::size_t next = i + 1;
            while (isBlank(text[next]))
                ++next;
            out += c;
            if (text[next] == '}' || text[next] == ']') {
                out += text[next];
                i = next;
            } else {
                ++depth;
                line();
            }
        } else if (c == '}' || c == ']') {
            --depth;
            line();
            out += c;
        } else if (c == ',') {
            out += c;
            line();
        } else if (c == ':') {
            out += ": ";
        } else if (!isBlank(c)) {
            out += c;
        }
    }
    return out;
}

std::optional<std::string> decodeBytea(std::string_view text)
{
    return text.starts_with("\\x") ? decodeHex(text.substr(2)) : decodeEscapes(text);
}

std::string hexDump(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() / bytes_per_line + 1) * 79);
    for (std::size_t at = 0; at < bytes.size(); at += bytes_per_line) {
        for (std::size_t digit = offset_digits; digit-- > 0;)
            out += hex_digits[at >> (4 * digit) & 15];
        out += ' ';
        const std::string_view line = bytes.substr(at, bytes_per_line);
        for (std::size_t i = 0; i < bytes_per_line; ++i) {
            if (i % 8 == 0)
                out += ' ';
            const auto byte = i < line.size() ? static_cast<unsigned char>(line[i]) : 0;
            out += i < line.size() ? hex_digits[byte >> 4] : ' ';
            out += i < line.size() ? hex_digits[byte & 15] : ' ';
            out += ' ';
        }
        out += " |";
        for (const char c : line)
            out += c >= ' ' && c <= '~' ? c : '.';
        out += "|\n";
    }
    return out;
}

} // namespace howdah::result
