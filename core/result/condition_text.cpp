// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/condition_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace howdah::result {

namespace {

/// Longer ones before those that they begin with.
constexpr std::array<std::pair<std::string_view, FilterOp>, 22> operators{{
    {"does not contain", FilterOp::NotContains}, {"not contains", FilterOp::NotContains}, {"contains", FilterOp::Contains},
    {"does not match", FilterOp::NotRegex},      {"not matches", FilterOp::NotRegex},     {"matches", FilterOp::Regex},
    {"is not null", FilterOp::NotNull},          {"is null", FilterOp::Null},             {"between", FilterOp::Between},
    {"not in", FilterOp::NotIn},                 {"in", FilterOp::In},                    {"<>", FilterOp::NotEqual},
    {"!=", FilterOp::NotEqual},                  {"<=", FilterOp::LessOrEqual},           {">=", FilterOp::GreaterOrEqual},
    {"!~", FilterOp::NotRegex},                  {"==", FilterOp::Equal},                 {"=", FilterOp::Equal},
    {"<", FilterOp::Less},                       {">", FilterOp::Greater},                {"~", FilterOp::Regex},
    {"is", FilterOp::Equal},
}};

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

bool startsWith(std::string_view text, std::string_view lower)
{
    return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
               return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b | 0x20) : b);
           });
}

/// Takes the column's name off the front.
std::string takeName(std::string_view &text)
{
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find_first_of(" \t=<>!~"), text.size());
        std::string name(text.substr(0, end));
        text.remove_prefix(end);
        return name;
    }
    std::string name;
    std::size_t at = 1;
    for (; at < text.size(); ++at) {
        if (text[at] != '"')
            name += text[at];
        else if (at + 1 < text.size() && text[at + 1] == '"')
            name += text[at++];
        else
            break;
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    return name;
}

std::string listed(const std::vector<pg::Column> &columns)
{
    std::string text;
    for (const pg::Column &column : columns)
        text += (text.empty() ? "" : ", ") + column.name;
    return text;
}

} // namespace

Result<Condition> readCondition(std::string_view text, const std::vector<pg::Column> &columns)
{
    std::string_view rest = trimmed(text);
    const std::string name = takeName(rest);
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const pg::Column &one) { return one.name == name; });
    if (column == columns.end())
        return fail(ErrorKind::Usage, "The result has no column \"" + name + "\"", "Its columns are: " + listed(columns));
    rest = trimmed(rest);
    for (const auto &[word, op] : operators) {
        if (!startsWith(rest, word))
            continue;
        const bool letters = word.back() >= 'a' && word.back() <= 'z';
        if (letters && rest.size() > word.size() && blanks.find(rest[word.size()]) == std::string_view::npos)
            continue;
        return conditionFrom(static_cast<std::size_t>(column - columns.begin()), op, trimmed(rest.substr(word.size())));
    }
    return fail(ErrorKind::Usage, "\"" + std::string(trimmed(text)) + "\" has no operator that is known",
                 "Use =, <>, <, <=, >, >=, between, in, not in, is null, is not null, contains, does not contain, matches or does not match.");
}

} // namespace howdah::result
