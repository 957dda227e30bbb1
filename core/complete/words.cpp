// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/words.h"

#include <algorithm>
#include <array>

#include "core/complete/match.h"
#include "core/complete/trigger_rows.h"

namespace howdah::complete {

namespace {

using sql::Token;
using sql::TokenKind;

/// Of a statement longer than this the beginning and what is around the cursor are looked at.
constexpr std::size_t most_before = 256 * 1024, most_after = 64 * 1024, most_head = 32 * 1024;
constexpr int most_bodies = 4;

bool isMeaning(const Token &token)
{
    return token.kind != TokenKind::Whitespace && token.kind != TokenKind::LineComment && token.kind != TokenKind::BlockComment;
}

/// The bytes of the statement that the cursor is in or, after a semicolon, of the empty one there.
ByteSpan statementAround(std::string_view text, ByteOffset cursor, bool conforming)
{
    const auto spans = sql::splitStatements(text, conforming);
    const auto after = std::upper_bound(spans.begin(), spans.end(), cursor, [](ByteOffset at, const auto &span) { return at < span.whole.begin; });
    if (after == spans.begin())
        return {{0}, {text.size()}};
    const sql::StatementSpan &span = *std::prev(after);
    if (span.terminated && cursor > span.text.end) {
        const std::size_t semicolon = text.find(';', span.text.end.value);
        if (semicolon < cursor.value)
            return {{semicolon + 1}, span.whole.end};
    }
    return span.whole;
}

/// The token that the cursor is in or right after; none where blanks are on both sides.
struct Touched {
    Token token;
    bool found = false;
};

Touched touched(std::string_view text, ByteSpan statement, std::size_t cursor, bool conforming)
{
    sql::Lexer lexer(text.substr(0, statement.end.value), statement.begin, conforming);
    Touched at;
    for (Token token; lexer.next(token) && token.span.begin.value < cursor;) {
        if (token.span.end.value < cursor)
            continue;
        if (token.span.end.value > cursor) {
            at = {token, true};
            break;
        }
        at = {token, true}; // ends at the cursor
    }
    return at;
}

bool isWord(TokenKind kind)
{
    return kind == TokenKind::Identifier || kind == TokenKind::QuotedIdentifier;
}

Word wordOf(const Token &token, std::string_view text)
{
    Word word;
    word.kind = token.kind;
    word.span = token.span;
    word.text = token.span.of(text);
    if (token.kind == TokenKind::Identifier)
        word.lower = word.name = folded(word.text);
    else if (token.kind == TokenKind::QuotedIdentifier)
        word.name = identifierOf(word.text, true);
    return word;
}

void matchParentheses(std::vector<Word> &words)
{
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].kind != TokenKind::Punctuation)
            continue;
        const char c = words[i].text.front();
        if (c == '(' || c == '[') {
            open.push_back(i);
        } else if ((c == ')' || c == ']') && !open.empty()) {
            words[i].match = open.back();
            words[open.back()].match = i;
            open.pop_back();
        }
    }
}

/// What a statement in a body begins after: a semicolon, and PL/pgSQL's words before statements.
std::size_t beginOfLast(const Statement &statement)
{
    std::size_t begin = 0;
    int cases = 0;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < statement.hole; ++i) {
        const Word &word = statement.words[i];
        if (word.kind == TokenKind::Semicolon) {
            begin = i + 1;
            cases = 0;
            depth = 0;
            continue;
        }
        if (word.isText("(")) {
            ++depth;
            continue;
        }
        if (word.isText(")")) {
            depth -= depth > 0;
            continue;
        }
        if (word.is("atomic"))
            begin = i + 1;
        if (!statement.in_body || depth > 0)
            continue;
        cases += word.is("case") ? 1 : 0;
        if (cases > 0) {
            cases -= word.is("end") ? 1 : 0;
            continue;
        }
        const bool query = word.is("query") && statement.before(i).is("return");
        const bool loop = word.is("in") && statement.before(i, 2).is("for");
        if (word.is("begin") || word.is("then") || word.is("else") || word.is("loop") || word.is("declare") || query || loop)
            begin = i + 1;
    }
    return begin;
}

/// Variables: the words that statements between DECLARE and BEGIN begin with.
void addVariables(Statement &statement)
{
    bool declaring = false;
    for (std::size_t i = 0; i < statement.hole; ++i) {
        const Word &word = statement.words[i];
        if (word.is("declare") || word.is("begin")) {
            declaring = word.is("declare");
            continue;
        }
        const bool first = i > 0 && (statement.words[i - 1].kind == TokenKind::Semicolon || statement.words[i - 1].is("declare"));
        if (declaring && first && isWord(word.kind))
            statement.names.push_back(word.name);
    }
}

/// Names of the arguments of CREATE FUNCTION f(a integer, OUT b text).
void addArguments(const Statement &outer, std::vector<std::string> &names)
{
    for (std::size_t i = 0; i + 1 < outer.words.size(); ++i) {
        if (!outer.words[i].is("function") && !outer.words[i].is("procedure"))
            continue;
        std::size_t open = i + 1;
        while (open < outer.words.size() && open < i + 5 && !outer.words[open].isText("("))
            ++open;
        if (open >= outer.words.size() || outer.words[open].match == nowhere)
            return;
        for (std::size_t at = open; at + 1 < outer.words[open].match; ++at) {
            if (at != open && !outer.words[at].isText(","))
                continue;
            std::size_t name = at + 1;
            if (outer.words[name].is("in") || outer.words[name].is("out") || outer.words[name].is("inout") || outer.words[name].is("variadic"))
                ++name;
            if (name + 1 < outer.words[open].match && isWord(outer.words[name].kind) && isWord(outer.words[name + 1].kind))
                names.push_back(outer.words[name].name);
        }
        return;
    }
}

/// A parenthesis around the cursor that is still open ends, for what follows, where the next clause begins.
void closeOpenParentheses(Statement &statement)
{
    static constexpr std::array<std::string_view, 12> clauses{"from", "where", "group", "having", "order", "limit", "join", "left", "inner", "union", "returning", "set"};
    static constexpr std::array<std::string_view, 4> queries{"select", "with", "values", "table"};
    std::size_t end = statement.hole + 1;
    while (end < statement.words.size() && std::ranges::find(clauses, statement.words[end].lower) == clauses.end()) {
        const bool closed = statement.words[end].isText("(") && statement.words[end].match != nowhere;
        end = closed ? statement.words[end].match + 1 : end + 1;
    }
    if (end >= statement.words.size())
        return;
    for (std::size_t i = statement.hole; i-- > 0;) {
        Word &word = statement.words[i];
        if (!word.isText("(") || word.match != nowhere)
            continue;
        if (std::ranges::find(queries, statement.words[i + 1].lower) != queries.end())
            return;
        word.match = end - 1;
    }
}

void cut(Statement &statement)
{
    const std::size_t begin = beginOfLast(statement);
    std::size_t end = statement.hole + 1;
    while (end < statement.words.size() && statement.words[end].kind != TokenKind::Semicolon)
        ++end;
    statement.words.erase(statement.words.begin() + static_cast<std::ptrdiff_t>(end), statement.words.end());
    statement.words.erase(statement.words.begin(), statement.words.begin() + static_cast<std::ptrdiff_t>(begin));
    statement.hole -= begin;
    for (Word &word : statement.words)
        word.match = nowhere;
    matchParentheses(statement.words);
    closeOpenParentheses(statement);
    // PL/pgSQL's PERFORM is its SELECT.
    if (statement.in_body && !statement.words.empty() && statement.words.front().is("perform"))
        statement.words.front().lower = "select";
}

void fill(Statement &statement, ByteSpan span, std::size_t cursor, const Touched &at, bool conforming)
{
    const std::size_t near = cursor > most_before ? cursor - most_before : 0;
    const std::size_t head = span.begin.value + most_head;
    const bool replaces = at.found && statement.replaced.size() > 0;
    const auto putHole = [&] {
        Word hole;
        hole.span = statement.replaced;
        statement.hole = statement.words.size();
        statement.words.push_back(std::move(hole));
    };
    bool put = false;
    sql::Lexer lexer(statement.text.substr(0, std::min(span.end.value, cursor + most_after)), span.begin, conforming);
    for (Token token; lexer.next(token);) {
        if (replaces && token.span.begin.value >= statement.replaced.begin.value && token.span.end <= at.token.span.end) {
            if (!put)
                putHole();
            put = true;
            continue;
        }
        if (!isMeaning(token) || (token.span.end.value < near && token.span.begin.value > head))
            continue;
        if (!put && token.span.begin.value >= cursor) {
            putHole();
            put = true;
        }
        statement.words.push_back(wordOf(token, statement.text));
    }
    if (!put)
        putHole();
    matchParentheses(statement.words);
}

Statement wordsAround(std::string_view text, std::size_t cursor, bool conforming, int bodies, std::vector<std::string> names);

Statement bodyWords(std::string_view text, const Token &body, std::size_t cursor, bool conforming, int bodies, std::vector<std::string> names)
{
    const std::string_view whole = body.span.of(text);
    const std::size_t tag = whole.find('$', 1) + 1;
    const std::size_t closing = body.terminated ? tag : 0;
    const std::size_t begin = body.span.begin.value + tag;
    if (whole.size() < tag + closing || cursor < begin || cursor > body.span.end.value - closing) {
        Statement silent;
        silent.text = text;
        silent.silent = true;
        silent.replaced = {{cursor}, {cursor}};
        silent.words.emplace_back();
        return silent;
    }
    const std::string_view inner = whole.substr(tag, whole.size() - tag - closing);
    Statement statement = wordsAround(inner, cursor - begin, conforming, bodies - 1, std::move(names));
    statement.base += begin;
    return statement;
}

Statement wordsAround(std::string_view text, std::size_t cursor, bool conforming, int bodies, std::vector<std::string> names)
{
    Statement statement;
    statement.text = text;
    statement.in_body = bodies < most_bodies;
    statement.names = std::move(names);
    statement.replaced = {{cursor}, {cursor}};
    // A body counts from its beginning on: variables are declared there.
    const ByteSpan found = statementAround(text, {cursor}, conforming);
    const ByteSpan span = statement.in_body ? ByteSpan{{0}, found.end} : found;
    const Touched at = touched(text, span, cursor, conforming);
    const std::size_t end = at.found ? at.token.span.end.value : 0;
    const bool inside = at.found && (end > cursor || !at.token.terminated);
    if (at.found) {
        const Token &token = at.token;
        switch (token.kind) {
        case TokenKind::Identifier:
            statement.replaced = token.span;
            statement.typed = std::string(text.substr(token.span.begin.value, cursor - token.span.begin.value));
            break;
        case TokenKind::QuotedIdentifier: {
            const bool plain = text[token.span.begin.value] == '"';
            statement.quoted = plain;
            statement.silent = !plain || !inside;
            // One that does not end has swallowed the rest of the text.
            statement.replaced = token.terminated ? token.span : ByteSpan{token.span.begin, {cursor}};
            if (plain)
                statement.typed = std::string(text.substr(token.span.begin.value + 1, cursor - token.span.begin.value - 1));
            break;
        }
        case TokenKind::DollarString:
            if (inside && bodies > 0) {
                Statement outer;
                outer.text = text;
                outer.replaced = statement.replaced;
                fill(outer, span, cursor, {}, conforming);
                addArguments(outer, statement.names);
                const std::string trigger = triggerFunction(outer);
                if (!trigger.empty())
                    statement.names.insert(statement.names.end(), triggerVariables().begin(), triggerVariables().end());
                Statement within = bodyWords(text, token, cursor, conforming, bodies, std::move(statement.names));
                if (!trigger.empty())
                    within.trigger_function = trigger;
                return within;
            }
            statement.silent = inside;
            break;
        case TokenKind::LineComment:
            statement.silent = true;
            break;
        case TokenKind::Number:
        case TokenKind::Parameter:
            statement.silent = true;
            break;
        case TokenKind::BlockComment:
        case TokenKind::String:
        case TokenKind::PsqlCommand:
            statement.silent = inside || token.kind == TokenKind::PsqlCommand;
            break;
        default:
            break;
        }
    }
    fill(statement, span, cursor, at, conforming);
    if (statement.in_body)
        addVariables(statement);
    cut(statement);
    return statement;
}

} // namespace

const Word &Statement::before(std::size_t index, std::size_t steps) const
{
    static const Word none;
    return index < steps ? none : words[index - steps];
}

std::size_t Statement::past(std::size_t open, std::size_t end) const
{
    const std::size_t partner = words[open].match;
    return partner == nowhere || partner < open || partner >= end ? end : partner + 1;
}

std::string identifierOf(std::string_view token, bool quoted)
{
    if (!quoted)
        return folded(token);
    const std::size_t begin = token.find('"');
    if (begin == std::string_view::npos)
        return {};
    std::string name;
    for (std::size_t i = begin + 1; i < token.size(); ++i) {
        if (token[i] == '"' && (i + 1 >= token.size() || token[i + 1] != '"'))
            break;
        name += token[i];
        i += token[i] == '"' ? 1 : 0;
    }
    return name;
}

Statement statementWords(std::string_view text, ByteOffset cursor, bool standard_conforming_strings)
{
    return wordsAround(text, std::min(cursor.value, text.size()), standard_conforming_strings, most_bodies, {});
}

} // namespace howdah::complete
