// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fstream>
#include <iterator>

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <QTextBrowser>

#include <fmt/format.h>

#include "core/plan/print.h"
#include "plan_documents.h"
#include "ui/base/palette.h"
#include "ui/plan/hot_nodes.h"
#include "ui/plan/node_details.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_text_pane.h"
#include "ui/plan/plan_view.h"
#include "ui/plan/time_bar.h"

using namespace howdah;
using namespace howdah::ui;
using howdah::test::documentFrom;
using howdah::test::documentOf;
using howdah::test::manyPartitions;

class TestPlanView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void startsAtTheSlowestNode()
    {
        PlanView view;
        view.resize(1'280, 800);
        QSignalSpy selected(&view, &PlanView::nodeSelected);
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        QVERIFY(document);
        view.setDocument(document);
        view.show();
        QVERIFY(view.selectedNode().has_value());
        QCOMPARE(document->plans[0].nodes[*view.selectedNode()].subplan_name, std::string("InitPlan 1"));
        QCOMPARE(selected.count(), 1);
        auto *hot = view.findChild<HotNodes *>();
        QVERIFY(hot->count() > 0);
        QVERIFY(hot->item(0)->text().contains(QStringLiteral("Result")));
        QVERIFY(hot->item(0)->isSelected());
        auto *details = view.findChild<NodeDetails *>();
        QVERIFY(details->plainText().contains(QStringLiteral("Output: slow(9")));
        QVERIFY(details->findChild<QTextBrowser *>()->toPlainText().contains(QStringLiteral("Alone")));
    }

    void arrowsWalkTheTree()
    {
        PlanView view;
        view.resize(1'000, 700);
        const auto document = documentFrom("sleep/pg18/01_cte_two_scans.json");
        QVERIFY(document);
        view.setDocument(document);
        view.show();
        PlanCanvas *canvas = view.canvas();
        const auto press = [canvas](Qt::Key key) { QTest::keyClick(canvas, key); };
        press(Qt::Key_Home);
        QCOMPARE(canvas->selected(), std::optional<plan::NodeId>(0));
        press(Qt::Key_Up);
        QCOMPARE(canvas->selected(), std::optional<plan::NodeId>(0));
        press(Qt::Key_Down); // to the costliest child: the body of the CTE
        QCOMPARE(document->plans[0].nodes[*canvas->selected()].subplan_name, std::string("CTE c"));
        press(Qt::Key_Right);
        const plan::NodeId right = *canvas->selected();
        QVERIFY(document->plans[0].nodes[right].subplan_name.empty());
        press(Qt::Key_Left);
        QVERIFY(*canvas->selected() != right);
        QVERIFY(canvas->viewport()->rect().intersects(canvas->cardInView(*canvas->selected()).toRect()));
        QVERIFY(!canvas->accessibleDescription().isEmpty());
        press(Qt::Key_Home);
        press(Qt::Key_Space);
        QCOMPARE(canvas->layout().items.size(), std::size_t(1));
        press(Qt::Key_Space);
        QCOMPARE(canvas->layout().items.size(), document->plans[0].nodes.size());
    }

    void clicksSelectAndCollapse()
    {
        PlanView view;
        view.resize(1'000, 700);
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.json"));
        view.show();
        PlanCanvas *canvas = view.canvas();
        canvas->fit();
        const QRectF card = canvas->cardInView(1);
        QVERIFY(!card.isEmpty());
        QTest::mouseClick(canvas->viewport(), Qt::LeftButton, {}, card.center().toPoint());
        QCOMPARE(view.selectedNode(), std::optional<plan::NodeId>(1));
        const QPointF toggle(card.center().x(), card.bottom() + 3 * canvas->zoom());
        QTest::mouseClick(canvas->viewport(), Qt::LeftButton, {}, toggle.toPoint());
        QCOMPARE(canvas->layout().items.size(), std::size_t(2));
        QVERIFY(canvas->layout().items[1].hidden > 0);
        view.selectNode(4); // what is hidden comes back when it is asked for
        QVERIFY(canvas->layout().item_of[4] != LayoutItem::no_item);
    }

    void zoomKeepsThePointUnderThePointer()
    {
        PlanView view;
        view.resize(900, 500);
        view.setDocument(documentFrom("sleep/pg18/25_parallel_hash.json"));
        view.show();
        PlanCanvas *canvas = view.canvas();
        canvas->setZoom(1.5);
        const plan::NodeId node = 2;
        view.selectNode(node);
        const QPointF at = canvas->cardInView(node).center();
        canvas->setZoom(2, at);
        QVERIFY(QLineF(canvas->cardInView(node).center(), at).length() < 3);
        canvas->fit();
        QVERIFY(canvas->horizontalScrollBar()->maximum() == 0 && canvas->verticalScrollBar()->maximum() == 0);
    }

    void searchFindsConditionsToo()
    {
        PlanView view;
        view.resize(1'000, 700);
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.json"));
        view.show();
        view.searchField()->setText(QStringLiteral("merge cond"));
        QCOMPARE(view.foundNodes().size(), std::size_t(1));
        QCOMPARE(view.selectedNode(), std::optional<plan::NodeId>(view.foundNodes()[0]));
        view.searchField()->setText(QStringLiteral("sort"));
        QVERIFY(view.foundNodes().size() >= 2);
        QTest::keyClick(view.searchField(), Qt::Key_Return);
        QCOMPARE(view.selectedNode(), std::optional<plan::NodeId>(view.foundNodes()[1]));
        view.searchField()->setText(QStringLiteral("no such thing"));
        QVERIFY(view.foundNodes().empty());
        QVERIFY(view.searchField()->property("invalid").toBool());
    }

    void textFollowsTheSelection()
    {
        PlanView view;
        view.resize(1'000, 700);
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        view.setDocument(document);
        view.show();
        view.setTab(QStringLiteral("text"));
        PlanTextPane *text = nullptr;
        for (auto *pane : view.findChildren<PlanTextPane *>())
            text = pane->accessibleName() == QStringLiteral("Plan as text") ? pane : text;
        QVERIFY(text != nullptr);
        QCOMPARE(text->toPlainText(), QString::fromStdString(plan::printText(document->plans[0]).text));
        view.selectNode(1);
        QVERIFY(text->textCursor().block().text().contains(QStringLiteral("Merge Join")));
        view.setTab(QStringLiteral("json"));
        QCOMPARE(view.tab(), QStringLiteral("json"));
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.txt")); // has no JSON to show
        QCOMPARE(view.tab(), QStringLiteral("plan"));
    }

    void severalPlansCanBeChosen()
    {
        PlanView view;
        const auto document = documentFrom("extra/two_plans_pg18.json");
        QVERIFY(document);
        view.setDocument(document);
        view.setPlanIndex(1);
        QCOMPARE(view.planIndex(), std::size_t(1));
        view.setPlanIndex(9);
        QCOMPARE(view.planIndex(), std::size_t(1));
        view.setDocument(nullptr);
        QVERIFY(!view.selectedNode());
    }

    void everyPlanCanBeShown_data()
    {
        QTest::addColumn<QString>("path");
        for (const char *name : {"nodes/pg13/agg_mixed.txt", "nodes/pg15/merge.plain.json",
                                 "nodes/pg18/ctas.plain.json", "sleep/pg18/10_nl_never.json", "sleep/pg13/18_trigger_after.txt",
                                 "nodes/pg18/update_part.txt", "extra/auto_explain_pg18.json", "nodes/pg18/gather.costsoff.txt"}) {
            const QString path = QStringLiteral(HOWDAH_TEST_DATA "/plans/") + QLatin1String(name);
            if (QFile::exists(path))
                QTest::newRow(name) << path;
        }
    }
    void everyPlanCanBeShown()
    {
        QFETCH(QString, path);
        std::ifstream file(path.toStdString(), std::ios::binary);
        const auto document = documentOf({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
        QVERIFY(document);
        PlanView view;
        view.resize(700, 400);
        view.setDocument(document);
        for (std::size_t i = 0; i < document->plans.size(); ++i) {
            view.setPlanIndex(i);
            for (plan::NodeId id = 0; id < document->plans[i].nodes.size(); ++id)
                view.selectNode(id);
            QVERIFY(!view.grab().isNull());
        }
    }

    void textsSayWhatThereIs()
    {
        const auto document = documentOf("Limit  (cost=0.00..0.30 rows=4 width=8) (actual time=0.010..2.000 rows=4 loops=1)\n"
                                         "  ->  Seq Scan on t x  (cost=0.00..9.00 rows=10 width=8) (actual time=0.009..1.900 rows=400 loops=1)\n"
                                         "        Filter: (a > 1)\n"
                                         "        Rows Removed by Filter: 99600\n"
                                         "Execution Time: 2.000 ms\n");
        QVERIFY(document);
        const plan::Plan &plan = document->plans[0];
        const plan::Metrics &metrics = document->metrics[0];
        QCOMPARE(NodeText::estimate(metrics.nodes[0]).text, QStringLiteral("exact"));
        QCOMPARE(NodeText::estimate(metrics.nodes[1]).text, QStringLiteral("↑ 40×"));
        QCOMPARE(NodeText::estimate(metrics.nodes[1]).tone, Tone::Bad);
        QCOMPARE(NodeText::rows(plan.nodes[1], metrics.nodes[1]), QStringLiteral("10 → 400 rows"));
        QCOMPARE(NodeText::detail(plan.nodes[1]), QStringLiteral("t x"));
        QVERIFY(NodeText::remark(plan, metrics, 1).text.contains(QStringLiteral("goes wrong")));
        QVERIFY(NodeText::plainText(plan, metrics, 1).contains(QStringLiteral("Filter: (a > 1)")));
    }

    void tenThousandNodesStayFluid()
    {
        PlanView view;
        view.resize(1'280, 800);
        const auto document = documentOf(manyPartitions(10'000));
        QVERIFY(document);
        QElapsedTimer timer;
        timer.start();
        view.setDocument(document);
        view.show();
        QVERIFY2(timer.elapsed() < 1'500, qPrintable(QString::number(timer.elapsed())));
        PlanCanvas *canvas = view.canvas();
        QVERIFY(canvas->layout().items.size() < 20);
        view.selectNode(7'000); // unfolds them all
        QCOMPARE(canvas->layout().items.size(), std::size_t(10'001));
        std::vector<qint64> frames;
        for (int i = 0; i < 60; ++i) {
            timer.restart();
            canvas->setZoom(canvas->zoom() * (i < 45 ? 0.92 : 1.1));
            canvas->horizontalScrollBar()->setValue(canvas->horizontalScrollBar()->value() + 40);
            QVERIFY(!canvas->viewport()->grab().isNull());
            frames.push_back(timer.nsecsElapsed());
        }
        std::sort(frames.begin(), frames.end());
        QVERIFY2(frames[30] < 33'000'000, qPrintable(QString::number(frames[30])));
    }
};

QTEST_MAIN(TestPlanView)
#include "tst_plan_view.moc"
