// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/work_speed.h"

#include <algorithm>
#include <charconv>

#include "core/pg/connection.h"

namespace howdah::migration {

namespace {

constexpr double probe_rows = 100'000;

Result<double> seconds(pg::Connection &connection, const char *sql)
{
    const auto outcome = connection.query(sql);
    if (!outcome)
        return tl::unexpected(outcome.error());
    return std::max(outcome->duration_ms, 0.1) / 1000;
}

Result<WorkSpeeds> probe(pg::Connection &connection)
{
    for (const char *sql : {"CREATE TEMPORARY TABLE howdah_probe (id integer PRIMARY KEY, n integer, t text) ON COMMIT DROP",
                            "INSERT INTO pg_temp.howdah_probe SELECT g, g % 1000, repeat('x', 80) FROM generate_series(1, 100000) g"}) {
        if (auto made = connection.query(sql); !made)
            return tl::unexpected(made.error());
    }
    const auto size = connection.query("SELECT pg_relation_size('pg_temp.howdah_probe')");
    if (!size)
        return tl::unexpected(size.error());
    double bytes = 0;
    const auto text = size->result->cell(0, 0).text;
    std::from_chars(text.data(), text.data() + text.size(), bytes);
    // The first reading sets hint bits, which is no part of the work.
    const auto warm = seconds(connection, "SELECT count(*) FROM pg_temp.howdah_probe");
    const auto verified = seconds(connection, "ALTER TABLE pg_temp.howdah_probe ADD CONSTRAINT howdah_probe_check CHECK (n >= 0)");
    const auto built = seconds(connection, "CREATE INDEX ON pg_temp.howdah_probe (n)");
    const auto dropped = seconds(connection, "DROP INDEX pg_temp.howdah_probe_n_idx");
    const auto rewritten = seconds(connection, "ALTER TABLE pg_temp.howdah_probe ALTER COLUMN n TYPE bigint");
    for (const auto *each : {&warm, &verified, &built, &dropped, &rewritten}) {
        if (!*each)
            return tl::unexpected(each->error());
    }
    const auto speed = [bytes](double took) { return WorkSpeed{probe_rows / took, bytes / took}; };
    return WorkSpeeds{speed(*verified), speed(*rewritten), speed(*built)};
}

} // namespace

Result<WorkSpeeds> measureWorkSpeeds(pg::Connection &connection)
{
    const pg::CancelScope scope(connection.canceller());
    if (connection.transaction() != pg::TransactionState::Idle)
        return fail(ErrorKind::Usage, "The speeds of a server are measured outside of a transaction", "Commit or roll back first.");
    if (auto begun = connection.query("BEGIN"); !begun)
        return tl::unexpected(begun.error());
    auto speeds = probe(connection);
    const pg::CancelShield shield(connection.canceller());
    if (connection.alive())
        static_cast<void>(connection.query("ROLLBACK"));
    return speeds;
}

} // namespace howdah::migration
