// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/series/time_series.h"

namespace howdah::activity {

// What a server does at one moment. Names follow pg_stat_activity and its like; ages are milliseconds by the server's
// clock, -1 where there is none; xid ages count transactions, -1 where there is none.

struct Backend {
    int pid = 0;
    std::string started;            ///< backend_start as the server writes it; pid and this name a backend for good
    std::string user;
    std::string database;
    std::string application;
    std::string client;             ///< address, or "local"
    std::string backend_type;       ///< "client backend", "autovacuum worker" …
    std::string state;              ///< "active", "idle in transaction" …; "" for background processes
    std::string wait_event_type;
    std::string wait_event;
    std::string query;              ///< cut off on the server: see query_cut
    bool query_cut = false;
    std::string query_id;           ///< from 14 where compute_query_id is on
    int leader_pid = 0;             ///< of a parallel worker (or, from 16, a parallel apply worker)
    double state_age_ms = -1;
    double transaction_age_ms = -1;
    double query_age_ms = -1;
    double wait_ms = -1;            ///< how long it has waited for a lock: exact to a tick where `wait_seen`, else at most
    bool wait_seen = false;
    std::int64_t xid_age = -1;      ///< of backend_xid: it has written
    std::int64_t xmin_age = -1;     ///< of backend_xmin: what VACUUM must keep for it
    bool is_superuser = false;
    bool is_own = false;            ///< a connection of this very sampler
    std::vector<int> blocked_by;    ///< pg_blocking_pids; 0 is a prepared transaction

    [[nodiscard]] bool isClient() const { return backend_type == "client backend"; }
    [[nodiscard]] bool isWaitingForLock() const { return wait_event_type == "Lock"; }
    [[nodiscard]] bool isIdleInTransaction() const { return state.starts_with("idle in transaction"); }
    [[nodiscard]] bool isAutovacuum() const { return backend_type == "autovacuum worker"; }
    /// An autovacuum that a lock request does not push aside.
    [[nodiscard]] bool preventsWraparound() const { return isAutovacuum() && query.find("(to prevent wraparound)") != std::string::npos; }
};

/// A backend in the tree of who waits for whom, in the order in which the tree is read.
struct BlockingNode {
    int pid = 0;                    ///< 0: a prepared transaction
    int depth = 0;                  ///< 0: a root blocker
    int parent = -1;                ///< index of the node above
    int waiting_below = 0;          ///< waiters in the whole branch below
    std::vector<int> also_blocked_by; ///< blockers besides the parent
    bool in_cycle = false;          ///< they wait for each other: a deadlock that the server has not broken yet
    bool is_last = false;           ///< no brother follows
};

struct Progress {
    std::string command;            ///< "VACUUM", "CREATE INDEX CONCURRENTLY", "COPY FROM" …
    int pid = 0;
    std::string database;
    std::string relation;           ///< "" where it is none or in another database that cannot be named
    std::string index;
    std::string phase;
    std::int64_t done = 0;
    std::int64_t total = 0;         ///< 0: nobody knows
    std::string unit;               ///< "pages", "tuples", "bytes", "lockers", "partitions", "indexes"
    std::string note;               ///< "2 index passes", "3 of 4 partitions" …
    double running_ms = -1;
    std::optional<double> per_second;
    std::optional<double> seconds_left; ///< of this phase
    [[nodiscard]] double fraction() const { return total > 0 ? static_cast<double>(done) / static_cast<double>(total) : -1; }
};

struct PreparedTransaction {
    std::string gid;
    std::string owner;
    std::string database;
    double age_ms = -1;
    std::int64_t xid_age = -1;
};

struct ReplicationSlot {
    std::string name;
    std::string type;               ///< physical, logical
    std::string database;
    bool active = false;
    int active_pid = 0;
    std::int64_t xmin_age = -1;
    std::int64_t catalog_xmin_age = -1;
    std::string wal_status;
    std::int64_t retained_bytes = -1; ///< WAL kept for it
};

/// Rates are per second since the round before; series::no_value with the first one.
struct Figures {
    double commits = series::no_value, rollbacks = series::no_value;
    double tuples_returned = series::no_value, tuples_fetched = series::no_value;
    double tuples_inserted = series::no_value, tuples_updated = series::no_value, tuples_deleted = series::no_value;
    double blocks_hit = series::no_value, blocks_read = series::no_value;
    double cache_hit = series::no_value;  ///< 0..1 of the blocks asked for since the round before
    double temp_files = series::no_value, temp_bytes = series::no_value;
    double checkpoints_timed = series::no_value, checkpoints_requested = series::no_value;
    double checkpoint_buffers = series::no_value;
    double wal_bytes = series::no_value;
    double deadlocks = series::no_value;
    std::int64_t deadlocks_total = 0;     ///< since the statistics were reset
    int max_connections = 0;
    int clients = 0;                      ///< client backends, by state:
    int active = 0, waiting = 0, idle = 0, idle_in_transaction = 0;
    std::int64_t database_bytes = -1;     ///< of the database connected to; now and then only
};

struct Activity {
    series::TimeMs time_ms = 0;
    std::shared_ptr<const pg::ServerFacts> server;
    bool sees_everything = true;    ///< false: without pg_read_all_stats the sessions of others are hidden
    std::vector<Backend> backends;  ///< those who wait and work first
    bool more_backends = false;     ///< only the first were read
    std::vector<BlockingNode> blocking;
    bool more_waiters = false;      ///< pg_blocking_pids was asked for the longest waiters only
    std::vector<Progress> progress;
    std::vector<PreparedTransaction> prepared;
    std::vector<ReplicationSlot> slots; ///< that hold xmin, or WAL without being active
    Figures figures;
    std::vector<std::string> notes; ///< what could not be read, a sentence each
    double server_ms = 0;           ///< what this round has cost the server
    double round_trip_ms = 0;

    [[nodiscard]] const Backend *find(int pid) const;
    [[nodiscard]] int waiters() const;
};

/// The tree of the waiters among `backends`: each stands under one of its blockers, the one that waits itself the
/// deepest, so that it reads as a queue. Roots that hold up most come first.
[[nodiscard]] std::vector<BlockingNode> blockingTree(const std::vector<Backend> &backends);

/// The root above a node; the node itself when it is one.
[[nodiscard]] int rootOf(const std::vector<BlockingNode> &tree, int node);

} // namespace howdah::activity
