// SPDX-License-Identifier: GPL-3.0-or-later
// bench_index FOLDER [--run] [--sizes] [--verbose] [MB …]: our choice of indexes beside Extend's on TPC-H, in one run over the same
// statistics; and sizes as we and HypoPG estimate them beside real ones. "Extend, no key" may not repeat what a key serves;
// "level" are ours with what Extend may do; "ours" are by the rules of every day within that many of HypoPG's bytes; "as built"
// within that many real ones, as the program counts a budget unless it is told otherwise. FOLDER holds schema.sql, queries.sql and the tables
// as *.tbl (or tpch_sf0.1.tar.xz, unpacked beside it first).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/subprocess.h"
#include "core/index/advise.h"
#include "core/index/advise_parts.h"
#include "core/index/size.h"
#include "core/sql/lexer.h"
#include "extend.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::bench;

namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void load(pg::Connection &connection, const fs::path &folder, fs::path tables)
{
    if (!fs::exists(tables / "lineitem.tbl")) {
        tables = fs::temp_directory_path() / "howdah-bench-tpch";
        fs::create_directories(tables);
        if (!fs::exists(tables / "lineitem.tbl"))
            static_cast<void>(runCommand({"/bin/tar", {"xJf", (folder / "tpch_sf0.1.tar.xz").string(), "-C", tables.string()}, {}, {}, {}}));
    }
    // Rows whose commit is not yet on disk cannot be marked as visible to all, and no scan of an index alone would pay.
    must(connection, "SET synchronous_commit = on");
    const std::string schema = contents(folder / "schema.sql");
    for (const sql::StatementSpan &span : sql::splitStatements(schema)) {
        const std::string statement(span.text.of(schema));
        if (!statement.empty())
            must(connection, statement);
    }
    for (const char *table : {"region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem"}) {
        std::ifstream file(tables / (std::string(table) + ".tbl"), std::ios::binary);
        std::string piece(1 << 20, '\0');
        const auto copied = connection.copyIn(std::string("COPY ") + table + " FROM STDIN WITH (FORMAT csv, DELIMITER '|', QUOTE E'\\x01')", [&]() -> std::optional<std::string_view> {
            file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            return file.gcount() > 0 ? std::optional(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount()))) : std::nullopt;
        });
        if (!copied) {
            fmt::print(stderr, "{}: {}\n", table, copied.error().text());
            std::exit(1);
        }
    }
    for (const char *key : {"region (r_regionkey)", "nation (n_nationkey)", "part (p_partkey)", "supplier (s_suppkey)", "partsupp (ps_partkey, ps_suppkey)", "customer (c_custkey)",
                            "orders (o_orderkey)", "lineitem (l_orderkey, l_linenumber)"}) {
        const std::string text = key;
        must(connection, "ALTER TABLE " + text.substr(0, text.find(' ')) + " ADD PRIMARY KEY " + text.substr(text.find(' ')));
    }
    must(connection, "CHECKPOINT");
    must(connection, "VACUUM (ANALYZE)");
    must(connection, "CREATE EXTENSION hypopg");
}

/// Builds them, runs each query three times and keeps its least time, takes them away.
std::vector<double> reallyRun(pg::Connection &connection, const std::vector<std::string> &ddl, const std::vector<std::string> &queries, double &bytes)
{
    std::vector<std::string> names;
    bytes = 0;
    for (std::size_t i = 0; i < ddl.size(); ++i) {
        std::string one = ddl[i];
        const std::string name = "bench_" + std::to_string(i);
        one.replace(0, one.find(" ON "), "CREATE INDEX " + name);
        must(connection, one);
        bytes += number(connection, "SELECT pg_relation_size('" + name + "')");
        names.push_back(name);
    }
    std::vector<double> times;
    for (const std::string &query : queries) {
        double least = 1e9;
        for (int i = 0; i < 3; ++i) {
            const auto begun = Clock::now();
            must(connection, query);
            least = std::min(least, secondsSince(begun) * 1000);
        }
        times.push_back(least);
    }
    for (const std::string &name : names)
        must(connection, "DROP INDEX " + name);
    return times;
}

void sizes(pg::Connection &connection)
{
    must(connection, "CREATE TABLE assorted AS SELECT i AS id, i % 1000 AS thousand, i % 7 AS seven, md5(i::text) AS hash, 'user' || (i % 50000) || '@example.org' AS mail, "
                     "CASE WHEN i % 3 = 0 THEN i END AS sparse, (i % 5000)::numeric / 100 AS price, timestamp '2020-01-01' + i * interval '1 minute' AS at, i % 2 = 0 AS flag, "
                     "repeat('k', i % 40) AS text_of_many_lengths, (random() * 100000)::int AS anywhere, random() AS real_number, "
                     "md5((i % 90000)::text)::uuid AS identifier, ('10.0.' || i % 256 || '.' || i % 200)::inet AS address FROM generate_series(1, 200000) i");
    must(connection, "CHECKPOINT");
    must(connection, "VACUUM (ANALYZE) assorted");
    const std::vector<std::string> wanted{
        "lineitem (l_orderkey)", "lineitem (l_partkey)", "lineitem (l_suppkey)", "lineitem (l_shipdate)", "lineitem (l_quantity)", "lineitem (l_returnflag)", "lineitem (l_shipmode)",
        "lineitem (l_orderkey, l_suppkey)", "lineitem (l_shipdate, l_discount, l_quantity)", "lineitem (l_partkey) INCLUDE (l_quantity, l_extendedprice)", "lineitem (l_partkey) WHERE l_returnflag = 'R'",
        "lineitem (l_receiptdate, l_commitdate)", "lineitem (l_partkey, l_suppkey)", "orders (o_custkey)", "orders (o_orderdate)", "orders (o_orderpriority)", "orders (o_clerk)", "orders (o_totalprice)",
        "orders (o_custkey, o_orderdate)", "orders (o_comment)", "orders (o_orderdate) INCLUDE (o_totalprice)", "customer (c_mktsegment)", "customer (c_phone)", "customer (c_nationkey, c_acctbal)",
        "part (p_type)", "part (p_name)", "part (p_brand, p_container, p_size)", "partsupp (ps_suppkey)", "partsupp (ps_supplycost)", "assorted (thousand)", "assorted (seven, id)", "assorted (hash)", "assorted (mail)",
        "assorted (sparse)", "assorted (price)", "assorted (at)", "assorted (text_of_many_lengths)", "assorted (anywhere)", "assorted (real_number)", "assorted (identifier)", "assorted (address)", "assorted (flag)"};
    workload::Workload load = workload::readWorkload("SELECT * FROM lineitem, orders, customer, part, partsupp, assorted");
    const auto ground = index::readGround(connection, load);
    if (!ground)
        return;
    int ours_good = 0, theirs_good = 0, count = 0;
    double ours_sum = 0, theirs_sum = 0;
    fmt::print("\n{:<70} {:>9} {:>9} {:>7} {:>9} {:>7}\n", "index", "real kB", "ours kB", "off", "HypoPG kB", "off");
    for (const std::string &one : wanted) {
        index::Candidate candidate;
        const std::string table = one.substr(0, one.find(' '));
        candidate.table = static_cast<std::size_t>(ground->facts.find("", table) - ground->facts.tables.data());
        const index::TableFacts &facts = ground->facts.tables[candidate.table];
        const auto columns = [](std::string inside) {
            std::vector<std::string> names;
            for (std::size_t at = 0; at < inside.size();) {
                const std::size_t comma = std::min(inside.find(", ", at), inside.size());
                names.push_back(inside.substr(at, comma - at));
                at = comma + 2;
            }
            return names;
        };
        const std::size_t open = one.find('('), close = one.find(')');
        for (const std::string &name : columns(one.substr(open + 1, close - open - 1)))
            candidate.keys.push_back({name, facts.column(name)->attnum, false, false, {}});
        if (const std::size_t include = one.find("INCLUDE ("); include != std::string::npos)
            candidate.include = columns(one.substr(include + 9, one.find(')', include) - include - 9));
        if (const std::size_t where = one.find("WHERE "); where != std::string::npos) {
            candidate.predicate = one.substr(where + 6);
            candidate.rows_fraction = number(connection, "SELECT avg((" + candidate.predicate + ")::int) FROM " + table);
        }
        const double hypothetical = number(connection, "SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index($q$CREATE INDEX ON " + one + "$q$)");
        must(connection, "SELECT hypopg_reset()");
        must(connection, "CREATE INDEX sized ON " + one);
        const double real = number(connection, "SELECT pg_relation_size('sized')");
        must(connection, "DROP INDEX sized");
        index::countDistinct(connection, candidate, ground->facts);
        const double ours = static_cast<double>(index::estimatedBytes(candidate, ground->facts, ground->expressions));
        const double ours_off = ours / real - 1, theirs_off = hypothetical / real - 1;
        ++count;
        ours_good += std::abs(ours_off) <= 0.15 ? 1 : 0;
        theirs_good += std::abs(theirs_off) <= 0.15 ? 1 : 0;
        ours_sum += std::abs(ours_off);
        theirs_sum += std::abs(theirs_off);
        fmt::print("{:<70} {:>9.0f} {:>9.0f} {:>+6.0f}% {:>9.0f} {:>+6.0f}%{}\n", one, real / 1024, ours / 1024, ours_off * 100, hypothetical / 1024, theirs_off * 100, std::abs(ours_off) > 0.15 ? "  <" : "");
    }
    fmt::print("within 15 %: ours {} of {}, HypoPG {} of {}; mean error: ours {:.0f} %, HypoPG {:.0f} %\n", ours_good, count, theirs_good, count, ours_sum / count * 100, theirs_sum / count * 100);
}

void compare(pg::Connection &connection, const std::vector<std::string> &queries, double megabytes, bool run, bool verbose)
{
    double none_bytes = 0;
    const std::vector<double> base = judge(connection, {}, queries, none_bytes);
    const double budget = megabytes * 1024 * 1024;
    auto begun = Clock::now();
    Extend extend(connection, queries, 2);
    const std::vector<PlainIndex> theirs = extend.run(budget);
    const double their_seconds = secondsSince(begun);
    must(connection, "SELECT hypopg_reset()");
    // The same held to the rule that ours keep: no thinner copy of what a key serves already.
    begun = Clock::now();
    Extend fair(connection, queries, 2, keyColumns(connection));
    const std::vector<PlainIndex> fairly = fair.run(budget);
    const double fair_seconds = secondsSince(begun);
    must(connection, "SELECT hypopg_reset()");
    std::vector<std::string> their_ddl;
    for (const PlainIndex &one : theirs)
        their_ddl.push_back(one.ddl());

    std::vector<std::string> fair_ddl;
    for (const PlainIndex &one : fairly)
        fair_ddl.push_back(one.ddl());

    std::string script;
    for (const std::string &query : queries)
        script += query + ";\n";
    struct Ours {
        std::vector<std::string> ddl;
        std::size_t calls = 0;
        double seconds = 0;
    };
    // On Extend's own ground first: it takes lineitem (l_orderkey) beside the key (l_orderkey, l_linenumber), which the
    // planner believes to be a gain.
    const auto choose = [&](bool repeat_existing, bool hypothetical_sizes) {
        Ours ours;
        index::AdviseOptions options;
        options.budget_bytes = static_cast<std::int64_t>(budget);
        options.hypothetical_sizes = hypothetical_sizes;
        options.limits.repeat_existing = repeat_existing;
        if (repeat_existing) {
            options.select.page_price = 0;
            options.select.thrift = 0;
        }
        begun = Clock::now();
        const auto advice = index::advise(connection, workload::readWorkload(script), options);
        ours.seconds = secondsSince(begun);
        if (!advice) {
            fmt::print(stderr, "{}\n", advice.error().text());
            std::exit(1);
        }
        ours.calls = advice->whatif_calls;
        for (const index::AdvisedIndex &one : advice->indexes)
            ours.ddl.push_back(one.ddl);
        return ours;
    };
    const Ours level = choose(true, true), ours = choose(false, true), real = choose(false, false);
    double their_bytes = 0, our_bytes = 0, fair_bytes = 0, real_bytes = 0;
    const std::vector<double> fair_costs = judge(connection, fair_ddl, queries, fair_bytes), real_costs = judge(connection, real.ddl, queries, real_bytes);
    const std::vector<double> their_costs = judge(connection, their_ddl, queries, their_bytes), our_costs = judge(connection, ours.ddl, queries, our_bytes);
    double level_bytes = 0;
    const std::vector<double> level_costs = judge(connection, level.ddl, queries, level_bytes);
    const auto line = [&](const char *name, std::size_t count, double bytes, const std::vector<double> &costs, std::size_t calls, double seconds) {
        double ratio = 0;
        for (std::size_t i = 0; i < costs.size(); ++i)
            ratio += costs[i] / base[i] / static_cast<double>(costs.size());
        fmt::print("{:>6.0f} MB  {:<14} {:>3} indexes {:>6.1f} MB  cost {:>5.1f} %  mean ratio {:>5.1f} %  {:>5} EXPLAINs  {:>6.2f} s\n", megabytes, name, count, bytes / 1024 / 1024, sum(costs) / sum(base) * 100, ratio * 100, calls, seconds);
    };
    line("Extend", theirs.size(), their_bytes, their_costs, extend.calls, their_seconds);
    line("Extend, no key", fairly.size(), fair_bytes, fair_costs, fair.calls, fair_seconds);
    line("level", level.ddl.size(), level_bytes, level_costs, level.calls, level.seconds);
    line("ours", ours.ddl.size(), our_bytes, our_costs, ours.calls, ours.seconds);
    line("ours, as built", real.ddl.size(), real_bytes, real_costs, real.calls, real.seconds);
    if (verbose) {
        for (std::size_t i = 0; i < their_ddl.size(); ++i)
            fmt::print("           Extend: {}\n", their_ddl[i]);
        for (const std::string &one : level.ddl)
            fmt::print("           level:  {}\n", one);
        for (const std::string &one : ours.ddl)
            fmt::print("           ours:   {}\n", one);
        for (std::size_t i = 0; i < base.size(); ++i)
            fmt::print("           query {:>2}: {:>8.0f}  Extend {:>8.0f}  level {:>8.0f}  ours {:>8.0f}{}\n", i + 1, base[i], their_costs[i], level_costs[i], our_costs[i], level_costs[i] > their_costs[i] * 1.01 ? "  <" : "");
    }
    if (!run)
        return;
    double their_real = 0, our_real = 0, nothing = 0;
    const std::vector<double> plain = reallyRun(connection, {}, queries, nothing), their_ms = reallyRun(connection, their_ddl, queries, their_real), our_ms = reallyRun(connection, ours.ddl, queries, our_real);
    fmt::print("           really run: none {:.0f} ms, Extend {:.0f} ms ({:.1f} MB), ours {:.0f} ms ({:.1f} MB)\n", sum(plain), sum(their_ms), their_real / 1048576, sum(our_ms), our_real / 1048576);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        if (our_ms[i] > plain[i] * 1.05 && our_ms[i] > plain[i] + 2)
            fmt::print("           slower with ours: query {} {:.1f} -> {:.1f} ms (Extend {:.1f} ms)\n", i + 1, plain[i], our_ms[i], their_ms[i]);
        else if (their_ms[i] > plain[i] * 1.05 && their_ms[i] > plain[i] + 2)
            fmt::print("           slower with Extend: query {} {:.1f} -> {:.1f} ms (ours {:.1f} ms)\n", i + 1, plain[i], their_ms[i], our_ms[i]);
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2) {
        fmt::print(stderr, "bench_index FOLDER [--run] [--sizes] [--verbose] [MB …]\n");
        return 2;
    }
    const fs::path folder = argv[1];
    bool run = false, sizes_alone = false, verbose = false;
    std::vector<double> budgets;
    for (int i = 2; i < argc; ++i) {
        if (std::string(argv[i]) == "--run")
            run = true;
        else if (std::string(argv[i]) == "--verbose")
            verbose = true;
        else if (std::string(argv[i]) == "--sizes")
            sizes_alone = true;
        else
            budgets.push_back(std::strtod(argv[i], nullptr));
    }
    if (budgets.empty())
        budgets = {25, 50, 100};
    const auto connection = test::freshConnection(15);
    load(*connection, folder, folder);
    must(*connection, "SET jit = off");
    const std::string text = contents(folder / "queries.sql");
    std::vector<std::string> queries;
    int place = 0;
    for (const sql::StatementSpan &span : sql::splitStatements(text)) {
        const std::string query(span.text.of(text));
        // 2, 17 and 20 outweigh all others together.
        if (!query.empty() && ++place != 2 && place != 17 && place != 20)
            queries.push_back(query);
    }
    for (const double budget : budgets) {
        if (!sizes_alone)
            compare(*connection, queries, budget, run, verbose);
    }
    sizes(*connection);
    return 0;
}
