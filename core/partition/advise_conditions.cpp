// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "core/partition/advise.h"
#include "core/sql/parser.h"

namespace howdah::partition {

namespace {

using nlohmann::json;

/// Walks a parse tree for relations called like the table, and for comparisons of its columns.
class Walk
{
public:
    Walk(const std::string &schema, const std::string &table, const std::vector<std::string> &columns) : schema_(schema), table_(table), columns_(columns.begin(), columns.end()) {}

    std::vector<ConditionUse> in(const json &tree)
    {
        findRelations(tree);
        if (aliases_.empty())
            return {};
        findComparisons(tree);
        return std::move(uses_);
    }

private:
    static std::string textOf(const json &object, const char *key)
    {
        const auto found = object.find(key);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    }

    void findRelations(const json &node)
    {
        if (node.is_array()) {
            for (const json &one : node)
                findRelations(one);
            return;
        }
        if (!node.is_object())
            return;
        for (const auto &[key, value] : node.items()) {
            if (value.is_object() && value.contains("relname") && value["relname"].is_string())
                relation(value);
            findRelations(value);
        }
    }

    void relation(const json &range)
    {
        ++relations_;
        const std::string schema = textOf(range, "schemaname");
        if (textOf(range, "relname") != table_ || (!schema.empty() && schema != schema_))
            return;
        const auto alias = range.find("alias");
        aliases_.insert(alias != range.end() ? textOf(*alias, "aliasname") : table_);
    }

    /// The table's column that a ColumnRef names: of its alias, or bare where the table alone has one so called.
    [[nodiscard]] std::string column(const json &node) const
    {
        if (!node.is_object())
            return {};
        if (const auto cast = node.find("TypeCast"); cast != node.end() && cast->contains("arg"))
            return {}; // a cast column prunes nothing
        const auto ref = node.find("ColumnRef");
        if (ref == node.end() || !ref->contains("fields"))
            return {};
        std::vector<std::string> names;
        for (const json &field : (*ref)["fields"]) {
            const auto string = field.find("String");
            names.push_back(string != field.end() ? textOf(*string, "sval") : "*");
        }
        if (names.empty() || !columns_.contains(names.back()))
            return {};
        if (names.size() == 1)
            return names.back();
        const std::string &qualifier = names[names.size() - 2];
        return aliases_.contains(qualifier) || qualifier == table_ ? names.back() : std::string();
    }

    void use(const std::string &column, bool range)
    {
        if (!column.empty())
            uses_.push_back({column, range});
    }

    void comparison(const json &expression)
    {
        const std::string kind = textOf(expression, "kind");
        std::string op;
        if (const auto name = expression.find("name"); name != expression.end() && !name->empty() && name->back().contains("String"))
            op = textOf(name->back()["String"], "sval");
        const json none;
        const json &left = expression.contains("lexpr") ? expression["lexpr"] : none;
        const json &right = expression.contains("rexpr") ? expression["rexpr"] : none;
        const bool range = op == "<" || op == "<=" || op == ">" || op == ">=";
        if (kind == "AEXPR_BETWEEN" || kind == "AEXPR_BETWEEN_SYM")
            return use(column(left), true);
        if (kind == "AEXPR_IN" || kind == "AEXPR_OP_ANY")
            return op == "=" ? use(column(left), false) : void();
        if (kind != "AEXPR_OP" || !(range || op == "="))
            return;
        const std::string of_left = column(left), of_right = column(right);
        // A column of the table against one of its own prunes nothing.
        if (of_left.empty() || of_right.empty()) {
            use(of_left, range);
            use(of_right, range);
        }
    }

    void findComparisons(const json &node)
    {
        if (node.is_array()) {
            for (const json &one : node)
                findComparisons(one);
            return;
        }
        if (!node.is_object())
            return;
        for (const auto &[key, value] : node.items()) {
            if (key == "A_Expr")
                comparison(value);
            findComparisons(value);
        }
    }

    const std::string &schema_;
    const std::string &table_;
    std::set<std::string> columns_;
    std::set<std::string> aliases_;
    int relations_ = 0;
    std::vector<ConditionUse> uses_;
};

} // namespace

std::vector<ConditionUse> conditionsOn(const std::string &statement, const std::string &schema, const std::string &table, const std::vector<std::string> &columns)
{
    const auto tree = sql::parseTree(statement);
    if (!tree)
        return {};
    const json document = json::parse(*tree, nullptr, false);
    if (document.is_discarded())
        return {};
    std::vector<ConditionUse> uses = Walk(schema, table, columns).in(document);
    // The same column twice in one statement (from, to) is one use, a range when one of them is.
    std::map<std::string, bool> once;
    for (const ConditionUse &use : uses)
        once[use.column] = once[use.column] || use.range;
    uses.clear();
    for (const auto &[column, range] : once)
        uses.push_back({column, range});
    return uses;
}

} // namespace howdah::partition
