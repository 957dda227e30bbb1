// SPDX-License-Identifier: GPL-3.0-or-later
// Streaming a large result: the row store against psql and against a bare libpq loop that keeps nothing.
// bench_rows [rows] [rounds]     (2,000,000 rows and 3 rounds unless told)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "core/base/subprocess.h"
#include "core/pg/connection.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

constexpr const char *query = "SELECT id, hash, at, amount, label FROM bench_rows";

double secondsSince(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What a contender, a process of its own, prints: seconds, first row in ms, bytes of the values.
void report(double seconds, double first_row_ms, std::int64_t value_bytes)
{
    fmt::print("{} {} {}\n", seconds, first_row_ms, value_bytes);
}

int runStore(const char *conninfo, std::int64_t memory_bytes)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    auto connection = pg::Connection::open(spec);
    if (!connection)
        return 1;
    pg::RunOptions options;
    options.limits.memory_bytes = memory_bytes;
    const auto begin = std::chrono::steady_clock::now();
    const pg::RunOutcome run = (*connection)->run(query, options);
    if (run.error)
        return 1;
    report(secondsSince(begin), run.statements[0].first_row_ms, run.statements[0].result->valueBytes());
    return 0;
}

int runBare(const char *conninfo, bool chunked)
{
    PGconn *conn = PQconnectdb(conninfo);
    const auto begin = std::chrono::steady_clock::now();
    double first = 0;
    std::int64_t bytes = 0;
    if (PQsendQuery(conn, query) == 0)
        return 1;
#ifdef HOWDAH_HAVE_CHUNKED_ROWS
    if (chunked)
        PQsetChunkedRowsMode(conn, 32);
    else
#endif
        PQsetSingleRowMode(conn);
    static_cast<void>(chunked);
    while (PGresult *result = PQgetResult(conn)) {
        if (first == 0)
            first = secondsSince(begin) * 1000;
        for (int row = 0; row < PQntuples(result); ++row) {
            for (int column = 0; column < PQnfields(result); ++column)
                bytes += PQgetlength(result, row, column);
        }
        PQclear(result);
    }
    report(secondsSince(begin), first, bytes);
    PQfinish(conn);
    return 0;
}

struct Figures {
    double seconds = 0;
    double first_row_ms = 0;
    double value_mb = 0;
    double peak_mb = 0;
};

/// Runs a program and takes its wall time, its peak resident memory and the figures it printed.
Figures measure(const std::vector<std::string> &command, bool prints)
{
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0)
        std::exit(1);
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], 1);
        std::vector<char *> arguments;
        for (const std::string &argument : command)
            arguments.push_back(const_cast<char *>(argument.c_str()));
        arguments.push_back(nullptr);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    close(pipe_ends[1]);
    std::string output;
    char buffer[256];
    for (ssize_t got = 0; (got = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
        output.append(buffer, static_cast<std::size_t>(got));
    close(pipe_ends[0]);
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (status != 0) {
        fmt::print(stderr, "{} failed\n", command[0]);
        std::exit(1);
    }
    Figures figures;
    figures.seconds = secondsSince(begin);
    figures.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
    if (prints) {
        double bytes = 0;
        std::sscanf(output.c_str(), "%lf %lf %lf", &figures.seconds, &figures.first_row_ms, &bytes);
        figures.value_mb = bytes / 1024 / 1024;
    }
    return figures;
}

std::string self()
{
    char path[4096] = {};
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4 && std::strcmp(argv[1], "store") == 0)
        return runStore(argv[2], std::atoll(argv[3]));
    if (argc == 4 && std::strcmp(argv[1], "bare") == 0)
        return runBare(argv[2], std::strcmp(argv[3], "chunked") == 0);
    const long rows = argc > 1 ? std::atol(argv[1]) : 2'000'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;

    const std::string conninfo = test::freshDatabase(15);
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = pg::Connection::open(spec);
        const auto made = (*connection)->run(fmt::format(
            "CREATE UNLOGGED TABLE bench_rows AS SELECT g::int AS id, md5(g::text) AS hash, "
            "timestamptz '2026-01-01' + g * interval '1 second' AS at, (g * 1.37)::numeric(12,2) AS amount, "
            "'label ' || g % 1000 AS label FROM generate_series(1, {}) g; VACUUM ANALYZE bench_rows", rows));
        if (made.error) {
            fmt::print(stderr, "{}\n", made.error->text());
            return 1;
        }
    }
    const std::string psql = test::server(15).installation().bin / "psql";
    struct Contender {
        const char *name;
        std::vector<std::string> command;
        bool prints;
        Figures best{};
    };
    std::vector<Contender> contenders{
        {"row store, all in memory", {self(), "store", conninfo, "100000000000"}, true},
        {"row store, 64 MB then a file", {self(), "store", conninfo, "67108864"}, true},
        {"libpq loop in chunks, keeps nothing", {self(), "bare", conninfo, "chunked"}, true},
        {"libpq loop row by row, keeps nothing", {self(), "bare", conninfo, "single"}, true},
        {"psql -At -o /dev/null", {psql, "-X", "-At", "-o", "/dev/null", "-d", conninfo, "-c", query}, false},
    };
    for (int round = 0; round < rounds; ++round) {
        for (Contender &contender : contenders) {
            const Figures now = measure(contender.command, contender.prints);
            if (round == 0 || now.seconds < contender.best.seconds)
                contender.best = now;
        }
    }
    const double reference = contenders.back().best.seconds;
    const double values = contenders.front().best.value_mb;
    fmt::print("{} rows x 5 columns, {:.0f} MB of values, best of {} rounds, PostgreSQL {} over a unix socket\n\n", rows, values, rounds,
               test::server(15).installation().major);
    fmt::print("{:<38} {:>8} {:>8} {:>10} {:>9} {:>9}\n", "", "wall", "/ psql", "first row", "peak", "/ values");
    for (const Contender &contender : contenders) {
        const Figures &best = contender.best;
        fmt::print("{:<38} {:>6.2f} s {:>8.2f} {:>10} {:>6.0f} MB {:>9.2f}\n", contender.name, best.seconds, best.seconds / reference,
                   contender.prints ? fmt::format("{:.1f} ms", best.first_row_ms) : "-", best.peak_mb, best.peak_mb / values);
    }
    return 0;
}
