// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/as_written.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

std::string rangeName(const Node &range)
{
    return sql::quoteQualified(range.text("schemaname"), range.text("relname"));
}

std::string undoOfCommand(const Wish &wish)
{
    const std::string on = wish.table != nullptr ? wish.on() : rangeName(wish.statement.get("relation"));
    const std::string name = wish.command.text("name"), column = sql::quoteIdentifier(name);
    const pg::CatalogColumn *found = wish.table == nullptr ? nullptr : columnOf(*wish.table, name);
    const auto alter = [&](const std::string &what) { return fmt::format("ALTER TABLE {} {}", on, what); };
    if (wish.kind == "AT_AddColumn")
        return alter("DROP COLUMN IF EXISTS " + sql::quoteIdentifier(wish.command.get("def").text("colname")));
    if (wish.kind == "AT_ColumnDefault" && found != nullptr)
        return alter(fmt::format("ALTER COLUMN {} {}", column, found->default_expr.empty() ? "DROP DEFAULT" : "SET DEFAULT " + found->default_expr));
    if (wish.kind == "AT_SetNotNull")
        return alter(fmt::format("ALTER COLUMN {} DROP NOT NULL", column));
    if (wish.kind == "AT_DropNotNull")
        return alter(fmt::format("ALTER COLUMN {} SET NOT NULL", column));
    if (wish.kind == "AT_AlterColumnType" && found != nullptr)
        return alter(fmt::format("ALTER COLUMN {} TYPE {}", column, found->type));
    if (wish.kind == "AT_AddConstraint" && !wish.command.get("def").text("conname").empty())
        return alter("DROP CONSTRAINT IF EXISTS " + sql::quoteIdentifier(wish.command.get("def").text("conname")));
    if (wish.kind == "AT_DropConstraint" && wish.table != nullptr) {
        for (const pg::CatalogConstraint &constraint : wish.table->constraints) {
            if (constraint.name == name)
                return alter(fmt::format("ADD CONSTRAINT {} {}{}", column, constraint.definition, (constraint.type == 'c' || constraint.type == 'f') && constraint.validated ? " NOT VALID" : ""));
        }
    }
    return {};
}

std::string undoOf(const Wish &wish)
{
    if (wish.command.exists())
        return undoOfCommand(wish);
    if (wish.kind == "CreateStmt")
        return "DROP TABLE IF EXISTS " + rangeName(wish.statement.get("relation"));
    if (wish.kind == "ViewStmt" && !wish.statement.flag("replace"))
        return "DROP VIEW IF EXISTS " + rangeName(wish.statement.get("view"));
    if (wish.kind == "CreateSeqStmt")
        return "DROP SEQUENCE IF EXISTS " + rangeName(wish.statement.get("sequence"));
    if (wish.kind == "CreateSchemaStmt")
        return "DROP SCHEMA IF EXISTS " + sql::quoteIdentifier(wish.statement.text("schemaname"));
    if (wish.kind == "CreateTrigStmt")
        return fmt::format("DROP TRIGGER IF EXISTS {} ON {}", sql::quoteIdentifier(wish.statement.text("trigname")), rangeName(wish.statement.get("relation")));
    if (wish.kind == "IndexStmt" && !wish.statement.text("idxname").empty())
        return "DROP INDEX IF EXISTS " + sql::quoteQualified(wish.statement.get("relation").text("schemaname"), wish.statement.text("idxname"));
    if (wish.kind == "RenameStmt" && wish.statement.text("renameType") == "OBJECT_INDEX")
        return fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(wish.statement.get("relation").text("schemaname"), wish.statement.text("newname")), sql::quoteIdentifier(wish.statement.get("relation").text("relname")));
    if (wish.kind == "RenameStmt" && wish.statement.text("renameType") == "OBJECT_TABCONSTRAINT")
        return fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", rangeName(wish.statement.get("relation")), sql::quoteIdentifier(wish.statement.text("newname")), sql::quoteIdentifier(wish.statement.text("subname")));
    return {};
}

std::string lockOn(const Wish &wish)
{
    if (wish.table == nullptr)
        return {};
    const auto found = wish.naive.locks.find(wish.on());
    return found == wish.naive.locks.end() ? std::string() : found->second;
}

std::string clipped(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() <= 90)
        return text;
    std::size_t cut = 87;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U)
        --cut;
    return text.substr(0, cut) + "…";
}

void reasonOf(const Wish &wish, Written &out)
{
    const bool known_table = wish.table != nullptr;
    if (keepsWaiting(wish.naive)) {
        bool fresh = wish.command.exists() || wish.kind == "IndexStmt";
        if (fresh && !known_table) {
            out.reason = "The script itself makes the table: nobody uses it yet";
            return;
        }
        out.approach = Approach::NoSafePath;
        out.reason = "It works on the rows while others wait, and no recipe knows a way around that";
        return;
    }
    if (wish.kind.rfind("AT_", 0) == 0 && !known_table) {
        out.reason = "The script itself makes the table: nobody uses it yet";
    } else if (wish.kind == "AT_ValidateConstraint") {
        out.reason = "The rows are read beside reads and writes";
    } else if (wish.naive.locks.empty()) {
        out.reason = "It locks no table that is there";
    } else {
        const std::string lock = strongestLock({wish.naive});
        const bool brief = lock == "ACCESS EXCLUSIVE" || lock == "EXCLUSIVE" || lock == "SHARE ROW EXCLUSIVE" || lock == "SHARE";
        out.reason = brief ? "Only the catalog changes: with a short lock_timeout and retries nobody waits long" : "Reads and writes go on beside it";
    }
}

} // namespace

Written writtenStep(const Ground &, const Wish &wish)
{
    Written out;
    if (wish.kind == "AT_AttachPartition" || wish.kind == "AT_DetachPartition" || wish.kind == "AT_DetachPartitionFinalize") {
        out.approach = Approach::HandedOver;
        out.reason = "Partitions are attached and detached by the partition tool, which knows their bounds, default partition and indexes: howdah-cli partition";
        return out;
    }
    reasonOf(wish, out);
    ChangeStep &step = out.step;
    step.title = clipped(wish.clause.empty() ? wish.sql : wish.clause);
    step.sql = wish.sql;
    step.in_transaction = wish.naive.in_transaction;
    if (!step.in_transaction || wish.kind == "AT_ValidateConstraint" || wish.kind == "VacuumStmt")
        step.lock_policy = LockPolicy::Patient;
    step.undo_sql = undoOf(wish);
    if (step.undo_sql.empty())
        step.no_undo_reason = "No way back is known for this statement";
    out.lock = lockOn(wish);
    out.merges = wish.kind.rfind("AT_", 0) == 0 && !wish.clause.empty() && wish.table != nullptr && !keepsWaiting(wish.naive) && wish.kind != "AT_ValidateConstraint" && wish.kind != "AT_DropConstraint";
    return out;
}

std::string fingerprintSql(const std::string &names)
{
    return "WITH t AS (SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE (n.nspname, c.relname) IN ("
        + names
        + "))\nSELECT string_agg(line, E'\\n' ORDER BY line) FROM (\n"
          "SELECT 'relation ' || name || ' ' || relkind::text AS line FROM t\n"
          "UNION ALL SELECT 'column ' || name || '.' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
          "UNION ALL SELECT 'default ' || name || '.' || quote_ident(a.attname) || ' ' || pg_get_expr(d.adbin, d.adrelid) FROM t JOIN pg_attrdef d ON d.adrelid = t.oid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.adnum\n"
          "UNION ALL SELECT 'constraint ' || name || ' ' || quote_ident(o.conname) || ' ' || pg_get_constraintdef(o.oid) FROM t JOIN pg_constraint o ON o.conrelid = t.oid\n"
          "UNION ALL SELECT 'index ' || pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' invalid' END FROM t JOIN pg_index x ON x.indrelid = t.oid\n"
          "UNION ALL SELECT 'trigger ' || pg_get_triggerdef(g.oid) FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal) AS lines";
}

} // namespace howdah::migration::recipes
