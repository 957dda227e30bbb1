// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *vacuum_page = "https://www.postgresql.org/docs/current/sql-vacuum.html";
constexpr const char *cluster_page = "https://www.postgresql.org/docs/current/sql-cluster.html";
constexpr const char *refresh_page = "https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html";
constexpr const char *alter_page = "https://www.postgresql.org/docs/current/sql-altertable.html";
constexpr const char *update_page = "https://www.postgresql.org/docs/current/routine-vacuuming.html";
constexpr LintSeverity serious = LintSeverity::Serious;

void vacuumFull(const Statement &statement, Report &report)
{
    if (statement.root.is("VacuumStmt") && statement.reason("vacuum-full") != nullptr && statement.blocks_work)
        report.say({"VACUUM FULL writes " + statement.workWords() + " anew while readers and writers wait"});
}

void cluster(const Statement &statement, Report &report)
{
    if (!statement.root.is("ClusterStmt") || statement.failed())
        return;
    if (statement.blocks_work || !statement.root.get("relation").exists())
        report.say({statement.worked.empty() ? "CLUSTER writes every table that was clustered before anew while readers and writers wait" : "CLUSTER writes " + statement.workWords() + " anew while readers and writers wait"});
}

void refresh(const Statement &statement, Report &report)
{
    if (!statement.root.is("RefreshMatViewStmt") || statement.root.flag("concurrent") || !statement.blocks_work)
        return;
    const Relation *view = statement.target();
    const bool unique = view != nullptr && std::any_of(view->indexes.begin(), view->indexes.end(), [](const Relation *index) { return index->unique && index->plain; });
    const bool known = view != nullptr && view->known;
    std::string fix = withAfter(statement.text, "VIEW", "CONCURRENTLY") + ";";
    if (known && !unique)
        fix.clear();
    report.say({"REFRESH fills " + nameOf(statement.root.get("relation")) + " anew while its readers wait", fix, {}, {},
                known && !unique ? "Give the view a unique index on plain columns, then refresh it CONCURRENTLY." : ""});
}

void newFile(const Statement &statement, Report &report)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        const bool logged = command.is("AT_SetLogged"), unlogged = command.is("AT_SetUnLogged"), method = command.is("AT_SetAccessMethod"), space = command.is("AT_SetTableSpace");
        if (logged || unlogged || method || space)
            report.say({std::string(logged ? "SET LOGGED" : unlogged ? "SET UNLOGGED" : method ? "SET ACCESS METHOD" : "SET TABLESPACE") + " writes " + statement.workWords()
                            + " anew while readers and writers wait" + (unlogged ? "; afterwards a crash empties it, and standbys do not have its rows" : ""), {}, command.span});
    }
}

void allRows(const Statement &statement, Report &report)
{
    const Node &root = statement.root;
    if (!(root.is("UpdateStmt") || root.is("DeleteStmt")) || root.get("whereClause").exists() || root.get("withClause").exists() || !statement.onOldTable())
        return;
    report.say({std::string(root.is("UpdateStmt") ? "UPDATE" : "DELETE") + " without WHERE changes all rows of " + nameOf(root.get("relation"))
                + " in one transaction: each stays locked until it ends, and the table grows by its own size"});
}

/// Asked only where no other rule of its group spoke: whatever the statement, what makes others wait is told.
void otherWork(const Statement &statement, Report &report)
{
    if (statement.blocks_work && !statement.root.is("DoStmt"))
        report.say({"The statement reads or writes " + statement.workWords() + " anew while others wait: " + waiters(statement.strongest())});
}

} // namespace

const std::vector<RuleRow> &maintenanceRules()
{
    static const std::vector<RuleRow> rules{
        {{"vacuum-full", "blocking", "VACUUM FULL", "The table and its indexes are written anew under ACCESS EXCLUSIVE.",
          "Plain VACUUM makes the space usable again; to give it back while the table is in use, pg_repack or pg_squeeze copy it beside reads and writes.", vacuum_page, serious}, vacuumFull},
        {{"cluster", "blocking", "CLUSTER", "The table and its indexes are written anew under ACCESS EXCLUSIVE.",
          "pg_repack or pg_squeeze order a table beside reads and writes.", cluster_page, serious}, cluster},
        {{"refresh-blocking", "blocking", "REFRESH MATERIALIZED VIEW without CONCURRENTLY", "The view is filled under ACCESS EXCLUSIVE on it.",
          "Refresh it CONCURRENTLY, for which it needs a unique index on plain columns.", refresh_page, serious}, refresh},
        {{"table-file-rewrite", "blocking", "SET LOGGED, UNLOGGED, ACCESS METHOD or TABLESPACE", "The table is written anew under ACCESS EXCLUSIVE.",
          "Make a new table with the wanted property, keep it in step by a trigger, fill it in batches and switch to it.", alter_page, serious}, newFile},
        {{"update-all-rows", "locking", "UPDATE or DELETE of all rows", "One long transaction holds row locks, keeps VACUUM from cleaning up and sends everything to the standbys at once.",
          "Change the rows in batches by primary key, each in a transaction of its own.", update_page, LintSeverity::Warning}, allRows},
        {{"blocking-work", "blocking", "Other work under a blocking lock", "What is read or written anew takes as long as the table is large.",
          "Do it in a quiet hour with a short lock_timeout, or look for a way in steps.", "https://www.postgresql.org/docs/current/explicit-locking.html", serious}, otherWork},
    };
    return rules;
}

} // namespace howdah::migration::linting
