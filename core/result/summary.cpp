// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/summary.h"

#include <algorithm>

#include "core/base/human.h"
#include "core/result/number_value.h"

namespace howdah::result {

std::optional<Summary> summarize(const RowView &rows, const std::vector<CellBand> &bands, std::stop_token stop)
{
    Summary summary;
    for (const CellBand &band : bands) {
        std::vector<ValueKind> kinds;
        for (const std::size_t column : band.columns)
            kinds.push_back(valueKind(rows.source->columns()[column].type_oid));
        for (std::int64_t row = band.first_row; row <= band.last_row; ++row) {
            if ((row & 4095) == 0 && stop.stop_requested())
                return std::nullopt;
            for (std::size_t i = 0; i < kinds.size(); ++i) {
                if (!isNumber(kinds[i]))
                    continue;
                const pg::Cell cell = rows.cell(row, band.columns[i]);
                const auto number = cell.is_null ? std::nullopt : numberOf(cell.text, kinds[i]);
                summary.nulls += cell.is_null ? 1 : 0;
                if (!number)
                    continue;
                summary.lowest = summary.numbers == 0 ? number->value : std::min(summary.lowest, number->value);
                summary.highest = summary.numbers == 0 ? number->value : std::max(summary.highest, number->value);
                summary.decimals = std::max(summary.decimals, number->decimals);
                summary.sum += number->value;
                ++summary.numbers;
            }
        }
    }
    summary.cells = cellCount(bands);
    return summary;
}

std::string text(const Summary &summary)
{
    if (summary.cells < 2)
        return {};
    std::string result = human::count(summary.cells) + " cells";
    if (summary.numbers == 0)
        return result;
    if (summary.numbers < summary.cells)
        result += " · " + human::count(summary.numbers) + (summary.numbers == 1 ? " number" : " numbers");
    const int decimals = summary.decimals;
    const int mean_decimals = std::clamp(decimals + 3, 3, most_decimals);
    return result + " · sum " + figure(summary.sum, decimals)
        + " · avg " + figure(summary.sum / static_cast<long double>(summary.numbers), mean_decimals)
        + " · min " + figure(summary.lowest, decimals) + " · max " + figure(summary.highest, decimals);
}

} // namespace howdah::result
