// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/sql/format/build.h"
#include "core/sql/lexer.h"
#include "core/sql/nesting.h"
#include "core/sql/parameters.h"
#include "core/sql/parser.h"

namespace howdah::sql {

namespace {

using Json = nlohmann::json;

/// Stack that laying out takes for each token of nesting, measured with some room to spare.
constexpr std::size_t layout_bytes = 4096;

/// Where things stand in the text is all that formatting may change in a parse tree.
void dropLocations(Json &node)
{
    if (node.is_object()) {
        for (auto it = node.begin(); it != node.end();) {
            const std::string &key = it.key();
            if (key.ends_with("location") || key == "stmt_len" || key == "rexpr_list_start" || key == "rexpr_list_end" ||
                key == "list_start" || key == "list_end") {
                it = node.erase(it);
            } else {
                dropLocations(it.value());
                ++it;
            }
        }
    } else if (node.is_array()) {
        for (Json &item : node)
            dropLocations(item);
    }
}

/// With $1 … for parameters like :name, which the grammar does not know.
Result<Json> treeOf(std::string_view statement)
{
    ParameterValues values;
    for (const ParameterUse &use : parametersOf(statement))
        values.emplace(use.name, std::nullopt);
    const BoundStatement bound = bindParameters(statement, values);
    Result<std::string> text = parseTree(bound.sql);
    if (!text && text.error().position)
        text.error().position = bound.written(*text.error().position);
    if (!text)
        return tl::unexpected(text.error());
    Json tree = Json::parse(*text, nullptr, false);
    dropLocations(tree);
    return tree;
}

/// Everything but blanks; keywords and plain names in lower case, as the server folds them.
std::vector<std::string> tokensOf(std::string_view statement)
{
    std::vector<std::string> tokens;
    for (format_detail::Word &word : format_detail::wordsOf(statement, KeywordCase::Keep))
        tokens.push_back(word.kind == TokenKind::Identifier ? std::move(word.lower) : std::move(word.text));
    return tokens;
}

Error refusal(std::string message, std::string hint)
{
    Error error;
    error.kind = ErrorKind::Unsupported;
    error.message = std::move(message);
    error.hint = std::move(hint);
    return error;
}

bool holdsSemicolon(std::string_view statement)
{
    Lexer lexer(statement);
    for (Token token; lexer.next(token);) {
        if (token.kind == TokenKind::Semicolon)
            return true;
    }
    return false;
}

/// Comments that the statement begins or ends with are its surroundings, already cut off by the splitter.
Result<std::string> formatStatement(std::string_view statement, const FormatOptions &options)
{
    if (holdsSemicolon(statement))
        return tl::unexpected(refusal("A body in BEGIN ATOMIC … END is left as it is written", ""));
    const Result<Json> before = treeOf(statement);
    if (!before)
        return tl::unexpected(before.error());
    std::string result;
    const bool done = withStack(nestingBound(statement) * layout_bytes, [&] {
        const auto words = format_detail::wordsOf(statement, options.keywords);
        result = format_detail::print(format_detail::layoutOf(words, options), options.width, options.indent);
    });
    if (!done)
        return tl::unexpected(refusal("The statement is nested too deeply to be formatted", ""));
    const Result<Json> after = treeOf(result);
    if (!after || *after != *before || tokensOf(result) != tokensOf(statement))
        return tl::unexpected(refusal("Formatting would change what the statement means",
                                      "It was left as it is. Please report the statement."));
    return result;
}

/// Blanks in front of a semicolon go.
std::string_view upToSemicolon(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && text[begin] == ';' ? text.substr(begin) : text;
}

/// What stands between two statements: comments keep their lines, blank lines become one at most.
std::string between(std::string_view text)
{
    std::string result;
    std::size_t breaks = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = std::min(text.find('\n', i), text.size());
        std::string_view line = text.substr(i, end - i);
        const bool shared = end == text.size(); // with the statement that follows
        if (shared && i > 0 && line.find_first_not_of(" \t\r") == std::string_view::npos)
            break; // its indentation
        while (!shared && !line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
            line.remove_suffix(1);
        if (!line.empty() || end < text.size()) {
            if (line.empty() && breaks >= 2) {
                i = end + 1;
                continue;
            }
            breaks = line.empty() ? breaks : 0;
            result += line;
        }
        if (end < text.size() && breaks < 2) {
            result += '\n';
            ++breaks;
        }
        i = end + 1;
    }
    return result;
}

} // namespace

Formatted format(std::string_view script, const FormatOptions &options)
{
    Formatted formatted;
    std::string &out = formatted.text;
    std::size_t at = 0;
    for (const StatementSpan &statement : splitStatements(script)) {
        if (statement.text.size() == 0)
            continue;
        out += between(upToSemicolon(script.substr(at, statement.text.begin.value - at)));
        const std::string_view text = statement.text.of(script);
        at = statement.text.end.value;
        if (statement.psql_command) {
            out += text;
            continue;
        }
        if (Result<std::string> result = formatStatement(text, options)) {
            out += *result;
            ++formatted.statements;
        } else {
            out += text;
            formatted.kept.push_back({statement.text, std::move(result.error())});
        }
    }
    out += between(upToSemicolon(script.substr(at)));
    return formatted;
}

} // namespace howdah::sql
