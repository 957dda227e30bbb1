// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

namespace howdah::ddl {

namespace {

constexpr const char *collation_sql = "(SELECT format('%I.%I', n.nspname, l.collname) FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = {})";

void writeEnum(Writer &writer, std::uint32_t oid, const std::string &name)
{
    const auto row = writer.row("SELECT string_agg(quote_literal(enumlabel), E',\\n    ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = $1::oid", {std::to_string(oid)});
    if (row)
        writer.add(fmt::format("CREATE TYPE {} AS ENUM (\n    {}\n);", name, (*row)[0]));
}

void writeComposite(Writer &writer, std::uint32_t oid, const std::string &name)
{
    std::vector<std::string> lines;
    std::vector<std::pair<std::string, std::string>> comments;
    for (const Record &row : writer.rows(fmt::format(R"(
SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> at.typcollation THEN {} END, col_description(a.attrelid, a.attnum)
FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid JOIN pg_type at ON at.oid = a.atttypid
WHERE t.oid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)", fmt::format(collation_sql, "a.attcollation")), {std::to_string(oid)})) {
        lines.push_back(row[0] + " " + row[1] + (row.isNull(2) ? "" : " COLLATE " + row[2]));
        comments.emplace_back(row[0], row[3]);
    }
    writer.add(lines.empty() ? fmt::format("CREATE TYPE {} AS (\n);", name) : fmt::format("CREATE TYPE {} AS (\n\t{}\n);", name, fmt::join(lines, ",\n\t")));
    for (const auto &[column, text] : comments)
        writer.comment("COLUMN " + name + "." + column, text);
}

void writeDomain(Writer &writer, std::uint32_t oid, const std::string &name)
{
    const auto row = writer.row(fmt::format(R"(
SELECT format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typcollation <> b.typcollation THEN {} END, t.typnotnull,
       COALESCE(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)), {}
FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.oid = $1::oid)", fmt::format(collation_sql, "t.typcollation"),
        writer.since(17, "(SELECT CASE WHEN o.conname <> t.typname || '_not_null' THEN 'CONSTRAINT ' || quote_ident(o.conname) || ' ' ELSE '' END FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'n')", "NULL")), {std::to_string(oid)});
    if (!row)
        return;
    std::string sql = fmt::format("CREATE DOMAIN {} AS {}", name, (*row)[0]);
    if (!row->isNull(1))
        sql += " COLLATE " + (*row)[1];
    if (row->flag(2))
        sql += " " + (*row)[4] + "NOT NULL";
    if (!row->isNull(3))
        sql += " DEFAULT " + (*row)[3];
    const auto checks = writer.rows("SELECT quote_ident(conname), pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint') FROM pg_constraint "
                                    "WHERE contypid = $1::oid AND contype = 'c' ORDER BY conname", {std::to_string(oid)});
    for (const Record &check : checks) {
        if (check.flag(2))
            sql += fmt::format("\n\tCONSTRAINT {} {}", check[0], check[1]);
    }
    writer.add(sql + ";");
    for (const Record &check : checks) {
        if (!check.flag(2))
            writer.add(fmt::format("ALTER DOMAIN {}\n    ADD CONSTRAINT {} {};", name, check[0], check[1]));
        writer.comment(fmt::format("CONSTRAINT {} ON DOMAIN {}", check[0], name), check[3]);
    }
}

void writeRange(Writer &writer, std::uint32_t oid, const std::string &name)
{
    const auto row = writer.row(fmt::format(R"(
SELECT array_to_string(ARRAY['subtype = ' || format_type(r.rngsubtype, NULL), {},
  CASE WHEN NOT c.opcdefault THEN 'subtype_opclass = ' || (SELECT quote_ident(nspname) FROM pg_namespace WHERE oid = c.opcnamespace) || '.' || quote_ident(c.opcname) END,
  CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> s.typcollation THEN 'collation = ' || {} END,
  CASE WHEN r.rngcanonical <> 0 THEN 'canonical = ' || r.rngcanonical::oid::regproc END,
  CASE WHEN r.rngsubdiff <> 0 THEN 'subtype_diff = ' || r.rngsubdiff::oid::regproc END], E',\n    ')
FROM pg_range r JOIN pg_type s ON s.oid = r.rngsubtype JOIN pg_opclass c ON c.oid = r.rngsubopc WHERE r.rngtypid = $1::oid)",
                                            writer.since(14, "'multirange_type_name = ' || (SELECT format('%I.%I', mn.nspname, m.typname) FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid)", "NULL"),
                                            fmt::format(collation_sql, "r.rngcollation")), {std::to_string(oid)});
    if (row)
        writer.add(fmt::format("CREATE TYPE {} AS RANGE (\n    {}\n);", name, (*row)[0]));
}

/// A base type: the shell that its functions are written against, then the type itself.
void writeBase(Writer &writer, std::uint32_t oid, const std::string &name)
{
    const auto row = writer.row(fmt::format(R"(
SELECT array_to_string(ARRAY['INTERNALLENGTH = ' || CASE WHEN t.typlen > 0 THEN t.typlen::text ELSE 'variable' END,
  'INPUT = ' || t.typinput, 'OUTPUT = ' || t.typoutput,
  CASE WHEN t.typreceive <> 0 THEN 'RECEIVE = ' || t.typreceive END, CASE WHEN t.typsend <> 0 THEN 'SEND = ' || t.typsend END,
  CASE WHEN t.typmodin <> 0 THEN 'TYPMOD_IN = ' || t.typmodin END, CASE WHEN t.typmodout <> 0 THEN 'TYPMOD_OUT = ' || t.typmodout END,
  CASE WHEN t.typanalyze <> 0 THEN 'ANALYZE = ' || t.typanalyze END, CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END,
  'DEFAULT = ' || quote_literal(t.typdefault), {},
  CASE WHEN t.typelem <> 0 THEN 'ELEMENT = ' || format_type(t.typelem, NULL) END,
  CASE WHEN t.typcategory <> 'U' THEN 'CATEGORY = ' || quote_literal(t.typcategory::text) END, CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
  CASE WHEN t.typdelim <> ',' THEN 'DELIMITER = ' || quote_literal(t.typdelim::text) END,
  'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
  'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END,
  CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END], E',\n    '), t.typisdefined
FROM pg_type t WHERE t.oid = $1::oid)", writer.since(14, "CASE WHEN t.typsubscript <> 0 THEN 'SUBSCRIPT = ' || t.typsubscript END", "NULL")), {std::to_string(oid)});
    if (!row)
        return;
    writer.add(fmt::format("CREATE TYPE {};", name));
    if (row->flag(1))
        writer.add(fmt::format("CREATE TYPE {} (\n    {}\n);", name, (*row)[0]));
    else
        writer.note("A shell type: it is named, and not defined yet.");
}

} // namespace

void writeType(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT format('%I.%I', n.nspname, t.typname), t.typtype, quote_ident(pg_get_userbyid(t.typowner)), t.typowner, t.typacl, "
                                "COALESCE(obj_description(t.oid, 'pg_type'), obj_description(t.typrelid, 'pg_class')) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1::oid",
                                {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    const std::string what = (*row)[1] == "d" ? "DOMAIN" : "TYPE";
    switch (row->letter(1)) {
    case 'e': writeEnum(writer, oid, name); break;
    case 'c': writeComposite(writer, oid, name); break;
    case 'd': writeDomain(writer, oid, name); break;
    case 'r': writeRange(writer, oid, name); break;
    case 'b':
    case 'p': writeBase(writer, oid, name); break;
    default: // a multirange comes with its range
        writer.error = fail(ErrorKind::Unsupported, "The server makes this type together with the range that it is of.", "Ask for the range type.").value();
        return;
    }
    writer.owner(what, name, (*row)[2]);
    writer.comment(what + " " + name, (*row)[5]);
    writer.privileges({"TYPE", name, 'T', row->number<std::uint32_t>(3), (*row)[4], {}});
}

} // namespace howdah::ddl
