// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/what_if.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "core/plan/explain.h"
#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

/// A transaction, or a savepoint in the one that is open; undone at the end, whatever happens.
class Undone
{
public:
    explicit Undone(pg::Connection &connection)
        : connection_(connection), nested_(connection.transaction() != pg::TransactionState::Idle)
    {
    }
    ~Undone()
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
    Undone(const Undone &) = delete;
    Undone &operator=(const Undone &) = delete;

    Result<void> begin()
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

    std::vector<std::string> hypothetical; ///< oids of HypoPG's; they are not part of the transaction

private:
    pg::Connection &connection_;
    bool nested_;
    bool begun_ = false;
};

enum class Kind : std::uint8_t { Index, Analyze, Setting, Statistics, Other };

/// Only what is known to be undone, and to lock out nobody meanwhile, is tried. By the parse tree, not by the text.
Kind kindOf(const std::string &statement)
{
    const auto tree = sql::parseTree(statement);
    const auto parsed = tree ? nlohmann::json::parse(*tree, nullptr, false) : nlohmann::json();
    if (!parsed.is_object() || !parsed.contains("stmts") || parsed["stmts"].size() != 1)
        return Kind::Other;
    const nlohmann::json node = parsed["stmts"][0].value("stmt", nlohmann::json::object());
    if (node.contains("IndexStmt"))
        return Kind::Index;
    if (node.contains("CreateStatsStmt"))
        return Kind::Statistics;
    if (node.contains("VacuumStmt"))
        return node["VacuumStmt"].value("is_vacuumcmd", false) ? Kind::Other : Kind::Analyze;
    if (node.contains("VariableSetStmt"))
        return Kind::Setting; // SET and RESET are undone with the transaction, LOCAL or not
    if (node.contains("AlterTableStmt")) {
        const nlohmann::json commands = node["AlterTableStmt"].value("cmds", nlohmann::json::array());
        const bool targets_alone = !commands.empty() && std::all_of(commands.begin(), commands.end(), [](const auto &one) {
            return one.contains("AlterTableCmd") && one["AlterTableCmd"].value("subtype", "") == "AT_SetStatistics";
        });
        return targets_alone ? Kind::Statistics : Kind::Other;
    }
    return Kind::Other;
}

/// HypoPG plans what would be built; how it would be built is not its affair.
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

Result<void> tryIndex(pg::Connection &connection, const std::string &statement, Undone &undone, WhatIfOutcome &outcome)
{
    const auto installed = connection.query("SELECT FROM pg_extension WHERE extname = 'hypopg'");
    if (!installed)
        return tl::unexpected(installed.error());
    if (installed->result->rowCount() == 0)
        return fail(ErrorKind::Unsupported, "An index can be tried without building it only where HypoPG is installed",
                    "Run CREATE EXTENSION hypopg in this database, or build the index on a copy. Nothing was changed.");
    const auto made = connection.query("SELECT indexrelid, indexname FROM hypopg_create_index($1)", {{withoutConcurrently(statement)}});
    if (!made)
        return tl::unexpected(made.error());
    for (std::int64_t row = 0; row < made->result->rowCount(); ++row) {
        undone.hypothetical.emplace_back(made->result->cell(row, 0).text);
        outcome.hypothetical_indexes.emplace_back(made->result->cell(row, 1).text);
    }
    return {};
}

Result<void> apply(pg::Connection &connection, const WhatIf &tried, Undone &undone, WhatIfOutcome &outcome)
{
    for (const std::string &statement : tried.statements) {
        const Kind kind = kindOf(statement);
        if (kind == Kind::Other)
            return fail(ErrorKind::Unsupported, "This cannot be tried and undone: " + statement,
                        "Tried are CREATE INDEX, ANALYZE, CREATE STATISTICS, SET STATISTICS and settings. Nothing was changed.");
        if (kind == Kind::Index) {
            if (auto done = tryIndex(connection, statement, undone, outcome); !done)
                return done;
        } else if (const auto done = connection.query(statement); !done) {
            return tl::unexpected(done.error());
        }
        if (kind == Kind::Analyze)
            outcome.warnings.emplace_back("ANALYZE has brought the table's row and page counts up to date, which no rollback undoes.");
    }
    return {};
}

bool uses(const Plan &plan, const std::vector<std::string> &indexes)
{
    return std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const Node &node) {
        return std::find(indexes.begin(), indexes.end(), node.index_name) != indexes.end();
    });
}

} // namespace

Result<WhatIfOutcome> whatIf(pg::Connection &connection, std::string_view statement, const WhatIf &tried)
{
    const pg::CancelScope scope(connection.canceller());
    WhatIfOutcome outcome;
    Undone undone(connection);
    if (auto begun = undone.begin(); !begun)
        return tl::unexpected(begun.error());
    const bool hypothetical = std::any_of(tried.statements.begin(), tried.statements.end(),
                                          [](const std::string &sql) { return kindOf(sql) == Kind::Index; });
    ExplainOptions options;
    options.analyze = tried.execute && !hypothetical;
    const auto before = runExplain(connection, statement, options);
    if (!before)
        return tl::unexpected(before.error());
    if (auto applied = apply(connection, tried, undone, outcome); !applied)
        return tl::unexpected(applied.error());
    const auto after = runExplain(connection, statement, options);
    if (!after)
        return tl::unexpected(after.error());
    const auto old_plan = read(before->source);
    const auto new_plan = read(after->source);
    if (!old_plan || !new_plan)
        return tl::unexpected(!old_plan ? old_plan.error() : new_plan.error());
    outcome.before_source = before->source;
    outcome.after_source = after->source;
    outcome.warnings.insert(outcome.warnings.end(), after->warnings.begin(), after->warnings.end());
    const Plan &old_one = old_plan->plans.front();
    const Plan &new_one = new_plan->plans.front();
    outcome.diff = diffPlans(old_one, new_one);
    outcome.cost_before = old_one.nodes.empty() ? 0 : old_one.nodes.front().total_cost.value_or(0);
    outcome.cost_after = new_one.nodes.empty() ? 0 : new_one.nodes.front().total_cost.value_or(0);
    outcome.ms_before = old_one.execution_ms;
    outcome.ms_after = new_one.execution_ms;
    outcome.index_used = uses(new_one, outcome.hypothetical_indexes);
    outcome.level_of_proof = hypothetical      ? "planned with a hypothetical index"
                             : options.analyze ? "measured on this server, rolled back"
                                               : "planned on this server, rolled back";
    return outcome;
}

} // namespace howdah::plan
