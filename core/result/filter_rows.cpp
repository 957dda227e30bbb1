// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/filter_rows.h"

#include <algorithm>
#include <limits>

#include "core/result/filter_test.h"

namespace howdah::result {

namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// Commas outside of quotes part the list; a quote inside of quotes stands twice.
std::vector<std::string> listOf(std::string_view typed)
{
    std::vector<std::string> values;
    for (std::size_t at = 0; at <= typed.size();) {
        while (at < typed.size() && typed[at] == ' ')
            ++at;
        std::string value;
        const bool quoted = at < typed.size() && typed[at] == '\'';
        if (quoted) {
            for (++at; at < typed.size(); ++at) {
                if (typed[at] == '\'') {
                    if (at + 1 >= typed.size() || typed[at + 1] != '\'')
                        break;
                    ++at;
                }
                value += typed[at];
            }
            at = std::min(typed.find(',', std::min(at + 1, typed.size())), typed.size());
        } else {
            const std::size_t end = std::min(typed.find(',', at), typed.size());
            value = trimmed(typed.substr(at, end - at));
            at = end;
        }
        if (quoted || !value.empty())
            values.push_back(std::move(value));
        ++at;
    }
    return values;
}

std::vector<std::string> endsOf(std::string_view typed)
{
    for (const std::string_view between : {" .. ", "..", " and ", " AND "}) {
        const std::size_t at = typed.find(between);
        if (at == std::string_view::npos)
            continue;
        std::string low(trimmed(typed.substr(0, at)));
        std::string high(trimmed(typed.substr(at + between.size())));
        if (!low.empty() && !high.empty())
            return {std::move(low), std::move(high)};
    }
    return {};
}

std::string quotedWhereNeeded(const std::string &value)
{
    const bool plain = !value.empty() && value.find(',') == std::string::npos && value.front() != '\'' && trimmed(value) == value;
    if (plain)
        return value;
    std::string out = "'";
    for (const char c : value)
        out.append(c == '\'' ? 2 : 1, c);
    return out + '\'';
}

template <typename Row>
std::shared_ptr<const RowOrder> filterAs(const RowView &rows, std::int64_t row_count, const RowFilter &filter, const std::stop_token &stop,
                                         const RowOrder *known, std::int64_t known_rows)
{
    std::vector<Row> kept;
    if (known != nullptr) {
        kept.reserve(static_cast<std::size_t>(known->size()));
        for (std::int64_t i = 0; i < known->size(); ++i)
            kept.push_back(static_cast<Row>((*known)[i]));
    }
    for (std::int64_t shown = known != nullptr ? known_rows : 0; shown < row_count; ++shown) {
        if ((shown & 0x3fff) == 0 && stop.stop_requested())
            return nullptr;
        const std::int64_t row = rows.sourceRow(shown);
        if (filter.matches(*rows.source, row))
            kept.push_back(static_cast<Row>(row));
    }
    return std::make_shared<const RowOrder>(std::move(kept));
}

} // namespace

Result<Condition> conditionFrom(std::size_t column, FilterOp op, std::string_view typed, bool match_case)
{
    Condition condition{column, op, {}, match_case};
    switch (op) {
    case FilterOp::Null:
    case FilterOp::NotNull: return condition;
    case FilterOp::Between:
        condition.values = endsOf(trimmed(typed));
        if (condition.values.empty())
            return fail(ErrorKind::Usage, "Two values are needed", "Write them as “5 .. 10”.");
        return condition;
    case FilterOp::In:
    case FilterOp::NotIn:
        condition.values = listOf(typed);
        if (condition.values.empty())
            return fail(ErrorKind::Usage, "At least one value is needed", "Put commas between values.");
        return condition;
    case FilterOp::Contains:
    case FilterOp::NotContains:
    case FilterOp::Regex:
    case FilterOp::NotRegex:
        if (typed.empty())
            return fail(ErrorKind::Usage, "A text is needed");
        condition.values = {std::string(typed)};
        return condition;
    default: condition.values = {std::string(typed)}; return condition;
    }
}

std::string operandText(const Condition &condition)
{
    if (condition.values.empty())
        return {};
    if (condition.op == FilterOp::Between)
        return condition.values[0] + " .. " + condition.values[1];
    if (condition.op != FilterOp::In && condition.op != FilterOp::NotIn)
        return condition.values[0];
    std::string out;
    for (const std::string &value : condition.values)
        out += (out.empty() ? "" : ", ") + quotedWhereNeeded(value);
    return out;
}

std::vector<FilterOp> filterOps(ValueKind kind)
{
    using enum FilterOp;
    switch (kind) {
    case ValueKind::Text:
        return {Contains, NotContains, Equal, NotEqual, In, NotIn, Regex, NotRegex, Less, LessOrEqual, Greater, GreaterOrEqual, Between, Null, NotNull};
    case ValueKind::Boolean: return {Equal, NotEqual, Null, NotNull};
    case ValueKind::Json:
    case ValueKind::Bytea: return {Contains, NotContains, Equal, NotEqual, Regex, NotRegex, Null, NotNull};
    default:
        return {Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Between, In, NotIn, Null, NotNull, Contains, NotContains, Regex, NotRegex};
    }
}

std::string_view symbolOf(FilterOp op)
{
    switch (op) {
    case FilterOp::Contains: return "contains";
    case FilterOp::NotContains: return "does not contain";
    case FilterOp::Equal: return "=";
    case FilterOp::NotEqual: return "<>";
    case FilterOp::Less: return "<";
    case FilterOp::LessOrEqual: return "<=";
    case FilterOp::Greater: return ">";
    case FilterOp::GreaterOrEqual: return ">=";
    case FilterOp::Between: return "between";
    case FilterOp::In: return "in";
    case FilterOp::NotIn: return "not in";
    case FilterOp::Null: return "is null";
    case FilterOp::NotNull: return "is not null";
    case FilterOp::Regex: return "matches";
    case FilterOp::NotRegex: return "does not match";
    }
    return "";
}

Result<RowFilter> RowFilter::make(const std::vector<Condition> &conditions, const std::vector<pg::Column> &columns)
{
    RowFilter filter;
    if (conditions.empty())
        return filter;
    auto tests = std::make_shared<std::vector<std::shared_ptr<const Test>>>();
    for (const Condition &condition : conditions) {
        if (condition.column >= columns.size())
            return fail(ErrorKind::Usage, "The result has no such column");
        auto test = Test::make(condition, columns[condition.column]);
        if (!test)
            return tl::unexpected(test.error());
        tests->push_back(std::make_shared<const Test>(std::move(*test)));
    }
    filter.tests_ = std::move(tests);
    return filter;
}

bool RowFilter::matches(const RowSource &source, std::int64_t row) const
{
    return !tests_ || std::all_of(tests_->begin(), tests_->end(), [&](const auto &test) {
        return test->matches(source.cell(row, test->column()));
    });
}

std::shared_ptr<const RowOrder> filterRows(const RowView &rows, std::int64_t row_count, const RowFilter &filter, std::stop_token stop,
                                           const RowOrder *known, std::int64_t known_rows)
{
    const bool narrow = rows.source->rowCount() <= std::int64_t{std::numeric_limits<std::uint32_t>::max()};
    return narrow ? filterAs<std::uint32_t>(rows, row_count, filter, stop, known, known_rows)
                  : filterAs<std::int64_t>(rows, row_count, filter, stop, known, known_rows);
}

} // namespace howdah::result
