// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/type_change.h"
#include "core/migration/lint/words.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *notes_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES";
constexpr LintSeverity serious = LintSeverity::Serious;

std::string place(const Statement &statement, const SubCommand &command)
{
    return nameOf(statement.root.get("relation")) + "." + sql::quoteIdentifier(command.column);
}

const Column *columnBefore(const Statement &statement, const SubCommand &command)
{
    const Relation *table = statement.target();
    if (table == nullptr)
        return nullptr;
    const auto found = std::find_if(table->columns.begin(), table->columns.end(), [&](const Column &column) { return column.name == command.column; });
    return found == table->columns.end() ? nullptr : &*found;
}

effects::TypeChange changeOf(const Statement &statement, const SubCommand &command)
{
    const Column *column = columnBefore(statement, command);
    const auto from = column == nullptr || column->type.empty() ? std::nullopt : std::optional(effects::typeOf(statement.at.schema, column->type));
    return effects::typeChange(statement.at.schema, from, effects::typeOf(statement.at.schema, command.def().get("typeName")), command.def().get("raw_default"), command.column);
}

template <typename Use> void retypes(const Statement &statement, const Use &use)
{
    if (!statement.blocks_work)
        return;
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AlterColumnType"))
            use(command);
    }
}

bool names(const std::vector<std::string> &columns, const std::string &column)
{
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

void rewrites(const Statement &statement, Report &report)
{
    retypes(statement, [&](const SubCommand &command) {
        const effects::TypeChange change = changeOf(statement, command);
        const Column *column = columnBefore(statement, command);
        if (!change.rewrites || (column != nullptr && column->generated == 'v'))
            return;
        const auto type = effects::typeOf(statement.at.schema, command.def().get("typeName"));
        const bool stamps = (type.name == "timestamptz" || type.name == "timestamp") && column != nullptr && column->type.rfind("timestamp", 0) == 0;
        std::string fix;
        if (stamps && !command.def().get("raw_default").exists())
            fix = "If the values stand for UTC, SET timezone = 'UTC' first: then no row is touched. Otherwise make a column of the new type that a trigger keeps in step, fill it in batches and switch to it.";
        std::string message = "Changing the type of " + place(statement, command) + " rewrites " + statement.workWords() + " and its indexes while readers and writers wait";
        if (column == nullptr)
            message = "Changing the type of " + place(statement, command) + " rewrites the table unless the two types are stored alike; its present type is not known here";
        report.say({message, stamps ? "SET timezone = 'UTC';\n" + statement.text + ";" : "", command.span, {}, fix, "Here " + change.reason + "."});
    });
}

void rebuildsIndexes(const Statement &statement, Report &report)
{
    retypes(statement, [&](const SubCommand &command) {
        if (changeOf(statement, command).rewrites)
            return;
        const bool collation = command.def().get("collClause").exists();
        const Relation *table = statement.target();
        std::vector<std::string> rebuilt;
        for (const Relation *index : table == nullptr ? std::vector<Relation *>() : table->indexes) {
            if (index->uses.count(command.column) > 0 && (!index->plain || collation))
                rebuilt.push_back(index->name);
        }
        if (!rebuilt.empty())
            report.say({"Changing the type of " + place(statement, command) + " needs no rewrite, but builds " + listed(rebuilt) + " anew while readers and writers wait", {}, command.span});
    });
}

void verifiesChecks(const Statement &statement, Report &report)
{
    retypes(statement, [&](const SubCommand &command) {
        if (changeOf(statement, command).rewrites)
            return;
        std::vector<std::string> checks;
        const Relation *table = statement.target();
        for (const Constraint &constraint : table == nullptr ? std::vector<Constraint>() : table->constraints) {
            if (constraint.type == 'c' && statement.reason("column-type-check", constraint.name) != nullptr && names(constraint.columns, command.column))
                checks.push_back(constraint.name);
        }
        if (!checks.empty())
            report.say({"Changing the type of " + place(statement, command) + " needs no rewrite, but verifies " + listed(checks) + " on all rows while readers and writers wait", {}, command.span});
    });
}

/// Whether an index leads with those columns, in any order.
bool isIndexed(const Relation &table, const std::vector<std::string> &columns)
{
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Relation *index) {
        return index->plain && index->keys.size() >= columns.size()
            && std::is_permutation(columns.begin(), columns.end(), index->keys.begin(), index->keys.begin() + static_cast<std::ptrdiff_t>(columns.size()));
    });
}

void touchesKeys(const Statement &statement, Report &report)
{
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_AlterColumnType") || !statement.onOldTable() || statement.failed())
            continue;
        for (const Relation &other : statement.at.schema.relations) {
            for (const Constraint &key : other.constraints) {
                const bool refers = key.type == 'f' && other.alive && statement.reason("column-type-foreign-key", key.name) != nullptr && key.referenced != nullptr;
                if (!refers || !Statement::isOld(&other) || other.is_partition)
                    continue;
                std::string message = "The foreign key " + key.name + " is made again: " + other.label() + " and " + key.referenced->label() + " are locked against reads and writes";
                if (changeOf(statement, command).rewrites && key.validated)
                    message += ", and all their rows compared";
                if (!isIndexed(other, key.columns))
                    message += "; " + other.label() + " has no index on (" + columnList(key.columns) + "), so every lookup of a changed key reads it whole";
                report.say({message, {}, command.span, changeOf(statement, command).rewrites ? serious : LintSeverity::Warning});
            }
        }
        break;
    }
}

/// The server refuses; the dependants are named all at once here.
void refused(const Statement &statement, Report &report)
{
    const Relation *table = statement.target();
    if (table == nullptr)
        return;
    for (const SubCommand &command : statement.commands) {
        if (!command.is("AT_AlterColumnType"))
            continue;
        std::vector<std::string> dependants;
        for (const effects::Dependant &dependant : table->dependants) {
            if (dependant.column == command.column)
                dependants.push_back(wordsOf(dependant));
        }
        std::sort(dependants.begin(), dependants.end());
        dependants.erase(std::unique(dependants.begin(), dependants.end()), dependants.end());
        if (!dependants.empty())
            report.say({"The type of " + place(statement, command) + " cannot change while " + listed(dependants) + (dependants.size() == 1 ? " depends on it" : " depend on it"), {}, command.span});
    }
}

} // namespace

const std::vector<RuleRow> &typeRules()
{
    static const std::vector<RuleRow> rules{
        {{"column-type-rewrite", "blocking", "A type change that rewrites the table", "The table and all its indexes are written anew under ACCESS EXCLUSIVE. Types that are stored alike (varchar to text, a wider varchar or numeric) are not flagged.",
          "Make a column of the new type that a trigger keeps in step, fill it in batches, and switch to it.", notes_page, serious}, rewrites},
        {{"column-type-index-rebuild", "blocking", "A type change that rebuilds indexes", "Indexes on expressions or with a predicate, and all indexes of the column under a new collation, are built again under ACCESS EXCLUSIVE.",
          "Drop these indexes CONCURRENTLY before and build them CONCURRENTLY after, or build replacements that do not name the column.", notes_page, serious}, rebuildsIndexes},
        {{"column-type-check-scan", "blocking", "A type change that verifies checks", "CHECK constraints that name the column are verified for all rows under ACCESS EXCLUSIVE.",
          "Drop the checks before, add them again with NOT VALID after, and validate them in a later transaction.", notes_page, serious}, verifiesChecks},
        {{"column-type-foreign-key", "blocking", "A type change of a foreign key's column", "Foreign keys on both sides are dropped and made again, which locks the other table too.",
          "Change such a key by a new column that a trigger keeps in step, with a foreign key of its own added NOT VALID and validated later.", notes_page, serious}, touchesKeys},
        {{"column-type-dependants", "compatibility", "A type change of a column that others depend on", "PostgreSQL refuses to change the type of a column that a view, rule, policy, generated column or trigger names.",
          "Drop the dependants before and make them again after, in one transaction, with their grants.", notes_page, LintSeverity::Error}, refused},
    };
    return rules;
}

} // namespace howdah::migration::linting
