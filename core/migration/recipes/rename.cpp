// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>

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

namespace {

/// A second table under the new name, both kept in step by triggers. In the end the copy goes and the table takes its name, so that
/// keys, indexes, views, policies and privileges stay as they are.
class RenameByCopy
{
public:
    RenameByCopy(const Ground &ground, const pg::CatalogRelation &table, std::string to, Draft &draft) : ground_(ground), table_(table), to_(std::move(to)), draft_(draft), on_(nameOf(table)), fresh_(sql::quoteQualified(table.schema, to_)) {}

    Result<void> make()
    {
        for (const std::string &column : walkKey(table_))
            key_ += (key_.empty() ? "" : ", ") + column;
        if (key_.empty())
            return refuse("Triggers cannot keep a second table in step with " + on_ + ": it has no primary key, and no unique index on columns that are NOT NULL", "Have it renamed by a view: --rename-by view");
        const auto secured = ddl::records(ground_.connection, "SELECT relrowsecurity FROM pg_class WHERE oid = $1::oid", {std::to_string(table_.oid)});
        if (!secured)
            return tl::unexpected(secured.error());
        if (!secured->empty() && secured->front().flag(0))
            return refuse("Row level security of " + on_ + " would not hold in a second table", "Have it renamed by a view: --rename-by view");
        const auto identities = ddl::records(ground_.connection, "SELECT quote_ident(attname), attidentity, pg_get_serial_sequence($2, attname) FROM pg_attribute WHERE attrelid = $1::oid AND attidentity <> '' AND NOT attisdropped", {std::to_string(table_.oid), on_});
        if (!identities)
            return tl::unexpected(identities.error());
        for (const ddl::Record &row : *identities) {
            defaults_ += fmt::format(";\nALTER TABLE {} ALTER COLUMN {} SET DEFAULT nextval({}::regclass)", fresh_, row[0], sql::quoteLiteral(row[2]));
            if (row.letter(1) == 'a')
                always_.insert(row[0]);
            draft_.notes.push_back(fmt::format("Roles that insert by the new name need USAGE on the sequence {} until the end of the migration.", row[2]));
        }
        columns();
        if (set_.empty())
            return refuse("Every column of " + on_ + " is GENERATED ALWAYS: triggers cannot write a second one", "Have it renamed by a view: --rename-by view");
        auto grants = grantsFor(ground_, table_, fresh_);
        if (!grants)
            return tl::unexpected(grants.error());
        steps(replacedView(*grants));
        return {};
    }

private:
    /// ALTER VIEW … OWNER TO, for a table.
    static std::string replacedView(std::string grants)
    {
        if (const std::size_t at = grants.find("ALTER VIEW "); at != std::string::npos)
            grants.replace(at, 11, "ALTER TABLE ");
        return grants;
    }

    void columns()
    {
        for (const pg::CatalogColumn &column : table_.columns) {
            const std::string name = sql::quoteIdentifier(column.name);
            const auto add = [](std::string &list, const std::string &separator, const std::string &item) { list += (list.empty() ? "" : separator) + item; };
            add(all_, ", ", name);
            if (column.is_generated)
                continue;
            add(written_, ", ", name);
            add(new_values_, ", ", "NEW." + name);
            add(differs_, " OR ", differs("o." + name, "NEW." + name, column.type));
            if (always_.count(name) == 0)
                add(set_, ", ", fmt::format("{0} = NEW.{0}", name));
        }
        std::string same;
        for (const std::string &column : walkKey(table_))
            same += fmt::format("{}o.{} = OLD.{}", same.empty() ? "" : " AND ", column, column);
        same_ = same;
    }

    /// Writes only what differs, so that the two triggers do not answer each other for ever.
    [[nodiscard]] std::string createFunction(const std::string &function, const std::string &other) const
    {
        return fmt::format("CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $howdah$\nBEGIN\n  IF TG_OP = 'DELETE' THEN\n    DELETE FROM {1} o WHERE {2};\n    RETURN NULL;\n  END IF;\n"
                           "  IF TG_OP = 'UPDATE' THEN\n    UPDATE {1} o SET {3} WHERE {2} AND ({4});\n    IF FOUND THEN\n      RETURN NULL;\n    END IF;\n  END IF;\n"
                           "  INSERT INTO {1} AS o ({5}) OVERRIDING SYSTEM VALUE VALUES ({6}) ON CONFLICT ({7}) DO UPDATE SET {3} WHERE {4};\n  RETURN NULL;\nEND\n$howdah$",
                           function, other, same_, set_, differs_, written_, new_values_, key_);
    }

    [[nodiscard]] static std::string createTrigger(const std::string &trigger, const std::string &table, const std::string &function)
    {
        return fmt::format("CREATE TRIGGER {} AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {}()", trigger, table, function);
    }

    void steps(const std::string &grants)
    {
        const std::string compression = ground_.major >= 14 ? " INCLUDING COMPRESSION" : "";
        draft_.add(Phase::Expand, "Make a second table under the new name",
                   fmt::format("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING INDEXES INCLUDING STORAGE INCLUDING COMMENTS{}){}{}", fresh_, on_, compression, defaults_, grants), "DROP TABLE IF EXISTS " + fresh_)
            .note = "Nothing reads it yet.";
        const std::string there = objectName("copy", {table_.name}), back = objectName("back", {table_.name});
        const std::string there_function = sql::quoteQualified(table_.schema, there), back_function = sql::quoteQualified(table_.schema, back);
        const std::string there_trigger = sql::quoteIdentifier(there), back_trigger = sql::quoteIdentifier(back);
        draft_.add(Phase::Expand, "Write what is written to the table there too", createFunction(there_function, fresh_) + ";\n" + createTrigger(there_trigger, on_, there_function),
                   fmt::format("DROP TRIGGER IF EXISTS {} ON {};\nDROP FUNCTION IF EXISTS {}()", there_trigger, on_, there_function))
            .note = "On INSERT, UPDATE and DELETE.";
        const std::vector<std::string> key = walkKey(table_);
        ChangeStep &fill = draft_.add(Phase::Backfill, "Copy the rows that are there", "", "");
        // FOR SHARE: a row that is being deleted or changed is waited for, and copied as it is then, or not at all.
        fill.batches = BatchWork{on_, key, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {{range}} FOR SHARE ON CONFLICT ({}) DO NOTHING", fresh_, written_, written_, on_, key_), 1000, false};
        fill.no_undo_reason = "Nothing to take back: the rows go with the second table";
        ChangeStep &compare = draft_.patient(Phase::Validate, "Compare both tables", "", "");
        Comparison comparison;
        comparison.table = on_;
        comparison.key = key;
        const auto figures = [&](const std::string &from) { return fmt::format("SELECT count(*), sum(hashtextextended(ROW({})::text, 0)) FROM {} WHERE {{range}}", all_, from); };
        const auto rows = [&](const std::string &from) { return fmt::format("SELECT {}, ROW({})::text AS values FROM {} WHERE {{range}}", key_, all_, from); };
        comparison.left_sql = figures(on_);
        comparison.right_sql = figures(fresh_);
        comparison.differences_sql = fmt::format("({0} EXCEPT {1}) UNION ALL ({1} EXCEPT {0})", rows(on_), rows(fresh_));
        compare.comparison = std::move(comparison);
        compare.no_undo_reason = "Nothing to take back: it only reads";
        draft_.add(Phase::Switch, "Write what is written to the second table to the first", createFunction(back_function, on_) + ";\n" + createTrigger(back_trigger, fresh_, back_function),
                   fmt::format("DROP TRIGGER IF EXISTS {} ON {};\nDROP FUNCTION IF EXISTS {}()", back_trigger, fresh_, back_function))
            .note = "From here on both names are read and written.";
        draft_.deploy(Phase::Contract, fmt::format("Deploy a version of the application that uses {} and no longer {}", fresh_, on_));
        draft_.add(Phase::Contract, "Give the table its new name", fmt::format("DROP TRIGGER {0} ON {1};\nDROP TABLE {2};\nDROP FUNCTION {3}();\nDROP FUNCTION {4}();\nALTER TABLE {1} RENAME TO {5}", there_trigger, on_, fresh_, there_function, back_function, sql::quoteIdentifier(to_)), "")
            .no_undo_reason = "Versions that use the old name no longer find it; renaming it back is as fast";
        draft_.steps.back().note = "The copy goes and the table takes its name, so that keys, indexes, views, policies and privileges stay as they are.";
        draft_.notes.emplace_back("Versions that write the same row by both names at the same moment can deadlock; the server ends one of the two. TRUNCATE reaches one table only.");
        draft_.why = "A second table is kept equal by triggers on INSERT, UPDATE and DELETE, both ways; when no version uses the old name, the copy goes and the table takes the new name";
    }

    const Ground &ground_;
    const pg::CatalogRelation &table_;
    std::string to_;
    Draft &draft_;
    std::string on_, fresh_, key_, defaults_, all_, written_, new_values_, set_, differs_, same_;
    std::set<std::string> always_;
};

} // namespace

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
    if (ground.options.rename_by == RenameBy::Trigger)
        return RenameByCopy(ground, table, to, draft).make();
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
    draft.notes.emplace_back("COPY into the view, TRUNCATE and new foreign keys to it do not work. Where that is needed, --rename-by trigger makes a second table and keeps both in step.");
    draft.why = "A view carries the other name while versions of the application for both run; the table itself is renamed in one brief transaction";
    return {};
}

} // namespace howdah::migration::recipes
