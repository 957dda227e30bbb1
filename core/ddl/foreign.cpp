// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"
#include "core/sql/quote.h"

namespace howdah::ddl {

namespace {

std::string optionsClause(const std::string &options)
{
    return options.empty() ? "" : " OPTIONS (\n    " + options + "\n)";
}

} // namespace

void writeForeignDataWrapper(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(fmt::format("SELECT quote_ident(fdwname), CASE WHEN fdwhandler <> 0 THEN fdwhandler::regproc::text END, CASE WHEN fdwvalidator <> 0 THEN fdwvalidator::regproc::text END, {}, "
                                            "quote_ident(pg_get_userbyid(fdwowner)), fdwowner, fdwacl, obj_description(oid, 'pg_foreign_data_wrapper') FROM pg_foreign_data_wrapper WHERE oid = $1::oid",
                                            foreignOptionsSql("fdwoptions")), {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    writer.add(fmt::format("CREATE FOREIGN DATA WRAPPER {}{}{}{};", name, row->isNull(1) ? "" : " HANDLER " + (*row)[1], row->isNull(2) ? "" : " VALIDATOR " + (*row)[2], optionsClause((*row)[3])));
    writer.owner("FOREIGN DATA WRAPPER", name, (*row)[4]);
    writer.comment("FOREIGN DATA WRAPPER " + name, (*row)[7]);
    writer.privileges({"FOREIGN DATA WRAPPER", name, 'F', row->number<std::uint32_t>(5), (*row)[6], {}});
}

void writeForeignServer(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(fmt::format("SELECT quote_ident(s.srvname), s.srvtype, s.srvversion, quote_ident(w.fdwname), {}, quote_ident(pg_get_userbyid(s.srvowner)), s.srvowner, s.srvacl, "
                                            "obj_description(s.oid, 'pg_foreign_server') FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE s.oid = $1::oid",
                                            foreignOptionsSql("s.srvoptions")), {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    std::string sql = "CREATE SERVER " + name;
    if (!(*row)[1].empty())
        sql += " TYPE " + sql::quoteLiteral((*row)[1]);
    if (!(*row)[2].empty())
        sql += " VERSION " + sql::quoteLiteral((*row)[2]);
    writer.add(sql + " FOREIGN DATA WRAPPER " + (*row)[3] + optionsClause((*row)[4]) + ";");
    writer.owner("SERVER", name, (*row)[5]);
    writer.comment("SERVER " + name, (*row)[8]);
    writer.privileges({"FOREIGN SERVER", name, 'S', row->number<std::uint32_t>(6), (*row)[7], {}});
    for (const Record &mapping : writer.rows(fmt::format("SELECT quote_ident(m.usename), {} FROM pg_user_mappings m WHERE m.srvid = $1::oid ORDER BY 1", foreignOptionsSql("m.umoptions")), {std::to_string(oid)}))
        writer.add(fmt::format("CREATE USER MAPPING FOR {} SERVER {}{};", mapping[0], name, optionsClause(mapping[1])));
}

} // namespace howdah::ddl
