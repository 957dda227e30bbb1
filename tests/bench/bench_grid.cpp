// SPDX-License-Identifier: GPL-3.0-or-later
// What the result grid does with all rows: filter, column statistics, comparing, sorting, thinning out for a chart.
// bench_grid [rows]     (10,000,000 unless told)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <fmt/format.h>

#include "core/result/column_statistics.h"
#include "core/result/diff_rows.h"
#include "core/result/filter_rows.h"
#include "core/result/sort_rows.h"

using namespace howdah;
using result::FilterOp;

namespace {

pg::Column column(const char *name, std::uint32_t oid)
{
    pg::Column made;
    made.name = name;
    made.type_oid = oid;
    return made;
}

result::RowView makeRows(std::int64_t rows, std::int64_t changed_every)
{
    pg::RowStoreLimits limits;
    limits.memory_bytes = 8LL * 1024 * 1024 * 1024;
    auto store = std::make_shared<pg::RowStore>(
        std::vector<pg::Column>{column("id", 20), column("amount", 1700), column("at", 1114), column("label", 25)}, limits);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::uint64_t mixed = static_cast<std::uint64_t>(row) * 0x9E3779B97F4A7C15U >> 20;
        const std::string values[] = {std::to_string(row), fmt::format("{}.{:02}", mixed % 100'000, mixed % 100),
                                      fmt::format("2024-{:02}-{:02} {:02}:{:02}:00", mixed % 12 + 1, mixed % 28 + 1, mixed % 24, mixed % 60),
                                      row % changed_every == changed_every - 1 ? "changed" : fmt::format("label {}", mixed % 5'000)};
        store->beginRow();
        for (const std::string &value : values)
            store->appendCell(value.data(), value.size(), false);
    }
    if (!store->publish())
        std::exit(1);
    return {std::make_shared<result::StoreRows>(store), nullptr};
}

void measure(const char *what, const std::function<std::string()> &act)
{
    const auto begin = std::chrono::steady_clock::now();
    const std::string said = act();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print("{:<44} {:7.3f} s   {}\n", what, seconds, said);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 10'000'000;
    const result::RowView rows = makeRows(count, count + 1);
    fmt::print("{} rows\n", count);
    const auto filter = [&](std::vector<result::Condition> conditions) {
        const auto made = result::RowFilter::make(conditions, rows.source->columns());
        return made ? std::to_string(result::filterRows(rows, count, *made)->size()) + " rows" : made.error().message;
    };
    measure("filter: id between", [&] { return filter({{0, FilterOp::Between, {"1000", "500000"}, false}}); });
    measure("filter: amount (numeric) < 100", [&] { return filter({{1, FilterOp::Less, {"100"}, false}}); });
    measure("filter: at (timestamp) = 2024-05-01", [&] { return filter({{2, FilterOp::Equal, {"2024-05-01"}, false}}); });
    measure("filter: label contains, any case", [&] { return filter({{3, FilterOp::Contains, {"EL 49"}, false}}); });
    measure("filter: label in (3 values)", [&] { return filter({{3, FilterOp::In, {"label 1", "label 2", "label 3"}, false}}); });
    measure("filter: label matches l 4\\d+7$", [&] { return filter({{3, FilterOp::Regex, {"l 4\\d+7$"}, true}}); });
    for (std::size_t at = 0; at < 4; ++at) {
        measure(fmt::format("statistics of {}", rows.source->columns()[at].name).c_str(), [&] {
            const auto made = *result::columnStatistics(rows, count, at);
            return fmt::format("{}{} distinct", made.distinct_exact ? "" : "~", made.distinct);
        });
    }
    measure("sort by amount", [&] { return std::to_string(result::sortRows(*rows.source, count, {1, false})->size()); });
    const result::RowView after = makeRows(count - count / 100, 1'000);
    measure("compare: guess the key", [&] {
        return fmt::format("{} column", result::guessKey(rows, after, result::pairColumns(rows.source->columns(), after.source->columns())).size());
    });
    measure("compare", [&] {
        const auto diff = result::diffRows(rows, after, result::pairColumns(rows.source->columns(), after.source->columns()), {0});
        return diff ? fmt::format("{} changed, {} removed, {} same", diff->changed, diff->removed, diff->same) : diff.error().message;
    });
    return 0;
}
