// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

namespace howdah::ddl {

const char *sequenceColumns()
{
    return R"(s.seqstart, s.seqincrement,
 CASE WHEN s.seqincrement > 0 AND s.seqmin = 1 OR s.seqincrement < 0 AND s.seqmin = CASE s.seqtypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648 ELSE -9223372036854775808 END THEN NULL ELSE s.seqmin END,
 CASE WHEN s.seqincrement < 0 AND s.seqmax = -1 OR s.seqincrement > 0 AND s.seqmax = CASE s.seqtypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END THEN NULL ELSE s.seqmax END,
 s.seqcache, s.seqcycle, CASE WHEN s.seqtypid <> 'int8'::regtype THEN format_type(s.seqtypid, NULL) END)";
}

std::string sequenceBody(const Record &row, std::size_t first)
{
    return fmt::format("\n    START WITH {}\n    INCREMENT BY {}\n    {}\n    {}\n    CACHE {}{}", row[first], row[first + 1],
                       row.isNull(first + 2) ? "NO MINVALUE" : "MINVALUE " + row[first + 2], row.isNull(first + 3) ? "NO MAXVALUE" : "MAXVALUE " + row[first + 3],
                       row[first + 4], row.flag(first + 5) ? "\n    CYCLE" : "");
}

void writeSequence(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(std::string("SELECT format('%I.%I', n.nspname, c.relname), c.relpersistence, quote_ident(pg_get_userbyid(c.relowner)), obj_description(c.oid, 'pg_class'), "
                                            "(SELECT format('%I.%I.%I', tn.nspname, t.relname, a.attname) FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid "
                                            "JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid "
                                            "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'), "
                                            "(SELECT format('ALTER TABLE %I.%I ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (', tn.nspname, t.relname, a.attname, "
                                            "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END) FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid "
                                            "JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid "
                                            "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'), ") +
                                    sequenceColumns() + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.oid = $1::oid",
                                {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    if (!row->isNull(5)) {
        writer.add(fmt::format("{}\n    SEQUENCE NAME {}{}\n);", (*row)[5], name, sequenceBody(*row, 6)));
        return writeRelationPrivileges(writer, oid);
    }
    writer.add(fmt::format("CREATE {}SEQUENCE {}{}{};", (*row)[1] == "u" ? "UNLOGGED " : "", name, row->isNull(12) ? "" : "\n    AS " + (*row)[12], sequenceBody(*row, 6)));
    writer.owner("SEQUENCE", name, (*row)[2]);
    writer.comment("SEQUENCE " + name, (*row)[3]);
    if (!row->isNull(4))
        writer.add(fmt::format("ALTER SEQUENCE {} OWNED BY {};", name, (*row)[4]));
    writeRelationPrivileges(writer, oid);
}

} // namespace howdah::ddl
