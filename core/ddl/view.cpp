// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

namespace howdah::ddl {

namespace {

void writeColumnParts(Writer &writer, const std::string &name, std::uint32_t oid)
{
    for (const Record &row : writer.rows(R"(
SELECT quote_ident(a.attname), pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)", {std::to_string(oid)})) {
        if (!row.isNull(1))
            writer.add(fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} SET DEFAULT {};", name, row[0], row[1]));
        writer.comment("COLUMN " + name + "." + row[0], row[2]);
    }
}

} // namespace

void writeView(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(fmt::format(R"(
SELECT format('%I.%I', n.nspname, c.relname), c.relkind, pg_get_viewdef(c.oid), {},
       (SELECT upper(option_value) FROM pg_options_to_table(c.reloptions) WHERE option_name = 'check_option'),
       quote_ident(pg_get_userbyid(c.relowner)), obj_description(c.oid, 'pg_class'),
       (SELECT quote_ident(spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace),
       (SELECT amname FROM pg_am m WHERE m.oid = c.relam AND amname <> 'heap')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid)", relationOptionsSql("c.reloptions")), {std::to_string(oid)});
    if (!row)
        return;
    const bool materialized = (*row)[1] == "m";
    const std::string &name = (*row)[0];
    const std::string what = materialized ? "MATERIALIZED VIEW" : "VIEW";
    std::string query = (*row)[2];
    if (!query.empty() && query.back() == ';')
        query.pop_back();
    std::string sql = fmt::format("CREATE {} {}", what, name);
    if (!row->isNull(8))
        sql += " USING " + (*row)[8];
    if (!row->isNull(3))
        sql += " WITH (" + (*row)[3] + ")";
    if (!row->isNull(7))
        sql += " TABLESPACE " + (*row)[7];
    sql += " AS\n" + query;
    if (!row->isNull(4))
        sql += fmt::format("\n  WITH {} CHECK OPTION", (*row)[4]);
    writer.add(sql + (materialized ? "\n  WITH NO DATA;" : ";"));
    // Up to 15 pg_dump says ALTER TABLE here; either is understood by all of them.
    writer.owner(what, name, (*row)[5]);
    writer.comment(what + " " + name, (*row)[6]);
    writeColumnParts(writer, name, oid);
    writeIndexes(writer, oid);
    writeStatistics(writer, oid);
    writeRules(writer, oid);
    writeTriggers(writer, oid);
    writeRelationPrivileges(writer, oid);
}

} // namespace howdah::ddl
