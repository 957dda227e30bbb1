// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTextBlock>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <fmt/format.h>

#include "plan_documents.h"
#include "ui/base/contrast.h"
#include "ui/base/palette.h"
#include "ui/plan/flame_view.h"
#include "ui/plan/node_details.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_export.h"
#include "ui/plan/plan_grid.h"
#include "ui/plan/plan_minimap.h"
#include "ui/plan/plan_sql_pane.h"
#include "ui/plan/plan_terms.h"
#include "ui/plan/plan_view.h"
#include "ui/plan/side_column.h"
#include "ui/plan/timeline_view.h"

using namespace howdah;
using namespace howdah::ui;
using howdah::test::documentFrom;
using howdah::test::documentOf;
using howdah::test::manyPartitions;
using plan::NodeId;

namespace {

/// A binary tree of joins, `levels` deep: 10,000 nodes in many rows.
std::string bushy(int levels, int depth = 0)
{
    const std::string indent(static_cast<std::size_t>(depth) * 6, ' ');
    const std::string arrow = depth == 0 ? "" : indent.substr(4) + "->  ";
    if (levels == 0)
        return fmt::format("{}Seq Scan on t  (cost=0.00..10.00 rows=10 width=4) (actual time=0.001..0.010 rows=10 loops=1)\n", arrow);
    const double ms = 0.03 * (1 << levels);
    std::string text = fmt::format("{}Merge Join  (cost=0.00..{:.2f} rows=10 width=4) (actual time=0.001..{:.3f} rows=10 loops=1)\n",
                                   arrow, 30.0 * (1 << levels), ms);
    return text + bushy(levels - 1, depth + 1) + bushy(levels - 1, depth + 1);
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void choose(PlanView &view, ColourBy by)
{
    for (auto *box : view.findChildren<QComboBox *>()) {
        const int at = box->findData(static_cast<int>(by));
        if (box->count() == 5 && at >= 0) {
            box->setCurrentIndex(at);
            Q_EMIT box->activated(at);
        }
    }
}

} // namespace

class TestPlanViews : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(home_.isValid());
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, home_.path());
        QCoreApplication::setOrganizationName(QStringLiteral("plan-views"));
        applyTheme(*qApp, Theme::Light);
    }

    void flameWidthsAddUp_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"sleep/pg18/01_cte_two_scans.json", "sleep/pg18/05_initplan_deep.json",
                                 "sleep/pg13/25_parallel_hash.json", "nodes/pg15/merge.plain.json", "nodes/pg18/gather.costsoff.txt"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void flameWidthsAddUp()
    {
        QFETCH(QString, name);
        const auto document = documentFrom(qPrintable(name));
        QVERIFY(document);
        const FlameLayout layout = layoutFlame(document->plans[0], document->metrics[0]);
        QCOMPARE(layout.boxes[0].width, 1.0);
        bool any = false;
        for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
            double below = 0;
            for (const NodeId child : document->plans[0].nodes[i].children) {
                QVERIFY(std::abs(layout.boxes[child].left - layout.boxes[i].left - below) < 1e-9);
                QCOMPARE(layout.boxes[child].depth, layout.boxes[i].depth + 1);
                below += layout.boxes[child].width;
                any = any || layout.boxes[child].width > 0;
            }
            QVERIFY(below <= layout.boxes[i].width + 1e-9);
        }
        QVERIFY(any);
        const bool analyzed = document->plans[0].analyzed() && document->plans[0].nodes[0].actual_total_ms.has_value();
        if (analyzed) {
            double alone = 0;
            for (const plan::NodeMetrics &m : document->metrics[0].nodes)
                alone += m.exclusive_ms.value_or(0);
            QCOMPARE(layout.measure, FlameMeasure::Time);
            QVERIFY(std::abs(layout.whole[0] - alone) < 1e-6);
        }
    }

    void flameSelectsZoomsAndWalks()
    {
        PlanView view;
        view.resize(1'200, 700);
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        view.setDocument(document);
        view.show();
        view.setTab(QStringLiteral("flame"));
        FlameView *flame = view.flame();
        QVERIFY(flame->isVisible());
        QCOMPARE(flame->selected(), view.selectedNode());
        const plan::Plan &plan = document->plans[0];
        NodeId wide = plan::no_node; // a node that is neither the root nor as wide as it
        for (NodeId id = 1; id < plan.nodes.size(); ++id) {
            const qreal width = flame->nodeInView(id).width();
            if (width > 30 && width < flame->nodeInView(0).width() - 30)
                wide = id;
        }
        if (wide == plan::no_node)
            wide = 1;
        QSignalSpy chosen(&view, &PlanView::nodeSelected);
        const QPoint at = flame->nodeInView(0).center().toPoint();
        QTest::mouseClick(flame->viewport(), Qt::LeftButton, {}, at);
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(0));
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(flame->nodeAt(flame->nodeInView(wide).center()), std::optional<NodeId>(wide));
        QTest::mouseDClick(flame->viewport(), Qt::LeftButton, {}, flame->nodeInView(wide).center().toPoint());
        QCOMPARE(flame->zoomedTo(), wide);
        QVERIFY(std::abs(flame->nodeInView(wide).width() - flame->nodeInView(0).width()) < 1);
        QTest::keyClick(flame, Qt::Key_Escape);
        QCOMPARE(flame->zoomedTo(), NodeId(0));
        QTest::keyClick(flame, Qt::Key_Home);
        QTest::keyClick(flame, Qt::Key_Down);
        const NodeId below = *view.selectedNode();
        QCOMPARE(plan.nodes[below].parent, NodeId(0));
        QTest::keyClick(flame, Qt::Key_Return);
        QTest::keyClick(flame, Qt::Key_Up);
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(0));
        QTest::keyClick(flame, Qt::Key_Backspace);
        QCOMPARE(flame->zoomedTo(), NodeId(0));
    }

    void timelineKeepsTheOrderOfWork()
    {
        const auto document = documentOf(
            "Hash Join  (cost=1..2 rows=10 width=4) (actual time=40.000..100.000 rows=10 loops=1)\n"
            "  ->  Seq Scan on big  (cost=0..1 rows=10 width=4) (actual time=0.010..50.000 rows=10 loops=1)\n"
            "  ->  Hash  (cost=0..1 rows=10 width=4) (actual time=39.000..39.000 rows=10 loops=1)\n"
            "        ->  Nested Loop  (cost=0..1 rows=10 width=4) (actual time=1.000..38.000 rows=10 loops=1)\n"
            "              ->  Seq Scan on a  (cost=0..1 rows=10 width=4) (actual time=0.500..3.000 rows=10 loops=1)\n"
            "              ->  Index Scan using b_i on b  (cost=0..1 rows=1 width=4) (actual time=0.010..3.000 rows=1 loops=10)\n"
            "              ->  Seq Scan on never  (cost=0..1 rows=1 width=4) (never executed)\n"
            "Execution Time: 101.000 ms\n");
        QVERIFY(document);
        const std::vector<TimeSpan> spans = timeSpans(document->plans[0], document->metrics[0]);
        QCOMPARE(spans[0].first, 40.0);
        QCOMPARE(spans[0].end, 100.0);
        QCOMPARE(spans[2].start, 0.0);  // the table is built first
        QCOMPARE(spans[1].start, 39.0); // then the outer side is read
        QCOMPARE(spans[1].end, 89.0);
        QVERIFY(!spans[4].looped);
        QVERIFY(spans[5].looped);
        QCOMPARE(spans[5].start, 0.5); // waits for an outer row
        QCOMPARE(spans[5].busy, 30.0);
        QCOMPARE(spans[5].end, 38.0); // within the loop above
        QVERIFY(!spans[6].known);
    }

    void timelinesStayWithinTheExecution_data() { flameWidthsAddUp_data(); }
    void timelinesStayWithinTheExecution()
    {
        QFETCH(QString, name);
        const auto document = documentFrom(qPrintable(name));
        const std::vector<TimeSpan> spans = timeSpans(document->plans[0], document->metrics[0]);
        const double whole = std::max(document->metrics[0].execution_ms.value_or(0),
                                      document->plans[0].nodes[0].actual_total_ms.value_or(0));
        for (const TimeSpan &span : spans) {
            if (!span.known)
                continue;
            QVERIFY(span.start >= 0 && span.start <= span.first && span.first <= span.end);
            QVERIFY(span.end <= whole + 1e-6);
        }
    }

    void timelineHasALaneForEachWorker()
    {
        PlanView view;
        view.resize(1'200, 700);
        const auto document = documentFrom("sleep/pg18/12_gather_uneven.json");
        view.setDocument(document);
        view.show();
        view.setTab(QStringLiteral("timeline"));
        TimelineView *timeline = view.timeline();
        QVERIFY(timeline->timed());
        std::size_t lanes = 0;
        for (std::size_t i = 0; i < timeline->spans().size(); ++i) {
            QCOMPARE(timeline->spans()[i].workers.size(), document->plans[0].nodes[i].workers.size());
            lanes += timeline->spans()[i].workers.size();
        }
        QVERIFY(lanes >= 2);
        QTest::keyClick(timeline, Qt::Key_Home);
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(0));
        QTest::keyClick(timeline, Qt::Key_Down);
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(1));
        QTest::mouseClick(timeline->viewport(), Qt::LeftButton, {}, timeline->nodeInView(0).center().toPoint());
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(0));
        view.setDocument(documentFrom("nodes/pg15/merge.plain.json"));
        QVERIFY(!timeline->timed());
    }

    void gridIsASoundModel()
    {
        PlanGridModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        PlanGridOrder order;
        QAbstractItemModelTester order_tester(&order, QAbstractItemModelTester::FailureReportingMode::QtTest);
        order.setSourceModel(&model);
        const auto document = documentFrom("sleep/pg18/25_parallel_hash.json");
        model.setPlan(document, 0);
        QCOMPARE(model.rowCount(), static_cast<int>(document->plans[0].nodes.size()));
        order.sort(PlanGridModel::Alone, Qt::DescendingOrder);
        double before = 1e300;
        for (int row = 0; row < order.rowCount(); ++row) {
            const QVariant figure = order.index(row, PlanGridModel::Alone).data(PlanGridModel::FigureRole);
            QVERIFY(!figure.isValid() || figure.toDouble() <= before);
            before = figure.isValid() ? figure.toDouble() : -1;
        }
        order.setFound(std::vector<NodeId>{1, 2});
        QCOMPARE(order.rowCount(), 2);
        order.setFound({});
        QCOMPARE(order.rowCount(), model.rowCount());
        for (int column = 1; column < model.columnCount(); ++column)
            QVERIFY2(model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().size() > 20, qPrintable(QString::number(column)));
        model.setPlan(nullptr, 0);
        QCOMPARE(model.rowCount(), 0);
    }

    void figuresFitTheirColumns()
    {
        PlanGrid grid;
        grid.setPlan(documentOf("Seq Scan on t  (cost=0.00..99999999.00 rows=123456789 width=4) (actual time=0.010..900000.000 rows=123456789 "
                                "loops=1)\n  Filter: (a > 1)\n  Rows Removed by Filter: 987654321\nExecution Time: 900000.000 ms\n"), 0);
        const QFontMetrics metrics(textFont());
        for (int column = 1; column < PlanGridModel::ColumnCount; ++column) {
            const QString text = grid.model()->index(0, column).data().toString();
            QVERIFY2(grid.columnWidth(column) >= metrics.horizontalAdvance(text) + 12, qPrintable(text));
        }
    }

    void emptyCellsComeLastBothWays()
    {
        PlanGridModel model;
        PlanGridOrder order;
        order.setSourceModel(&model);
        model.setPlan(documentFrom("sleep/pg18/10_nl_never.json"), 0);
        for (const Qt::SortOrder way : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            order.sort(PlanGridModel::Estimate, way);
            bool empty = false;
            for (int row = 0; row < order.rowCount(); ++row) {
                const bool valid = order.index(row, PlanGridModel::Estimate).data(PlanGridModel::FigureRole).isValid();
                QVERIFY(!(empty && valid));
                empty = empty || !valid;
            }
            QVERIFY(empty);
        }
    }

    void gridFollowsSearchAndSelection()
    {
        PlanView view;
        view.resize(1'200, 700);
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        view.setDocument(document);
        view.show();
        view.setTab(QStringLiteral("grid"));
        PlanGrid *grid = view.grid();
        view.selectNode(2);
        QCOMPARE(grid->currentIndex().row(), 2);
        grid->setCurrentIndex(grid->model()->index(1, 0));
        QCOMPARE(view.selectedNode(), std::optional<NodeId>(1));
        view.searchField()->setText(QStringLiteral("merge cond"));
        QCOMPARE(grid->model()->rowCount(), 1);
        view.searchField()->clear();
        QCOMPARE(grid->model()->rowCount(), static_cast<int>(document->plans[0].nodes.size()));
        grid->setColumnHidden(PlanGridModel::Cost, true);
        const QStringList lines = grid->tabSeparated().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), static_cast<qsizetype>(document->plans[0].nodes.size()) + 1);
        QVERIFY(lines[0].startsWith(QStringLiteral("node\texclusive_ms\tshare")));
        QVERIFY(!lines[0].contains(QStringLiteral("cost")));
        QCOMPARE(lines[1].split(QLatin1Char('\t')).size(), lines[0].split(QLatin1Char('\t')).size());
        QTest::keyClick(grid, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), grid->tabSeparated());
    }

    void columnsCanBeChosenAndAreRemembered()
    {
        QSettings().remove(QStringLiteral("plan/gridHiddenColumns"));
        {
            PlanGrid grid;
            grid.setPlan(documentFrom("sleep/pg18/05_initplan_deep.json"), 0);
            grid.resize(900, 300);
            grid.show();
            Q_EMIT grid.horizontalHeader()->customContextMenuRequested(QPoint(10, 5));
            auto *menu = grid.findChild<QMenu *>();
            QVERIFY(menu != nullptr);
            QAction *loops = nullptr;
            for (QAction *action : menu->actions())
                loops = action->text() == QStringLiteral("Loops") ? action : loops;
            QVERIFY(loops != nullptr && loops->isChecked());
            loops->trigger();
            QVERIFY(grid.isColumnHidden(PlanGridModel::Loops));
        }
        PlanGrid next;
        QVERIFY(next.isColumnHidden(PlanGridModel::Loops));
        QVERIFY(!next.isColumnHidden(PlanGridModel::Alone));
        QSettings().remove(QStringLiteral("plan/gridHiddenColumns"));
    }

    void minimapShowsWhereOneIs()
    {
        PlanView view;
        view.resize(1'100, 700);
        view.setDocument(documentOf(bushy(5)));
        view.show();
        PlanCanvas *canvas = view.canvas();
        canvas->setZoom(1);
        QVERIFY(canvas->minimap()->isVisible());
        const QRectF frame = canvas->minimap()->frame();
        QVERIFY(QRectF(canvas->minimap()->rect()).contains(frame));
        const int before = canvas->horizontalScrollBar()->value();
        QTest::mouseClick(canvas->minimap(), Qt::LeftButton, {}, QPoint(canvas->minimap()->width() - 8, canvas->minimap()->height() / 2));
        QVERIFY(canvas->horizontalScrollBar()->value() > before);
        QVERIFY(canvas->minimap()->frame().left() > frame.left());
        canvas->fit();
        QVERIFY(!canvas->minimap()->isVisible());
    }

    void coloursFollowTheChoiceInEveryView()
    {
        PlanView view;
        view.resize(1'000, 600);
        view.setDocument(documentFrom("sleep/pg18/25_parallel_hash.json"));
        view.show();
        auto *legend = view.findChild<PlanLegend *>();
        QVERIFY(legend->isVisible());
        QCOMPARE(legend->words().size(), qsizetype(4));
        for (const char *tab : {"plan", "flame", "timeline"}) {
            view.setTab(QLatin1String(tab));
            choose(view, ColourBy::Time);
            const QString words = legend->words().join(QLatin1Char(' '));
            const QImage by_time = view.grab().toImage();
            choose(view, ColourBy::Estimate);
            QVERIFY(legend->words().join(QLatin1Char(' ')) != words);
            QVERIFY(view.grab().toImage() != by_time);
        }
        view.setTab(QStringLiteral("text"));
        QVERIFY(!legend->isVisible());
    }

    void scaleCanBeToldApart()
    {
        for (const Theme theme : {Theme::Light, Theme::Dark}) {
            applyTheme(*qApp, theme);
            std::vector<QColor> steps;
            for (const Tone tone : {Tone::Neutral, Tone::Good, Tone::Warn, Tone::Bad})
                steps.push_back(scaleColour(tone));
            for (std::size_t i = 1; i < steps.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j) { // blue against yellow is what all kinds of colour blindness leave
                    const int blue = std::abs((2 * steps[i].blue() - steps[i].red() - steps[i].green())
                                              - (2 * steps[j].blue() - steps[j].red() - steps[j].green()));
                    QVERIFY(blue > 60 || contrastRatio(steps[i], steps[j]) > 1.3);
                }
            }
        }
        applyTheme(*qApp, Theme::Light);
    }

    void exportsAreWhole()
    {
        QTemporaryDir dir;
        PlanView view;
        view.resize(1'000, 600);
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        view.setDocument(document);
        view.show();
        const auto written = [&](const char *suffix) {
            const QString path = dir.filePath(QStringLiteral("plan.") + QLatin1String(suffix));
            const QString failed = view.exportTo(path, QLatin1String(suffix));
            QFile file(path);
            return failed.isEmpty() && file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QVERIFY(!QImage::fromData(written("png")).isNull());
        const QByteArray svg = written("svg");
        QSvgRenderer renderer(svg);
        QVERIFY(renderer.isValid());
        QVERIFY(svg.contains("Merge Join"));
        // Fonts have a kind to fall back to where they are not installed.
        QVERIFY(svg.count("font-family=") > 5);
        QCOMPARE(svg.count("font-family=\""), svg.count("sans-serif\"") + svg.count("monospace\""));
        const QByteArray html = written("html");
        QVERIFY(html.contains("<svg") && html.contains("<pre>") && html.contains("Execution"));
        QVERIFY(!html.contains("<script") && !html.contains("src=") && !html.contains("href=\"http"));
        QVERIFY(!html.contains("<?xml"));
        const QByteArray markdown = written("md");
        QVERIFY(markdown.contains("| --- | ---: |") && markdown.contains("```\n") && markdown.contains("Merge Join"));
        const QJsonDocument json = QJsonDocument::fromJson(written("json"));
        QCOMPARE(json[QStringLiteral("plans")][0][QStringLiteral("nodes")].toArray().size(),
                 static_cast<qsizetype>(document->plans[0].nodes.size()));
        QVERIFY(!view.exportTo(QStringLiteral("/nonexistent/plan.md"), QStringLiteral("md")).isEmpty());
        QVERIFY(!view.exportTo(QStringLiteral("/nonexistent/plan.png"), QStringLiteral("png")).isEmpty());
    }

    void whatIsWrittenIsEscaped()
    {
        const auto document = documentOf("Seq Scan on \"a|b<script>\"  (cost=0.00..9.00 rows=10 width=8) (actual time=0.009..1.900 rows=4 loops=1)\n"
                                         "  Filter: (x = '```'::text)\n"
                                         "Execution Time: 2.000 ms\n");
        QVERIFY(document);
        const QString html = planHtml(*document, 0, {});
        QVERIFY(!html.contains(QStringLiteral("<script>")));
        QVERIFY(html.contains(QStringLiteral("&lt;script&gt;")));
        const QString markdown = planMarkdown(*document, 0);
        QVERIFY(markdown.contains(QStringLiteral("a\\|b")));
        QVERIFY(markdown.contains(QStringLiteral("````\n")));
        const QString anonymous = anonymousText(*document, 0);
        QVERIFY(!anonymous.contains(QStringLiteral("script")));
        QVERIFY(anonymous.contains(QStringLiteral("Seq Scan on t1")));
    }

    void copiesAreInTheMenu()
    {
        PlanView view;
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.json"));
        QStringList copied;
        for (auto *button : view.findChildren<QToolButton *>()) {
            if (button->menu() == nullptr)
                continue;
            for (QAction *action : button->menu()->actions()) {
                if (!action->text().startsWith(QStringLiteral("Copy")))
                    continue;
                action->trigger();
                copied += QGuiApplication::clipboard()->text();
            }
        }
        QCOMPARE(copied.size(), qsizetype(4));
        QVERIFY(std::all_of(copied.begin(), copied.end(), [](const QString &text) { return text.size() > 100; }));
        QCOMPARE(std::set<QString>(copied.begin(), copied.end()).size(), std::size_t(4));
    }

    void termsAreExplained()
    {
        for (const char *type : {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Nested Loop", "Hash Join", "Hash",
                                 "Sort", "Aggregate", "Gather", "Memoize", "CTE Scan", "ModifyTable", "Limit"}) {
            plan::Node node;
            node.node_type = type;
            QVERIFY2(PlanTerms::node(node).size() > 20, type);
        }
        for (const char *term : {"Rows Removed by Filter", "Heap Fetches", "Lossy Heap Blocks", "Workers Launched", "Loops", "Hash Batches"})
            QVERIFY2(PlanTerms::term(QLatin1String(term)).size() > 20, term);
        plan::Node unknown;
        unknown.node_type = "Custom Thing";
        QVERIFY(PlanTerms::node(unknown).isEmpty());
        const auto document = documentFrom("sleep/pg18/05_initplan_deep.json");
        const QString tip = nodeToolTip(document->plans[0], document->metrics[0], 1);
        QVERIFY(tip.contains(PlanTerms::node(document->plans[0].nodes[1]).toHtmlEscaped()));
    }

    void sideColumnIsNeverSqueezed()
    {
        PlanView view;
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.json"));
        auto *panel = new QLabel(QStringLiteral("findings"));
        view.addSidePanel(panel);
        view.resize(980, 370);
        view.show();
        auto *details = view.findChild<NodeDetails *>();
        SideColumn *side = view.sideColumn();
        QVERIFY(!side->showsBoth());
        QVERIFY(panel->isVisible());
        QVERIFY(!details->isVisible());
        side->setPage(QStringLiteral("node"));
        QVERIFY(details->isVisible() && !panel->isVisible());
        QTRY_VERIFY(details->height() > 200); // the layout has its turn first
        view.resize(1'200, 800);
        QTRY_VERIFY(side->showsBoth());
        QVERIFY(details->isVisible() && panel->isVisible());
        QVERIFY(details->height() >= 120);
    }

    void tenThousandNodesStayFluid_data()
    {
        QTest::addColumn<bool>("wide");
        QTest::newRow("10,001 partitions") << true;
        QTest::newRow("8,191 joins and scans") << false;
    }
    void tenThousandNodesStayFluid()
    {
        QFETCH(bool, wide);
        const auto document = documentOf(wide ? manyPartitions(10'000) : bushy(12));
        QVERIFY(document);
        QElapsedTimer timer;
        timer.start();
        const FlameLayout flame_layout = layoutFlame(document->plans[0], document->metrics[0]);
        const double flame_ms = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        timer.restart();
        const auto spans = timeSpans(document->plans[0], document->metrics[0]);
        const double spans_ms = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        QCOMPARE(spans.size(), flame_layout.boxes.size());
        QVERIFY2(flame_ms < 50 && spans_ms < 50, qPrintable(QStringLiteral("%1 %2").arg(flame_ms).arg(spans_ms)));
        PlanView view;
        view.resize(1'280, 800);
        view.setDocument(document);
        view.show();
        for (const char *tab : {"plan", "flame", "timeline", "grid"}) {
            view.setTab(QLatin1String(tab));
            QAbstractScrollArea *area = view.canvas();
            if (QLatin1String(tab) == QLatin1String("flame"))
                area = view.flame();
            else if (QLatin1String(tab) == QLatin1String("timeline"))
                area = view.timeline();
            else if (QLatin1String(tab) == QLatin1String("grid"))
                area = view.grid();
            std::vector<double> frames;
            for (int i = 0; i < 40; ++i) {
                area->verticalScrollBar()->setValue(area->verticalScrollBar()->value() + 60);
                timer.restart();
                QVERIFY(!area->viewport()->grab().isNull());
                frames.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
            }
            qInfo("%s: median %.1f ms, worst %.1f ms", tab, median(frames), *std::max_element(frames.begin(), frames.end()));
            QVERIFY2(median(frames) < 33, tab);
        }
        qInfo("flame layout %.2f ms, spans %.2f ms", flame_ms, spans_ms);
        QVERIFY(view.flame()->painted() < 3'000);
        timer.restart();
        view.grid()->sortByColumn(PlanGridModel::Alone, Qt::DescendingOrder);
        qInfo("grid sorts in %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < 500);
    }

    /// Draws every view to look at when HOWDAH_PICTURES names a folder; else it only has to paint.
    void everyViewPaints_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"sleep/pg18/12_gather_uneven.json", "sleep/pg18/05_initplan_deep.json",
                                 "sleep/pg18/15_parallel_append.json", "nodes/pg15/merge.plain.json", "nodes/pg18/memoize.json"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void everyViewPaints()
    {
        QFETCH(QString, name);
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        const auto document = documentFrom(qPrintable(name));
        QVERIFY(document);
        for (const bool dark : {false, true}) {
            applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
            for (const QSize size : {QSize(960, 420), QSize(1'400, 800)}) {
                PlanView view;
                view.resize(size);
                view.setDocument(document);
                view.show();
                for (const char *tab : {"plan", "flame", "timeline", "grid", "text"}) {
                    view.setTab(QLatin1String(tab));
                    const QImage image = view.grab().toImage();
                    QCOMPARE(image.size(), size);
                    QString file = name;
                    if (!folder.isEmpty())
                        QVERIFY(image.save(QStringLiteral("%1/%2-%3-%4-%5.png")
                                               .arg(folder, file.replace(QLatin1Char('/'), QLatin1Char('_')), QLatin1String(tab))
                                               .arg(size.width()).arg(dark ? QStringLiteral("dark") : QStringLiteral("light"))));
                }
            }
            PlanView view;
            view.setDocument(document);
            for (const char *suffix : {"png", "svg", "html", "md"}) {
                QString file = name;
                if (!folder.isEmpty())
                    QCOMPARE(view.exportTo(QStringLiteral("%1/export-%2-%3.%4").arg(folder, file.replace(QLatin1Char('/'), QLatin1Char('_')),
                                                                                    dark ? QStringLiteral("dark") : QStringLiteral("light"), QLatin1String(suffix)),
                                           QLatin1String(suffix)), QString());
            }
        }
        applyTheme(*qApp, Theme::Light);
    }

    void clausesHaveTheirTimes()
    {
        const auto document = documentOf(" Sort  (cost=0.00..9.00 rows=10 width=4) (actual time=90.000..100.000 rows=10 loops=1)\n"
                                         "   Sort Key: t.word\n"
                                         "   ->  Seq Scan on t  (cost=0.00..5.00 rows=10 width=4) (actual time=0.010..80.000 rows=10 loops=1)\n"
                                         "         Filter: (id = 7)\n Execution Time: 100.000 ms\n");
        QVERIFY(document);
        PlanView view;
        view.resize(1'000, 600);
        view.setDocument(document);
        view.setTab(QStringLiteral("sql"));
        QCOMPARE(view.tab(), QStringLiteral("plan")); // no statement, no such view
        view.setStatements({planSql(document->plans[0], "SELECT *\nFROM t\nWHERE id = 7\nORDER BY word")});
        view.setTab(QStringLiteral("sql"));
        QCOMPARE(view.tab(), QStringLiteral("sql"));
        view.show();
        PlanSqlPane *pane = view.sqlPane();
        double sum = 0;
        for (const SqlLineTime &line : pane->lines())
            sum += line.ms;
        QCOMPARE(sum, 100.0);
        QCOMPARE(pane->figureOf(1), QStringLiteral("80.0 ms"));
        QCOMPARE(pane->figureOf(3), QStringLiteral("20.0 ms"));
        QVERIFY(pane->figureOf(0).isEmpty());
        // Words to node, node to words.
        view.selectNode(1);
        QTextCursor cursor = pane->textCursor();
        cursor.setPosition(static_cast<int>(pane->toPlainText().indexOf(QStringLiteral("word"))) + 1);
        pane->setTextCursor(cursor);
        QTest::keyClick(pane, Qt::Key_Return);
        QCOMPARE(view.selectedNode(), std::optional<plan::NodeId>(0));
        QTest::mouseClick(pane->viewport(), Qt::LeftButton, {}, pane->cursorRect(QTextCursor(pane->document()->findBlockByNumber(1))).center() + QPoint(45, 0));
        QCOMPARE(view.selectedNode(), std::optional<plan::NodeId>(1));
        // One long line is laid out anew.
        QVERIFY(planSql(document->plans[0], "SELECT t.id, t.word, t.word || t.word AS twice FROM t WHERE id = 7 ORDER BY word").text.find('\n') != std::string::npos);
    }

private:
    QTemporaryDir home_;
};

QTEST_MAIN(TestPlanViews)
#include "tst_plan_views.moc"
