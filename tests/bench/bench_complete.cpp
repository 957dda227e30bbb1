// SPDX-License-Identifier: GPL-3.0-or-later
// Completion on a catalog of 5,000 tables × 20 columns (or as many tables as the first argument says): the first list at
// many cursor positions of typical statements, median and 99th percentile. The goal is 20 ms.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/complete/complete.h"

using namespace howdah;

namespace {

constexpr std::int16_t columns_of_table = 20;

std::shared_ptr<const pg::Catalog> makeCatalog(int tables)
{
    const auto catalog = std::make_shared<pg::Catalog>();
    static const char *const things[] = {"customer", "order", "invoice", "product", "shipment", "account", "ledger", "payment", "warehouse", "event"};
    catalog->schemas.push_back({2200, "public", "owner", false});
    catalog->search_path = {"public"};
    for (int t = 0; t < tables; ++t) {
        pg::CatalogRelation relation;
        relation.oid = static_cast<std::uint32_t>(20'000 + t);
        relation.schema = "public";
        relation.name = fmt::format("{}_{}_{:05}", things[t % 10], things[t / 10 % 10], t);
        for (std::int16_t c = 1; c <= columns_of_table; ++c) {
            pg::CatalogColumn column;
            column.name = c == 1 ? "id" : c == 2 ? "parent_id" : fmt::format("{}_{}", things[(t + c) % 10], c);
            column.type = c < 3 ? "bigint" : "text";
            column.attnum = c;
            relation.columns.push_back(std::move(column));
        }
        pg::CatalogConstraint key;
        key.name = relation.name + "_fkey";
        key.type = 'f';
        key.columns = {2};
        key.referenced_columns = {1};
        key.referenced_oid = static_cast<std::uint32_t>(20'000 + t / 7);
        relation.constraints.push_back(std::move(key));
        catalog->relations.push_back(std::move(relation));
    }
    // As many functions as a server has.
    const auto words = std::make_shared<pg::CatalogWords>(*complete::builtInWords());
    for (std::size_t i = 0; words->functions.size() < 3'000; ++i) {
        pg::CatalogFunction function = words->functions[i];
        function.oid = static_cast<std::uint32_t>(1 + i);
        function.name = fmt::format("{}_{}", function.name, i % 97);
        words->functions.push_back(std::move(function));
    }
    catalog->words = words;
    catalog->buildLookups();
    return catalog;
}

std::vector<std::string> statements(const pg::Catalog &catalog)
{
    const std::string a = catalog.relations[7].name, b = catalog.relations[1].name, c = catalog.relations[0].name;
    return {
        fmt::format("SELECT a.id, b.parent_id, count(*) FROM {0} a JOIN {1} b ON b.id = a.parent_id WHERE a.id > 10 GROUP BY a.id, b.parent_id ORDER BY 1", a, b),
        fmt::format("WITH recent AS (SELECT * FROM {0} WHERE id > 5), more AS (SELECT r.*, c.id AS other FROM recent r JOIN {1} c ON c.id = r.parent_id) SELECT m.other FROM more m", a, b),
        fmt::format("INSERT INTO {0} (id, parent_id) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id RETURNING id", c),
        fmt::format("UPDATE {0} SET parent_id = (SELECT max(id) FROM {1}) WHERE id IN (SELECT id FROM {1})", a, b),
        fmt::format("ALTER TABLE {0} ADD COLUMN x int, DROP COLUMN parent_id", a),
        "SELECT cust FROM ord; SELECT * FROM invo, paym WHERE even = 1",
    };
}

} // namespace

int main(int argc, char **argv)
{
    const int tables = std::max(10, argc > 1 ? std::atoi(argv[1]) : 5'000);
    const auto catalog = makeCatalog(tables);
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto since = [&](auto begin) { return std::chrono::duration<double, std::milli>(now() - begin).count(); };
    const auto made = now();
    const auto snapshot = complete::Snapshot::of(catalog);
    const double ready_ms = since(made);

    std::vector<double> times;
    std::size_t offered = 0;
    double worst = 0;
    std::string where;
    for (const std::string &text : statements(*catalog)) {
        for (std::size_t at = 0; at <= text.size(); ++at) {
            // Both as typed so far and in the middle of what is there.
            for (const std::string &buffer : {text, text.substr(0, at)}) {
                complete::Request request;
                request.text = buffer;
                request.cursor = {at};
                const auto begin = now();
                const auto completion = complete::complete(*snapshot, request);
                times.push_back(since(begin));
                offered += completion.candidates.size();
                if (times.back() > worst) {
                    worst = times.back();
                    where = text.substr(0, at);
                }
            }
        }
    }
    std::sort(times.begin(), times.end());
    fmt::print("{} tables x {} columns, {} places\n", tables, columns_of_table, times.size());
    fmt::print("snapshot ready     {:8.2f} ms (once a catalog)\n", ready_ms);
    fmt::print("first list median  {:8.2f} ms\n", times[times.size() / 2]);
    fmt::print("first list p99     {:8.2f} ms (goal 20)\n", times[times.size() * 99 / 100]);
    fmt::print("first list worst   {:8.2f} ms after \"{}\"\n", worst, where.substr(where.size() - std::min<std::size_t>(where.size(), 60)));
    fmt::print("candidates a list  {:8.1f}\n", static_cast<double>(offered) / static_cast<double>(times.size()));
}
