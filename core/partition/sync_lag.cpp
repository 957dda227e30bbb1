// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/sync_lag.h"

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

/// "sync_16385": of the log that a step of the script works off.
std::string tagOf(const migration::ChangeScript &script)
{
    constexpr std::string_view schema = "howdah.", end = "_log";
    for (const migration::ChangeStep &step : script.steps) {
        if (step.batches && step.batches->table.starts_with(schema) && step.batches->table.ends_with(end))
            return step.batches->table.substr(schema.size(), step.batches->table.size() - schema.size() - end.size());
    }
    return {};
}

} // namespace

Result<SyncLag> syncLag(pg::Connection &connection, const migration::ChangeScript &script)
{
    SyncLag lag;
    const std::string tag = tagOf(script);
    if (tag.empty())
        return lag;
    const std::string log = "howdah." + tag + "_log";
    const auto found = ddl::records(connection, "SELECT to_regclass($1) IS NOT NULL, (SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::bigint FROM pg_catalog.pg_replication_slots WHERE slot_name = $2)",
                                    {log, "howdah_" + tag});
    if (!found)
        return tl::unexpected(found.error());
    lag.present = found->front().flag(0);
    if (!found->front().isNull(1))
        lag.slot_bytes = found->front().number<std::int64_t>(1);
    if (!lag.present)
        return lag;
    const auto rows = ddl::records(connection, fmt::format("SELECT count(*) FROM (SELECT FROM {} LIMIT {}) l", log, SyncLag::most_rows), {});
    if (!rows) {
        lag.present = rows.error().sqlstate != "42P01"; // the switch came in between
        return lag.present ? Result<SyncLag>(tl::unexpected(rows.error())) : Result<SyncLag>(lag);
    }
    lag.rows = rows->front().number<std::int64_t>(0);
    return lag;
}

} // namespace howdah::partition
