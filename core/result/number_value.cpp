// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/number_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/human.h"

namespace howdah::result {

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

} // namespace howdah::result
