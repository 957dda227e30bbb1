// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result/row_source.h"

namespace howdah::result {

inline constexpr std::size_t most_chart_points = 2'000;
inline constexpr std::size_t most_chart_series = 6;
inline constexpr std::size_t most_chart_bars = 40;

struct ChartPoint {
    double x = 0;
    double y = 0;
    bool operator==(const ChartPoint &) const = default;
};

/// At most `most` of the points, which ascend by x: of each of equally many neighbours the lowest and the highest, so that
/// every peak stays; the first and the last point too.
[[nodiscard]] std::vector<ChartPoint> decimate(const std::vector<ChartPoint> &points, std::size_t most = most_chart_points);
/// At most `most` of a cloud of points: one for each place that a picture could tell apart.
[[nodiscard]] std::vector<ChartPoint> thinOut(const std::vector<ChartPoint> &points, std::size_t most = most_chart_points);

enum class ChartKind : std::uint8_t { Line, Bar, Scatter, Histogram };
enum class ChartAxis : std::uint8_t { Number, Time, Category };

struct ChartRequest {
    ChartKind kind = ChartKind::Line;
    std::optional<std::size_t> x;     ///< none: the row's number
    std::vector<std::size_t> y;       ///< number columns; of a histogram the first one, which may hold times
    bool operator==(const ChartRequest &) const = default;
};

struct ChartSeries {
    std::string name;
    std::vector<ChartPoint> points;   ///< of bars: x counts the categories
    std::int64_t values = 0;          ///< before any was left out
};

struct ChartData {
    ChartAxis axis = ChartAxis::Number; ///< of x; times are milliseconds since 1970
    std::vector<std::string> categories;
    std::vector<ChartSeries> series;
    std::int64_t rows_left_out = 0;   ///< rows without a number or time where one is needed
    std::int64_t categories_left_out = 0;
    bool summed = false;              ///< bars of a category that repeats are sums
};

/// What one would draw of such columns: times make a line, few names make bars, numbers alone a scatter or a line by row.
/// nullopt: there is no number.
[[nodiscard]] std::optional<ChartRequest> guessChart(const RowView &rows, std::int64_t row_count);
/// nullopt when asked to stop. 16 bytes a row while it works.
[[nodiscard]] std::optional<ChartData> chartData(const RowView &rows, std::int64_t row_count, const ChartRequest &request,
                                                 std::stop_token stop = {});

} // namespace howdah::result
