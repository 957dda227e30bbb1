// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/column_statistics.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/result/number_value.h"
#include "core/result/sort_key.h"
#include "core/result/value_counts.h"

namespace howdah::result {

namespace {

constexpr std::size_t kept_bytes = 500; ///< of a value that is shown
constexpr std::int64_t stop_mask = 0x3fff;
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second_us;

bool isTime(ValueKind kind)
{
    return kind == ValueKind::Date || kind == ValueKind::Timestamp || kind == ValueKind::Time || kind == ValueKind::Interval;
}

std::optional<std::int64_t> timeKeyOf(std::string_view text, ValueKind kind)
{
    switch (kind) {
    case ValueKind::Date:
    case ValueKind::Timestamp: return text.ends_with("infinity") ? std::nullopt : timestampKey(text);
    case ValueKind::Time: return timeKey(text);
    case ValueKind::Interval: return text.ends_with("infinity") ? std::nullopt : intervalKey(text);
    default: return std::nullopt;
    }
}

/// A value as a place on the histogram's axis; nullopt: it has none.
std::optional<double> placeOf(std::string_view text, ValueKind kind)
{
    if (isTime(kind)) {
        const auto key = timeKeyOf(text, kind);
        return key ? std::optional(static_cast<double>(*key)) : std::nullopt;
    }
    if (!isNumber(kind))
        return std::nullopt;
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc() && end == text.data() + text.size())
        return std::isfinite(value) ? std::optional(value) : std::nullopt;
    const auto number = numberOf(text, kind);
    return number ? std::optional(static_cast<double>(number->value)) : std::nullopt;
}

std::string cut(std::string_view text)
{
    std::size_t size = std::min(text.size(), kept_bytes);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
        --size;
    return std::string(text.substr(0, size));
}

std::int64_t characters(std::string_view text)
{
    return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string dateText(std::int64_t days)
{
    // Days since 1970 as a date of the proleptic Gregorian calendar, by eras of 400 years.
    days += 719'468;
    const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
    const std::int64_t of_era = days - era * 146'097;
    const std::int64_t year_of_era = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * of_year + 2) / 153;
    const std::int64_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    return fmt::format("{:04}-{:02}-{:02}", year, month < 10 ? month + 3 : month - 9, of_year - (153 * month + 2) / 5 + 1);
}

std::string clockText(std::int64_t us)
{
    const std::int64_t seconds = us / second_us;
    std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return us % second_us == 0 ? text : text + fmt::format(".{:06}", us % second_us);
}

/// A place on the axis as an operand. Moments carry their zone, so that they mean the same in every session.
std::string placeText(double place, ValueKind kind, bool has_zone)
{
    if (!isTime(kind))
        return fmt::format("{:.10g}", place);
    const auto us = static_cast<std::int64_t>(place);
    const std::int64_t days = us >= 0 ? us / day_us : -((day_us - 1 - us) / day_us);
    if (kind == ValueKind::Interval)
        return (us < 0 ? "-" : "") + clockText(std::abs(us));
    if (kind == ValueKind::Time)
        return clockText(us);
    if (kind == ValueKind::Date)
        return dateText(days);
    return dateText(days) + " " + clockText(us - days * day_us) + (has_zone ? "+00" : "");
}

struct Axis {
    double lowest = 0, highest = 0;
    bool any = false;
    bool whole = true; ///< only whole steps make sense
    void add(double place)
    {
        lowest = any ? std::min(lowest, place) : place;
        highest = any ? std::max(highest, place) : place;
        any = true;
    }
};

/// Steps of 1, 2, 5 × 10^n (whole days for dates), so that the ends of bins can be read.
double stepOf(const Axis &axis, ValueKind kind, std::size_t bins)
{
    const double range = (axis.highest - axis.lowest) / static_cast<double>(bins);
    if (isTime(kind)) {
        static constexpr double steps[] = {1e6, 5e6, 15e6, 60e6, 300e6, 900e6, 3600e6, 3 * 3600e6, 6 * 3600e6, 12 * 3600e6, 86400e6, 2 * 86400e6, 7 * 86400e6,
                                           14 * 86400e6, 30 * 86400e6, 91 * 86400e6, 365 * 86400e6};
        for (const double step : steps) {
            if (step >= range && (kind != ValueKind::Date || step >= 86400e6))
                return step;
        }
        return std::ceil(range / (365 * 86400e6)) * 365 * 86400e6;
    }
    if (range <= 0 || !std::isfinite(range))
        return 1;
    const double power = std::pow(10, std::floor(std::log10(range)));
    double step = power * 10;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= range * (1 - 1e-12)) {
            step = factor * power;
            break;
        }
    }
    return kind == ValueKind::Integer ? std::max(1.0, step) : step;
}

std::vector<HistogramBin> binsOf(const Axis &axis, ValueKind kind, std::size_t most, bool has_zone)
{
    std::vector<HistogramBin> bins;
    const double step = stepOf(axis, kind, most);
    const double first = std::floor(axis.lowest / step) * step;
    for (std::size_t i = 0; i < most + 2; ++i) {
        HistogramBin bin;
        bin.from = first + static_cast<double>(i) * step;
        bin.to = bin.from + step;
        if (bin.from > axis.highest || (i > 0 && bin.from <= bins.back().from))
            break;
        bin.from_text = placeText(bin.from, kind, has_zone);
        bin.to_text = placeText(bin.to, kind, has_zone);
        bins.push_back(std::move(bin));
    }
    return bins;
}

/// One pass over the values.
class Collector
{
public:
    Collector(const RowView &rows, std::size_t column, ValueKind kind, std::size_t bound)
        : rows_(rows), column_(column), kind_(kind), counts_(bound) { }

    void add(std::int64_t row)
    {
        const pg::Cell cell = rows_.cell(row, column_);
        if (cell.is_null) {
            ++nulls;
            return;
        }
        counts_.add(hashOf(cell.text), row, [&](std::int64_t earlier) { return rows_.cell(earlier, column_).text == cell.text; });
        if (isNumber(kind_)) {
            if (const auto number = numberOf(cell.text, kind_))
                addNumber(*number);
        } else if (!isTime(kind_)) {
            const std::int64_t length = kind_ == ValueKind::Bytea ? static_cast<std::int64_t>(cell.text.size()) : characters(cell.text);
            shortest = seen_ ? std::min(shortest, length) : length;
            longest = std::max(longest, length);
        }
        const auto place = placeOf(cell.text, kind_);
        if (place)
            axis.add(*place);
        order(row, cell.text, place);
        seen_ = true;
    }
    void finish(ColumnStatistics &statistics, std::size_t most) const;

    std::int64_t nulls = 0, numbers = 0, shortest = 0, longest = 0;
    Axis axis;

private:
    void addNumber(const Number &number)
    {
        ++numbers;
        sum_ += number.value;
        const long double off = number.value - mean_;
        mean_ += off / static_cast<long double>(numbers);
        squares_ += off * (number.value - mean_);
        decimals_ = std::max(decimals_, number.decimals);
    }
    void order(std::int64_t row, std::string_view text, std::optional<double> place)
    {
        const bool by_place = isNumber(kind_) || isTime(kind_);
        if (by_place && !place)
            return;
        const auto before = [&](std::int64_t other, double other_place, bool less) {
            if (other < 0)
                return true;
            if (by_place && *place != other_place)
                return less ? *place < other_place : *place > other_place;
            if (by_place) // beyond a double's digits
                return kind_ == ValueKind::Numeric && (compareDecimals(text, rows_.cell(other, column_).text) < 0) == less
                    && text != rows_.cell(other, column_).text;
            const int compared = text.compare(rows_.cell(other, column_).text);
            return less ? compared < 0 : compared > 0;
        };
        if (before(lowest_, lowest_place_, true)) {
            lowest_ = row;
            lowest_place_ = place.value_or(0);
        }
        if (before(highest_, highest_place_, false)) {
            highest_ = row;
            highest_place_ = place.value_or(0);
        }
    }

    const RowView &rows_;
    std::size_t column_;
    ValueKind kind_;
    ValueCounts counts_;
    long double sum_ = 0, mean_ = 0, squares_ = 0;
    int decimals_ = 0;
    std::int64_t lowest_ = -1, highest_ = -1;
    double lowest_place_ = 0, highest_place_ = 0;
    bool seen_ = false;
};

void Collector::finish(ColumnStatistics &statistics, std::size_t most) const
{
    statistics.nulls = nulls;
    statistics.distinct = counts_.distinct();
    statistics.distinct_exact = counts_.exact();
    statistics.frequent_error = counts_.error();
    statistics.numbers = numbers;
    statistics.sum = sum_;
    statistics.mean = mean_;
    statistics.deviation = numbers > 0 ? std::sqrt(std::max(0.0L, squares_ / static_cast<long double>(numbers))) : 0;
    statistics.decimals = decimals_;
    statistics.shortest = shortest;
    statistics.longest = longest;
    if (lowest_ >= 0) {
        statistics.lowest = cut(rows_.cell(lowest_, column_).text);
        statistics.highest = cut(rows_.cell(highest_, column_).text);
    }
    for (const auto &entry : counts_.frequent(most)) {
        if (entry.count < 2 && statistics.distinct > static_cast<std::int64_t>(most))
            break;
        const std::string_view text = rows_.cell(entry.row, column_).text;
        statistics.frequent.push_back({cut(text), entry.count, text.size() <= kept_bytes});
    }
}

} // namespace

std::optional<ColumnStatistics> columnStatistics(const RowView &rows, std::int64_t row_count, std::size_t column, std::stop_token stop,
                                                 StatisticsBounds bounds)
{
    constexpr std::uint32_t timestamptz_oid = 1184;
    ColumnStatistics statistics;
    const std::uint32_t type = rows.source->columns()[column].type_oid;
    statistics.kind = valueKind(type);
    statistics.rows = row_count;
    Collector collector(rows, column, statistics.kind, bounds.distinct);
    for (std::int64_t row = 0; row < row_count; ++row) {
        if ((row & stop_mask) == 0 && stop.stop_requested())
            return std::nullopt;
        collector.add(row);
    }
    collector.finish(statistics, bounds.frequent);
    const Axis &axis = collector.axis;
    if (!axis.any || !(axis.highest > axis.lowest))
        return statistics;
    auto &bins = statistics.histogram;
    bins = binsOf(axis, statistics.kind, bounds.bins, type == timestamptz_oid);
    if (bins.size() < 2) {
        bins.clear();
        return statistics;
    }
    const double first = bins[0].from, step = bins[0].to - bins[0].from;
    for (std::int64_t row = 0; row < row_count; ++row) {
        if ((row & stop_mask) == 0 && stop.stop_requested())
            return std::nullopt;
        const pg::Cell cell = rows.cell(row, column);
        const auto place = cell.is_null ? std::nullopt : placeOf(cell.text, statistics.kind);
        if (place)
            ++bins[std::min(bins.size() - 1, static_cast<std::size_t>(std::max(0.0, (*place - first) / step)))].rows;
    }
    return statistics;
}

} // namespace howdah::result
