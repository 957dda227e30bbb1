// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace howdah::human {

// Figures as a person would say them. One place, so that the window, the CLI and reports agree.
// Not localised on purpose: they sit beside the server's own output, which is not either.

/// "0.04 ms", "28.6 ms", "4.2 s", "3 min 5 s", "3 h 10 min".
[[nodiscard]] std::string duration(double milliseconds);
/// "600 kB", "1.1 GB": powers of 1,024 with the unit names PostgreSQL's pg_size_pretty uses.
[[nodiscard]] std::string bytes(std::int64_t bytes);
/// Whole numbers with thin-space separators: "1 234 567" (U+2009), or any other separator.
[[nodiscard]] std::string count(std::int64_t value, const char *separator = "\xE2\x80\x89");
/// Large counts shortened for narrow places: "950", "12.3 k", "4.1 M".
[[nodiscard]] std::string compactCount(double value);
/// "1.0×", "12×", "1 300×".
[[nodiscard]] std::string factor(double value);

} // namespace howdah::human
