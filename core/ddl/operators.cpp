// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

// Operators, operator classes and operator families: pg_operator, pg_opclass, pg_opfamily, pg_amop, pg_amproc.

namespace howdah::ddl {

namespace {

// Under the bare search path the server writes operators and functions with their schema, and those of pg_catalog without,
// as pg_dump does.
constexpr const char *operator_sql = R"(
SELECT quote_ident(n.nspname) || '.' || o.oprname, o.oprcode::regproc,
       CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END, CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
       (SELECT quote_ident(cn.nspname) || '.' || c.oprname FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
       (SELECT quote_ident(cn.nspname) || '.' || c.oprname FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
       o.oprcanmerge, o.oprcanhash, CASE WHEN o.oprrest <> 0 THEN o.oprrest::regproc::text END, CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::regproc::text END,
       quote_ident(pg_get_userbyid(o.oprowner)), obj_description(o.oid, 'pg_operator')
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = $1::oid)";

// What an operator class or family consists of: the members that pg_depend says are its own.
constexpr const char *members_sql = R"(
SELECT format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator)
       || COALESCE((SELECT format(' FOR ORDER BY %I.%I', fn.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace
                    WHERE f.oid = a.amopsortfamily), '')
FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refobjid = $1::oid
WHERE d.refclassid = to_regclass('pg_catalog.' || $2) ORDER BY a.amopstrategy, 1)";
constexpr const char *functions_sql = R"(
SELECT format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL), format_type(a.amprocrighttype, NULL), a.amproc::regprocedure)
FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refobjid = $1::oid
WHERE d.refclassid = to_regclass('pg_catalog.' || $2) ORDER BY a.amprocnum, 1)";

std::vector<std::string> members(Writer &writer, std::uint32_t oid, const char *catalog)
{
    std::vector<std::string> lines;
    for (const char *sql : {members_sql, functions_sql}) {
        for (const Record &row : writer.rows(sql, {std::to_string(oid), std::string(catalog)}))
            lines.push_back(row[0]);
    }
    return lines;
}

} // namespace

void writeOperator(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(operator_sql, {std::to_string(oid)});
    if (!row)
        return;
    std::vector<std::string> lines{"FUNCTION = " + (*row)[1]};
    if (!row->isNull(2))
        lines.push_back("LEFTARG = " + (*row)[2]);
    if (!row->isNull(3))
        lines.push_back("RIGHTARG = " + (*row)[3]);
    if (!row->isNull(4))
        lines.push_back("COMMUTATOR = OPERATOR(" + (*row)[4] + ")");
    if (!row->isNull(5))
        lines.push_back("NEGATOR = OPERATOR(" + (*row)[5] + ")");
    if (row->flag(6))
        lines.emplace_back("MERGES");
    if (row->flag(7))
        lines.emplace_back("HASHES");
    if (!row->isNull(8))
        lines.push_back("RESTRICT = " + (*row)[8]);
    if (!row->isNull(9))
        lines.push_back("JOIN = " + (*row)[9]);
    writer.add(fmt::format("CREATE OPERATOR {} (\n    {}\n);", (*row)[0], fmt::join(lines, ",\n    ")));
    const std::string identity = fmt::format("{} ({}, {})", (*row)[0], row->isNull(2) ? "NONE" : (*row)[2], row->isNull(3) ? "NONE" : (*row)[3]);
    writer.owner("OPERATOR", identity, (*row)[10]);
    writer.comment("OPERATOR " + identity, (*row)[11]);
}

void writeOperatorClass(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, c.opcname), quote_ident(am.amname), c.opcdefault, format_type(c.opcintype, NULL),
       format('%I.%I', fn.nspname, f.opfname), CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END,
       quote_ident(pg_get_userbyid(c.opcowner)), obj_description(c.oid, 'pg_opclass')
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am am ON am.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE c.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    std::vector<std::string> lines;
    if (!row->isNull(5))
        lines.push_back("STORAGE " + (*row)[5]);
    for (std::string &member : members(writer, oid, "pg_opclass"))
        lines.push_back(std::move(member));
    if (lines.empty()) // the grammar wants something, and this changes nothing
        lines.push_back("STORAGE " + (*row)[3]);
    writer.add(fmt::format("CREATE OPERATOR CLASS {}\n    {}FOR TYPE {} USING {} FAMILY {} AS\n    {};", (*row)[0], row->flag(2) ? "DEFAULT " : "", (*row)[3],
                           (*row)[1], (*row)[4], fmt::join(lines, " ,\n    ")));
    const std::string identity = (*row)[0] + " USING " + (*row)[1];
    writer.owner("OPERATOR CLASS", identity, (*row)[6]);
    writer.comment("OPERATOR CLASS " + identity, (*row)[7]);
}

void writeOperatorFamily(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, f.opfname), quote_ident(am.amname), quote_ident(pg_get_userbyid(f.opfowner)), obj_description(f.oid, 'pg_opfamily')
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod WHERE f.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    const std::string identity = (*row)[0] + " USING " + (*row)[1];
    writer.add(fmt::format("CREATE OPERATOR FAMILY {};", identity));
    writer.owner("OPERATOR FAMILY", identity, (*row)[2]);
    writer.comment("OPERATOR FAMILY " + identity, (*row)[3]);
    // Those of its classes stand with the classes.
    if (const auto loose = members(writer, oid, "pg_opfamily"); !loose.empty())
        writer.add(fmt::format("ALTER OPERATOR FAMILY {} ADD\n    {};", identity, fmt::join(loose, " ,\n    ")));
}

} // namespace howdah::ddl
