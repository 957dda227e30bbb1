// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/parts.h"

#include "core/ddl/writer.h"

namespace howdah::ddl {

namespace {

std::vector<std::string> taken(Writer &writer)
{
    std::vector<std::string> statements = std::move(writer.out.statements);
    writer.out.statements.clear();
    for (std::string &statement : statements) {
        if (statement.ends_with(';'))
            statement.pop_back();
    }
    return statements;
}

} // namespace

Result<TableParts> tableParts(pg::Connection &connection, std::uint32_t table)
{
    const Snapshot snapshot(connection, true);
    if (snapshot.failure())
        return tl::unexpected(*snapshot.failure());
    const DdlOptions options;
    Writer writer(connection, options);
    TableParts parts;
    writeTriggers(writer, table);
    parts.triggers = taken(writer);
    writeRules(writer, table);
    parts.rules = taken(writer);
    writePolicies(writer, table);
    parts.policies = taken(writer);
    writeRelationPrivileges(writer, table);
    parts.privileges = taken(writer);
    writeForeignKeys(writer, table);
    parts.foreign_keys = taken(writer);
    if (const auto row = writer.row("SELECT format('%I.%I', n.nspname, c.relname), obj_description(c.oid, 'pg_class'), c.relforcerowsecurity FROM pg_class c "
                                    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid", {std::to_string(table)})) {
        writer.comment("TABLE " + (*row)[0], (*row)[1]);
        parts.comments = taken(writer);
        if (row->flag(2))
            parts.policies.push_back("ALTER TABLE " + (*row)[0] + " FORCE ROW LEVEL SECURITY");
    }
    if (writer.error)
        return tl::unexpected(*writer.error);
    return parts;
}

} // namespace howdah::ddl
