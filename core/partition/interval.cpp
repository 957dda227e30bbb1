// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/partition/bound.h"

namespace howdah::partition {

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;

std::int64_t floorDiv(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

/// Days since 1970-01-01 of the proleptic Gregorian calendar, which is PostgreSQL's.
std::int64_t daysFromCivil(std::int64_t year, int month, int day_of_month)
{
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = floorDiv(year, 400);
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day_of_month - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int daysInMonth(std::int64_t year, int month)
{
    return static_cast<int>(daysFromCivil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) - daysFromCivil(year, month, 1));
}

/// Takes digits off the front; -1 when there are none.
std::int64_t digits(std::string_view &text)
{
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || text.front() == '-')
        return -1;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    return value;
}

bool take(std::string_view &text, char letter)
{
    if (text.empty() || text.front() != letter)
        return false;
    text.remove_prefix(1);
    return true;
}

/// ":30:15.25" behind the hours.
bool readClock(std::string_view &text, CivilTime &time)
{
    const std::int64_t hours = digits(text);
    if (hours < 0 || !take(text, ':'))
        return false;
    const std::int64_t minutes = digits(text);
    std::int64_t seconds = 0;
    if (take(text, ':'))
        seconds = digits(text);
    if (minutes < 0 || seconds < 0)
        return false;
    time.micros = ((hours * 60 + minutes) * 60 + seconds) * second;
    if (take(text, '.')) {
        std::int64_t unit = second;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
            unit /= 10;
            time.micros += unit * (text.front() - '0');
            text.remove_prefix(1);
        }
    }
    return true;
}

bool readOffset(std::string_view &text, CivilTime &time)
{
    const int sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
    std::int64_t seconds = digits(text) * 3600;
    if (take(text, ':'))
        seconds += digits(text) * 60;
    if (take(text, ':'))
        seconds += digits(text);
    time.offset_s = sign * static_cast<int>(seconds);
    return seconds >= 0;
}

CivilTime addMonths(CivilTime time, std::int64_t months)
{
    const std::int64_t whole = time.year * 12 + (time.month - 1) + months;
    time.year = floorDiv(whole, 12);
    time.month = static_cast<int>(whole - time.year * 12) + 1;
    time.day = std::min(time.day, daysInMonth(time.year, time.month));
    return time;
}

struct Unit {
    std::string_view name;
    Interval one;
};
constexpr std::array<Unit, 10> units{{{"microsecond", {0, 1, 0}}, {"second", {0, second, 0}}, {"minute", {0, 60 * second, 0}}, {"hour", {0, 3600 * second, 0}},
                                      {"day", {0, day, 0}}, {"week", {0, 7 * day, 0}}, {"month", {1, 0, 0}}, {"mon", {1, 0, 0}}, {"quarter", {3, 0, 0}}, {"year", {12, 0, 0}}}};
struct Name {
    std::string_view name;
    Interval interval;
};
constexpr std::array<Name, 6> names{{{"hourly", {0, 3600 * second, 0}}, {"daily", {0, day, 0}}, {"weekly", {0, 7 * day, 0}},
                                     {"monthly", {1, 0, 0}}, {"quarterly", {3, 0, 0}}, {"yearly", {12, 0, 0}}}};

bool addUnit(Interval &interval, std::int64_t count, std::string_view unit)
{
    if (unit.ends_with('s'))
        unit.remove_suffix(1);
    for (const Unit &known : units) {
        if (known.name != unit)
            continue;
        interval.months += known.one.months * count;
        interval.micros += known.one.micros * count;
        return true;
    }
    return false;
}

std::string timed(std::int64_t count, const char *unit)
{
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

/// Civil time of a value, in its own clock.
std::optional<CivilTime> timeOf(const BoundValue &value)
{
    return value.kind == BoundValue::Kind::Value ? parseTime(value.text) : std::nullopt;
}

std::optional<std::int64_t> integerOf(const BoundValue &value)
{
    std::int64_t number = 0;
    const auto read = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
    if (value.kind != BoundValue::Kind::Value || read.ec != std::errc() || read.ptr != value.text.data() + value.text.size())
        return {};
    return number;
}

/// Whole intervals from `from` to at most `to`, on the civil clock.
std::int64_t intervalsBetween(const CivilTime &from, const CivilTime &to, const Interval &interval)
{
    if (interval.months == 0)
        return floorDiv(to.localMicros() - from.localMicros(), interval.micros);
    std::int64_t whole = floorDiv((to.year - from.year) * 12 + to.month - from.month, interval.months);
    while (addMonths(from, (whole + 1) * interval.months).localMicros() <= to.localMicros())
        ++whole;
    while (addMonths(from, whole * interval.months).localMicros() > to.localMicros())
        --whole;
    return whole;
}

CivilTime naturalAnchor(const Interval &interval)
{
    CivilTime anchor; // 1970-01-01, a Thursday
    if (interval.months == 0 && interval.micros % (7 * day) == 0)
        anchor.day = 5; // a Monday
    return anchor;
}

} // namespace

std::int64_t CivilTime::days() const
{
    return daysFromCivil(year, month, day);
}

std::int64_t CivilTime::localMicros() const
{
    return days() * partition::day + micros;
}

CivilTime civilOf(std::int64_t local_micros)
{
    CivilTime time;
    std::int64_t days = floorDiv(local_micros, day);
    time.micros = local_micros - days * day;
    days += 719468;
    const std::int64_t era = floorDiv(days, 146097);
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    time.day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
    time.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
    return time;
}

std::optional<CivilTime> parseTime(std::string_view text)
{
    CivilTime time;
    const bool before_christ = text.ends_with(" BC");
    if (before_christ)
        text.remove_suffix(3);
    time.year = digits(text);
    if (time.year < 0 || !take(text, '-'))
        return {};
    time.month = static_cast<int>(digits(text));
    if (!take(text, '-'))
        return {};
    time.day = static_cast<int>(digits(text));
    if (time.month < 1 || time.month > 12 || time.day < 1 || time.day > 31)
        return {};
    if (before_christ)
        time.year = 1 - time.year;
    if ((take(text, ' ') || take(text, 'T')) && !readClock(text, time))
        return {};
    if (!text.empty() && (text.front() == '+' || text.front() == '-') && !readOffset(text, time))
        return {};
    return text.empty() ? std::optional(time) : std::nullopt;
}

std::string timeText(const CivilTime &time, ValueKind kind)
{
    const bool before_christ = time.year < 1;
    std::string text = fmt::format("{:04}-{:02}-{:02}", before_christ ? 1 - time.year : time.year, time.month, time.day);
    if (kind != ValueKind::Date) {
        const std::int64_t seconds = time.micros / second;
        text += fmt::format(" {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if (time.micros % second != 0)
            text += fmt::format(".{:06}", time.micros % second);
    }
    return text + (before_christ ? " BC" : "");
}

std::string Interval::text() const
{
    if (step != 0)
        return std::to_string(step);
    std::string text;
    if (months != 0)
        text = months % 12 == 0 ? timed(months / 12, "year") : timed(months, "month");
    if (micros == 0)
        return text;
    if (!text.empty())
        text += ' ';
    if (micros % (7 * day) == 0)
        return text + timed(micros / (7 * day), "week");
    if (micros % day == 0)
        return text + timed(micros / day, "day");
    if (micros % (3600 * second) == 0)
        return text + timed(micros / (3600 * second), "hour");
    if (micros % (60 * second) == 0)
        return text + timed(micros / (60 * second), "minute");
    return text + fmt::format("{} seconds", static_cast<double>(micros) / static_cast<double>(second));
}

double Interval::approximateMicros() const
{
    return static_cast<double>(months) * 30.44 * static_cast<double>(day) + static_cast<double>(micros);
}

Result<Interval> parseInterval(std::string_view text)
{
    const auto wrong = [&] {
        return fail(ErrorKind::Usage, fmt::format("\"{}\" is no interval for partitions", text),
                    "Say \"1 month\", \"7 days\", \"daily\" or, for numbers, how many values a partition takes: 1000000.");
    };
    Interval interval;
    for (const Name &name : names) {
        if (name.name == text)
            return name.interval;
    }
    std::string_view rest = text;
    while (!rest.empty()) {
        while (take(rest, ' ')) {
        }
        if (rest.empty())
            break;
        const bool counted = rest.front() >= '0' && rest.front() <= '9';
        const std::int64_t count = counted ? digits(rest) : 1;
        if (count < 1)
            return wrong();
        while (take(rest, ' ')) {
        }
        if (rest.empty()) {
            interval.step += count;
            break;
        }
        const std::size_t end = std::min(rest.find(' '), rest.size());
        if (!addUnit(interval, count, rest.substr(0, end)))
            return wrong();
        rest.remove_prefix(end);
    }
    if (interval.empty() || (interval.step != 0 && (interval.months != 0 || interval.micros != 0)) || (interval.months != 0 && interval.micros != 0))
        return wrong();
    return interval;
}

std::optional<BoundValue> advance(const BoundValue &value, ValueKind kind, const Interval &interval, std::int64_t times)
{
    if (kind == ValueKind::Integer || kind == ValueKind::Numeric) {
        const auto number = integerOf(value);
        std::int64_t moved = 0;
        if (!number || interval.step == 0 || __builtin_mul_overflow(interval.step, times, &moved) || __builtin_add_overflow(*number, moved, &moved))
            return {};
        return boundValue(std::to_string(moved), kind);
    }
    const auto time = timeOf(value);
    if (!time || !isTime(kind) || (kind == ValueKind::Date && interval.micros % day != 0))
        return {};
    CivilTime moved = addMonths(*time, interval.months * times);
    moved = civilOf(moved.localMicros() + interval.micros * times);
    moved.offset_s = time->offset_s;
    BoundValue result = boundValue(timeText(moved, kind), kind);
    result.rank = moved.instantMicros();
    result.position = static_cast<double>(result.rank);
    return result;
}

std::optional<BoundValue> floorTo(const BoundValue &value, ValueKind kind, const Interval &interval, const std::optional<BoundValue> &anchor)
{
    if (kind == ValueKind::Integer || kind == ValueKind::Numeric) {
        if (!value.position || !std::isfinite(*value.position) || interval.step == 0)
            return {};
        const auto at = integerOf(value).value_or(static_cast<std::int64_t>(std::floor(*value.position)));
        const std::int64_t from = anchor ? integerOf(*anchor).value_or(0) : 0;
        return boundValue(std::to_string(from + floorDiv(at - from, interval.step) * interval.step), kind);
    }
    const auto time = timeOf(value);
    if (!time || !isTime(kind) || (interval.months == 0 && interval.micros == 0))
        return {};
    const CivilTime from = anchor && timeOf(*anchor) ? *timeOf(*anchor) : naturalAnchor(interval);
    BoundValue start = boundValue(timeText(from, kind), kind);
    return advance(start, kind, interval, intervalsBetween(from, *time, interval));
}

std::optional<Interval> intervalBetween(const BoundValue &lower, const BoundValue &upper, ValueKind kind)
{
    if (kind == ValueKind::Integer || kind == ValueKind::Numeric) {
        const auto from = integerOf(lower), to = integerOf(upper);
        if (!from || !to || *to <= *from)
            return {};
        return Interval{0, 0, *to - *from};
    }
    const auto from = timeOf(lower), to = timeOf(upper);
    if (!isTime(kind) || !from || !to || to->localMicros() <= from->localMicros())
        return {};
    if (from->day == to->day && from->micros == to->micros)
        return Interval{(to->year - from->year) * 12 + to->month - from->month, 0, 0};
    return Interval{0, to->localMicros() - from->localMicros(), 0};
}

} // namespace howdah::partition
