// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace howdah::plan {

void appendUtf8(std::string &out, std::uint32_t code);

/// Characters of a line, as terminals and psql count its width (wide characters count as one).
[[nodiscard]] std::size_t charCount(std::string_view utf8);

} // namespace howdah::plan
