// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/type_change.h"

#include <algorithm>
#include <charconv>

#include "core/sql/quote.h"

namespace howdah::migration::effects {

namespace {

constexpr std::int64_t interval_full_range = 0x7FFF;

std::int64_t modifier(const Type &type, std::size_t at, std::int64_t otherwise)
{
    return at < type.modifiers.size() ? type.modifiers[at] : otherwise;
}

/// pg_cast's casts without a function among the built-in types, for when no catalog tells.
bool builtinBinary(const std::string &from, const std::string &to)
{
    static const std::vector<std::pair<std::string, std::string>> pairs{
        {"text", "varchar"}, {"varchar", "text"}, {"text", "bpchar"}, {"varchar", "bpchar"}, {"cidr", "inet"}, {"bit", "varbit"}, {"varbit", "bit"},
        {"int4", "oid"}, {"oid", "int4"}, {"xml", "text"}, {"xml", "varchar"}, {"xml", "bpchar"}, {"oid", "regclass"}, {"regclass", "oid"}, {"int4", "regclass"}, {"regclass", "int4"}};
    return std::find(pairs.begin(), pairs.end(), std::pair(from, to)) != pairs.end();
}

std::string formatName(const std::string &name)
{
    static const std::map<std::string, std::string> names{
        {"int4", "integer"}, {"int8", "bigint"}, {"int2", "smallint"}, {"varchar", "character varying"}, {"bpchar", "character"}, {"varbit", "bit varying"},
        {"timestamp", "timestamp without time zone"}, {"timestamptz", "timestamp with time zone"}, {"time", "time without time zone"},
        {"timetz", "time with time zone"}, {"float8", "double precision"}, {"float4", "real"}, {"bool", "boolean"}};
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
}

bool binaryCast(const Schema &schema, const std::string &from, const std::string &to)
{
    if (schema.facts != nullptr && !schema.facts->binary_casts.empty())
        return schema.facts->binary_casts.count({formatName(from), formatName(to)}) > 0;
    return builtinBinary(from, to);
}

int leastField(std::int64_t range)
{
    // bits as in utils/timestamp.h: SECOND 12, MINUTE 11, HOUR 10, DAY 3, MONTH 1, YEAR 2
    constexpr int bits[] = {12, 11, 10, 3, 1, 2};
    for (int field = 0; field < 6; ++field) {
        if ((range >> bits[field] & 1) != 0)
            return field;
    }
    return 0;
}

/// The planner's support functions drop a length coercion that cannot change a value; `from` has the same base type,
/// or none of its modifiers survive (a cast of another type).
bool lengthIsNoWork(const Type &from, const Type &to)
{
    if (to.modifiers.empty() || from.modifiers == to.modifiers)
        return true;
    const std::int64_t old_first = modifier(from, 0, -1), new_first = modifier(to, 0, -1);
    if (to.name == "varchar" || to.name == "varbit")
        return old_first >= 0 && old_first <= new_first;
    if (to.name == "numeric")
        return old_first >= 0 && old_first <= new_first && modifier(from, 1, 0) == modifier(to, 1, 0);
    if (to.name == "timestamp" || to.name == "timestamptz" || to.name == "time" || to.name == "timetz")
        return new_first >= 6 || (old_first >= 0 && new_first >= old_first);
    if (to.name == "interval") {
        const int old_least = from.modifiers.empty() ? 0 : leastField(old_first), new_least = leastField(new_first);
        const std::int64_t old_precision = modifier(from, 1, 0xFFFF), new_precision = modifier(to, 1, 0xFFFF);
        return new_least <= old_least && (old_least > 0 || new_precision >= 6 || new_precision >= old_precision);
    }
    return false;
}

Type below(const Schema &schema, Type type)
{
    return type.domain != nullptr && !type.domain->base_type.empty() ? typeOf(schema, type.domain->base_type) : type;
}

} // namespace

Type typeOf(const Schema &schema, const Node &type_name)
{
    Type type;
    const auto names = type_name.names("names");
    if (names.empty())
        return type;
    type.name = names.back();
    const std::string qualifier = names.size() > 1 ? names[names.size() - 2] : "";
    if (qualifier != "pg_catalog") {
        type.domain = schema.domain(qualifier, type.name);
        if (type.domain == nullptr && !qualifier.empty())
            type.name = sql::quoteQualified(qualifier, type.name);
    }
    for (const Node &item : type_name.list("typmods")) {
        const std::string text = item.value();
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        type.modifiers.push_back(value);
    }
    if (type.name == "numeric" && type.modifiers.size() == 1)
        type.modifiers.push_back(0);
    if ((type.name == "bpchar" || type.name == "bit") && type.modifiers.empty() && qualifier == "pg_catalog")
        type.modifiers.push_back(1);
    if (type.name == "interval" && type.modifiers.size() == 1 && type.modifiers[0] == interval_full_range)
        type.modifiers.clear();
    type.dimensions = static_cast<int>(type_name.list("arrayBounds").size());
    return type;
}

Type typeOf(const Schema &schema, const std::string &text)
{
    const auto tree = parseType(text);
    if (!tree) {
        Type type;
        type.name = text;
        return type;
    }
    return typeOf(schema, Node(*tree));
}

std::string typeText(const Type &type)
{
    std::string text = type.domain != nullptr ? sql::quoteQualified(type.domain->schema, type.domain->name) : formatName(type.name);
    if (!type.modifiers.empty() && type.name != "interval") {
        std::string list;
        for (const std::int64_t value : type.modifiers)
            list += (list.empty() ? "" : ",") + std::to_string(value);
        const std::size_t space = type.name.rfind("time", 0) == 0 ? text.find(' ') : std::string::npos;
        text.insert(std::min(space, text.size()), "(" + list + ")");
    } else if (type.name == "interval" && type.modifiers.size() == 2 && type.modifiers[0] == interval_full_range) {
        text += "(" + std::to_string(type.modifiers[1]) + ")";
    }
    return type.dimensions > 0 ? text + "[]" : text;
}

bool changesByItself(const Schema &schema, const Type &from, const Type &to)
{
    if (schema.facts == nullptr || schema.facts->automatic_casts.empty())
        return true;
    const Type source = below(schema, from), target = below(schema, to);
    const std::string old_name = formatName(source.name), new_name = formatName(target.name);
    const bool is_string = new_name == "text" || new_name == "character varying" || new_name == "character" || new_name == "name";
    if (source.dimensions != target.dimensions)
        return target.dimensions == 0 && is_string;
    if (old_name == new_name || (is_string && target.dimensions == 0))
        return true;
    // A type of the user's may be named in the script otherwise than the catalog names it.
    return schema.facts->builtin_types.count(new_name) == 0 || schema.facts->automatic_casts.count({old_name, new_name}) > 0;
}

TypeChange typeChange(const Schema &schema, const std::optional<Type> &from, const Type &to, const Node &using_expression, const std::string &column)
{
    if (using_expression.exists()) {
        // USING column and USING column::type are the same as none
        const bool is_cast = using_expression.is("TypeCast");
        const Node inner = is_cast ? using_expression.get("arg") : using_expression;
        const auto fields = inner.is("ColumnRef") ? inner.names("fields") : std::vector<std::string>();
        if (fields.empty() || fields.back() != column || (is_cast && !(typeOf(schema, using_expression.get("typeName")) == to)))
            return {true, "USING computes every value anew, so the table is rewritten"};
    }
    if (!from)
        return {true, "the column's present type is not known here; unless the two are binary coercible, the table is rewritten"};
    if (*from == to)
        return {false, "the type stays what it is"};
    if (from->dimensions > 0 || to.dimensions > 0)
        return {true, "arrays are converted element by element, so the table is rewritten"};
    if (to.domain != nullptr && to.domain->has_constraint && from->domain != to.domain)
        return {true, "the domain's constraints are checked by rewriting the table"};
    const Type base_from = below(schema, *from), base_to = below(schema, to);
    if (base_from.name == base_to.name) {
        return lengthIsNoWork(base_from, base_to) ? TypeChange{false, "no stored value can need a change: the catalog alone is changed"}
                                                  : TypeChange{true, "values may need to be cut, padded or rounded, so the table is rewritten"};
    }
    Type bare = base_from;
    bare.modifiers.clear();
    const bool time_stamps = (base_from.name == "timestamp" && base_to.name == "timestamptz") || (base_from.name == "timestamptz" && base_to.name == "timestamp");
    if (time_stamps) {
        if (!schema.time_zone_is_utc)
            return {true, "timestamps are shifted by the session's time zone; only under UTC is the table not rewritten"};
        return lengthIsNoWork(bare, base_to) ? TypeChange{false, "the session's time zone is UTC, so stored values stay the same"}
                                             : TypeChange{true, "values may be rounded, so the table is rewritten"};
    }
    if (binaryCast(schema, base_from.name, base_to.name)) {
        return lengthIsNoWork(bare, base_to) ? TypeChange{false, "the two types are binary coercible: the catalog alone is changed"}
                                             : TypeChange{true, "the length of every value is checked by rewriting the table"};
    }
    return {true, "the values' stored form differs, so the table is rewritten"};
}

} // namespace howdah::migration::effects
