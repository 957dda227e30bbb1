// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/lint/words.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *lock_page = "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT";
constexpr const char *queue_page = "https://www.postgresql.org/docs/current/explicit-locking.html";
constexpr const char *concurrently_page = "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY";
constexpr std::int64_t short_lock_ms = 60000;            ///< a wait that old transactions easily outlast
constexpr std::int64_t short_statement_ms = 10 * 60000;  ///< a build that a large table easily outlasts

void missing(const Script &script, Report &report)
{
    if (script.waits.empty())
        return;
    const Spot &first = script.waits.front();
    std::string relations;
    for (const auto &[relation, mode] : first.locks)
        relations += (relations.empty() ? "" : ", ") + relation;
    std::string message = "The statement waits for its lock without a bound, and everybody after it waits too";
    if (script.waits.size() > 1)
        message += fmt::format("; so do {} more below", script.waits.size() - 1);
    report.say({message, "SET lock_timeout = '2s';"}, first);
}

/// VALIDATE CONSTRAINT alone is as patient as what runs CONCURRENTLY.
std::string patientCommand(const Statement &statement)
{
    if (statement.command.find("CONCURRENTLY") != std::string::npos)
        return statement.command;
    const bool all = !statement.commands.empty() && std::all_of(statement.commands.begin(), statement.commands.end(), [](const SubCommand &command) { return command.is("AT_ValidateConstraint"); });
    return all ? "VALIDATE CONSTRAINT" : "";
}

void trap(const Statement &statement, Report &report)
{
    const std::string command = patientCommand(statement);
    const Timeouts &now = statement.script.current;
    const bool lock = now.lock_ms > 0 && now.lock_ms < short_lock_ms, whole = now.statement_ms > 0 && now.statement_ms < short_statement_ms;
    if (command.empty() || !(lock || whole) || !statement.place.routine.empty())
        return;
    std::string which = lock ? "lock_timeout of " + human::duration(static_cast<double>(now.lock_ms)) : "";
    if (whole)
        which += (which.empty() ? "" : " and a ") + ("statement_timeout of " + human::duration(static_cast<double>(now.statement_ms)));
    std::string consequence;
    if (command == "VALIDATE CONSTRAINT")
        consequence = "it reads all rows beside reads and writes, so it may take long and hurts nobody; cut off, it starts from the beginning";
    else if (command.find("DETACH") != std::string::npos)
        consequence = "it waits for old transactions; cut off, the partition stays half detached until DETACH … FINALIZE";
    else if (command.find("DROP") != std::string::npos)
        consequence = "it waits for old transactions; cut off, an INVALID index stays behind that every write still pays for";
    else
        consequence = "it waits for every old transaction, even on other tables; cut off, an INVALID index stays behind, which IF NOT EXISTS then takes for a good one";
    std::string set;
    const std::string scope = statement.script.transaction.open && command == "VALIDATE CONSTRAINT" ? "SET LOCAL " : "SET ";
    if (lock)
        set += scope + "lock_timeout = 0;\n";
    if (whole)
        set += scope + "statement_timeout = 0;\n";
    report.say({command + " runs under a " + which + ": " + consequence, set + statement.text + ";"});
}

/// A bound, but one behind which everybody queues for long.
void tooLong(const Statement &statement, Report &report)
{
    const std::int64_t now = statement.script.current.lock_ms;
    const bool waits = std::any_of(statement.locks.begin(), statement.locks.end(), [](const HeldLock &lock) { return lock.blocks(); });
    if (now <= short_lock_ms || !waits || statement.failed() || !patientCommand(statement).empty() || !statement.place.routine.empty())
        return;
    report.say({"A lock_timeout of " + human::duration(static_cast<double>(now)) + " lets everybody queue behind this statement for that long", "SET lock_timeout = '2s';"});
}

} // namespace

const std::vector<RuleRow> &timeoutRules()
{
    static const std::vector<RuleRow> rules{
        {{"lock-timeout-missing", "locking", "Locks that are waited for without lock_timeout", "A statement that waits for ACCESS EXCLUSIVE behind one long query makes all later queries wait behind it.",
          "Set a short lock_timeout before it and try again when it fails. Not for CONCURRENTLY and VALIDATE CONSTRAINT, which wait without blocking anybody.", queue_page, LintSeverity::Warning}, nullptr, missing},
        {{"lock-timeout-long", "locking", "A lock_timeout of more than a minute", "The queue behind a waiting statement grows for as long as it may wait.",
          "Prefer a few seconds and several tries.", lock_page, LintSeverity::Warning}, tooLong},
        {{"short-timeout-trap", "trap", "A short timeout where patience is right", "CONCURRENTLY and VALIDATE CONSTRAINT wait beside reads and writes; a timeout only makes them fail, some half done.",
          "Lift lock_timeout and statement_timeout for this statement, and set them again after it.", concurrently_page, LintSeverity::Warning}, trap},
    };
    return rules;
}

} // namespace howdah::migration::linting
