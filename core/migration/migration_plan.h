// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/migration/effects.h"

namespace howdah::migration {

/// How two versions of an application find a renamed column or table while both run.
enum class RenameBy : std::uint8_t {
    Usual,   ///< columns by a trigger, tables by a view
    Trigger, ///< a second column or table, kept equal both ways by triggers
    View,    ///< a view that has both names
};

struct PlanOptions {
    RenameBy rename_by = RenameBy::Usual;
    std::string back;              ///< of a type change with USING: the expression that makes the old value out of the new one
    bool index_foreign_keys = true; ///< build an index on the referencing columns where none serves
};

/// What became of something that was wanted.
enum class Approach : std::uint8_t {
    LeftAlone, ///< harmless as it stands: it runs as written, with a short lock_timeout and retries
    Recipe,    ///< done in steps that keep nobody waiting
    NoSafePath, ///< it runs as written and keeps others waiting; no way around that is known
    HandedOver, ///< another tool has the way: `reason` names it
    Later,     ///< it builds on what an earlier one changes: plan it again once that is through
    Refused,   ///< it cannot be done: `errors`
};
[[nodiscard]] const char *approachName(Approach approach); ///< "left-alone", "recipe", "no-safe-path" …; stable, for JSON

/// One statement, or one sub-command of ALTER TABLE, as the user wanted it.
struct WantedChange {
    std::string sql;               ///< as a statement of its own
    std::size_t line = 1;          ///< in the script, from 1
    ByteSpan span;                 ///< in the script
    Approach approach = Approach::LeftAlone;
    std::string recipe;            ///< "set-not-null"; "" without one
    std::string reason;            ///< why it was left alone, or what the recipe does instead
    std::vector<std::string> notes; ///< what to mind
    StatementEffects naive;        ///< what it would do as written
    std::vector<std::size_t> steps; ///< positions in MigrationPlan::script.steps
    std::vector<Error> errors;     ///< positions count in the script
};

struct PlannedStep {
    std::vector<StatementEffects> effects; ///< of each statement of the step; of a batch: one statement over the whole table
    std::size_t wanted = 0;        ///< the first change that it serves
};

/// From the DDL that somebody wanted to the steps that get there while the application runs.
struct MigrationPlan {
    std::vector<WantedChange> wanted;
    ChangeScript script;
    std::vector<PlannedStep> steps; ///< one per step of the script
    int major = 0;
    /// Every wanted change has its steps (or none, harmless as it is); false when one was refused or left for later.
    [[nodiscard]] bool complete() const;
};

/// Reads the catalog through `connection` (which must be idle), changes nothing. Beside DDL a script may hold
///   SPLIT COLUMN table.column INTO a type = expression, b type = expression BACK expression
///   MERGE COLUMNS table.a, table.b INTO column type = expression BACK a = expression, b = expression
///   ALTER TYPE name DROP VALUE 'value' [USING 'other value']
/// A script that does not parse is an error of its wanted change; the call fails only when the server cannot be asked.
[[nodiscard]] Result<MigrationPlan> planMigration(pg::Connection &connection, std::string_view script, const PlanOptions &options = {});

} // namespace howdah::migration
