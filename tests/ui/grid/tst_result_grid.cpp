// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <random>

#include "core/pg/session.h"
#include "support/test_server.h"
#include "tests/core/result/rows.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/cell_viewer.h"
#include "ui/grid/grid_find_bar.h"
#include "ui/grid/grid_footer.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_selection.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::ui;

namespace {

/// Rows that are made when they are asked for: the value is the row's number.
class CountingRows final : public result::RowSource
{
public:
    explicit CountingRows(std::int64_t rows) : columns_{column("n", int8_oid), column("t", text_oid)}, rows_(rows) { }
    const std::vector<pg::Column> &columns() const override { return columns_; }
    std::int64_t rowCount() const override { return rows_; }
    pg::Cell cell(std::int64_t row, std::size_t) const override
    {
        static thread_local std::string texts[64];
        static thread_local std::size_t next = 0;
        std::string &text = texts[next++ % 64];
        text = std::to_string(row);
        return {text, false};
    }

private:
    std::vector<pg::Column> columns_;
    std::int64_t rows_;
};

std::shared_ptr<pg::RowStore> numbers(int rows, int columns = 6)
{
    std::vector<pg::Column> described;
    for (int i = 0; i < columns; ++i)
        described.push_back(column("c" + std::to_string(i), i % 2 == 0 ? int4_oid : text_oid));
    auto store = std::make_shared<pg::RowStore>(described, pg::RowStoreLimits{.memory_bytes = 1'000'000'000});
    for (int row = 0; row < rows; ++row) {
        store->beginRow();
        for (int i = 0; i < columns; ++i) {
            const std::string value = std::to_string((row * 7 + i) % 100'003);
            store->appendCell(value.data(), value.size(), false);
        }
    }
    return store->publish() ? store : nullptr;
}

QString text(const GridView *view, int row, int column)
{
    return view->model()->index(row, column).data().toString();
}

void paintNow(QWidget &widget)
{
    QPixmap target(widget.size());
    widget.render(&target);
}

double painted(QWidget *widget, int times = 5)
{
    QElapsedTimer time;
    time.start();
    for (int i = 0; i < times; ++i)
        paintNow(*widget);
    return static_cast<double>(time.nsecsElapsed()) / 1e6 / times;
}

} // namespace

class TestResultGrid : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void streamsFromAServer()
    {
        ResultGrid grid;
        grid.resize(900, 400);
        grid.show();
        QAbstractItemModelTester tester(grid.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        pg::ConnectionSpec spec;
        spec.conninfo = freshDatabase();
        pg::Session session(spec);
        bool finished = false;
        int arrivals = 0;
        pg::StatementOutcome outcome;
        pg::RunObserver observer;
        observer.resultOpened = onGui(&grid, std::function<void(std::size_t, std::shared_ptr<pg::RowStore>)>(
            [&](std::size_t, std::shared_ptr<pg::RowStore> store) { grid.setStore(std::move(store)); }));
        observer.rowsArrived = onGui(&grid, std::function<void(std::size_t)>([&](std::size_t) {
            ++arrivals;
            grid.rowsArrived();
        }));
        observer.statementFinished = onGui(&grid, std::function<void(pg::StatementOutcome)>([&](pg::StatementOutcome done) { outcome = std::move(done); }));
        session.run("SELECT n, 'row ' || n AS name, CASE WHEN n % 3 = 0 THEN NULL ELSE n / 7.0 END AS part, n % 2 = 0 AS even, "
                    "pg_sleep(CASE WHEN n % 10000 = 0 THEN 0.02 ELSE 0 END) AS slow FROM generate_series(1, 200000) n",
                    {}, observer, onGui(&grid, std::function<void(pg::RunOutcome)>([&](pg::RunOutcome) {
                        grid.finish(outcome);
                        finished = true;
                    })));
        QTRY_VERIFY_WITH_TIMEOUT(grid.model()->rowCount() > 0, 20'000);
        QVERIFY(grid.isRunning());
        QVERIFY(!grid.view()->columnsHeader()->sortObstacle().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(finished, 60'000);
        QVERIFY(arrivals > 2);
        QCOMPARE(grid.model()->totalRows(), qint64(200'000));
        QCOMPARE(text(grid.view(), 199'999, 1), QStringLiteral("row 200000"));
        QCOMPARE(text(grid.view(), 2, 2), QStringLiteral("NULL"));
        QCOMPARE(text(grid.view(), 0, 3), QStringLiteral("false"));
        QVERIFY(grid.view()->columnsHeader()->sortObstacle().isEmpty());
        QVERIFY2(grid.footer()->text().startsWith(QStringLiteral("200\u2009000 rows")), qPrintable(grid.footer()->text()));
        QVERIFY(grid.footer()->text().contains(QStringLiteral("first row")));
    }

    void showsOddValuesSafely()
    {
        using result::ValueKind;
        const auto shown = [](std::string_view value, ValueKind kind = ValueKind::Text) { return cellText({value, false}, kind); };
        QCOMPARE(shown("a\nb\tc\r\x01\x7F"), QStringLiteral("a↵b⇥c␍␁␡"));
        QCOMPARE(shown("\xFF\xFE ok"), QStringLiteral("\uFFFD\uFFFD ok"));
        QCOMPARE(shown("evil \u202E txt"), QStringLiteral("evil \uFFFD txt"));
        QCOMPARE(shown(std::string(300, 'x')).size(), qsizetype(257));
        QCOMPARE(shown(std::string(255, 'x') + "\xF0\x9F\x90\x98" "y").size(), qsizetype(256)); // no half of an elephant
        QCOMPARE(cellText({{}, true}, ValueKind::Integer), QStringLiteral("NULL"));
        QCOMPARE(shown("t", ValueKind::Boolean), QStringLiteral("true"));
        QCOMPARE(shown(""), QString());
    }

    void columnsAreAnything()
    {
        ResultGrid grid;
        grid.resize(1'000, 300);
        grid.show();
        std::vector<pg::Column> columns(1'600, column("same", int4_oid));
        columns[3].name.clear();
        std::vector<Values> rows(50, Values(1'600, std::string("12345")));
        QElapsedTimer time;
        time.start();
        grid.setStore(storeOf(columns, rows));
        grid.finish();
        paintNow(grid);
        qInfo("1,600 columns set and painted: %lld ms, a repaint %.1f ms", static_cast<long long>(time.elapsed()), painted(grid.view()));
        QCOMPARE(grid.model()->columnCount(), 1'600);
        QTest::keyClick(grid.view(), Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(grid.view()->currentPlace(), (result::CellPlace{49, 1'599}));
        QVERIFY(grid.view()->visualRect(grid.view()->currentIndex()).intersects(grid.view()->viewport()->rect()));

        grid.setStore(storeOf({}, {{}, {}, {}}));
        grid.finish();
        QCOMPARE(grid.model()->totalRows(), qint64(3));
        QVERIFY(grid.findChild<QLabel *>(QStringLiteral("sentence"))->text().startsWith(QStringLiteral("3 rows, without columns")));
        paintNow(grid);
        grid.copyAs(result::CopyFormat::Csv);
        grid.openViewer();

        grid.setStore(storeOf({column("a", int4_oid)}, {}));
        grid.finish();
        QVERIFY(grid.findChild<QLabel *>(QStringLiteral("sentence"))->text().startsWith(QStringLiteral("No rows")));
        QVERIFY(grid.findChild<QLabel *>(QStringLiteral("sentence"))->isVisible());
        paintNow(grid);
    }

    void windowSlidesOverManyRows()
    {
        constexpr qint64 rows = 100'000'000;
        ResultGrid grid(1'000, nullptr);
        grid.resize(600, 400);
        grid.show();
        QAbstractItemModelTester tester(grid.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        grid.setSource(std::make_shared<CountingRows>(rows));
        grid.finish();
        GridView *view = grid.view();
        QCOMPARE(grid.model()->rowCount(), 1'000);
        QCOMPARE(grid.model()->totalRows(), rows);
        const auto seen = [&] { return view->indexAt({5, 5}).data().toString().toLongLong(); };
        QCOMPARE(seen(), 0LL);
        std::mt19937 random(3);
        for (int i = 0; i < 200; ++i) {
            const int to = static_cast<int>(random() % rows);
            view->rowsBar()->setValue(to);
            QCOMPARE(seen(), view->topRow());
            QCOMPARE(view->topRow(), std::min<qint64>(to, view->rowsBar()->maximum()));
        }
        view->rowsBar()->setValue(view->rowsBar()->maximum());
        QCOMPARE(view->indexAt({5, view->viewport()->height() - view->rowHeight(0) - 2}).data().toString().toLongLong() / 10, (rows - 1) / 10);

        QTest::keyClick(view, Qt::Key_Home, Qt::ControlModifier);
        QCOMPARE(view->currentPlace().row, std::int64_t(0));
        QTest::keyClick(view, Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(view->currentPlace().row, std::int64_t(rows - 1));
        QCOMPARE(view->currentIndex().data().toString().toLongLong(), rows - 1);
        view->goTo({50'000'000, 0});
        for (int i = 0; i < 3'000; ++i) // keys walk beyond the window
            QTest::keyClick(view, Qt::Key_Down);
        QCOMPARE(view->currentPlace().row, std::int64_t(50'003'000));
        QCOMPARE(view->currentIndex().data().toString().toLongLong(), 50'003'000LL);
        for (int i = 0; i < 100; ++i)
            QTest::keyClick(view, Qt::Key_PageUp);
        QVERIFY(view->currentPlace().row < 50'003'000 - 900);

        view->selectAll();
        QCOMPARE(result::cellCount(view->selectedBands()), 2 * rows);
        view->rowsBar()->setValue(777);
        QCOMPARE(result::cellCount(view->selectedBands()), 2 * rows);
        view->selectColumnOfAll(1, false);
        QCOMPARE(result::cellCount(view->selectedBands()), rows);
        view->goTo({10, 0});
        view->selected()->select(QItemSelection(grid.model()->index(10, 0), grid.model()->index(12, 1)), QItemSelectionModel::ClearAndSelect);
        view->rowsBar()->setValue(90'000'000);
        const auto bands = view->selectedBands();
        QCOMPARE(bands.size(), std::size_t(1));
        QCOMPARE(bands[0].first_row, std::int64_t(10));
        QCOMPARE(bands[0].last_row, std::int64_t(12));
        view->rowsBar()->setValue(0);
        QVERIFY(view->selected()->isSelected(grid.model()->index(12, 1)));
        view->rowsBar()->setValue(90'000'000);
        view->goTo({90'000'005, 0}); // a new selection forgets what is out of sight
        QCOMPARE(result::cellCount(view->selectedBands()), std::int64_t(1));
    }

    void moreRowsThanAnIntHolds()
    {
        constexpr qint64 rows = 5'000'000'000;
        ResultGrid grid(1'000, nullptr);
        grid.resize(600, 400);
        grid.show();
        grid.setSource(std::make_shared<CountingRows>(rows));
        grid.finish();
        grid.view()->rowsBar()->setValue(grid.view()->rowsBar()->maximum());
        QVERIFY(grid.view()->topRow() > rows - 40);
        grid.view()->goTo({4'000'000'000, 1});
        QCOMPARE(grid.view()->currentIndex().data().toString().toLongLong(), 4'000'000'000LL);
        grid.view()->rowsBar()->setValue(0);
        QCOMPARE(grid.view()->topRow(), qint64(0));
    }

    void copies()
    {
        ResultGrid grid;
        grid.resize(800, 400);
        grid.show();
        grid.setStore(storeOf({column("id", int4_oid), column("t", text_oid), column("x", numeric_oid)},
                              {{"1", "a", "1.5"}, {"2", std::nullopt, "2.5"}, {"3", "c", "3.5"}}));
        grid.finish();
        grid.setTableName("shop.orders");
        QApplication::clipboard()->clear();
        grid.view()->selectAll();
        QTest::keyClick(grid.view(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("1\ta\t1.5\n2\t\t2.5\n3\tc\t3.5\n"));
        QTRY_COMPARE(grid.summary(), QStringLiteral("9 cells · 6 numbers · sum 13.5 · avg 2.25 · min 1 · max 3.5"));

        grid.view()->columnsHeader()->moveSection(2, 0);
        grid.view()->columnsHeader()->setSectionHidden(1, true);
        grid.copyAs(result::CopyFormat::SqlInsert);
        QCOMPARE(QApplication::clipboard()->text(),
                 QStringLiteral("INSERT INTO shop.orders (x, id) VALUES\n  (1.5, 1),\n  (2.5, 2),\n  (3.5, 3);\n"));
        grid.view()->showAllColumns();
        QCOMPARE(grid.view()->shownColumns(), (std::vector<std::size_t>{2, 0, 1}));
        grid.view()->goTo({0, 0});
        grid.copyAs(result::CopyFormat::Tsv);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("1"));
        QTest::keyClick(grid.view(), Qt::Key_Space, Qt::ControlModifier);
        grid.copyAs(result::CopyFormat::InList);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("(1, 2, 3)"));

        const QByteArray state = grid.saveColumns();
        ResultGrid other;
        other.restoreColumns(state);
        other.setStore(storeOf({column("id", int4_oid), column("t", text_oid), column("x", numeric_oid)}, {{"1", "a", "1.5"}}));
        QCOMPARE(other.view()->shownColumns(), (std::vector<std::size_t>{2, 0, 1}));
    }

    void largeCopiesAndSumsComeLater()
    {
        ResultGrid grid;
        grid.resize(800, 400);
        grid.show();
        grid.setStore(numbers(300'000));
        grid.finish();
        grid.view()->selectAll();
        QSignalSpy copied(&grid, &ResultGrid::copied);
        QElapsedTimer time;
        time.start();
        grid.copyAs(result::CopyFormat::Tsv);
        QVERIFY(time.elapsed() < 100);
        QCOMPARE(copied.count(), 0);
        QVERIFY(copied.wait(20'000));
        QCOMPARE(copied[0][0].toString(), QStringLiteral("Copied 300\u2009000 rows as TSV"));
        QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), qsizetype(300'000));
        QTRY_VERIFY_WITH_TIMEOUT(grid.summary().contains(QStringLiteral("sum")), 20'000);
        QVERIFY2(grid.summary().startsWith(QStringLiteral("1\u2009800\u2009000 cells")), qPrintable(grid.summary()));
    }

    void sortsByClicks()
    {
        ResultGrid grid;
        grid.resize(800, 400);
        grid.show();
        grid.setStore(storeOf({column("n", int4_oid), column("t", text_oid)},
                              {{"10", "c"}, {"9", "b"}, {std::nullopt, "a"}, {"100", "d"}}));
        GridHeader *header = grid.view()->columnsHeader();
        QSignalSpy sorted(&grid, &ResultGrid::sorted);
        const auto click = [&](int section) {
            const QPoint at(header->sectionViewportPosition(section) + header->sectionSize(section) / 2, header->height() / 2);
            QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, at);
        };
        const auto order = [&] {
            QStringList all;
            for (int row = 0; row < 4; ++row)
                all << text(grid.view(), row, 0);
            return all.join(QLatin1Char(' '));
        };
        click(0); // rows still arrive
        QVERIFY(!sorted.wait(100));
        QCOMPARE(order(), QStringLiteral("10 9 NULL 100"));
        grid.finish();
        click(0);
        QVERIFY(sorted.wait(5'000));
        QCOMPARE(order(), QStringLiteral("9 10 100 NULL"));
        QCOMPARE(grid.model()->headerData(0, Qt::Vertical, Qt::DisplayRole).toString(), QStringLiteral("2"));
        click(0);
        QVERIFY(sorted.wait(5'000));
        QCOMPARE(order(), QStringLiteral("100 10 9 NULL"));
        QVERIFY(grid.model()->sortKey()->descending);
        grid.view()->selectAll();
        grid.copyAs(result::CopyFormat::Tsv);
        QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("100\td\n")));
        click(0);
        QCOMPARE(order(), QStringLiteral("10 9 NULL 100"));
        QVERIFY(!grid.model()->sortKey());
        QTest::mouseClick(header->viewport(), Qt::LeftButton, Qt::ShiftModifier,
                          QPoint(header->sectionViewportPosition(1) + 20, header->height() / 2));
        QCOMPARE(result::cellCount(grid.view()->selectedBands()), std::int64_t(4));
        QCOMPARE(grid.view()->selectedBands()[0].columns, std::vector<std::size_t>{1});
    }

    void finds()
    {
        ResultGrid grid;
        grid.resize(800, 400);
        grid.show();
        grid.setStore(numbers(100'000));
        grid.finish();
        QTest::keyClick(grid.view(), Qt::Key_F, Qt::ControlModifier);
        GridFindBar *bar = grid.findBar();
        QVERIFY(bar->isVisible());
        QSignalSpy searched(bar, &GridFindBar::searched);
        bar->setText(QStringLiteral("9999"), false);
        QVERIFY(searched.wait(10'000));
        QVERIFY(bar->matchCount() > 100);
        const result::CellPlace first = grid.view()->currentPlace();
        QVERIFY(grid.view()->currentIndex().data().toString().contains(QStringLiteral("9999")));
        bar->findNext();
        const result::CellPlace second = grid.view()->currentPlace();
        QVERIFY(first < second);
        QVERIFY(grid.view()->currentIndex().data().toString().contains(QStringLiteral("9999")));
        bar->findPrevious();
        QCOMPARE(grid.view()->currentPlace(), first);
        bar->findPrevious(); // round to the last one
        QVERIFY(second < grid.view()->currentPlace());
        bar->setText(QStringLiteral("nowhere"), true);
        QVERIFY(searched.wait(10'000));
        QCOMPARE(bar->matchCount(), std::size_t(0));
        QTest::keyClick(bar, Qt::Key_Escape);
        QVERIFY(!bar->isVisible());
    }

    void showsOneValueInFull()
    {
        ResultGrid grid;
        grid.resize(1'000, 400);
        grid.show();
        const std::string large(50'000'000, 'x');
        grid.setStore(storeOf({column("t", text_oid), column("j", json_oid), column("b", bytea_oid)},
                              {{"Zürich\nBern", R"({"a":[1,2]})", "\\x48690a"}, {std::nullopt, "broken", "\\x"}, {large, "[]", "x"}}));
        grid.finish();
        GridView *view = grid.view();
        view->goTo({0, 0});
        QTest::keyClick(view, Qt::Key_Return);
        CellViewer *viewer = grid.viewer();
        QVERIFY(viewer->isVisible());
        QCOMPARE(viewer->text(), QStringLiteral("Zürich\nBern"));
        QCOMPARE(viewer->facts(), QStringLiteral("11 characters · 12 bytes"));
        view->goTo({0, 1});
        QCOMPARE(viewer->text(), QStringLiteral("{\n  \"a\": [\n    1,\n    2\n  ]\n}"));
        viewer->forms()->setCurrent(QStringLiteral("text"));
        QCOMPARE(viewer->text(), QStringLiteral("{\"a\":[1,2]}"));
        view->goTo({0, 2});
        viewer->forms()->setCurrent(QStringLiteral("hex"));
        QVERIFY(viewer->text().startsWith(QStringLiteral("00000000  48 69 0a")));
        QCOMPARE(viewer->facts(), QStringLiteral("3 bytes"));
        view->goTo({1, 0});
        QCOMPARE(viewer->text(), QString());
        QVERIFY(viewer->facts().startsWith(QStringLiteral("NULL")));
        view->goTo({1, 1});
        QCOMPARE(viewer->text(), QStringLiteral("broken"));

        QElapsedTimer time;
        time.start();
        view->goTo({2, 0});
        const auto chosen = time.elapsed();
        paintNow(grid);
        qInfo("a cell of 50 MB: chosen in %lld ms, painted after %lld ms", static_cast<long long>(chosen), static_cast<long long>(time.elapsed()));
        QVERIFY(!viewer->isComplete());
        QVERIFY(viewer->text().size() < 1'100'000);
        QTRY_VERIFY_WITH_TIMEOUT(viewer->facts().startsWith(QStringLiteral("50\u2009000\u2009000 characters")), 10'000);
        time.restart();
        QSignalSpy shown(viewer, &CellViewer::shownForm);
        viewer->loadAll();
        QVERIFY(shown.wait(60'000));
        qInfo("all of it: %lld ms", static_cast<long long>(time.elapsed()));
        QVERIFY(viewer->isComplete());
        QTest::keyClick(view, Qt::Key_Escape);
        QVERIFY(!viewer->isVisible());
    }

    void tellsHowItEnded()
    {
        ResultGrid grid;
        pg::StatementOutcome outcome;
        outcome.truncated = true;
        outcome.duration_ms = 1'200;
        outcome.first_row_ms = 8;
        grid.setStore(numbers(1'000));
        grid.finish(outcome);
        QVERIFY(grid.footer()->note().startsWith(QStringLiteral("Stopped at 1\u2009000 rows")));
        QVERIFY(grid.footer()->text().startsWith(QStringLiteral("1\u2009000 rows · 1.20 s · first row 8.0 ms")) ||
                grid.footer()->text().startsWith(QStringLiteral("1\u2009000 rows · 1.20 s · first row 8 ms")));
        outcome.truncated = false;
        outcome.error = Error{};
        outcome.error->message = "division by zero";
        grid.setStore(numbers(10));
        grid.finish(outcome);
        QVERIFY(grid.footer()->note().contains(QStringLiteral("division by zero")));
    }

    void costs()
    {
        ResultGrid grid;
        grid.resize(1'600, 900);
        grid.show();
        auto store = std::make_shared<pg::RowStore>(std::vector(6, column("c", int4_oid)), pg::RowStoreLimits{.memory_bytes = 2'000'000'000});
        grid.setStore(store);
        double worst_insert = 0;
        double worst_paint = 0;
        for (int chunk = 0; chunk < 12; ++chunk) {
            for (int row = 0; row < 100'000; ++row) {
                store->beginRow();
                for (int i = 0; i < 6; ++i) {
                    const std::string value = std::to_string(row * (i + 1));
                    store->appendCell(value.data(), value.size(), false);
                }
            }
            QVERIFY(store->publish());
            QElapsedTimer time;
            time.start();
            grid.model()->grow();
            grid.view()->updateRowsBar();
            worst_insert = std::max(worst_insert, static_cast<double>(time.nsecsElapsed()) / 1e6);
            worst_paint = std::max(worst_paint, painted(&grid, 1));
        }
        grid.finish();
        qInfo("ticks up to 1.2 million rows x 6 columns at 1600x900: insert at most %.2f ms, paint at most %.1f ms", worst_insert, worst_paint);
        qInfo("repaint at 1 million rows in the window: %.1f ms", painted(&grid));
        QElapsedTimer time;
        time.start();
        grid.view()->selectAll();
        qInfo("select all: %.2f ms, repaint with everything selected: %.1f ms", static_cast<double>(time.nsecsElapsed()) / 1e6, painted(&grid));
        QCOMPARE(result::cellCount(grid.view()->selectedBands()), std::int64_t(7'200'000));
        time.restart();
        grid.view()->rowsBar()->setValue(1'150'000);
        paintNow(grid);
        qInfo("sliding the window and painting: %.1f ms", static_cast<double>(time.nsecsElapsed()) / 1e6);
        qInfo("values %.1f MB, store %.1f MB", static_cast<double>(store->valueBytes()) / 1e6, static_cast<double>(store->memoryBytes()) / 1e6);
    }

    void bothThemesPaint()
    {
        ResultGrid grid;
        grid.resize(500, 300);
        grid.show();
        grid.setStore(numbers(20));
        grid.finish();
        const auto ground = [&] {
            QPixmap shot(grid.size());
            grid.render(&shot);
            return shot.toImage().pixelColor(grid.width() - 40, grid.height() / 2);
        };
        QCOMPARE(ground(), colorsOf(false).panel);
        applyTheme(*qApp, Theme::Dark);
        QCOMPARE(ground(), colorsOf(true).panel);
        applyTheme(*qApp, Theme::Light);
    }

private:
    QTemporaryDir home_;
};

QTEST_MAIN(TestResultGrid)
#include "tst_result_grid.moc"
