// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/lint/words.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *locks_page = "https://www.postgresql.org/docs/current/explicit-locking.html";
constexpr const char *begin_page = "https://www.postgresql.org/docs/current/sql-begin.html";
constexpr const char *set_page = "https://www.postgresql.org/docs/current/sql-set.html";
constexpr const char *concurrently_page = "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY";
constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";

std::string whereIn(const Statement &statement)
{
    const Transaction &transaction = statement.script.transaction;
    if (!statement.place.routine.empty())
        return "a routine";
    if (transaction.implicit || statement.place.in_block)
        return "a DO block";
    if (transaction.begun.size() == 0)
        return "the transaction that is assumed around the script";
    return fmt::format("the transaction that begins in line {}", transaction.begun_line);
}

bool inTransaction(const Statement &statement)
{
    return statement.script.transaction.open || statement.place.in_block || !statement.place.routine.empty();
}

void concurrently(const Statement &statement, Report &report)
{
    if (statement.command.find("CONCURRENTLY") != std::string::npos && inTransaction(statement))
        report.say({statement.command + " cannot run in " + whereIn(statement)});
}

void forbidden(const Statement &statement, Report &report)
{
    const bool is_other = statement.command.empty() && !statement.effects().in_transaction && !statement.failed();
    if (((!statement.command.empty() && statement.command.find("CONCURRENTLY") == std::string::npos) || is_other) && inTransaction(statement))
        report.say({(is_other ? std::string("This statement") : statement.command) + " cannot run in " + whereIn(statement)});
}

/// The strongest lock that is held and blocks readers.
const HeldLock *exclusive(const Transaction &transaction)
{
    for (const HeldLock &lock : transaction.held) {
        if (lock.mode == Lock::AccessExclusive && lock.relation->kind != 'S')
            return &lock;
    }
    return nullptr;
}

bool isWrite(const Statement &statement)
{
    return statement.root.is("InsertStmt") || statement.root.is("UpdateStmt") || statement.root.is("DeleteStmt") || statement.root.is("MergeStmt") || statement.root.is("CopyStmt");
}

void whileExclusive(const Statement &statement, Report &report)
{
    const Transaction &transaction = statement.script.transaction;
    const HeldLock *held = transaction.open ? exclusive(transaction) : nullptr;
    if (held == nullptr || statement.failed() || statement.root.is("TransactionStmt") || statement.root.is("VariableSetStmt") || statement.root.is("DoStmt"))
        return;
    const bool works = !statement.worked.empty() || !statement.effects().scans.empty() || !statement.effects().builds.empty();
    std::vector<std::string> others;
    for (const HeldLock &lock : statement.locks) {
        const bool is_held = std::any_of(transaction.held.begin(), transaction.held.end(), [&](const HeldLock &other) { return other.label == lock.label; });
        if (lock.mode >= Lock::Share && !lock.relation->isIndex() && lock.relation->kind != 'S' && !is_held)
            others.push_back(lock.label);
    }
    const bool writes = isWrite(statement) && !statement.effects().locks.empty();
    if (!works && !writes && others.empty() && statement.locks.empty())
        return;
    const std::string since = fmt::format("{} has been locked against reads and writes since line {}", held->label, held->line);
    if (works || writes)
        report.say({since + ", and stays so while this statement " + (writes ? "writes rows" : "reads or writes all rows")});
    else if (!others.empty())
        report.say({since + ", and stays so while this statement waits for " + listed(others)});
    else
        report.say({since + "; this statement makes the wait a little longer", {}, {}, LintSeverity::Info});
}

void validateSame(const Statement &statement, Report &report)
{
    const std::string table = nameOf(statement.root.get("relation"));
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_ValidateConstraint") && statement.script.transaction.open && statement.script.transaction.not_valid.count(table + "." + command.column) > 0)
            report.say({"Constraint " + command.column + " was added in the same transaction: the lock of ADD CONSTRAINT is held while VALIDATE CONSTRAINT reads all rows", {}, command.span});
    }
}

void nested(const Statement &statement, Report &report)
{
    const std::string kind = statement.root.is("TransactionStmt") ? statement.root.text("kind") : "";
    const Transaction &transaction = statement.script.transaction;
    if (kind.empty() || !statement.place.routine.empty())
        return;
    if ((kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") && transaction.open && !transaction.implicit)
        report.say({transaction.begun.size() == 0 ? "A transaction is begun already by what runs the script: BEGIN only warns, and the COMMIT below ends the other one"
                                                  : fmt::format("A transaction is open since line {}: BEGIN only warns and begins nothing", transaction.begun_line)});
    else if ((kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK") && !transaction.open && !statement.place.in_block)
        report.say({"There is no transaction to end here"});
}

void left(const Script &script, Report &report)
{
    const Transaction &transaction = script.transaction;
    if (!transaction.open || transaction.begun.size() == 0 || transaction.implicit)
        return;
    Spot spot;
    spot.span = spot.statement = transaction.begun;
    spot.line = transaction.begun_line;
    report.say({"The transaction is never committed: when the session ends, all of its work is undone; until then its locks are held"}, spot);
}

void localOutside(const Statement &statement, Report &report)
{
    if (statement.root.is("VariableSetStmt") && statement.root.flag("is_local") && !inTransaction(statement))
        report.say({"SET LOCAL has no effect outside of a transaction: " + statement.root.text("name") + " stays as it was", withAfter(without(statement.text, {"LOCAL"}), "SET", "SESSION") + ";"});
}

} // namespace

const std::vector<RuleRow> &transactionRules()
{
    static const std::vector<RuleRow> rules{
        {{"concurrently-in-transaction", "transaction", "CONCURRENTLY in a transaction", "It commits on its way, which a transaction block, a DO block or a function does not let it.",
          "Run it by itself; tell the tool that runs the script not to wrap it in a transaction.", concurrently_page, LintSeverity::Error}, concurrently},
        {{"forbidden-in-transaction", "transaction", "A statement that no transaction block may hold", "PostgreSQL refuses it within BEGIN … COMMIT, DO blocks and functions.",
          "Run it by itself; tell the tool that runs the script not to wrap it in a transaction.", begin_page, LintSeverity::Error}, forbidden},
        {{"work-while-exclusive", "transaction", "Statements after an ACCESS EXCLUSIVE lock in the same transaction", "Locks are held until the transaction ends, so everything that follows prolongs the wait of readers and writers.",
          "Commit first, and do what takes time in a transaction of its own, before or after.", locks_page, LintSeverity::Warning}, whileExclusive},
        {{"validate-in-same-transaction", "transaction", "VALIDATE CONSTRAINT in the transaction of ADD CONSTRAINT", "Validation is harmless only without the stronger lock that adding the constraint took.",
          "Commit between the two.", notes_page, LintSeverity::Serious}, validateSame},
        {{"transaction-nesting", "transaction", "BEGIN within a transaction, or its end outside", "PostgreSQL has no nested transactions; SAVEPOINT is what comes nearest.",
          "Have either the script or the tool begin the transaction.", begin_page, LintSeverity::Warning}, nested},
        {{"transaction-left-open", "transaction", "A transaction that is not committed", "What is not committed is lost.", "End the script with COMMIT.", begin_page, LintSeverity::Warning}, nullptr, left},
        {{"set-local-outside", "transaction", "SET LOCAL outside of a transaction", "It lasts until the end of the transaction, which is the statement itself.",
          "Use SET, or begin a transaction first.", set_page, LintSeverity::Warning}, localOutside},
    };
    return rules;
}

} // namespace howdah::migration::linting
