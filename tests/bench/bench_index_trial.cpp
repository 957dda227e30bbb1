// SPDX-License-Identifier: GPL-3.0-or-later
// bench_index_trial [ROWS]: the speed-up that a trial on samples foretells, beside the one that the index really brings to the
// whole table.
#include <cmath>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "core/index/advise.h"
#include "extend.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::bench;

namespace {

struct Case {
    const char *name, *method, *statement;
};

constexpr Case cases[]{
    {"GIN, jsonb @>", "gin", "SELECT * FROM big WHERE doc @> '{\"user\": 4711}'"},
    {"GIN, array @>", "gin", "SELECT * FROM big WHERE tags @> ARRAY[777, 778]"},
    {"GIN, full text", "gin", "SELECT * FROM big WHERE words @@ to_tsquery('simple', 'w77 & w78')"},
    {"GIN, trigrams", "gin", "SELECT * FROM big WHERE note LIKE '%4711-zz%'"},
    {"GiST, range &&", "gist", "SELECT * FROM big WHERE span && int4range(5000, 5010)"},
    {"GiST, inet <<", "gist", "SELECT * FROM big WHERE address << inet '10.7.7.0/28'"},
    {"GiST, nearest", "gist", "SELECT * FROM big ORDER BY place <-> point '(500,500)' LIMIT 10"},
    {"BRIN, aggregate", "brin", "SELECT count(*), sum(kind) FROM big WHERE at >= '2024-02-01' AND at < '2024-02-08'"},
    {"B-tree, equality", "btree", "SELECT * FROM big WHERE kind = 77"},
};

/// The least of three.
double milliseconds(pg::Connection &connection, const std::string &statement)
{
    double least = 1e9;
    for (int i = 0; i < 3; ++i) {
        const auto plan = nlohmann::json::parse(std::string(must(connection, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement)->cell(0, 0).text), nullptr, false);
        least = std::min(least, plan[0].value("Execution Time", 0.0));
    }
    return least;
}

} // namespace

int main(int argc, char **argv)
{
    const std::string rows = argc > 1 ? argv[1] : "800000";
    const auto connection = test::freshConnection(15);
    must(*connection, "SET synchronous_commit = on");
    must(*connection, "CREATE EXTENSION hypopg");
    must(*connection, "CREATE EXTENSION pg_trgm");
    must(*connection, "CREATE TABLE big AS SELECT i AS id, jsonb_build_object('user', i % 20000, 'kind', i % 7) AS doc, ARRAY[i % 5000, (i + 1) % 5000, i % 13] AS tags, "
                      "to_tsvector('simple', 'w' || i % 4000 || ' w' || (i + 1) % 4000 || ' all') AS words, 'note ' || i || '-' || CASE WHEN i % 3 = 0 THEN 'zz' ELSE 'yy' END AS note, "
                      "int4range(i % 100000, i % 100000 + 5) AS span, ('10.' || i % 256 || '.' || (i / 256) % 256 || '.' || i % 250)::inet AS address, "
                      "point((hashint4(i) & 1023), (hashint4(-i) & 1023)) AS place, timestamp '2024-01-01' + i * interval '20 seconds' AS at, i % 2000 AS kind FROM generate_series(1, " + rows + ") i");
    must(*connection, "CHECKPOINT");
    must(*connection, "VACUUM (ANALYZE) big");
    must(*connection, "SET jit = off");
    must(*connection, "SET max_parallel_workers_per_gather = 0");
    fmt::print("{:<18} {:>10} {:>22} {:>10} {:>10} {:>18} {:>9} {:>7}  {}\n", "index", "ms before", "ms after, foretold", "real", "real", "speed-up foretold", "real", "factor", "MB foretold, real");
    int good = 0, count = 0;
    for (const Case &one : cases) {
        index::AdviseOptions options;
        options.measure = true;
        options.methods = {one.method};
        const auto advice = index::advise(*connection, workload::readWorkload(one.statement), options);
        if (!advice || advice->indexes.empty() || !advice->indexes.front().measured) {
            fmt::print("{:<18} {}\n", one.name, !advice ? advice.error().text() : advice->indexes.empty() ? "nothing was advised" : advice->problems.empty() ? "not measured" : advice->problems.front().message);
            continue;
        }
        const index::AdvisedIndex &index = advice->indexes.front();
        const index::Measured &measured = *index.measured;
        const double before = milliseconds(*connection, one.statement);
        must(*connection, index.ddl);
        must(*connection, "ANALYZE big");
        const double after = milliseconds(*connection, one.statement);
        const double size = number(*connection, "SELECT pg_relation_size('" + index.name + "')");
        must(*connection, "DROP INDEX " + index.name);
        // Of a range the nearest end counts, as long as the truth does not lie within it.
        const double least = measured.ms_before / std::max(0.001, measured.ms_after_most), most = measured.ms_before / std::max(0.001, measured.ms_after_least), real = before / std::max(0.001, after);
        const double factor = real < least ? least / real : real > most ? real / most : 1;
        ++count;
        good += factor <= 2 ? 1 : 0;
        fmt::print("{:<18} {:>10.1f} {:>10.3f} – {:>9.3f} {:>10.1f} {:>10.3f} {:>8.0f} – {:>7.0f} {:>9.0f} {:>7.2f}  {:.1f}–{:.1f}, {:.1f}{}\n", one.name, measured.ms_before, measured.ms_after_least, measured.ms_after_most, before, after,
                   least, most, real, factor, measured.bytes_least / 1048576, measured.bytes_most / 1048576, size / 1048576, measured.used ? "" : "  (not used on the sample)");
        std::fflush(stdout);
    }
    fmt::print("within a factor of 2: {} of {}\n", good, count);
    return 0;
}
