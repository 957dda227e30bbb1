// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/not_null.h"

#include <fmt/format.h>

#include "core/migration/effects/expression.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

void notNullSteps(const Ground &ground, Draft &draft, const NotNull &wanted)
{
    const std::string column = sql::quoteIdentifier(wanted.column);
    if (ground.major >= 18) {
        const std::string name = sql::quoteIdentifier(wanted.constraint.empty() ? objectName("nn", {wanted.bare_table, wanted.column}) : wanted.constraint);
        draft.add(wanted.begin, fmt::format("Refuse new nulls in {}.{}", wanted.table, column), fmt::format("ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {} NOT VALID", wanted.table, name, column),
                  fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", wanted.table, name))
            .note = "Rows that are there are not looked at yet.";
        ChangeStep &validate = draft.patient(Phase::Validate, fmt::format("Check that {}.{} holds no null", wanted.table, column), fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", wanted.table, name), "");
        validate.check_before = fmt::format("SELECT NOT EXISTS (SELECT FROM {} WHERE {} IS NULL)", wanted.table, column);
        validate.no_undo_reason = "Nothing to take back: the constraint goes with the step that added it";
        return;
    }
    const std::string name = sql::quoteIdentifier(objectName("nn", {wanted.bare_table, wanted.column}));
    draft.add(wanted.begin, fmt::format("Refuse new nulls in {}.{}", wanted.table, column), fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", wanted.table, name, column),
              fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", wanted.table, name))
        .note = "Rows that are there are not looked at yet.";
    ChangeStep &validate = draft.patient(Phase::Validate, fmt::format("Check that {}.{} holds no null", wanted.table, column), fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", wanted.table, name), "");
    validate.check_before = fmt::format("SELECT NOT EXISTS (SELECT FROM {} WHERE {} IS NULL)", wanted.table, column);
    validate.no_undo_reason = "Nothing to take back: the constraint goes with the step that added it";
    if (!wanted.set)
        return;
    draft.add(Phase::Switch, fmt::format("Make {}.{} NOT NULL", wanted.table, column), fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;\nALTER TABLE {} DROP CONSTRAINT {}", wanted.table, column, wanted.table, name),
              fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", wanted.table, column))
        .note = "The valid CHECK proves it, so no row is read; after that it is of no use and goes.";
}

Result<void> setNotNull(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const std::string column = wish.command.text("name");
    notNullSteps(ground, draft, {wish.on(), wish.table->name, column, Phase::Expand, true, ground.major >= 18 ? objectName("nn", {wish.table->name, column}) : std::string()});
    draft.steps.front().check_before = fmt::format("SELECT NOT EXISTS (SELECT FROM {} WHERE {} IS NULL)", wish.on(), sql::quoteIdentifier(column));
    draft.why = ground.major >= 18 ? "NOT NULL is added NOT VALID, which is instant, and validated while reads and writes go on"
                                   : "A CHECK is added NOT VALID and validated while reads and writes go on; it then proves SET NOT NULL without a scan";
    draft.deploy(Phase::Expand, fmt::format("No version of the application that still writes NULL into {}.{}", wish.on(), sql::quoteIdentifier(column)));
    return {};
}

} // namespace howdah::migration::recipes
