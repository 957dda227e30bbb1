// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

Result<void> alterEnum(const Ground &, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const auto names = wish.statement.names("typeName");
    const std::string type = names.size() > 1 ? sql::quoteQualified(names[names.size() - 2], names.back()) : names.empty() ? "" : sql::quoteIdentifier(names.back());
    const std::string from = wish.statement.text("oldVal"), to = wish.statement.text("newVal");
    draft.approach = Approach::LeftAlone;
    if (from.empty()) {
        draft.add(Phase::Expand, "Add the value " + sql::quoteLiteral(to), wish.sql, "").no_undo_reason = "A value of an enumeration cannot be removed; one that nobody uses does no harm";
        draft.why = "No table is locked; the value can be used as soon as this has committed";
        return {};
    }
    draft.approach = Approach::Recipe;
    draft.deploy(Phase::Switch, fmt::format("Deploy a version of the application that reads both {} and {}, and writes neither for as long as the change takes", sql::quoteLiteral(from), sql::quoteLiteral(to)));
    draft.add(Phase::Switch, "Rename the value", wish.sql, fmt::format("ALTER TYPE {} RENAME VALUE {} TO {}", type, sql::quoteLiteral(to), sql::quoteLiteral(from))).note = "Only the catalog changes; no table is locked.";
    draft.why = "The rename itself is instant and locks no table, but from then on one of the two names fails: the application must take both first";
    return {};
}

namespace {

struct EnumType {
    std::string schema, name;
    std::vector<std::string> values;
};

Result<EnumType> enumOf(const Ground &ground, const std::string &said)
{
    const auto rows = ddl::records(ground.connection, "SELECT n.nspname, t.typname, e.enumlabel FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid "
                                                      "WHERE t.oid = $1::regtype ORDER BY e.enumsortorder", {said});
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->empty())
        return refuse(said + " is not an enum", {}, "42809");
    EnumType type{(*rows)[0][0], (*rows)[0][1], {}};
    for (const ddl::Record &row : *rows)
        type.values.push_back(row[2]);
    return type;
}

} // namespace

/// A new type without the value; each column of the old one goes over to it as to any other type.
Result<void> dropEnumValue(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const std::string &sql = wishes.front()->sql;
    const auto words = wordsOf(sql); // ALTER TYPE name DROP VALUE 'value' [USING 'other']
    std::size_t drop = 2;
    while (drop < words.size() && words[drop].text != "drop")
        ++drop;
    if (drop + 2 >= words.size())
        return refuse("Say ALTER TYPE name DROP VALUE 'value' [USING 'other value']");
    const auto literal = [&](std::size_t at) {
        const auto tree = effects::parseStatement("SELECT " + std::string(words[at].span.of(sql)), ground.major);
        const auto targets = tree ? tree->root().list("targetList") : std::vector<Node>();
        return targets.empty() ? std::string() : targets[0].get("val").value();
    };
    const std::string said = trimmed(sql.substr(words[2].span.begin.value, words[drop].span.begin.value - words[2].span.begin.value)), value = literal(drop + 2);
    const std::string other = drop + 4 < words.size() && words[drop + 3].text == "using" ? literal(drop + 4) : "";
    const auto type = enumOf(ground, said);
    if (!type)
        return tl::unexpected(type.error());
    if (std::find(type->values.begin(), type->values.end(), value) == type->values.end())
        return refuse(fmt::format("\"{}\" is not a value of {}", value, said), {}, "22023");
    const std::string fresh = objectName("new", {type->name}), aside = objectName("old", {type->name});
    const std::string fresh_sql = sql::quoteQualified(type->schema, fresh), old_sql = sql::quoteQualified(type->schema, type->name);
    std::string labels;
    for (const std::string &label : type->values) {
        if (label != value)
            labels += (labels.empty() ? "" : ", ") + sql::quoteLiteral(label);
    }
    draft.add(Phase::Expand, "Make the type without the value", fmt::format("CREATE TYPE {} AS ENUM ({})", fresh_sql, labels), "DROP TYPE IF EXISTS " + fresh_sql);
    std::size_t columns = 0;
    for (const pg::CatalogRelation &table : ground.catalog.relations) {
        for (const pg::CatalogColumn &column : table.columns) {
            if ((column.type != type->name && column.type != old_sql && column.type != sql::quoteIdentifier(type->name)) || (table.kind != 'r' && table.kind != 'p'))
                continue;
            const std::string name = sql::quoteIdentifier(column.name);
            Wish wish;
            wish.kind = "AT_AlterColumnType";
            wish.table = &table;
            const std::string text = other.empty() ? name + "::text" : fmt::format("CASE {0}::text WHEN {1} THEN {2} ELSE {0}::text END", name, sql::quoteLiteral(value), sql::quoteLiteral(other));
            wish.clause = fmt::format("ALTER COLUMN {} TYPE {} USING ({})::{}", name, fresh_sql, text, fresh_sql);
            wish.sql = fmt::format("ALTER TABLE {} {}", nameOf(table), wish.clause);
            auto tree = effects::parseStatement(wish.sql, ground.major);
            if (!tree)
                return tl::unexpected(tree.error());
            wish.tree = std::move(*tree);
            wish.statement = wish.tree.root();
            wish.command = wish.statement.list("cmds")[0];
            wish.naive.rewrites = {nameOf(table)};
            PlanOptions options = ground.options;
            options.back = fmt::format("({}::text)::{}", name, old_sql);
            const Ground with{ground.connection, ground.catalog, ground.facts, options, ground.major, {}};
            if (auto made = changeType(with, {&wish}, draft); !made)
                return made;
            ++columns;
        }
    }
    if (columns > 1)
        return refuse(fmt::format("{} columns have the type {}: a value can be removed where one column has it", columns, said), "Give the columns types of their own first");
    // The types exchange their names where the columns do; what is computed from them afterwards then means the new one.
    const std::string there = fmt::format("ALTER TYPE {} RENAME TO {};\nALTER TYPE {} RENAME TO {}", old_sql, sql::quoteIdentifier(aside), fresh_sql, sql::quoteIdentifier(type->name));
    const std::string back = fmt::format("ALTER TYPE {} RENAME TO {};\nALTER TYPE {} RENAME TO {}", old_sql, sql::quoteIdentifier(fresh), sql::quoteQualified(type->schema, aside), sql::quoteIdentifier(type->name));
    bool done = false;
    for (ChangeStep &step : draft.steps) {
        if (step.title != "Put the new column in the old one's place")
            continue;
        step.sql += ";\n" + there;
        step.undo_sql = back + ";\n" + step.undo_sql;
        done = true;
    }
    if (!done)
        draft.add(Phase::Switch, "Give the new type the old one's name", there, back);
    draft.add(Phase::Contract, "Drop the old type", "DROP TYPE " + sql::quoteQualified(type->schema, aside), "").no_undo_reason = "The old values are gone";
    draft.why = "PostgreSQL cannot remove a value: a type without it is made, and the column goes over to it as to any other type";
    if (other.empty())
        draft.notes.push_back("The backfill fails when a row has the value; say USING 'other value' to have another in its place.");
    return {};
}

} // namespace howdah::migration::recipes
