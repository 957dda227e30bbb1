// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/lexer.h"

#include <algorithm>

namespace howdah::sql {

// The rules are those of PostgreSQL's documentation, "Lexical Structure", read tolerantly.

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Letters, the underscore and every byte of a non-ASCII character.
bool startsWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool continuesWord(char c)
{
    return startsWord(c) || isDigit(c) || c == '$';
}

bool isOperator(char c)
{
    return std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos;
}

/// A place in the text with what follows it; '\0' past the end.
struct Cursor {
    std::string_view text;
    std::size_t at;
    [[nodiscard]] bool end() const { return at >= text.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
};

void skipLine(Cursor &cursor)
{
    const std::size_t newline = cursor.text.find_first_of("\r\n", cursor.at);
    cursor.at = newline == std::string_view::npos ? cursor.text.size() : newline;
}

/// Past a nested comment; false when the text ends within it.
bool skipBlockComment(Cursor &cursor)
{
    std::size_t depth = 0;
    while (!cursor.end()) {
        if (cursor.peek() == '/' && cursor.peek(1) == '*') {
            ++depth;
            cursor.at += 2;
        } else if (cursor.peek() == '*' && cursor.peek(1) == '/') {
            cursor.at += 2;
            if (--depth == 0)
                return true;
        } else {
            ++cursor.at;
        }
    }
    return false;
}

/// Past a quoted text whose opening quote is at the cursor; a doubled quote is one quote.
bool skipQuoted(Cursor &cursor, char quote, bool backslash_escapes)
{
    ++cursor.at;
    while (!cursor.end()) {
        const char c = cursor.peek();
        if (c == '\\' && backslash_escapes) {
            cursor.at = std::min(cursor.at + 2, cursor.text.size());
        } else if (c != quote) {
            ++cursor.at;
        } else if (cursor.peek(1) == quote) {
            cursor.at += 2;
        } else {
            ++cursor.at;
            return true;
        }
    }
    return false;
}

/// The "$tag$" at the cursor, or nothing.
std::string_view dollarTag(const Cursor &cursor)
{
    std::size_t at = cursor.at + 1;
    if (at < cursor.text.size() && startsWord(cursor.text[at])) {
        while (at < cursor.text.size() && (startsWord(cursor.text[at]) || isDigit(cursor.text[at])))
            ++at;
    }
    if (at >= cursor.text.size() || cursor.text[at] != '$')
        return {};
    return cursor.text.substr(cursor.at, at + 1 - cursor.at);
}

bool skipDollarString(Cursor &cursor, std::string_view tag)
{
    const std::size_t end = cursor.text.find(tag, cursor.at + tag.size());
    cursor.at = end == std::string_view::npos ? cursor.text.size() : end + tag.size();
    return end != std::string_view::npos;
}

void skipNumber(Cursor &cursor)
{
    const auto digits = [&cursor](auto accept) {
        while (!cursor.end() && (accept(cursor.peek()) || cursor.peek() == '_'))
            ++cursor.at;
    };
    const char base = static_cast<char>(cursor.peek(1) | 0x20);
    if (cursor.peek() == '0' && (base == 'x' || base == 'o' || base == 'b')) {
        cursor.at += 2;
        digits([](char c) { return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); });
        return;
    }
    digits(isDigit);
    // "1..2" is a range in PL/pgSQL: two numbers with ".." between them.
    if (cursor.peek() == '.' && cursor.peek(1) != '.') {
        ++cursor.at;
        digits(isDigit);
    }
    if ((cursor.peek() | 0x20) == 'e') {
        const std::size_t sign = cursor.peek(1) == '+' || cursor.peek(1) == '-' ? 1 : 0;
        if (isDigit(cursor.peek(1 + sign))) {
            cursor.at += 1 + sign;
            digits(isDigit);
        }
    }
}

/// An operator ends where a comment begins, and in "+" or "-" only when it holds a character that SQL's own operators
/// do not ("a<-1" compares with minus one, "a@-1" is an operator "@-").
void skipOperator(Cursor &cursor)
{
    const std::size_t begin = cursor.at;
    while (!cursor.end() && isOperator(cursor.peek())) {
        const bool comment = (cursor.peek() == '-' && cursor.peek(1) == '-') || (cursor.peek() == '/' && cursor.peek(1) == '*');
        if (comment)
            break;
        ++cursor.at;
    }
    const std::string_view run = cursor.text.substr(begin, cursor.at - begin);
    if (run.find_first_of("~!@#%^&|`?") != std::string_view::npos)
        return;
    while (cursor.at > begin + 1 && (cursor.text[cursor.at - 1] == '+' || cursor.text[cursor.at - 1] == '-'))
        --cursor.at;
}

TokenKind lexString(Cursor &cursor, Token &token, std::size_t prefix, bool escapes)
{
    cursor.at += prefix;
    token.terminated = skipQuoted(cursor, '\'', escapes);
    return TokenKind::String;
}

/// A word, or a string or quoted name with a prefix letter (E'' B'' X'' N'' U&'' U&"").
TokenKind lexWord(Cursor &cursor, Token &token, bool conforming)
{
    const char first = static_cast<char>(cursor.peek() | 0x20);
    if (cursor.peek(1) == '\'' && (first == 'e' || first == 'b' || first == 'x' || first == 'n'))
        return lexString(cursor, token, 1, first == 'e' || (first == 'n' && !conforming));
    if (first == 'u' && cursor.peek(1) == '&' && cursor.peek(2) == '\'')
        return lexString(cursor, token, 2, false);
    if (first == 'u' && cursor.peek(1) == '&' && cursor.peek(2) == '"') {
        cursor.at += 2;
        token.terminated = skipQuoted(cursor, '"', false);
        return TokenKind::QuotedIdentifier;
    }
    while (!cursor.end() && continuesWord(cursor.peek()))
        ++cursor.at;
    return TokenKind::Identifier;
}

TokenKind lexDollar(Cursor &cursor, Token &token)
{
    if (isDigit(cursor.peek(1))) {
        ++cursor.at;
        while (isDigit(cursor.peek()))
            ++cursor.at;
        return TokenKind::Parameter;
    }
    const std::string_view tag = dollarTag(cursor);
    if (tag.empty()) {
        ++cursor.at;
        return TokenKind::Other;
    }
    token.terminated = skipDollarString(cursor, tag);
    return TokenKind::DollarString;
}

TokenKind lexPunctuation(Cursor &cursor)
{
    const char c = cursor.peek();
    if (c == ':' && (cursor.peek(1) == ':' || cursor.peek(1) == '=')) {
        cursor.at += 2;
        return TokenKind::Operator;
    }
    if (c == '.' && cursor.peek(1) == '.') {
        cursor.at += 2;
        return TokenKind::Operator;
    }
    ++cursor.at;
    if (c == ';')
        return TokenKind::Semicolon;
    return std::string_view("()[],.:").find(c) != std::string_view::npos ? TokenKind::Punctuation : TokenKind::Other;
}

TokenKind lexBackslash(Cursor &cursor)
{
    // "\;" puts a semicolon into psql's buffer: to the server it separates statements like any other.
    if (cursor.peek(1) == ';') {
        cursor.at += 2;
        return TokenKind::Semicolon;
    }
    skipLine(cursor);
    return TokenKind::PsqlCommand;
}

TokenKind lex(Cursor &cursor, Token &token, bool conforming)
{
    const char c = cursor.peek();
    if (isSpace(c)) {
        while (!cursor.end() && isSpace(cursor.peek()))
            ++cursor.at;
        return TokenKind::Whitespace;
    }
    if (c == '-' && cursor.peek(1) == '-') {
        skipLine(cursor);
        return TokenKind::LineComment;
    }
    if (c == '/' && cursor.peek(1) == '*') {
        token.terminated = skipBlockComment(cursor);
        return TokenKind::BlockComment;
    }
    if (c == '\'')
        return lexString(cursor, token, 0, !conforming);
    if (c == '"') {
        token.terminated = skipQuoted(cursor, '"', false);
        return TokenKind::QuotedIdentifier;
    }
    if (startsWord(c))
        return lexWord(cursor, token, conforming);
    if (isDigit(c) || (c == '.' && isDigit(cursor.peek(1)))) {
        skipNumber(cursor);
        return TokenKind::Number;
    }
    if (c == '$')
        return lexDollar(cursor, token);
    if (isOperator(c)) {
        skipOperator(cursor);
        return TokenKind::Operator;
    }
    return c == '\\' ? lexBackslash(cursor) : lexPunctuation(cursor);
}

} // namespace

Lexer::Lexer(std::string_view text, ByteOffset from, bool standard_conforming_strings)
    : text_(text), at_(std::min(from.value, text.size())), conforming_(standard_conforming_strings)
{
}

bool Lexer::next(Token &token)
{
    if (at_ >= text_.size())
        return false;
    Cursor cursor{text_, at_};
    token.terminated = true;
    token.kind = lex(cursor, token, conforming_);
    token.span = {{at_}, {cursor.at}};
    at_ = cursor.at;
    return true;
}

} // namespace howdah::sql
