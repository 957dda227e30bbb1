// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result/cell_bands.h"
#include "core/result/row_source.h"

namespace howdah::result {

/// What a selection adds up to. Only columns of number types are counted as numbers; NaN and infinities are left out
/// of the figures. Sums are exact to 18 significant digits.
struct Summary {
    std::int64_t cells = 0;
    std::int64_t nulls = 0;
    std::int64_t numbers = 0;
    long double sum = 0;
    long double lowest = 0;  ///< meaningless where numbers == 0
    long double highest = 0;
    int decimals = 0;        ///< most digits after the point among the numbers
};

/// nullopt when asked to stop.
[[nodiscard]] std::optional<Summary> summarize(const RowView &rows, const std::vector<CellBand> &bands, std::stop_token stop = {});

/// "12 cells · sum 1 204.5 · avg 100.375 · min 3 · max 410"; "" for fewer than two cells.
[[nodiscard]] std::string text(const Summary &summary);

} // namespace howdah::result
