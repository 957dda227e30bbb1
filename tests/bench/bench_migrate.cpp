// SPDX-License-Identifier: GPL-3.0-or-later
// bench_migrate [ROWS] [MAJOR]: what clients wait while a change goes on, as written and as planned and executed, in one run. Two
// readers and two writers work on the table all the time; told is the longest that any of them waited, and how long the change took.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "core/migration/executor.h"
#include "core/migration/migration_plan.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void must(pg::Connection &connection, const std::string &sql)
{
    if (const auto done = connection.run(sql); done.error) {
        fmt::print(stderr, "{}\n{}\n", sql, done.error->text());
        std::exit(1);
    }
}

/// Clients at work until it goes.
class Load
{
public:
    Load(const pg::ConnectionSpec &spec, int rows)
    {
        for (unsigned i = 0; i < 4; ++i)
            clients_.emplace_back([this, spec, rows, i] { work(spec, rows, i); });
    }
    ~Load()
    {
        over_ = true;
        for (std::thread &client : clients_)
            client.join();
    }
    Load(const Load &) = delete;
    Load &operator=(const Load &) = delete;
    /// Since the last call.
    double longest() { return longest_.exchange(0); }

private:
    void work(const pg::ConnectionSpec &spec, int rows, unsigned number)
    {
        const auto connection = std::move(*pg::Connection::open(spec));
        std::mt19937 random(number);
        while (!over_) {
            const std::string id = std::to_string(1 + random() % static_cast<unsigned>(rows));
            const auto begin = Clock::now();
            const auto done = number < 2 ? connection->query("SELECT * FROM t WHERE id = " + id)
                                         : connection->query("UPDATE t SET note = 'n" + std::to_string(random() % 1000) + "' WHERE id = " + id);
            if (!done)
                fmt::print(stderr, "client: {}\n", done.error().text());
            const double took = since(begin);
            double seen = longest_;
            while (took > seen && !longest_.compare_exchange_weak(seen, took)) {
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    std::atomic<bool> over_{false};
    std::atomic<double> longest_{0};
    std::vector<std::thread> clients_;
};

struct Measured {
    double stall_ms = 0;
    double took_ms = 0;
    std::string worst_step;
};

std::unique_ptr<pg::Connection> bed(pg::ConnectionSpec &spec, int rows, int major)
{
    spec.conninfo = test::freshDatabase(major);
    auto connection = std::move(*pg::Connection::open(spec));
    must(*connection, "CREATE TABLE p (id bigint PRIMARY KEY); INSERT INTO p SELECT generate_series(0, 999);"
                      "CREATE TABLE t (id bigint PRIMARY KEY, a int, b int NOT NULL DEFAULT 1, p bigint, note text);"
                      "INSERT INTO t SELECT i, i % 1000, i % 7, i % 1000, 'row ' || i FROM generate_series(1, "
                          + std::to_string(rows) + ") i; VACUUM ANALYZE t; CHECKPOINT");
    return connection;
}

Measured naive(const std::string &sql, int rows, int major)
{
    pg::ConnectionSpec spec;
    const auto connection = bed(spec, rows, major);
    Load load(spec, rows);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    load.longest();
    const auto begin = Clock::now();
    must(*connection, sql);
    Measured measured;
    measured.took_ms = since(begin);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    measured.stall_ms = load.longest();
    return measured;
}

Measured planned(const std::string &sql, int rows, int major)
{
    pg::ConnectionSpec spec;
    const auto connection = bed(spec, rows, major);
    const auto plan = migration::planMigration(*connection, sql);
    if (!plan || !plan->complete() || !migration::createJournal(*connection)) {
        fmt::print(stderr, "{}: no plan\n", sql);
        std::exit(1);
    }
    const auto id = migration::addMigration(*connection, plan->script, {});
    Load load(spec, rows);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    load.longest();
    Measured measured;
    migration::ExecutorOptions options;
    options.deployed = true;
    const auto begin = Clock::now();
    const auto execution = migration::execute(spec, {}, id.value_or(0), options, [&](const migration::RunEvent &event) {
        if (event.kind != migration::RunEventKind::Done)
            return;
        if (const double stall = load.longest(); stall > measured.stall_ms) {
            measured.stall_ms = stall;
            measured.worst_step = event.message;
        }
    });
    measured.took_ms = since(begin);
    if (execution.end != migration::ExecutionEnd::Done)
        fmt::print(stderr, "{}: {}\n", sql, execution.error ? execution.error->text() : "not done");
    return measured;
}

} // namespace

int main(int argc, char **argv)
{
    const int rows = argc > 1 ? std::atoi(argv[1]) : 2'000'000;
    const int major = argc > 2 ? std::atoi(argv[2]) : 17;
    {
        pg::ConnectionSpec spec;
        const auto connection = bed(spec, rows, major);
        Load load(spec, rows);
        std::this_thread::sleep_for(std::chrono::seconds(3));
        fmt::print("PostgreSQL {}, {} rows; without any change clients wait {:.0f} ms at most\n\n", major, rows, load.longest());
    }
    fmt::print("{:<58}{:>12}{:>10}{:>12}{:>10}  {}\n", "", "as written", "took", "as planned", "took", "longest wait in step");
    for (const char *sql : {"ALTER TABLE t ADD CONSTRAINT c CHECK (b >= 0)", "ALTER TABLE t ALTER COLUMN a SET NOT NULL", "CREATE INDEX t_a ON t (a)",
                            "ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES p", "ALTER TABLE t ADD COLUMN u uuid DEFAULT gen_random_uuid()",
                            "ALTER TABLE t ALTER COLUMN a TYPE bigint"}) {
        const Measured before = naive(sql, rows, major);
        const Measured after = planned(sql, rows, major);
        fmt::print("{:<58}{:>9.0f} ms{:>8.1f} s{:>9.0f} ms{:>8.1f} s  {}\n", sql, before.stall_ms, before.took_ms / 1000, after.stall_ms, after.took_ms / 1000, after.worst_step);
        std::fflush(stdout);
    }
    return 0;
}
