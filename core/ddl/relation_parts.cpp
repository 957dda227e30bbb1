// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"
#include "core/sql/quote.h"

namespace howdah::ddl {

namespace {

std::vector<pg::Parameter> oids(std::uint32_t relation, std::uint32_t only)
{
    return {std::to_string(relation), std::to_string(only)};
}

} // namespace

void writeKeys(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    const auto found = writer.rows(fmt::format(R"(
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(o.conname), o.contype, pg_get_constraintdef(o.oid),
       x.indisclustered, x.indisreplident, obj_description(o.oid, 'pg_constraint'),
       (SELECT quote_ident(s.spcname) FROM pg_class ic JOIN pg_tablespace s ON s.oid = ic.reltablespace WHERE ic.oid = o.conindid),
       (SELECT format('%I.%I', n.nspname, relname) FROM pg_class WHERE oid = o.conindid),
       (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = o.conindid), c.relkind = 'f', o.condeferrable, o.condeferred, {}
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = o.conindid
WHERE o.conrelid = $1::oid AND (o.contype IN ('p', 'u', 'x') OR o.contype IN ('c'{}) AND NOT o.convalidated AND (o.conislocal OR c.relispartition))
  AND $2::oid IN (0, o.oid)
ORDER BY o.contype = 'c', o.contype <> 'p', o.conname)", relationOptionsSql("(SELECT reloptions FROM pg_class WHERE oid = o.conindid AND o.contype IN ('p', 'u'))"), writer.since(18, ", 'n'", "")), oids(relation, only));
    for (const Record &row : found) {
        const bool index = row[2] != "c" && row[2] != "n";
        std::string definition = row[3];
        if (!row.isNull(13)) {
            // pg_get_constraintdef() is silent about storage parameters; their place is before DEFERRABLE.
            const std::string_view tail = row.flag(12) ? " DEFERRABLE INITIALLY DEFERRED" : row.flag(11) ? " DEFERRABLE" : "";
            definition.insert(definition.size() - tail.size(), " WITH (" + row[13] + ")");
        }
        writer.add(fmt::format("ALTER {}TABLE {}{}\n    ADD CONSTRAINT {} {};", row.flag(10) ? "FOREIGN " : "", index ? "ONLY " : "", row[0], row[1], definition));
        if (row.flag(4))
            writer.add(fmt::format("ALTER TABLE {} CLUSTER ON {};", row[0], row[1]));
        if (row.flag(5))
            writer.add(fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY USING INDEX {};", row[0], row[1]));
        if (!row.isNull(7))
            writer.add(fmt::format("ALTER INDEX {} SET TABLESPACE {};", row[8], row[7]));
        writer.comment(fmt::format("CONSTRAINT {} ON {}", row[1], row[0]), row[6]);
        if (!row.isNull(9))
            writer.add(fmt::format("ALTER INDEX {} ATTACH PARTITION {};", row[9], row[8]));
    }
}

void writeIndexes(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    const auto found = writer.rows(R"(
SELECT x.indexrelid, format('%I.%I', n.nspname, c.relname), pg_get_indexdef(x.indexrelid), x.indisclustered, x.indisreplident,
       format('%I.%I', tn.nspname, t.relname), quote_ident(c.relname), obj_description(c.oid, 'pg_class'),
       (SELECT quote_ident(spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace),
       (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid), x.indisvalid OR c.relkind = 'I'
FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE x.indrelid = $1::oid AND $2::oid IN (0, x.indexrelid)
  AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY c.relname)", oids(relation, only));
    for (const Record &row : found) {
        // pg_dump leaves invalid indexes out; a person who looks at one wants to see it, and what is wrong with it.
        if (!row.flag(10)) {
            writer.note(row[1] + " is invalid: its build was broken off. pg_dump leaves it out.");
            if (only == 0)
                continue;
        }
        writer.add(row[2] + ";");
        for (const Record &column : writer.rows("SELECT attnum, attstattarget FROM pg_attribute WHERE attrelid = $1::oid AND attstattarget >= 0 ORDER BY attnum", {row[0]}))
            writer.add(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {};", row[1], column[0], column[1]));
        if (row.flag(3))
            writer.add(fmt::format("ALTER TABLE {} CLUSTER ON {};", row[5], row[6]));
        if (row.flag(4))
            writer.add(fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY USING INDEX {};", row[5], row[6]));
        if (!row.isNull(8))
            writer.add(fmt::format("ALTER INDEX {} SET TABLESPACE {};", row[1], row[8]));
        writer.comment("INDEX " + row[1], row[7]);
        if (!row.isNull(9))
            writer.add(fmt::format("ALTER INDEX {} ATTACH PARTITION {};", row[9], row[1]));
    }
}

void writeIndex(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT x.indrelid, COALESCE((SELECT o.oid FROM pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x')), 0) "
                                "FROM pg_index x WHERE x.indexrelid = $1::oid", {std::to_string(oid)});
    if (!row)
        return;
    const auto relation = row->number<std::uint32_t>(0);
    if (const auto constraint = row->number<std::uint32_t>(1); constraint != 0)
        writeKeys(writer, relation, constraint);
    else
        writeIndexes(writer, relation, oid);
}

void writeStatistics(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    for (const Record &row : writer.rows(R"(
SELECT pg_get_statisticsobjdef(x.oid), format('%I.%I', n.nspname, x.stxname), quote_ident(pg_get_userbyid(x.stxowner)), COALESCE(x.stxstattarget, -1),
       obj_description(x.oid, 'pg_statistic_ext')
FROM pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace WHERE x.stxrelid = $1::oid AND $2::oid IN (0, x.oid) ORDER BY x.stxname)", oids(relation, only))) {
        writer.add(row[0] + ";");
        if (row.number<int>(3) >= 0)
            writer.add(fmt::format("ALTER STATISTICS {} SET STATISTICS {};", row[1], row[3]));
        writer.owner("STATISTICS", row[1], row[2]);
        writer.comment("STATISTICS " + row[1], row[4]);
    }
}

namespace {

/// DISABLE and the like for a trigger or rule; "" for what fires as it was made.
std::string firing(const std::string &table, bool foreign, const char *what, const std::string &name, char enabled)
{
    const char *words = enabled == 'D' ? "DISABLE" : enabled == 'A' ? "ENABLE ALWAYS" : enabled == 'R' ? "ENABLE REPLICA" : "ENABLE";
    return fmt::format("ALTER {}TABLE {} {} {} {};", foreign ? "FOREIGN " : "", table, words, what, name);
}

} // namespace

void writeRules(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    for (const Record &row : writer.rows(R"(
SELECT pg_get_ruledef(r.oid), quote_ident(r.rulename), format('%I.%I', n.nspname, c.relname), r.ev_enabled, obj_description(r.oid, 'pg_rewrite')
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_class = $1::oid AND r.rulename <> '_RETURN' AND $2::oid IN (0, r.oid) ORDER BY r.rulename)", oids(relation, only))) {
        writer.add(row[0]);
        if (row[3] != "O")
            writer.add(firing(row[2], false, "RULE", row[1], row.letter(3)));
        writer.comment(fmt::format("RULE {} ON {}", row[1], row[2]), row[4]);
    }
}

void writeTriggers(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    // A partition's copy of its parent's trigger is made with the parent's; only whether it fires may differ.
    for (const Record &row : writer.rows(R"(
SELECT pg_get_triggerdef(t.oid, false), quote_ident(t.tgname), format('%I.%I', n.nspname, c.relname), t.tgenabled,
       obj_description(t.oid, 'pg_trigger'), t.tgparentid <> 0, c.relkind = 'f'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger u ON u.oid = t.tgparentid
WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND (t.tgparentid = 0 OR t.tgenabled <> u.tgenabled OR $2::oid = t.oid)
  AND $2::oid IN (0, t.oid) ORDER BY t.tgname)", oids(relation, only))) {
        const bool copied = row.flag(5);
        if (!copied || only != 0)
            writer.add(row[0] + ";");
        if (row[3] != "O" || (copied && only == 0))
            writer.add(firing(row[2], row.flag(6), "TRIGGER", row[1], row.letter(3)));
        writer.comment(fmt::format("TRIGGER {} ON {}", row[1], row[2]), row[4]);
    }
}

void writeForeignKeys(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    for (const Record &row : writer.rows(R"(
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(o.conname), pg_get_constraintdef(o.oid), obj_description(o.oid, 'pg_constraint'), c.relkind
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE o.conrelid = $1::oid AND o.contype = 'f' AND (o.conparentid = 0 OR $2::oid = o.oid) AND $2::oid IN (0, o.oid) ORDER BY o.conname)", oids(relation, only))) {
        writer.add(fmt::format("ALTER TABLE {}{}\n    ADD CONSTRAINT {} {};", row[4] == "p" ? "" : "ONLY ", row[0], row[1], row[2]));
        writer.comment(fmt::format("CONSTRAINT {} ON {}", row[1], row[0]), row[3]);
    }
}

void writePolicies(Writer &writer, std::uint32_t relation, std::uint32_t only)
{
    const auto table = writer.row("SELECT format('%I.%I', n.nspname, c.relname), c.relrowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                                  {std::to_string(relation)});
    if (!table)
        return;
    if (table->flag(1) && only == 0)
        writer.add(fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", (*table)[0]));
    for (const Record &row : writer.rows(R"(
SELECT quote_ident(p.polname), p.polpermissive, p.polcmd,
       CASE WHEN p.polroles = '{0}' THEN NULL ELSE array_to_string(ARRAY(SELECT quote_ident(r.rolname) FROM pg_roles r WHERE r.oid = ANY (p.polroles)), ', ') END,
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy')
FROM pg_policy p WHERE p.polrelid = $1::oid AND $2::oid IN (0, p.oid) ORDER BY p.polname)", oids(relation, only))) {
        std::string sql = fmt::format("CREATE POLICY {} ON {}", row[0], (*table)[0]);
        if (!row.flag(1))
            sql += " AS RESTRICTIVE";
        switch (row.letter(2)) {
        case 'r': sql += " FOR SELECT"; break;
        case 'a': sql += " FOR INSERT"; break;
        case 'w': sql += " FOR UPDATE"; break;
        case 'd': sql += " FOR DELETE"; break;
        default: break;
        }
        if (!row.isNull(3))
            sql += " TO " + row[3];
        if (!row.isNull(4))
            sql += " USING (" + row[4] + ")";
        if (!row.isNull(5))
            sql += " WITH CHECK (" + row[5] + ")";
        writer.add(sql + ";");
        writer.comment(fmt::format("POLICY {} ON {}", row[0], (*table)[0]), row[6]);
    }
}

void writeRelationPrivileges(Writer &writer, std::uint32_t relation)
{
    const auto row = writer.row("SELECT format('%I.%I', n.nspname, c.relname), c.relkind, c.relowner, c.relacl FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                                {std::to_string(relation)});
    if (!row)
        return;
    const bool sequence = (*row)[1] == "S";
    Writer::Privileges of{sequence ? "SEQUENCE" : "TABLE", (*row)[0], sequence ? 's' : 'r', row->number<std::uint32_t>(2), (*row)[3], {}};
    writer.privileges(of);
    for (const Record &column : writer.rows("SELECT quote_ident(attname), attacl FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attacl IS NOT NULL ORDER BY attnum",
                                            {std::to_string(relation)})) {
        of.column = column[0];
        of.acl = column[1];
        writer.privileges(of);
    }
}

} // namespace howdah::ddl
