// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace howdah::result {

/// A rectangle of cells, both ends included; rows as shown.
struct CellRange {
    std::int64_t first_row = 0;
    std::int64_t last_row = 0;
    std::size_t first_column = 0;
    std::size_t last_column = 0;
    bool operator==(const CellRange &) const = default;
};

/// Rows that all have the same columns chosen.
struct CellBand {
    std::int64_t first_row = 0;
    std::int64_t last_row = 0;
    std::vector<std::size_t> columns; ///< ascending
    bool operator==(const CellBand &) const = default;
};

/// The union of ranges that may overlap, as bands in ascending order that do not.
[[nodiscard]] std::vector<CellBand> bandsOf(const std::vector<CellRange> &ranges);
[[nodiscard]] std::int64_t cellCount(const std::vector<CellBand> &bands);
[[nodiscard]] std::int64_t rowCount(const std::vector<CellBand> &bands);
/// Leaves out columns (hidden ones); bands left without any go.
void keepColumns(std::vector<CellBand> &bands, const std::vector<bool> &kept);

} // namespace howdah::result
