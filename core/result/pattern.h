// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string_view>

#include "core/base/error.h"

namespace howdah::result {

/// A regular expression as POSIX extends it, with \d \D \w \W \s \S \b besides; letters of every alphabet. Takes time in
/// proportion to the text: references back to groups are refused.
class Pattern
{
public:
    [[nodiscard]] static Result<Pattern> make(std::string_view text, bool match_case);
    /// Somewhere within the text; ^ and $ are its ends.
    [[nodiscard]] bool matches(std::string_view text) const;

private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

} // namespace howdah::result
