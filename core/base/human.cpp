// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/human.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace howdah::human {

namespace {

/// Three significant figures at most, without a trailing ".0".
std::string shortNumber(double value)
{
    const double magnitude = std::abs(value);
    std::string text = magnitude < 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
    if (text.ends_with(".0"))
        text.resize(text.size() - 2);
    return text;
}

std::string twoUnits(std::int64_t major, const char *major_unit, std::int64_t minor, const char *minor_unit)
{
    return minor == 0 ? fmt::format("{} {}", major, major_unit)
                      : fmt::format("{} {} {} {}", major, major_unit, minor, minor_unit);
}

} // namespace

std::string duration(double milliseconds)
{
    if (!std::isfinite(milliseconds))
        return "unknown";
    if (milliseconds < 0)
        return "−" + duration(-milliseconds);
    if (milliseconds == 0)
        return "0 ms";
    if (milliseconds < 0.0995)
        return fmt::format("{:.2f} ms", milliseconds < 0.005 ? 0.01 : milliseconds);
    if (milliseconds < 99.95)
        return fmt::format("{:.1f} ms", milliseconds);
    if (milliseconds < 999.5)
        return fmt::format("{:.0f} ms", milliseconds);
    if (milliseconds < 9'995)
        return fmt::format("{:.2f} s", milliseconds / 1'000);
    if (milliseconds < 59'950)
        return fmt::format("{:.1f} s", milliseconds / 1'000);
    const std::int64_t seconds = std::llround(milliseconds / 1'000);
    if (seconds < 3'600)
        return twoUnits(seconds / 60, "min", seconds % 60, "s");
    const std::int64_t minutes = std::llround(milliseconds / 60'000);
    if (minutes < 24 * 60)
        return twoUnits(minutes / 60, "h", minutes % 60, "min");
    const std::int64_t hours = std::llround(milliseconds / 3'600'000);
    return twoUnits(hours / 24, "d", hours % 24, "h");
}

std::string bytes(std::int64_t bytes)
{
    if (bytes < 0)
        return "−" + human::bytes(-bytes);
    constexpr std::array units{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    // 999.5 would print as "1000": the next unit reads better.
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1'024;
        ++unit;
    }
    return fmt::format("{} {}", unit == 0 ? fmt::format("{}", bytes) : shortNumber(value), units[unit]);
}

std::string count(std::int64_t value, const char *separator)
{
    const std::string digits = fmt::format("{}", value);
    const std::size_t start = value < 0 ? 1 : 0;
    std::string result = digits.substr(0, start);
    for (std::size_t i = start; i < digits.size(); ++i) {
        if (i > start && (digits.size() - i) % 3 == 0)
            result += separator;
        result += digits[i];
    }
    return result;
}

std::string compactCount(double value)
{
    if (!std::isfinite(value))
        return "unknown";
    constexpr std::array units{"", " k", " M", " G", " T"};
    std::size_t unit = 0;
    double scaled = value;
    while (std::abs(scaled) >= 999.5 && unit + 1 < units.size()) {
        scaled /= 1'000;
        ++unit;
    }
    if (unit == 0)
        return shortNumber(value);
    return (std::abs(scaled) < 99.95 ? fmt::format("{:.1f}", scaled) : fmt::format("{:.0f}", scaled)) + units[unit];
}

std::string factor(double value)
{
    if (!std::isfinite(value))
        return "unknown";
    return std::abs(value) < 9.95 ? fmt::format("{:.1f}×", value) : count(std::llround(value)) + "×";
}

} // namespace howdah::human
