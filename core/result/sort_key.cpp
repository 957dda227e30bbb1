// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/sort_key.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace howdah::result {

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second_us;
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

/// Reads a text from its beginning, piece by piece.
struct Reader {
    std::string_view rest;

    bool take(char c)
    {
        if (rest.empty() || rest.front() != c)
            return false;
        rest.remove_prefix(1);
        return true;
    }
    bool takeWord(std::string_view word)
    {
        if (!rest.starts_with(word))
            return false;
        rest.remove_prefix(word.size());
        return true;
    }
    std::optional<std::int64_t> number()
    {
        std::int64_t value = 0;
        const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
        if (failed != std::errc() || rest.empty() || rest.front() == '-')
            return std::nullopt;
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        return value;
    }
    /// ".25" as microseconds; 0 where there is none.
    std::int64_t fraction()
    {
        if (!take('.'))
            return 0;
        std::int64_t value = 0;
        std::int64_t unit = second_us;
        while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
            unit /= 10;
            value += (rest.front() - '0') * unit;
            rest.remove_prefix(1);
        }
        return value;
    }
    /// "12:30", "12:30:15.25"
    std::optional<std::int64_t> clock()
    {
        const auto hours = number();
        if (!hours || !take(':'))
            return std::nullopt;
        const auto minutes = number();
        if (!minutes)
            return std::nullopt;
        std::int64_t us = (*hours * 3'600 + *minutes * 60) * second_us;
        if (take(':')) {
            const auto seconds = number();
            if (!seconds)
                return std::nullopt;
            us += *seconds * second_us + fraction();
        }
        return us;
    }
    /// "+02", "-03:30", "+01:53:28" or nothing.
    std::optional<std::int64_t> zone()
    {
        const bool west = take('-');
        if (!west && !take('+'))
            return 0;
        const auto hours = number();
        if (!hours)
            return std::nullopt;
        std::int64_t seconds = *hours * 3'600;
        for (const int unit : {60, 1}) {
            if (!take(':'))
                break;
            const auto part = number();
            if (!part)
                return std::nullopt;
            seconds += *part * unit;
        }
        return (west ? -seconds : seconds) * second_us;
    }
};

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's algorithm).
std::int64_t daysFrom(std::int64_t year, std::int64_t month, std::int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

std::int64_t bitsInOrder(double value)
{
    const auto bits = std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value); // -0 equals 0
    return bits >= 0 ? bits : bits ^ highest;
}

struct Decimal {
    bool negative = false;
    std::string_view whole;    ///< without leading zeros
    std::string_view fraction; ///< without trailing zeros
};

Decimal decimalOf(std::string_view text)
{
    Decimal result;
    if (text.starts_with('-')) {
        result.negative = true;
        text.remove_prefix(1);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    result.whole = text.substr(0, point);
    result.fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
    while (result.whole.starts_with('0'))
        result.whole.remove_prefix(1);
    while (result.fraction.ends_with('0'))
        result.fraction.remove_suffix(1);
    if (result.whole.empty() && result.fraction.empty())
        result.negative = false;
    return result;
}

int sign(int value)
{
    return value < 0 ? -1 : value > 0 ? 1 : 0;
}

} // namespace

std::optional<std::int64_t> integerKey(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || text.empty())
        return std::nullopt;
    if (failed == std::errc::result_out_of_range) // xid8 alone goes beyond int8
        return highest;
    return failed == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> floatKey(std::string_view text)
{
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || end != text.data() + text.size())
        return std::nullopt;
    // Beyond a double's range: far enough out to sort at that end (or at 0 for what is too small).
    if (failed == std::errc::result_out_of_range) {
        const Decimal decimal = decimalOf(text);
        value = decimal.whole.empty() ? 0 : decimal.negative ? std::numeric_limits<double>::lowest() : std::numeric_limits<double>::max();
    } else if (failed != std::errc()) {
        return std::nullopt;
    }
    return std::isnan(value) ? highest : bitsInOrder(value);
}

std::optional<std::int64_t> moneyKey(std::string_view text)
{
    bool negative = false;
    std::int64_t value = 0;
    for (const char c : text) {
        negative = negative || c == '-' || c == '(';
        if (c >= '0' && c <= '9')
            value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) * 10 + static_cast<std::uint64_t>(c - '0'));
    }
    return negative ? -value : value;
}

std::optional<std::int64_t> timestampKey(std::string_view text)
{
    if (text == "infinity")
        return highest;
    if (text == "-infinity")
        return lowest;
    Reader reader{text};
    auto year = reader.number();
    if (!year || !reader.take('-'))
        return std::nullopt;
    const auto month = reader.number();
    if (!month || !reader.take('-'))
        return std::nullopt;
    const auto day = reader.number();
    if (!day)
        return std::nullopt;
    std::int64_t us = 0;
    const bool has_clock = reader.rest.size() > 1 && reader.rest[1] >= '0' && reader.rest[1] <= '9';
    if (has_clock && (reader.take(' ') || reader.take('T'))) {
        const auto clock = reader.clock();
        const auto zone = clock ? reader.zone() : std::nullopt;
        if (!zone)
            return std::nullopt;
        us = *clock - *zone;
    }
    if (reader.takeWord(" BC"))
        year = 1 - *year; // 1 BC is the year 0
    if (!reader.rest.empty())
        return std::nullopt;
    std::int64_t key = 0;
    // Dates reach the year 5874897, beyond what microseconds hold.
    if (__builtin_mul_overflow(daysFrom(*year, *month, *day), day_us, &key) || __builtin_add_overflow(key, us, &key))
        return *year < 0 ? lowest + 1 : highest - 1;
    return key;
}

std::optional<std::int64_t> timeKey(std::string_view text)
{
    Reader reader{text};
    const auto clock = reader.clock();
    const auto zone = clock ? reader.zone() : std::nullopt;
    if (!zone || !reader.rest.empty())
        return std::nullopt;
    return *clock - *zone;
}

std::optional<std::int64_t> intervalKey(std::string_view text)
{
    struct Unit {
        std::string_view name;
        std::int64_t days;
    };
    static constexpr Unit units[] = {{"year", 360}, {"mon", 30}, {"day", 1}};
    if (text == "infinity")
        return highest;
    if (text == "-infinity")
        return lowest;
    Reader reader{text};
    std::int64_t us = 0;
    while (!reader.rest.empty()) {
        const bool negative = reader.take('-');
        if (!negative)
            reader.take('+');
        const std::string_view before = reader.rest;
        const auto amount = reader.number();
        if (!amount)
            return std::nullopt;
        std::int64_t part = 0;
        if (reader.rest.starts_with(':')) {
            reader.rest = before;
            const auto clock = reader.clock();
            if (!clock)
                return std::nullopt;
            part = *clock;
        } else {
            if (!reader.take(' '))
                return std::nullopt;
            const auto *unit = std::find_if(std::begin(units), std::end(units), [&](const Unit &u) { return reader.takeWord(u.name); });
            if (unit == std::end(units))
                return std::nullopt;
            reader.take('s');
            if (__builtin_mul_overflow(*amount, unit->days * day_us, &part))
                part = highest / 4;
        }
        us += negative ? -part : part;
        reader.take(' ');
    }
    return us;
}

int compareDecimals(std::string_view a, std::string_view b)
{
    if (a == b)
        return 0;
    const Decimal x = decimalOf(a);
    const Decimal y = decimalOf(b);
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    int order = 0;
    if (x.whole.size() != y.whole.size())
        order = x.whole.size() < y.whole.size() ? -1 : 1;
    else if (const int by_whole = x.whole.compare(y.whole); by_whole != 0)
        order = by_whole;
    else
        order = x.fraction.compare(y.fraction);
    return x.negative ? -sign(order) : sign(order);
}

} // namespace howdah::result
