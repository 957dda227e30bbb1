// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/plan_edit.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/recipes/recipe.h"
#include "core/sql/lexer.h"

namespace howdah::migration {

namespace {

constexpr const char *edited_mark = "Edited by hand.";

/// The statements that stand for a step when its effects are asked: of a batch, one over the whole table.
std::string standsFor(const ChangeStep &step)
{
    const auto whole = [](std::string sql) {
        if (const std::size_t at = sql.find("{range}"); at != std::string::npos)
            sql.replace(at, 7, "true");
        return sql;
    };
    if (step.batches)
        return whole(step.batches->batch_sql);
    return step.comparison ? whole(step.comparison->left_sql) : step.sql;
}

std::size_t statementsIn(const std::string &sql)
{
    const auto spans = sql::splitStatements(sql);
    return static_cast<std::size_t>(std::count_if(spans.begin(), spans.end(), [](const sql::StatementSpan &span) { return span.text.size() > 0; }));
}

void describeStep(ChangeStep &step, const PlannedStep &planned)
{
    double low = 0, high = 0;
    for (const StatementEffects &one : planned.effects) {
        if (one.duration_ms) {
            low += one.duration_ms->low;
            high += one.duration_ms->high;
        }
    }
    if (high <= 0)
        return;
    const std::string took = high < 20 ? "A few milliseconds." : fmt::format("About {} to {}.", human::duration(low), human::duration(high));
    step.note += (step.note.empty() ? "" : " ") + took;
}

/// What the step would be refused with whatever the catalog holds.
Result<void> checkEdited(const ChangeStep &step, const std::vector<StatementEffects> &effects)
{
    for (const StatementEffects &one : effects) {
        if (one.kind.empty() && !one.errors.empty())
            return fail(ErrorKind::Parse, one.errors.front().message, "In: " + one.sql);
        if (one.kind == "TransactionStmt")
            return fail(ErrorKind::Usage, "A step has no BEGIN, COMMIT or SAVEPOINT of its own", "What a step sends commits together");
        if (step.in_transaction && !one.in_transaction)
            return fail(ErrorKind::Usage, "This statement cannot run in the transaction that the step is: " + one.sql);
    }
    if (!step.in_transaction && effects.size() > 1)
        return fail(ErrorKind::Usage, "A step outside of a transaction holds one statement");
    return {};
}

} // namespace

std::string editableSql(const ChangeStep &step)
{
    return step.batches ? step.batches->batch_sql : step.comparison ? std::string() : step.sql;
}

Result<void> tellStepEffects(MigrationPlan &plan, const pg::Catalog &catalog, const SchemaFacts &facts)
{
    std::string all;
    std::vector<std::size_t> counts;
    for (const ChangeStep &step : plan.script.steps) {
        const std::string sql = standsFor(step);
        counts.push_back(statementsIn(sql));
        all += sql + ";\n";
    }
    auto told = effectsOf(all, plan.major, &catalog, &facts);
    if (!told)
        return tl::unexpected(told.error());
    std::size_t at = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
        plan.steps[k].effects.clear();
        for (std::size_t n = 0; n < counts[k] && at < told->size(); ++n, ++at)
            plan.steps[k].effects.push_back(std::move((*told)[at]));
        ChangeStep &step = plan.script.steps[k];
        step.lock_level = recipes::strongestLock(plan.steps[k].effects);
        if (step.note.find("A few milliseconds.") == std::string::npos && step.note.find("About ") == std::string::npos)
            describeStep(step, plan.steps[k]);
    }
    return {};
}

Result<MigrationPlan> withEditedStep(pg::Connection &connection, MigrationPlan plan, std::size_t number, const std::string &sql, const std::string &undo_sql)
{
    if (number >= plan.script.steps.size() || plan.script.steps[number].comparison)
        return fail(ErrorKind::Usage, "There is no such step to be changed");
    ChangeStep &step = plan.script.steps[number];
    if (step.batches) {
        if (sql.find("{range}") == std::string::npos)
            return fail(ErrorKind::Usage, "A batch needs {range} in its condition: it stands for the rows of one batch");
        if (statementsIn(sql) != 1)
            return fail(ErrorKind::Usage, "A batch is one statement");
        step.batches->batch_sql = sql;
    } else {
        if (statementsIn(sql) == 0)
            return fail(ErrorKind::Usage, "The step would do nothing");
        step.sql = sql;
    }
    if (undo_sql != step.undo_sql) {
        step.undo_sql = undo_sql;
        if (undo_sql.empty() && step.no_undo_reason.empty())
            step.no_undo_reason = "Its way back was taken out by hand";
    }
    step.note = edited_mark;
    pg::CatalogOptions options;
    options.with_functions = false;
    const auto catalog = pg::readCatalog(connection, options);
    if (!catalog)
        return tl::unexpected(catalog.error());
    const auto facts = readSchemaFacts(connection);
    if (!facts)
        return tl::unexpected(facts.error());
    const auto back = effectsOf(step.undo_sql, plan.major);
    for (const StatementEffects &one : back ? *back : std::vector<StatementEffects>()) {
        if (one.kind.empty() && !one.errors.empty())
            return fail(ErrorKind::Parse, "The way back: " + one.errors.front().message, "In: " + one.sql);
    }
    if (auto told = tellStepEffects(plan, **catalog, *facts); !told)
        return tl::unexpected(told.error());
    if (auto fits = checkEdited(plan.script.steps[number], plan.steps[number].effects); !fits)
        return tl::unexpected(fits.error());
    return plan;
}

} // namespace howdah::migration
