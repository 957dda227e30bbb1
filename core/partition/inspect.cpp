// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "core/ddl/parts.h"
#include "core/ddl/reading.h"
#include "core/partition/iso_session.h"
#include "core/partition/scheme.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using ddl::Record;

namespace {

/// The recursion over pg_inherits that several queries begin with.
std::string treeSql(int major)
{
    return fmt::format(R"(
WITH RECURSIVE tree AS (
    SELECT $1::oid AS oid, 0::oid AS parent, 0 AS depth, false AS pending
    UNION ALL
    SELECT i.inhrelid, i.inhparent, t.depth + 1, {} FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid)
)", major >= 14 ? "i.inhdetachpending" : "false");
}

class SchemeReader
{
public:
    SchemeReader(pg::Connection &connection, std::uint32_t root) : connection_(connection), root_(std::to_string(root))
    {
        scheme_.server_major = connection.facts().major();
    }

    Result<Scheme> read()
    {
        readTables();
        readKeys();
        readBounds();
        readIndexes();
        readForeignKeys();
        readPartman();
        readCron();
        for (const Record &row : rows("SELECT now()::text", {}))
            scheme_.now = row[0];
        if (error_)
            return tl::unexpected(*error_);
        return std::move(scheme_);
    }

private:
    std::vector<Record> rows(std::string_view sql, const std::vector<pg::Parameter> &parameters)
    {
        if (error_)
            return {};
        auto found = ddl::records(connection_, sql, parameters);
        if (found)
            return std::move(*found);
        error_ = found.error();
        return {};
    }
    std::vector<Record> rows(std::string_view sql) { return rows(sql, {root_}); }

    void readTables();
    void readKeys();
    void readExpressionTypes(Table &table, const std::string &expressions);
    void readBounds();
    void readIndexes();
    void readForeignKeys();
    void readPartman();
    void readCron();

    pg::Connection &connection_;
    std::string root_;
    Scheme scheme_;
    std::unordered_map<std::uint32_t, std::size_t> by_oid_;
    std::vector<std::string> bound_texts_; ///< by position in scheme_.tables
    std::optional<Error> error_;
};

void SchemeReader::readTables()
{
    // Rights on every partition's statistics are not everybody's: the counters need none.
    const auto found = rows(treeSql(scheme_.server_major) + fmt::format(R"(
SELECT t.oid, t.parent, t.depth, t.pending, n.nspname, c.relname, c.relkind, pg_get_expr(c.relpartbound, c.oid), c.reltuples,
       CASE WHEN c.relkind = 'r' THEN pg_table_size(c.oid) ELSE 0 END, CASE WHEN c.relkind = 'r' THEN pg_indexes_size(c.oid) ELSE 0 END,
       pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid), pg_stat_get_mod_since_analyze(c.oid),
       greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)),
       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)),
       c.relkind = 'p' AND ({} OR EXISTS (SELECT FROM pg_catalog.pg_stats s WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.inherited)),
       quote_ident(pg_get_userbyid(c.relowner)), {}, (SELECT quote_ident(spcname) FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace), c.relpersistence,
       CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) ELSE 0 END
FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY t.depth, c.relname)",
                                                                     scheme_.server_major >= 14 ? "c.reltuples >= 0" : "false", ddl::relationOptionsSql("c.reloptions")));
    scheme_.tables.reserve(found.size());
    for (const Record &row : found) {
        Table table;
        table.oid = row.number<std::uint32_t>(0);
        const auto parent = by_oid_.find(row.number<std::uint32_t>(1));
        if (parent != by_oid_.end())
            table.parent = parent->second;
        else if (!scheme_.tables.empty())
            continue;
        table.depth = row.number<int>(2);
        table.detach_pending = row.flag(3);
        table.schema = row[4];
        table.name = row[5];
        table.relkind = row.letter(6);
        bound_texts_.push_back(row[7]);
        table.estimated_rows = row.number<double>(8);
        table.table_bytes = row.number<std::int64_t>(9);
        table.index_bytes = row.number<std::int64_t>(10);
        table.live_tuples = row.number<std::int64_t>(11);
        table.dead_tuples = row.number<std::int64_t>(12);
        table.modified_since_analyze = row.number<std::int64_t>(13);
        table.last_vacuum = row[14];
        table.last_analyze = row[15];
        table.has_inherited_statistics = row.flag(16);
        table.owner = row[17];
        table.options = row[18];
        table.tablespace = row[19];
        table.persistence = row.letter(20);
        table.heap_bytes = row.number<std::int64_t>(21);
        // Before 14 a table that was never analysed says 0; one with pages and no rows was not.
        if (scheme_.server_major < 14 && table.estimated_rows == 0 && table.last_analyze.empty() && table.last_vacuum.empty())
            table.estimated_rows = -1;
        const std::size_t at = scheme_.tables.size();
        by_oid_[table.oid] = at;
        if (table.parent != no_table)
            scheme_.tables[table.parent].children.push_back(at);
        scheme_.tables.push_back(std::move(table));
    }
}

void SchemeReader::readKeys()
{
    const auto found = rows(treeSql(scheme_.server_major) + R"(
SELECT p.partrelid, p.partstrat, pg_get_partkeydef(p.partrelid), k.attnum, a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
       a.attnotnull, (SELECT format('%I.%I', n.nspname, l.collname) FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
                      WHERE l.oid = k.coll), pg_get_expr(p.partexprs, p.partrelid)
FROM tree t JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = t.oid
CROSS JOIN LATERAL unnest(p.partattrs::int2[], p.partcollation::oid[]) WITH ORDINALITY AS k(attnum, coll, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.attnum AND k.attnum > 0
ORDER BY p.partrelid, k.place)");
    std::map<std::size_t, std::string> expressions;
    for (const Record &row : found) {
        const auto at = by_oid_.find(row.number<std::uint32_t>(0));
        if (at == by_oid_.end())
            continue;
        Table &table = scheme_.tables[at->second];
        if (!table.key) {
            table.key.emplace();
            table.key->strategy = row[1] == "l" ? Strategy::List : row[1] == "h" ? Strategy::Hash : Strategy::Range;
            table.key->definition = row[2];
        }
        KeyColumn column;
        column.name = row[4];
        column.expression = row[5];
        column.type = row[6];
        column.not_null = row.flag(7);
        column.collation = row[8];
        column.kind = valueKindOf(column.type);
        if (column.name.empty())
            expressions[at->second] = row[9];
        table.key->columns.push_back(std::move(column));
    }
    for (const auto &[at, text] : expressions)
        readExpressionTypes(scheme_.tables[at], text);
}

/// The texts between commas that stand in no parentheses.
std::vector<std::string> splitList(std::string_view text)
{
    std::vector<std::string> parts(1);
    sql::Lexer lexer(text);
    sql::Token token;
    int depth = 0;
    while (lexer.next(token)) {
        const std::string_view piece = token.span.of(text);
        depth += piece == "(" || piece == "[" ? 1 : piece == ")" || piece == "]" ? -1 : 0;
        if (piece == "," && depth == 0)
            parts.emplace_back();
        else if (!(token.kind == sql::TokenKind::Whitespace && parts.back().empty()))
            parts.back() += piece;
    }
    return parts;
}

void SchemeReader::readExpressionTypes(Table &table, const std::string &expressions)
{
    // What the server says of the columns of a query that gives no row.
    const auto asked = connection_.query("SELECT " + expressions + " FROM ONLY " + table.sqlName() + " LIMIT 0");
    const std::vector<std::string> texts = splitList(expressions);
    std::size_t next = 0;
    for (KeyColumn &column : table.key->columns) {
        if (!column.name.empty() || next >= texts.size())
            continue;
        column.expression = "(" + texts[next] + ")";
        if (asked && asked->result && next < asked->result->columns().size()) {
            const pg::Column &described = asked->result->columns()[next];
            for (const Record &row : rows("SELECT format_type($1::oid, $2::int)", {std::to_string(described.type_oid), std::to_string(described.type_modifier)}))
                column.type = row[0];
            column.kind = valueKindOf(column.type);
        }
        ++next;
    }
}

void SchemeReader::readBounds()
{
    for (std::size_t i = 1; i < scheme_.tables.size() && !error_; ++i) {
        Table &table = scheme_.tables[i];
        const Table &parent = scheme_.tables[table.parent];
        if (!parent.key)
            continue;
        auto bound = parseBound(bound_texts_[i], parent.key->kinds());
        if (!bound && table.detach_pending) {
            continue; // a broken-off detach leaves the bound until it is finalised; some versions print nothing
        }
        if (!bound) {
            error_ = bound.error();
            return;
        }
        table.bound = std::move(*bound);
    }
    for (Table &table : scheme_.tables) {
        if (!table.key || error_)
            continue;
        std::vector<Bound *> bounds;
        for (const std::size_t child : table.children)
            bounds.push_back(&scheme_.tables[child].bound);
        if (auto ranked = rankValues(connection_, *table.key, bounds); !ranked) {
            error_ = ranked.error();
            return;
        }
        std::stable_sort(table.children.begin(), table.children.end(), [&](std::size_t left, std::size_t right) {
            return boundLess(scheme_.tables[left].bound, scheme_.tables[right].bound);
        });
    }
}

void SchemeReader::readIndexes()
{
    const auto found = rows(treeSql(scheme_.server_major) + R"(
SELECT x.indrelid, x.indexrelid, n.nspname, c.relname, CASE WHEN i.inhparent IS NULL THEN pg_get_indexdef(x.indexrelid) END, i.inhparent,
       x.indisvalid AND x.indisready, x.indisunique, x.indisprimary,
       EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = x.indexrelid AND o.contype IN ('p', 'u', 'x') AND o.conrelid = x.indrelid)
FROM tree t JOIN pg_catalog.pg_index x ON x.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = x.indexrelid
ORDER BY x.indrelid, c.relname)");
    for (const Record &row : found) {
        const auto at = by_oid_.find(row.number<std::uint32_t>(0));
        if (at == by_oid_.end())
            continue;
        TreeIndex index;
        index.oid = row.number<std::uint32_t>(1);
        index.schema = row[2];
        index.name = row[3];
        index.definition = row[4];
        index.parent = row.number<std::uint32_t>(5);
        index.valid = row.flag(6);
        index.unique = row.flag(7);
        index.primary = row.flag(8);
        index.of_constraint = row.flag(9);
        scheme_.tables[at->second].indexes.push_back(std::move(index));
    }
}

void SchemeReader::readForeignKeys()
{
    const auto found = rows(treeSql(scheme_.server_major) + R"(
SELECT o.conname, pg_get_constraintdef(o.oid), o.conrelid::regclass, o.confrelid::regclass, o.conrelid, o.confrelid, o.convalidated
FROM pg_catalog.pg_constraint o WHERE o.contype = 'f' AND o.conparentid = 0
  AND (o.conrelid IN (SELECT oid FROM tree) OR o.confrelid IN (SELECT oid FROM tree)) ORDER BY o.conname, o.oid)");
    for (const Record &row : found) {
        ForeignKey key{row[0], row[1], row[2], row[3], row.number<std::uint32_t>(4), row.number<std::uint32_t>(5), row.flag(6)};
        if (by_oid_.contains(key.to_oid))
            scheme_.incoming.push_back(key);
        if (by_oid_.contains(key.from_oid))
            scheme_.outgoing.push_back(std::move(key));
    }
}

void SchemeReader::readPartman()
{
    Partman &partman = scheme_.partman;
    for (const Record &row : rows("SELECT quote_ident(n.nspname), e.extversion, has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') "
                                  "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                                  "JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'part_config' WHERE e.extname = 'pg_partman'", {})) {
        partman.schema = row[0];
        partman.version = row[1];
        partman.readable = row.flag(2);
    }
    if (partman.version.empty() || error_ || scheme_.tables.empty())
        return;
    if (!partman.readable) {
        scheme_.notes.push_back("This role may not read " + partman.schema + ".part_config, so what pg_partman does here is not known.");
        return;
    }
    const std::string name = scheme_.root().schema + "." + scheme_.root().name;
    for (const Record &row : rows("SELECT e.key, e.value FROM " + partman.schema + ".part_config c, jsonb_each_text(to_jsonb(c)) e "
                                  "WHERE c.parent_table = $1 AND e.value IS NOT NULL", {name}))
        partman.config[row[0]] = row[1];
}

void SchemeReader::readCron()
{
    bool readable = false;
    for (const Record &row : rows("SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_extension e "
                                  "JOIN pg_catalog.pg_class c ON c.relname = 'job' JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'cron' "
                                  "WHERE e.extname = 'pg_cron'", {})) {
        scheme_.cron_installed = true;
        readable = row.flag(0);
    }
    if (!readable || scheme_.tables.empty())
        return;
    for (const Record &row : rows(R"(
SELECT j.jobid, j.schedule, j.command, j.database, j.active, d.status, d.return_message, d.start_time
FROM cron.job j LEFT JOIN LATERAL (SELECT * FROM cron.job_run_details r WHERE r.jobid = j.jobid ORDER BY r.runid DESC LIMIT 1) d ON true
WHERE j.command ~* 'run_maintenance' OR strpos(j.command, $1) > 0 ORDER BY j.jobid)", {scheme_.root().name}))
        scheme_.cron_jobs.push_back({row.number<std::int64_t>(0), row[1], row[2], row[3], row.flag(4), row[5], row[6], row[7]});
}

} // namespace

Result<Scheme> inspect(pg::Connection &connection, std::string_view table)
{
    const IsoSession session(connection);
    if (session.failure())
        return tl::unexpected(*session.failure());
    const auto found = ddl::records(connection, "SELECT c.oid, c.relkind, c.relispartition, c.oid::regclass FROM pg_catalog.pg_class c WHERE c.oid = to_regclass($1)",
                                    {std::string(table)});
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(ErrorKind::Usage, fmt::format("There is no table {}", table), "Name it with its schema when it is not in search_path.");
    if (found->front()[1] != "p")
        return fail(ErrorKind::Usage, fmt::format("{} is not partitioned", found->front()[3]),
                    found->front().flag(2) ? "It is a partition: ask about the table above it." : "partition advise says whether it should be; partition convert does it.");
    return SchemeReader(connection, found->front().number<std::uint32_t>(0)).read();
}

Result<std::vector<SchemeSummary>> listSchemes(pg::Connection &connection)
{
    const auto found = ddl::records(connection, R"(
WITH RECURSIVE tree AS (
    SELECT c.oid AS root, c.oid, 0 AS depth FROM pg_catalog.pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
    UNION ALL
    SELECT t.root, i.inhrelid, t.depth + 1 FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid),
total AS (
    SELECT t.root, count(*) FILTER (WHERE c.relkind <> 'p') AS leaves, max(t.depth) AS depth,
           sum(CASE WHEN c.relkind = 'r' THEN pg_total_relation_size(c.oid) ELSE 0 END) AS bytes,
           sum(CASE WHEN c.relkind <> 'p' AND c.reltuples > 0 THEN c.reltuples ELSE 0 END) AS estimate,
           bool_or(c.relpartbound IS NOT NULL AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT') AS has_default
    FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.oid GROUP BY t.root)
SELECT c.oid, n.nspname, c.relname, pg_get_partkeydef(c.oid), t.leaves, t.depth, t.bytes, t.estimate, t.has_default
FROM total t JOIN pg_catalog.pg_class c ON c.oid = t.root JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT pg_is_other_temp_schema(n.oid) ORDER BY n.nspname, c.relname)");
    if (!found)
        return tl::unexpected(found.error());
    std::vector<SchemeSummary> all;
    for (const Record &row : *found)
        all.push_back({row.number<std::uint32_t>(0), row[1], row[2], row[3], row.number<std::int64_t>(4), row.number<int>(5), row.number<std::int64_t>(6),
                       row.number<double>(7), row.flag(8)});
    return all;
}

} // namespace howdah::partition
