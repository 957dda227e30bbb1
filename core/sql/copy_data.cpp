// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/copy_data.h"

#include <algorithm>
#include <utility>

namespace howdah::sql {

namespace {

constexpr std::string_view end_mark = "\\.";

bool isWord(std::string_view text, std::string_view lower)
{
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; });
}

std::string_view lineAt(std::string_view script, std::size_t at)
{
    return script.substr(at, std::min(script.find('\n', at), script.size()) - at);
}

bool isEnd(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line == end_mark;
}

bool beginsCopy(std::string_view line)
{
    const std::size_t word = line.find_first_not_of(" \t");
    return word != std::string_view::npos && line.size() > word + 4 && isWord(line.substr(word, 4), "copy") &&
           (line[word + 4] == ' ' || line[word + 4] == '\t');
}

} // namespace

bool copiesFromClient(std::string_view statement)
{
    Lexer lexer(statement);
    bool first = true;
    bool from = false;
    int depth = 0;
    for (Token token; lexer.next(token);) {
        const std::string_view text = token.span.of(statement);
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::LineComment || token.kind == TokenKind::BlockComment)
            continue;
        if (std::exchange(first, false)) {
            if (token.kind != TokenKind::Identifier || !isWord(text, "copy"))
                return false;
            continue;
        }
        depth += text == "(" ? 1 : text == ")" ? -1 : 0;
        // "FROM STDOUT" is the same to the server.
        if (from && depth == 0 && token.kind == TokenKind::Identifier)
            return isWord(text, "stdin") || isWord(text, "stdout");
        from = depth == 0 && token.kind == TokenKind::Identifier && isWord(text, "from");
    }
    return false;
}

std::optional<ByteOffset> endOfCopyData(std::string_view script, ByteOffset from)
{
    for (std::size_t at = from.value; at < script.size();) {
        const std::string_view line = lineAt(script, at);
        const std::size_t next = std::min(at + line.size() + 1, script.size());
        if (isEnd(line))
            return ByteOffset{next};
        if (beginsCopy(line) && copiesFromClient(line))
            return std::nullopt;
        at = next;
    }
    return std::nullopt;
}

std::optional<std::string_view> copyDataOf(const StatementSpan &span, std::string_view script)
{
    std::string_view text = span.text.of(script);
    if (!span.psql_command || !text.ends_with(end_mark))
        return std::nullopt;
    text.remove_suffix(end_mark.size());
    // A command of psql is one line; so is an end without data.
    if (!text.empty() && text.back() != '\n')
        return std::nullopt;
    return text;
}

} // namespace howdah::sql
