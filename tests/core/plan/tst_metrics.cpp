// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "core/plan/derivations.h"
#include "core/plan/metrics.h"
#include "plan_files.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

double sumOfExclusive(const Metrics &metrics)
{
    double sum = 0;
    for (const NodeMetrics &node : metrics.nodes)
        sum += node.exclusive_ms.value_or(0);
    return sum;
}

bool has(const Node &node, std::string_view what)
{
    return (node.label() + " " + node.target() + " " + node.subplan_name).find(what) != std::string::npos;
}

struct Truth {
    const char *test;
    std::vector<const char *> nodes; ///< whose work together is `ms`
    double ms;
    bool exact; ///< the sleep is all the node does; otherwise the node does at
                ///< least that
};

/// By construction: the functions in setup.sql sleep that long in that node
/// (cases.txt).
const std::vector<Truth> truths{
    {"01_cte_two_scans", {"CTE c"}, 200, true},
    {"03_initplan_filter", {"InitPlan 1"}, 200, true},
    {"04_initplan_selectlist", {"InitPlan 1"}, 200, true},
    {"05_initplan_deep", {"InitPlan 1"}, 200, true},
    {"07_subplan_correlated", {"SubPlan 1"}, 200, true},
    {"08_subplan_hashed", {"SubPlan 1"}, 200, true},
    {"12_gather_uneven", {"Partial Aggregate", "Seq Scan"}, 200, false},
    {"14_gather_subplan", {"InitPlan 1"}, 100, true},
    {"15_parallel_append", {"Partial Aggregate", "Parallel Append", "Seq Scan"}, 300, true},
    {"17_trigger_before", {"Insert"}, 200, true},
    {"19_cte_modify", {"Insert", "Result"}, 100, true},
    {"21_limit_early", {"Index"}, 200, true},
    {"24_parallel_bitmap", {"Bitmap Heap Scan"}, 200, false},
    {"25_parallel_hash", {"Seq Scan big b1"}, 200, false},
    {"28_append_async_none", {"Seq Scan"}, 400, true},
};

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slowNodesAreFound_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("truth");
        for (const char *ending : {"json", "txt", "xml", "yaml"}) {
            for (const QString &path :
                 test::files(QStringLiteral("sleep"), QStringLiteral("*.") + QLatin1String(ending))) {
                for (std::size_t i = 0; i < truths.size(); ++i) {
                    if (path.section(QLatin1Char('/'), -1).startsWith(QLatin1String(truths[i].test)))
                        QTest::newRow(qPrintable(test::rowName(path))) << path << static_cast<int>(i);
                }
            }
        }
    }
    void slowNodesAreFound()
    {
        QFETCH(QString, path);
        QFETCH(int, truth);
        const Truth &expected = truths[static_cast<std::size_t>(truth)];
        const Plan plan = test::onlyPlan(test::content(path));
        const Metrics metrics = measure(plan);
        double found = 0;
        double others = 0;
        for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
            const bool slow = std::any_of(expected.nodes.begin(), expected.nodes.end(),
                                          [&](const char *name) { return has(plan.nodes[i], name); });
            (slow ? found : others) += metrics.nodes[i].work_ms.value_or(0);
        }
        if (expected.exact)
            QVERIFY2(std::abs(found - expected.ms) <= 0.15 * expected.ms, qPrintable(QString::number(found)));
        else
            QVERIFY2(found >= expected.ms, qPrintable(QString::number(found)));
        // What is left is the start of workers, and building the hash in case 25.
        if (expected.exact && !path.contains(QStringLiteral("15_parallel"))
            && !path.contains(QStringLiteral("14_gather")))
            QVERIFY2(others < 2, qPrintable(QString::number(others)));
    }

    void everyMillisecondIsToldOnce_data()
    {
        QTest::addColumn<QString>("path");
        for (const char *pattern : {"*.json", "*.txt", "*.xml", "*.yaml"}) {
            for (const QString &path : test::files(QStringLiteral("sleep"), QLatin1String(pattern))
                                           + test::files(QStringLiteral("nodes"), QLatin1String(pattern)))
                QTest::newRow(qPrintable(path.section(QLatin1Char('/'), -3))) << path;
        }
    }
    void everyMillisecondIsToldOnce()
    {
        QFETCH(QString, path);
        const auto result = read(test::content(path));
        QVERIFY(result);
        for (const Plan &plan : result->plans) {
            const Metrics metrics = measure(plan);
            QCOMPARE(metrics.nodes.size(), plan.nodes.size());
            for (const NodeMetrics &node : metrics.nodes) {
                QVERIFY(node.exclusive_ms.value_or(0) >= 0 && node.work_ms.value_or(0) >= 0);
                QVERIFY(node.inclusive_ms.value_or(0) >= node.exclusive_ms.value_or(0));
                QVERIFY(node.time_share >= 0 && node.time_share <= 1);
                QVERIFY(node.cost_share >= 0 && node.cost_share <= 1);
            }
            if (metrics.execution_ms && !plan.nodes.empty() && plan.nodes[0].actual_total_ms) {
                const double told = sumOfExclusive(metrics) + metrics.triggers_ms + metrics.serialization_ms
                                    + metrics.unaccounted_ms;
                QVERIFY2(std::abs(told - *metrics.execution_ms) < 0.01, qPrintable(QString::number(told)));
            }
        }
    }

    /// Without VERBOSE nothing tells the processes apart, but a Gather that passes a handful of rows has nothing to
    /// do but wait for the slowest of them.
    void gathersWaitForTheSlowest()
    {
        const auto exclusive = [](const std::string &gather, const std::string &scan, const std::string &init = {}) {
            const Metrics metrics = measure(test::onlyPlan("Gather  (cost=0.00..9.00 rows=4 width=4) (actual " + gather + ")\n"
                                                           "  Workers Planned: 2\n  Workers Launched: 2\n" + init
                                                           + "  ->  Parallel Seq Scan on big  (cost=0.00..9.00 rows=4 width=4) (actual "
                                                           + scan + ")\n        Filter: (id > $0)\n"));
            return std::pair(*metrics.nodes.front().exclusive_ms, *metrics.nodes.back().exclusive_ms);
        };
        // One process slept 40 ms, two found nothing to do.
        const auto [few, slept] = exclusive("time=1.000..50.000 rows=4 loops=1", "time=4.000..13.400 rows=1 loops=3");
        QVERIFY2(std::abs(slept - 40.2) < 0.1 && few < 10, qPrintable(QString::number(slept)));
        // A million rows through the queues: the scan was done long before.
        const auto [passing, scanned] = exclusive("time=1.000..500.000 rows=1000000 loops=1", "time=4.000..60.000 rows=333333 loops=3");
        QVERIFY2(std::abs(scanned - 60) < 0.1 && passing > 400, qPrintable(QString::number(scanned)));
        // What the Gather evaluated itself stays with its InitPlan.
        const auto [own, rest] = exclusive("time=100.000..131.000 rows=4 loops=1", "time=4.000..20.000 rows=1 loops=3",
                                           "  InitPlan 1 (returns $0)\n    ->  Result  (cost=0.00..1.00 rows=1 width=4) "
                                           "(actual time=100.000..100.000 rows=1 loops=1)\n");
        QVERIFY2(std::abs(rest - 31) < 0.1 && own < 0.1, qPrintable(QString::number(rest)));
    }

    /// The end of a body's workers is waited for when its scan has long had its last row.
    void bodiesNeverTakeMoreThanTheQuery()
    {
        const std::string text = "Aggregate  (cost=0.00..9.00 rows=1 width=8) (actual time=176.500..182.700 rows=1 loops=1)\n"
                                 "  CTE c\n"
                                 "    ->  Gather  (cost=0.00..9.00 rows=20000 width=4) (actual time=5.900..179.000 rows=20000 loops=1)\n"
                                 "          Workers Planned: 2\n          Workers Launched: 2\n"
                                 "          ->  Parallel Seq Scan on big  (cost=0.00..9.00 rows=8333 width=4) (actual time=0.300..90.600 rows=6667 loops=3)\n"
                                 "  ->  CTE Scan on c x  (cost=0.00..9.00 rows=20000 width=0) (actual time=5.900..175.600 rows=20000 loops=1)\n";
        for (const char *end : {"Execution Time: 183.700 ms\n", "Execution Time: 182.700 ms\n", "Execution Time: 160.000 ms\n", ""}) {
            const Metrics metrics = measure(test::onlyPlan(text + end));
            const double most = std::max(182.7, *metrics.execution_ms);
            QVERIFY2(sumOfExclusive(metrics) <= most + 0.001, qPrintable(QString::number(sumOfExclusive(metrics))));
            QVERIFY(*metrics.nodes[3].exclusive_ms < 0.001);
        }
    }

    /// Each computed figure says how, and what it says ends with the figure.
    void everyFigureIsDerived()
    {
        const Plan plan = test::onlyPlan("Nested Loop  (cost=0.00..90.00 rows=10 width=8) (actual time=0.100..9.000 rows=200 loops=1)\n"
                                         "  Buffers: shared hit=50 read=7\n"
                                         "  CTE c\n    ->  Result  (cost=0.00..1.00 rows=1 width=4) (actual time=2.000..2.000 rows=1 loops=1)\n"
                                         "          Buffers: shared hit=4\n"
                                         "  ->  CTE Scan on c  (cost=0.00..9.00 rows=1 width=4) (actual time=0.010..3.000 rows=4 loops=1)\n"
                                         "        Buffers: shared hit=6\n"
                                         "  ->  Index Scan using b_i on b  (cost=0.10..4.00 rows=1 width=4) (actual time=0.001..0.500 rows=50 loops=4)\n"
                                         "        Filter: (x = 1)\n        Rows Removed by Filter: 25\n        Buffers: shared hit=40 read=7\n"
                                         "Execution Time: 10.000 ms\n");
        const Metrics metrics = measure(plan);
        const auto of = [&](NodeId id, std::string_view figure) {
            for (const Derivation &each : derivations(plan, metrics, id)) {
                if (each.figure == figure)
                    return each.text;
            }
            return std::string();
        };
        QCOMPARE(of(3, "rows_total"), std::string("50 rows × 4 loops = 200"));
        QCOMPARE(of(3, "removed_total"), std::string("(25 Rows Removed by Filter) × 4 loops = 100"));
        QCOMPARE(of(3, "removed_share"), std::string("100 removed / (100 removed + 200 kept) = 33.3 %"));
        QCOMPARE(of(3, "inclusive_ms"), std::string("0.500 ms × 4 loops = 2.000 ms"));
        QVERIFY(of(3, "estimate_factor").starts_with("50 rows a loop came / 1 were expected = 50"));
        QVERIFY(of(2, "inclusive_ms").ends_with("= 1.000 ms"));
        QCOMPARE(of(2, "exclusive_buffers"), std::string("shared hit 6 − 0 below − 4 of CTEs and InitPlans = 2"));
        QCOMPARE(of(0, "time_share"), std::string("4.000 ms / 10.000 ms of the execution = 40.0 %"));
        QVERIFY(of(0, "exclusive_buffers").starts_with("shared hit 50 − 46 below = 4"));
        for (const NodeId id : {0U, 1U, 2U, 3U}) {
            for (const char *figure : {"inclusive_ms", "exclusive_ms", "work_ms", "rounding_ms", "rows_total", "plan_rows_total", "estimate_factor",
                                       "exclusive_cost", "time_share", "exclusive_buffers"})
                QVERIFY2(!of(id, figure).empty(), figure);
        }
    }

    void afterTriggersAreOutsideTheTree()
    {
        const auto metricsOf = [](const char *file) {
            return measure(test::onlyPlan(test::content(test::dataPath(QString::fromLatin1(file)))));
        };
        QVERIFY(metricsOf("sleep/pg18/18_trigger_after.json").triggers_ms > 200);
        QCOMPARE(metricsOf("sleep/pg18/17_trigger_before.json").triggers_ms, 0.0);
    }

    void jitAndSerializationHaveRowsOfTheirOwn()
    {
        const Metrics metrics = measure(
            test::onlyPlan("Seq Scan on t  (cost=0.00..9.00 rows=90 width=8) (actual time=0.009..40.000 rows=90 loops=1)\n"
                           "Planning Time: 0.100 ms\n"
                           "JIT:\n  Functions: 2\n  Options: Inlining false, Optimization false, Expressions true, Deforming true\n"
                           "  Timing: Generation 0.5 ms (Deform 0.1 ms), Inlining 0.0 ms, Optimization 1.0 ms, Emission 9.5 ms, Total 11.0 ms\n"
                           "Serialization: time=7.500 ms  output=12kB  format=text\n"
                           "Execution Time: 50.000 ms\n"));
        QCOMPARE(metrics.jit_ms, 11.0);
        QCOMPARE(metrics.serialization_ms, 7.5);
        QCOMPARE(metrics.unaccounted_ms, 2.5);
    }

    void cteScansGiveBackTheirShare()
    {
        const Plan plan = test::onlyPlan(
            test::content(test::dataPath(QStringLiteral("sleep/pg18/01_cte_two_scans.txt"))));
        const Metrics metrics = measure(plan);
        for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
            if (plan.nodes[i].node_type != "CTE Scan")
                continue;
            QVERIFY(*metrics.nodes[i].exclusive_ms < 1);
            QVERIFY(*metrics.nodes[i].inclusive_ms < 1);
            QVERIFY(metrics.nodes[i].derivation.find("CTE c") != std::string::npos);
        }
    }

    void parallelScansBeforeABitmapAreNotDivided()
    {
        const Plan plan = test::onlyPlan(
            test::content(test::dataPath(QStringLiteral("sleep/pg18/24_parallel_bitmap.json"))));
        const Metrics metrics = measure(plan);
        for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
            if (plan.nodes[i].node_type == "Bitmap Index Scan") {
                QCOMPARE(metrics.nodes[i].processes, 1.0);
                QVERIFY(std::abs(*metrics.nodes[i].exclusive_ms - *plan.nodes[i].actual_total_ms) < 0.001);
            }
        }
    }

    void rowsAndEstimates()
    {
        const Plan plan = test::onlyPlan("Nested Loop  (cost=0.00..500.00 rows=10 width=8) (actual "
                                         "time=0.100..9.000 rows=2000 loops=1)\n"
                                         "  ->  Seq Scan on a  (cost=0.00..10.00 rows=10 width=4) (actual "
                                         "time=0.010..1.000 rows=1000 loops=1)\n"
                                         "        Filter: (x = 1)\n"
                                         "        Rows Removed by Filter: 3000\n"
                                         "  ->  Index Scan using b_i on b  (cost=0.10..4.00 rows=1 width=4) "
                                         "(actual time=0.001..0.007 rows=2 loops=1000)\n"
                                         "  ->  Index Scan using c_i on c  (cost=0.10..4.00 rows=1 width=4) "
                                         "(never executed)\n"
                                         "Execution Time: 9.500 ms\n");
        const Metrics metrics = measure(plan);
        QCOMPARE(metrics.nodes[1].estimate_factor, std::optional(100.0));
        QCOMPARE(metrics.nodes[1].removed_share, std::optional(0.75));
        QCOMPARE(metrics.nodes[2].rows_total, std::optional(2000.0));
        QCOMPARE(metrics.nodes[2].plan_rows_total, std::optional(1000.0));
        QCOMPARE(metrics.nodes[2].exclusive_ms, std::optional(7.0));
        QVERIFY(metrics.nodes[2].rounding_ms >= 0.5);
        QVERIFY(!metrics.nodes[3].estimate_factor);
        QVERIFY(plan.nodes[3].never_executed);
        QCOMPARE(metrics.misestimate_origin, std::optional(NodeId(1)));
        QVERIFY(std::abs(metrics.unaccounted_ms - 0.5) < 1e-9);
        const std::vector<NodeId> hot = hottest(metrics, 2);
        QCOMPARE(hot, (std::vector<NodeId>{2, 0}));
    }

    void limitsAreNoMisestimates()
    {
        const Plan plan
            = test::onlyPlan(test::content(test::dataPath(QStringLiteral("sleep/pg18/21_limit_early.json"))));
        const Metrics metrics = measure(plan);
        QVERIFY(metrics.nodes[1].stopped_early);
        QVERIFY(!metrics.misestimate_origin);
    }

    void buffersOfANodeAlone()
    {
        for (const char *file : {"sleep/pg18/05_initplan_deep.json", "sleep/pg18/01_cte_two_scans.txt"}) {
            const Plan plan = test::onlyPlan(test::content(test::dataPath(QString::fromLatin1(file))));
            const Metrics metrics = measure(plan);
            std::int64_t sum = 0;
            for (const NodeMetrics &node : metrics.nodes)
                sum += node.exclusive_buffers ? node.exclusive_buffers->shared_hit : 0;
            QCOMPARE(sum, plan.nodes[0].buffers->shared_hit);
        }
    }

    void costIsLinear()
    {
        // 10,000 partitions, a chain 5,000 deep and 2,000 InitPlans; time for each
        // node of the large one must stay near that of the small one.
        const auto wide = [](int count) {
            std::string text = "Append  (cost=0.00..9.00 rows=1 width=4) (actual "
                               "time=0.001..9.000 rows=1 loops=1)\n";
            for (int i = 0; i < count; ++i)
                text += fmt::format("  ->  Seq Scan on p{0}  (cost=0.00..1.00 rows=1 "
                                    "width=4) (actual time=0.001..0.002 "
                                    "rows=1 loops=1)\n        Filter: (id = {0})\n",
                                    i);
            return text;
        };
        const auto deep = [](int count) {
            std::string text = R"([{"Plan": )";
            for (int i = 0; i < count; ++i)
                text += R"({"Node Type": "Limit", "Actual Total Time": 1.0, "Actual Loops": 1, "Plans": [)";
            text += R"({"Node Type": "Result", "Actual Total Time": 1.0, "Actual Loops": 1})";
            for (int i = 0; i < count; ++i)
                text += "]}";
            return text + "}]";
        };
        const auto inits = [](int count) {
            std::string text = "Result  (cost=0.00..9.00 rows=1 width=4) (actual "
                               "time=0.001..9000.000 rows=1 loops=1)\n  Output: ";
            for (int i = 0; i < count; ++i)
                text += fmt::format("{}(InitPlan {}).col1", i == 0 ? "" : ", ", i + 1);
            for (int i = 0; i < count; ++i)
                text += fmt::format("\n  InitPlan {}\n    ->  Result  (cost=0.00..1.00 "
                                    "rows=1 width=4) (actual time=1.000..1.000 "
                                    "rows=1 loops=1)",
                                    i + 1);
            return text + "\n";
        };
        const auto perNode = [](const std::string &text, std::size_t nodes) {
            double best = 1e9;
            for (int round = 0; round < 5; ++round) {
                const std::clock_t begin = std::clock(); // processor time: other work on the machine does not count
                const std::size_t times = std::max<std::size_t>(1, 5'000 / nodes);
                for (std::size_t time = 0; time < times; ++time) {
                    const Plan plan = test::onlyPlan(text);
                    const Metrics metrics = measure(plan);
                    if (plan.nodes.size() != nodes || metrics.nodes.size() != nodes)
                        QTest::qFail("not all nodes were read", __FILE__, __LINE__);
                }
                best = std::min(best, static_cast<double>(std::clock() - begin) / static_cast<double>(times));
            }
            return best / static_cast<double>(nodes);
        };
        const double limit = 2; // of a small plan's time for each node; a quadratic
                                // rule would be 50 and more
        // Others who use the memory at the same time slow the large one alone, so it may try again.
        const auto within = [&](const auto &text, int large, int small) {
            for (int attempt = 0; attempt < 4; ++attempt) {
                if (perNode(text(large), static_cast<std::size_t>(large) + 1) < limit * perNode(text(small), static_cast<std::size_t>(small) + 1))
                    return true;
            }
            return false;
        };
        QVERIFY(within(wide, 10'000, 200));
        QVERIFY(within(deep, 5'000, 100));
        QVERIFY(within(inits, 2'000, 50));
    }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
