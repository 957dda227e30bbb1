// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace howdah::migration::linting {

/// A script as tools write it, made readable for PostgreSQL's grammar without moving a byte: names stand for psql's
/// :variables and for ${placeholders}, and the data behind COPY … FROM STDIN is blank.
struct NeutralText {
    std::string text;
    std::vector<std::pair<std::string, std::string>> stand_ins; ///< and what they stand for
    /// A text of ours with the placeholders as they were written.
    [[nodiscard]] std::string restored(std::string text) const;
};

[[nodiscard]] NeutralText neutral(std::string_view script);

} // namespace howdah::migration::linting
