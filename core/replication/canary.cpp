// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/canary.h"

#include <random>

#include <fmt/format.h>

#include "core/replication/ask.h"
#include "core/sql/quote.h"

namespace howdah::replication {

std::string canaryName()
{
    std::random_device source;
    return fmt::format("howdah_canary_{:08x}", source());
}

std::string canaryStatement(const std::string &name)
{
    return "CREATE TABLE " + sql::quoteIdentifier(name) + " AS SELECT " + sql::quoteLiteral(name) + " AS token";
}

Canary canaryOf(const std::string &statement)
{
    const std::size_t begin = statement.find('\'') + 1;
    Canary canary;
    canary.token = statement.substr(begin, statement.find('\'', begin) - begin);
    canary.table = canary.token;
    return canary;
}

Result<void> writeCanary(pg::Connection &primary, Canary &canary)
{
    // Only this row is asked about: a synchronous standby that is missing must not hold it up.
    auto made = primary.run("BEGIN; SET LOCAL synchronous_commit = local; " + canaryStatement(canary.token) + "; COMMIT");
    if (made.error) {
        static_cast<void>(primary.run("ROLLBACK"));
        if (made.error->sqlstate != "42501" && made.error->sqlstate != "3F000" && made.error->sqlstate != "25006")
            return tl::unexpected(*made.error);
        canary.table.clear();
        const auto point = askText(primary, "SELECT pg_create_restore_point($1)", {canary.token});
        if (!point)
            return tl::unexpected(point.error());
        canary.lsn = *point;
        return {};
    }
    const auto lsn = askText(primary, "SELECT pg_current_wal_lsn()");
    if (!lsn)
        return tl::unexpected(lsn.error());
    canary.lsn = *lsn;
    return {};
}

Result<bool> readCanary(pg::Connection &standby, const Canary &canary)
{
    if (canary.table.empty()) {
        const auto reached = askText(standby, "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn", {canary.lsn});
        if (!reached)
            return tl::unexpected(reached.error());
        return *reached == "t";
    }
    const auto token = askText(standby, "SELECT token FROM " + sql::quoteIdentifier(canary.table));
    if (!token && token.error().sqlstate == "42P01")
        return false; // not replayed yet
    if (!token)
        return tl::unexpected(token.error());
    return *token == canary.token;
}

Result<void> removeCanary(pg::Connection &primary, const Canary &canary)
{
    if (canary.table.empty())
        return {};
    auto dropped = primary.run("BEGIN; SET LOCAL synchronous_commit = local; DROP TABLE IF EXISTS " + sql::quoteIdentifier(canary.table) + "; COMMIT");
    if (dropped.error)
        return tl::unexpected(*dropped.error);
    return {};
}

} // namespace howdah::replication
