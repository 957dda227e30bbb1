// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/suppressions.h"

#include <algorithm>
#include <cctype>

#include "core/sql/lexer.h"
#include "core/sql/routine_body.h"

namespace howdah::migration::linting {

namespace {

constexpr std::string_view word = "howdah:ignore";

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.remove_suffix(1);
    return text;
}

/// "howdah:ignore[-file] rule, rule: reason" of a comment without its marks.
bool readComment(std::string_view text, Suppression &into)
{
    text = trimmed(text);
    if (text.substr(0, word.size()) != word)
        return false;
    text.remove_prefix(word.size());
    constexpr std::string_view file = "-file";
    if (text.substr(0, file.size()) == file) {
        into.whole_file = true;
        text.remove_prefix(file.size());
    }
    if (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) == 0 && text.front() != ':')
        return false; // another word that begins alike
    const std::size_t colon = text.find(':');
    into.reason = colon == std::string_view::npos ? "" : std::string(trimmed(text.substr(colon + 1)));
    std::string current;
    for (const char c : std::string(text.substr(0, colon)) + ",") {
        if (c != ',' && std::isspace(static_cast<unsigned char>(c)) == 0) {
            current += c;
        } else if (!current.empty()) {
            into.rules.push_back(current);
            current.clear();
        }
    }
    into.used.assign(into.rules.size(), false);
    return true;
}

std::string_view inner(std::string_view comment, sql::TokenKind kind)
{
    comment.remove_prefix(2);
    if (kind == sql::TokenKind::BlockComment && comment.size() >= 2 && comment.substr(comment.size() - 2) == "*/")
        comment.remove_suffix(2);
    return comment;
}

/// The statement that a comment is about: the one that it stands in, the one that ends in its line, else the next.
ByteSpan unitOf(std::string_view script, const std::vector<ByteSpan> &units, ByteSpan comment)
{
    const ByteSpan *holds = nullptr, *before = nullptr, *next = nullptr;
    for (const ByteSpan &unit : units) {
        if (unit.begin > comment.begin) {
            next = next == nullptr ? &unit : next;
        } else if (unit.end > comment.begin) {
            holds = &unit; // the innermost comes last
        } else {
            before = &unit;
        }
    }
    if (before != nullptr && (holds == nullptr || before->begin > holds->begin)) {
        const std::string_view between = script.substr(before->end.value, comment.begin.value - before->end.value);
        if (between.find('\n') == std::string_view::npos)
            return *before;
    }
    if (holds != nullptr && next != nullptr && next->begin < holds->end)
        return *next; // within a block: the next statement of it
    if (holds != nullptr)
        return *holds;
    return next != nullptr ? *next : ByteSpan{{script.size()}, {script.size()}};
}

} // namespace

std::vector<Suppression> suppressionsIn(std::string_view script, const std::vector<ByteSpan> &units)
{
    std::vector<Suppression> found;
    if (script.find(word) == std::string_view::npos)
        return found;
    const auto take = [&](std::string_view comment, sql::TokenKind kind, ByteSpan span) {
        Suppression one;
        if (!readComment(inner(comment, kind), one))
            return;
        one.comment = span;
        one.covers = one.whole_file ? ByteSpan{{0}, {script.size() + 1}} : unitOf(script, units, span);
        found.push_back(std::move(one));
    };
    const auto isComment = [](sql::TokenKind kind) { return kind == sql::TokenKind::LineComment || kind == sql::TokenKind::BlockComment; };
    sql::Lexer lexer(script);
    for (sql::Token token; lexer.next(token);) {
        if (isComment(token.kind))
            take(token.span.of(script), token.kind, token.span);
    }
    // comments in the code of DO blocks and routines
    for (const sql::StatementSpan &statement : sql::splitStatements(script)) {
        const auto body = statement.psql_command ? std::nullopt : sql::routineBody(script, statement.text);
        if (!body || body->text.find(word) == std::string::npos)
            continue;
        sql::Lexer code(body->text);
        for (sql::Token token; code.next(token);) {
            if (isComment(token.kind))
                take(token.span.of(body->text), token.kind, body->inScript(token.span));
        }
    }
    std::sort(found.begin(), found.end(), [](const Suppression &a, const Suppression &b) { return a.comment.begin < b.comment.begin; });
    return found;
}

} // namespace howdah::migration::linting
