// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/conditions.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

std::string literal(const KeyColumn &column, const BoundValue &value)
{
    return sql::quoteLiteral(value.text) + "::" + column.type;
}

/// One end of a range, as get_qual_for_range() of the server has it: (a > 1) OR (a = 1 AND b >= 5).
std::string endCondition(const Key &key, const std::vector<BoundValue> &end, bool lower, std::size_t equal)
{
    std::string arms;
    int count = 0;
    for (std::size_t j = equal; j < end.size(); ++j) {
        if (end[j].kind != BoundValue::Kind::Value)
            break;
        const bool last = j + 1 == end.size() || end[j + 1].kind != BoundValue::Kind::Value;
        const bool next_max = j + 1 < end.size() && end[j + 1].kind == BoundValue::Kind::Max;
        const bool inclusive = last && (lower ? !next_max : next_max);
        std::string arm;
        for (std::size_t i = equal; i < j; ++i)
            arm += fmt::format("{} = {} AND ", key.columns[i].expression, literal(key.columns[i], end[i]));
        arm += fmt::format("{} {}{} {}", key.columns[j].expression, lower ? ">" : "<", inclusive ? "=" : "", literal(key.columns[j], end[j]));
        arms += (count++ == 0 ? "(" : " OR (") + arm + ")";
        if (last)
            break;
    }
    return count > 1 ? "(" + arms + ")" : arms;
}

std::vector<std::string> rangeTerms(const Key &key, const Bound &bound)
{
    std::vector<std::string> terms;
    for (const KeyColumn &column : key.columns)
        terms.push_back(column.expression + " IS NOT NULL");
    std::size_t equal = 0; // leading columns in which both ends agree
    while (equal + 1 < bound.lower.size() && bound.lower[equal].kind == BoundValue::Kind::Value && bound.lower[equal] == bound.upper[equal])
        ++equal;
    for (std::size_t i = 0; i < equal; ++i)
        terms.push_back(fmt::format("{} = {}", key.columns[i].expression, literal(key.columns[i], bound.lower[i])));
    for (const bool lower : {true, false}) {
        if (std::string end = endCondition(key, lower ? bound.lower : bound.upper, lower, equal); !end.empty())
            terms.push_back(std::move(end));
    }
    return terms;
}

std::string listCondition(const KeyColumn &column, const Bound &bound)
{
    std::string values;
    bool null = false;
    for (const BoundValue &value : bound.values) {
        if (value.kind == BoundValue::Kind::Null)
            null = true;
        else
            values += (values.empty() ? "" : ", ") + literal(column, value);
    }
    const std::string is_null = column.expression + " IS NULL";
    if (values.empty())
        return is_null;
    const std::string in = bound.values.size() == 1 ? column.expression + " = " + values : fmt::format("{} = ANY (ARRAY[{}])", column.expression, values);
    return null ? fmt::format("({} OR {})", is_null, in) : fmt::format("{} IS NOT NULL AND {}", column.expression, in);
}

} // namespace

std::string boundCondition(const Key &key, const Bound &bound, std::uint32_t parent_oid)
{
    switch (bound.kind) {
    case Bound::Kind::Range: return fmt::format("{}", fmt::join(rangeTerms(key, bound), " AND "));
    case Bound::Kind::List: return listCondition(key.columns.front(), bound);
    case Bound::Kind::Hash: {
        std::vector<std::string> columns;
        for (const KeyColumn &column : key.columns)
            columns.push_back(column.expression);
        return fmt::format("satisfies_hash_partition('{}'::oid, {}, {}, {})", parent_oid, bound.modulus, bound.remainder, fmt::join(columns, ", "));
    }
    case Bound::Kind::Default: break;
    }
    return "true";
}

std::string outsideCondition(const Key &key, const Bound &bound, std::uint32_t parent_oid)
{
    if (bound.kind == Bound::Kind::Range && key.columns.size() == 1) {
        const KeyColumn &column = key.columns.front();
        std::string text = column.expression + " IS NULL";
        if (bound.lower.front().kind == BoundValue::Kind::Value)
            text += fmt::format(" OR {} < {}", column.expression, literal(column, bound.lower.front()));
        if (bound.upper.front().kind == BoundValue::Kind::Value)
            text += fmt::format(" OR {} >= {}", column.expression, literal(column, bound.upper.front()));
        return text;
    }
    return "NOT (" + boundCondition(key, bound, parent_oid) + ")";
}

namespace {

/// "2025-12-01 00:00:00+00" as people say it: the day alone.
std::string withoutMidnight(const std::string &text)
{
    constexpr std::string_view midnight = " 00:00:00";
    const bool is_midnight = text.size() >= 19 && text[4] == '-' && text[7] == '-' && text.compare(10, midnight.size(), midnight) == 0
        && text.find_first_not_of("+-:0123456789", 19) == std::string::npos;
    return is_midnight ? text.substr(0, 10) : text;
}

} // namespace

std::string boundWords(const Bound &bound)
{
    const auto plain = [](const std::vector<BoundValue> &values) {
        std::string text;
        for (const BoundValue &value : values)
            text += (text.empty() ? "" : ", ") + (value.kind == BoundValue::Kind::Value ? withoutMidnight(value.text) : value.sql());
        return values.size() > 1 ? "(" + text + ")" : text;
    };
    switch (bound.kind) {
    case Bound::Kind::Range: return plain(bound.lower) + " to " + plain(bound.upper);
    case Bound::Kind::List: return plain(bound.values);
    case Bound::Kind::Hash: return fmt::format("remainder {} of {}", bound.remainder, bound.modulus);
    case Bound::Kind::Default: break;
    }
    return "everything else";
}

std::string indexTail(const std::string &definition)
{
    sql::Lexer lexer(definition);
    sql::Token token;
    while (lexer.next(token)) {
        if (token.kind == sql::TokenKind::Identifier && token.span.of(definition) == "USING")
            return definition.substr(token.span.begin.value);
    }
    return definition;
}

} // namespace howdah::partition
