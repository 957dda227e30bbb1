// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/statement_relation.h"

#include <nlohmann/json.hpp>

#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::result {

namespace {

using nlohmann::json;

constexpr std::size_t longest_statement = 32 * 1024;

std::string qualified(const json &range)
{
    return sql::quoteQualified(range.value("schemaname", ""), range.value("relname", ""));
}

/// The leftmost relation of a join tree.
std::string firstRelation(const json *node)
{
    while (node->contains("JoinExpr") && (*node)["JoinExpr"].contains("larg"))
        node = &(*node)["JoinExpr"]["larg"];
    return node->contains("RangeVar") ? qualified((*node)["RangeVar"]) : std::string();
}

} // namespace

std::string relationOf(std::string_view statement)
{
    if (statement.size() > longest_statement)
        return {};
    const auto parsed = sql::parseTree(statement);
    if (!parsed)
        return {};
    const json tree = json::parse(*parsed, nullptr, false);
    if (!tree.is_object() || !tree.contains("stmts") || tree["stmts"].empty() || !tree["stmts"][0].contains("stmt"))
        return {};
    const json &node = tree["stmts"][0]["stmt"];
    for (const char *kind : {"InsertStmt", "UpdateStmt", "DeleteStmt"}) {
        if (node.contains(kind) && node[kind].contains("relation"))
            return qualified(node[kind]["relation"]);
    }
    if (!node.contains("SelectStmt") || !node["SelectStmt"].contains("fromClause") || node["SelectStmt"]["fromClause"].empty())
        return {};
    return firstRelation(&node["SelectStmt"]["fromClause"][0]);
}

} // namespace howdah::result
