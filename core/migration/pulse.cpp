// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/pulse.h"

#include <charconv>
#include <string>

#include <fmt/format.h>

namespace howdah::migration {

namespace {

/// Before 14 the server does not say since when a lock is waited for: the statement's begin stands for it.
constexpr const char *pulse_sql = R"(
WITH w AS (SELECT a.pid, coalesce((SELECT min({}) FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted), a.query_start) AS since
           FROM pg_stat_activity a WHERE a.datname = current_database() AND a.wait_event_type = 'Lock' AND a.pid <> $1::int),
 r AS (SELECT extract(epoch FROM replay_lag)::float8 AS lag_s,
              pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)::bigint AS lag_bytes
       FROM pg_stat_replication WHERE replay_lsn IS NOT NULL)
SELECT coalesce((SELECT max(extract(epoch FROM clock_timestamp() - since) * 1000) FROM w), 0)::float8,
       (SELECT count(*) FROM w)::int, (SELECT count(*) FROM w WHERE $1::int = ANY (pg_blocking_pids(pid)))::int,
       coalesce((SELECT max(lag_s) FROM r), 0)::float8, coalesce((SELECT max(lag_bytes) FROM r), 0)::bigint, (SELECT count(*) FROM r)::int)";

template <typename T> T numberIn(std::string_view text)
{
    T value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

Result<Pulse> readPulse(pg::Connection &connection, int executor_pid)
{
    const std::string sql = fmt::format(fmt::runtime(pulse_sql), connection.facts().major() >= 14 ? "l.waitstart" : "NULL::timestamptz");
    const auto asked = connection.query(sql, {std::to_string(executor_pid)});
    if (!asked)
        return tl::unexpected(asked.error());
    const auto text = [&](std::size_t column) { return asked->result->cell(0, column).text; };
    Pulse pulse;
    pulse.longest_wait_ms = numberIn<double>(text(0));
    pulse.waiting_sessions = numberIn<int>(text(1));
    pulse.behind_migration = numberIn<int>(text(2));
    pulse.replica_lag_s = numberIn<double>(text(3));
    pulse.replica_lag_bytes = numberIn<std::int64_t>(text(4));
    pulse.standbys = numberIn<int>(text(5));
    return pulse;
}

} // namespace howdah::migration
