// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/error_place.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/sql/lexer.h"
#include "core/sql/routine_body.h"

namespace howdah::sql {

namespace {

bool isBlank(TokenKind kind)
{
    return kind == TokenKind::Whitespace || kind == TokenKind::LineComment || kind == TokenKind::BlockComment;
}

int numberAfter(std::string_view text, std::string_view mark)
{
    const std::size_t at = text.find(mark);
    int value = 0;
    if (at != std::string_view::npos)
        std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), value);
    return value;
}

/// How frames begin. Anything else is a further line of the frame before.
constexpr std::string_view beginnings[] = {"PL/", "SQL ", "compilation of ", "COPY ", "while ", "parallel worker", "referenced column",
                                           "In PL/", "in PL/", "unnamed portal", "portal ", "processing ", "JSON data", "automatic "};

bool beginsFrame(std::string_view line)
{
    return std::any_of(std::begin(beginnings), std::end(beginnings), [&](std::string_view word) { return line.starts_with(word); });
}

ErrorFrame frameOf(std::string text)
{
    ErrorFrame frame;
    const std::string_view first = std::string_view(text).substr(0, text.find('\n'));
    const auto routine = [&](std::string_view before) {
        frame.kind = ErrorFrame::Kind::Routine;
        std::string_view rest = first.substr(before.size());
        std::size_t end = rest.find(" line ");
        end = std::min({end, rest.find(" during "), rest.find(" while "), rest.find(" statement "), rest.find(" near ")});
        frame.routine = rest.substr(0, end);
        frame.line = std::max(numberAfter(first, " line "), numberAfter(first, " near line "));
        if (frame.line == 0)
            frame.statement = numberAfter(first, " statement ");
    };
    for (const std::string_view before : {"PL/pgSQL function ", "compilation of PL/pgSQL function ", "SQL function "}) {
        if (first.starts_with(before))
            routine(before);
    }
    if (first.starts_with("SQL statement \"") || first.starts_with("SQL expression \"") || first.starts_with("PL/pgSQL assignment \"")
        || first.starts_with("PL/pgSQL expression \""))
        frame.kind = ErrorFrame::Kind::Statement;
    frame.text = std::move(text);
    return frame;
}

/// "shop.f(integer, numeric(10,2))": the bare name, and how many arguments; -1 where the frame does not tell.
std::pair<std::string, int> nameAndArguments(std::string_view routine)
{
    if (routine.starts_with('"') && routine.ends_with('"') && routine.find('(') == std::string_view::npos)
        return {std::string(routine.substr(1, routine.size() - 2)), -1};
    std::string name;
    int arguments = -1, depth = 0;
    Lexer lexer(routine);
    for (Token token; lexer.next(token);) {
        const std::string_view word = token.span.of(routine);
        if (word == "(") {
            if (depth++ == 0)
                arguments = 0;
        } else if (word == ")") {
            --depth;
        } else if (depth == 0 && token.kind == TokenKind::QuotedIdentifier) {
            name = word.substr(1, word.size() - 2);
        } else if (depth == 0 && token.kind == TokenKind::Identifier) {
            name = word;
        } else if (depth == 1 && !isBlank(token.kind)) {
            arguments = word == "," ? arguments + 1 : std::max(arguments, 1);
        }
    }
    return {name, arguments};
}

ByteSpan lineSpan(std::string_view text, int line)
{
    std::size_t begin = 0;
    for (int i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos)
            return {};
        begin = end + 1;
    }
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    return {ByteOffset{begin}, ByteOffset{end}};
}

/// Without blanks around it and a comment behind it.
ByteSpan trimmed(std::string_view text, ByteSpan span)
{
    const std::string_view line = span.of(text);
    std::size_t begin = line.size(), end = 0;
    Lexer lexer(line);
    for (Token token; lexer.next(token);) {
        if (isBlank(token.kind))
            continue;
        begin = std::min(begin, token.span.begin.value);
        end = token.span.end.value;
    }
    return begin < end ? ByteSpan{ByteOffset{span.begin.value + begin}, ByteOffset{span.begin.value + end}} : span;
}

/// The end of the statement that begins at `from`: behind its semicolon.
std::size_t statementEnd(std::string_view text, std::size_t from)
{
    Lexer lexer(text, ByteOffset{from});
    for (Token token; lexer.next(token);) {
        if (token.kind == TokenKind::Semicolon)
            return token.span.end.value;
    }
    return text.size();
}

/// PL/pgSQL blanks out INTO clauses, so a blank of the query stands for any byte.
bool matches(std::string_view text, std::string_view query, bool blanks)
{
    return std::equal(query.begin(), query.end(), text.begin(), [blanks](char asked, char there) {
        return asked == there || (blanks && asked == ' ');
    });
}

std::optional<std::size_t> find(std::string_view text, std::string_view query, std::size_t from, std::size_t to, bool blanks)
{
    for (std::size_t at = from; at < to && at + query.size() <= text.size(); ++at) {
        if (matches(text.substr(at, query.size()), query, blanks))
            return at;
    }
    return {};
}

/// Where the internal query's position is in a body: in the statement at `line`, else where the query is found once.
std::optional<ByteOffset> inBody(const Error &error, std::string_view body, int line)
{
    if (!error.internal_position || error.internal_query.empty())
        return {};
    if (error.internal_query == body)
        return error.internal_position;
    const std::size_t from = line > 0 ? lineSpan(body, line).begin.value : 0;
    const std::size_t to = statementEnd(body, from);
    // Servers before 14 evaluate an expression as "SELECT expression".
    for (const std::size_t skipped : {std::size_t{0}, std::string_view("SELECT ").size()}) {
        if (skipped > 0 && !error.internal_query.starts_with("SELECT "))
            break;
        const std::string_view query = std::string_view(error.internal_query).substr(skipped);
        if (error.internal_position->value < skipped || query.empty())
            continue;
        const std::size_t within = error.internal_position->value - skipped;
        for (const bool blanks : {false, true}) {
            if (const auto at = find(body, query, from, to, blanks))
                return ByteOffset{*at + within};
        }
        const auto anywhere = find(body, query, 0, body.size(), false);
        if (anywhere && !find(body, query, *anywhere + 1, body.size(), false))
            return ByteOffset{*anywhere + within};
    }
    return {};
}

std::optional<ErrorPlace> placeInBody(const Error &error, const RoutineBody &body, const ErrorFrame &frame, bool innermost)
{
    if (innermost) {
        if (const auto at = inBody(error, body.text, frame.line)) {
            const ByteSpan whole{ByteOffset{0}, ByteOffset{body.text.size()}};
            // Within a string of the body, an EXECUTE's for example, the word is one of the string's own.
            const ByteSpan reach = error.internal_query == body.text ? whole
                                   : ByteSpan{*at, ByteOffset{std::min(body.text.size(), at->value + error.internal_query.size() - error.internal_position->value)}};
            return ErrorPlace{body.inScript(offendingWord(body.text, *at, reach)), {}};
        }
    }
    ByteSpan span;
    if (frame.line > 0) {
        span = lineSpan(body.text, frame.line);
    } else if (frame.statement > 0) {
        int number = 0;
        for (const StatementSpan &one : splitStatements(body.text)) {
            if (one.text.size() > 0 && ++number == frame.statement)
                span = one.text;
        }
    }
    if (span.size() == 0)
        return {};
    return ErrorPlace{body.inScript(trimmed(body.text, span)), innermost ? std::string() : error.context.substr(0, error.context.find('\n'))};
}

/// The one body that a frame speaks of: the statement's own, or one that was created.
std::optional<RoutineBody> bodyOf(const ErrorFrame &frame, std::string_view script, ByteSpan statement, const std::vector<ByteSpan> &created)
{
    const auto [name, arguments] = nameAndArguments(frame.routine);
    std::optional<RoutineBody> found;
    std::vector<ByteSpan> all = created;
    if (std::find(all.begin(), all.end(), statement) == all.end())
        all.push_back(statement);
    for (const ByteSpan span : all) {
        auto body = routineBody(script, span);
        if (!body || body->name != name || (arguments >= 0 && name != "inline_code_block" && body->arguments != arguments))
            continue;
        if (name == "inline_code_block" && span != statement)
            continue;
        if (found) // overloads that differ in types only: no guess
            return {};
        found = std::move(body);
    }
    return found;
}

/// The name of the outermost routine where the statement calls it.
std::optional<ErrorPlace> callPlace(const std::vector<ErrorFrame> &frames, std::string_view script, ByteSpan statement)
{
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
        if (frame->kind != ErrorFrame::Kind::Routine)
            continue;
        const std::string name = nameAndArguments(frame->routine).first;
        Lexer lexer(script.substr(0, statement.end.value), statement.begin);
        Token before;
        for (Token token; lexer.next(token);) {
            if (isBlank(token.kind))
                continue;
            std::string word(before.span.of(script));
            if (before.kind == TokenKind::Identifier)
                std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            else if (before.kind == TokenKind::QuotedIdentifier)
                word = word.substr(1, word.size() - 2);
            if (token.span.of(script) == "(" && word == name)
                return ErrorPlace{before.span, frames.front().text.substr(0, frames.front().text.find('\n'))};
            before = token;
        }
    }
    return {};
}

} // namespace

std::vector<ErrorFrame> errorFrames(std::string_view context)
{
    std::vector<std::string> texts;
    for (std::size_t begin = 0; begin < context.size();) {
        const std::size_t end = std::min(context.find('\n', begin), context.size());
        const std::string_view line = context.substr(begin, end - begin);
        // A line of a quoted statement is no frame, whatever it begins with.
        const bool within = !texts.empty() && texts.back().find(" \"") != std::string::npos && texts.back().back() != '"'
            && (texts.back().starts_with("SQL statement") || texts.back().starts_with("SQL expression") || texts.back().starts_with("PL/pgSQL assignment")
                || texts.back().starts_with("PL/pgSQL expression"));
        if (texts.empty() || (!within && beginsFrame(line)))
            texts.emplace_back(line);
        else
            texts.back() += "\n" + std::string(line);
        begin = end + 1;
    }
    std::vector<ErrorFrame> frames;
    for (std::string &text : texts)
        frames.push_back(frameOf(std::move(text)));
    return frames;
}

std::string readableContext(std::string_view context)
{
    constexpr std::size_t enough = 160;
    std::string out;
    for (const ErrorFrame &frame : errorFrames(context)) {
        std::string line;
        for (const char c : frame.text) {
            const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
            if (!blank)
                line += c;
            else if (!line.empty() && line.back() != ' ')
                line += ' ';
        }
        if (line.size() > enough && frame.kind == ErrorFrame::Kind::Statement) {
            line.resize(toBytes(line, toChars(line, {enough})).value);
            line += "…\"";
        }
        out += (out.empty() ? "" : "\ncalled from ") + line;
    }
    return out;
}

ByteSpan offendingWord(std::string_view text, ByteOffset at, ByteSpan within)
{
    ByteSpan last{at, at};
    Lexer lexer(text.substr(0, within.end.value), within.begin);
    for (Token token; lexer.next(token);) {
        if (isBlank(token.kind))
            continue;
        last = token.span;
        if (at < token.span.end)
            break;
    }
    // A string that nothing ends reaches to the end of the script: its first line is enough.
    const auto line_end = text.find('\n', last.begin.value);
    if (line_end != std::string_view::npos)
        last.end.value = std::min(last.end.value, line_end);
    return last;
}

std::optional<ErrorPlace> errorPlace(const Error &error, std::string_view script, ByteSpan statement, const std::vector<ByteSpan> &created)
{
    if (error.position) {
        // The server moves positions within a new function's body to the statement; there the body is one long string.
        const auto body = routineBody(script, statement);
        if (body && body->places.front() <= error.position->value && error.position->value < body->places.back())
            return ErrorPlace{offendingWord(script, *error.position, {ByteOffset{body->places.front()}, ByteOffset{body->places.back()}}), {}};
        return ErrorPlace{offendingWord(script, *error.position, statement), {}};
    }
    const std::vector<ErrorFrame> frames = errorFrames(error.context);
    bool innermost = true;
    for (const ErrorFrame &frame : frames) {
        if (frame.kind != ErrorFrame::Kind::Routine)
            continue;
        if (const auto body = bodyOf(frame, script, statement, created)) {
            if (auto place = placeInBody(error, *body, frame, innermost))
                return place;
        }
        innermost = false;
    }
    // A body that does not compile is told of without a frame of its own.
    if (const auto body = routineBody(script, statement); body && !body->text.empty() && body->text == error.internal_query && error.internal_position)
        return ErrorPlace{body->inScript(offendingWord(body->text, *error.internal_position, {ByteOffset{0}, ByteOffset{body->text.size()}})), {}};
    return callPlace(frames, script, statement);
}

} // namespace howdah::sql
