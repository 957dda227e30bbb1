// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/series/sampler.h"

namespace howdah::replication {

// What the nodes of a replication say at one moment, each for itself. Names follow the server's views. LSNs are bytes
// since 0/0, -1 where there is none; ages and lags are milliseconds by that server's clock, -1 where nothing is known.

using Lsn = std::int64_t;

/// "16/B374D848"; "" for -1.
[[nodiscard]] std::string lsnText(Lsn lsn);

enum class Stage : std::uint8_t { Sent, Write, Flush, Replay };
inline constexpr int stage_count = 4;
[[nodiscard]] const char *stageName(Stage stage);

/// How far a receiver is behind in one stage. `ms` is NULL on the server, -1 here, when nothing was sent lately.
struct Lag {
    std::int64_t bytes = -1;
    double ms = -1;
};

/// A row of pg_stat_replication: the upstream's view of one connection.
struct Sender {
    int pid = 0;
    std::string user;
    std::string application_name;
    std::string client;            ///< address, or "local"
    std::string state;             ///< startup, catchup, streaming, backup, stopping
    std::string sync_state;        ///< async, potential, sync, quorum
    std::string slot;              ///< that it holds; "" for none
    bool logical = false;          ///< of a logical slot
    Lag lag[stage_count];          ///< sent has bytes alone
    Lsn sent_lsn = -1, replay_lsn = -1;
    double age_ms = -1;            ///< since backend_start
    double reply_age_ms = -1;      ///< since the receiver last spoke
    std::int64_t xmin_age = -1;    ///< transactions; hot_standby_feedback holds it
};

/// A row of pg_replication_slots. What a version has not is empty.
struct Slot {
    std::string name;
    std::string plugin;
    std::string type;              ///< physical, logical
    std::string database;
    bool temporary = false;
    bool active = false;
    int active_pid = 0;
    std::int64_t xmin_age = -1, catalog_xmin_age = -1;
    Lsn restart_lsn = -1, confirmed_flush_lsn = -1;
    std::string wal_status;        ///< reserved, extended, unreserved, lost
    std::int64_t safe_wal_bytes = -1; ///< safe_wal_size: WAL that may still be written before it is lost
    std::int64_t retained_bytes = -1; ///< from restart_lsn to the present
    std::optional<bool> conflicting;  ///< 16
    double inactive_ms = -1;       ///< 17: since inactive_since
    std::string invalidation_reason; ///< 17
    std::optional<bool> failover;  ///< 17
    std::optional<bool> synced;    ///< 17: on a standby, kept in step with the primary's slot
    bool two_phase = false;        ///< 14
    [[nodiscard]] bool isPhysical() const { return type == "physical"; }
};

/// pg_stat_wal_receiver.
struct Receiver {
    int pid = 0;
    std::string status;
    std::string slot;
    std::string sender_host;
    int sender_port = 0;
    std::string application_name;  ///< from its conninfo
    int received_tli = 0;
    Lsn flushed_lsn = -1, latest_end_lsn = -1;
    double receipt_age_ms = -1;    ///< since last_msg_receipt_time
    bool visible = false;          ///< false: this role may not read its figures
};

struct Subscription {
    std::int64_t oid = 0;
    std::string name;
    std::string database;
    bool enabled = true;
    std::string slot;
    std::string publications;      ///< comma-separated
    bool in_this_database = false; ///< its relations can be read
    int worker_pid = 0;            ///< the leading apply worker; 0: none runs
    int sync_workers = 0;
    double worker_age_ms = -1;
    Lsn received_lsn = -1, latest_end_lsn = -1;
    double receipt_age_ms = -1;
    std::int64_t apply_errors = -1, sync_errors = -1; ///< 15
    double stats_age_ms = -1;      ///< since stats_reset
    std::map<std::string, std::int64_t> conflicts;    ///< 18: confl_insert_exists …
    std::map<std::string, std::int64_t> relations;    ///< count by srsubstate: i, d, f, s, r
    double apply_error_age_ms = -1;///< since the count was last seen to grow
    Lsn failing_lsn = -1;          ///< 15: end of the transaction that the server log says could not be applied, where that log can be read
};

/// A relation that a subscription has not brought to state r yet.
struct CopyingRelation {
    std::int64_t subscription = 0;
    std::string relation;          ///< schema.name, quoted
    std::string state;
    double since_ms = -1;          ///< seen in that state for
    std::int64_t copied_rows = -1, copied_bytes = -1; ///< 14: pg_stat_progress_copy
};

struct Publication {
    std::string name;
    bool all_tables = false;
    bool inserts = true, updates = true, deletes = true, truncates = true;
    bool via_root = false;
    std::int64_t tables = 0;
};

/// A table on either side, as replication sees it.
struct ReplicatedTable {
    std::string schema, name;
    std::string owner;             ///< the publications, or the subscription, comma-separated
    char replica_identity = 'd';   ///< d, n, f, i
    bool has_identity = true;      ///< updates and deletes can be told apart
    bool updates = true;           ///< some publication of it publishes UPDATE or DELETE
    std::string columns;           ///< "id\tbigint\nname\ttext", by name; generated and excluded ones left out
};

struct RecoveryConflicts {
    std::int64_t tablespace = 0, lock = 0, snapshot = 0, bufferpin = 0, deadlock = 0, logicalslot = 0;
    [[nodiscard]] std::int64_t all() const { return tablespace + lock + snapshot + bufferpin + deadlock + logicalslot; }
};

struct Archiver {
    std::string mode;              ///< archive_mode
    bool has_command = false;      ///< archive_command or archive_library is set
    std::int64_t archived = 0, failed = 0;
    std::string last_archived_wal, last_failed_wal;
    double last_archived_age_ms = -1, last_failed_age_ms = -1;
    std::int64_t ready = -1;       ///< segments that wait; -1: not known
    double oldest_ready_age_ms = -1;
};

/// Settings that rules need, from pg_settings in its units; -1 and "" where this role may not read them.
struct NodeSettings {
    std::string synchronous_standby_names, synchronous_commit;
    std::int64_t max_slot_wal_keep_bytes = -1; ///< -1: no limit
    double wal_receiver_timeout_ms = 60'000, wal_sender_timeout_ms = 60'000, wal_receiver_status_interval_ms = 10'000;
    std::string cluster_name, wal_level, data_directory, port, hot_standby_feedback;
    bool has_primary_conninfo = false; ///< false too where this role may not read it
    bool read = false;
};

/// What one connection tells of its server.
struct Node {
    std::string name;              ///< unique in an overview
    series::SamplerState state = series::SamplerState::Starting;
    Error error;                   ///< why it is lost
    double silent_ms = -1;         ///< since its last sample, when it is slow or lost
    bool sampled = false;          ///< the figures below were read once
    std::shared_ptr<const pg::ServerFacts> server;
    series::TimeMs time_ms = 0;
    double server_ms = 0;          ///< spent on the server by the last tick
    std::string instance;          ///< the same for two connections to one server
    std::string system_identifier;
    int timeline = 0;
    bool in_recovery = false;
    std::string pause_state;       ///< "not paused", "pause requested", "paused"; "" out of recovery
    Lsn lsn = -1;                  ///< written, or on a standby received and kept
    Lsn replay_lsn = -1;
    double replay_age_ms = -1;     ///< since the last replayed commit was made
    double wal_rate = series::no_value; ///< bytes a second
    std::int64_t free_bytes = -1;  ///< where pg_wal lies; only known on this machine
    int sync_waiters = 0;          ///< sessions that wait for a synchronous standby
    int oldest_query_pid = 0;      ///< on a standby: the client whose snapshot is the oldest
    double oldest_query_ms = -1;
    std::string replay_waits_for;  ///< wait event of the startup process
    NodeSettings settings;
    std::vector<Sender> senders;
    std::vector<Slot> slots;
    std::optional<Receiver> receiver;
    std::vector<Subscription> subscriptions;
    std::vector<CopyingRelation> copying;
    std::vector<Publication> publications;
    std::vector<ReplicatedTable> published, subscribed;
    RecoveryConflicts conflicts;
    Archiver archiver;
    std::vector<std::string> notes;///< what could not be read, and why
    bool sees_everything = true;   ///< pg_read_all_stats

    [[nodiscard]] bool isLost() const { return state == series::SamplerState::Lost || state == series::SamplerState::Slow; }
    [[nodiscard]] bool isWritable() const { return sampled && !isLost() && !in_recovery; }
    [[nodiscard]] const Slot *slot(std::string_view wanted) const;
    [[nodiscard]] const Sender *senderOf(int pid) const;
};

} // namespace howdah::replication
