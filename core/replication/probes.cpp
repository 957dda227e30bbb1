// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/probes.h"

#include <string>

namespace howdah::replication {

namespace {

using series::ColumnKind;
using series::Probe;

constexpr ColumnKind gauge = ColumnKind::Gauge;
constexpr ColumnKind counter = ColumnKind::Counter;

/// The end of what this node has: written on a primary, received or replayed on a standby.
const std::string end_lsn = "CASE WHEN pg_is_in_recovery() THEN GREATEST(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) "
                            "ELSE pg_current_wal_lsn() END";

std::string bytesOf(const std::string &lsn)
{
    return "pg_wal_lsn_diff(" + lsn + ", '0/0')::bigint";
}

std::string behind(const char *lsn)
{
    return std::string("pg_wal_lsn_diff(n.lsn, ") + lsn + ")::bigint";
}

std::string age(const std::string &since)
{
    return "round(EXTRACT(epoch FROM clock_timestamp() - " + since + ")::numeric * 1000, 3)";
}

std::string milliseconds(const char *interval)
{
    return std::string("round(EXTRACT(epoch FROM ") + interval + ")::numeric * 1000, 3)";
}

Probe node()
{
    Probe probe;
    probe.name = "node";
    probe.max_rows = 1;
    probe.columns = {
        {"in_recovery", "pg_is_in_recovery()"},
        {"system_identifier", "(pg_control_system()).system_identifier"},
        {"started", "EXTRACT(epoch FROM pg_postmaster_start_time())"},
        {"timeline",
         "CASE WHEN pg_is_in_recovery() THEN (pg_control_checkpoint()).timeline_id "
         "ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END"},
        {"pause_state",
         {{"CASE WHEN pg_is_in_recovery() THEN CASE WHEN pg_is_wal_replay_paused() THEN 'paused' ELSE 'not paused' END END", 0, 13},
          {"CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() END", 14, 0}}},
        {"wal_bytes", bytesOf(end_lsn).c_str(), counter},
        {"lsn", bytesOf(end_lsn).c_str()},
        {"replay_lsn", bytesOf("pg_last_wal_replay_lsn()").c_str()},
        {"replay_age", age("pg_last_xact_replay_timestamp()").c_str(), gauge},
        {"sees_everything", "pg_has_role('pg_read_all_stats', 'USAGE')"},
        {"synchronous_standby_names", "current_setting('synchronous_standby_names')"},
        {"synchronous_commit", "current_setting('synchronous_commit')"},
        {"max_slot_wal_keep", "pg_size_bytes(current_setting('max_slot_wal_keep_size'))"},
        {"sync_waiters", "a.sync_waiters", gauge},
        {"oldest_query_pid", "a.oldest_pid"},
        {"oldest_query_ms", age("a.oldest").c_str()},
        {"replay_waits_for", "a.replay_waits_for"},
    };
    probe.from = {{"FROM (SELECT count(*) FILTER (WHERE wait_event = 'SyncRep') AS sync_waiters, "
                   "min(xact_start) FILTER (WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS oldest, "
                   "(array_agg(pid ORDER BY xact_start) FILTER (WHERE backend_type = 'client backend' AND xact_start IS NOT NULL "
                   "AND pid <> pg_backend_pid()))[1] AS oldest_pid, "
                   "max(wait_event) FILTER (WHERE backend_type = 'startup') AS replay_waits_for FROM pg_stat_get_activity(NULL)) a",
                   0, 0}};
    return probe;
}

/// pg_settings is built anew as a whole with every look: not with every tick.
Probe settings()
{
    Probe probe;
    probe.name = "settings";
    probe.every_ms = 15'000;
    probe.columns = {{"name", "s.name"}, {"setting", "s.name || '=' || CASE WHEN s.name = 'primary_conninfo' THEN (s.setting <> '')::text "
                                                     "WHEN s.name IN ('archive_command', 'archive_library') THEN "
                                                     "(s.setting NOT IN ('', '(disabled)'))::text ELSE s.setting END"}};
    probe.from = {{"FROM pg_settings s WHERE s.name IN ('wal_receiver_timeout', 'wal_sender_timeout', 'wal_receiver_status_interval', 'cluster_name', 'wal_level', "
                   "'data_directory', 'port', 'primary_conninfo', 'hot_standby_feedback', 'archive_mode', 'archive_command', "
                   "'archive_library')",
                   0, 0}};
    return probe;
}

Probe senders()
{
    Probe probe;
    probe.name = "senders";
    probe.max_rows = max_senders;
    probe.key = "key";
    probe.columns = {
        {"pid", "r.pid"},
        {"key", "COALESCE(s.slot_name::text, r.application_name, '') || '@' || COALESCE(host(r.client_addr), 'local')"},
        {"user", "r.usename"},
        {"application", "r.application_name"},
        {"client", "COALESCE(host(r.client_addr), 'local')"},
        {"state", "r.state"},
        {"sync_state", "r.sync_state"},
        {"slot", "s.slot_name"},
        {"logical", "s.slot_type = 'logical'"},
        {"sent_lsn", bytesOf("r.sent_lsn").c_str()},
        {"replay_lsn", bytesOf("r.replay_lsn").c_str()},
        {"sent_bytes", behind("r.sent_lsn").c_str(), gauge},
        {"write_bytes", behind("r.write_lsn").c_str(), gauge},
        {"flush_bytes", behind("r.flush_lsn").c_str(), gauge},
        {"replay_bytes", behind("r.replay_lsn").c_str(), gauge},
        {"write_ms", milliseconds("r.write_lag").c_str(), gauge},
        {"flush_ms", milliseconds("r.flush_lag").c_str(), gauge},
        {"replay_ms", milliseconds("r.replay_lag").c_str(), gauge},
        {"age", age("r.backend_start").c_str()},
        {"reply_age", age("r.reply_time").c_str()},
        {"xmin_age", "age(r.backend_xmin)"},
    };
    probe.from = {{"FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid "
                   "CROSS JOIN (SELECT " + end_lsn + " AS lsn) n ORDER BY r.backend_start, r.pid",
                   0, 0}};
    return probe;
}

Probe slots()
{
    Probe probe;
    probe.name = "slots";
    probe.max_rows = max_slots;
    probe.key = "name";
    probe.columns = {
        {"name", "s.slot_name"},
        {"plugin", "s.plugin"},
        {"type", "s.slot_type"},
        {"database", "s.database"},
        {"temporary", "s.temporary"},
        {"active", "s.active"},
        {"active_pid", "s.active_pid"},
        {"xmin_age", "age(s.xmin)"},
        {"catalog_xmin_age", "age(s.catalog_xmin)"},
        {"restart_lsn", bytesOf("s.restart_lsn").c_str()},
        {"confirmed_flush_lsn", bytesOf("s.confirmed_flush_lsn").c_str()},
        {"wal_status", "s.wal_status"},
        {"safe", "s.safe_wal_size"},
        {"retained", behind("s.restart_lsn").c_str(), gauge},
        {"two_phase", {{"s.two_phase", 14, 0}}},
        {"conflicting", {{"s.conflicting", 16, 0}}},
        {"inactive", {{age("s.inactive_since"), 17, 0}}},
        {"invalidation_reason", {{"s.invalidation_reason", 17, 0}}},
        {"failover", {{"s.failover", 17, 0}}},
        {"synced", {{"s.synced", 17, 0}}},
    };
    probe.from = {{"FROM pg_replication_slots s CROSS JOIN (SELECT " + end_lsn + " AS lsn) n ORDER BY s.slot_name", 0, 0}};
    return probe;
}

/// The conninfo is shown by the server without its password; only the name that it gives is taken.
Probe receiver()
{
    Probe probe;
    probe.name = "receiver";
    probe.max_rows = 1;
    probe.columns = {
        {"pid", "w.pid"},
        {"status", "w.status"},
        {"slot", "w.slot_name"},
        {"sender_host", "w.sender_host"},
        {"sender_port", "w.sender_port"},
        {"application", R"(substring(w.conninfo from 'application_name=''?([^ '']+)'))"},
        {"received_tli", "w.received_tli"},
        {"flushed_lsn", bytesOf("w.flushed_lsn").c_str()},
        {"latest_end_lsn", bytesOf("w.latest_end_lsn").c_str()},
        {"receipt_age", age("w.last_msg_receipt_time").c_str(), gauge},
    };
    probe.from = {{"FROM pg_stat_wal_receiver w", 0, 0}};
    return probe;
}

Probe subscriptions()
{
    Probe probe;
    probe.name = "subscriptions";
    probe.max_rows = 200;
    probe.key = "key";
    probe.columns = {
        {"oid", "s.oid"},
        {"key", "d.datname || '.' || s.subname"},
        {"name", "s.subname"},
        {"database", "d.datname"},
        {"here", "s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"},
        {"enabled", "s.subenabled"},
        {"slot", "s.subslotname"},
        {"publications", "array_to_string(s.subpublications, ',')"},
        {"worker_pid", "w.pid"},
        {"sync_workers", "(SELECT count(*) FROM pg_stat_subscription x WHERE x.subid = s.oid AND x.relid IS NOT NULL)"},
        {"worker_age", age("a.backend_start").c_str()},
        {"received_lsn", bytesOf("w.received_lsn").c_str()},
        {"latest_end_lsn", bytesOf("w.latest_end_lsn").c_str()},
        {"receipt_age", age("w.last_msg_receipt_time").c_str(), gauge},
        {"apply_errors", {{"e.apply_error_count", 15, 0}}, gauge},
        {"sync_errors", {{"e.sync_error_count", 15, 0}}, gauge},
        {"stats_age", {{age("e.stats_reset"), 15, 0}}},
    };
    for (const char *column : {"confl_insert_exists", "confl_update_origin_differs", "confl_update_exists", "confl_update_missing",
                               "confl_delete_origin_differs", "confl_delete_missing", "confl_multiple_unique_conflicts"})
        probe.columns.push_back({column, {{std::string("e.") + column, 18, 0}}, gauge});
    probe.from = {
        {"FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid", 0, 0},
        {"LEFT JOIN pg_stat_subscription_stats e ON e.subid = s.oid", 15, 0},
        {"LEFT JOIN LATERAL (SELECT * FROM pg_stat_subscription x WHERE x.subid = s.oid AND x.relid IS NULL", 0, 0},
        {"AND x.leader_pid IS NULL", 16, 0},
        {"LIMIT 1) w ON true LEFT JOIN LATERAL pg_stat_get_activity(w.pid) a ON w.pid IS NOT NULL ORDER BY d.datname, s.subname", 0, 0},
    };
    return probe;
}

/// From 15 the log names the transaction that cannot be applied by its end. It is looked at only while something fails,
/// and only where this role may read files of the server.
Probe applyFailures()
{
    Probe probe;
    probe.name = "apply_failures";
    probe.every_ms = 5000;
    probe.max_rows = 200;
    probe.columns = {{"subscription", "m.found[1]::bigint"}, {"lsn", bytesOf("m.found[2]::pg_lsn").c_str()}};
    // Byte by byte: the first of these 64 kB may stand within a character.
    probe.from = {{"FROM (SELECT pg_current_logfile() AS file WHERE EXISTS (SELECT FROM pg_stat_subscription_stats WHERE apply_error_count > 0) OFFSET 0) f "
                   "CROSS JOIN LATERAL pg_stat_file(f.file, true) s CROSS JOIN LATERAL regexp_matches(encode(pg_read_binary_file(f.file, "
                   "greatest(0, s.size - 65536), 65536, true), 'escape'), '\\mpg_([0-9]+)\\W[^\\n]*\\m([0-9A-F]{1,8}/[0-9A-F]{1,8})\\M', 'g') "
                   "WITH ORDINALITY m (found, n) ORDER BY m.n DESC",
                   15, 0}};
    return probe;
}

Probe relationStates()
{
    Probe probe;
    probe.name = "relation_states";
    probe.every_ms = 2000;
    probe.columns = {{"subscription", "r.srsubid"}, {"state", "r.srsubstate"}, {"relations", "r.relations"}};
    probe.from = {{"FROM (SELECT srsubid, srsubstate, count(*) AS relations FROM pg_subscription_rel GROUP BY 1, 2) r", 0, 0}};
    return probe;
}

Probe copying()
{
    Probe probe;
    probe.name = "copying";
    probe.max_rows = 200;
    probe.columns = {
        {"subscription", "r.srsubid"},
        {"relation", "(SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = r.srrelid)"},
        {"relid", "r.srrelid"},
        {"state", "r.srsubstate"},
        {"rows", {{"p.tuples_processed", 14, 0}}},
        {"bytes", {{"p.bytes_processed", 14, 0}}},
    };
    probe.from = {{"FROM pg_subscription_rel r", 0, 0},
                  {"LEFT JOIN pg_stat_progress_copy p ON p.relid = r.srrelid AND p.command = 'COPY FROM'", 14, 0},
                  {"WHERE r.srsubstate <> 'r' ORDER BY r.srsubstate, r.srrelid", 0, 0}};
    return probe;
}

Probe publications()
{
    Probe probe;
    probe.name = "publications";
    probe.every_ms = 10'000;
    probe.max_rows = 200;
    probe.columns = {
        {"name", "p.pubname"},
        {"all_tables", "p.puballtables"},
        {"inserts", "p.pubinsert"},
        {"updates", "p.pubupdate"},
        {"deletes", "p.pubdelete"},
        {"truncates", "p.pubtruncate"},
        {"via_root", "p.pubviaroot"},
        {"tables", "CASE WHEN p.puballtables THEN -1 ELSE (SELECT count(*) FROM pg_publication_rel r WHERE r.prpubid = p.oid) END"},
    };
    probe.from = {{"FROM pg_publication p ORDER BY p.pubname", 0, 0}};
    return probe;
}

/// The columns of a table as both sides can be compared.
const std::string columns_of =
    "(SELECT string_agg(a.attname || chr(9) || format_type(a.atttypid, a.atttypmod), chr(10) ORDER BY a.attname COLLATE \"C\") "
    "FROM pg_attribute a WHERE a.attrelid = t.relid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' %)";

std::string columnsOf(const std::string &further)
{
    std::string text = columns_of;
    return text.replace(text.find('%'), 1, further);
}

Probe published()
{
    Probe probe;
    probe.name = "published";
    probe.every_ms = 10'000;
    probe.max_rows = max_tables;
    probe.columns = {
        {"schema", "t.schemaname"},
        {"name", "t.tablename"},
        {"owner", "t.publications"},
        {"updates", "t.updates"},
        {"identity", "c.relreplident"},
        {"has_identity",
         "c.relreplident = 'f' OR (c.relreplident = 'd' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) "
         "OR (c.relreplident = 'i' AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident))"},
        {"columns", {{columnsOf(""), 0, 14}, {columnsOf("AND (t.attnames IS NULL OR a.attname = ANY (t.attnames))"), 15, 0}}},
    };
    probe.from = {
        {"FROM (SELECT g.schemaname, g.tablename, format('%I.%I', g.schemaname, g.tablename)::regclass AS relid, "
         "string_agg(g.pubname, ',' ORDER BY g.pubname) AS publications, bool_or(p.pubupdate OR p.pubdelete) AS updates",
         0, 0},
        {", (array_agg(g.attnames::text))[1]::name[] AS attnames", 15, 0},
        {"FROM pg_publication_tables g JOIN pg_publication p ON p.pubname = g.pubname GROUP BY 1, 2) t "
         "JOIN pg_class c ON c.oid = t.relid ORDER BY t.schemaname, t.tablename",
         0, 0}};
    return probe;
}

Probe subscribed()
{
    Probe probe;
    probe.name = "subscribed";
    probe.every_ms = 10'000;
    probe.max_rows = max_tables;
    probe.columns = {
        {"schema", "n.nspname"},
        {"name", "c.relname"},
        {"owner", "t.subscriptions"},
        {"identity", "c.relreplident"},
        {"columns", columnsOf("").c_str()},
    };
    probe.from = {{"FROM (SELECT r.srrelid AS relid, string_agg(r.srsubid::text, ',') AS subscriptions FROM pg_subscription_rel r "
                   "GROUP BY 1) t JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace "
                   "ORDER BY n.nspname, c.relname",
                   0, 0}};
    return probe;
}

Probe conflicts()
{
    Probe probe;
    probe.name = "conflicts";
    probe.max_rows = 1;
    probe.columns = {
        {"tablespace", "c.tablespace"}, {"lock", "c.lock"}, {"snapshot", "c.snapshot"}, {"bufferpin", "c.bufferpin"},
        {"deadlock", "c.deadlock"}, {"logicalslot", {{"c.logicalslot", 16, 0}}}, {"all", "c.all", gauge}};
    probe.from = {{"FROM (SELECT sum(confl_tablespace)::bigint AS tablespace, sum(confl_lock)::bigint AS lock, "
                   "sum(confl_snapshot)::bigint AS snapshot, sum(confl_bufferpin)::bigint AS bufferpin, "
                   "sum(confl_deadlock)::bigint AS deadlock, sum(confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin "
                   "+ confl_deadlock)::bigint AS all",
                   0, 0},
                  {", sum(confl_active_logicalslot)::bigint AS logicalslot", 16, 0},
                  {"FROM pg_stat_database_conflicts WHERE pg_is_in_recovery()) c", 0, 0}};
    return probe;
}

Probe archiver()
{
    Probe probe;
    probe.name = "archiver";
    probe.max_rows = 1;
    probe.columns = {
        {"archived", "a.archived_count", gauge},
        {"failed", "a.failed_count", gauge},
        {"last_archived_wal", "a.last_archived_wal"},
        {"last_failed_wal", "a.last_failed_wal"},
        {"last_archived_age", age("a.last_archived_time").c_str()},
        {"last_failed_age", age("a.last_failed_time").c_str()},
    };
    probe.from = {{"FROM pg_stat_archiver a", 0, 0}};
    return probe;
}

Probe archiveReady()
{
    Probe probe;
    probe.name = "archive_ready";
    probe.max_rows = 1;
    probe.every_ms = 5000;
    probe.columns = {{"ready", "count(*)", gauge}, {"oldest", age("min(f.modification)").c_str()}};
    probe.from = {{"FROM pg_ls_archive_statusdir() f WHERE f.name LIKE '%.ready'", 0, 0}};
    return probe;
}

} // namespace

std::vector<series::Probe> probes()
{
    return {settings(), node(), senders(), slots(), receiver(), subscriptions(), applyFailures(), relationStates(), copying(), publications(),
            published(), subscribed(), conflicts(), archiver(), archiveReady()};
}

} // namespace howdah::replication
