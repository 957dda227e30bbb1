// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result/value_kind.h"

namespace howdah::result {

/// Digits after the point that figures are shown with at most.
inline constexpr int most_decimals = 10;

struct Number {
    long double value = 0;
    int decimals = 0; ///< digits after the point
};

/// "$1,234.50" and "(5.00)" as well as plain numbers; nullopt for NaN, infinities and anything else.
[[nodiscard]] std::optional<Number> numberOf(std::string_view text, ValueKind kind);
/// Fixed decimals with thin separators, zeros at the end left off: "1 204.5".
[[nodiscard]] std::string figure(long double value, int decimals);

} // namespace howdah::result
