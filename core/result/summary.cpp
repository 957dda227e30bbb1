// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/summary.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/result/value_kind.h"

namespace howdah::result {

namespace {

constexpr int most_decimals = 10;

struct Number {
    long double value = 0;
    int decimals = 0;
};

/// "$1,234.50" and "(5.00)" as well as plain numbers; nullopt for NaN, infinities and anything else.
std::optional<Number> numberOf(std::string_view text, ValueKind kind)
{
    std::string money;
    if (kind == ValueKind::Money) {
        for (const char c : text) {
            if ((c >= '0' && c <= '9') || c == '.')
                money += c;
            else if (money.empty() && (c == '-' || c == '('))
                money = '-';
        }
        text = money;
    }
    if (!isPlainNumber(text))
        return std::nullopt;
    Number number;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number.value);
    if (failed != std::errc())
        return std::nullopt;
    const std::size_t point = text.find('.');
    const std::size_t fraction_end = std::min(text.find_first_of("eE"), text.size());
    number.decimals = fraction_end < text.size() ? most_decimals
        : point == std::string_view::npos        ? 0
                                                 : static_cast<int>(fraction_end - point - 1);
    return number;
}

/// Fixed decimals with thin separators, zeros at the end left off.
std::string figure(long double value, int decimals)
{
    if (std::fabs(value) >= 1e18L)
        return fmt::format("{:.6g}", static_cast<double>(value));
    std::string digits = fmt::format("{:.{}f}", value, std::min(decimals, most_decimals));
    std::string fraction;
    if (const std::size_t point = digits.find('.'); point != std::string::npos) {
        fraction = digits.substr(point);
        digits.resize(point);
        while (fraction.ends_with('0'))
            fraction.pop_back();
        if (fraction == ".")
            fraction.clear();
    }
    const bool negative = digits.starts_with('-');
    const std::string whole = human::count(std::strtoll(digits.c_str() + (negative ? 1 : 0), nullptr, 10));
    return fmt::format("{}{}{}", negative ? "−" : "", whole, fraction);
}

} // namespace

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
