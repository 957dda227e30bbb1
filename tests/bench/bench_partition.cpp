// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the rows of a table come over into its partitions, triggers and journal and all, beside a plain INSERT … SELECT of
// the same rows into the same partitions with the same key.
// bench_partition [rows] [major] [copy|logical]     (2,000,000 rows on 17 unless told)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "core/migration/executor.h"
#include "core/migration/journal.h"
#include "core/migration/journal_schema.h"
#include "core/partition/convert.h"
#include "core/pg/connection.h"
#include "support/test_server.h"

using namespace howdah;
using Clock = std::chrono::steady_clock;

namespace {

[[noreturn]] void giveUp(const std::string &what)
{
    fmt::print(stderr, "{}\n", what);
    std::exit(1);
}

double must(pg::Connection &connection, const std::string &sql)
{
    const auto begin = Clock::now();
    if (const auto run = connection.run(sql); run.error)
        giveUp(run.error->text() + "\n" + sql);
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Of an order: about 100 bytes.
void makeTable(pg::Connection &connection, long rows)
{
    must(connection, "DROP TABLE IF EXISTS live CASCADE");
    must(connection, "CREATE TABLE live (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL, at timestamptz NOT NULL, total numeric(12,2), v text)");
    must(connection, fmt::format("INSERT INTO live (customer, at, total, v) SELECT g % 1000, timestamptz '2025-01-01' + g * interval '365 days' / {}, g % 100000 / 7.0, md5(g::text) FROM generate_series(1, {}) g", rows, rows));
    must(connection, "VACUUM ANALYZE live");
    must(connection, "CHECKPOINT");
}

} // namespace

int main(int argc, char **argv)
{
    const long rows = argc > 1 ? std::atol(argv[1]) : 2'000'000;
    const int major = argc > 2 ? std::atoi(argv[2]) : 17;
    const bool slot = argc > 3 && std::string(argv[3]) == "logical";
    pg::ConnectionSpec spec;
    spec.conninfo = test::freshDatabase(major);
    auto opened = pg::Connection::open(spec);
    if (!opened)
        giveUp(opened.error().text());
    pg::Connection &connection = **opened;
    makeTable(connection, rows);
    partition::ConvertWish wish;
    wish.table = "live";
    wish.column = "at";
    wish.interval = *partition::parseInterval("1 month");
    wish.strategy = slot ? partition::ConvertStrategy::LogicalReplication : partition::ConvertStrategy::SyncedCopy;
    const auto conversion = partition::planConversion(connection, wish);
    if (!conversion)
        giveUp(conversion.error().text());
    for (const auto &estimate : conversion->strategies)
        fmt::print("estimated: {:8} {:7.1f} to {:7.1f} s, {:5.0f} MB{}\n", partition::strategyName(estimate.strategy), estimate.seconds_low, estimate.seconds_high, static_cast<double>(estimate.space_bytes) / 1e6,
                   conversion->measured ? "" : " (not measured)");
    // The same tree beside it, filled in one statement.
    must(connection, "CREATE TABLE plain (LIKE live INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY) PARTITION BY RANGE (at)");
    for (std::size_t i = 0; i < conversion->partitions.size(); ++i)
        must(connection, fmt::format("CREATE TABLE plain_{} PARTITION OF plain {}", i, conversion->partitions[i].sql()));
    must(connection, "ALTER TABLE plain ADD PRIMARY KEY (id, at)");
    const double plain = must(connection, "INSERT INTO plain SELECT * FROM live");
    fmt::print("plain INSERT … SELECT: {:.1f} s, {:.0f} rows a second\n", plain, static_cast<double>(rows) / plain);
    must(connection, "DROP TABLE plain");
    must(connection, "CHECKPOINT");
    if (auto made = migration::createJournal(connection); !made)
        giveUp(made.error().text());
    const auto id = migration::addMigration(connection, conversion->script, {});
    if (!id)
        giveUp(id.error().text());
    double copied = 0;
    const auto begin = Clock::now();
    const auto end = migration::execute(spec, {}, *id, {}, [&](const migration::RunEvent &event) {
        if (event.kind != migration::RunEventKind::Done || event.duration_ms < 100)
            return;
        fmt::print("    {:7.1f} s  {}\n", event.duration_ms / 1000, event.message);
        if (event.message.starts_with("Copy the rows"))
            copied = event.duration_ms / 1000;
    });
    if (end.error)
        giveUp(end.error->text());
    const double all = std::chrono::duration<double>(Clock::now() - begin).count();
    fmt::print("copy kept in step:     {:.1f} s, {:.0f} rows a second: {:.0f} % of the plain one; {:.1f} s to the exchange of the names\n", copied, static_cast<double>(rows) / copied, 100 * plain / copied, all);
    return copied > 0 && plain / copied >= 0.7 ? 0 : 2;
}
