// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/expression.h"

#include <algorithm>
#include <charconv>

namespace howdah::migration::effects {

using nlohmann::json;

std::set<std::string> columnsIn(const json &tree)
{
    std::set<std::string> names;
    walk(tree, [&](const std::string &kind, const json &value) {
        if (kind == "ColumnRef") {
            const auto fields = Node(value).names("fields");
            if (!fields.empty() && !fields.back().empty())
                names.insert(fields.back());
        } else if (kind == "IndexElem" && value.contains("name")) {
            names.insert(value["name"].get<std::string>());
        }
    });
    return names;
}

std::string constantText(const Node &node)
{
    if (node.is("TypeCast"))
        return constantText(node.get("arg"));
    if (node.is("A_Expr")) { // -5
        const auto name = node.names("name");
        const std::string right = constantText(node.get("rexpr"));
        return !name.empty() && name[0] == "-" && !node.get("lexpr").exists() && !right.empty() ? "-" + right : "";
    }
    return node.is("A_Const") ? node.value() : "";
}

namespace {

std::string expressionName(const Node &expression)
{
    if (expression.is("FuncCall")) {
        const auto name = expression.names("funcname");
        return name.empty() ? "" : name.back();
    }
    if (expression.is("ColumnRef")) {
        const auto fields = expression.names("fields");
        return fields.empty() ? "" : fields.back();
    }
    if (expression.is("CoalesceExpr"))
        return "coalesce";
    if (expression.is("CaseExpr"))
        return "case";
    if (expression.is("MinMaxExpr"))
        return expression.text("op") == "IS_LEAST" ? "least" : "greatest";
    if (expression.is("CollateClause"))
        return expressionName(expression.get("arg"));
    if (expression.is("TypeCast")) {
        if (const std::string inner = expressionName(expression.get("arg")); !inner.empty())
            return inner;
        const auto type = expression.get("typeName").names("names");
        return type.empty() ? "" : type.back();
    }
    return {};
}

} // namespace

std::string indexColumnName(const Node &element)
{
    if (const std::string column = element.text("name"); !column.empty())
        return column;
    const std::string named = expressionName(element.get("expr"));
    return named.empty() ? "expr" : named;
}

std::vector<std::string> nameParts(const std::string &name)
{
    // regclass reads names as SQL does, and a type's name is one that can be read alone
    const auto tree = parseType(name);
    return tree ? Node(*tree).names("names") : std::vector<std::string>();
}

std::vector<std::string> sequencesIn(const json &tree)
{
    std::vector<std::string> names;
    walk(tree, [&](const std::string &kind, const json &value) {
        if (kind != "FuncCall")
            return;
        const Node call(value);
        const auto name = call.names("funcname");
        const auto arguments = call.list("args");
        if (name.empty() || arguments.empty() || (name.back() != "nextval" && name.back() != "setval" && name.back() != "currval"))
            return;
        if (std::string sequence = constantText(arguments[0]); !sequence.empty())
            names.push_back(std::move(sequence));
    });
    return names;
}

bool drawsFrom(const std::string &expression, const Relation &sequence)
{
    if (expression.find("nextval(") == std::string::npos)
        return false;
    const auto tree = parseCheck("CHECK ((" + expression + ") IS NULL)");
    const auto names = tree ? sequencesIn(*tree) : std::vector<std::string>();
    return std::any_of(names.begin(), names.end(), [&](const std::string &name) {
        const auto parts = nameParts(name);
        return !parts.empty() && parts.back() == sequence.name && (parts.size() == 1 || parts[parts.size() - 2] == sequence.schema);
    });
}

bool isVolatile(const Schema &schema, const json &expression)
{
    static const std::set<std::string, std::less<>> builtin_volatile{
        "random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "setval", "currval", "lastval",
        "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "gen_random_bytes", "gen_salt", "pg_sleep", "set_config", "setseed", "txid_current"};
    static const std::set<std::string, std::less<>> builtin_steady{
        "now", "transaction_timestamp", "statement_timestamp", "md5", "lower", "upper", "length", "concat", "coalesce", "date_trunc", "to_char", "to_timestamp",
        "timezone", "date_part", "extract", "jsonb_build_object", "json_build_object", "jsonb_build_array", "to_tsvector", "abs", "round", "floor", "ceil",
        "current_setting", "current_schema", "current_database", "array_length", "make_date", "make_interval", "substr", "substring", "replace", "repeat", "btrim", "version"};
    bool found = false;
    walk(expression, [&](const std::string &kind, const json &value) {
        if (kind != "FuncCall")
            return;
        const auto names = Node(value).names("funcname");
        if (names.empty())
            return;
        const std::string &name = names.back();
        if (const auto made = schema.functions.find(name); made != schema.functions.end())
            found = found || made->second;
        else if (schema.facts != nullptr && schema.facts->functions.count(name) > 0)
            found = found || schema.facts->volatile_functions.count(name) > 0;
        else
            found = found || builtin_volatile.count(name) > 0 || builtin_steady.count(name) == 0;
    });
    return found;
}

namespace {

void conjuncts(const Node &node, std::vector<Node> &into)
{
    if (node.is("BoolExpr") && node.text("boolop") == "AND_EXPR") {
        for (const Node &arm : node.list("args"))
            conjuncts(arm, into);
    } else if (node.exists()) {
        into.push_back(node);
    }
}

std::string columnOf(const Node &node)
{
    if (node.is("TypeCast") || node.is("RelabelType"))
        return columnOf(node.get("arg"));
    const auto fields = node.is("ColumnRef") ? node.names("fields") : std::vector<std::string>();
    return fields.empty() ? "" : fields.back();
}

/// "column operator constant", or "column IS NOT NULL" / "column IS NULL" with that as operator.
struct Clause {
    std::string column, op, constant;
    std::vector<std::string> values; ///< for op "in"
};

std::string turned(const std::string &op)
{
    return op == "<" ? ">" : op == ">" ? "<" : op == "<=" ? ">=" : op == ">=" ? "<=" : op;
}

void listValues(const Node &node, std::vector<std::string> &into)
{
    if (node.is("TypeCast"))
        return listValues(node.get("arg"), into);
    for (const char *field : {"items", "elements"}) {
        for (const Node &item : node.list(field))
            into.push_back(constantText(item));
    }
}

Clause clauseOf(const Node &node)
{
    Clause clause;
    if (node.is("NullTest")) {
        clause.column = columnOf(node.get("arg"));
        clause.op = node.text("nulltesttype") == "IS_NOT_NULL" ? "is not null" : "is null";
        return clause;
    }
    const std::string kind = node.text("kind");
    if (!node.is("A_Expr") || (kind != "AEXPR_OP" && kind != "AEXPR_IN" && kind != "AEXPR_OP_ANY"))
        return clause;
    const auto name = node.names("name");
    clause.op = name.empty() ? "" : name.back();
    clause.column = columnOf(node.get("lexpr"));
    if (kind != "AEXPR_OP") {
        const json &right = (*node.body())["rexpr"];
        if (right.contains("List"))
            for (const json &item : right["List"]["items"])
                clause.values.push_back(constantText(Node(item)));
        else
            listValues(Node(right).is("A_ArrayExpr") || Node(right).is("TypeCast") ? Node(right) : Node(), clause.values);
        clause.op = clause.op == "=" ? "in" : "";
        return clause;
    }
    if (clause.column.empty()) {
        clause.column = columnOf(node.get("rexpr"));
        clause.constant = constantText(node.get("lexpr"));
        clause.op = turned(clause.op);
    } else {
        clause.constant = constantText(node.get("rexpr"));
    }
    return clause;
}

/// Orders two literals of one column: numbers by value, others as text of equal length (ISO dates are).
/// Nothing when it cannot be told.
std::optional<int> order(const std::string &left, const std::string &right)
{
    if (left == right)
        return 0;
    double a = 0, b = 0;
    const auto [end_a, error_a] = std::from_chars(left.data(), left.data() + left.size(), a);
    const auto [end_b, error_b] = std::from_chars(right.data(), right.data() + right.size(), b);
    if (error_a == std::errc() && error_b == std::errc() && end_a == left.data() + left.size() && end_b == right.data() + right.size())
        return a < b ? -1 : a > b ? 1 : 0;
    // "2024-01-01" and "2024-01-01 00:00:00+00": the shorter begins the longer day
    const std::size_t common = std::min(left.size(), right.size());
    const int by_text = left.compare(0, common, right, 0, common);
    if (by_text != 0 && common >= 10)
        return by_text < 0 ? -1 : 1;
    return std::nullopt;
}

/// What a bound says, as clauses.
std::vector<Clause> clausesOf(const Relation &parent, const Bound &bound)
{
    std::vector<Clause> clauses;
    if (parent.partition_key.size() != 1 || parent.partition_key[0].empty())
        return clauses;
    const std::string &key = parent.partition_key[0];
    if (bound.strategy == 'r' && bound.lower.size() == 1 && bound.upper.size() == 1) {
        clauses.push_back({key, "is not null", "", {}});
        if (!bound.lower[0].empty())
            clauses.push_back({key, ">=", bound.lower[0], {}});
        if (!bound.upper[0].empty())
            clauses.push_back({key, "<", bound.upper[0], {}});
    } else if (bound.strategy == 'l') {
        if (!bound.with_null)
            clauses.push_back({key, "is not null", "", {}});
        clauses.push_back({key, "in", "", bound.values});
    }
    return clauses;
}

bool implies(const Clause &known, const Clause &wanted)
{
    if (known.column != wanted.column || known.column.empty())
        return false;
    if (known.op == wanted.op && known.op.rfind("is ", 0) == 0)
        return true;
    if (wanted.op == "in") {
        const std::vector<std::string> values = known.op == "=" ? std::vector<std::string>{known.constant} : known.values;
        return (known.op == "=" || known.op == "in")
            && std::all_of(values.begin(), values.end(), [&](const std::string &value) { return std::find(wanted.values.begin(), wanted.values.end(), value) != wanted.values.end(); });
    }
    const auto relation = order(known.constant, wanted.constant);
    if (!relation || known.constant.empty() || wanted.constant.empty())
        return false;
    const bool equal_counts = known.op == wanted.op || known.op == "=" || (known.op == "<" && wanted.op == "<=") || (known.op == ">" && wanted.op == ">=");
    if (wanted.op == ">=" || wanted.op == ">")
        return (known.op == ">=" || known.op == ">" || known.op == "=") && (*relation > 0 || (*relation == 0 && equal_counts && !(known.op == "=" && wanted.op == ">")));
    if (wanted.op == "<" || wanted.op == "<=")
        return (known.op == "<" || known.op == "<=" || known.op == "=") && (*relation < 0 || (*relation == 0 && equal_counts && !(known.op == "=" && wanted.op == "<")));
    return wanted.op == "=" && known.op == "=" && *relation == 0;
}

bool impliedByAny(const std::vector<Clause> &known, const Clause &wanted)
{
    return std::any_of(known.begin(), known.end(), [&](const Clause &clause) { return implies(clause, wanted); });
}

std::vector<Node> checksOf(const Relation &table)
{
    std::vector<Node> nodes;
    for (const Constraint &constraint : table.constraints) {
        if (constraint.type == 'c' && constraint.validated && constraint.enforced && constraint.check)
            conjuncts(Node(*constraint.check), nodes);
    }
    return nodes;
}

} // namespace

bool provesNotNull(const Relation &table, const std::string &column)
{
    const auto checks = checksOf(table);
    return std::any_of(checks.begin(), checks.end(), [&](const Node &node) {
        const Clause clause = clauseOf(node);
        return clause.column == column && clause.op == "is not null";
    });
}

bool provesBound(Relation &table, const Relation &parent, const Bound &bound)
{
    const std::vector<Clause> wanted = clausesOf(parent, bound);
    std::vector<Clause> known;
    for (const Node &node : checksOf(table))
        known.push_back(clauseOf(node));
    for (const Column &column : table.columns) {
        if (column.not_null)
            known.push_back({column.name, "is not null", "", {}});
    }
    return !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const Clause &clause) { return impliedByAny(known, clause); });
}

bool provesOutside(const Relation &default_partition, const Relation &parent, const Bound &bound)
{
    const std::vector<Clause> inside = clausesOf(parent, bound);
    if (inside.empty())
        return false;
    const auto excluded = [&](const Clause &clause) { // the clause holds for no row inside
        if (clause.column != parent.partition_key[0] || bound.strategy != 'r')
            return false;
        if (!bound.lower[0].empty() && implies(clause, {clause.column, "<", bound.lower[0], {}}))
            return true;
        return !bound.upper[0].empty() && implies(clause, {clause.column, ">=", bound.upper[0], {}});
    };
    const auto proves = [&](const Node &node) {
        if (node.is("BoolExpr") && node.text("boolop") == "NOT_EXPR") {
            std::vector<Node> denied;
            for (const Node &arm : node.list("args"))
                conjuncts(arm, denied);
            return std::all_of(denied.begin(), denied.end(), [&](const Node &arm) { return impliedByAny(inside, clauseOf(arm)); });
        }
        if (node.is("BoolExpr") && node.text("boolop") == "OR_EXPR") {
            const auto arms = node.list("args");
            return std::all_of(arms.begin(), arms.end(), [&](const Node &arm) { const Clause c = clauseOf(arm); return c.op == "is null" || excluded(c); });
        }
        return excluded(clauseOf(node));
    };
    const auto checks = checksOf(default_partition);
    return std::any_of(checks.begin(), checks.end(), proves);
}

} // namespace howdah::migration::effects
