// SPDX-License-Identifier: GPL-3.0-or-later
// A large result from the statement to the last row in the real window, and what a person then does with it:
// bench_result_window [rows]     (10,000,000 unless told)
// Prints how long each act took and the longest turn of the GUI thread in it. Under Xvfb (xvfb-run -a) it measures
// software rendering. A turn does not count the time in which the thread waited for a processor.
#include <cstdlib>

#include <QApplication>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "window_acts.h"

using namespace howdah;
using namespace howdah::ui;
using namespace howdah::bench;

int main(int argc, char **argv)
{
    const long rows = argc > 1 ? std::atol(argv[1]) : 10'000'000;
    QTemporaryDir home;
    qputenv("HOWDAH_HOME", home.path().toUtf8());
    QApplication application(argc, argv);
    applyTheme(application, Theme::Light);
    MainWindow window;
    window.resize(1280, 800);
    window.show();
    if (!QTest::qWaitForWindowExposed(&window) || !until([&] { return window.isReady(); }, 60'000))
        return 1;
    window.links()->openConninfo(QString::fromStdString(test::freshDatabase(15)));
    if (!until([&] { return window.currentLink() && window.currentLink()->catalog(); }, 60'000))
        return 1;
    SqlPage *page = window.pages()->currentSql();
    pg::RowStoreLimits limits;
    page->setLimits(limits);
    page->editor()->setContent(fmt::format("SELECT g AS id, (g * 7919::bigint) % 1000003 AS mixed, md5(g::text) AS hash, "
                                           "timestamptz '2026-01-01' + g * interval '1 second' AS at FROM (SELECT generate_series(1, {}) AS g) s", rows), false);
    page->editor()->setCursor(ByteOffset{0});
    page->editor()->setFocus();
    QTest::qWait(500);
    const double before_mb = residentMb();
    const auto grid = [&] { return page->results()->currentGrid(); };

    Acts acts;
    acts.act("first rows are shown", [&] { page->run(SqlPage::Scope::Current); },
             [&] { return grid() != nullptr && grid()->model()->totalRows() > 0; });
    acts.act("all rows are there", [] {}, [&] { return !page->runner()->isBusy() && grid()->model()->totalRows() == rows; });
    fmt::print("memory of the window's own: {:.0f} MB more than before (budget of the values {} MB, the rest lies in a file)\n",
               residentMb() - before_mb, limits.memory_bytes / 1024 / 1024);
    GridView *view = grid()->view();
    QScrollBar *bar = view->rowsBar();
    int step = 0;
    acts.act("scroll to 200 places", [] {}, [&] {
        bar->setValue(static_cast<int>(static_cast<double>(bar->maximum()) * ((step * 37) % 200) / 200));
        return ++step == 200;
    });
    step = 0;
    acts.act("select all, 50 pages down", [&] { view->selectAll(); }, [&] {
        QTest::keyClick(view, Qt::Key_PageDown);
        return ++step == 50;
    });
    acts.act("sort by the mixed integers", [&] { grid()->sortBy(result::SortKey{1, true}); },
             [&] { return grid()->model()->sortKey().has_value(); });
    acts.act("sort by the server's order", [&] { grid()->sortBy({}); }, [&] { return !grid()->model()->sortKey(); });
    const auto below = result::RowFilter::make({{1, result::FilterOp::Less, {"1000"}, false}}, grid()->model()->rows().source->columns());
    if (!below)
        return 1;
    acts.act("filter mixed < 1000", [&] { grid()->setFilter(*below); },
             [&] { return grid()->model()->totalRows() > 0 && grid()->model()->totalRows() < rows / 100; });
    return 0;
}
