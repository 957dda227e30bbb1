// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/read_only_gate.h"

#include <algorithm>
#include <vector>

#include "core/sql/lexer.h"

namespace howdah::sql {

namespace {

/// Names and texts in lower case without their quotes, and marks; comments and blanks are left out.
std::vector<std::string> plainTokens(std::string_view statement)
{
    std::vector<std::string> tokens;
    Lexer lexer(statement);
    for (Token token; lexer.next(token);) {
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::LineComment || token.kind == TokenKind::BlockComment)
            continue;
        std::string text(token.span.of(statement));
        std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        const bool quoted = token.kind == TokenKind::QuotedIdentifier || token.kind == TokenKind::String;
        if (quoted)
            std::erase_if(text, [](char c) { return c == '"' || c == '\''; });
        tokens.push_back(std::move(text));
    }
    return tokens;
}

bool isSetting(std::string_view name)
{
    return name == "default_transaction_read_only" || name == "transaction_read_only";
}

bool turnsOn(std::string_view value)
{
    return value == "on" || value == "true" || value == "1" || value == "yes" || value == "t" || value == "y";
}

/// SET [SESSION | LOCAL] name { = | TO } value, RESET name.
bool setsIt(const std::vector<std::string> &tokens)
{
    std::size_t at = 1;
    if (at < tokens.size() && (tokens[at] == "session" || tokens[at] == "local"))
        ++at;
    if (at >= tokens.size() || !isSetting(tokens[at]))
        return false;
    return tokens.front() == "reset" || at + 2 >= tokens.size() || !turnsOn(tokens[at + 2]);
}

bool saysReadWrite(const std::vector<std::string> &tokens)
{
    return std::ranges::adjacent_find(tokens, [](const std::string &left, const std::string &right) { return left == "read" && right == "write"; }) != tokens.end();
}

bool callsSetConfig(const std::vector<std::string> &tokens)
{
    return std::ranges::find(tokens, "set_config") != tokens.end() && std::ranges::any_of(tokens, isSetting);
}

} // namespace

std::string undoesReadOnly(std::string_view statement)
{
    const std::vector<std::string> tokens = plainTokens(statement);
    if (tokens.empty())
        return {};
    const std::string &first = tokens.front();
    if ((first == "set" || first == "reset") && setsIt(tokens))
        return "it changes default_transaction_read_only";
    if ((first == "set" || first == "begin" || first == "start") && saysReadWrite(tokens))
        return "it asks for READ WRITE";
    const bool all = tokens.size() > 1 && tokens[1] == "all";
    if ((first == "reset" || first == "discard") && all)
        return first == "reset" ? "RESET ALL takes the connection's own settings back" : "DISCARD ALL takes the connection's own settings back";
    if (callsSetConfig(tokens))
        return "it calls set_config() for default_transaction_read_only";
    return {};
}

} // namespace howdah::sql
