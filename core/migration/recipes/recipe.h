// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/migration/effects/tree.h"
#include "core/migration/migration_plan.h"

// For the planner alone: a recipe turns what was wanted into steps. One function a recipe, one row in recipes.cpp.

namespace howdah::migration::recipes {

using effects::Node;
using effects::Tree;

/// What a recipe may ask.
struct Ground {
    pg::Connection &connection;
    const pg::Catalog &catalog;
    const SchemaFacts &facts;
    const PlanOptions &options;
    int major = 17;
    std::vector<std::pair<std::uint32_t, std::vector<std::string>>> built; ///< indexes that the script makes: table and columns
    /// The table that a RangeVar names; null when there is none.
    [[nodiscard]] const pg::CatalogRelation *find(const Node &range_var) const;
    [[nodiscard]] const pg::CatalogRelation *find(const std::vector<std::string> &name) const;
};

/// One change as it was wanted.
struct Wish {
    Tree tree;                 ///< of `sql`
    Node statement;
    Node command;              ///< of ALTER TABLE: its only sub-command
    std::string kind;          ///< the sub-command's subtype, "AT_SetNotNull", else the statement's node name; of our own words "SPLIT" …
    std::string sql;           ///< a statement of its own, without semicolon
    std::string clause;        ///< of ALTER TABLE: what follows the table's name
    const pg::CatalogRelation *table = nullptr; ///< null when unknown or made by the script
    StatementEffects naive;
    /// The table as SQL names it, with its schema.
    [[nodiscard]] std::string on() const;
};

/// What a recipe makes.
struct Draft {
    std::string why;           ///< one sentence: what is done instead, and what for
    std::vector<std::string> notes;
    std::vector<ChangeStep> steps;
    std::vector<Deployment> deployments;
    std::set<std::string> moved; ///< "schema.table.column" and "schema.table": what later statements can no longer be planned on
    Approach approach = Approach::Recipe;

    /// A brief step in a transaction; the reference is good until the next one.
    ChangeStep &add(Phase phase, std::string title, std::string sql, std::string undo_sql);
    /// A step that waits for old transactions and keeps nobody waiting.
    ChangeStep &patient(Phase phase, std::string title, std::string sql, std::string undo_sql);
    /// CREATE INDEX CONCURRENTLY with what it takes to try it again. `name` quoted, with its schema.
    ChangeStep &index(Phase phase, std::string title, std::string sql, const std::string &name);
    void deploy(Phase before, std::string what) { deployments.push_back({before, std::move(what)}); }
};

/// `wishes`: more than one only for recipes that say they merge.
using Make = Result<void> (*)(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);

struct Recipe {
    const char *name;
    const char *kind;          ///< of Wish
    const char *constraint;    ///< of AT_AddConstraint: contype; "" for any
    const char *object;        ///< of RenameStmt and DropStmt: object type; "" for any
    bool merges;               ///< neighbours on the same table in one go
    bool always;               ///< false: only when the statement as written works under a lock that others wait for
    Make make;
};

/// Null: nothing to be done about it.
[[nodiscard]] const Recipe *recipeFor(const Wish &wish);
/// It scans, rewrites or builds something under a lock that keeps writers waiting.
[[nodiscard]] bool keepsWaiting(const StatementEffects &effects);
/// "ACCESS EXCLUSIVE": the strongest of them, as the documentation writes it; "" for none that blocks anything.
[[nodiscard]] std::string strongestLock(const std::vector<StatementEffects> &all);

// Each in the file of its subject.
Result<void> setNotNull(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> addCheck(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> addUnique(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> addForeignKey(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> addExclusion(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> addColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> changeType(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> createIndex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> dropIndex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> reindex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> refreshView(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> renameColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> renameTable(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> dropColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> dropTable(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> alterEnum(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> dropEnumValue(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> splitColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> mergeColumns(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);
Result<void> updateRows(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft);

} // namespace howdah::migration::recipes
