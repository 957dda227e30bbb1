// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/reverse_script.h"

#include <algorithm>
#include <cctype>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::ui {

namespace {

using migration::ChangeStep;

/// CREATE or DROP INDEX CONCURRENTLY, REINDEX … CONCURRENTLY, DETACH PARTITION … CONCURRENTLY.
bool isConcurrent(std::string_view sql)
{
    sql::Lexer lexer(sql);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind != sql::TokenKind::Identifier)
            continue;
        std::string word(token.span.of(sql));
        std::transform(word.begin(), word.end(), word.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (word == "concurrently")
            return true;
    }
    return false;
}

/// The strongest lock that a statement of that kind may take.
std::string lockOf(const std::string &kind, bool concurrent)
{
    if (concurrent || kind == "VacuumStmt")
        return "SHARE UPDATE EXCLUSIVE";
    if (kind == "DropStmt" || kind == "AlterTableStmt" || kind == "TruncateStmt" || kind == "RenameStmt"
        || kind == "ReindexStmt" || kind == "ClusterStmt" || kind == "RefreshMatViewStmt")
        return "ACCESS EXCLUSIVE";
    if (kind == "IndexStmt")
        return "SHARE";
    if (kind == "CreateTrigStmt")
        return "SHARE ROW EXCLUSIVE";
    if (kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt")
        return "ROW EXCLUSIVE";
    return {};
}

bool runsInTransaction(const std::string &kind, bool concurrent)
{
    return !concurrent && kind != "VacuumStmt" && kind != "AlterSystemStmt" && kind != "DropdbStmt"
        && kind != "CreatedbStmt";
}

void addUndo(migration::ChangeScript &script, const ChangeStep &done)
{
    std::vector<std::string_view> statements;
    for (const sql::StatementSpan &statement : sql::splitStatements(done.undo_sql)) {
        if (statement.text.size() > 0)
            statements.push_back(statement.text.of(done.undo_sql));
    }
    for (const std::string_view statement : statements) {
        const std::string kind = sql::natureOf(statement).kind;
        const bool concurrent = isConcurrent(statement);
        ChangeStep step;
        step.title = "Undo: " + done.title;
        step.sql = std::string(statement);
        step.lock_level = lockOf(kind, concurrent);
        step.in_transaction = runsInTransaction(kind, concurrent);
        if (statements.size() == 1)
            step.undo_sql = done.sql;
        else
            step.no_undo_reason = "it is one of several statements that undo a step";
        script.steps.push_back(std::move(step));
    }
}

} // namespace

ReverseScript reverseOf(const migration::ChangeScript &script, const migration::ChangeOutcome &outcome)
{
    ReverseScript reverse;
    reverse.script.title = "Undo: " + script.title;
    reverse.script.reason = "Takes back what was done, the last step first.";
    for (std::size_t i = script.steps.size(); i-- > 0;) {
        if (i >= outcome.steps.size() || outcome.steps[i].state != migration::StepState::Done)
            continue;
        if (script.steps[i].undo_sql.empty())
            reverse.no_way_back.push_back(script.steps[i].title);
        else
            addUndo(reverse.script, script.steps[i]);
    }
    return reverse;
}

} // namespace howdah::ui
