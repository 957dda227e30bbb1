// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"

namespace howdah::ddl {

namespace {

void writeDefaultPrivileges(Writer &writer, std::uint32_t schema, const std::string &name)
{
    for (const Record &row : writer.rows(R"(
SELECT quote_ident(pg_get_userbyid(d.defaclrole)), CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END,
       CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, x.is_grantable,
       string_agg(x.privilege_type, ',' ORDER BY array_position(ARRAY['SELECT','USAGE','INSERT','REFERENCES','DELETE','TRIGGER','TRUNCATE','MAINTAIN','UPDATE','EXECUTE'], x.privilege_type)),
       count(*) = cardinality((SELECT array_agg(a.privilege_type) FROM aclexplode(acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)) a WHERE a.grantee = d.defaclrole))
FROM pg_default_acl d, aclexplode(d.defaclacl) x WHERE d.defaclnamespace = $1::oid
GROUP BY d.defaclrole, d.defaclobjtype, x.grantee, x.is_grantable ORDER BY 1, 2, 3)", {std::to_string(schema)}))
        writer.add(fmt::format("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} GRANT {} ON {}  TO {}{};", row[0], name, row.flag(5) ? "ALL" : row[4], row[1], row[2],
                               row.flag(3) ? " WITH GRANT OPTION" : ""));
}

} // namespace

void writeSchema(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT quote_ident(nspname), quote_ident(pg_get_userbyid(nspowner)), nspowner, nspacl, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE oid = $1::oid",
                                {std::to_string(oid)});
    if (!row)
        return;
    writer.add(fmt::format("CREATE SCHEMA {};", (*row)[0]));
    writer.owner("SCHEMA", (*row)[0], (*row)[1]);
    writer.comment("SCHEMA " + (*row)[0], (*row)[4]);
    writer.privileges({"SCHEMA", (*row)[0], 'n', row->number<std::uint32_t>(2), (*row)[3], {}});
    if (writer.options.with_privileges)
        writeDefaultPrivileges(writer, oid, (*row)[0]);
}

void writeExtension(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT quote_ident(e.extname), quote_ident(n.nspname), e.extversion, obj_description(e.oid, 'pg_extension'), "
                                "(SELECT default_version FROM pg_available_extensions a WHERE a.name = e.extname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid = $1::oid",
                                {std::to_string(oid)});
    if (!row)
        return;
    writer.note("Installed version: " + (*row)[2] + (row->isNull(4) || (*row)[4] == (*row)[2] ? "" : "; the server would install " + (*row)[4]) + ".");
    writer.add(fmt::format("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {};", (*row)[0], (*row)[1]));
    writer.comment("EXTENSION " + (*row)[0], (*row)[3]);
}

void writeEventTrigger(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT quote_ident(evtname), evtevent, (SELECT string_agg(quote_literal(t), ', ') FROM unnest(evttags) t), evtfoid::oid::regproc, evtenabled, "
                                "quote_ident(pg_get_userbyid(evtowner)), obj_description(oid, 'pg_event_trigger') FROM pg_event_trigger WHERE oid = $1::oid", {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    writer.add(fmt::format("CREATE EVENT TRIGGER {} ON {}{}\n   EXECUTE FUNCTION {}();", name, (*row)[1],
                           row->isNull(2) ? "" : "\n         WHEN TAG IN (" + (*row)[2] + ")", (*row)[3]));
    if ((*row)[4] != "O")
        writer.add(fmt::format("ALTER EVENT TRIGGER {} {};", name, (*row)[4] == "D" ? "DISABLE" : (*row)[4] == "A" ? "ENABLE ALWAYS" : "ENABLE REPLICA"));
    writer.owner("EVENT TRIGGER", name, (*row)[5]);
    writer.comment("EVENT TRIGGER " + name, (*row)[6]);
}

} // namespace howdah::ddl
