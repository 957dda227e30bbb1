// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inspect/relation_details.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/ddl/reading.h"

namespace howdah::inspect {

using ddl::Record;
using ddl::records;

Bloat estimateBloat(const BloatInput &input)
{
    constexpr double page = 8192;
    constexpr double page_header = 24;
    constexpr double line_pointer = 4;
    const auto aligned = [](double bytes) { return std::ceil(bytes / 8) * 8; };
    Bloat bloat;
    if (input.rows <= 0 || input.pages <= 0)
        return bloat;
    const double header = aligned(23 + (input.has_nulls ? std::ceil(input.columns / 8.0) : 0));
    const double row = header + aligned(input.row_bytes) + line_pointer;
    const double room = (page - page_header) * std::clamp(input.fillfactor, 10, 100) / 100.0;
    const double rows_a_page = std::max(1.0, std::floor(room / row));
    const double pages = std::ceil(input.rows / rows_a_page);
    bloat.expected_bytes = static_cast<std::int64_t>(pages * page);
    const auto now = static_cast<std::int64_t>(static_cast<double>(input.pages) * page);
    bloat.wasted_bytes = std::max<std::int64_t>(0, now - bloat.expected_bytes);
    bloat.share = static_cast<double>(bloat.wasted_bytes) / static_cast<double>(now);
    return bloat;
}

namespace {

class Reader
{
public:
    Reader(pg::Connection &connection, std::uint32_t oid) : connection_(connection), oid_(std::to_string(oid)) { details_.oid = oid; }

    Result<RelationDetails> read()
    {
        readRelation();
        readColumns();
        readIndexes();
        readConstraints();
        readTriggers();
        readPartitions();
        readPrivileges();
        readStatistics();
        if (error_)
            return tl::unexpected(*error_);
        return std::move(details_);
    }

private:
    std::vector<Record> rows(std::string_view sql)
    {
        if (error_)
            return {};
        auto found = records(connection_, sql, {oid_});
        if (found)
            return std::move(*found);
        error_ = found.error();
        return {};
    }

    void readRelation()
    {
        const auto found = rows(R"(
SELECT n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), obj_description(c.oid, 'pg_class'), c.relpersistence, c.reltuples, c.relpages,
       CASE WHEN c.relkind IN ('r','m','S','t') THEN pg_relation_size(c.oid) END,
       CASE WHEN c.reltoastrelid <> 0 THEN pg_total_relation_size(c.reltoastrelid) END,
       CASE WHEN c.relkind IN ('r','m') THEN pg_indexes_size(c.oid) END,
       CASE WHEN c.relkind IN ('r','m') THEN pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm') + pg_relation_size(c.oid, 'init') END,
       COALESCE((SELECT option_value::int FROM pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), 100), pg_stat_get_live_tuples(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid)");
        if (found.empty()) {
            if (!error_)
                error_ = fail(ErrorKind::Usage, "This relation is no longer there.", "Refresh the browser.").value();
            return;
        }
        const Record &row = found.front();
        details_.schema = row[0];
        details_.name = row[1];
        details_.kind = row.letter(2);
        details_.owner = row[3];
        details_.comment = row[4];
        details_.persistence = row[5];
        details_.estimated_rows = row.number<double>(6);
        bloat_.rows = details_.estimated_rows;
        bloat_.pages = row.number<std::int64_t>(7);
        details_.sizes = {row.number<std::int64_t>(8), row.number<std::int64_t>(9), row.number<std::int64_t>(10), row.number<std::int64_t>(11)};
        bloat_.fillfactor = row.number<int>(12);
    }

    void readColumns()
    {
        bool all_known = true;
        for (const Record &row : rows(R"(
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       CASE WHEN a.attidentity <> '' THEN 'GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END || ' AS IDENTITY'
            WHEN a.attgenerated <> '' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ')' ELSE pg_get_expr(d.adbin, d.adrelid) END,
       s.n_distinct, s.null_frac, s.avg_width, col_description(a.attrelid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND s.inherited = (c.relkind = 'p')
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)")) {
            ColumnDetails column{row[0], row[1], row.flag(2), row[3], {}, {}, {}, row[7]};
            if (!row.isNull(4)) {
                column.n_distinct = row.number<double>(4);
                column.null_frac = row.number<double>(5);
                column.avg_width = row.number<int>(6);
                bloat_.row_bytes += *column.avg_width * (1 - *column.null_frac);
                bloat_.has_nulls = bloat_.has_nulls || *column.null_frac > 0;
            }
            all_known = all_known && !row.isNull(4);
            ++bloat_.columns;
            details_.columns.push_back(std::move(column));
        }
        if (all_known && bloat_.rows > 0 && bloat_.pages > 0 && (details_.kind == 'r' || details_.kind == 'm'))
            details_.bloat = estimateBloat(bloat_);
    }

    void readIndexes()
    {
        const bool last = connection_.facts().major() >= 16;
        for (const Record &row : rows(fmt::format(R"(
SELECT c.oid, c.relname, pg_get_indexdef(c.oid), m.amname, CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) END, pg_stat_get_numscans(c.oid), {},
       x.indisvalid AND x.indisready, x.indisunique, x.indisprimary
FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am m ON m.oid = c.relam WHERE x.indrelid = $1::oid ORDER BY x.indisprimary DESC, c.relname)",
                                                  last ? "(SELECT to_char(s.last_idx_scan, 'YYYY-MM-DD HH24:MI:SS') FROM pg_stat_all_indexes s WHERE s.indexrelid = c.oid)" : "NULL"))) {
            IndexDetails index{row.number<std::uint32_t>(0), row[1], row[2], row[3], row.number<std::int64_t>(4), row.number<std::int64_t>(5), {}, row.flag(7), row.flag(8), row.flag(9)};
            if (!row.isNull(6))
                index.last_scan = row[6];
            details_.indexes.push_back(std::move(index));
        }
    }

    void readConstraints()
    {
        for (const Record &row : rows(R"(
SELECT CASE WHEN o.conrelid = $1::oid THEN o.conname ELSE o.conname || ' on ' || o.conrelid::regclass END, o.contype, pg_get_constraintdef(o.oid), o.convalidated,
       o.conrelid <> $1::oid
FROM pg_constraint o WHERE o.conrelid = $1::oid OR o.contype = 'f' AND o.confrelid = $1::oid AND o.conparentid = 0
ORDER BY o.conrelid <> $1::oid, position(o.contype::text IN 'pufxcn'), 1 LIMIT 2000)"))
            details_.constraints.push_back({row[0], row.letter(1), row[2], row.flag(3), row.flag(4)});
    }

    void readTriggers()
    {
        for (const Record &row : rows("SELECT tgname, pg_get_triggerdef(oid, true), tgenabled, tgfoid::oid::regproc FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal ORDER BY tgname"))
            details_.triggers.push_back({row[0], row[1], row.letter(2), row[3]});
    }

    void readPartitions()
    {
        for (const Record &row : rows(R"(
SELECT c.oid, n.nspname || '.' || c.relname, COALESCE(pg_get_expr(c.relpartbound, c.oid), 'inherits'), CASE WHEN c.relkind = 'r' THEN pg_table_size(c.oid) END, c.reltuples
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.inhparent = $1::oid AND c.relkind <> 'I' ORDER BY 2 LIMIT 1000)"))
            details_.partitions.push_back({row.number<std::uint32_t>(0), row[1], row[2], row.number<std::int64_t>(3), row.number<double>(4)});
    }

    void readPrivileges()
    {
        for (const Record &row : rows(R"(
SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END, a.col, string_agg(x.privilege_type, ', ' ORDER BY x.privilege_type), pg_get_userbyid(x.grantor), x.is_grantable
FROM (SELECT COALESCE(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner)) AS acl, '' AS col, 0 AS place FROM pg_class c WHERE c.oid = $1::oid
      UNION ALL SELECT attacl, attname, attnum FROM pg_attribute WHERE attrelid = $1::oid AND attacl IS NOT NULL) a, aclexplode(a.acl) x
GROUP BY 1, 2, 4, 5, a.place ORDER BY a.place, 1)"))
            details_.privileges.push_back({row[0], row[1], row[2], row[3], row.flag(4)});
    }

    void readStatistics()
    {
        const auto take = [this](std::string_view sql) {
            for (const Record &row : rows(sql))
                details_.statistics.emplace_back(row[0], row[1]);
        };
        // As rows, so that every version shows the columns it has.
        take("SELECT j.key, j.value FROM pg_stat_all_tables s, jsonb_each_text(to_jsonb(s)) WITH ORDINALITY j(key, value, place) WHERE s.relid = $1::oid "
             "AND j.key NOT IN ('relid', 'schemaname', 'relname') ORDER BY j.key LIKE '%count', j.key LIKE 'last%' DESC, j.key");
        take("SELECT j.key, j.value FROM pg_statio_all_tables s, jsonb_each_text(to_jsonb(s)) j(key, value) WHERE s.relid = $1::oid AND j.key LIKE '%blks%' AND j.value IS NOT NULL ORDER BY j.key");
    }

    pg::Connection &connection_;
    std::string oid_;
    RelationDetails details_;
    BloatInput bloat_;
    std::optional<Error> error_;
};

} // namespace

Result<RelationDetails> relationDetails(pg::Connection &connection, std::uint32_t oid)
{
    const ddl::Snapshot snapshot(connection, false);
    if (snapshot.failure())
        return tl::unexpected(*snapshot.failure());
    return Reader(connection, oid).read();
}

} // namespace howdah::inspect
