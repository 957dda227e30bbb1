// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/shape_scope.h"

#include <algorithm>
#include <map>

namespace howdah::index::shapes {

namespace {

bool indexable(const Expr &expression)
{
    return expression.use >= 0 && !expression.mixed && expression.writable && !expression.has_parameters && !expression.has_subquery && !expression.attnums.empty();
}

bool isComparison(const std::string &op)
{
    return op == "=" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

Term termOf(const Expr &side, const std::string &op, const Expr &value, bool list)
{
    Term term;
    term.expression = keyText(side);
    term.attnum = side.attnum;
    term.attnums = side.attnums;
    term.op = op;
    term.list = list;
    term.parameter = value.parameter;
    if (value.constant && value.writable) {
        term.value = value.text;
        term.is_string = value.is_string || !value.string_value.empty();
        term.text = value.string_value;
    }
    if (value.use >= 0) {
        term.join = true;
        term.joined_use = value.column ? value.use : -1;
        term.joined_attnum = value.attnum;
    }
    return term;
}

} // namespace

void Walk::term(const Expr &left, const std::string &op, const Expr &right, bool list, std::vector<std::pair<int, Term>> &terms)
{
    if (indexable(left) && right.use != left.use && !right.mixed)
        terms.emplace_back(left.use, termOf(left, op, right, list));
    if (list || !indexable(right) || right.use == left.use || left.mixed)
        return;
    static const std::map<std::string, std::string> turned{{"=", "="}, {"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    const auto known = turned.find(op);
    const std::string other = known != turned.end() ? known->second : facts_.methods.commutatorOf(op);
    if (!other.empty())
        terms.emplace_back(right.use, termOf(right, other, left, false));
}

void Walk::comparison(const Json &node, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms)
{
    const std::string kind = node.value("kind", "");
    const std::vector<std::string> names = namesOf(node.value("name", Json::array()));
    const std::string op = names.empty() ? "" : names.back();
    const Json left_node = node.value("lexpr", Json());
    const Json right_node = node.value("rexpr", Json());
    // (a, b) < (x, y): its first column bounds what is read.
    if (left_node.is_object() && left_node.contains("RowExpr") && right_node.is_object() && right_node.contains("RowExpr")) {
        const Json lefts = left_node["RowExpr"].value("args", Json::array());
        const Json rights = right_node["RowExpr"].value("args", Json::array());
        for (std::size_t i = 0; i < lefts.size() && i < rights.size(); ++i) {
            const Expr left = expression(lefts[i], scope, depth + 1);
            const Expr right = expression(rights[i], scope, depth + 1);
            if (i == 0 || op == "=")
                term(left, op, right, false, terms);
        }
        return;
    }
    const Expr left = expression(left_node, scope, depth + 1);
    if (kind == "AEXPR_BETWEEN" && right_node.is_array() && right_node.size() == 2) {
        term(left, ">=", expression(right_node[0], scope, depth + 1), false, terms);
        term(left, "<=", expression(right_node[1], scope, depth + 1), false, terms);
        return;
    }
    if (kind == "AEXPR_IN") {
        Expr values = expression(right_node.is_object() && right_node.contains("List") ? right_node["List"].value("items", Json::array()) : right_node, scope, depth + 1);
        if (op == "=")
            term(left, "=", values, true, terms);
        return;
    }
    const Expr right = expression(right_node, scope, depth + 1);
    if (kind == "AEXPR_OP_ANY") {
        if (op == "=" && right.column && left.use != right.use)
            rewrite("any-array", "value = ANY (" + right.text + ") reads every row, whatever the index. Written as " + right.text
                                     + " @> ARRAY[value] a GIN index on " + right.text + " serves it.");
        else
            term(left, op, right, true, terms);
        return;
    }
    if (kind == "AEXPR_NOT_DISTINCT") {
        rewrite("not-distinct", "IS NOT DISTINCT FROM uses no index. Where " + (left.text.empty() ? std::string("the value") : left.text)
                                    + " is never null, = means the same and does.");
        return;
    }
    if (kind != "AEXPR_OP" && kind != "AEXPR_LIKE" && kind != "AEXPR_ILIKE" && kind != "AEXPR_SIMILAR")
        return;
    if (op.empty() || op.front() == '!' || op == "<>")
        return;
    term(left, op, right, false, terms);
    // Arithmetic on the column: the other side could do it.
    const Json inner = left_node.is_object() ? left_node.value("A_Expr", Json::object()) : Json::object();
    const std::vector<std::string> sign = namesOf(inner.value("name", Json::array()));
    if (isComparison(op) && right.constant && sign.size() == 1 && (sign[0] == "+" || sign[0] == "-" || sign[0] == "*") && indexable(left) && left.attnums.size() == 1)
        rewrite("arithmetic", left.text + " " + op + " … works the column out for each row. With the sum on the other side, a plain index on the column serves it.");
}

void Walk::anyOf(const Json &args, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms)
{
    std::map<int, std::vector<std::vector<Term>>> arms;
    std::size_t count = 0;
    for (const Json &arg : args) {
        ++count;
        std::vector<std::pair<int, Term>> found;
        condition(arg, scope, depth + 1, found);
        std::map<int, std::vector<Term>> by_use;
        for (auto &[use, one] : found)
            by_use[use].push_back(std::move(one));
        for (auto &[use, group] : by_use)
            arms[use].push_back(std::move(group));
    }
    bool served = false;
    for (auto &[use, group] : arms) {
        if (group.size() != count)
            continue;
        served = true;
        // The same column = in each arm is an IN.
        const Term &first = group.front().front();
        const bool same = std::all_of(group.begin(), group.end(), [&](const std::vector<Term> &arm) {
            return arm.size() == 1 && arm.front().op == "=" && arm.front().expression == first.expression && !arm.front().join;
        });
        if (same) {
            Term merged = first;
            merged.list = true;
            merged.value.clear();
            merged.text.clear();
            terms.emplace_back(use, std::move(merged));
            continue;
        }
        // What all arms share holds for the whole.
        for (const Term &one : group.front()) {
            const bool shared = std::all_of(group.begin() + 1, group.end(), [&](const std::vector<Term> &arm) {
                return std::any_of(arm.begin(), arm.end(), [&](const Term &other) {
                    return other.expression == one.expression && other.op == one.op && other.join == one.join && (one.join || other.value == one.value);
                });
            });
            if (shared)
                terms.emplace_back(use, one);
        }
        TableUse &of = shape_.uses[static_cast<std::size_t>(use)];
        for (std::vector<Term> &arm : group)
            of.alternatives.push_back(std::move(arm));
    }
    if (!served && arms.size() > 1)
        rewrite("or", "An OR over columns of different tables keeps every index of both from being used. Two queries with UNION, one for each side, can use them.");
}

void Walk::subLink(const Json &link, const Scope &scope, int depth, std::vector<std::pair<int, Term>> *terms)
{
    const std::string kind = link.value("subLinkType", "");
    const Json &query = link.value("subselect", Json::object());
    const auto [name, body] = onlyMember(query);
    if (body == nullptr)
        return;
    Outputs outputs = kind == "EXISTS_SUBLINK" && name == "SelectStmt" ? select(*body, &scope, depth + 1, true) : statement(query, &scope, depth + 1);
    if (!link.contains("testexpr"))
        return;
    const Expr test = expression(link["testexpr"], scope, depth + 1);
    if (terms == nullptr || kind != "ANY_SUBLINK" || outputs.empty())
        return;
    // x IN (SELECT y …) is a join on x = y.
    Expr value;
    value.constant = false;
    const Origin origin = outputs.front().second;
    if (origin.use >= 0) {
        const TableFacts &table = facts_.tables[shape_.uses[static_cast<std::size_t>(origin.use)].table];
        value.use = origin.use;
        value.column = true;
        value.attnum = origin.attnum;
        value.attnums = {origin.attnum};
        const Json reference{{"ColumnRef", {{"fields", Json::array({Json{{"String", {{"sval", table.column(origin.attnum)->name}}}}})}}}};
        Scope inner;
        inner.sources.push_back({"", origin.use, {}});
        value = expression(reference, inner, depth + 1);
        term(test, "=", value, false, *terms);
    } else if (indexable(test)) {
        Term one = termOf(test, "=", value, false);
        one.join = true;
        terms->emplace_back(test.use, std::move(one));
    }
}

void Walk::condition(const Json &node, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms)
{
    const auto [kind, body] = onlyMember(node);
    if (body == nullptr || depth > deepest_walk) {
        expression(node, scope, depth + 1);
        return;
    }
    if (kind == "BoolExpr") {
        const std::string op = body->value("boolop", "");
        const Json args = body->value("args", Json::array());
        if (op == "AND_EXPR") {
            for (const Json &arg : args)
                condition(arg, scope, depth + 1, terms);
        } else if (op == "OR_EXPR") {
            anyOf(args, scope, depth + 1, terms);
        } else {
            const Json inner = args.empty() ? Json() : args[0];
            const auto [inner_kind, inner_body] = onlyMember(inner);
            if (inner_body != nullptr && inner_kind == "SubLink" && inner_body->value("subLinkType", "") == "ANY_SUBLINK")
                rewrite("not-in", "NOT IN (SELECT …) cannot be planned as an anti-join, because of nulls: the subquery is gone through for each row, or hashed as a whole. "
                                  "NOT EXISTS (SELECT FROM … WHERE …) can be, and then uses an index.");
            const Expr column = expression(inner, scope, depth + 1);
            if (column.column) {
                Expr off;
                off.text = "false";
                terms.emplace_back(column.use, termOf(column, "=", off, false));
            }
        }
        return;
    }
    if (kind == "A_Expr") {
        comparison(*body, scope, depth + 1, terms);
        return;
    }
    if (kind == "NullTest") {
        const Expr tested = expression(body->value("arg", Json()), scope, depth + 1);
        if (indexable(tested)) {
            Expr nothing;
            nothing.text = "NULL";
            Term one = termOf(tested, body->value("nulltesttype", "") == "IS_NULL" ? "IS NULL" : "IS NOT NULL", nothing, false);
            terms.emplace_back(tested.use, std::move(one));
        }
        return;
    }
    if (kind == "SubLink") {
        subLink(*body, scope, depth + 1, &terms);
        return;
    }
    Expr column = expression(kind == "BooleanTest" ? body->value("arg", Json()) : node, scope, depth + 1);
    if (column.column && (kind == "ColumnRef" || body->value("booltesttype", "") == "IS_TRUE" || body->value("booltesttype", "") == "IS_FALSE")) {
        Expr value;
        value.text = body->value("booltesttype", "") == "IS_FALSE" ? "false" : "true";
        terms.emplace_back(column.use, termOf(column, "=", value, false));
    }
}

void Walk::apply(const Json &node, const Scope &scope, int depth)
{
    std::vector<std::pair<int, Term>> terms;
    condition(node, scope, depth, terms);
    for (auto &[use, one] : terms)
        shape_.uses[static_cast<std::size_t>(use)].terms.push_back(std::move(one));
}

} // namespace howdah::index::shapes
