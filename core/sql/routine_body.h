// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

namespace howdah::sql {

/// The code of a DO block, or of CREATE FUNCTION or PROCEDURE … AS '…', as it lies in a script.
struct RoutineBody {
    std::string name;   ///< without schema, as the server stores it; "inline_code_block" for DO, as the server calls it
    int arguments = 0;  ///< those of a call: IN, INOUT and VARIADIC; a procedure's OUT too
    std::string text;   ///< as the server gets it
    /// Where a byte of `text` stands in the script; the end of the text is allowed.
    [[nodiscard]] ByteOffset inScript(ByteOffset at) const;
    [[nodiscard]] ByteSpan inScript(ByteSpan span) const { return {inScript(span.begin), inScript(span.end)}; }

    std::vector<std::size_t> places; ///< of each byte and of the end, in the script
};

/// Null when the statement holds none (another statement, a C function, BEGIN ATOMIC).
[[nodiscard]] std::optional<RoutineBody> routineBody(std::string_view script, ByteSpan statement);

} // namespace howdah::sql
