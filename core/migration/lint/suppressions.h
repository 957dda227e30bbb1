// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

namespace howdah::migration::linting {

/// A comment that says "howdah:ignore".
struct Suppression {
    ByteSpan comment;
    bool whole_file = false;
    std::vector<std::string> rules;
    std::string reason;
    ByteSpan covers;        ///< findings whose statement begins in it
    std::vector<bool> used; ///< for each rule
};

/// `units` are the statements, those within blocks too, in ascending order of where they begin.
[[nodiscard]] std::vector<Suppression> suppressionsIn(std::string_view script, const std::vector<ByteSpan> &units);

} // namespace howdah::migration::linting
