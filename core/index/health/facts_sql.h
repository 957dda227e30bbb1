// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace howdah::index_health {

// What readFacts() asks, a query a kind of thing. $1 is a schema, or '' for all. The parts in {braces} differ by version.

/// Relations of people: nothing of the system, temporary or an extension's.
inline constexpr const char *wanted_relation_sql =
    "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1 = '' OR n.nspname = $1) "
    "AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

/// The background writer's figures begin when those of the databases do, at initdb and after a crash; from 15 on a
/// database that was never reset tells nothing itself.
inline constexpr const char *database_sql = R"(
SELECT f.datname, current_setting('block_size'), pg_is_in_recovery(), current_setting('track_counts') = 'on',
       to_char(f.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(f.started AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(f.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       round(EXTRACT(epoch FROM clock_timestamp() - f.since)::numeric, 3),
       (SELECT count(*) FROM pg_stat_replication w WHERE w.state IN ('streaming', 'catchup') AND w.application_name NOT IN ('pg_receivewal', 'pg_basebackup')
        AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = w.pid AND s.slot_type = 'logical')),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgstattuple'),
       (SELECT setting FROM pg_settings WHERE name = 'gin_pending_list_limit'),
       (SELECT system_identifier FROM pg_control_system())
FROM (SELECT d.datname, d.stats_reset, pg_postmaster_start_time() AS started,
             COALESCE(d.stats_reset, (SELECT b.stats_reset FROM pg_stat_bgwriter b), pg_postmaster_start_time()) AS since
      FROM pg_stat_database d WHERE d.datname = current_database()) f)";

inline constexpr const char *tables_sql = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, CASE WHEN c.relispartition THEN i.inhparent ELSE 0 END, c.relpersistence = 'u',
       c.reltuples, CASE WHEN c.relkind <> 'p' THEN pg_relation_size(c.oid) / current_setting('block_size')::bigint END, c.relallvisible,
       COALESCE(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) IS NOT NULL,
       COALESCE(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NOT NULL,
       pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_hot_updated(c.oid),
       pg_stat_get_tuples_deleted(c.oid), pg_stat_get_mod_since_analyze(c.oid), pg_stat_get_numscans(c.oid), c.relreplident
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
WHERE c.relkind IN ('r', 'p', 'm') AND {wanted}
ORDER BY c.oid)";

/// Whoever builds or drops an index concurrently holds SHARE UPDATE EXCLUSIVE on its table all the while; so do VACUUM
/// and ANALYZE, which say so.
inline constexpr const char *indexes_sql = R"(
SELECT c.oid, x.indrelid, n.nspname, c.relname, m.amname, c.relkind, x.indnkeyatts, x.indkey, x.indclass, x.indcollation, x.indoption,
       CASE WHEN x.indexprs IS NOT NULL THEN array_to_string(ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, false)
            FROM generate_series(1, x.indnatts) k ORDER BY k), E'\x01') END,
       CASE WHEN m.amname NOT IN ('btree', 'hash') THEN (SELECT string_agg(a.attnum || ':' || array_to_string(a.attoptions, ','), ';' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attoptions IS NOT NULL) END,
       pg_get_expr(x.indpred, x.indrelid), array_to_string(c.reloptions, ', '), CASE WHEN c.relispartition THEN i.inhparent ELSE 0 END,
       x.indisunique, x.indisprimary, x.indisexclusion, {nulls_not_distinct}, x.indimmediate, x.indisvalid, x.indisready, x.indislive,
       x.indisclustered, x.indisreplident,
       NOT (x.indisvalid AND x.indisready) AND x.indrelid IN (SELECT l.relation FROM pg_locks l WHERE l.mode = 'ShareUpdateExclusiveLock'
            AND l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND l.pid <> pg_backend_pid() AND l.pid NOT IN (SELECT pid FROM pg_stat_progress_vacuum UNION ALL SELECT pid FROM pg_stat_progress_analyze)),
       o.name, COALESCE(o.referenced, false),
       CASE WHEN c.relkind = 'i' THEN pg_relation_size(c.oid) / current_setting('block_size')::bigint END, c.reltuples,
       pg_stat_get_numscans(c.oid), pg_stat_get_tuples_returned(c.oid), pg_stat_get_tuples_fetched(c.oid), {last_scan}, {last_scan_age}
FROM pg_index x
JOIN pg_class c ON c.oid = x.indexrelid
JOIN pg_am m ON m.oid = c.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN (SELECT conindid, max(conname::text) FILTER (WHERE contype IN ('p', 'u', 'x')) AS name, bool_or(contype = 'f') AS referenced
           FROM pg_constraint WHERE conindid <> 0 GROUP BY conindid) o ON o.conindid = x.indexrelid
WHERE {wanted}
ORDER BY x.indrelid, c.oid)";

inline constexpr const char *columns_sql = R"(
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attcollation, a.attnotnull
FROM pg_attribute a
JOIN (SELECT indrelid AS relation, unnest(indkey::int2[]) AS number FROM pg_index WHERE indrelid >= 16384
      UNION SELECT conrelid, unnest(conkey) FROM pg_constraint WHERE contype = 'f'
      UNION SELECT confrelid, unnest(confkey) FROM pg_constraint WHERE contype = 'f') u ON u.relation = a.attrelid AND u.number = a.attnum
WHERE a.attnum > 0)";

/// Only where they are needed: of what is large enough to be judged by them.
inline constexpr const char *statistics_sql = R"(
WITH wanted AS MATERIALIZED (
    SELECT c.oid, n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND ($1 = '' OR n.nspname = $1)
      AND (c.oid IN (SELECT x.indrelid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE i.relpages >= 16)
           OR c.relkind = 'i' AND c.relpages >= 16
           OR c.relpages >= 16 AND c.oid IN (SELECT conrelid FROM pg_constraint WHERE contype = 'f')))
SELECT w.oid, a.attnum, s.avg_width, s.null_frac, s.n_distinct
FROM wanted w
JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0
JOIN pg_stats s ON s.schemaname = w.nspname AND s.tablename = w.relname AND s.attname = a.attname AND NOT s.inherited)";

inline constexpr const char *foreign_keys_sql = R"(
SELECT o.oid, o.conparentid, o.conname, o.conrelid, o.confrelid, o.conkey, array_to_string(o.conpfeqop, ' '), o.confdeltype, o.confupdtype
FROM pg_constraint o
JOIN pg_namespace n ON n.oid = o.connamespace
WHERE o.contype = 'f' AND n.nspname !~ '^pg_' AND ($1 = '' OR n.nspname = $1){enforced}
ORDER BY o.conrelid, o.oid)";

inline constexpr const char *opclasses_sql = R"(
SELECT o.oid, o.opcname, m.amname, o.opcfamily, o.opcintype, o.opcdefault, format_type(o.opcintype, NULL),
       m.amname = 'btree' AND EXISTS (SELECT FROM pg_amproc p WHERE p.amprocfamily = o.opcfamily AND p.amproclefttype = o.opcintype
                                      AND p.amprocrighttype = o.opcintype AND p.amprocnum = 4)
FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod)";

inline constexpr const char *operators_sql = R"(
SELECT o.amopfamily, array_to_string(array_agg(o.amopopr), ' ') FROM pg_amop o JOIN pg_am m ON m.oid = o.amopmethod
WHERE m.amname IN ('gist', 'spgist', 'gin') AND o.amoppurpose = 's' GROUP BY o.amopfamily)";

/// $1: the collations that the indexes use.
inline constexpr const char *collations_sql = R"(
SELECT c.oid, c.collname,
       CASE c.collprovider WHEN 'c' THEN c.collcollate IN ('C', 'POSIX') WHEN 'd' THEN {database_is_c} WHEN 'b' THEN true ELSE false END,
       c.collisdeterministic,
       CASE WHEN c.collprovider = 'd' THEN {database_version} ELSE c.collversion END,
       CASE WHEN c.collprovider = 'd' THEN {database_actual_version} ELSE pg_collation_actual_version(c.oid) END
FROM pg_collation c CROSS JOIN (SELECT * FROM pg_database WHERE datname = current_database()) d
WHERE c.oid = ANY ($1::oid[]))";

} // namespace howdah::index_health
