// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QSignalSpy>
#include <QTest>

#include "ui/charts/treemap_layout.h"
#include "ui/charts/treemap_view.h"

using namespace howdah::ui;

class TestTreemap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void areasAreInProportionAndDoNotOverlap()
    {
        std::vector<double> weights;
        for (int i = 60; i > 0; --i)
            weights.push_back(i * i);
        const QRectF area(10, 20, 640, 300);
        const auto rects = squarified(area, weights);
        double sum = 0, ratios = 0;
        for (const double weight : weights)
            sum += weight;
        for (std::size_t i = 0; i < rects.size(); ++i) {
            QVERIFY(std::abs(rects[i].width() * rects[i].height() - weights[i] / sum * area.width() * area.height()) < 0.01);
            QVERIFY(area.adjusted(-0.01, -0.01, 0.01, 0.01).contains(rects[i]));
            ratios += std::max(rects[i].width() / rects[i].height(), rects[i].height() / rects[i].width());
            for (std::size_t j = 0; j < i; ++j) {
                const QRectF both = rects[i].intersected(rects[j]);
                QVERIFY(both.width() < 0.001 || both.height() < 0.001);
            }
        }
        QVERIFY2(ratios / static_cast<double>(rects.size()) < 2, std::to_string(ratios / static_cast<double>(rects.size())).c_str());
    }

    void oddWeights()
    {
        QVERIFY(squarified(QRectF(0, 0, 100, 100), {}).empty());
        QCOMPARE(squarified(QRectF(0, 0, 100, 100), {5})[0], QRectF(0, 0, 100, 100));
        for (const QRectF &rect : squarified(QRectF(0, 0, 100, 100), {0, 0}))
            QVERIFY(rect.isEmpty());
        QVERIFY(squarified(QRectF(0, 0, 100, 100), {5, 0})[1].isEmpty());
        QVERIFY(squarified(QRectF(), {5})[0].isEmpty());
    }

    void chosenByMouseAndKeys()
    {
        TreemapView view;
        view.resize(400, 300);
        view.setGroups({{QStringLiteral("t"), {{1, QStringLiteral("big"), {}, {}, QStringLiteral("the big one"), Tone::Good, 60}, {2, QStringLiteral("small"), {}, {}, QStringLiteral("the small one"), Tone::Bad, 40}}},
                        {QStringLiteral("u"), {{3, QStringLiteral("other"), {}, {}, QStringLiteral("the other"), Tone::Bad, 30}, {4, {}, {}, {}, {}, Tone::Bad, 0}}}});
        view.show();
        QVERIFY(view.rectOf(4).isEmpty());
        QSignalSpy chosen(&view, &TreemapView::chosen), activated(&view, &TreemapView::activated);
        QTest::mouseClick(&view, Qt::LeftButton, {}, view.rectOf(3).center().toPoint());
        QCOMPARE(view.current(), 3U);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(view.accessibleDescription(), QStringLiteral("the other"));
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.current(), 1U);
        // All are reached by arrows, and the way back leads back.
        QSet<quint64> seen{view.current()};
        for (const Qt::Key key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_Right, Qt::Key_Down, Qt::Key_Left, Qt::Key_Up, Qt::Key_Left}) {
            QTest::keyClick(&view, key);
            seen << view.current();
        }
        QCOMPARE(seen.size(), 3);
        QCOMPARE(view.current(), 1U);
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(activated.size(), 1);
        view.setCurrent(99);
        QCOMPARE(view.current(), 0U);
    }

    void manyTiles()
    {
        std::vector<TreemapView::Group> groups(1000);
        quint64 id = 0;
        for (auto &group : groups) {
            for (int i = 0; i < 10; ++i)
                group.tiles.push_back({++id, QStringLiteral("index %1").arg(id), {}, {}, {}, Tone::Good, static_cast<double>(id % 97 + 1)});
        }
        TreemapView view;
        view.resize(900, 500);
        QElapsedTimer timer;
        timer.start();
        view.setGroups(groups);
        static_cast<void>(view.grab());
        qInfo("10,000 tiles are laid out and painted in %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < 2000);
    }
};

QTEST_MAIN(TestTreemap)
#include "tst_treemap.moc"
