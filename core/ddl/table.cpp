// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

namespace howdah::ddl {

namespace {

struct Table {
    std::uint32_t oid = 0;
    std::string name;        ///< qualified and quoted
    std::string bare_name;   ///< as pg_class has it
    char kind = 'r';
    bool is_partition = false;
    [[nodiscard]] std::string foreign() const { return kind == 'f' ? "FOREIGN " : ""; }
};

struct Column {
    std::string name;        ///< quoted
    std::string type;
    std::string collation;   ///< only where it is not the type's
    std::string default_expr;
    std::string not_null;    ///< "", "NOT NULL", "CONSTRAINT x NOT NULL"
    std::string options;     ///< attoptions
    std::string foreign_options;
    std::string comment;
    std::string acl;
    char generated = '\0';
    char storage = '\0';     ///< only where it is not the type's
    char compression = '\0';
    int statistics = -1;
    bool is_local = true;
    bool shown = true;       ///< has a line of its own in CREATE TABLE
    bool default_apart = false;
};

std::vector<Column> readColumns(Writer &writer, const Table &table)
{
    // pg_attver is a mark that servers since 2026 keep among a column's options; nobody can set it.
    // Before 18 a column's NOT NULL is no object; an inherited one that is not declared here is left to the parent.
    const std::string not_null = writer.since(18, R"(
COALESCE((SELECT CASE WHEN NOT o.convalidated OR NOT (o.conislocal OR c.relispartition) THEN ''
                      WHEN o.conname = c.relname || '_' || a.attname || '_not_null' THEN 'NOT NULL'
                      ELSE 'CONSTRAINT ' || quote_ident(o.conname) || ' NOT NULL' END || CASE WHEN o.convalidated AND o.connoinherit AND (o.conislocal OR c.relispartition) THEN ' NO INHERIT' ELSE '' END
          FROM pg_constraint o WHERE o.conrelid = a.attrelid AND o.contype = 'n' AND o.conkey[1] = a.attnum), ''))",
                                              R"(
CASE WHEN a.attnotnull AND (c.relispartition OR NOT EXISTS (
         SELECT FROM pg_inherits i JOIN pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
         WHERE i.inhrelid = a.attrelid AND pa.attnotnull)) THEN 'NOT NULL' ELSE '' END)");
    const auto found = writer.rows(fmt::format(R"(
SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_collation l
            JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
       pg_get_expr(d.adbin, d.adrelid), {}, (SELECT string_agg(o, ', ') FROM unnest(a.attoptions) o WHERE o NOT LIKE 'pg\_attver=%'), {},
       col_description(a.attrelid, a.attnum), a.attacl, a.attgenerated,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, {}, COALESCE(a.attstattarget, -1),
       a.attislocal OR c.relispartition,
       EXISTS (SELECT FROM pg_depend e JOIN pg_class q ON q.oid = e.refobjid AND q.relkind = 'S' JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = e.refobjid
                 AND o.refclassid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.deptype = 'a' AND o.refobjsubid <> 0
               WHERE e.classid = 'pg_attrdef'::regclass AND e.objid = d.oid AND e.refclassid = 'pg_class'::regclass)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)",
                                                   not_null, foreignOptionsSql("a.attfdwoptions"), writer.since(14, "a.attcompression", "''")),
                                   {std::to_string(table.oid)});
    std::vector<Column> columns;
    for (const Record &row : found) {
        Column column;
        column.name = row[0];
        column.type = row[1];
        column.collation = row[2];
        column.default_expr = row[3];
        column.not_null = row[4];
        column.options = row[5];
        column.foreign_options = row[6];
        column.comment = row[7];
        column.acl = row[8];
        column.generated = row.letter(9);
        column.storage = row.letter(10);
        column.compression = row.letter(11);
        column.statistics = row.number<int>(12);
        column.is_local = column.shown = row.flag(13);
        column.default_apart = row.flag(14) || !column.shown;
        columns.push_back(std::move(column));
    }
    return columns;
}

std::string columnLine(const Column &column, bool typed)
{
    std::string line = column.name;
    if (!typed)
        line += " " + column.type;
    std::string rest;
    if (!column.collation.empty())
        rest += " COLLATE " + column.collation;
    if (!column.default_expr.empty() && column.generated == '\0' && !column.default_apart)
        rest += " DEFAULT " + column.default_expr;
    if (column.generated != '\0')
        rest += " GENERATED ALWAYS AS (" + column.default_expr + ")" + (column.generated == 's' ? " STORED" : "");
    if (!column.not_null.empty())
        rest += " " + column.not_null;
    if (typed)
        return rest.empty() ? "" : line + rest;
    return line + rest;
}

std::vector<std::string> inlineChecks(Writer &writer, const Table &table)
{
    std::vector<std::string> lines;
    for (const Record &row : writer.rows(R"(
SELECT quote_ident(o.conname), pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
WHERE o.conrelid = $1::oid AND o.contype = 'c' AND o.convalidated AND (o.conislocal OR c.relispartition) ORDER BY o.conname)", {std::to_string(table.oid)}))
        lines.push_back("CONSTRAINT " + row[0] + " " + row[1]);
    return lines;
}

void writeCreate(Writer &writer, const Table &table, const std::vector<Column> &columns)
{
    const auto row = writer.row(fmt::format(R"(
SELECT c.relpersistence, {}, {}, {}, (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace),
       (SELECT amname FROM pg_am m WHERE m.oid = c.relam AND amname <> 'heap'),
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END,
       (SELECT string_agg(format('%I.%I', n.nspname, p.relname), ', ' ORDER BY i.inhseqno) FROM pg_inherits i
        JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace WHERE i.inhrelid = c.oid AND NOT c.relispartition),
       (SELECT quote_ident(s.srvname) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid)
FROM pg_class c LEFT JOIN pg_class x ON x.oid = c.reltoastrelid WHERE c.oid = $1::oid)",
                                            relationOptionsSql("c.reloptions"), relationOptionsSql("x.reloptions", "toast."),
                                            foreignOptionsSql("(SELECT f.ftoptions FROM pg_foreign_table f WHERE f.ftrelid = c.oid)")),
                                {std::to_string(table.oid)});
    if (!row)
        return;
    const bool typed = !row->isNull(7);
    std::vector<std::string> lines;
    for (const Column &column : columns) {
        if (!column.shown)
            continue;
        if (std::string line = columnLine(column, typed); !line.empty())
            lines.push_back(std::move(line));
    }
    if (writer.major >= 18) {
        for (const Column &column : columns) {
            if (!column.shown && !column.not_null.empty())
                lines.push_back(column.not_null.substr(0, column.not_null.find(" NO INHERIT")) + " " + column.name);
        }
    }
    for (std::string &line : inlineChecks(writer, table))
        lines.push_back(std::move(line));
    std::string sql = fmt::format("CREATE {}{}TABLE {}", (*row)[0] == "u" ? "UNLOGGED " : "", table.foreign(), table.name);
    if (typed)
        sql += " OF " + (*row)[7];
    if (!lines.empty() || !typed)
        sql += lines.empty() ? " (\n" : fmt::format(" (\n    {}\n", fmt::join(lines, ",\n    "));
    if (!lines.empty() || !typed)
        sql += ")";
    if (!row->isNull(8))
        sql += "\nINHERITS (" + (*row)[8] + ")";
    if (!row->isNull(6))
        sql += "\nPARTITION BY " + (*row)[6];
    if (!row->isNull(9)) {
        sql += "\nSERVER " + (*row)[9];
        if (!(*row)[3].empty())
            sql += "\nOPTIONS (\n    " + (*row)[3] + "\n)";
    }
    if (!row->isNull(5))
        sql += "\nUSING " + (*row)[5];
    if (!row->isNull(1) || !row->isNull(2))
        sql += fmt::format("\nWITH ({}{}{})", (*row)[1], !row->isNull(1) && !row->isNull(2) ? ", " : "", (*row)[2]);
    if (!row->isNull(4))
        sql += "\nTABLESPACE " + (*row)[4];
    writer.add(sql + ";");
}

const char *storageName(char storage)
{
    switch (storage) {
    case 'p': return "PLAIN";
    case 'e': return "EXTERNAL";
    case 'm': return "MAIN";
    default: return "EXTENDED";
    }
}

/// What CREATE TABLE does not say of a column.
void writeColumnSettings(Writer &writer, const Table &table, const std::vector<Column> &columns)
{
    const std::string alter = fmt::format("ALTER {}TABLE ONLY {} ALTER COLUMN ", table.foreign(), table.name);
    for (const Column &column : columns) {
        if (!column.shown && !column.not_null.empty() && writer.major < 18)
            writer.add(fmt::format("{}{} SET NOT NULL;", alter, column.name));
        if (column.statistics >= 0)
            writer.add(fmt::format("{}{} SET STATISTICS {};", alter, column.name, column.statistics));
        if (column.storage != '\0')
            writer.add(fmt::format("{}{} SET STORAGE {};", alter, column.name, storageName(column.storage)));
        if (column.compression != '\0')
            writer.add(fmt::format("{}{} SET COMPRESSION {};", alter, column.name, column.compression == 'p' ? "pglz" : "lz4"));
        if (!column.foreign_options.empty())
            writer.add(fmt::format("ALTER FOREIGN TABLE {}{} ALTER COLUMN {} OPTIONS (\n    {}\n);", writer.since(16, "ONLY ", ""), table.name, column.name, column.foreign_options));
        if (!column.options.empty())
            writer.add(fmt::format("{}{} SET ({});", alter, column.name, column.options));
    }
}

void writeReplicaIdentity(Writer &writer, const Table &table)
{
    const auto row = writer.row("SELECT relreplident, relforcerowsecurity, relrowsecurity FROM pg_class WHERE oid = $1::oid", {std::to_string(table.oid)});
    if (!row)
        return;
    if (table.kind != 'f' && ((*row)[0] == "n" || (*row)[0] == "f"))
        writer.add(fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY {};", table.name, (*row)[0] == "n" ? "NOTHING" : "FULL"));
    if (row->flag(1))
        writer.add(fmt::format("ALTER TABLE ONLY {} FORCE ROW LEVEL SECURITY;", table.name));
}

void writeComments(Writer &writer, const Table &table, const std::vector<Column> &columns)
{
    const auto row = writer.row("SELECT obj_description($1::oid, 'pg_class')", {std::to_string(table.oid)});
    if (!row)
        return;
    writer.comment(table.foreign() + "TABLE " + table.name, (*row)[0]);
    for (const Column &column : columns)
        writer.comment("COLUMN " + table.name + "." + column.name, column.comment);
    for (const Record &check : writer.rows("SELECT quote_ident(conname), obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conrelid = $1::oid "
                                           "AND contype IN ('c', 'n') AND convalidated ORDER BY conname", {std::to_string(table.oid)}))
        writer.comment("CONSTRAINT " + check[0] + " ON " + table.name, check[1]);
}

/// Sequences of serial and identity columns.
void writeOwnedSequences(Writer &writer, const Table &table)
{
    const auto found = writer.rows(std::string("SELECT c.oid, d.deptype, quote_ident(a.attname), format('%I.%I', n.nspname, c.relname), a.attidentity, ") + sequenceColumns() + R"(
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND d.deptype IN ('a', 'i')
ORDER BY a.attnum)", {std::to_string(table.oid)});
    for (const Record &row : found) {
        if (row[1] == "a") {
            writeSequence(writer, row.number<std::uint32_t>(0));
            continue;
        }
        writer.add(fmt::format("ALTER {}TABLE {} ALTER COLUMN {} ADD GENERATED {} AS IDENTITY (\n    SEQUENCE NAME {}{}\n);", table.foreign(), table.name, row[2],
                               row[4] == "a" ? "ALWAYS" : "BY DEFAULT", row[3], sequenceBody(row, 5)));
        writeRelationPrivileges(writer, row.number<std::uint32_t>(0));
    }
}

void writeAttach(Writer &writer, const Table &table)
{
    for (const Record &row : writer.rows("SELECT format('%I.%I', n.nspname, p.relname), pg_get_expr(c.relpartbound, c.oid) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid "
                                         "JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace n ON n.oid = p.relnamespace WHERE c.oid = $1::oid AND c.relispartition",
                                         {std::to_string(table.oid)}))
        writer.add(fmt::format("ALTER TABLE ONLY {} ATTACH PARTITION {} {};", row[0], table.name, row[1]));
}

void writeDefaultsApart(Writer &writer, const Table &table, const std::vector<Column> &columns)
{
    for (const Column &column : columns) {
        if (column.default_apart && !column.default_expr.empty() && column.generated == '\0')
            writer.add(fmt::format("ALTER {}TABLE ONLY {} ALTER COLUMN {} SET DEFAULT {};", table.foreign(), table.name, column.name, column.default_expr));
    }
}

} // namespace

void writeTable(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT format('%I.%I', n.nspname, c.relname), c.relname, c.relkind, c.relispartition, quote_ident(pg_get_userbyid(c.relowner)) "
                                "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid", {std::to_string(oid)});
    if (!row)
        return;
    const Table table{oid, (*row)[0], (*row)[1], row->letter(2), row->flag(3)};
    const std::vector<Column> columns = readColumns(writer, table);
    writeCreate(writer, table, columns);
    writeColumnSettings(writer, table, columns);
    writeReplicaIdentity(writer, table);
    writer.owner(table.foreign() + "TABLE", table.name, (*row)[4]);
    writeComments(writer, table, columns);
    writeOwnedSequences(writer, table);
    writeAttach(writer, table);
    writeDefaultsApart(writer, table, columns);
    writeKeys(writer, oid);
    writeIndexes(writer, oid);
    writeStatistics(writer, oid);
    writeRules(writer, oid);
    writeTriggers(writer, oid);
    writeForeignKeys(writer, oid);
    writePolicies(writer, oid);
    writeRelationPrivileges(writer, oid);
}

} // namespace howdah::ddl
