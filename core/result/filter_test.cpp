// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/filter_test.h"

#include <algorithm>
#include <cstdlib>
#include <locale.h>
#include <string.h>

#include "core/result/number_value.h"
#include "core/result/sort_key.h"

namespace howdah::result {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::uint32_t timestamptz_oid = 1184;
constexpr std::size_t collated_bytes = 160; ///< as sorting looks at them

/// What the user's locale says of two texts; bytes where it says nothing.
int compareTexts(std::string_view a, std::string_view b)
{
    static const locale_t locale = newlocale(LC_COLLATE_MASK | LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr)
        return a.compare(b);
    static thread_local std::string left, right;
    left.assign(a.substr(0, collated_bytes));
    right.assign(b.substr(0, collated_bytes));
    const int order = strcoll_l(left.c_str(), right.c_str(), locale);
    return order != 0 ? order : a.compare(b);
}

/// Where the zone of a timestamp or a time begins; npos where there is none.
std::size_t zoneAt(std::string_view text)
{
    const std::size_t clock = text.find(':');
    return clock == std::string_view::npos ? clock : text.find_first_of("+-Z", clock);
}

std::string_view withoutZone(std::string_view text)
{
    return text.ends_with(" BC") ? text : text.substr(0, zoneAt(text));
}

std::optional<std::int64_t> moneyAsFloat(std::string_view text)
{
    const auto number = numberOf(text, ValueKind::Money);
    return number ? floatKey(std::to_string(static_cast<double>(number->value))) : std::nullopt;
}

std::string booleanWord(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (const std::string_view yes : {"t", "true", "yes", "on", "1"}) {
        if (text == yes)
            return "t";
    }
    for (const std::string_view no : {"f", "false", "no", "off", "0"}) {
        if (text == no)
            return "f";
    }
    return {};
}

bool isPlainDecimal(std::string_view text)
{
    return isPlainNumber(text) && text.find_first_of("eE") == std::string_view::npos;
}

bool asksValues(FilterOp op)
{
    switch (op) {
    case FilterOp::Equal:
    case FilterOp::NotEqual:
    case FilterOp::Less:
    case FilterOp::LessOrEqual:
    case FilterOp::Greater:
    case FilterOp::GreaterOrEqual:
    case FilterOp::Between:
    case FilterOp::In:
    case FilterOp::NotIn: return true;
    default: return false;
    }
}

std::string_view shownText(const pg::Cell &cell, ValueKind kind)
{
    return kind != ValueKind::Boolean ? cell.text : cell.text == "t" ? "true" : "false";
}

} // namespace

Result<RowFilter::Test> RowFilter::Test::make(const Condition &condition, const pg::Column &column)
{
    Test test;
    test.condition_ = condition;
    test.kind_ = valueKind(column.type_oid);
    const std::size_t needed = condition.op == FilterOp::Between ? 2 : condition.op == FilterOp::Null || condition.op == FilterOp::NotNull ? 0 : 1;
    if (condition.values.size() < needed)
        return fail(ErrorKind::Usage, "A value is needed");
    if (condition.op == FilterOp::Contains || condition.op == FilterOp::NotContains) {
        test.matcher_ = TextMatcher(condition.values[0], condition.match_case);
    } else if (condition.op == FilterOp::Regex || condition.op == FilterOp::NotRegex) {
        auto pattern = Pattern::make(condition.values[0], condition.match_case);
        if (!pattern)
            return tl::unexpected(pattern.error());
        test.pattern_ = std::move(*pattern);
    } else if (asksValues(condition.op)) {
        if (auto read = test.readOperands(column); !read)
            return tl::unexpected(read.error());
    }
    return test;
}

Result<void> RowFilter::Test::readOperands(const pg::Column &column)
{
    bool has_zone = false;
    switch (kind_) {
    case ValueKind::Integer:
        parse_ = std::all_of(condition_.values.begin(), condition_.values.end(), [](const auto &v) { return integerKey(v).has_value(); })
            ? integerKey : floatKey;
        break;
    case ValueKind::Float:
    case ValueKind::Numeric: parse_ = floatKey; break;
    case ValueKind::Money: parse_ = moneyAsFloat; break;
    case ValueKind::Date:
    case ValueKind::Timestamp: parse_ = timestampKey; break;
    case ValueKind::Time: parse_ = timeKey; break;
    case ValueKind::Interval: parse_ = intervalKey; break;
    default: break;
    }
    if (column.type_oid == timestamptz_oid || kind_ == ValueKind::Time) {
        has_zone = std::all_of(condition_.values.begin(), condition_.values.end(), [](const auto &v) { return zoneAt(v) != std::string::npos; });
        by_clock_ = !has_zone;
    }
    for (const std::string &value : condition_.values) {
        auto operand = operandOf(value, has_zone);
        if (!operand)
            return fail(ErrorKind::Usage, "“" + value + "” is no value of type " + shownType(column));
        operands_.push_back(std::move(*operand));
    }
    if (condition_.op == FilterOp::In || condition_.op == FilterOp::NotIn)
        std::sort(operands_.begin(), operands_.end(), [this](const Operand &a, const Operand &b) { return parse_ ? a.low < b.low : a.text < b.text; });
    return {};
}

std::optional<RowFilter::Test::Operand> RowFilter::Test::operandOf(const std::string &text, bool has_zone) const
{
    Operand operand{text, 0, 0, false};
    if (kind_ == ValueKind::Boolean) {
        operand.text = booleanWord(text);
        return operand.text.empty() ? std::nullopt : std::optional(operand);
    }
    if (parse_ == nullptr)
        return operand;
    std::optional<std::int64_t> low;
    if (kind_ == ValueKind::Date || kind_ == ValueKind::Timestamp) {
        const auto dashes = std::count(text.begin() + (text.starts_with('-') ? 1 : 0), text.end(), '-');
        const bool partial = text.size() >= 4 && text.find_first_not_of("0123456789-") == std::string::npos && dashes < 2;
        low = timestampKey(partial ? text + (dashes == 0 ? "-01-01" : "-01") : has_zone ? text : std::string(withoutZone(text)));
        if (!low)
            return std::nullopt;
        operand.low = operand.high = *low;
        if (partial) {
            const int year = std::atoi(text.c_str());
            const int month = dashes == 1 ? std::atoi(text.c_str() + text.find('-') + 1) : 12;
            const auto next = timestampKey(std::to_string(month == 12 ? year + 1 : year) + "-" + std::to_string(month == 12 ? 1 : month + 1) + "-01");
            operand.high = next ? *next - 1 : *low;
        } else if (text.find(':') == std::string::npos && !text.ends_with("infinity")) {
            operand.high += day_us - 1;
        }
        return operand;
    }
    low = parse_(text);
    if (!low)
        return std::nullopt;
    operand.low = operand.high = *low;
    operand.decimal = kind_ == ValueKind::Numeric && isPlainDecimal(text);
    return operand;
}

std::optional<int> RowFilter::Test::compare(const pg::Cell &cell, const Operand &operand) const
{
    if (parse_ == nullptr)
        return compareTexts(cell.text, operand.text);
    const auto key = parse_(by_clock_ ? withoutZone(cell.text) : cell.text);
    if (!key)
        return std::nullopt;
    if (*key < operand.low || *key > operand.high)
        return *key < operand.low ? -1 : 1;
    return operand.decimal && isPlainDecimal(cell.text) ? compareDecimals(cell.text, operand.text) : 0;
}

/// Lists may be long: they are sorted.
bool RowFilter::Test::isOneOf(const pg::Cell &cell) const
{
    if (parse_ == nullptr) {
        const auto at = std::lower_bound(operands_.begin(), operands_.end(), cell.text, [](const Operand &o, std::string_view text) { return o.text < text; });
        return at != operands_.end() && at->text == cell.text;
    }
    const auto key = parse_(by_clock_ ? withoutZone(cell.text) : cell.text);
    if (!key)
        return false;
    auto at = std::upper_bound(operands_.begin(), operands_.end(), *key, [](std::int64_t k, const Operand &o) { return k < o.low; });
    while (at != operands_.begin()) {
        --at;
        if (compare(cell, *at) == 0)
            return true;
        if (at->high < *key)
            return false;
    }
    return false;
}

bool RowFilter::Test::matches(const pg::Cell &cell) const
{
    using enum FilterOp;
    const FilterOp op = condition_.op;
    if (op == Null || op == NotNull)
        return cell.is_null == (op == Null);
    if (cell.is_null)
        return op == NotContains || op == NotEqual || op == NotIn || op == NotRegex;
    const auto order = [&](std::size_t operand) { return compare(cell, operands_[operand]); };
    switch (op) {
    case Contains: return matcher_.matches(shownText(cell, kind_));
    case NotContains: return !matcher_.matches(shownText(cell, kind_));
    case Regex: return pattern_.matches(shownText(cell, kind_));
    case NotRegex: return !pattern_.matches(shownText(cell, kind_));
    case Equal: return parse_ ? order(0) == 0 : cell.text == operands_[0].text;
    case NotEqual: return parse_ ? order(0) != 0 : cell.text != operands_[0].text;
    case In: return isOneOf(cell);
    case NotIn: return !isOneOf(cell);
    default: break;
    }
    const auto first = order(0);
    if (!first)
        return false;
    switch (op) {
    case Less: return *first < 0;
    case LessOrEqual: return *first <= 0;
    case Greater: return *first > 0;
    case GreaterOrEqual: return *first >= 0;
    case Between: return *first >= 0 && *order(1) <= 0;
    default: return false;
    }
}

} // namespace howdah::result
