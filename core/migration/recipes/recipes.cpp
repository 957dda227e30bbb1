// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/lock.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/recipe.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

/// What was wanted, and who knows the way. The first row that fits counts.
const Recipe all[] = {
    {"set-not-null", "AT_SetNotNull", "", "", false, false, setNotNull},
    {"add-column", "AT_AddColumn", "", "", false, false, addColumn},
    {"change-type", "AT_AlterColumnType", "", "", true, false, changeType},
    {"add-check", "AT_AddConstraint", "CONSTR_CHECK", "", false, false, addCheck},
    {"add-foreign-key", "AT_AddConstraint", "CONSTR_FOREIGN", "", false, false, addForeignKey},
    {"add-unique", "AT_AddConstraint", "CONSTR_UNIQUE", "", false, false, addUnique},
    {"add-primary-key", "AT_AddConstraint", "CONSTR_PRIMARY", "", false, false, addUnique},
    {"add-exclusion", "AT_AddConstraint", "CONSTR_EXCLUSION", "", false, false, addExclusion},
    {"create-index", "IndexStmt", "", "", false, true, createIndex},
    {"drop-index", "DropStmt", "", "OBJECT_INDEX", false, true, dropIndex},
    {"reindex", "ReindexStmt", "", "", false, true, reindex},
    {"refresh-view", "RefreshMatViewStmt", "", "", false, true, refreshView},
    {"rename-column", "RenameStmt", "", "OBJECT_COLUMN", false, true, renameColumn},
    {"rename-table", "RenameStmt", "", "OBJECT_TABLE", false, true, renameTable},
    {"drop-column", "AT_DropColumn", "", "", false, true, dropColumn},
    {"drop-table", "DropStmt", "", "OBJECT_TABLE", false, true, dropTable},
    {"alter-enum", "AlterEnumStmt", "", "", false, true, alterEnum},
    {"drop-enum-value", "DROP VALUE", "", "", false, true, dropEnumValue},
    {"split-column", "SPLIT", "", "", false, true, splitColumn},
    {"merge-columns", "MERGE", "", "", false, true, mergeColumns},
    {"update-rows", "UpdateStmt", "", "", false, true, updateRows},
};

int strength(const std::string &mode)
{
    for (int lock = 8; lock > 0; --lock) {
        if (mode == effects::lockName(static_cast<effects::Lock>(lock)))
            return lock;
    }
    return 0;
}

} // namespace

const Recipe *recipeFor(const Wish &wish)
{
    for (const Recipe &recipe : all) {
        const std::string constraint = recipe.constraint, object = recipe.object;
        if (wish.kind == recipe.kind && (constraint.empty() || wish.command.get("def").text("contype") == constraint)
            && (object.empty() || wish.statement.text(wish.kind == "DropStmt" ? "removeType" : "renameType") == object))
            return &recipe;
    }
    return nullptr;
}

bool keepsWaiting(const StatementEffects &effects)
{
    const bool works = !effects.rewrites.empty() || !effects.scans.empty() || !effects.builds.empty();
    return works && std::any_of(effects.locks.begin(), effects.locks.end(), [](const auto &held) { return strength(held.second) >= static_cast<int>(effects::Lock::Share); });
}

std::string strongestLock(const std::vector<StatementEffects> &effects)
{
    int strongest = 0;
    for (const StatementEffects &one : effects) {
        for (const auto &[relation, mode] : one.locks)
            strongest = std::max(strongest, strength(mode));
    }
    static const char *const names[] = {"", "", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
    return names[strongest];
}

const pg::CatalogRelation *Ground::find(const Node &range_var) const
{
    return catalog.find(range_var.text("schemaname"), range_var.text("relname"));
}

const pg::CatalogRelation *Ground::find(const std::vector<std::string> &name) const
{
    return name.empty() ? nullptr : catalog.find(name.size() > 1 ? name[name.size() - 2] : "", name.back());
}

std::string Wish::on() const
{
    return table == nullptr ? std::string() : nameOf(*table);
}

ChangeStep &Draft::add(Phase phase, std::string title, std::string sql, std::string undo_sql)
{
    ChangeStep step;
    step.title = std::move(title);
    step.sql = std::move(sql);
    step.undo_sql = std::move(undo_sql);
    step.phase = phase;
    steps.push_back(std::move(step));
    return steps.back();
}

ChangeStep &Draft::patient(Phase phase, std::string title, std::string sql, std::string undo_sql)
{
    ChangeStep &step = add(phase, std::move(title), std::move(sql), std::move(undo_sql));
    step.lock_policy = LockPolicy::Patient;
    return step;
}

ChangeStep &Draft::index(Phase phase, std::string title, std::string sql, const std::string &name)
{
    ChangeStep &step = patient(phase, std::move(title), std::move(sql), "DROP INDEX CONCURRENTLY IF EXISTS " + name);
    step.in_transaction = false;
    step.repair_sql = step.undo_sql;
    const std::string literal = sql::quoteLiteral(name);
    step.check_before = "SELECT to_regclass(" + literal + ") IS NULL";
    step.check_after = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(" + literal + ")";
    step.note = "It waits for transactions that are open when it begins.";
    return step;
}

} // namespace howdah::migration::recipes
