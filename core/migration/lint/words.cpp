// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/words.h"

#include <algorithm>
#include <cctype>

#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

bool sameWord(std::string_view text, std::string_view upper)
{
    return text.size() == upper.size() && std::equal(text.begin(), text.end(), upper.begin(), [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
}

std::optional<ByteSpan> findWord(const std::string &statement, std::string_view keyword)
{
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Identifier && sameWord(token.span.of(statement), keyword))
            return token.span;
    }
    return {};
}

std::string trimmed(std::string text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.pop_back();
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? std::string() : text.substr(begin);
}

} // namespace

std::string nameOf(const Node &range_var)
{
    return sql::quoteQualified(range_var.text("schemaname"), range_var.text("relname"));
}

std::string listed(const std::vector<std::string> &names)
{
    constexpr std::size_t shown = 5;
    std::string text;
    const std::size_t count = names.size() > shown + 1 ? shown : names.size();
    for (std::size_t i = 0; i < count; ++i) {
        const bool last = i + 1 == names.size();
        text += (i == 0 ? "" : last ? " and " : ", ") + names[i];
    }
    return count < names.size() ? text + " and " + std::to_string(names.size() - count) + " more" : text;
}

std::string columnList(const std::vector<std::string> &names)
{
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + sql::quoteIdentifier(name);
    return text;
}

std::string withAfter(const std::string &statement, std::string_view keyword, const std::string &words)
{
    const auto at = findWord(statement, keyword);
    return at ? statement.substr(0, at->end.value) + " " + words + statement.substr(at->end.value) : statement;
}

std::string without(const std::string &statement, const std::vector<std::string> &keywords)
{
    std::string text = statement;
    for (const std::string &keyword : keywords) {
        const auto at = findWord(text, keyword);
        if (!at)
            continue;
        std::size_t end = at->end.value;
        while (end < text.size() && std::isspace(static_cast<unsigned char>(text[end])) != 0)
            ++end;
        text.erase(at->begin.value, end - at->begin.value);
    }
    return text;
}

std::string lockWords(Lock mode)
{
    std::string words;
    const std::string name = effects::lockName(mode);
    for (const char c : name.substr(0, name.size() - std::min<std::size_t>(name.size(), 4))) {
        if (c >= 'A' && c <= 'Z' && !words.empty())
            words += ' ';
        words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return words;
}

std::string waiters(Lock mode)
{
    return mode == Lock::AccessExclusive ? "readers and writers wait" : mode >= Lock::Share ? "writers wait" : "nobody waits";
}

std::string ColumnParts::textOf(const char *kind) const
{
    for (const Part &part : parts) {
        if (part.kind == kind)
            return part.text;
    }
    return {};
}

std::string ColumnParts::without(const std::vector<std::string> &kinds) const
{
    std::string text = head;
    for (const Part &part : parts) {
        if (std::find(kinds.begin(), kinds.end(), part.kind) == kinds.end())
            text += " " + part.text;
    }
    return text;
}

ColumnParts partsOf(const Statement &statement, const SubCommand &command)
{
    const Node definition = command.def();
    const std::size_t base = statement.place.span.begin.value;
    if (command.span.begin.value < base)
        return {};
    const std::size_t begin = static_cast<std::size_t>(definition.number("location")), end = command.span.end.value - base;
    std::vector<std::pair<std::size_t, std::string>> starts;
    for (const Node &constraint : definition.list("constraints")) {
        const auto at = static_cast<std::size_t>(constraint.number("location"));
        if (at <= begin || at >= end)
            return {};
        starts.emplace_back(at, constraint.text("contype"));
    }
    std::sort(starts.begin(), starts.end());
    if (end > statement.text.size() || begin >= end)
        return {};
    ColumnParts parts;
    parts.head = trimmed(statement.text.substr(begin, (starts.empty() ? end : starts[0].first) - begin));
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t stop = i + 1 < starts.size() ? starts[i + 1].first : end;
        parts.parts.push_back({starts[i].second, trimmed(statement.text.substr(starts[i].first, stop - starts[i].first))});
    }
    return parts;
}

} // namespace howdah::migration::linting
