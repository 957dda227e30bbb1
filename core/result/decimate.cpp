// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/decimate.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "core/result/column_statistics.h"
#include "core/result/number_value.h"
#include "core/result/sort_key.h"
#include "core/result/value_kind.h"

namespace howdah::result {

namespace {

constexpr std::int64_t stop_mask = 0x3fff;
constexpr double microseconds = 1'000;

bool isTime(ValueKind kind)
{
    return kind == ValueKind::Date || kind == ValueKind::Timestamp;
}

std::optional<double> placeOf(const pg::Cell &cell, ValueKind kind)
{
    if (cell.is_null)
        return std::nullopt;
    if (isTime(kind)) {
        const auto key = cell.text.ends_with("infinity") ? std::nullopt : timestampKey(cell.text);
        return key ? std::optional(static_cast<double>(*key) / microseconds) : std::nullopt;
    }
    const auto number = isNumber(kind) ? numberOf(cell.text, kind) : std::nullopt;
    return number ? std::optional(static_cast<double>(number->value)) : std::nullopt;
}

ValueKind kindOf(const RowView &rows, std::size_t column)
{
    return valueKind(rows.source->columns()[column].type_oid);
}

/// Names that call a column a number although it only names things.
bool namesThings(const std::string &name)
{
    return name == "id" || name.ends_with("_id") || name == "oid" || name.ends_with("_oid");
}

std::optional<ChartData> bars(const RowView &rows, std::int64_t row_count, const ChartRequest &request, const std::stop_token &stop)
{
    ChartData data;
    data.axis = ChartAxis::Category;
    std::unordered_map<std::string, std::size_t> places;
    std::unordered_set<std::string> left_out;
    for (const std::size_t y : request.y)
        data.series.push_back({rows.source->columns()[y].name, {}, 0});
    for (std::int64_t row = 0; row < row_count; ++row) {
        if ((row & stop_mask) == 0 && stop.stop_requested())
            return std::nullopt;
        const pg::Cell cell = request.x ? rows.cell(row, *request.x) : pg::Cell{};
        std::string name = !request.x ? std::to_string(row + 1) : cell.is_null ? "NULL" : std::string(cell.text.substr(0, 100));
        const auto known = places.find(name);
        std::size_t at = known == places.end() ? places.size() : known->second;
        data.summed = data.summed || known != places.end();
        if (known == places.end()) {
            if (at == most_chart_bars) {
                if (left_out.size() < 100'000)
                    left_out.insert(std::move(name));
                ++data.rows_left_out;
                continue;
            }
            data.categories.push_back(name);
            places.emplace(std::move(name), at);
            for (ChartSeries &series : data.series)
                series.points.push_back({static_cast<double>(at), 0});
        }
        for (std::size_t i = 0; i < request.y.size(); ++i) {
            if (const auto value = placeOf(rows.cell(row, request.y[i]), kindOf(rows, request.y[i]))) {
                data.series[i].points[at].y += *value;
                ++data.series[i].values;
            }
        }
    }
    data.categories_left_out = static_cast<std::int64_t>(left_out.size());
    return data;
}

std::optional<ChartData> histogram(const RowView &rows, std::int64_t row_count, const ChartRequest &request, const std::stop_token &stop)
{
    const auto statistics = columnStatistics(rows, row_count, request.y[0], stop, {1'000, 1, 40});
    if (!statistics)
        return std::nullopt;
    ChartData data;
    data.axis = ChartAxis::Category;
    data.series.push_back({rows.source->columns()[request.y[0]].name, {}, statistics->rows - statistics->nulls});
    for (const HistogramBin &bin : statistics->histogram) {
        data.series[0].points.push_back({static_cast<double>(data.categories.size()), static_cast<double>(bin.rows)});
        data.categories.push_back(bin.from_text);
    }
    data.rows_left_out = statistics->nulls;
    return data;
}

} // namespace

std::vector<ChartPoint> decimate(const std::vector<ChartPoint> &points, std::size_t most)
{
    if (points.size() <= most || most < 4)
        return points;
    std::vector<ChartPoint> kept{points.front()};
    const std::size_t buckets = (most - 2) / 2;
    const std::size_t inner = points.size() - 2;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        const auto begin = points.begin() + 1 + static_cast<std::ptrdiff_t>(bucket * inner / buckets);
        const auto end = points.begin() + 1 + static_cast<std::ptrdiff_t>((bucket + 1) * inner / buckets);
        const auto [low, high] = std::minmax_element(begin, end, [](const ChartPoint &a, const ChartPoint &b) { return a.y < b.y; });
        kept.push_back(*std::min(low, high));
        if (low != high)
            kept.push_back(*std::max(low, high));
    }
    kept.push_back(points.back());
    return kept;
}

std::vector<ChartPoint> thinOut(const std::vector<ChartPoint> &points, std::size_t most)
{
    if (points.size() <= most)
        return points;
    const auto [left, right] = std::minmax_element(points.begin(), points.end(), [](auto &a, auto &b) { return a.x < b.x; });
    const auto [low, high] = std::minmax_element(points.begin(), points.end(), [](auto &a, auto &b) { return a.y < b.y; });
    const auto columns = static_cast<std::size_t>(std::sqrt(static_cast<double>(most) * 2));
    const std::size_t lines = most / columns;
    std::vector<bool> taken(columns * lines, false);
    std::vector<ChartPoint> kept;
    const auto cell = [](double value, double from, double to, std::size_t cells) {
        return to > from ? std::min(cells - 1, static_cast<std::size_t>((value - from) / (to - from) * static_cast<double>(cells))) : 0;
    };
    for (const ChartPoint &point : points) {
        const std::size_t at = cell(point.x, left->x, right->x, columns) + columns * cell(point.y, low->y, high->y, lines);
        if (!taken[at])
            kept.push_back(point);
        taken[at] = true;
    }
    return kept;
}

std::optional<ChartRequest> guessChart(const RowView &rows, std::int64_t row_count)
{
    const auto &columns = rows.source->columns();
    ChartRequest request;
    std::optional<std::size_t> time, text, id;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ValueKind kind = kindOf(rows, i);
        if (isTime(kind) && !time)
            time = i;
        else if (isNumber(kind) && !namesThings(columns[i].name))
            numbers.push_back(i);
        else if (isNumber(kind) && !id)
            id = i;
        else if ((kind == ValueKind::Text || kind == ValueKind::Boolean) && !text)
            text = i;
    }
    if (numbers.empty() && !id)
        return std::nullopt;
    if (numbers.empty())
        numbers.push_back(*id);
    // More series than a few only make sense where they are alike; one is always right.
    request.y = {numbers[0]};
    if (time) {
        request.x = time;
        if (numbers.size() <= 3)
            request.y = numbers;
        return request;
    }
    if (text) {
        std::unordered_set<std::string_view> names;
        for (std::int64_t row = 0; row < std::min<std::int64_t>(row_count, 2'000) && names.size() <= most_chart_bars; ++row)
            names.insert(rows.cell(row, *text).text);
        if (names.size() <= most_chart_bars) {
            request.kind = ChartKind::Bar;
            request.x = text;
            return request;
        }
    }
    if (numbers.size() > 1) {
        request.kind = ChartKind::Scatter;
        request.x = numbers[0];
        request.y = {numbers[1]};
    }
    return request;
}

std::optional<ChartData> chartData(const RowView &rows, std::int64_t row_count, const ChartRequest &request, std::stop_token stop)
{
    if (request.y.empty())
        return ChartData{};
    if (request.kind == ChartKind::Bar)
        return bars(rows, row_count, request, stop);
    if (request.kind == ChartKind::Histogram)
        return histogram(rows, row_count, request, stop);
    ChartData data;
    const ValueKind x_kind = request.x ? kindOf(rows, *request.x) : ValueKind::Integer;
    data.axis = isTime(x_kind) ? ChartAxis::Time : ChartAxis::Number;
    for (const std::size_t y : request.y) {
        const ValueKind y_kind = kindOf(rows, y);
        std::vector<ChartPoint> points;
        bool ascends = true;
        std::int64_t left_out = 0;
        for (std::int64_t row = 0; row < row_count; ++row) {
            if ((row & stop_mask) == 0 && stop.stop_requested())
                return std::nullopt;
            const auto x = request.x ? placeOf(rows.cell(row, *request.x), x_kind) : std::optional(static_cast<double>(row + 1));
            const auto value = placeOf(rows.cell(row, y), y_kind);
            if (!x || !value) {
                ++left_out;
                continue;
            }
            ascends = ascends && (points.empty() || points.back().x <= *x);
            points.push_back({*x, *value});
        }
        data.rows_left_out = std::max(data.rows_left_out, left_out);
        const auto all = static_cast<std::int64_t>(points.size());
        if (request.kind == ChartKind::Line && !ascends)
            std::stable_sort(points.begin(), points.end(), [](const ChartPoint &a, const ChartPoint &b) { return a.x < b.x; });
        data.series.push_back({rows.source->columns()[y].name, request.kind == ChartKind::Line ? decimate(points) : thinOut(points), all});
    }
    return data;
}

} // namespace howdah::result
