// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "ui/plan/tree_layout.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

/// A plan from the parent of each node.
plan::Plan planOf(const std::vector<plan::NodeId> &parents)
{
    plan::Plan plan;
    plan.nodes.resize(parents.size());
    for (std::size_t i = 0; i < parents.size(); ++i) {
        plan.nodes[i].node_type = "Result";
        plan.nodes[i].parent = parents[i];
        if (parents[i] != plan::no_node)
            plan.nodes[parents[i]].children.push_back(static_cast<plan::NodeId>(i));
    }
    return plan;
}

struct Laid {
    plan::Plan plan;
    TreeState state;
    TreeMetrics sizes;
    TreeLayout layout;

    explicit Laid(const std::vector<plan::NodeId> &parents) : plan(planOf(parents))
    {
        state.collapsed.assign(parents.size(), false);
        state.unfolded.assign(parents.size(), false);
        for (std::size_t i = 0; i < parents.size(); ++i)
            sizes.heights.push_back(70 + 18.0 * static_cast<double>(i % 3));
        again();
    }
    void again() { layout = layoutTree(plan, plan::measure(plan), state, sizes); }
};

std::vector<plan::NodeId> randomParents(std::size_t count, unsigned seed)
{
    std::vector<plan::NodeId> parents{plan::no_node};
    unsigned state = seed;
    for (std::size_t i = 1; i < count; ++i) {
        state = state * 1'664'525U + 1'013'904'223U;
        // Depth first: the parent is the last node or one of its ancestors.
        plan::NodeId parent = static_cast<plan::NodeId>(i - 1);
        for (unsigned up = (state >> 24) % 4; up > 0 && parents[parent] != plan::no_node; --up)
            parent = parents[parent];
        parents.push_back(parent);
    }
    return parents;
}

} // namespace

class TestTreeLayout : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cardsDoNotOverlap_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 12; ++seed)
            QTest::addRow("seed %u", seed) << seed;
    }
    void cardsDoNotOverlap()
    {
        QFETCH(unsigned, seed);
        Laid laid(randomParents(300, seed));
        laid.state.unfolded.assign(300, true);
        laid.again();
        QCOMPARE(laid.layout.items.size(), std::size_t(300));
        const QRectF whole(QPointF(-0.5, -0.5), laid.layout.size + QSizeF(1, 1));
        for (const auto &level : laid.layout.levels) {
            for (std::size_t k = 0; k < level.size(); ++k) {
                const QRectF rect = laid.layout.items[level[k]].rect;
                QVERIFY(whole.contains(rect));
                if (k > 0)
                    QVERIFY(rect.left() >= laid.layout.items[level[k - 1]].rect.right() + laid.sizes.gap_x - 0.01);
            }
        }
        for (std::size_t i = 0; i < laid.layout.items.size(); ++i) {
            const LayoutItem &item = laid.layout.items[i];
            QVERIFY(laid.layout.levelAt(item.rect.center().y()) == item.level);
            if (item.children.empty())
                continue;
            const qreal first = laid.layout.items[item.children.front()].rect.center().x();
            const qreal last = laid.layout.items[item.children.back()].rect.center().x();
            QVERIFY(std::abs(item.rect.center().x() - (first + last) / 2) < 0.01);
            QVERIFY(laid.layout.items[item.children.front()].rect.top() >= item.rect.bottom() + laid.sizes.gap_y - 0.01);
        }
    }

    void collapsedNodesHideWhatIsBelow()
    {
        Laid laid({plan::no_node, 0, 1, 2, 0});
        laid.state.collapsed[1] = true;
        laid.again();
        QCOMPARE(laid.layout.items.size(), std::size_t(3));
        QCOMPARE(laid.layout.items[laid.layout.item_of[1]].hidden, std::size_t(2));
        QVERIFY(laid.layout.item_of[2] == LayoutItem::no_item && laid.layout.item_of[3] == LayoutItem::no_item);
    }

    void manyLikeChildrenFold()
    {
        std::vector<plan::NodeId> parents(101, 0);
        parents[0] = plan::no_node;
        Laid laid(parents);
        QVERIFY(laid.layout.items.size() < 20);
        QCOMPARE(laid.layout.items.back().folded.size() + laid.layout.items.size() - 2, std::size_t(100));
        laid.state.unfolded[0] = true;
        laid.again();
        QCOMPARE(laid.layout.items.size(), std::size_t(101));
    }

    void tenThousandCardsAreLaidOutAtOnce()
    {
        std::vector<plan::NodeId> wide(10'004, 0);
        wide[0] = plan::no_node;
        std::vector<plan::NodeId> deep{plan::no_node};
        for (plan::NodeId i = 1; i < 5'000; ++i)
            deep.push_back(i - 1);
        for (const auto &parents : {wide, deep, randomParents(10'000, 7)}) {
            Laid laid(parents);
            laid.state.unfolded.assign(parents.size(), true);
            const plan::Metrics metrics = plan::measure(laid.plan);
            QElapsedTimer timer;
            timer.start();
            const TreeLayout layout = layoutTree(laid.plan, metrics, laid.state, laid.sizes);
            QVERIFY2(timer.elapsed() < 50, qPrintable(QStringLiteral("%1 ms").arg(timer.elapsed())));
            QCOMPARE(layout.items.size(), parents.size());
        }
    }

    void nothingToLayOut()
    {
        const TreeLayout layout = layoutTree({}, {}, {}, {});
        QVERIFY(layout.items.empty() && layout.levels.empty());
    }
};

QTEST_GUILESS_MAIN(TestTreeLayout)
#include "tst_tree_layout.moc"
