// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result/value_kind.h"

namespace howdah::result {

// A value as one number that sorts as the value does. nullopt: the text is not what the type promises.

[[nodiscard]] std::optional<std::int64_t> integerKey(std::string_view text);
/// Floating and exact numbers as a double's bits; NaN sorts after Infinity. Exact numbers that differ beyond a double
/// share a key: compareDecimals() tells them apart.
[[nodiscard]] std::optional<std::int64_t> floatKey(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> moneyKey(std::string_view text);
/// Microseconds: dates and timestamps in ISO style, times of the day, intervals in the styles "postgres" and ISO-like
/// units (a month counts 30 days, as the server compares them).
[[nodiscard]] std::optional<std::int64_t> timestampKey(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> timeKey(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> intervalKey(std::string_view text);

/// -1, 0, 1. Both are numbers as numeric prints them: digits with at most one point.
[[nodiscard]] int compareDecimals(std::string_view a, std::string_view b);

} // namespace howdah::result
