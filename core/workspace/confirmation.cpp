// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/confirmation.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"
#include "core/sql/parameters.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::workspace {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 4> names{"never", "dangerous", "writes", "everything"};

std::string relationName(const Json &range)
{
    const auto text = [&range](const char *key) { return range.contains(key) && range[key].is_string() ? range[key].get<std::string>() : std::string(); };
    return sql::quoteQualified(text("schemaname"), text("relname"));
}

/// DROP's objects: lists of names, or names alone.
std::vector<std::string> dropped(const Json &statement)
{
    std::vector<std::string> objects;
    const auto parts = [](const Json &list) {
        std::string name;
        for (const Json &item : list) {
            if (item.contains("String"))
                name += (name.empty() ? "" : ".") + sql::quoteIdentifier(item["String"].value("sval", item["String"].value("str", std::string())));
        }
        return name;
    };
    if (!statement.contains("objects"))
        return objects;
    for (const Json &object : statement["objects"]) {
        if (object.contains("List") && object["List"].contains("items"))
            objects.push_back(parts(object["List"]["items"]));
        else if (object.contains("String"))
            objects.push_back(parts(Json::array({object})));
    }
    return objects;
}

/// UPDATE and DELETE without WHERE, at the top or in a WITH: the relations whose every row they reach.
void findEveryRow(const Json &node, std::vector<std::string> &relations)
{
    if (node.is_object()) {
        for (const char *kind : {"UpdateStmt", "DeleteStmt"}) {
            if (node.contains(kind) && node[kind].is_object() && !node[kind].contains("whereClause") && node[kind].contains("relation"))
                relations.push_back(relationName(node[kind]["relation"]));
        }
        for (const auto &[key, value] : node.items())
            findEveryRow(value, relations);
    } else if (node.is_array()) {
        for (const Json &item : node)
            findEveryRow(item, relations);
    }
}

std::string joined(const std::vector<std::string> &list)
{
    std::string text;
    for (const std::string &item : list)
        text += (text.empty() ? "" : ", ") + item;
    return text;
}

/// By the tree, where there is one.
bool isDangerous(const Json &tree, Concern &concern)
{
    const Json &statement = tree["stmts"][0]["stmt"];
    if (statement.contains("TruncateStmt")) {
        concern.kind = ConcernKind::Truncates;
        for (const Json &relation : statement["TruncateStmt"]["relations"])
            concern.objects.push_back(relationName(relation["RangeVar"]));
        concern.reason = "TRUNCATE: every row of " + joined(concern.objects);
        return true;
    }
    for (const char *kind : {"DropStmt", "DropdbStmt", "DropRoleStmt", "DropOwnedStmt", "DropTableSpaceStmt"}) {
        if (!statement.contains(kind))
            continue;
        concern.kind = ConcernKind::Drops;
        concern.objects = dropped(statement[kind]);
        if (statement[kind].contains("dbname"))
            concern.objects.push_back(statement[kind]["dbname"].get<std::string>());
        concern.reason = "DROP " + joined(concern.objects);
        if (statement[kind].value("behavior", std::string()) == "DROP_CASCADE")
            concern.reason += ", and everything that depends on it (CASCADE)";
        return true;
    }
    // EXPLAIN without ANALYZE runs nothing; the nature has said so already.
    findEveryRow(statement, concern.objects);
    if (concern.objects.empty())
        return false;
    concern.kind = ConcernKind::EveryRow;
    concern.reason = "UPDATE or DELETE without WHERE: every row of " + joined(concern.objects);
    return true;
}

bool wanted(const Concern &concern, ConfirmRule rule)
{
    switch (rule) {
    case ConfirmRule::Never: return false;
    case ConfirmRule::Dangerous: return concern.isDangerous();
    case ConfirmRule::Writes: return concern.kind != ConcernKind::Reads;
    case ConfirmRule::Everything: return true;
    }
    return true;
}

Concern concernOf(std::string_view statement)
{
    Concern concern;
    sql::ParameterValues values;
    for (const sql::ParameterUse &use : sql::parametersOf(statement))
        values.emplace(use.name, std::nullopt);
    const std::string plain = sql::bindParameters(statement, values).sql;
    const sql::StatementNature nature = sql::natureOf(plain);
    if (nature.kind.empty()) {
        concern.kind = nature.writes ? ConcernKind::Unknown : ConcernKind::Reads;
        concern.reason = "It cannot be told what the statement does";
        return concern;
    }
    if (!nature.writes) {
        concern.kind = ConcernKind::Reads;
        concern.reason = "Reads";
        return concern;
    }
    concern.kind = ConcernKind::Writes;
    concern.reason = "Changes data or definitions";
    if (const auto text = sql::parseTree(plain)) {
        const Json tree = Json::parse(*text, nullptr, false);
        if (tree.is_object() && tree.contains("stmts") && !tree["stmts"].empty())
            static_cast<void>(isDangerous(tree, concern));
    }
    return concern;
}

} // namespace

ConfirmRule standardRule(std::string_view environment)
{
    if (environment == "development" || environment == "test" || environment.empty())
        return ConfirmRule::Never;
    return environment == "production" ? ConfirmRule::Writes : ConfirmRule::Dangerous;
}

ConfirmRule ruleNamed(std::string_view word, std::string_view environment)
{
    const auto found = std::ranges::find(names, word);
    return found == names.end() ? standardRule(environment) : static_cast<ConfirmRule>(found - names.begin());
}

std::string_view ruleName(ConfirmRule rule)
{
    return names[static_cast<std::size_t>(rule)];
}

std::vector<Concern> concernsOf(std::string_view script, ConfirmRule rule)
{
    std::vector<Concern> concerns;
    if (rule == ConfirmRule::Never)
        return concerns;
    for (const sql::StatementSpan &statement : sql::splitStatements(script)) {
        if (statement.text.size() == 0 || statement.psql_command)
            continue;
        Concern concern = concernOf(statement.text.of(script));
        concern.span = statement.text;
        if (wanted(concern, rule))
            concerns.push_back(std::move(concern));
    }
    return concerns;
}

} // namespace howdah::workspace
