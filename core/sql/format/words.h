// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/sql/format.h"
#include "core/sql/lexer.h"

namespace howdah::sql::format_detail {

/// A token with what the layout must know of it.
struct Word {
    TokenKind kind = TokenKind::Other;
    std::string text;    ///< as it is to be written
    std::string lower;   ///< of an Identifier: folded; else as written
    bool blank_before = false;
    bool line_before = false; ///< a line break stood before it
    bool keyword = false;
    bool paired = false;      ///< a keyword only because of the word beside it
    bool unary = false;       ///< an operator with nothing on its left
    bool named_list = false;  ///< a name whose parentheses list columns: "t (a, b)", not the call "f(a, b)"

    [[nodiscard]] bool is(std::string_view word) const { return kind == TokenKind::Identifier && lower == word; }
    [[nodiscard]] bool isMark(char c) const
    {
        return kind == TokenKind::Punctuation && text.size() == 1 && text.front() == c;
    }
    [[nodiscard]] bool isComment() const
    {
        return kind == TokenKind::LineComment || kind == TokenKind::BlockComment;
    }
};

/// The tokens of one statement but its blanks.
[[nodiscard]] std::vector<Word> wordsOf(std::string_view statement, KeywordCase keywords);
/// Whether a blank stands between them on a line.
[[nodiscard]] bool blankBetween(const Word &left, const Word &right);

} // namespace howdah::sql::format_detail
