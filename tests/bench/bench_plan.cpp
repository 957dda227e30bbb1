// SPDX-License-Identifier: GPL-3.0-or-later
// From the text of a plan to its findings: bench_plan [file…]. Without files: a plan of 10,004 nodes (an Append over
// 10,000 partitions below a Gather, as tests/data has none so large), 5,000 levels and 2,000 InitPlans, all made here.
// Prints the best of seven rounds, wall and processor time in milliseconds.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "core/plan/diff.h"
#include "core/plan/findings.h"
#include "core/plan/metrics.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

struct Took {
    double wall_ms = 1e9, cpu_ms = 1e9;
};

template <typename Work> Took best(Work work)
{
    Took took;
    for (int round = 0; round < 7; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        const std::clock_t cpu = std::clock();
        work();
        took.cpu_ms = std::min(took.cpu_ms, 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
        took.wall_ms = std::min(
            took.wall_ms, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    return took;
}

void measureOne(const std::string &name, const std::string &text)
{
    std::size_t nodes = 0;
    std::size_t found = 0;
    Plan plan;
    const Took reading = best([&] {
        auto result = read(text);
        plan = result ? std::move(result->plans.front()) : Plan();
        nodes = plan.nodes.size();
    });
    const Took judging = best([&] { found = findings(plan, measure(plan)).size(); });
    const Took diffing = best([&] { found += diffPlans(plan, plan).nodes.size() > nodes ? 1U : 0U; });
    fmt::print("{:24} {:7.1f} MB {:6} nodes  read {:7.1f} ({:.1f} cpu)  metrics and findings {:6.1f} ({:.1f} cpu)  "
               "diff {:6.1f}  "
               "{:6.2f} µs a node\n",
               name, static_cast<double>(text.size()) / 1e6, nodes, reading.wall_ms, reading.cpu_ms, judging.wall_ms,
               judging.cpu_ms, diffing.wall_ms,
               1000 * (reading.cpu_ms + judging.cpu_ms) / static_cast<double>(std::max<std::size_t>(1, nodes)));
}

std::string wide(int count)
{
    std::string text = "Append  (cost=0.00..9.00 rows=1 width=4) (actual time=0.001..900.000 rows=1 loops=1)\n";
    for (int i = 0; i < count; ++i)
        text += fmt::format(
            "  ->  Seq Scan on public.p{0} p_{0}  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.002 rows=1 "
            "loops=1)\n        Output: p_{0}.id, p_{0}.v\n        Filter: (p_{0}.id = {0})\n        Buffers: shared "
            "hit=1\n",
            i);
    return text;
}

std::string deep(int count)
{
    std::string text = R"([{"Plan": )";
    for (int i = 0; i < count; ++i)
        text += R"({"Node Type": "Limit", "Actual Total Time": 1.0, "Actual Rows": 1, "Actual Loops": 1, "Plans": [)";
    text += R"({"Node Type": "Result", "Actual Total Time": 1.0, "Actual Loops": 1})";
    for (int i = 0; i < count; ++i)
        text += "]}";
    return text + "}]";
}

std::string initPlans(int count)
{
    std::string text =
        "Result  (cost=0.00..9.00 rows=1 width=4) (actual time=0.001..9000.000 rows=1 loops=1)\n  Output: ";
    for (int i = 0; i < count; ++i)
        text += fmt::format("{}(InitPlan {}).col1", i == 0 ? "" : ", ", i + 1);
    for (int i = 0; i < count; ++i)
        text += fmt::format("\n  InitPlan {}\n    ->  Result  (cost=0.00..1.00 rows=1 width=4) (actual "
                            "time=1.000..1.000 rows=1 loops=1)",
                            i + 1);
    return text + "\n";
}

} // namespace

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        const std::string path = argv[i];
        measureOne(path.substr(path.rfind('/') + 1), {std::istreambuf_iterator<char>(file), {}});
    }
    if (argc == 1) {
        for (const int count : {100, 1'000, 10'000})
            measureOne(fmt::format("wide {} (TEXT)", count), wide(count));
        for (const int count : {100, 1'000, 5'000})
            measureOne(fmt::format("deep {} (JSON)", count), deep(count));
        for (const int count : {100, 1'000, 2'000})
            measureOne(fmt::format("InitPlans {} (TEXT)", count), initPlans(count));
    }
    return 0;
}
