// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::migration {

/// What batches give way to. 0, and "" where it is a text, is no limit.
struct Throttle {
    double batch_ms = 50;                   ///< a batch is sized to take about that long: what a client waits that wants its rows
    double rows_per_second = 0;             ///< no faster than that
    double replica_lag_s = 10;              ///< of any standby that replays
    std::int64_t replica_lag_bytes = 256LL << 20;
    std::int64_t wal_bytes_per_second = 0;  ///< of the whole server
    std::int64_t slot_bytes = 16LL << 30;   ///< WAL kept for a replication slot
    double oldest_transaction_s = 1800;     ///< age of the oldest snapshot: what it holds, VACUUM cannot remove
    double autovacuum_s = 60;               ///< wait that long while an autovacuum works on the table
    int waiting_sessions = 20;              ///< that wait for a lock in this database
    double latency_ms = 250;                ///< of `latency_sql`, run every second
    std::string latency_sql = "SELECT 1";
    std::string window;                     ///< "22:00-06:00" by the server's clock; "" is always
};

/// {"batch_ms": 50, …}: keys are the fields.
[[nodiscard]] std::string toJson(const Throttle &throttle);
/// What the text does not name keeps the value of `base`. Fails with Parse for a wrong value.
[[nodiscard]] Result<Throttle> readThrottle(std::string_view json, Throttle base = {});
/// One field by name: "replica_lag_s=5", "window=22:00-06:00", "slot_bytes=1 GB" (kB, MB, GB), "latency_ms=off". Fails with Usage.
[[nodiscard]] Result<void> setThrottle(Throttle &throttle, std::string_view assignment);

/// What the server does at one moment, as far as batches must mind.
struct Load {
    std::int64_t wal_position = 0;          ///< bytes
    double wal_bytes_per_second = 0;
    std::string replica;                    ///< the standby furthest behind
    double replica_lag_s = 0;
    std::int64_t replica_lag_bytes = 0;
    std::string slot;                       ///< the slot that keeps most
    std::int64_t slot_bytes = 0;
    bool slot_in_danger = false;            ///< wal_status is unreserved
    std::string oldest_transaction;         ///< pid and program
    double oldest_transaction_s = 0;
    double autovacuum_s = 0;                ///< since when it has worked on the table; 0: none does
    int waiting_sessions = 0;
    double latency_ms = 0;
    int minute_of_day = 0;                  ///< by the server's clock
};

/// Why a batch must wait, one sentence with figure and limit; nothing when it may go.
[[nodiscard]] std::optional<std::string> reasonToWait(const Throttle &throttle, const Load &load);

} // namespace howdah::migration
