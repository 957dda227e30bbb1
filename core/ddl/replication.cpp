// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "core/ddl/writer.h"
#include "core/sql/quote.h"

namespace howdah::ddl {

void writePublication(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row(fmt::format("SELECT quote_ident(pubname), puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot, quote_ident(pg_get_userbyid(pubowner)), "
                                            "obj_description(oid, 'pg_publication'), {} FROM pg_publication WHERE oid = $1::oid", writer.since(18, "pubgencols", "'n'")), {std::to_string(oid)});
    if (!row)
        return;
    const std::string &name = (*row)[0];
    std::string kinds;
    const auto publish = [&](std::size_t column, const char *word) {
        if (row->flag(column))
            kinds += (kinds.empty() ? "" : ", ") + std::string(word);
    };
    publish(2, "insert");
    publish(3, "update");
    publish(4, "delete");
    publish(5, "truncate");
    writer.add(fmt::format("CREATE PUBLICATION {}{} WITH (publish = '{}'{}{});", name, row->flag(1) ? " FOR ALL TABLES" : "", kinds,
                           row->flag(6) ? ", publish_via_partition_root = true" : "", (*row)[9] == "s" ? ", publish_generated_columns = stored" : ""));
    writer.owner("PUBLICATION", name, (*row)[7]);
    writer.comment("PUBLICATION " + name, (*row)[8]);
    for (const Record &table : writer.rows(fmt::format("SELECT format('%I.%I', n.nspname, c.relname), {}, {} FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid "
                                                       "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = $1::oid ORDER BY 1",
                                                       writer.since(15, "(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs))", "NULL"),
                                                       writer.since(15, "pg_get_expr(r.prqual, r.prrelid)", "NULL")), {std::to_string(oid)}))
        writer.add(fmt::format("ALTER PUBLICATION {} ADD TABLE ONLY {}{}{};", name, table[0], table.isNull(1) ? "" : " (" + table[1] + ")", table.isNull(2) ? "" : " WHERE (" + table[2] + ")"));
    if (writer.major < 15)
        return;
    for (const Record &schema : writer.rows("SELECT quote_ident(n.nspname) FROM pg_publication_namespace p JOIN pg_namespace n ON n.oid = p.pnnspid WHERE p.pnpubid = $1::oid ORDER BY 1", {std::to_string(oid)}))
        writer.add(fmt::format("ALTER PUBLICATION {} ADD TABLES IN SCHEMA {};", name, schema[0]));
}

void writeSubscription(Writer &writer, std::uint32_t oid)
{
    const auto allowed = writer.row("SELECT has_column_privilege('pg_subscription', 'subconninfo', 'SELECT')");
    if (!allowed)
        return;
    const auto row = writer.row(fmt::format("SELECT quote_ident(subname), {}, (SELECT string_agg(quote_ident(p), ', ') FROM unnest(subpublications) p), subslotname, "
                                            "subsynccommit, quote_ident(pg_get_userbyid(subowner)), obj_description(oid, 'pg_subscription'), {}, {}, {}, {}, {}, {}, {}, {} FROM pg_subscription WHERE oid = $1::oid",
                                            allowed->flag(0) ? "subconninfo" : "NULL", writer.since(14, "subbinary", "false"),
                                            writer.since(14, "substream", "'f'"), writer.since(15, "subtwophasestate", "'d'"), writer.since(15, "subdisableonerr", "false"),
                                            writer.since(16, "subpasswordrequired", "true"), writer.since(16, "subrunasowner", "false"),
                                            writer.since(16, "suborigin", "'any'"), writer.since(17, "subfailover", "false")), {std::to_string(oid)});
    if (!row)
        return;
    if (row->isNull(1))
        writer.note("Only a superuser may see the connection string.");
    std::string with = "connect = false, slot_name = " + (row->isNull(3) ? std::string("NONE") : sql::quoteLiteral((*row)[3]));
    if (row->flag(7))
        with += ", binary = true";
    if ((*row)[8] == "t")
        with += ", streaming = on";
    else if ((*row)[8] == "p")
        with += ", streaming = parallel";
    if ((*row)[9] != "d")
        with += ", two_phase = on";
    if (row->flag(10))
        with += ", disable_on_error = true";
    if (!row->flag(11))
        with += ", password_required = false";
    if (row->flag(12))
        with += ", run_as_owner = true";
    if ((*row)[13] != "any")
        with += ", origin = " + (*row)[13];
    if (row->flag(14))
        with += ", failover = true";
    if ((*row)[4] != "off")
        with += ", synchronous_commit = " + sql::quoteLiteral((*row)[4]);
    const std::string &name = (*row)[0];
    writer.add(fmt::format("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH ({});", name, sql::quoteLiteral((*row)[1]), (*row)[2], with));
    writer.owner("SUBSCRIPTION", name, (*row)[5]);
    writer.comment("SUBSCRIPTION " + name, (*row)[6]);
}

} // namespace howdah::ddl
