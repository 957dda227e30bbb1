// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/text_offset.h"

namespace howdah::sql {

enum class KeywordCase : std::uint8_t { Upper, Lower, Keep };

struct FormatOptions {
    KeywordCase keywords = KeywordCase::Upper;
    std::size_t indent = 4;       ///< blanks a level
    std::size_t width = 100;      ///< columns that lists and conditions may take
    std::size_t short_query = 60; ///< a query up to this width stays on one line
    bool leading_commas = false;
};

struct Formatted {
    std::string text;
    /// A statement that was left as it stood, and why: it does not parse, or printing it anew would not give back
    /// the same statement.
    struct Kept {
        ByteSpan span; ///< in the text that was given
        Error reason;
    };
    std::vector<Kept> kept;
    std::size_t statements = 0; ///< formatted ones
};

/// Lays SQL out anew. Only blanks, line breaks and the case of keywords change: every formatted statement has the
/// tokens (comments too) of the one before and the same parse tree; one for which that cannot be shown is left as it
/// stands. Names, types, texts, function bodies and psql's backslash lines are never touched. Formatting twice gives
/// the same as once.
[[nodiscard]] Formatted format(std::string_view script, const FormatOptions &options = {});

} // namespace howdah::sql
