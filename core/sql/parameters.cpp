// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::sql {

namespace {

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

/// The first words of a statement, lower case.
std::vector<std::string> firstWords(std::string_view statement, std::size_t most)
{
    std::vector<std::string> words;
    Lexer lexer(statement);
    for (Token token; words.size() < most && lexer.next(token);) {
        if (token.kind == TokenKind::Identifier)
            words.push_back(lowered(token.span.of(statement)));
        else if (token.kind == TokenKind::Punctuation && token.span.of(statement) == "(")
            words.emplace_back("(");
    }
    return words;
}

template <std::size_t N> bool isOneOf(std::string_view word, const std::array<std::string_view, N> &words)
{
    return std::ranges::find(words, word) != words.end();
}

/// Whether the statement has a place for values that come beside its text.
bool takesValues(std::string_view statement)
{
    const std::vector<std::string> words = firstWords(statement, 12);
    const auto first = std::ranges::find_if(words, [](const std::string &word) { return word != "("; });
    if (first == words.end())
        return false;
    static constexpr std::array<std::string_view, 10> planned{"select", "insert", "update", "delete", "merge", "values",
                                                              "with",   "table",  "explain", "call"};
    if (isOneOf(*first, planned))
        return true;
    if (*first == "declare")
        return true;
    // CREATE [TEMPORARY …] TABLE t [(…)] AS SELECT …
    return *first == "create" && std::ranges::find(words, "table") != words.end() &&
           std::ranges::adjacent_find(words, [](const std::string &left, const std::string &right) {
               return left == "as" && (right == "select" || right == "with" || right == "values" || right == "table" || right == "(");
           }) != words.end();
}

/// What stands at a colon: a name or a text that begins right behind it.
struct Reader {
    std::string_view statement;
    std::vector<bool> subscripts; ///< of open brackets: a[…], where a colon makes a slice; else ARRAY[…] or (…)
    Token before{};
    bool has_before = false;

    /// "a[" and ")[" subscript; "ARRAY[" and "[[" build an array.
    [[nodiscard]] bool opensSubscript() const
    {
        if (!has_before)
            return false;
        const std::string_view word = before.span.of(statement);
        if (before.kind == TokenKind::Identifier)
            return lowered(word) != "array";
        return before.kind == TokenKind::QuotedIdentifier || before.kind == TokenKind::Parameter || word == ")" || word == "]";
    }

    void see(const Token &token)
    {
        const std::string_view text = token.span.of(statement);
        if (token.kind == TokenKind::Punctuation) {
            if (text == "[")
                subscripts.push_back(opensSubscript());
            else if (text == "(")
                subscripts.push_back(false);
            else if ((text == "]" || text == ")") && !subscripts.empty())
                subscripts.pop_back();
        }
        before = token;
        has_before = true;
    }
};

} // namespace

std::vector<ParameterUse> parametersOf(std::string_view statement)
{
    std::vector<ParameterUse> uses;
    const bool positional = takesValues(statement);
    Reader reader{statement, {}};
    Lexer lexer(statement);
    bool after_colon = false;
    ByteSpan colon;
    for (Token token; lexer.next(token);) {
        const std::string_view text = token.span.of(statement);
        if (after_colon && colon.end == token.span.begin) {
            if (token.kind == TokenKind::Identifier)
                uses.push_back({std::string(text), {colon.begin, token.span.end}});
            else if (token.kind == TokenKind::String && token.terminated && text.size() > 2 && text.front() == '\'')
                uses.push_back({std::string(text.substr(1, text.size() - 2)), {colon.begin, token.span.end}});
        }
        after_colon = false;
        if (token.kind == TokenKind::Parameter && positional)
            uses.push_back({std::string(text.substr(1)), token.span});
        if (token.kind == TokenKind::Punctuation && text == ":" && (reader.subscripts.empty() || !reader.subscripts.back())) {
            after_colon = true;
            colon = token.span;
        }
        if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::LineComment && token.kind != TokenKind::BlockComment)
            reader.see(token);
    }
    return uses;
}

std::vector<std::string> parameterNames(std::string_view script)
{
    std::vector<std::string> names;
    if (script.find_first_of(":$") == std::string_view::npos)
        return names;
    for (const StatementSpan &statement : splitStatements(script)) {
        if (statement.psql_command)
            continue;
        for (ParameterUse &use : parametersOf(statement.text.of(script))) {
            if (std::ranges::find(names, use.name) == names.end())
                names.push_back(std::move(use.name));
        }
    }
    return names;
}

ByteOffset BoundStatement::written(ByteOffset sent) const
{
    std::ptrdiff_t moved = 0;
    for (const Shift &shift : shifts) {
        if (sent.value < shift.sent_begin)
            break;
        if (sent.value < shift.sent_end)
            return {shift.written_begin};
        moved = static_cast<std::ptrdiff_t>(shift.written_end) - static_cast<std::ptrdiff_t>(shift.sent_end);
    }
    return {static_cast<std::size_t>(static_cast<std::ptrdiff_t>(sent.value) + moved)};
}

BoundStatement bindParameters(std::string_view statement, const ParameterValues &values)
{
    BoundStatement bound;
    const std::vector<ParameterUse> uses = parametersOf(statement);
    const bool beside = takesValues(statement);
    // Positional ones keep their numbers; the named follow.
    std::map<std::string, std::size_t, std::less<>> numbers;
    std::size_t highest = 0;
    for (const ParameterUse &use : uses) {
        std::size_t number = 0;
        const auto end = use.name.data() + use.name.size();
        if (statement[use.span.begin.value] == '$' && std::from_chars(use.name.data(), end, number).ptr == end && number <= 65535) {
            numbers[use.name] = number;
            highest = std::max(highest, number);
        }
    }
    std::size_t copied = 0;
    for (const ParameterUse &use : uses) {
        const auto value = values.find(use.name);
        if (value == values.end()) {
            if (std::ranges::find(bound.missing, use.name) == bound.missing.end())
                bound.missing.push_back(use.name);
            continue;
        }
        bound.sql += statement.substr(copied, use.span.begin.value - copied);
        const std::size_t begin = bound.sql.size();
        if (beside) {
            const auto [number, is_new] = numbers.try_emplace(use.name, highest + 1);
            highest = std::max(highest, number->second);
            bound.sql += "$" + std::to_string(number->second);
        } else {
            bound.sql += value->second ? quoteLiteral(*value->second) : "NULL";
        }
        bound.shifts.push_back({begin, bound.sql.size(), use.span.begin.value, use.span.end.value});
        copied = use.span.end.value;
    }
    bound.sql += statement.substr(copied);
    if (beside) {
        bound.values.resize(highest);
        for (const auto &[name, number] : numbers) {
            if (const auto value = values.find(name); value != values.end() && number > 0)
                bound.values[number - 1] = value->second;
        }
    }
    return bound;
}

} // namespace howdah::sql
