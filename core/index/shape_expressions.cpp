// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/shape_scope.h"

#include <algorithm>
#include <array>

#include "core/sql/quote.h"

namespace howdah::index::shapes {

namespace {

void join(Expr &into, const Expr &part)
{
    if (part.mixed || (part.use >= 0 && into.use >= 0 && part.use != into.use))
        into.mixed = true;
    if (into.use < 0)
        into.use = part.use;
    into.attnums.insert(into.attnums.end(), part.attnums.begin(), part.attnums.end());
    into.constant = into.constant && part.constant;
    into.has_parameters = into.has_parameters || part.has_parameters || part.parameter > 0;
    into.has_subquery = into.has_subquery || part.has_subquery;
    into.writable = into.writable && part.writable;
}

Expr unwritable(Expr expression)
{
    expression.writable = false;
    expression.text.clear();
    return expression;
}

Expr literal(const Json &node)
{
    Expr expression;
    if (node.value("isnull", false)) {
        expression.text = "NULL";
    } else if (node.contains("ival")) {
        expression.text = std::to_string(node["ival"].value("ival", 0LL));
    } else if (node.contains("fval")) {
        expression.text = node["fval"].value("fval", "0");
    } else if (node.contains("boolval")) {
        expression.text = node["boolval"].value("boolval", false) ? "true" : "false";
    } else if (node.contains("sval")) {
        expression.string_value = node["sval"].value("sval", "");
        expression.text = sql::quoteLiteral(expression.string_value);
        expression.is_string = true;
    } else {
        return unwritable(expression);
    }
    return expression;
}

std::string typeText(const Json &type)
{
    std::vector<std::string> names = namesOf(type.value("names", Json::array()));
    if (names.empty() || type.value("setof", false) || type.value("pct_type", false))
        return {};
    if (names.size() == 2 && names[0] == "pg_catalog")
        names.erase(names.begin());
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ".") + sql::quoteIdentifier(name);
    const Json modifiers = type.value("typmods", Json::array());
    // An interval's field is a bit of a mask.
    if (names.back() == "interval" && modifiers.size() == 1 && modifiers[0].contains("A_Const")) {
        switch (modifiers[0]["A_Const"].value("ival", Json::object()).value("ival", 0)) {
        case 2: return "interval month";
        case 4: return "interval year";
        case 8: return "interval day";
        case 1024: return "interval hour";
        case 2048: return "interval minute";
        case 4096: return "interval second";
        default: return {};
        }
    }
    if (!modifiers.empty() && names.back() != "bpchar") {
        std::string inside;
        for (const Json &one : modifiers) {
            if (!one.contains("A_Const") || names.back() == "interval")
                return {};
            const Expr value = literal(one["A_Const"]);
            inside += (inside.empty() ? "" : ", ") + value.text;
        }
        text += "(" + inside + ")";
    }
    for (std::size_t i = 0; i < type.value("arrayBounds", Json::array()).size(); ++i)
        text += "[]";
    return text;
}

bool isAggregate(const std::string &name)
{
    static constexpr std::array names{"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or", "every"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// What EXPLAIN's grammar keeps as a node of its own, and the function it is.
std::string sqlFunction(const std::string &op)
{
    if (op == "SVFOP_CURRENT_DATE")
        return "current_date";
    if (op == "SVFOP_CURRENT_TIMESTAMP")
        return "current_timestamp";
    if (op == "SVFOP_LOCALTIMESTAMP")
        return "localtimestamp";
    return {};
}

} // namespace

std::string stringOf(const Json &node)
{
    return node.is_object() && node.contains("String") ? node["String"].value("sval", "") : "";
}

std::vector<std::string> namesOf(const Json &list)
{
    std::vector<std::string> names;
    for (const Json &one : list) {
        if (std::string name = stringOf(one); !name.empty())
            names.push_back(std::move(name));
    }
    return names;
}

std::pair<std::string, const Json *> onlyMember(const Json &node)
{
    if (!node.is_object() || node.size() != 1)
        return {{}, nullptr};
    return {node.begin().key(), &node.begin().value()};
}

std::string keyText(const Expr &expression)
{
    return expression.column ? expression.text : "(" + expression.text + ")";
}

void Walk::noteColumn(const Origin &origin)
{
    if (origin.use >= 0)
        shape_.uses[static_cast<std::size_t>(origin.use)].columns.insert(origin.attnum);
}

Origin Walk::resolve(const Json &fields, const Scope &scope)
{
    const std::vector<std::string> names = namesOf(fields);
    if (names.empty() || names.size() != fields.size())
        return {};
    const std::string &column = names.back();
    for (const Scope *at = &scope; at != nullptr; at = at->parent) {
        for (const Source &source : at->sources) {
            if (names.size() > 1 && source.alias != names[names.size() - 2])
                continue;
            if (source.use >= 0) {
                const TableFacts &table = facts_.tables[shape_.uses[static_cast<std::size_t>(source.use)].table];
                if (const ColumnFacts *found = table.column(column))
                    return {source.use, found->attnum};
            }
            for (const auto &[name, origin] : source.outputs) {
                if (name == column)
                    return origin;
            }
        }
        // The name of a whole row.
        if (names.size() == 1) {
            for (const Source &source : at->sources) {
                if (source.alias == column && source.use >= 0)
                    shape_.uses[static_cast<std::size_t>(source.use)].whole_row = true;
            }
        }
    }
    return {};
}

Expr Walk::call(const Json &node, const Scope &scope, int depth)
{
    Expr expression;
    const std::vector<std::string> names = namesOf(node.value("funcname", Json::array()));
    if (names.empty())
        return unwritable(expression);
    shape_.functions.push_back(names.back());
    std::string arguments;
    for (const Json &argument : node.value("args", Json::array())) {
        const Expr part = this->expression(argument, scope, depth + 1);
        join(expression, part);
        arguments += (arguments.empty() ? "" : ", ") + part.text;
    }
    for (const char *extra : {"agg_order", "agg_filter"}) {
        if (node.contains(extra))
            join(expression, this->expression(node[extra], scope, depth + 1));
    }
    if (node.contains("over"))
        window(node["over"], scope, depth + 1);
    if (isAggregate(names.back()) || node.contains("over") || node.value("agg_star", false) || node.value("agg_distinct", false) || node.contains("agg_filter")
        || node.contains("agg_order") || node.value("func_variadic", false)) {
        expression.constant = false;
        return unwritable(expression);
    }
    // Written as grammar, kept as a function: its own spelling is understood by all versions.
    std::string name;
    if (names.size() == 2 && names[0] == "pg_catalog")
        name = sql::quoteIdentifier(names[1]);
    else
        for (const std::string &part : names)
            name += (name.empty() ? "" : ".") + sql::quoteIdentifier(part);
    if (names.back() == "extract" || names.back() == "timezone" || names.back() == "date_part" || names.back() == "btrim" || names.back() == "ltrim" || names.back() == "rtrim"
        || names.back() == "substring" || names.back() == "position" || names.back() == "overlay")
        name = "pg_catalog." + sql::quoteIdentifier(names.back());
    if (names.back() == "substring" || names.back() == "position" || names.back() == "overlay")
        name = "pg_catalog.\"" + names.back() + "\"";
    if (names.back() == "extract")
        name = "pg_catalog.\"extract\"";
    expression.text = name + "(" + arguments + ")";
    if (!expression.writable)
        expression.text.clear();
    static constexpr std::array changing{"now", "random", "clock_timestamp", "statement_timestamp", "timeofday", "nextval", "gen_random_uuid"};
    if (std::find(changing.begin(), changing.end(), names.back()) != changing.end())
        expression.string_value.clear();
    return expression;
}

Expr Walk::cast(const Json &node, const Scope &scope, int depth)
{
    Expr inner = expression(node.value("arg", Json()), scope, depth + 1);
    const std::string type = typeText(node.value("typeName", Json::object()));
    Expr result = inner;
    result.column = false;
    result.attnum = 0;
    result.parameter = inner.parameter;
    if (type.empty() || !inner.writable)
        return unwritable(result);
    const bool simple = inner.column || inner.is_string || inner.constant;
    result.text = (simple && inner.text.find(' ') == std::string::npos) || inner.is_string ? inner.text + "::" + type : "(" + inner.text + ")::" + type;
    return result;
}

Expr Walk::operation(const Json &node, const Scope &scope, int depth)
{
    Expr result;
    const std::vector<std::string> names = namesOf(node.value("name", Json::array()));
    Expr left, right;
    if (node.contains("lexpr")) {
        left = expression(node["lexpr"], scope, depth + 1);
        join(result, left);
    }
    if (node.contains("rexpr")) {
        right = expression(node["rexpr"], scope, depth + 1);
        join(result, right);
    }
    if (node.value("kind", "") != "AEXPR_OP" || names.size() != 1 || !result.writable)
        return unwritable(result);
    const auto operand = [](const Expr &part) {
        return part.column || part.text.find_first_of(" -") == std::string::npos || part.is_string ? part.text : "(" + part.text + ")";
    };
    result.text = (node.contains("lexpr") ? operand(left) + " " : std::string()) + names.back() + " " + operand(right);
    return result;
}

Expr Walk::expression(const Json &node, const Scope &scope, int depth)
{
    Expr result;
    if (depth > deepest_walk)
        return unwritable(result);
    if (node.is_array()) {
        for (const Json &one : node)
            join(result, expression(one, scope, depth + 1));
        return unwritable(result);
    }
    const auto [kind, body] = onlyMember(node);
    if (body == nullptr) {
        if (node.is_object()) { // a struct within: walk its members
            for (const auto &member : node)
                if (member.is_structured())
                    join(result, expression(member, scope, depth + 1));
        }
        return unwritable(result);
    }
    if (kind == "A_Const")
        return literal(*body);
    if (kind == "ParamRef") {
        result.parameter = body->value("number", 1);
        result.constant = false;
        result.text = "$" + std::to_string(result.parameter);
        result.has_parameters = true;
        return result;
    }
    if (kind == "ColumnRef") {
        const Origin origin = resolve(body->value("fields", Json::array()), scope);
        result.constant = false;
        if (origin.use < 0)
            return unwritable(result);
        noteColumn(origin);
        const TableFacts &table = facts_.tables[shape_.uses[static_cast<std::size_t>(origin.use)].table];
        result.use = origin.use;
        result.column = true;
        result.attnum = origin.attnum;
        result.attnums = {origin.attnum};
        result.text = sql::quoteIdentifier(table.column(origin.attnum)->name);
        return result;
    }
    if (kind == "FuncCall")
        return call(*body, scope, depth);
    if (kind == "TypeCast")
        return cast(*body, scope, depth);
    if (kind == "A_Expr")
        return operation(*body, scope, depth);
    if (kind == "SubLink") {
        subLink(*body, scope, depth, nullptr);
        result.constant = false;
        result.has_subquery = true;
        return unwritable(result);
    }
    if (kind == "SQLValueFunction") {
        result.text = sqlFunction(body->value("op", ""));
        return result.text.empty() ? unwritable(result) : result;
    }
    if (kind == "CollateClause") {
        const Expr inner = expression(body->value("arg", Json()), scope, depth + 1);
        result = inner;
        result.column = false;
        result.attnum = 0;
        std::string name;
        for (const std::string &part : namesOf(body->value("collname", Json::array())))
            name += (name.empty() ? "" : ".") + ("\"" + part + "\"");
        result.text = inner.text + " COLLATE " + name;
        return inner.writable ? result : unwritable(result);
    }
    if (kind == "CoalesceExpr") {
        std::string arguments;
        for (const Json &argument : body->value("args", Json::array())) {
            const Expr part = expression(argument, scope, depth + 1);
            join(result, part);
            arguments += (arguments.empty() ? "" : ", ") + part.text;
        }
        result.text = "COALESCE(" + arguments + ")";
        return result.writable ? result : unwritable(result);
    }
    if (kind == "A_ArrayExpr") {
        std::string elements;
        for (const Json &element : body->value("elements", Json::array())) {
            const Expr part = expression(element, scope, depth + 1);
            join(result, part);
            elements += (elements.empty() ? "" : ", ") + part.text;
        }
        result.text = "ARRAY[" + elements + "]";
        return result.writable ? result : unwritable(result);
    }
    if (kind == "A_Indirection" || kind == "CaseExpr" || kind == "RowExpr" || kind == "BoolExpr" || kind == "NullTest" || kind == "MinMaxExpr" || kind == "List"
        || kind == "BooleanTest" || kind == "CaseWhen" || kind == "ResTarget" || kind == "SortBy" || kind == "A_Indices") {
        for (const auto &member : *body) {
            if (member.is_structured())
                join(result, expression(member, scope, depth + 1));
        }
        return unwritable(result);
    }
    // Anything else is walked for the columns in it.
    for (const auto &member : *body) {
        if (member.is_structured())
            join(result, expression(member, scope, depth + 1));
    }
    result.constant = false;
    return unwritable(result);
}

} // namespace howdah::index::shapes
