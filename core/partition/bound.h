// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::partition {

/// How values of a key's type lie on a line. Other types (text, uuid …) have an order that only the server knows.
enum class ValueKind : std::uint8_t { Integer, Numeric, Date, Timestamp, TimestampTz, Other };

/// Of a type as format_type() writes it.
[[nodiscard]] ValueKind valueKindOf(std::string_view type);
[[nodiscard]] inline bool isTime(ValueKind kind) { return kind == ValueKind::Date || kind == ValueKind::Timestamp || kind == ValueKind::TimestampTz; }

/// A civil date and time as the session's time zone has it; dates begin at midnight.
struct CivilTime {
    std::int64_t year = 1970; ///< astronomical: 1 BC is 0
    int month = 1;
    int day = 1;
    std::int64_t micros = 0;  ///< since midnight
    int offset_s = 0;         ///< of the time zone, east positive; 0 without one
    bool operator==(const CivilTime &) const = default;

    [[nodiscard]] std::int64_t days() const;         ///< since 1970-01-01
    [[nodiscard]] std::int64_t localMicros() const;  ///< since 1970-01-01 00:00 of the same clock
    [[nodiscard]] std::int64_t instantMicros() const { return localMicros() - std::int64_t{offset_s} * 1'000'000; }
};
[[nodiscard]] CivilTime civilOf(std::int64_t local_micros);
/// Reads DateStyle ISO: "2024-01-31", "2024-01-31 12:00:00.5+01:30", "0044-03-15 BC". Nothing for infinity.
[[nodiscard]] std::optional<CivilTime> parseTime(std::string_view text);
/// As the server writes it: "2024-01-31", or with the time when it is not a date. The offset is left out, so that the
/// server's session gives it.
[[nodiscard]] std::string timeText(const CivilTime &time, ValueKind kind);

/// One value in a bound.
struct BoundValue {
    enum class Kind : std::uint8_t { Value, Min, Max, Null };
    Kind kind = Kind::Value;
    std::string text;               ///< as the server prints it with DateStyle ISO; "" unless Value
    std::optional<double> position; ///< on the key's line: the number, or microseconds since 1970; infinite for Min, Max, 'infinity'
    std::int64_t rank = 0;          ///< order within one key column: the integer, the microseconds, else as the server sorts (rankValues)
    bool operator==(const BoundValue &other) const { return kind == other.kind && text == other.text; }
    /// "MINVALUE", "'2024-01-01'", "NULL".
    [[nodiscard]] std::string sql() const;
};

/// What a partition takes.
struct Bound {
    enum class Kind : std::uint8_t { Default, Range, List, Hash };
    Kind kind = Kind::Default;
    std::vector<BoundValue> lower, upper; ///< Range: one a key column; lower belongs to it, upper does not
    std::vector<BoundValue> values;       ///< List
    int modulus = 0, remainder = 0;       ///< Hash
    /// "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')", "DEFAULT".
    [[nodiscard]] std::string sql() const;
};

/// Reads what pg_get_expr(relpartbound) prints; `kinds` are those of the key's columns. Fails (Parse) on anything else.
[[nodiscard]] Result<Bound> parseBound(std::string_view text, const std::vector<ValueKind> &kinds);
/// A value with its position; `text` as the server prints it.
[[nodiscard]] BoundValue boundValue(std::string text, ValueKind kind);

/// The width of a range partition.
struct Interval {
    std::int64_t months = 0;
    std::int64_t micros = 0; ///< days are 24 hours here: the arithmetic is on the civil clock
    std::int64_t step = 0;   ///< for numbers
    bool operator==(const Interval &) const = default;
    [[nodiscard]] bool empty() const { return months == 0 && micros == 0 && step == 0; }
    /// "1 month", "1 day", "06:00:00" as an interval of PostgreSQL, or "1000000".
    [[nodiscard]] std::string text() const;
    [[nodiscard]] double approximateMicros() const; ///< a month has 30.44 days
};
/// "1 month", "daily", "7 days", "1 hour", "100000". Fails with Usage.
[[nodiscard]] Result<Interval> parseInterval(std::string_view text);

/// `value` moved by `times` intervals; nothing where there is no such value. The text has the form that the kind needs.
[[nodiscard]] std::optional<BoundValue> advance(const BoundValue &value, ValueKind kind, const Interval &interval, std::int64_t times);
/// The boundary at or below `value` on the grid of `interval` through `anchor` (a boundary that is there), or through
/// natural beginnings (midnight, first of the month, Monday for weeks, multiples) without one.
[[nodiscard]] std::optional<BoundValue> floorTo(const BoundValue &value, ValueKind kind, const Interval &interval,
                                                const std::optional<BoundValue> &anchor = {});
/// What lies between two bounds of the same key; nothing where they have no common measure.
[[nodiscard]] std::optional<Interval> intervalBetween(const BoundValue &lower, const BoundValue &upper, ValueKind kind);

} // namespace howdah::partition
