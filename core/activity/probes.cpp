// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/probes.h"

namespace howdah::activity {

namespace {

using series::ColumnKind;
using series::Probe;

constexpr ColumnKind gauge = ColumnKind::Gauge;
constexpr ColumnKind counter = ColumnKind::Counter;

/// Sums over the whole server: a page about one database would hide who makes the disk busy.
Probe figures()
{
    Probe probe;
    probe.name = "figures";
    probe.max_rows = 1;
    probe.columns = {
        {"commits", "d.xact_commit", counter},
        {"rollbacks", "d.xact_rollback", counter},
        {"tuples_returned", "d.tup_returned", counter},
        {"tuples_fetched", "d.tup_fetched", counter},
        {"tuples_inserted", "d.tup_inserted", counter},
        {"tuples_updated", "d.tup_updated", counter},
        {"tuples_deleted", "d.tup_deleted", counter},
        {"blocks_hit", "d.blks_hit", counter},
        {"blocks_read", "d.blks_read", counter},
        {"temp_files", "d.temp_files", counter},
        {"temp_bytes", "d.temp_bytes", counter},
        {"deadlocks", "d.deadlocks", counter},
        {"checkpoints_timed", {{"b.checkpoints_timed", 0, 16}, {"b.num_timed", 17, 0}}, counter},
        {"checkpoints_requested", {{"b.checkpoints_req", 0, 16}, {"b.num_requested", 17, 0}}, counter},
        {"checkpoint_buffers", {{"b.buffers_checkpoint", 0, 16}, {"b.buffers_written", 17, 0}}, counter},
        {"wal_bytes",
         "CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') "
         "ELSE pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') END",
         counter},
        {"clients", "a.clients", gauge},
        {"active", "a.active", gauge},
        {"waiting", "a.waiting", gauge},
        {"idle", "a.idle", gauge},
        {"idle_in_transaction", "a.idle_in_transaction", gauge},
        {"max_connections", "current_setting('max_connections')"},
        {"sees_everything", "pg_has_role('pg_read_all_stats', 'USAGE')"},
    };
    probe.from = {
        {"FROM (SELECT sum(xact_commit) AS xact_commit, sum(xact_rollback) AS xact_rollback, sum(tup_returned) AS tup_returned, "
         "sum(tup_fetched) AS tup_fetched, sum(tup_inserted) AS tup_inserted, sum(tup_updated) AS tup_updated, "
         "sum(tup_deleted) AS tup_deleted, sum(blks_hit) AS blks_hit, sum(blks_read) AS blks_read, sum(temp_files) AS temp_files, "
         "sum(temp_bytes) AS temp_bytes, sum(deadlocks) AS deadlocks FROM pg_stat_database) d",
         0, 0},
        {"CROSS JOIN pg_stat_bgwriter b", 0, 16},
        {"CROSS JOIN pg_stat_checkpointer b", 17, 0},
        {"CROSS JOIN (SELECT count(*) AS clients, "
         "count(*) FILTER (WHERE state IN ('active', 'fastpath function call') AND wait_event_type IS DISTINCT FROM 'Lock') AS active, "
         "count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'Lock') AS waiting, "
         "count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction, "
         "count(*) FILTER (WHERE state = 'idle') AS idle "
         "FROM pg_stat_get_activity(NULL) WHERE backend_type = 'client backend') a",
         0, 0},
    };
    return probe;
}

std::string age(const char *since)
{
    return std::string("round(EXTRACT(epoch FROM clock_timestamp() - a.") + since + ")::numeric * 1000, 3)";
}

/// pg_blocking_pids looks at the locks of one object each, not at all that there are. Waits for a safe snapshot
/// (SERIALIZABLE READ ONLY DEFERRABLE) have a function of their own.
Probe sessions()
{
    Probe probe;
    probe.name = "sessions";
    probe.max_rows = max_backends;
    probe.columns = {
        {"pid", "a.pid"},
        {"started", "a.backend_start"},
        {"user", "r.rolname"},
        {"superuser", "r.rolsuper"},
        {"database", "d.datname"},
        {"application", "a.application_name"},
        {"client", "COALESCE(NULLIF(a.client_hostname, ''), host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local' END)"},
        {"backend_type", "a.backend_type"},
        {"state", "a.state"},
        {"wait_event_type", "a.wait_event_type"},
        {"wait_event", "a.wait_event"},
        {"query", ("left(a.query, " + std::to_string(query_letters) + ")").c_str()},
        {"query_cut", ("length(a.query) > " + std::to_string(query_letters)).c_str()},
        {"query_id", {{"a.query_id", 14, 0}}},
        {"leader_pid", "a.leader_pid"},
        {"state_age", age("state_change").c_str()},
        {"transaction_age", age("xact_start").c_str()},
        {"query_age", age("query_start").c_str()},
        {"xid_age", "age(a.backend_xid)"},
        {"xmin_age", "age(a.backend_xmin)"},
        {"own", "a.pid = pg_backend_pid()"},
        {"blocked_by", "w.blocked_by"},
        {"all_waiters", "count(*) FILTER (WHERE a.wait_event_type = 'Lock') OVER ()"},
    };
    probe.from = {{"FROM pg_stat_get_activity(NULL) a LEFT JOIN pg_roles r ON r.oid = a.usesysid LEFT JOIN pg_database d ON d.oid = a.datid "
                   "LEFT JOIN (SELECT x.pid, CASE WHEN x.wait_event = 'SafeSnapshot' THEN pg_safe_snapshot_blocking_pids(x.pid) "
                   "ELSE pg_blocking_pids(x.pid) END AS blocked_by FROM (SELECT s.pid, s.wait_event FROM pg_stat_get_activity(NULL) s "
                   "WHERE s.wait_event_type = 'Lock' OR s.wait_event = 'SafeSnapshot' ORDER BY s.query_start LIMIT " +
                       std::to_string(max_waiters) +
                       ") x) w ON w.pid = a.pid "
                       "ORDER BY (w.pid IS NOT NULL) DESC, (a.wait_event_type = 'Lock') DESC NULLS LAST, (a.state <> 'idle') DESC NULLS LAST, "
                       "a.xact_start NULLS LAST, a.pid",
                   0, 0}};
    return probe;
}

Probe prepared()
{
    Probe probe;
    probe.name = "prepared";
    probe.max_rows = 100;
    probe.every_ms = 5000;
    probe.columns = {
        {"gid", "p.gid"},
        {"owner", "p.owner"},
        {"database", "p.database"},
        {"age", "EXTRACT(epoch FROM clock_timestamp() - p.prepared) * 1000"},
        {"xid_age", "age(p.transaction)"},
    };
    probe.from = {{"FROM pg_prepared_xacts p ORDER BY p.prepared", 0, 0}};
    return probe;
}

Probe slots()
{
    Probe probe;
    probe.name = "slots";
    probe.max_rows = 100;
    probe.every_ms = 5000;
    probe.columns = {
        {"name", "s.slot_name"},
        {"type", "s.slot_type"},
        {"database", "s.database"},
        {"active", "s.active"},
        {"active_pid", "s.active_pid"},
        {"xmin_age", "age(s.xmin)"},
        {"catalog_xmin_age", "age(s.catalog_xmin)"},
        {"wal_status", "s.wal_status"},
        {"retained",
         "pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, s.restart_lsn)::bigint"},
    };
    probe.from = {{"FROM pg_replication_slots s WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL OR NOT s.active "
                   "ORDER BY GREATEST(age(s.xmin), age(s.catalog_xmin)) DESC NULLS LAST",
                   0, 0}};
    return probe;
}

/// It looks at every file of the database.
Probe size()
{
    Probe probe;
    probe.name = "size";
    probe.max_rows = 1;
    probe.every_ms = 60'000;
    probe.columns = {{"database_bytes", "pg_database_size(current_database())", gauge}};
    probe.from = {{"FROM (SELECT) one", 0, 0}};
    return probe;
}

/// One row a running command, whatever its view. `done` and `total` are those of the phase.
Probe progress()
{
    Probe probe;
    probe.name = "progress";
    probe.max_rows = 100;
    probe.columns = {{"command", "p.command"}, {"pid", "p.pid"}, {"database", "d.datname"},
                     {"relation", "CASE WHEN p.relid <> 0 AND p.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                                  "THEN p.relid::regclass::text END"},
                     {"index", "CASE WHEN p.indexid <> 0 AND p.datid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                               "THEN p.indexid::regclass::text END"},
                     {"phase", "p.phase"}, {"done", "p.done"}, {"total", "p.total"}, {"unit", "p.unit"}, {"note", "p.note"},
                     {"running", "round(EXTRACT(epoch FROM clock_timestamp() - COALESCE(a.query_start, a.xact_start))::numeric * 1000, 3)"}};
    const char *const vacuum_old =
        "SELECT pid, datid, relid, 0::oid AS indexid, 'VACUUM' AS command, phase, "
        "CASE phase WHEN 'vacuuming heap' THEN heap_blks_vacuumed WHEN 'scanning heap' THEN heap_blks_scanned ELSE 0 END AS done, "
        "CASE WHEN phase IN ('vacuuming heap', 'scanning heap') THEN heap_blks_total ELSE 0 END AS total, 'pages' AS unit, "
        "CASE WHEN index_vacuum_count > 0 THEN index_vacuum_count || ' index passes' END AS note FROM pg_stat_progress_vacuum";
    const char *const vacuum_new =
        "SELECT pid, datid, relid, 0::oid AS indexid, 'VACUUM' AS command, phase, "
        "CASE WHEN phase LIKE '%indexes' THEN indexes_processed WHEN phase = 'vacuuming heap' THEN heap_blks_vacuumed "
        "WHEN phase = 'scanning heap' THEN heap_blks_scanned ELSE 0 END AS done, "
        "CASE WHEN phase LIKE '%indexes' THEN indexes_total WHEN phase IN ('vacuuming heap', 'scanning heap') THEN heap_blks_total ELSE 0 END AS total, "
        "CASE WHEN phase LIKE '%indexes' THEN 'indexes' ELSE 'pages' END AS unit, "
        "CASE WHEN index_vacuum_count > 0 THEN index_vacuum_count || ' index passes' END AS note FROM pg_stat_progress_vacuum";
    const char *const others =
        "UNION ALL SELECT pid, datid, relid, 0, 'ANALYZE', phase, sample_blks_scanned, sample_blks_total, 'pages', "
        "CASE WHEN child_tables_total > 0 THEN child_tables_done || ' of ' || child_tables_total || ' partitions' END FROM pg_stat_progress_analyze "
        "UNION ALL SELECT pid, datid, relid, index_relid, command, phase, "
        "CASE WHEN lockers_total > 0 AND phase LIKE 'waiting%' THEN lockers_done WHEN blocks_total > 0 THEN blocks_done ELSE tuples_done END, "
        "CASE WHEN lockers_total > 0 AND phase LIKE 'waiting%' THEN lockers_total WHEN blocks_total > 0 THEN blocks_total ELSE tuples_total END, "
        "CASE WHEN lockers_total > 0 AND phase LIKE 'waiting%' THEN 'lockers' WHEN blocks_total > 0 THEN 'pages' ELSE 'tuples' END, "
        "CASE WHEN partitions_total > 0 THEN partitions_done || ' of ' || partitions_total || ' partitions' "
        "WHEN current_locker_pid > 0 THEN 'waits for ' || current_locker_pid END FROM pg_stat_progress_create_index "
        "UNION ALL SELECT pid, datid, relid, cluster_index_relid, command, phase, "
        "CASE WHEN phase LIKE 'seq scanning%' THEN heap_blks_scanned ELSE heap_tuples_written END, "
        "CASE WHEN phase LIKE 'seq scanning%' THEN heap_blks_total ELSE 0 END, "
        "CASE WHEN phase LIKE 'seq scanning%' THEN 'pages' ELSE 'tuples' END, "
        "CASE WHEN index_rebuild_count > 0 THEN index_rebuild_count || ' indexes rebuilt' END FROM pg_stat_progress_cluster "
        "UNION ALL SELECT pid, 0, 0, 0, 'BASE BACKUP', phase, backup_streamed, COALESCE(backup_total, 0), 'bytes', "
        "CASE WHEN tablespaces_total > 1 THEN tablespaces_streamed || ' of ' || tablespaces_total || ' tablespaces' END FROM pg_stat_progress_basebackup";
    const char *const copy =
        "UNION ALL SELECT pid, datid, relid, 0, command, lower(type), CASE WHEN bytes_total > 0 THEN bytes_processed ELSE tuples_processed END, "
        "bytes_total, CASE WHEN bytes_total > 0 THEN 'bytes' ELSE 'tuples' END, "
        "CASE WHEN bytes_total > 0 THEN tuples_processed || ' rows' END FROM pg_stat_progress_copy";
    probe.from = {{"FROM (", 0, 0},
                  {vacuum_old, 0, 16},
                  {vacuum_new, 17, 0},
                  {others, 0, 0},
                  {copy, 14, 0},
                  {") p LEFT JOIN pg_database d ON d.oid = p.datid LEFT JOIN LATERAL pg_stat_get_activity(p.pid) a ON true "
                   "ORDER BY a.query_start, p.pid",
                   0, 0}};
    return probe;
}

} // namespace

std::vector<series::Probe> probes()
{
    return {figures(), sessions(), progress(), prepared(), slots(), size()};
}

} // namespace howdah::activity
