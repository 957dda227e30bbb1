// SPDX-License-Identifier: GPL-3.0-or-later
// Filtering, statistics, columns and comparing in the window.
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QListWidget>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "core/pg/session.h"
#include "tests/core/result/rows.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/grid/chart_panel.h"
#include "ui/grid/column_chooser.h"
#include "ui/grid/diff_model.h"
#include "ui/grid/diff_page.h"
#include "ui/grid/frozen_columns.h"
#include "ui/grid/grid_filter_bar.h"
#include "ui/grid/grid_footer.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/grid/statistics_panel.h"
#include "ui/grid/statistics_views.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::ui;
using result::FilterOp;

namespace {

void append(pg::RowStore &store, int from, int to)
{
    static const char *const towns[] = {"Berlin", "Paris", "Oslo", "Lima", "Quito"};
    for (int row = from; row < to; ++row) {
        store.beginRow();
        const std::string id = std::to_string(row), amount = std::to_string((row * 7919) % 1000) + ".50";
        const std::string at = "2024-0" + std::to_string(row % 9 + 1) + "-1" + std::to_string(row % 9) + " 10:00:00";
        const std::string town = towns[(row * row) % 5];
        store.appendCell(id.data(), id.size(), false);
        store.appendCell(town.data(), town.size(), false);
        store.appendCell(amount.data(), amount.size(), row % 10 == 3);
        store.appendCell(at.data(), at.size(), false);
    }
    QVERIFY(store.publish().has_value());
}

std::shared_ptr<pg::RowStore> orders(int rows)
{
    auto store = std::make_shared<pg::RowStore>(std::vector<pg::Column>{column("id", int8_oid), column("town", text_oid), column("amount", numeric_oid), column("at", timestamp_oid)});
    append(*store, 0, rows);
    return store;
}

/// Where pictures go when somebody wants to look.
void picture(QWidget &widget, const QString &name)
{
    const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
    if (folder.isEmpty())
        return;
    for (const bool dark : {false, true}) {
        applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
        QTest::qWait(60);
        widget.grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light")));
    }
    applyTheme(*qApp, Theme::Light);
}

QString cell(const ResultGrid &grid, int row, int column)
{
    return grid.model()->index(row, column).data().toString();
}

} // namespace

class TestGridPower : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CONFIG_HOME", home_.path().toLocal8Bit());
        applyTheme(*qApp, Theme::Light);
    }

    void filtersAndSortsTogether()
    {
        ResultGrid grid;
        const QAbstractItemModelTester tester(grid.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        grid.resize(820, 420);
        grid.show();
        grid.setStore(orders(5'000));
        grid.finish();
        QSignalSpy done(&grid, &ResultGrid::sorted);
        grid.openFilter(2);
        grid.filterBar()->setLine(2, FilterOp::Less, QStringLiteral("100"));
        QVERIFY(done.wait());
        const qint64 few = grid.model()->totalRows();
        QVERIFY(few > 300 && few < 600);
        QVERIFY2(grid.footer()->text().startsWith(QStringLiteral("%1 of 5").arg(few)), qPrintable(grid.footer()->text()));
        grid.sortBy(result::SortKey{2, true});
        QVERIFY(done.wait());
        QCOMPARE(grid.model()->totalRows(), few);
        QCOMPARE(cell(grid, 0, 2), QStringLiteral("99.50"));
        grid.filterBar()->add({1, FilterOp::Equal, {"Quito"}, false});
        QVERIFY(done.wait());
        QVERIFY(grid.model()->totalRows() < few);
        QCOMPARE(cell(grid, 0, 1), QStringLiteral("Quito"));
        picture(grid, QStringLiteral("filter"));
        // The number beside a row stays the server's.
        QVERIFY(grid.model()->headerData(0, Qt::Vertical, Qt::DisplayRole).toString() != QStringLiteral("1"));
        grid.filterBar()->setLine(2, FilterOp::Less, QStringLiteral("ten"));
        QVERIFY(grid.filterBar()->problem().contains(QStringLiteral("ten")));
        picture(grid, QStringLiteral("filter-problem"));
        grid.filterBar()->close();
        QTRY_COMPARE(grid.model()->totalRows(), 5'000);
        QCOMPARE(cell(grid, 0, 2), QStringLiteral("999.50"));
        QVERIFY(!grid.footer()->text().contains(QStringLiteral(" of ")));
    }

    void rowsThatStreamInAreFiltered()
    {
        ResultGrid grid;
        const QAbstractItemModelTester tester(grid.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        grid.resize(600, 300);
        grid.show();
        auto store = orders(1'000);
        grid.setStore(store);
        grid.filterBar()->open(1);
        grid.filterBar()->setLine(1, FilterOp::Equal, QStringLiteral("Lima"));
        QTRY_VERIFY(grid.model()->totalRows() < 1'000);
        const qint64 first = grid.model()->totalRows();
        QVERIFY(first == 0 || cell(grid, 0, 1) == QStringLiteral("Lima"));
        grid.filterBar()->setLine(1, FilterOp::Equal, QStringLiteral("Paris"));
        QTRY_VERIFY(grid.model()->totalRows() > 0);
        const qint64 before = grid.model()->totalRows();
        for (int i = 1; i < 20; ++i) {
            append(*store, i * 1'000, (i + 1) * 1'000);
            grid.rowsArrived();
            QTest::qWait(10);
        }
        grid.finish();
        QTRY_COMPARE(grid.model()->totalRows(), before * 20);
        for (int row = 0; row < grid.model()->rowCount(); ++row)
            QCOMPARE(cell(grid, row, 1), QStringLiteral("Paris"));
        QTRY_VERIFY(grid.footer()->text().contains(QStringLiteral("of 20")));
    }

    void theNewestFilterWins()
    {
        ResultGrid grid;
        grid.setStore(orders(50'000));
        grid.finish();
        const auto filter = [&](const char *town) {
            grid.setFilter(*result::RowFilter::make({{1, FilterOp::Equal, {town}, false}}, grid.model()->rows().source->columns()));
        };
        for (int i = 0; i < 30; ++i)
            filter(i % 2 == 0 ? "Paris" : "Oslo");
        filter("Berlin");
        QTRY_COMPARE(grid.model()->totalRows(), 10'000);
        QTest::qWait(150);
        QCOMPARE(cell(grid, 7, 1), QStringLiteral("Berlin"));
    }

    void statisticsAndTheirFilters()
    {
        ResultGrid grid;
        grid.resize(900, 560);
        grid.show();
        grid.setStore(orders(5'000));
        grid.finish();
        QSignalSpy counted(grid.statistics(), &StatisticsPanel::counted);
        grid.openStatistics(2);
        QVERIFY(counted.wait());
        QCOMPARE(grid.statistics()->statistics()->nulls, 500);
        QVERIFY(grid.statistics()->text().contains(QStringLiteral("Mean\t")));
        QVERIFY(grid.statistics()->histogram()->bins().size() > 4);
        picture(grid, QStringLiteral("statistics-number"));
        QTest::mouseClick(grid.statistics()->histogram(), Qt::LeftButton, {}, QPoint(3, 40));
        const qint64 bin = grid.statistics()->histogram()->bins()[0].rows;
        QTRY_COMPARE(grid.model()->totalRows(), bin);
        QVERIFY(counted.wait());
        grid.filterBar()->close();
        grid.openStatistics(1);
        QVERIFY(counted.wait());
        QTRY_COMPARE(grid.statistics()->values()->values()[0].value, std::string("Paris"));
        picture(grid, QStringLiteral("statistics-text"));
        QTest::mouseClick(grid.statistics()->values(), Qt::LeftButton, {}, QPoint(10, 5));
        QTRY_COMPARE(cell(grid, 0, 1), QStringLiteral("Paris"));
    }

    void pinnedColumnsStay()
    {
        std::vector<pg::Column> columns;
        Values values;
        for (int i = 0; i < 60; ++i) {
            columns.push_back(column("column_" + std::to_string(i), int4_oid));
            values.push_back(std::to_string(i * 1000));
        }
        ResultGrid grid;
        grid.resize(700, 300);
        grid.show();
        grid.setStore(storeOf(columns, std::vector<Values>(200, values)));
        grid.finish();
        GridView *view = grid.view();
        view->setColumnPinned(5, true);
        view->setColumnPinned(2, true);
        QCOMPARE(view->shownColumns()[0], std::size_t{5});
        QCOMPARE(view->shownColumns()[1], std::size_t{2});
        auto *frozen = view->findChild<FrozenColumns *>();
        QVERIFY(frozen != nullptr && frozen->isVisible());
        view->goTo({100, 40});
        QCOMPARE(frozen->verticalScrollBar()->value(), view->verticalScrollBar()->value());
        QVERIFY(frozen->columnViewportPosition(5) == 0);
        picture(grid, QStringLiteral("pinned"));
        // A column next to the pinned ones is not hidden below them.
        view->goTo({100, 0});
        QVERIFY(view->columnViewportPosition(0) >= frozen->width() - 2);
        // Nothing moves before the pinned ones.
        view->columnsHeader()->moveSection(view->columnsHeader()->visualIndex(30), 0);
        QCOMPARE(view->shownColumns()[0], std::size_t{5});
        const QByteArray state = grid.saveColumns();
        ResultGrid other;
        other.restoreColumns(state);
        other.setStore(storeOf(columns, {values}));
        QCOMPARE(other.view()->pinnedColumns(), (std::vector<int>{5, 2}));
        // Copies follow the order shown.
        view->setCurrentIndex(grid.model()->index(0, 5));
        view->selectRow(0);
        grid.copyAs(result::CopyFormat::Tsv);
        QVERIFY2(QApplication::clipboard()->text().startsWith(QStringLiteral("5000\t2000\t")), qPrintable(QApplication::clipboard()->text()));
        view->setColumnPinned(5, false);
        view->setColumnPinned(2, false);
        QVERIFY(!frozen->isVisible());
    }

    void columnsAreFoundAndHidden()
    {
        std::vector<pg::Column> columns;
        Values values(1'600, std::string("x"));
        for (int i = 0; i < 1'600; ++i)
            columns.push_back(column("field_" + std::to_string(i), text_oid));
        ResultGrid grid;
        grid.resize(700, 400);
        grid.show();
        grid.setStore(storeOf(columns, {values}));
        grid.finish();
        auto *chooser = new ColumnChooser(grid.view(), grid.model(), &grid);
        chooser->openAt({0, 0});
        chooser->setSearch(QStringLiteral("field_15"));
        QCOMPARE(chooser->matchCount(), 111);
        chooser->setFoundShown(false);
        QCOMPARE(grid.view()->shownColumns().size(), std::size_t{1'600 - 111});
        picture(*chooser, QStringLiteral("columns"));
        chooser->setSearch({});
        chooser->setFoundShown(false);
        QCOMPARE(grid.view()->shownColumns().size(), std::size_t{1});
        chooser->setFoundShown(true);
        QCOMPARE(grid.view()->shownColumns().size(), std::size_t{1'600});
        chooser->close();
    }

    void comparesTwoResults()
    {
        ResultsPane pane;
        pane.resize(900, 420);
        pane.show();
        const auto store = [](const std::vector<Values> &rows) { return storeOf({column("id", int4_oid), column("town", text_oid), column("amount", numeric_oid)}, rows); };
        pane.beginRun();
        pane.openResult(0, QStringLiteral("SELECT * FROM shop.orders"), store({{"1", "Berlin", "5"}, {"2", "Paris", std::nullopt}, {"3", "Oslo", "7"}, {"4", "Lima", "8"}}));
        pane.setPinned(0, true);
        pane.endRun();
        pane.beginRun();
        pane.openResult(0, QStringLiteral("SELECT * FROM shop.orders"), store({{"1", "Berlin", "5"}, {"2", "Paris", "6.25"}, {"4", "Quito", "9"}, {"5", "Rome", "1"}}));
        pane.endRun();
        pane.compare(0, 1);
        QSignalSpy compared(pane.diffPage(), &DiffPage::compared);
        QVERIFY(compared.wait());
        DiffModel *model = pane.diffPage()->model();
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(pane.diffPage()->key(), (std::vector<std::size_t>{0}));
        QCOMPARE(model->rowCount(), 4);
        QCOMPARE(model->index(0, 3).data().toString(), QStringLiteral("NULL → 6.25"));
        QVERIFY(model->isChanged(model->index(0, 3)) && !model->isChanged(model->index(0, 2)));
        picture(pane, QStringLiteral("diff"));
        pane.diffPage()->kinds()->setCurrent(QStringLiteral("removed"));
        QCOMPARE(model->rowCount(), 1);
        QCOMPARE(model->index(0, 1).data().toString(), QStringLiteral("3"));
        pane.diffPage()->kinds()->setCurrent(QStringLiteral("all"));
        pane.diffPage()->copySelection();
        QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 5);
        pane.diffPage()->setKey({1});
        QVERIFY(compared.wait());
        QCOMPARE(model->diff().added, 2); // Quito and Rome
        pane.diffPage()->swap();
        QVERIFY(compared.wait());
        QTRY_COMPARE(pane.diffPage()->key(), (std::vector<std::size_t>{1}));
        QCOMPARE(model->diff().removed, 2);
        QTest::keyClick(pane.diffPage(), Qt::Key_Escape);
        QVERIFY(pane.currentGrid() != nullptr);
    }

    void drawsCharts()
    {
        ResultGrid grid;
        grid.resize(820, 460);
        grid.show();
        grid.setStore(orders(50'000));
        grid.finish();
        QSignalSpy drawn(grid.chart(), &ChartPanel::drawn);
        grid.openChart();
        QVERIFY(drawn.wait());
        QVERIFY(grid.chart()->isVisible());
        QCOMPARE(grid.chart()->request().kind, result::ChartKind::Line);
        for (const auto &series : grid.chart()->chartData().series)
            QVERIFY(series.points.size() <= 2'000 && series.points.size() > 500);
        QVERIFY(grid.chart()->note().contains(QStringLiteral("peaks")));
        picture(grid, QStringLiteral("chart-line"));
        const auto draw = [&](result::ChartKind kind, std::optional<std::size_t> x, const char *name) {
            grid.chart()->setRequest({kind, x, {2}});
            QVERIFY(drawn.wait());
            QCOMPARE(grid.chart()->chartData().series.size(), std::size_t{1});
            picture(grid, QLatin1StringView(name));
        };
        draw(result::ChartKind::Bar, 1, "chart-bar");
        draw(result::ChartKind::Scatter, 0, "chart-scatter");
        draw(result::ChartKind::Histogram, std::nullopt, "chart-histogram");
        const QString folder = home_.path();
        QVERIFY(grid.chart()->saveTo(folder + QStringLiteral("/a.png")));
        QVERIFY(!QImage(folder + QStringLiteral("/a.png")).isNull());
        QVERIFY(grid.chart()->saveTo(folder + QStringLiteral("/a.svg")));
        QVERIFY(QFileInfo(folder + QStringLiteral("/a.svg")).size() > 1'000);
        QVERIFY(!grid.chart()->saveTo(QStringLiteral("/nowhere/a.png")));
        QTest::keyClick(grid.chart(), Qt::Key_Escape);
        QVERIFY(!grid.chart()->isVisible() && grid.view()->isVisible());
    }

    void arrangedColumnsComeBackForTheRelation()
    {
        const auto run = [](ResultsPane &pane) {
            pane.beginRun();
            pane.openResult(0, QStringLiteral("SELECT * FROM shop.again"), storeOf({column("a", int4_oid), column("b", int4_oid)}, {{"1", "2"}}));
            pane.endRun();
        };
        {
            ResultsPane pane;
            run(pane);
            pane.currentGrid()->view()->setColumnHidden(0, true);
        }
        ResultsPane pane;
        run(pane);
        QVERIFY(pane.currentGrid()->view()->isColumnHidden(0));
    }
};

QTEST_MAIN(TestGridPower)
#include "tst_grid_power.moc"
