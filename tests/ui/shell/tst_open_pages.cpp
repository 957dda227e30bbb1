// SPDX-License-Identifier: GPL-3.0-or-later
// The window's pages are found by their names, and the tree of a database is there before the server has answered.
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include "core/pg/connection.h"
#include "support/test_server.h"
#include "ui/actions/command_palette.h"
#include "ui/actions/palette_model.h"
#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"

using namespace howdah;
using namespace howdah::ui;

class TestOpenPages : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;

    static std::unique_ptr<MainWindow> newWindow()
    {
        auto window = std::make_unique<MainWindow>();
        window->resize(1280, 800);
        window->show();
        return window;
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void pagesOfToolsAreFoundByName()
    {
        const auto window = newWindow();
        QTRY_VERIFY_WITH_TIMEOUT(window->isReady(), 20'000);
        Pages *pages = window->pages();
        pages->newSql(QStringLiteral("first"), QStringLiteral("SELECT 1"));
        auto *page = new QLabel(QStringLiteral("what the tool shows"));
        pages->openTool(QStringLiteral("test:1"), QStringLiteral("Elephant ride"), QStringLiteral("table"), page);
        SqlPage *last = pages->newSql(QStringLiteral("last"), QStringLiteral("SELECT 2"));
        QCOMPARE(pages->current(), last);
        QStringList titles;
        for (const Pages::Open &open : pages->open())
            titles << open.title;
        QCOMPARE(titles.filter(QRegularExpression(QStringLiteral("first|Elephant|last"))),
                 (QStringList{QStringLiteral("first"), QStringLiteral("Elephant ride"), QStringLiteral("last")}));
        CommandPalette *palette = window->commandPalette();
        palette->popUp();
        auto *field = palette->findChild<QLineEdit *>();
        QTest::keyClicks(field, QStringLiteral("elephant ri"));
        QTRY_VERIFY(palette->model()->rowCount() > 0);
        QTRY_COMPARE(palette->model()->index(0, 0).data().toString(), QStringLiteral("Elephant ride"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(pages->current(), static_cast<QWidget *>(page));
        pages->close(page);
        QVERIFY(pages->tool(QStringLiteral("test:1")) == nullptr);
    }

    void namesAreShownBeforeTheServerAnswers()
    {
        const std::string conninfo = test::freshDatabase(15);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = pg::Connection::open(spec);
        QVERIFY(connection);
        QVERIFY((*connection)->query("CREATE TABLE elephants (id int)"));
        {
            const auto window = newWindow();
            QTRY_VERIFY_WITH_TIMEOUT(window->isReady(), 20'000);
            window->links()->openConninfo(QString::fromStdString(conninfo));
            QTRY_VERIFY_WITH_TIMEOUT(window->currentLink() && window->currentLink()->catalog(), 20'000);
            QVERIFY(window->currentLink()->names() == nullptr);
        }
        // Another transaction keeps the catalog's readers out: only what is known from the last time can be shown.
        QVERIFY((*connection)->query("BEGIN"));
        QVERIFY((*connection)->query("LOCK TABLE pg_catalog.pg_namespace IN ACCESS EXCLUSIVE MODE"));
        const auto window = newWindow();
        QTRY_VERIFY_WITH_TIMEOUT(window->isReady(), 20'000);
        window->links()->openConninfo(QString::fromStdString(conninfo));
        QTRY_VERIFY_WITH_TIMEOUT(window->currentLink() && window->currentLink()->names(), 20'000);
        QVERIFY(window->currentLink()->catalog() == nullptr);
        QVERIFY(window->currentLink()->names()->find("public", "elephants") != nullptr);
        auto *tree = window->browser()->findChild<QTreeView *>(QStringLiteral("tree"));
        QVERIFY(tree != nullptr);
        QTRY_VERIFY(tree->isVisible() && tree->model()->rowCount() > 0);
        QVERIFY((*connection)->query("ROLLBACK"));
        QTRY_VERIFY_WITH_TIMEOUT(window->currentLink()->catalog(), 20'000);
        QVERIFY(window->currentLink()->names() == nullptr);
    }
};

QTEST_MAIN(TestOpenPages)
#include "tst_open_pages.moc"
