// SPDX-License-Identifier: GPL-3.0-or-later
// Each recipe beside the statement as written, while two readers and two writers work on the table: the longest stall of
// any of them and how long it takes. Where rows are filled in batches: how long that takes beside one UPDATE of all rows.
// bench_migrate [rows] [major] [part of a name]     (2,000,000 rows on 17 unless told)
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "core/migration/executor.h"
#include "core/migration/journal.h"
#include "core/migration/journal_schema.h"
#include "core/migration/migration_plan.h"
#include "core/pg/connection.h"
#include "support/test_server.h"

using namespace howdah;
using Clock = std::chrono::steady_clock;

namespace {

struct Subject {
    const char *name;
    const char *wanted;
};

const std::array<Subject, 9> subjects{{
    {"add check", "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount >= 0)"},
    {"set not null", "ALTER TABLE orders ALTER amount SET NOT NULL"},
    {"create index", "CREATE INDEX orders_note ON orders (note)"},
    {"add unique", "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (id, customer_id)"},
    {"add foreign key", "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer_id) REFERENCES customers"},
    {"volatile default", "ALTER TABLE orders ADD COLUMN seen timestamptz DEFAULT clock_timestamp()"},
    {"int to bigint key", "ALTER TABLE orders ALTER id TYPE bigint"},
    {"rename column", "ALTER TABLE orders RENAME COLUMN note TO remark"},
    {"drop column", "ALTER TABLE orders DROP COLUMN spare"},
}};

std::unique_ptr<pg::Connection> opened(const pg::ConnectionSpec &spec)
{
    auto connection = pg::Connection::open(spec);
    if (!connection) {
        fmt::print(stderr, "{}\n", connection.error().text());
        std::exit(1);
    }
    return std::move(*connection);
}

void must(pg::Connection &connection, const std::string &sql)
{
    if (const auto run = connection.run(sql); run.error) {
        fmt::print(stderr, "{}\n{}\n", run.error->text(), sql);
        std::exit(1);
    }
}

double msSince(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Four clients, each one short statement after the other.
class Load
{
public:
    Load(const pg::ConnectionSpec &spec, int rows)
    {
        for (int i = 0; i < 4; ++i)
            threads_.emplace_back([this, spec, rows, i] { work(spec, rows, i); });
    }
    ~Load()
    {
        ends_ = true;
        for (std::thread &thread : threads_)
            thread.join();
    }
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;

    std::atomic<double> longest_ms{0};
    std::atomic<long> done{0}, failed{0};

private:
    void work(const pg::ConnectionSpec &spec, int rows, int number)
    {
        const auto connection = opened(spec);
        std::minstd_rand random(static_cast<unsigned>(number + 1));
        std::uniform_int_distribution<int> any(1, rows);
        while (!ends_) {
            const int id = any(random);
            const std::string sql = number < 2 ? fmt::format("SELECT amount FROM orders WHERE id = {}", id) : fmt::format("UPDATE orders SET amount = amount + 1 WHERE id = {}", id);
            const auto begin = Clock::now();
            if (!connection->query(sql))
                ++failed;
            const double took = msSince(begin);
            double before = longest_ms;
            while (took > before && !longest_ms.compare_exchange_weak(before, took)) {
            }
            ++done;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    std::atomic<bool> ends_{false};
    std::vector<std::thread> threads_;
};

struct Figures {
    double longest_ms = 0, took_ms = 0;
    double batches_ms = 0, copy_ms = 0; ///< 0: no rows were filled
    long failed = 0;
    std::string error;
};

void prepare(pg::Connection &connection, int rows)
{
    must(connection, "DROP TABLE IF EXISTS orders, customers CASCADE; DROP SCHEMA IF EXISTS howdah CASCADE;"
                     "CREATE TABLE customers (id integer PRIMARY KEY); INSERT INTO customers SELECT generate_series(1, 1000);"
                     "CREATE TABLE orders (id serial PRIMARY KEY, customer_id integer, amount integer, note text DEFAULT 'n', spare text);");
    must(connection, fmt::format("INSERT INTO orders (customer_id, amount, note) SELECT i % 1000 + 1, i, md5(i::text) FROM generate_series(1, {}) i", rows));
    must(connection, "VACUUM ANALYZE orders; CHECKPOINT");
}

Figures asWritten(const pg::ConnectionSpec &spec, const Subject &subject, int rows)
{
    const auto connection = opened(spec);
    prepare(*connection, rows);
    Figures figures;
    Load load(spec, rows);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    load.longest_ms = 0;
    const auto begin = Clock::now();
    must(*connection, subject.wanted);
    figures.took_ms = msSince(begin);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    figures.longest_ms = load.longest_ms;
    figures.failed = load.failed;
    return figures;
}

/// What a recipe fills in batches, in one statement: the same column and trigger, the same clients.
double oneCopy(const pg::ConnectionSpec &spec, const migration::ChangeScript &script, int rows)
{
    const auto connection = opened(spec);
    prepare(*connection, rows);
    for (const migration::ChangeStep &step : script.steps) {
        if (!step.batches) {
            must(*connection, step.sql);
            continue;
        }
        std::string sql = step.batches->batch_sql;
        sql.replace(sql.find("{range}"), 7, "true");
        Load load(spec, rows);
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        const auto begin = Clock::now();
        must(*connection, sql);
        return msSince(begin);
    }
    return 0;
}

Figures byRecipe(const pg::ConnectionSpec &spec, const Subject &subject, int rows)
{
    const auto connection = opened(spec);
    prepare(*connection, rows);
    Figures figures;
    const auto plan = migration::planMigration(*connection, subject.wanted);
    if (!plan || !plan->complete()) {
        figures.error = "no plan";
        return figures;
    }
    must(*connection, migration::journalSql());
    const auto id = migration::addMigration(*connection, plan->script, {});
    if (!id) {
        figures.error = id.error().text();
        return figures;
    }
    Load load(spec, rows);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    load.longest_ms = 0;
    const auto begin = Clock::now();
    migration::ExecutorOptions options;
    options.deployed = true;
    const migration::Execution execution = migration::execute(spec, {}, *id, options, {});
    figures.took_ms = msSince(begin);
    figures.longest_ms = load.longest_ms;
    figures.failed = load.failed;
    const auto journal = migration::readMigration(*connection, *id);
    for (std::size_t i = 0; journal && i < plan->script.steps.size() && i < journal->steps.size(); ++i) {
        if (plan->script.steps[i].batches)
            figures.batches_ms = journal->steps[i].duration_ms;
        if (std::getenv("HOWDAH_BENCH_STEPS") != nullptr)
            fmt::print("    {:>8.0f} ms  {}\n", journal->steps[i].duration_ms, journal->steps[i].title);
    }
    if (figures.batches_ms > 0)
        figures.copy_ms = oneCopy(spec, plan->script, rows);
    if (execution.end != migration::ExecutionEnd::Done)
        figures.error = execution.error ? execution.error->text() : "it did not come to its end";
    return figures;
}

} // namespace

int main(int argc, char **argv)
{
    const int rows = argc > 1 ? std::atoi(argv[1]) : 2'000'000, major = argc > 2 ? std::atoi(argv[2]) : 17;
    const std::string only = argc > 3 ? argv[3] : "";
    pg::ConnectionSpec spec;
    spec.conninfo = test::freshDatabase(major);
    {
        const auto connection = opened(spec);
        must(*connection, "ALTER SYSTEM SET max_wal_size = '8GB'; SELECT pg_reload_conf()");
    }
    {
        const auto connection = opened(spec);
        prepare(*connection, rows);
        Load load(spec, rows);
        std::this_thread::sleep_for(std::chrono::seconds(3));
        fmt::print("{} rows, PostgreSQL {}; longest statement with nothing else going on: {:.0f} ms\n\n", rows, major, load.longest_ms.load());
    }
    fmt::print("{:<20} {:>14} {:>12} {:>14} {:>12} {:>12} {:>12}\n", "", "stall written", "takes", "stall recipe", "takes", "one copy", "batches");
    for (const Subject &subject : subjects) {
        if (std::string(subject.name).find(only) == std::string::npos)
            continue;
        const Figures written = asWritten(spec, subject, rows), recipe = byRecipe(spec, subject, rows);
        const std::string batches = recipe.copy_ms <= 0 ? "" : fmt::format(" {:>9.0f} ms {:>9.0f} ms = {:.0f} % of its rate", recipe.copy_ms, recipe.batches_ms, 100 * recipe.copy_ms / recipe.batches_ms);
        fmt::print("{:<20} {:>11.0f} ms {:>9.0f} ms {:>11.0f} ms {:>9.0f} ms{}{}{}\n", subject.name, written.longest_ms, written.took_ms, recipe.longest_ms, recipe.took_ms, batches,
                   recipe.failed > 0 ? fmt::format("  {} statements of clients failed", recipe.failed) : "", recipe.error.empty() ? "" : "  " + recipe.error);
        std::fflush(stdout);
    }
    return 0;
}
