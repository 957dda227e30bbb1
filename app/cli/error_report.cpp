// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/error_report.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/sql/lexer.h"

namespace howdah::cli {

namespace {

/// The last cells of a text, marked with "…" where something was cut off.
std::string lastCells(std::string text, std::size_t width)
{
    if (displayWidth(text) <= width)
        return text;
    std::size_t at = text.size() > 4 * width ? text.size() - 4 * width : 0; // a character has four bytes at most
    const auto inCharacter = [&] { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80; };
    while (inCharacter() || displayWidth(std::string_view(text).substr(at)) + 1 > width)
        ++at;
    return "…" + text.substr(at);
}

/// "LINE 3: SELECT nmae FROM t" and the caret line below it.
std::string markedLine(std::string_view script, ByteOffset position, std::size_t columns, bool colored)
{
    const std::size_t at = std::min(position.value, script.size());
    const std::size_t begin = at == 0 ? 0 : script.rfind('\n', at - 1) + 1; // npos + 1 is 0
    const std::size_t end = std::min(script.find('\n', at), script.size());
    sql::Token token;
    sql::Lexer lexer(script, ByteOffset{at});
    std::size_t word_end = at;
    if (at < end && lexer.next(token) && token.kind != sql::TokenKind::Whitespace)
        word_end = std::min(token.span.end.value, end);
    const std::string prefix = fmt::format("LINE {}: ", lineColumn(script, ByteOffset{at}).line);
    const std::size_t room = std::max<std::size_t>(columns, prefix.size() + 40) - prefix.size();
    const std::string word = clipped(printable(script.substr(at, word_end - at)), room / 2);
    std::string before = printable(script.substr(begin, at - begin));
    std::string after = printable(script.substr(word_end, end - word_end));
    if (after.ends_with("\\r")) // lines that end with CR LF
        after.resize(after.size() - 2);
    const std::size_t word_width = std::max<std::size_t>(displayWidth(word), 1);
    if (displayWidth(before) + word_width + displayWidth(after) > room)
        before = lastCells(before, std::max(room / 2, room - std::min(room, word_width + displayWidth(after))) - word_width / 2);
    after = clipped(after, room - std::min(room - 1, displayWidth(before) + word_width));
    return prefix + before + inked(word, Ink::Bold, colored) + after + "\n" + std::string(displayWidth(prefix) + displayWidth(before), ' ')
        + inked(std::string(word_width, '^'), Ink::Red, colored) + "\n";
}

std::string labelled(const char *label, const std::string &text, bool colored)
{
    return text.empty() ? std::string() : inked(label, Ink::Dim, colored) + printable(text, true) + "\n";
}

} // namespace

std::string errorText(const Error &error, const Input &script, std::size_t columns, bool colored)
{
    std::string head = error.severity.empty() ? "error" : error.severity;
    if (!error.sqlstate.empty())
        head += " " + error.sqlstate;
    std::string text;
    if (error.position && !script.name.empty()) {
        const LineColumn at = lineColumn(script.text, *error.position);
        text += fmt::format("{}:{}:{}: ", script.name, at.line, at.column);
    }
    text += inked(head + ":", Ink::Red, colored) + " " + inked(printable(error.message, true), Ink::Bold, colored) + "\n";
    if (error.position && !script.text.empty())
        text += markedLine(script.text, *error.position, columns, colored);
    text += labelled("DETAIL: ", error.detail, colored) + labelled("HINT: ", error.hint, colored) + labelled("QUERY: ", error.internal_query, colored)
        + labelled("CONTEXT: ", error.context, colored);
    return text;
}

std::string noticeText(const pg::Notice &notice, bool colored)
{
    return inked(notice.severity + ":", notice.severity == "WARNING" ? Ink::Yellow : Ink::Cyan, colored) + " "
        + printable(notice.message, true) + "\n" + labelled("DETAIL: ", notice.detail, colored) + labelled("HINT: ", notice.hint, colored);
}

nlohmann::ordered_json errorJson(const Error &error, std::string_view script)
{
    nlohmann::ordered_json object{{"message", error.message}};
    const auto put = [&object](const char *key, const std::string &value) {
        if (!value.empty())
            object[key] = value;
    };
    put("sqlstate", error.sqlstate);
    put("severity", error.severity);
    put("detail", error.detail);
    put("hint", error.hint);
    put("context", error.context);
    put("internal_query", error.internal_query);
    if (error.internal_position)
        object["internal_position"] = error.internal_position->value;
    if (error.position) {
        const LineColumn at = lineColumn(script, *error.position);
        object["position"] = error.position->value;
        object["line"] = at.line;
        object["column"] = at.column;
    }
    return object;
}

void printError(const Error &error, const Input &script)
{
    output().flush(); // so that it stands behind the rows that came before it
    std::fputs(errorText(error, script, terminalColumns(100), stderrHasColors()).c_str(), stderr);
}

void printNotice(const pg::Notice &notice)
{
    output().flush();
    std::fputs(noticeText(notice, stderrHasColors()).c_str(), stderr);
}

void printNote(const std::string &text)
{
    output().flush();
    std::fprintf(stderr, "%s\n", text.c_str());
}

int failed(const Context &context, const Error &error, const Input &script)
{
    printError(error, script);
    if (context.json) {
        const nlohmann::ordered_json document{{"error", errorJson(error, script.text)}};
        output().write(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    }
    const int interrupted = error.kind == ErrorKind::Cancelled ? interruptedBy() : 0;
    return interrupted != 0 ? interrupted : exitCodeOf(error);
}

} // namespace howdah::cli
