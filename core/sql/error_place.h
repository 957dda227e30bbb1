// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/text_offset.h"

namespace howdah::sql {

/// One line of an error's CONTEXT: where the server was, the innermost first. Read from English messages; those of
/// another lc_messages give frames of kind Other.
struct ErrorFrame {
    enum class Kind : std::uint8_t { Routine, Statement, Other };
    Kind kind = Kind::Other;
    std::string routine;      ///< "shop.f(integer)", "inline_code_block"
    int line = 0;             ///< of a PL/pgSQL body, from 1; 0 when not told
    int statement = 0;        ///< of an SQL function's body, from 1; 0 when not told
    std::string text;         ///< as sent; a statement in it may have several lines
};
[[nodiscard]] std::vector<ErrorFrame> errorFrames(std::string_view context);

/// The context as people read it: a line a frame, statements shortened to one line.
[[nodiscard]] std::string readableContext(std::string_view context);

/// The word that `at` is in; behind the last word of `within` ("at end of input") that one. Never more than a line.
[[nodiscard]] ByteSpan offendingWord(std::string_view text, ByteOffset at, ByteSpan within);

/// What to mark in a script for an error.
struct ErrorPlace {
    ByteSpan mark;
    std::string within; ///< the frame the mark does not show: "PL/pgSQL function f(integer) line 3 at RAISE"; else ""
};

/// `error.position` counts in the script, `statement` is the one that failed, `created` the statements of the same
/// script that made the routines as they are now on the server. Marks the token where the server's position or its
/// internal query can be found, else the line of the innermost body that lies in the script, else the call. Null when
/// nothing better than the whole statement is known.
[[nodiscard]] std::optional<ErrorPlace> errorPlace(const Error &error, std::string_view script, ByteSpan statement,
                                                   const std::vector<ByteSpan> &created = {});

} // namespace howdah::sql
