// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/transaction.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::migration::effects {

bool ScriptTransaction::endsFailure(const Node &statement)
{
    const std::string kind = statement.is("TransactionStmt") ? statement.text("kind") : "";
    return kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK" || kind == "TRANS_STMT_ROLLBACK_TO" || kind == "TRANS_STMT_PREPARE";
}

std::vector<ScriptTransaction::Savepoint>::iterator ScriptTransaction::savepoint(const std::string &name)
{
    const auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(), [&](const Savepoint &one) { return one.name == name; });
    return found == savepoints_.rend() ? savepoints_.end() : std::prev(found.base());
}

void ScriptTransaction::truncate(std::size_t to, Outcome &outcome)
{
    outcome.undone = standing_.size() - to;
    standing_.resize(to);
}

void ScriptTransaction::begin()
{
    open_ = true;
    aborted_ = false;
    begun_ = standing_.size();
    savepoints_.clear();
}

void ScriptTransaction::end(const Node &statement, bool keeps, Outcome &outcome)
{
    if (!open_) {
        if (statement.flag("chain")) {
            outcome.error = "AND CHAIN can only be used in transaction blocks";
            outcome.sqlstate = "25P01";
        } else {
            outcome.note = "There is no transaction to end here: it only warns.";
        }
        return;
    }
    if (keeps && !aborted_) {
        const auto local = std::stable_partition(standing_.begin() + static_cast<std::ptrdiff_t>(begun_), standing_.end(), [](const Applied &one) { return !one.until_commit; });
        truncate(static_cast<std::size_t>(local - standing_.begin()), outcome);
    } else {
        if (keeps)
            outcome.note = "The transaction has failed, so this rolls it back.";
        truncate(begun_, outcome);
        if (!keeps && outcome.undone > 0)
            outcome.note = fmt::format("The work of {} statement{} since BEGIN is undone.", outcome.undone, outcome.undone == 1 ? "" : "s");
    }
    open_ = aborted_ = false;
    savepoints_.clear();
    if (statement.flag("chain"))
        begin();
}

ScriptTransaction::Outcome ScriptTransaction::take(const Node &statement)
{
    Outcome outcome;
    const std::string kind = statement.text("kind"), name = statement.text("savepoint_name");
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
        if (open_)
            outcome.note = "A transaction is open already: it only warns.";
        else
            begin();
    } else if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK") {
        end(statement, kind == "TRANS_STMT_COMMIT", outcome);
    } else if (kind == "TRANS_STMT_PREPARE") {
        const bool was_open = open_;
        end(statement, true, outcome);
        if (was_open && outcome.note.empty())
            outcome.note = "Its locks stay held until COMMIT PREPARED or ROLLBACK PREPARED.";
    } else if (kind == "TRANS_STMT_SAVEPOINT" || kind == "TRANS_STMT_RELEASE" || kind == "TRANS_STMT_ROLLBACK_TO") {
        const char *words = kind == "TRANS_STMT_SAVEPOINT" ? "SAVEPOINT" : kind == "TRANS_STMT_RELEASE" ? "RELEASE SAVEPOINT" : "ROLLBACK TO SAVEPOINT";
        if (!open_) {
            outcome.error = fmt::format("{} can only be used in transaction blocks", words);
            outcome.sqlstate = "25P01";
            return outcome;
        }
        if (kind == "TRANS_STMT_SAVEPOINT") {
            savepoints_.push_back({name, standing_.size()});
            return outcome;
        }
        const auto found = savepoint(name);
        if (found == savepoints_.end()) {
            outcome.error = fmt::format("savepoint \"{}\" does not exist", name);
            outcome.sqlstate = "3B001";
            return outcome;
        }
        if (kind == "TRANS_STMT_RELEASE") {
            savepoints_.erase(found, savepoints_.end());
            return outcome;
        }
        truncate(found->standing, outcome);
        savepoints_.erase(std::next(found), savepoints_.end());
        aborted_ = false;
        if (outcome.undone > 0)
            outcome.note = fmt::format("The work of {} statement{} since the savepoint is undone.", outcome.undone, outcome.undone == 1 ? "" : "s");
    }
    return outcome;
}

} // namespace howdah::migration::effects
