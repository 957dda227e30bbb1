// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result/row_source.h"
#include "core/result/value_kind.h"

namespace howdah::result {

struct ValueCount {
    std::string value;          ///< as the server sent it; its beginning where it is very large
    std::int64_t rows = 0;
    bool whole = true;          ///< false: `value` is cut, and no operand for a filter
};

/// Rows whose value lies in [from, to), the last bin's end included.
struct HistogramBin {
    double from = 0;            ///< numbers as they are; dates, times and intervals in microseconds
    double to = 0;
    std::int64_t rows = 0;
    std::string from_text;      ///< an operand for a filter, and what a person reads
    std::string to_text;
};

/// What the values of one column are.
struct ColumnStatistics {
    ValueKind kind = ValueKind::Text;
    std::int64_t rows = 0;
    std::int64_t nulls = 0;
    std::int64_t distinct = 0;     ///< NULL is none of them
    bool distinct_exact = true;    ///< else estimated, a percent or so off
    std::optional<std::string> lowest, highest; ///< as sent, cut where very large; of text by its bytes
    std::int64_t numbers = 0;      ///< values that are finite numbers
    long double sum = 0;
    long double mean = 0;
    long double deviation = 0;     ///< of the population
    int decimals = 0;
    std::int64_t shortest = 0, longest = 0; ///< characters; for columns of text
    std::vector<ValueCount> frequent;  ///< most frequent first; only those that occur twice or more, unless there are few
    std::int64_t frequent_error = 0;   ///< a count may be too small by so much: then they wear a "~"
    std::vector<HistogramBin> histogram;
};

struct StatisticsBounds {
    std::size_t distinct = 1'000'000; ///< values told apart exactly; some 40 bytes each
    std::size_t frequent = 12;
    std::size_t bins = 24;
};

/// Reads the rows shown, numbers and times twice. nullopt when asked to stop.
[[nodiscard]] std::optional<ColumnStatistics> columnStatistics(const RowView &rows, std::int64_t row_count, std::size_t column,
                                                               std::stop_token stop = {}, StatisticsBounds bounds = {});

} // namespace howdah::result
