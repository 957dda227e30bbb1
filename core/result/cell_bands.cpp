// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/cell_bands.h"

#include <algorithm>
#include <map>

namespace howdah::result {

namespace {

struct Edge {
    std::int64_t row;
    int step; ///< +1 where a range begins, -1 on the row after its last
    const CellRange *range;
};

} // namespace

std::vector<CellBand> bandsOf(const std::vector<CellRange> &ranges)
{
    std::vector<Edge> edges;
    edges.reserve(ranges.size() * 2);
    for (const CellRange &range : ranges) {
        edges.push_back({range.first_row, 1, &range});
        edges.push_back({range.last_row + 1, -1, &range});
    }
    std::sort(edges.begin(), edges.end(), [](const Edge &a, const Edge &b) { return a.row < b.row; });

    std::vector<CellBand> bands;
    std::map<std::size_t, int> covered; // column: by how many ranges
    for (std::size_t i = 0; i < edges.size();) {
        const std::int64_t row = edges[i].row;
        for (; i < edges.size() && edges[i].row == row; ++i) {
            const CellRange &range = *edges[i].range;
            for (std::size_t column = range.first_column; column <= range.last_column; ++column) {
                if ((covered[column] += edges[i].step) == 0)
                    covered.erase(column);
            }
        }
        if (covered.empty() || i == edges.size())
            continue;
        CellBand band{row, edges[i].row - 1, {}};
        for (const auto &[column, count] : covered)
            band.columns.push_back(column);
        if (!bands.empty() && bands.back().last_row + 1 == row && bands.back().columns == band.columns)
            bands.back().last_row = band.last_row;
        else
            bands.push_back(std::move(band));
    }
    return bands;
}

std::int64_t cellCount(const std::vector<CellBand> &bands)
{
    std::int64_t count = 0;
    for (const CellBand &band : bands)
        count += (band.last_row - band.first_row + 1) * static_cast<std::int64_t>(band.columns.size());
    return count;
}

std::int64_t rowCount(const std::vector<CellBand> &bands)
{
    std::int64_t count = 0;
    for (const CellBand &band : bands)
        count += band.last_row - band.first_row + 1;
    return count;
}

void keepColumns(std::vector<CellBand> &bands, const std::vector<bool> &kept)
{
    for (CellBand &band : bands)
        std::erase_if(band.columns, [&](std::size_t column) { return column >= kept.size() || !kept[column]; });
    std::erase_if(bands, [](const CellBand &band) { return band.columns.empty(); });
}

} // namespace howdah::result
