// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/what_if_trial.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

/// The one statement's node; null when it is none or several.
nlohmann::json onlyStatement(const std::string &statement)
{
    const auto tree = sql::parseTree(statement);
    const auto parsed = tree ? nlohmann::json::parse(*tree, nullptr, false) : nlohmann::json();
    if (!parsed.is_object() || !parsed.contains("stmts") || parsed["stmts"].size() != 1)
        return nlohmann::json::object();
    return parsed["stmts"][0].value("stmt", nlohmann::json::object());
}

std::string withoutConcurrently(const std::string &statement)
{
    std::string kept;
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        std::string word(token.span.of(statement));
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        if (token.kind != sql::TokenKind::Identifier || word != "CONCURRENTLY")
            kept += token.span.of(statement);
    }
    return kept;
}

} // namespace

Undone::Undone(pg::Connection &connection)
    : connection_(connection), nested_(connection.transaction() != pg::TransactionState::Idle)
{
}

Undone::~Undone()
{
    if (!begun_)
        return;
    const pg::CancelShield shield(connection_.canceller());
    // The rollback comes first: in a transaction that has failed the server would refuse to drop anything.
    if (nested_) {
        static_cast<void>(connection_.query("ROLLBACK TO SAVEPOINT howdah_what_if"));
        static_cast<void>(connection_.query("RELEASE SAVEPOINT howdah_what_if"));
    } else {
        static_cast<void>(connection_.query("ROLLBACK"));
    }
    for (const std::string &oid : hypothetical)
        static_cast<void>(connection_.query("SELECT hypopg_drop_index(" + oid + ")"));
}

Result<void> Undone::begin()
{
    if (connection_.transaction() == pg::TransactionState::InFailedTransaction)
        return fail(ErrorKind::Usage, "The open transaction has failed; nothing can be tried in it", "Run ROLLBACK first.");
    const auto begun = connection_.query(nested_ ? "SAVEPOINT howdah_what_if" : "BEGIN");
    if (!begun)
        return tl::unexpected(begun.error());
    begun_ = true;
    const auto limited = connection_.query("SET LOCAL lock_timeout = '2s'");
    return limited ? Result<void>() : Result<void>(tl::unexpected(limited.error()));
}

TriedKind triedKind(const std::string &statement)
{
    const nlohmann::json node = onlyStatement(statement);
    if (node.contains("IndexStmt"))
        return TriedKind::Index;
    if (node.contains("CreateStatsStmt") || node.contains("AlterStatsStmt"))
        return TriedKind::Statistics;
    if (node.contains("VacuumStmt"))
        return node["VacuumStmt"].value("is_vacuumcmd", false) ? TriedKind::Other : TriedKind::Analyze;
    if (node.contains("VariableSetStmt"))
        return TriedKind::Setting; // SET and RESET are undone with the transaction, LOCAL or not
    if (node.contains("AlterTableStmt")) {
        const nlohmann::json commands = node["AlterTableStmt"].value("cmds", nlohmann::json::array());
        const bool targets_alone = !commands.empty() && std::all_of(commands.begin(), commands.end(), [](const auto &one) {
            return one.contains("AlterTableCmd") && one["AlterTableCmd"].value("subtype", "") == "AT_SetStatistics";
        });
        return targets_alone ? TriedKind::Statistics : TriedKind::Other;
    }
    return TriedKind::Other;
}

TriedIndex triedIndex(const std::string &statement)
{
    TriedIndex index;
    index.statement = withoutConcurrently(statement);
    const nlohmann::json node = onlyStatement(statement);
    if (!node.contains("IndexStmt"))
        return index;
    const nlohmann::json relation = node["IndexStmt"].value("relation", nlohmann::json::object());
    const std::string name = relation.value("relname", "");
    const std::string schema = relation.value("schemaname", "");
    if (!name.empty())
        index.table = schema.empty() ? sql::quoteIdentifier(name) : sql::quoteQualified(schema, name);
    return index;
}

} // namespace howdah::plan
