// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/migration/recipes/sync.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

/// GRANTs that give a view what the table has.
Result<std::string> grantsFor(const Ground &ground, const pg::CatalogRelation &table, const std::string &view)
{
    const auto rows = ddl::records(ground.connection, R"(
SELECT CASE WHEN x.privilege_type IS NOT NULL THEN format('GRANT %s ON {} TO %s%s', x.privilege_type, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
       CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) END, c.relrowsecurity, quote_ident(pg_get_userbyid(c.relowner)), c.relowner = current_user::regrole
FROM pg_class c LEFT JOIN LATERAL aclexplode(c.relacl) x ON x.grantee <> c.relowner AND x.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'TRIGGER')
WHERE c.oid = $1::oid)", {std::to_string(table.oid)});
    if (!rows)
        return tl::unexpected(rows.error());
    std::string sql;
    for (const ddl::Record &row : *rows) {
        if (row.flag(1) && ground.major < 15)
            return refuse("Row level security of " + nameOf(table) + " would not hold for the roles that use the view", "From PostgreSQL 15 on a view can check the privileges of who uses it");
        if (sql.empty() && !row.flag(3))
            sql += fmt::format(";\nALTER VIEW {} OWNER TO {}", view, row[2]);
        if (!row.isNull(0))
            sql += ";\n" + filled(row[0], view);
    }
    return sql;
}

const char *invoker(const Ground &ground)
{
    return ground.major >= 15 ? " WITH (security_invoker = true)" : "";
}

std::string columnList(const pg::CatalogRelation &table, const std::string &renamed = {}, const std::string &to = {})
{
    std::string list;
    for (const pg::CatalogColumn &column : table.columns) {
        const std::string name = sql::quoteIdentifier(column.name == renamed ? to : column.name);
        list += (list.empty() ? "" : ", ") + name;
    }
    return list;
}

/// The table makes room for a view of its name that has the column under both names.
Result<void> renameColumnByView(const Ground &ground, const Wish &wish, Draft &draft, const std::string &from, const std::string &to)
{
    const pg::CatalogRelation &table = *wish.table;
    const std::string base = objectName("base", {table.name}), base_sql = sql::quoteQualified(table.schema, base), on = nameOf(table);
    const auto grants = grantsFor(ground, table, on);
    if (!grants)
        return tl::unexpected(grants.error());
    const std::string columns = fmt::format("{}, {} AS {}", columnList(table, from, to), sql::quoteIdentifier(to), sql::quoteIdentifier(from));
    draft.add(Phase::Switch, "Rename the column below a view that has both names",
              fmt::format("ALTER TABLE {0} RENAME TO {1};\nALTER TABLE {2} RENAME COLUMN {3} TO {4};\nCREATE VIEW {0}{5} AS SELECT {6} FROM {2}{7}", on, sql::quoteIdentifier(base), base_sql, sql::quoteIdentifier(from), sql::quoteIdentifier(to),
                          invoker(ground), columns, *grants),
              fmt::format("DROP VIEW {0};\nALTER TABLE {1} RENAME COLUMN {2} TO {3};\nALTER TABLE {1} RENAME TO {4}", on, base_sql, sql::quoteIdentifier(to), sql::quoteIdentifier(from), sql::quoteIdentifier(table.name)))
        .note = "Reads and writes go through the view; a statement may write one of the two names, not both.";
    draft.deploy(Phase::Contract, fmt::format("Deploy a version of the application that uses {} and no longer {}", sql::quoteIdentifier(to), sql::quoteIdentifier(from)));
    draft.add(Phase::Contract, "Give the table its name back", fmt::format("DROP VIEW {};\nALTER TABLE {} RENAME TO {}", on, base_sql, sql::quoteIdentifier(table.name)), "").no_undo_reason = "Versions that use the old name no longer find it";
    draft.notes.emplace_back("While the view stands in its place, COPY into the table, TRUNCATE, and new foreign keys to it do not work.");
    draft.why = "The column is renamed at once; a view in the table's place has it under both names until no version uses the old one";
    return {};
}

} // namespace

Result<void> renameColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const std::string from = wish.statement.text("subname"), to = wish.statement.text("newname");
    const pg::CatalogColumn *column = columnOf(*wish.table, from);
    if (column == nullptr)
        return refuse("column \"" + from + "\" does not exist", {}, "42703");
    draft.moved.insert(wish.table->schema + "." + wish.table->name + "." + from);
    draft.moved.insert(wish.table->schema + "." + wish.table->name + "." + to);
    const bool plain_table = wish.table->kind == 'r' || wish.table->kind == 'p';
    if (!plain_table) {
        draft.approach = Approach::LeftAlone;
        draft.why = "Not a table: the catalog alone is changed, and whoever uses the old name fails";
        draft.add(Phase::Switch, "Rename the column", wish.sql, fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", wish.on(), sql::quoteIdentifier(to), sql::quoteIdentifier(from)));
        return {};
    }
    if (ground.options.rename_by == RenameBy::View)
        return renameColumnByView(ground, wish, draft, from, to);
    if (column->is_generated)
        return refuse("A trigger cannot keep a second column in step with the generated column " + from, "Have it renamed by a view: --rename-by view");
    const auto parts = partsOf(ground, *wish.table, {from});
    if (!parts)
        return tl::unexpected(parts.error());
    const std::string old_sql = sql::quoteIdentifier(from), new_sql = sql::quoteIdentifier(to);
    TwoWay both;
    both.table = wish.table;
    both.purpose = "rename";
    both.olds = {{from, column->type, new_sql}};
    both.news = {{to, column->type, old_sql}};
    const SyncTrigger trigger = twoWaySteps(ground, draft, *parts, both);
    std::vector<ChangeStep> indexes;
    for (const IndexPart &index : parts->indexes) {
        if (!index.valid || index.constraint_type == 'x' || wish.table->kind == 'p')
            continue;
        const IndexText cut = cutCreateIndex(index.definition);
        const std::string name = objectName("as", {index.name});
        draft.index(Phase::Validate, "Build the index for queries by the new name", fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(name), wish.on(), cut.method, tailWithColumns(cut.tail, {{from, to}})),
                    sql::quoteQualified(wish.table->schema, name))
            .note = "Until the end of the migration: the old column's indexes then carry the new name.";
    }
    draft.deploy(Phase::Contract, fmt::format("Deploy a version of the application that reads and writes {0}.{1} and no longer {0}.{2}", wish.on(), new_sql, old_sql));
    draft.add(Phase::Contract, "Give the column its new name", fmt::format("{};\n{};\nALTER TABLE {} DROP COLUMN {};\nALTER TABLE {} RENAME COLUMN {} TO {}", trigger.dropTrigger(), trigger.dropFunction(), wish.on(), new_sql, wish.on(), old_sql, new_sql), "")
        .no_undo_reason = "Versions that use the old name no longer find it; renaming it back is as fast";
    draft.steps.back().note = "The second column goes and the first takes its name, so that indexes, constraints, views, policies and privileges stay as they are.";
    draft.why = "A second column is kept equal by a trigger on INSERT and UPDATE, both ways; when no version uses the old name, the second column goes and the first takes its name";
    return {};
}

Result<void> renameTable(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const pg::CatalogRelation &table = *wish.table;
    const std::string to = wish.statement.text("newname"), on = nameOf(table), fresh = sql::quoteQualified(table.schema, to), quoted = sql::quoteIdentifier(to), old = sql::quoteIdentifier(table.name);
    if (ground.catalog.find(table.schema, to) != nullptr)
        return refuse("relation \"" + to + "\" already exists", {}, "42P07");
    draft.moved.insert(table.schema + "." + table.name);
    if (table.kind != 'r' && table.kind != 'p') {
        draft.approach = Approach::LeftAlone;
        draft.why = "Not a table: the catalog alone is changed, and whoever uses the old name fails";
        draft.add(Phase::Switch, "Rename", wish.sql, fmt::format("ALTER TABLE {} RENAME TO {}", fresh, old));
        return {};
    }
    const auto before = grantsFor(ground, table, fresh), after = grantsFor(ground, table, on);
    if (!before || !after)
        return tl::unexpected(before ? after.error() : before.error());
    const std::string columns = columnList(table);
    const std::string new_view = fmt::format("CREATE VIEW {}{} AS SELECT {} FROM {}{}", fresh, invoker(ground), columns, on, *before);
    const std::string old_view = fmt::format("CREATE VIEW {}{} AS SELECT {} FROM {}{}", on, invoker(ground), columns, fresh, *after);
    draft.add(Phase::Expand, "Make a view under the new name", new_view, "DROP VIEW IF EXISTS " + fresh).note = "It is read and written like the table.";
    draft.add(Phase::Switch, "Exchange table and view", fmt::format("DROP VIEW {};\nALTER TABLE {} RENAME TO {};\n{}", fresh, on, quoted, old_view), fmt::format("DROP VIEW {};\nALTER TABLE {} RENAME TO {};\n{}", on, fresh, old, new_view))
        .note = "The table has its new name; the old one is the view now.";
    draft.deploy(Phase::Switch, fmt::format("Deploy a version of the application that uses {}; versions that use {} may go on", fresh, on));
    draft.deploy(Phase::Contract, "No version of the application that still uses " + on);
    draft.add(Phase::Contract, "Drop the view of the old name", "DROP VIEW " + on, "").no_undo_reason = "Versions that use the old name no longer find it; a view of that name brings it back";
    if (ground.options.rename_by == RenameBy::Trigger)
        draft.notes.emplace_back("A table needs no copy kept in step by triggers: the view is read and written like it. COPY into the view, TRUNCATE and new foreign keys to it do not work.");
    else
        draft.notes.emplace_back("COPY into the view, TRUNCATE and new foreign keys to it do not work.");
    draft.why = "A view carries the other name while versions of the application for both run; the table itself is renamed in one brief transaction";
    return {};
}

} // namespace howdah::migration::recipes
