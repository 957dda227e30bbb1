// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/index/health/rule.h"
#include "core/plan/server_statements.h"
#include "core/sql/parser.h"

namespace howdah::index_health {

namespace {

using nlohmann::json;

/// A relation that a query names: its alias, and the table, when it is one that has indexes.
struct Source {
    std::string alias;
    const TableFacts *table = nullptr;
};

class Walk
{
public:
    explicit Walk(Facts &facts) : facts_(facts)
    {
        for (const TableFacts &table : facts.tables) {
            by_schema_.emplace(table.schema + '\0' + table.name, &table);
            const auto [at, is_new] = by_name_.emplace(table.name, &table);
            // Of several schemas: the one that most people have in their path, else it is not known which.
            if (!is_new && table.schema == "public")
                at->second = &table;
            else if (!is_new && (at->second == nullptr || at->second->schema != "public"))
                at->second = nullptr;
        }
    }

    void statement(const ServerUse &use)
    {
        const auto tree = sql::parseTree(use.text);
        const json parsed = tree ? json::parse(*tree, nullptr, false) : json();
        if (!parsed.is_object())
            return;
        calls_ = use.calls;
        visit(parsed, {});
    }

private:
    void visit(const json &node, const std::vector<Source> &outer)
    {
        if (node.is_array()) {
            for (const json &one : node)
                visit(one, outer);
            return;
        }
        if (!node.is_object())
            return;
        for (const auto &[kind, value] : node.items()) {
            if (kind == "SelectStmt" || kind == "UpdateStmt" || kind == "DeleteStmt") {
                std::vector<Source> scope = outer;
                for (const char *clause : {"fromClause", "relation", "usingClause"}) {
                    if (value.contains(clause))
                        collect(value[clause], scope);
                }
                visit(value, scope);
                continue;
            }
            if (kind == "A_Expr")
                expression(value, outer);
            visit(value, outer);
        }
    }

    /// The relations of a FROM clause; subqueries have rooms of their own.
    void collect(const json &from, std::vector<Source> &scope) const
    {
        if (from.is_array()) {
            for (const json &one : from)
                collect(one, scope);
        } else if (from.is_object() && from.contains("JoinExpr")) {
            collect(from["JoinExpr"].value("larg", json()), scope);
            collect(from["JoinExpr"].value("rarg", json()), scope);
        } else if (from.is_object() && (from.contains("RangeVar") || from.contains("relname"))) {
            const json &relation = from.contains("RangeVar") ? from["RangeVar"] : from;
            const std::string name = relation.value("relname", "");
            const auto found = by_name_.find(name);
            const TableFacts *table = found == by_name_.end() ? nullptr : found->second;
            if (const std::string schema = relation.value("schemaname", ""); !schema.empty()) {
                const auto exact = by_schema_.find(schema + '\0' + name);
                table = exact == by_schema_.end() ? nullptr : exact->second;
            }
            scope.insert(scope.begin(), {relation.value("alias", json::object()).value("aliasname", name), table});
        }
    }

    void expression(const json &value, const std::vector<Source> &scope)
    {
        const json name = value.value("name", json::array());
        const std::string op = name.empty() ? "" : name.back().value("String", json::object()).value("sval", "");
        for (const char *side : {"lexpr", "rexpr"})
            note(value.value(side, json()), op, scope);
    }

    void note(const json &operand, const std::string &op, const std::vector<Source> &scope)
    {
        if (!operand.is_object())
            return;
        if (operand.contains("TypeCast")) {
            note(operand["TypeCast"].value("arg", json()), op, scope);
            return;
        }
        if (!operand.contains("ColumnRef"))
            return;
        const json fields = operand["ColumnRef"].value("fields", json::array());
        if (fields.empty())
            return;
        const std::string column = fields.back().value("String", json::object()).value("sval", "");
        const std::string qualifier = fields.size() < 2 ? "" : fields[fields.size() - 2].value("String", json::object()).value("sval", "");
        for (const Source &source : scope) {
            if (source.table == nullptr || (!qualifier.empty() && source.alias != qualifier))
                continue;
            for (const auto &[number, facts] : source.table->columns) {
                if (facts.name != column)
                    continue;
                facts_.uses[{source.table->oid, number}][op] += calls_;
                return;
            }
            if (!qualifier.empty())
                return;
        }
    }

    Facts &facts_;
    std::unordered_map<std::string, const TableFacts *> by_name_, by_schema_;
    double calls_ = 0;
};

} // namespace

void noteUses(Facts &facts, const std::vector<ServerUse> &statements)
{
    Walk walk(facts);
    for (const ServerUse &statement : statements)
        walk.statement(statement);
    facts.statements_read = static_cast<std::int64_t>(statements.size());
}

Result<void> readUses(pg::Connection &connection, Facts &facts)
{
    if (connection.transaction() != pg::TransactionState::Idle)
        return {};
    const auto kept = plan::keptStatements(connection);
    if (!kept) {
        const Error &error = kept.error();
        if (error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::Connection)
            return tl::unexpected(error);
        return {}; // not installed, or not for this role
    }
    std::vector<ServerUse> statements;
    for (const plan::ServerStatement &statement : *kept) {
        if (!statement.truncated)
            statements.push_back({statement.text, statement.calls.value_or(1)});
    }
    noteUses(facts, statements);
    return {};
}

} // namespace howdah::index_health
