// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::complete {

/// How well what was typed fits a name, from 1 (letters far apart) to 1000 (the name itself); 0: not at all. Letters are
/// compared without case (ASCII). In this order: the name, its beginning, the initials of its words ("oi" is
/// order_items), the beginning of one of its words, a part of it, its letters in order. Nothing typed fits all alike.
[[nodiscard]] int match(std::string_view typed, std::string_view name);
/// The bytes of the name that match() matched, ascending.
[[nodiscard]] std::vector<std::uint16_t> matchedBytes(std::string_view typed, std::string_view name);

/// ASCII letters in lower case, as PostgreSQL folds names.
[[nodiscard]] std::string folded(std::string_view name);

} // namespace howdah::complete
