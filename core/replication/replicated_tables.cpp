// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/replicated_tables.h"

#include <algorithm>
#include <map>

#include "core/replication/ask.h"
#include "core/sql/quote.h"

namespace howdah::replication {

std::string TableFacts::sql() const
{
    return sql::quoteQualified(schema, name);
}

const ColumnFacts *TableFacts::column(std::string_view wanted) const
{
    const auto found = std::find_if(columns.begin(), columns.end(), [wanted](const ColumnFacts &one) { return one.name == wanted; });
    return found == columns.end() ? nullptr : &*found;
}

std::string arrayOf(const std::vector<std::string> &texts)
{
    std::string array = "{";
    for (const std::string &text : texts) {
        array += array.size() == 1 ? "\"" : ",\"";
        for (const char c : text) {
            if (c == '"' || c == '\\')
                array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + "}";
}

Result<std::vector<TableFacts>> tableFacts(pg::Connection &server, const std::vector<PublishedChoice> &tables)
{
    std::vector<TableFacts> facts;
    std::vector<std::string> names;
    for (const PublishedChoice &table : tables) {
        TableFacts one;
        one.schema = table.schema;
        one.name = table.name;
        names.push_back(one.sql());
        facts.push_back(std::move(one));
    }
    const std::string array = arrayOf(names);
    const auto rows = ask(server,
                          "SELECT t.place - 1 AS place, c.relkind, c.relpersistence, c.relreplident, c.relrowsecurity, c.reltuples::bigint AS rows, "
                          "pg_total_relation_size(c.oid) AS bytes, has_table_privilege(c.oid, 'SELECT') AS may_read, "
                          "c.relreplident = 'f' OR (c.relreplident = 'd' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) "
                          "OR (c.relreplident = 'i' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident)) AS identity "
                          "FROM unnest($1::text[]) WITH ORDINALITY t(name, place) JOIN pg_class c ON c.oid = to_regclass(t.name)",
                          {array});
    if (!rows)
        return tl::unexpected(rows.error());
    for (std::size_t row = 0; row < rows->size(); ++row) {
        TableFacts &one = facts[static_cast<std::size_t>(rows->integer(row, "place"))];
        one.exists = true;
        one.kind = rows->string(row, "relkind").front();
        one.persistence = rows->string(row, "relpersistence").front();
        one.replica_identity = rows->string(row, "relreplident").front();
        one.row_security = rows->flag(row, "relrowsecurity");
        one.rows = rows->integer(row, "rows", -1);
        one.bytes = rows->integer(row, "bytes");
        one.may_read = rows->flag(row, "may_read");
        one.has_identity = rows->flag(row, "identity");
    }
    const auto columns = ask(server,
                             "SELECT t.place - 1 AS place, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS generated "
                             "FROM unnest($1::text[]) WITH ORDINALITY t(name, place) JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) "
                             "WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY t.place, a.attnum",
                             {array});
    if (!columns)
        return tl::unexpected(columns.error());
    for (std::size_t row = 0; row < columns->size(); ++row)
        facts[static_cast<std::size_t>(columns->integer(row, "place"))].columns.push_back(
            {columns->string(row, "attname"), columns->string(row, "type"), columns->flag(row, "generated")});
    const auto keys = ask(server,
                          "SELECT t.place - 1 AS place, a.attname FROM unnest($1::text[]) WITH ORDINALITY t(name, place) "
                          "JOIN pg_index i ON i.indrelid = to_regclass(t.name) AND i.indisprimary "
                          "CROSS JOIN unnest(i.indkey) WITH ORDINALITY k(attnum, position) "
                          "JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY t.place, k.position",
                          {array});
    if (!keys)
        return tl::unexpected(keys.error());
    for (std::size_t row = 0; row < keys->size(); ++row)
        facts[static_cast<std::size_t>(keys->integer(row, "place"))].key.push_back(keys->string(row, "attname"));
    return facts;
}

Result<std::vector<PublishedChoice>> tablesOf(pg::Connection &publisher, const LogicalPlan &plan)
{
    if (!plan.tables.empty())
        return plan.tables;
    // What FOR ALL TABLES takes.
    const auto rows = ask(publisher, "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                                     "WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
                                     "AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1, 2");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<PublishedChoice> tables;
    for (std::size_t row = 0; row < rows->size(); ++row)
        tables.push_back({rows->string(row, "nspname"), rows->string(row, "relname"), {}, {}});
    return tables;
}

Result<std::vector<std::string>> sequenceStatements(pg::Connection &server)
{
    const auto rows = ask(server, "SELECT schemaname, sequencename, COALESCE(last_value, start_value) AS value, last_value IS NOT NULL AS called FROM pg_sequences "
                                  "WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' ORDER BY 1, 2");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<std::string> statements;
    for (std::size_t row = 0; row < rows->size(); ++row)
        statements.push_back("SELECT setval(" + sql::quoteLiteral(sql::quoteQualified(rows->string(row, "schemaname"), rows->string(row, "sequencename"))) + ", " +
                             rows->string(row, "value") + ", " + (rows->flag(row, "called") ? "true" : "false") + ")");
    return statements;
}

} // namespace howdah::replication
