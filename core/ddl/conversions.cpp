// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

// What turns one thing into another: casts, collations, encoding conversions, transforms, and languages.

namespace howdah::ddl {

void writeCast(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format_type(castsource, NULL), format_type(casttarget, NULL), castmethod, castcontext,
       CASE WHEN castfunc <> 0 THEN (SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
                                     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = castfunc) END,
       obj_description(oid, 'pg_cast'), EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = pg_cast.oid AND d.deptype = 'i')
FROM pg_cast WHERE oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    if (row->flag(6))
        writer.note("The server makes this cast together with its range type.");
    const std::string types = fmt::format("({} AS {})", (*row)[0], (*row)[1]);
    const std::string how = (*row)[2] == "b" ? "WITHOUT FUNCTION" : (*row)[2] == "i" ? "WITH INOUT" : "WITH FUNCTION " + (*row)[4];
    const std::string when = (*row)[3] == "a" ? " AS ASSIGNMENT" : (*row)[3] == "i" ? " AS IMPLICIT" : "";
    writer.add(fmt::format("CREATE CAST {} {}{};", types, how, when));
    writer.comment("CAST " + types, (*row)[5]);
}

void writeCollation(Writer &writer, std::uint32_t oid)
{
    // The locale of ICU stood in collcollate up to 14, in colliculocale in 15 and 16, and in colllocale since 17.
    const std::string locale = writer.since(17, "c.colllocale", writer.since(15, "c.colliculocale", "NULL"));
    const auto row = writer.row(fmt::format(R"(
SELECT format('%I.%I', n.nspname, c.collname), c.collprovider, c.collisdeterministic, quote_literal({}), quote_literal(c.collcollate), quote_literal(c.collctype),
       quote_literal({}), quote_ident(pg_get_userbyid(c.collowner)), obj_description(c.oid, 'pg_collation')
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = $1::oid)", locale, writer.since(16, "c.collicurules", "NULL")), {std::to_string(oid)});
    if (!row)
        return;
    const char provider = row->letter(1);
    std::string parts = fmt::format("provider = {}", provider == 'i' ? "icu" : provider == 'b' ? "builtin" : provider == 'd' ? "default" : "libc");
    if (!row->flag(2))
        parts += ", deterministic = false";
    if (!row->isNull(3))
        parts += ", locale = " + (*row)[3];
    else if (!row->isNull(4) && (*row)[4] == (*row)[5])
        parts += ", locale = " + (*row)[4];
    else if (!row->isNull(4))
        parts += fmt::format(", lc_collate = {}, lc_ctype = {}", (*row)[4], (*row)[5]);
    if (!row->isNull(6))
        parts += ", rules = " + (*row)[6];
    writer.add(fmt::format("CREATE COLLATION {} ({});", (*row)[0], parts));
    writer.owner("COLLATION", (*row)[0], (*row)[7]);
    writer.comment("COLLATION " + (*row)[0], (*row)[8]);
}

void writeConversion(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT format('%I.%I', n.nspname, c.conname), c.condefault, quote_literal(pg_encoding_to_char(c.conforencoding)), quote_literal(pg_encoding_to_char(c.contoencoding)),
       c.conproc::regproc, quote_ident(pg_get_userbyid(c.conowner)), obj_description(c.oid, 'pg_conversion')
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    writer.add(fmt::format("CREATE {}CONVERSION {} FOR {} TO {} FROM {};", row->flag(1) ? "DEFAULT " : "", (*row)[0], (*row)[2], (*row)[3], (*row)[4]));
    writer.owner("CONVERSION", (*row)[0], (*row)[5]);
    writer.comment("CONVERSION " + (*row)[0], (*row)[6]);
}

void writeTransform(Writer &writer, std::uint32_t oid)
{
    const auto function = [](const char *column) {
        return fmt::format("(SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) "
                           "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = t.{})", column);
    };
    const auto row = writer.row(fmt::format("SELECT format_type(t.trftype, NULL), quote_ident(l.lanname), {}, {}, obj_description(t.oid, 'pg_transform') "
                                            "FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid = $1::oid",
                                            function("trffromsql"), function("trftosql")), {std::to_string(oid)});
    if (!row)
        return;
    std::vector<std::string> functions;
    if (!row->isNull(2))
        functions.push_back("FROM SQL WITH FUNCTION " + (*row)[2]);
    if (!row->isNull(3))
        functions.push_back("TO SQL WITH FUNCTION " + (*row)[3]);
    const std::string identity = fmt::format("FOR {} LANGUAGE {}", (*row)[0], (*row)[1]);
    writer.add(fmt::format("CREATE TRANSFORM {} ({});", identity, fmt::join(functions, ", ")));
    writer.comment("TRANSFORM " + identity, (*row)[4]);
}

void writeLanguage(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT quote_ident(lanname), lanpltrusted, CASE WHEN lanplcallfoid <> 0 THEN lanplcallfoid::regproc::text END,
       CASE WHEN laninline <> 0 THEN laninline::regproc::text END, CASE WHEN lanvalidator <> 0 THEN lanvalidator::regproc::text END,
       quote_ident(pg_get_userbyid(lanowner)), lanowner, lanacl, obj_description(oid, 'pg_language')
FROM pg_language WHERE oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    if (row->isNull(2)) {
        writer.note("Built into the server; no statement makes it.");
        return;
    }
    std::string sql = fmt::format("CREATE {}PROCEDURAL LANGUAGE {} HANDLER {}", row->flag(1) ? "TRUSTED " : "", (*row)[0], (*row)[2]);
    if (!row->isNull(3))
        sql += " INLINE " + (*row)[3];
    if (!row->isNull(4))
        sql += " VALIDATOR " + (*row)[4];
    writer.add(sql + ";");
    writer.owner("PROCEDURAL LANGUAGE", (*row)[0], (*row)[5]);
    writer.comment("PROCEDURAL LANGUAGE " + (*row)[0], (*row)[8]);
    if (row->flag(1))
        writer.privileges({"LANGUAGE", (*row)[0], 'l', row->number<std::uint32_t>(6), (*row)[7], {}});
}

} // namespace howdah::ddl
