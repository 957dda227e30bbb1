// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"
#include "core/sql/quote.h"

namespace howdah::ddl {

namespace {

void writeMemberships(Writer &writer, std::uint32_t oid)
{
    for (const Record &row : writer.rows(fmt::format(R"(
SELECT quote_ident(r.rolname), quote_ident(m.rolname), a.admin_option, (SELECT quote_ident(g.rolname) FROM pg_roles g WHERE g.oid = a.grantor), {}, {}
FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member WHERE a.member = $1::oid ORDER BY 1)",
                                                     writer.since(16, "a.inherit_option", "NULL"), writer.since(16, "a.set_option", "NULL")), {std::to_string(oid)})) {
        std::vector<std::string> with;
        if (row.flag(2))
            with.emplace_back("ADMIN OPTION");
        if (!row.isNull(4))
            with.emplace_back(std::string("INHERIT ") + (row.flag(4) ? "TRUE" : "FALSE"));
        if (!row.isNull(5) && !row.flag(5))
            with.emplace_back("SET FALSE");
        writer.add(fmt::format("GRANT {} TO {}{}{};", row[0], row[1], with.empty() ? "" : fmt::format(" WITH {}", fmt::join(with, ", ")), row.isNull(3) ? "" : " GRANTED BY " + row[3]));
    }
}

} // namespace

void writeRole(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(R"(
SELECT quote_ident(rolname), rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil,
       shobj_description(oid, 'pg_authid') FROM pg_roles WHERE oid = $1::oid)", {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    writer.add(fmt::format("CREATE ROLE {};", name));
    std::string with;
    const auto attribute = [&](std::size_t column, const char *word) { with += std::string(with.empty() ? "" : " ") + (row->flag(column) ? "" : "NO") + word; };
    attribute(1, "SUPERUSER");
    attribute(2, "INHERIT");
    attribute(3, "CREATEROLE");
    attribute(4, "CREATEDB");
    attribute(5, "LOGIN");
    attribute(6, "REPLICATION");
    attribute(7, "BYPASSRLS");
    if ((*row)[8] != "-1")
        with += " CONNECTION LIMIT " + (*row)[8];
    if (!row->isNull(9))
        with += " VALID UNTIL " + sql::quoteLiteral((*row)[9]);
    writer.note("The password, if it has one, is not shown.");
    writer.add(fmt::format("ALTER ROLE {} WITH {};", name, with));
    writer.comment("ROLE " + name, (*row)[10]);
    for (const Record &setting : writer.rows("SELECT split_part(c, '=', 1), substr(c, strpos(c, '=') + 1), (SELECT quote_ident(datname) FROM pg_database WHERE oid = s.setdatabase) "
                                             "FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = $1::oid ORDER BY 3 NULLS FIRST, 1", {std::to_string(oid)}))
        writer.add(fmt::format("ALTER ROLE {}{} SET {} TO {};", name, setting.isNull(2) ? "" : " IN DATABASE " + setting[2], sql::quoteIdentifier(setting[0]), configurationValue(setting[0], setting[1])));
    writeMemberships(writer, oid);
}

} // namespace howdah::ddl
