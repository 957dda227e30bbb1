// SPDX-License-Identifier: GPL-3.0-or-later
// Streaming a large result: the row store against psql, a bare libpq loop that keeps nothing, and one that keeps libpq's own
// results, the least that a client can do to have the values afterwards.
// bench_rows [rows] [rounds]          2,000,000 rows of 5 columns and 3 rounds unless told
// bench_rows wide [rows] [rounds]     1,000,000 rows of 20 wide columns
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

constexpr const char *query = "TABLE bench_rows";

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

int runBare(const char *conninfo, bool chunked, bool keeps)
{
    std::vector<PGresult *> kept;
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
        if (keeps)
            kept.push_back(result);
        else
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
    double cpu_seconds = 0; ///< of the client, user and system
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
    const auto seconds = [](const timeval &time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    figures.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    figures.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
    if (prints) {
        double bytes = 0;
        std::sscanf(output.c_str(), "%lf %lf %lf", &figures.seconds, &figures.first_row_ms, &bytes);
        figures.value_mb = bytes / 1024 / 1024;
    }
    return figures;
}

constexpr const char *narrow_columns = "g::int AS id, md5(g::text) AS hash, timestamptz '2026-01-01' + g * interval '1 second' AS at, "
                                       "(g * 1.37)::numeric(12,2) AS amount, 'label ' || g % 1000 AS label";

/// Twenty columns of the kinds that wide tables have, some 350 bytes a row as text.
std::string wideColumns()
{
    std::string columns = "g::bigint AS id";
    for (int i = 1; i < 5; ++i) {
        columns += fmt::format(", (g * {0}.5)::float8 AS f{0}, timestamptz '2026-01-01' + g * interval '{0} second' AS t{0}, "
                               "md5((g + {0})::text) AS h{0}, (g * 1.{0})::numeric(14,2) AS n{0}", i);
    }
    return columns + ", g % 7 = 0 AS b1, CASE WHEN g % 3 = 0 THEN 'note ' || g END AS x1, 'label ' || g % 1000 AS l1";
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
        return runBare(argv[2], std::strcmp(argv[3], "single") != 0, std::strcmp(argv[3], "keep") == 0);
    const bool wide = argc > 1 && std::strcmp(argv[1], "wide") == 0;
    argc -= wide ? 1 : 0;
    argv += wide ? 1 : 0;
    const long rows = argc > 1 ? std::atol(argv[1]) : wide ? 1'000'000 : 2'000'000;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;

    const std::string conninfo = test::freshDatabase(15);
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = pg::Connection::open(spec);
        const auto made = (*connection)->run(fmt::format(
            "CREATE UNLOGGED TABLE bench_rows AS SELECT {} FROM generate_series(1, {}) g; VACUUM ANALYZE bench_rows",
            wide ? wideColumns() : narrow_columns, rows));
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
    // The first two read in the mode of the libpq loop that they are compared with.
#ifdef HOWDAH_HAVE_CHUNKED_ROWS
    constexpr std::size_t same_mode = 2;
#else
    constexpr std::size_t same_mode = 3;
#endif
    std::vector<Contender> contenders{
        {"row store, all in memory", {self(), "store", conninfo, "100000000000"}, true},
        {"row store, 64 MB then a file", {self(), "store", conninfo, "67108864"}, true},
        {"libpq loop in chunks, keeps nothing", {self(), "bare", conninfo, "chunked"}, true},
        {"libpq loop row by row, keeps nothing", {self(), "bare", conninfo, "single"}, true},
        {"libpq loop in chunks, keeps results", {self(), "bare", conninfo, "keep"}, true},
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
    const double bare = contenders[same_mode].best.cpu_seconds;
    fmt::print("{} rows x {} columns, {:.0f} MB of values, best of {} rounds, PostgreSQL {} over a unix socket\n\n", rows, wide ? 20 : 5, values,
               rounds, test::server(15).installation().major);
    fmt::print("{:<38} {:>8} {:>8} {:>8} {:>8} {:>10} {:>9} {:>9}\n", "", "wall", "/ psql", "CPU", "/ loop", "first row", "peak", "/ values");
    for (const Contender &contender : contenders) {
        const Figures &best = contender.best;
        fmt::print("{:<38} {:>6.2f} s {:>8.2f} {:>6.2f} s {:>8.2f} {:>10} {:>6.0f} MB {:>9.2f}\n", contender.name, best.seconds,
                   best.seconds / reference, best.cpu_seconds, best.cpu_seconds / bare,
                   contender.prints ? fmt::format("{:.1f} ms", best.first_row_ms) : "-", best.peak_mb, best.peak_mb / values);
    }
    fmt::print("\nThe store keeps every value. \"/ loop\": CPU of the client against the loop of the same mode that keeps nothing.\n");
    return 0;
}
