// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/result/row_source.h"
#include "core/result/value_kind.h"

namespace howdah::result {

/// What a value is asked. The negative questions are true of NULL, as IS DISTINCT FROM is: whoever excludes a value
/// wants to see all the rest. All others but Null are false of it.
enum class FilterOp : std::uint8_t {
    Contains, NotContains, Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Between, In, NotIn,
    Null, NotNull, Regex, NotRegex
};

/// A question to one column. `values`: none for Null and NotNull, two for Between (both ends belong to it), any number
/// for In and NotIn, else one.
struct Condition {
    std::size_t column = 0;
    FilterOp op = FilterOp::Contains;
    std::vector<std::string> values;
    bool match_case = false; ///< of Contains and Regex and their opposites
    bool operator==(const Condition &) const = default;
};

/// What a person typed as the operand: "5 .. 10" or "5 and 10" for Between; "a, 'b, c', d" for the lists. Usage where
/// there is too little.
[[nodiscard]] Result<Condition> conditionFrom(std::size_t column, FilterOp op, std::string_view typed, bool match_case = false);
/// The reverse.
[[nodiscard]] std::string operandText(const Condition &condition);

/// The operators that make sense for values of a kind; the first one is what one would mean.
[[nodiscard]] std::vector<FilterOp> filterOps(ValueKind kind);
/// How SQL writes it; "contains" and "matches" where it has no word: "=", "not in".
[[nodiscard]] std::string_view symbolOf(FilterOp op);

/// Conditions that all have to hold, made ready. Operands are read as the column's type: numbers by value, dates and
/// times by time. A day without a clock ("2024-05-01", also "2024-05" and "2024") is the whole of it. An operand with a
/// time zone means that moment, one without means the clock as it is shown. Cheap to copy; for any thread.
class RowFilter
{
public:
    RowFilter() = default;
    /// Usage for an operand that is no value of its column's type, and for a pattern that is none.
    [[nodiscard]] static Result<RowFilter> make(const std::vector<Condition> &conditions, const std::vector<pg::Column> &columns);
    [[nodiscard]] bool empty() const { return !tests_; }
    [[nodiscard]] bool matches(const RowSource &source, std::int64_t row) const;
    class Test;

private:
    std::shared_ptr<const std::vector<std::shared_ptr<const Test>>> tests_;
};

/// Those of the first `row_count` rows of a view that match, in the view's order, as rows of its source. `known` are the
/// matches among the first `known_rows`, where they are known already. Null when asked to stop.
[[nodiscard]] std::shared_ptr<const RowOrder> filterRows(const RowView &rows, std::int64_t row_count, const RowFilter &filter,
                                                         std::stop_token stop = {}, const RowOrder *known = nullptr,
                                                         std::int64_t known_rows = 0);

} // namespace howdah::result
