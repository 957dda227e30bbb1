// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <set>

#include <fmt/format.h>

#include "core/plan/anonymise.h"
#include "core/plan/diff.h"
#include "core/plan/print.h"
#include "plan_files.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

const std::string hash_join =
    "Hash Join  (cost=1.00..90.00 rows=10 width=8) (actual time=5.0..90.0 rows=10 loops=1)\n"
    "  Hash Cond: (o.customer_id = c.id)\n"
    "  ->  Seq Scan on shop.orders o  (cost=0.00..50.00 rows=10 width=8) (actual time=0.1..80.0 rows=10 loops=1)\n"
    "        Filter: (o.status = 'secret'::text)\n"
    "        Rows Removed by Filter: 90000\n"
    "  ->  Hash  (cost=1.00..1.00 rows=5 width=4) (actual time=1.0..1.0 rows=5 loops=1)\n"
    "        ->  Seq Scan on shop.customers c  (cost=0.00..1.00 rows=5 width=4) (actual time=0.1..0.9 rows=5 loops=1)\n"
    "Planning Time: 0.2 ms\nExecution Time: 90.5 ms\n";

const std::string with_index =
    "Nested Loop  (cost=1.00..20.00 rows=10 width=8) (actual time=0.1..1.2 rows=10 loops=1)\n"
    "  ->  Index Scan using orders_status on shop.orders o  (cost=0.00..9.00 rows=10 width=8) (actual time=0.1..0.2 "
    "rows=10 loops=1)\n"
    "        Index Cond: (o.status = 'secret'::text)\n"
    "  ->  Index Scan using customers_pkey on shop.customers c  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.1 "
    "rows=1 loops=10)\n"
    "        Index Cond: (c.id = o.customer_id)\n"
    "Planning Time: 0.3 ms\nExecution Time: 1.3 ms\n";

const NodeDiff *of(const PlanDiff &diff, NodeId before)
{
    for (const NodeDiff &node : diff.nodes) {
        if (node.before == before)
            return &node;
    }
    return nullptr;
}

} // namespace

class TestDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anIndexChangesTheShape()
    {
        const PlanDiff diff = diffPlans(test::onlyPlan(hash_join), test::onlyPlan(with_index));
        QVERIFY(!diff.same_shape && !diff.noise);
        QVERIFY(*diff.execution_ms < -80);
        QCOMPARE(of(diff, 0)->after, NodeId(0)); // the join is the join, however it is done
        QCOMPARE(of(diff, 1)->after, NodeId(1)); // orders
        QCOMPARE(of(diff, 3)->after, NodeId(2)); // customers, which hung below the Hash
        QCOMPARE(of(diff, 2)->kind, DiffKind::Removed);
        QVERIFY(!of(diff, 1)->noise && *of(diff, 1)->exclusive_ms < -70);
        QVERIFY(of(diff, 1)->change.find("Seq Scan on orders o → Index Scan on orders") != std::string::npos);
        QCOMPARE(diff.nodes.size(), std::size_t(4));
    }

    void twoRunsOfOnePlanAreNoise()
    {
        std::string again = hash_join;
        again.replace(again.find("..80.0"), 6, "..83.0");
        again.replace(again.find("..90.0 rows"), 6, "..93.0");
        again.replace(again.find("Execution Time: 90.5"), 20, "Execution Time: 93.6");
        const PlanDiff diff = diffPlans(test::onlyPlan(hash_join), test::onlyPlan(again));
        QVERIFY(diff.same_shape && diff.noise && diff.changes.empty());
        for (const NodeDiff &node : diff.nodes)
            QVERIFY(node.noise && node.kind == DiffKind::Same);
    }

    void joinOrderIsNamed()
    {
        std::string swapped = hash_join;
        const auto orders = swapped.find("shop.orders o");
        const auto customers = swapped.find("shop.customers c");
        swapped.replace(customers, 16, "shop.orders o");
        swapped.replace(orders, 13, "shop.customers c");
        const PlanDiff diff = diffPlans(test::onlyPlan(hash_join), test::onlyPlan(swapped));
        QVERIFY(!diff.same_shape);
        QVERIFY2(diff.changes.size() >= 2, fmt::format("{}", fmt::join(diff.changes, "\n")).c_str());
    }

    void everyNodeIsToldOnce()
    {
        const QStringList paths = test::files(QStringLiteral("nodes"), QStringLiteral("*.json"));
        for (qsizetype i = 0; i + 1 < paths.size(); ++i) {
            const auto a = read(test::content(paths[i]));
            const auto b = read(test::content(paths[i + 1]));
            const PlanDiff diff = diffPlans(a->plans[0], b->plans[0]);
            std::set<NodeId> before;
            std::set<NodeId> after;
            for (const NodeDiff &node : diff.nodes) {
                QVERIFY(node.before == no_node || before.insert(node.before).second);
                QVERIFY(node.after == no_node || after.insert(node.after).second);
            }
            QCOMPARE(before.size(), a->plans[0].nodes.size());
            QCOMPARE(after.size(), b->plans[0].nodes.size());
            const PlanDiff self = diffPlans(a->plans[0], a->plans[0]);
            QVERIFY2(self.same_shape && self.changes.empty(), qPrintable(paths[i]));
        }
    }

    void shapesAreTheSameInEveryFormat()
    {
        for (const QString &path : test::files(QStringLiteral("nodes"), QStringLiteral("*.plain.json"))) {
            const auto json = read(test::content(path));
            for (const char *ending : {"txt", "xml", "yaml"}) {
                const auto other = read(test::content(path.chopped(4) + QLatin1String(ending)));
                Plan a = normalizedForComparison(json->plans[0]);
                Plan b = normalizedForComparison(other->plans[0]);
                QVERIFY2(shapeHash(a) == shapeHash(b), qPrintable(path));
            }
        }
    }

    void namesAndLiteralsGo()
    {
        Plan plan = test::onlyPlan(hash_join);
        plan.query_text = "select o.id -- for Alice\nfrom shop.orders o join shop.customers c on c.id = o.customer_id "
                          "where status = 'secret' and note = $tag$private$tag$ and pin = 123456";
        const Plan hidden = anonymised(plan);
        const std::string all = printText(hidden).text + hidden.query_text;
        for (const char *word : {"orders", "customer", "shop", "secret", "status", "Alice", "private", "123456"})
            QVERIFY2(all.find(word) == std::string::npos, (std::string(word) + "\n" + all).c_str());
        // The same name stays the same, and the plan stays a plan.
        const std::string column = hidden.nodes[1].alias + ".";
        QVERIFY2(hidden.nodes[1].text("Filter").find(column) != std::string::npos,
                 hidden.nodes[1].text("Filter").c_str());
        QVERIFY(hidden.nodes[0].text("Hash Cond").find(column) != std::string::npos);
        QVERIFY(hidden.query_text.find(hidden.nodes[1].relation_name) != std::string::npos);
        QVERIFY(hidden.nodes[1].text("Filter").find("::text") != std::string::npos);
        QCOMPARE(hidden.nodes.size(), plan.nodes.size());
        QCOMPARE(measure(hidden).nodes[1].exclusive_ms, measure(plan).nodes[1].exclusive_ms);
        const auto again = read(printText(hidden).text);
        QVERIFY(again && again->diagnostics.empty() && again->plans[0].nodes.size() == plan.nodes.size());
    }

    void subplansStayLinked()
    {
        for (const char *file : {"sleep/pg18/05_initplan_deep.json", "sleep/pg13/05_initplan_deep.txt",
                                 "sleep/pg18/01_cte_two_scans.json", "sleep/pg13/01_cte_two_scans.txt"}) {
            const Plan plan = test::onlyPlan(test::content(test::dataPath(QString::fromLatin1(file))));
            const Metrics before = measure(plan);
            const Metrics after = measure(anonymised(plan));
            for (std::size_t i = 0; i < plan.nodes.size(); ++i)
                QCOMPARE(after.nodes[i].exclusive_ms, before.nodes[i].exclusive_ms);
        }
    }
};

QTEST_GUILESS_MAIN(TestDiff)
#include "tst_diff.moc"
