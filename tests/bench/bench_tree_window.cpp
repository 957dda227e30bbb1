// SPDX-License-Identifier: GPL-3.0-or-later
// The object tree of a database with very many tables, in the real window:
// bench_tree_window [tables]     100,000 unless told; they are made first, on PostgreSQL 15, which takes minutes
// bench_tree_window CONNINFO     of a database that has them
// Prints how long each act took and the longest turn of the GUI thread in it (xvfb-run -a measures software rendering).
#include <cstdlib>

#include <QApplication>
#include <QLineEdit>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTreeView>

#include "core/pg/connection.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "window_acts.h"

using namespace howdah;
using namespace howdah::ui;
using namespace howdah::bench;

namespace {

std::string makeTables(long count)
{
    const std::string conninfo = test::freshDatabase(15);
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto connection = pg::Connection::open(spec);
    // A transaction of its own for each hundred: every table is a lock until its end.
    for (long first = 1; first <= count; first += 100) {
        const auto made = (*connection)->run(fmt::format(
            "DO $$ BEGIN FOR i IN {}..{} LOOP EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, name text NOT NULL, "
            "created_at timestamptz DEFAULT now(), amount numeric(12,2))', lpad(i::text, 6, '0')); END LOOP; END $$",
            first, std::min(count, first + 99)));
        if (made.error) {
            fmt::print(stderr, "{}\n", made.error->text());
            std::exit(1);
        }
    }
    return conninfo;
}

QTreeView *shownTree(const ObjectBrowser *browser)
{
    for (auto *tree : browser->findChildren<QTreeView *>()) {
        if (tree->isVisible() && tree->model() != nullptr && tree->model()->rowCount() > 0)
            return tree;
    }
    return nullptr;
}

/// Rows below all that is expanded.
int shownRows(const QTreeView *tree)
{
    int rows = 0;
    for (QModelIndex index = tree->model()->index(0, 0); index.isValid(); index = tree->indexBelow(index)) {
        if (++rows == 1'000)
            break;
    }
    return rows;
}

} // namespace

int main(int argc, char **argv)
{
    const std::string asked = argc > 1 ? argv[1] : "100000";
    const std::string conninfo = asked.find('=') != std::string::npos ? asked : makeTables(std::atol(asked.c_str()));
    QTemporaryDir home;
    qputenv("HOWDAH_HOME", home.path().toUtf8());
    QApplication application(argc, argv);
    applyTheme(application, Theme::Light);
    Acts acts;
    for (const bool again : {false, true}) {
        MainWindow window;
        window.resize(1280, 800);
        window.show();
        if (!QTest::qWaitForWindowExposed(&window) || !until([&] { return window.isReady(); }, 60'000))
            return 1;
        const auto browser = [&] { return window.browser(); };
        acts.act(again ? "again: the tree is there" : "the tree is there", [&] { window.links()->openConninfo(QString::fromStdString(conninfo)); },
                 [&] { return shownTree(browser()) != nullptr; });
        QTreeView *tree = shownTree(browser());
        acts.act("all tables are unfolded", [&] { tree->expandRecursively(tree->model()->index(0, 0), 2); }, [&] { return shownRows(tree) == 1'000; });
        int step = 0;
        acts.act("scroll to 200 places", [] {}, [&] {
            QScrollBar *bar = tree->verticalScrollBar();
            bar->setValue(bar->maximum() / 200 * ((step * 37) % 200));
            return ++step == 200;
        });
        auto *filter = browser()->findChild<QLineEdit *>();
        acts.act("filter \"t0999\"", [&] { QTest::keyClicks(filter, QStringLiteral("t0999")); },
                 [&] { return shownTree(browser()) != tree && shownTree(browser()) != nullptr; });
        acts.act("filter taken away", [&] { filter->clear(); }, [&] { return shownTree(browser()) == tree; });
        acts.act("columns, indexes and sizes are there", [] {}, [&] { return window.currentLink()->catalog() != nullptr; });
        QTest::qWait(500); // the names are written for the next time
        fmt::print("memory {:.0f} MB\n", residentMb());
    }
    return 0;
}
