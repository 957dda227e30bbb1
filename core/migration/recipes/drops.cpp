// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

/// A foreign key goes in a step of its own: its lock is on both tables.
void dropKeyFirst(Draft &draft, const std::string &table, const std::string &name, const std::string &definition, bool validated)
{
    const std::string quoted = sql::quoteIdentifier(name), validate = fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, quoted);
    if (validated)
        draft.patient(Phase::Switch, fmt::format("Make sure of the foreign key {} of {}", quoted, table), validate, validate).note = "It is valid, so nothing is read; the way back validates it again after it was dropped.";
    draft.add(Phase::Switch, fmt::format("Drop the foreign key {} of {}", quoted, table), fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, quoted),
              fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", table, quoted, definition))
        .note = "On its own, because reads and writes of both tables wait for it. The way back adds it NOT VALID, and the step before validates it.";
}

std::string withoutNotValid(std::string definition)
{
    if (definition.size() > 10 && definition.compare(definition.size() - 10, 10, " NOT VALID") == 0)
        definition.resize(definition.size() - 10);
    return definition;
}

} // namespace

Result<void> dropColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const std::string column = wish.command.text("name"), quoted = sql::quoteIdentifier(column), on = wish.on();
    const pg::CatalogColumn *found = columnOf(*wish.table, column);
    if (found == nullptr) {
        draft.approach = Approach::LeftAlone;
        draft.why = "There is no such column, and IF EXISTS makes this do nothing";
        return {};
    }
    const auto parts = partsOf(ground, *wish.table, {column});
    if (!parts)
        return tl::unexpected(parts.error());
    const bool cascade = wish.command.text("behavior") == "DROP_CASCADE";
    const std::string aside = objectName("dropped", {column});
    if (found->not_null && found->default_expr.empty() && !found->is_identity && !found->is_generated && !std::any_of(parts->indexes.begin(), parts->indexes.end(), [](const IndexPart &index) { return index.primary; })) {
        draft.add(Phase::Expand, "Let rows be written without " + quoted, fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", on, quoted), fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", on, quoted))
            .note = "The version without the column cannot write one. The way back needs a value in every row, and reads them all under its lock.";
    }
    draft.deploy(Phase::Switch, fmt::format("Deploy a version of the application that neither reads nor writes {}.{}", on, quoted));
    std::vector<std::string> gone;
    for (const ConstraintPart &key : parts->foreign_keys)
        dropKeyFirst(draft, on, key.name, withoutNotValid(key.definition), key.validated);
    for (const IncomingKey &key : parts->incoming) {
        dropKeyFirst(draft, key.table, key.name, withoutNotValid(key.definition), key.validated);
        gone.push_back("foreign key " + sql::quoteIdentifier(key.name) + " of " + key.table);
    }
    for (const auto *group : {&parts->dependants, &parts->materialized}) {
        for (const Dependant &dependant : *group) {
            if (dependant.what.rfind("view ", 0) == 0 || dependant.what.rfind("materialized", 0) == 0 || dependant.what.rfind("policy", 0) == 0)
                gone.push_back(dependant.what);
        }
    }
    if (!gone.empty() && !cascade) {
        std::string list;
        for (const std::string &one : gone)
            list += (list.empty() ? "" : ", ") + one;
        return refuse(fmt::format("cannot drop column {} of {} because other objects depend on it: {}", quoted, on, list), "Change or drop them in an earlier step, or say CASCADE to lose them", "2BP01");
    }
    draft.add(Phase::Switch, "Put the column aside", fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", on, quoted, sql::quoteIdentifier(aside)), fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", on, sql::quoteIdentifier(aside), quoted))
        .note = "Whatever still uses it fails now, while the values can be had back at once.";
    draft.deploy(Phase::Contract, "Wait until you are sure that nothing misses the column: its values are gone after this");
    ChangeStep &drop = draft.add(Phase::Contract, "Drop the column", fmt::format("ALTER TABLE {} DROP COLUMN {}{}", on, sql::quoteIdentifier(aside), cascade ? " CASCADE" : ""), "");
    drop.no_undo_reason = "The values are gone";
    draft.why = "The column is put aside under another name first, foreign keys in steps of their own, and dropped only when nothing missed it";
    for (const std::string &one : gone)
        draft.notes.push_back("CASCADE drops " + one + ".");
    draft.moved.insert(wish.table->schema + "." + wish.table->name + "." + column);
    return {};
}

Result<void> dropTable(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const bool cascade = wish.statement.text("behavior") == "DROP_CASCADE";
    std::vector<std::pair<const pg::CatalogRelation *, std::string>> tables;
    for (const Node &object : wish.statement.list("objects")) {
        const pg::CatalogRelation *table = ground.find(object.names("items"));
        if (table != nullptr)
            tables.emplace_back(table, objectName("dropped", {table->name}));
    }
    if (tables.empty()) {
        draft.approach = Approach::LeftAlone;
        draft.why = "There is no such table, and IF EXISTS makes this do nothing";
        return {};
    }
    for (const auto &[table, aside] : tables)
        draft.deploy(Phase::Switch, "Deploy a version of the application that no longer uses " + nameOf(*table));
    for (const auto &[table, aside] : tables) {
        std::vector<std::string> columns;
        for (const pg::CatalogColumn &column : table->columns)
            columns.push_back(column.name);
        const auto parts = partsOf(ground, *table, columns);
        if (!parts)
            return tl::unexpected(parts.error());
        for (const ConstraintPart &key : parts->foreign_keys)
            dropKeyFirst(draft, nameOf(*table), key.name, withoutNotValid(key.definition), key.validated);
        for (const IncomingKey &key : parts->incoming) {
            if (!key.self && cascade)
                dropKeyFirst(draft, key.table, key.name, withoutNotValid(key.definition), key.validated);
        }
        for (const auto *group : {&parts->dependants, &parts->materialized}) {
            for (const Dependant &dependant : *group) {
                if (cascade && dependant.what.find("view ") != std::string::npos)
                    draft.notes.push_back("CASCADE drops " + dependant.what + ".");
            }
        }
        draft.moved.insert(table->schema + "." + table->name);
    }
    for (const auto &[table, aside] : tables) {
        draft.add(Phase::Switch, "Put the table aside", fmt::format("ALTER TABLE {} RENAME TO {}", nameOf(*table), sql::quoteIdentifier(aside)),
                  fmt::format("ALTER TABLE {} RENAME TO {}", sql::quoteQualified(table->schema, aside), sql::quoteIdentifier(table->name)))
            .note = "Whatever still uses it fails now, while it can be had back at once.";
        draft.deploy(Phase::Contract, "Wait until you are sure that nothing misses " + nameOf(*table) + ": its rows are gone after this");
        draft.add(Phase::Contract, "Drop the table", fmt::format("DROP TABLE {}{}", sql::quoteQualified(table->schema, aside), cascade ? " CASCADE" : ""), "").no_undo_reason = "The rows are gone";
    }
    draft.why = "Foreign keys go first, each in a step of its own because it locks the other table too; the table is put aside under another name and dropped only when nothing missed it";
    return {};
}

} // namespace howdah::migration::recipes
