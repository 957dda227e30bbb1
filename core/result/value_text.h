// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace howdah::result {

// A value written for reading. Nothing here changes what it says: digits, order and duplicates of JSON stay.

/// JSON with a line per member, indented by two; nullopt when it is no JSON.
[[nodiscard]] std::optional<std::string> indentJson(std::string_view text);

/// The bytes of a bytea as the server writes it, under either bytea_output; nullopt when it is neither.
[[nodiscard]] std::optional<std::string> decodeBytea(std::string_view text);

/// "00000010  48 65 6c 6c 6f …  |Hello…|", 16 bytes a line.
[[nodiscard]] std::string hexDump(std::string_view bytes);

} // namespace howdah::result
