// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"
#include "core/sql/lexer.h"

namespace howdah::complete {

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

/// A token that means something.
struct Word {
    sql::TokenKind kind = sql::TokenKind::Other;
    ByteSpan span;               ///< in the text the words were made from
    std::string_view text;
    std::string lower;           ///< of a plain word, else ""
    std::string name;            ///< of a plain or quoted word: the identifier it stands for
    std::size_t match = nowhere; ///< of a parenthesis or bracket: its partner
    bool is(std::string_view word) const { return lower == word; }
    bool isText(std::string_view what) const { return text == what; }
};

/// The statement around the cursor as words, with a hole at the cursor: an empty word in place of the one being typed.
struct Statement {
    std::string_view text;       ///< what spans count in
    std::vector<Word> words;
    std::size_t hole = 0;        ///< index of the hole
    std::string typed;           ///< the part of the name before the cursor, without quotes
    ByteSpan replaced;           ///< what a candidate takes the place of
    bool quoted = false;         ///< the name being typed is in double quotes
    bool silent = false;         ///< in a comment, a literal or a number: nothing is to be offered
    bool in_body = false;        ///< inside a dollar-quoted body
    std::size_t base = 0;        ///< where `text` begins in the buffer
    std::vector<std::string> names; ///< of arguments and variables around the body
    std::string trigger_function;   ///< whose body this is, when it is one; else ""

    [[nodiscard]] const Word &at(std::size_t index) const { return words[index]; }
    /// The word before that one; an empty one at the beginning.
    [[nodiscard]] const Word &before(std::size_t index, std::size_t steps = 1) const;
    /// The index after a parenthesis's partner, at most `end`.
    [[nodiscard]] std::size_t past(std::size_t open, std::size_t end) const;
};

/// Of the innermost SQL that holds the cursor: a dollar-quoted string counts as SQL of its own.
[[nodiscard]] Statement statementWords(std::string_view text, ByteOffset cursor, bool standard_conforming_strings = true);

/// The identifier a quoted or plain word stands for.
[[nodiscard]] std::string identifierOf(std::string_view token, bool quoted);

} // namespace howdah::complete
