// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

namespace howdah::sql {

/// A tolerant lexer for PostgreSQL's SQL as people type it: it never fails and never drops a byte. The
/// token spans, joined, give back the text.
enum class TokenKind : std::uint8_t {
    Whitespace,
    LineComment,      ///< -- to the end of the line
    BlockComment,     ///< /* nested */
    Identifier,       ///< plain word, keywords included
    QuotedIdentifier, ///< "…", U&"…"
    String,           ///< '…', E'…', B'…', X'…', N'…', U&'…'
    DollarString,     ///< $tag$…$tag$
    Number,
    Parameter,        ///< $1
    Operator,         ///< any run of operator characters, and :: := => ..
    Punctuation,      ///< ( ) [ ] , . : one character each
    Semicolon,        ///< ; and psql's \;
    PsqlCommand,      ///< a backslash outside quotes, to the end of the line
    Other             ///< a byte that belongs to nothing
};

struct Token {
    TokenKind kind = TokenKind::Other;
    ByteSpan span;
    bool terminated = true; ///< false: a string, comment or quoted name that the text ends within
};

/// Pulls tokens one at a time; restartable at any offset that is a token boundary outside everything.
class Lexer
{
public:
    explicit Lexer(std::string_view text, ByteOffset from = {}, bool standard_conforming_strings = true);
    /// False at the end of the text.
    [[nodiscard]] bool next(Token &token);

private:
    std::string_view text_;
    std::size_t at_ = 0;
    bool conforming_ = true;
};

/// One statement of a script.
struct StatementSpan {
    ByteSpan whole;  ///< with everything up to the next statement; all wholes joined give back the script
    /// The statement itself: no surrounding blanks and comments (but one that does not end), no semicolon; empty when
    /// there is none.
    ByteSpan text;
    bool terminated = false;      ///< ended by a semicolon
    bool psql_command = false;    ///< a backslash line: PostgreSQL does not know it, only psql does
    bool unterminated_token = false; ///< the text ends within a string, comment or quoted name
};

/// Splits as psql does: at semicolons outside strings, comments, parentheses and BEGIN ATOMIC bodies.
[[nodiscard]] std::vector<StatementSpan> splitStatements(std::string_view script,
                                                         bool standard_conforming_strings = true);

/// The statement under the cursor: the one whose text holds the offset; between two statements the one that
/// ends on the same line before it, else the next one. Null when the script has none.
[[nodiscard]] const StatementSpan *statementAt(const std::vector<StatementSpan> &statements, std::string_view script,
                                               ByteOffset cursor);

} // namespace howdah::sql
