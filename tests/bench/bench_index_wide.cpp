// SPDX-License-Identifier: GPL-3.0-or-later
// bench_index_wide [--tables N] [--queries N] [--extend SECONDS] [--sql] [--verbose] [MB …]: our choice of indexes beside
// Extend's on a schema of facts and dimensions with many joins. The schema, its rows and the queries are made here, the same
// each time. --extend cuts Extend short (0: it is not run); --sql prints what is made.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/index/advise.h"
#include "extend.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::bench;

namespace {

/// Numbers that look like chance and are the same each time.
class Dice
{
public:
    std::size_t below(std::size_t count)
    {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::size_t>((state_ >> 33U) % count);
    }
    template<typename T>
    const T &of(const std::vector<T> &values) { return values[below(values.size())]; }

private:
    std::uint64_t state_ = 0x5851F42D4C957F2DULL;
};

struct Dimension {
    std::string name;
    std::size_t rows = 0;
    int parent = -1;
};

struct Fact {
    std::string name;
    std::size_t rows = 0;
    std::vector<std::size_t> dimensions;
};

class Wide
{
public:
    Wide(std::size_t tables, std::size_t query_count)
    {
        const std::size_t fact_count = std::max<std::size_t>(2, tables / 6);
        for (std::size_t i = 0; i + fact_count < tables; ++i) {
            Dimension one{fmt::format("d{}", i), std::vector<std::size_t>{500, 2000, 8000, 30000}[dice_.below(4)], -1};
            if (i > 3 && dice_.below(3) == 0)
                one.parent = static_cast<int>(dice_.below(i));
            dimensions_.push_back(std::move(one));
        }
        for (std::size_t i = 0; i < fact_count; ++i) {
            Fact one{fmt::format("f{}", i), std::vector<std::size_t>{60'000, 120'000, 240'000}[dice_.below(3)], {}};
            while (one.dimensions.size() < 6) {
                const std::size_t next = dice_.below(dimensions_.size());
                if (std::find(one.dimensions.begin(), one.dimensions.end(), next) == one.dimensions.end())
                    one.dimensions.push_back(next);
            }
            facts_.push_back(std::move(one));
        }
        for (std::size_t i = 0; i < query_count; ++i)
            queries.push_back(query(i % 8));
    }

    [[nodiscard]] std::vector<std::string> schema() const
    {
        std::vector<std::string> all;
        for (const Dimension &one : dimensions_) {
            const std::string &d = one.name;
            all.push_back(fmt::format("CREATE TABLE {0} AS SELECT i AS {0}_id, '{0} number ' || i AS {0}_name, (i * 7919::bigint) % 17 AS {0}_kind, 'region ' || (i * 104729::bigint) % 9 AS {0}_region, "
                                      "(i * 15485863::bigint) % 1000 AS {0}_grade, date '2020-01-01' + (i * 7) % 2000 AS {0}_since, (i % 50 = 0) AS {0}_closed, {1} AS {0}_parent, "
                                      "md5(i::text) AS {0}_code, repeat('n', 20 + i % 60) AS {0}_note FROM generate_series(1, {2}) i",
                                      d, one.parent < 0 ? "NULL::int" : fmt::format("1 + (i * 31) % {}", dimensions_[static_cast<std::size_t>(one.parent)].rows), one.rows));
            all.push_back(fmt::format("ALTER TABLE {0} ADD PRIMARY KEY ({0}_id)", d));
        }
        for (const Fact &one : facts_) {
            std::string keys;
            std::uint64_t step = 7919;
            for (const std::size_t d : one.dimensions)
                keys += fmt::format("1 + (hashint8(i * {}::bigint)::bigint & 2147483647) % {} AS {}_{}, ", step += 2, dimensions_[d].rows, one.name, dimensions_[d].name);
            all.push_back(fmt::format("CREATE TABLE {0} AS SELECT i AS {0}_id, {1} date '2020-01-01' + (i / 100) % 2000 AS {0}_day, (hashint8(i) & 127) AS {0}_quantity, "
                                      "((hashint8(i * 3) & 65535) / 7.0)::numeric(10,2) AS {0}_price, CASE WHEN i % 200 = 0 THEN 'open' WHEN i % 10 = 0 THEN 'late' ELSE 'done' END AS {0}_status, "
                                      "'t' || (i * 7) % 5000 AS {0}_ticket, repeat('f', 30) AS {0}_note FROM generate_series(1, {2}) i",
                                      one.name, keys, one.rows));
            all.push_back(fmt::format("ALTER TABLE {0} ADD PRIMARY KEY ({0}_id)", one.name));
        }
        return all;
    }

    std::vector<std::string> queries;

private:
    std::string dimensionFilter(const std::string &d)
    {
        switch (dice_.below(5)) {
        case 0:
            return fmt::format("{0}_kind = {1}", d, dice_.below(17));
        case 1:
            return fmt::format("{0}_region = 'region {1}'", d, dice_.below(9));
        case 2: {
            const std::size_t low = 100 * dice_.below(9);
            return fmt::format("{0}_grade BETWEEN {1} AND {2}", d, low, low + 80);
        }
        case 3:
            return fmt::format("{0}_kind IN ({1}, {2}) AND {0}_region = 'region {3}'", d, dice_.below(17), dice_.below(17), dice_.below(9));
        default:
            return fmt::format("{0}_name = '{0} number {1}'", d, 1 + dice_.below(400));
        }
    }
    std::string days(const std::string &f, std::size_t length)
    {
        const std::size_t first = dice_.below(500);
        return fmt::format("{0}_day >= date '2020-01-01' + {1} AND {0}_day < date '2020-01-01' + {2}", f, first, first + length);
    }
    /// Joins of a fact to so many of its dimensions, each with a filter one time out of two.
    void star(const Fact &fact, std::size_t count, std::string &from, std::string &where, std::string &first)
    {
        from = fact.name;
        std::vector<std::size_t> left = fact.dimensions;
        for (std::size_t i = 0; i < count && !left.empty(); ++i) {
            const std::size_t at = dice_.below(left.size());
            const Dimension &one = dimensions_[left[at]];
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
            from += ", " + one.name;
            where += fmt::format("{}{}_{} = {}_id", where.empty() ? "" : " AND ", fact.name, one.name, one.name);
            if (i == 0 || dice_.below(2) == 0)
                where += " AND " + dimensionFilter(one.name);
            if (first.empty())
                first = one.name;
            if (one.parent >= 0 && dice_.below(2) == 0) {
                const std::string &parent = dimensions_[static_cast<std::size_t>(one.parent)].name;
                if (from.find(parent + ",") == std::string::npos && !from.ends_with(parent)) {
                    from += ", " + parent;
                    where += fmt::format(" AND {}_parent = {}_id", one.name, parent);
                    std::erase_if(left, [&](std::size_t other) { return dimensions_[other].name == parent; });
                }
            }
        }
    }
    std::string query(std::size_t kind)
    {
        const Fact &fact = dice_.of(facts_);
        const std::string &f = fact.name, &d = dimensions_[dice_.of(fact.dimensions)].name;
        std::string from, where, first;
        switch (kind) {
        case 0:
            star(fact, 2 + dice_.below(4), from, where, first);
            return fmt::format("SELECT {1}_region, sum({0}_price) FROM {2} WHERE {3} AND {4} GROUP BY {1}_region ORDER BY 2 DESC", f, first, from, where, days(f, 30 + dice_.below(200)));
        case 1:
            star(fact, 1 + dice_.below(3), from, where, first);
            return fmt::format("SELECT {0}_id, {0}_day, {1}_name FROM {2} WHERE {3} ORDER BY {0}_day DESC LIMIT 50", f, first, from, where);
        case 2:
            return fmt::format("SELECT {0}_day, {0}_price FROM {0} WHERE {0}_{1} = {2} AND {0}_status = '{3}' ORDER BY {0}_day DESC LIMIT 20", f, d, 1 + dice_.below(400), dice_.below(2) == 0 ? "open" : "late");
        case 3:
            return fmt::format("SELECT {1}_id, {1}_name FROM {1} WHERE {2} AND EXISTS (SELECT FROM {0} WHERE {0}_{1} = {1}_id AND {0}_quantity > {3})", f, d, dimensionFilter(d), 60 + dice_.below(60));
        case 4: {
            const Fact &other = dice_.of(facts_);
            std::string shared;
            for (const std::size_t one : fact.dimensions) {
                if (&other != &fact && std::find(other.dimensions.begin(), other.dimensions.end(), one) != other.dimensions.end())
                    shared = dimensions_[one].name;
            }
            if (shared.empty())
                return query(0);
            return fmt::format("SELECT {2}_name, count(*) FROM {0}, {1}, {2} WHERE {0}_{2} = {2}_id AND {1}_{2} = {2}_id AND {3} AND {0}_status = 'open' AND {1}_quantity < {4} GROUP BY {2}_name", f,
                               other.name, shared, dimensionFilter(shared), 5 + dice_.below(40));
        }
        case 5:
            return fmt::format("SELECT count(*), avg({0}_price) FROM {0} WHERE {0}_ticket = 't{1}'{2}", f, dice_.below(5000), dice_.below(2) == 0 ? " AND " + days(f, 300) : "");
        case 6:
            star(fact, 3 + dice_.below(3), from, where, first);
            return fmt::format("SELECT {1}_kind, count(*), max({0}_day) FROM {2} WHERE {3} AND {0}_status = '{4}' GROUP BY {1}_kind", f, first, from, where, dice_.below(2) == 0 ? "open" : "late");
        default:
            return fmt::format("SELECT {0}_id FROM {0} WHERE {0}_{1} = {2} AND {0}_price > (SELECT 1.2 * avg(i.{0}_price) FROM {0} i WHERE i.{0}_{1} = {2} AND i.{0}_quantity > {3})", f, d,
                               1 + dice_.below(400), dice_.below(100));
        }
    }

    Dice dice_;
    std::vector<Dimension> dimensions_;
    std::vector<Fact> facts_;
};

void compare(pg::Connection &connection, const std::vector<std::string> &queries, double megabytes, double extend_seconds, bool verbose)
{
    double bytes = 0;
    const std::vector<double> base = judge(connection, {}, queries, bytes);
    const auto line = [&](const char *name, const std::vector<std::string> &ddl, std::size_t calls, double seconds, const char *note) {
        const std::vector<double> costs = judge(connection, ddl, queries, bytes);
        fmt::print("{:>6.0f} MB  {:<7} {:>3} indexes {:>6.1f} MB  cost {:>5.1f} %  {:>6} EXPLAINs  {:>7.2f} s{}\n", megabytes, name, ddl.size(), bytes / 1024 / 1024, sum(costs) / sum(base) * 100, calls, seconds, note);
        for (const std::string &one : ddl) {
            if (verbose)
                fmt::print("           {}: {}\n", name, one);
        }
        std::fflush(stdout);
    };
    const double budget = megabytes * 1024 * 1024;
    if (extend_seconds > 0) {
        const auto begun = Clock::now();
        Extend extend(connection, queries, 2);
        std::vector<std::string> ddl;
        for (const PlainIndex &one : extend.run(budget, extend_seconds))
            ddl.push_back(one.ddl());
        line("Extend", ddl, extend.calls, secondsSince(begun), extend.complete ? "" : " (cut short)");
        must(connection, "SELECT hypopg_reset()");
    }
    std::string script;
    for (const std::string &query : queries)
        script += query + ";\n";
    const auto begun = Clock::now();
    index::AdviseOptions options;
    options.budget_bytes = static_cast<std::int64_t>(budget);
    options.hypothetical_sizes = true;
    const auto advice = index::advise(connection, workload::readWorkload(script), options);
    if (!advice) {
        fmt::print(stderr, "{}\n", advice.error().text());
        std::exit(1);
    }
    const double seconds = secondsSince(begun);
    std::vector<std::string> ddl;
    for (const index::AdvisedIndex &one : advice->indexes)
        ddl.push_back(one.ddl);
    line("ours", ddl, advice->whatif_calls, seconds, fmt::format(" ({} candidates, {} problems)", advice->candidates, advice->problems.size()).c_str());
}

} // namespace

int main(int argc, char **argv)
{
    std::size_t tables = 48, count = 100;
    double extend_seconds = 120;
    bool print = false, verbose = false;
    std::vector<double> budgets;
    for (int i = 1; i < argc; ++i) {
        const std::string one = argv[i];
        if (one == "--sql")
            print = true;
        else if (one == "--verbose")
            verbose = true;
        else if (one == "--tables" && i + 1 < argc)
            tables = std::strtoul(argv[++i], nullptr, 10);
        else if (one == "--queries" && i + 1 < argc)
            count = std::strtoul(argv[++i], nullptr, 10);
        else if (one == "--extend" && i + 1 < argc)
            extend_seconds = std::strtod(argv[++i], nullptr);
        else
            budgets.push_back(std::strtod(argv[i], nullptr));
    }
    if (budgets.empty())
        budgets = {10, 40, 160};
    const Wide wide(tables, count);
    if (print) {
        for (const std::string &one : wide.schema())
            fmt::print("{};\n", one);
        fmt::print("\n-- queries\n");
        for (const std::string &one : wide.queries)
            fmt::print("{};\n", one);
        return 0;
    }
    const auto connection = test::freshConnection(15);
    must(*connection, "CREATE EXTENSION hypopg");
    must(*connection, "SET synchronous_commit = on"); // else VACUUM marks nothing as visible to all
    for (const std::string &one : wide.schema())
        must(*connection, one);
    must(*connection, "CHECKPOINT");
    must(*connection, "VACUUM (ANALYZE)");
    must(*connection, "SET jit = off");
    for (const double budget : budgets)
        compare(*connection, wide.queries, budget, extend_seconds, verbose);
    return 0;
}
