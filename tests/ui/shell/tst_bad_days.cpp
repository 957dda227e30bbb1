// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong while a person works in the window: it says what happened, goes on answering, and can be used again.
#include <csignal>

#include <QApplication>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

#include "core/pg/connection.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/messages_pane.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr int patience_ms = 30'000;

QPushButton *button(const QWidget *in, const QString &begin)
{
    for (QPushButton *one : in->findChildren<QPushButton *>()) {
        if (one->isVisible() && one->text().startsWith(begin))
            return one;
    }
    return nullptr;
}

} // namespace

class TestBadDays : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;
    std::unique_ptr<MainWindow> window_;

    SqlPage *page() { return window_->pages()->currentSql(); }
    ResultGrid *grid() { return page()->results()->currentGrid(); }

    void connectTo(const std::string &conninfo)
    {
        window_->links()->openConninfo(QString::fromStdString(conninfo));
        QTRY_VERIFY_WITH_TIMEOUT(window_->currentLink() && window_->currentLink()->catalog(), patience_ms);
        window_->newSqlPage(QStringLiteral("page"), {});
        QTRY_VERIFY(page() != nullptr && page()->link() == window_->currentLink());
    }

    void begin(const std::string &sql)
    {
        page()->editor()->setContent(sql, false);
        page()->run(SqlPage::Scope::All);
    }

    void run(const std::string &sql)
    {
        begin(sql);
        QTest::qWait(20);
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBusy(), patience_ms);
        QTest::qWait(150); // the grid looks at new rows every 100 ms
        QVERIFY(!window_->grab().isNull());
    }

    void verifyUsable()
    {
        run("SELECT 42 AS answer");
        QCOMPARE(page()->messages()->errorCount(), 0);
        QVERIFY(grid() != nullptr);
        QCOMPARE(grid()->model()->index(0, 0).data().toString(), QStringLiteral("42"));
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void init()
    {
        window_ = std::make_unique<MainWindow>();
        window_->resize(1280, 800);
        window_->show();
        QTRY_VERIFY_WITH_TIMEOUT(window_->isReady(), patience_ms);
    }

    void cleanup() { window_.reset(); }

    void theServerDiesWhileRowsArrive()
    {
        connectTo(test::freshDatabase(18));
        page()->setLimits({});
        begin("SELECT g, repeat('x', 100) FROM (SELECT generate_series(1, 100000000) g) s");
        QTRY_VERIFY_WITH_TIMEOUT(grid() != nullptr && grid()->model()->totalRows() > 0, patience_ms);
        QVERIFY(test::server(18).restart(cluster::LocalCluster::StopMode::Immediate));
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBusy(), patience_ms);
        QTRY_VERIFY(page()->banner()->isVisible());
        QVERIFY2(page()->banner()->sentence().contains(QStringLiteral("is gone")), qPrintable(page()->banner()->sentence()));
        QVERIFY(grid()->model()->totalRows() > 0); // what had come is kept
        const QString pictures = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
        if (!pictures.isEmpty())
            QVERIFY(window_->grab().save(pictures + QStringLiteral("/server-died.png")));
        QPushButton *again = button(page()->banner(), QStringLiteral("Reconnect"));
        QVERIFY(again != nullptr);
        again->click();
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBroken() && !page()->runner()->isBusy(), patience_ms);
        verifyUsable();
    }

    void theBackendIsKilledBetweenStatements()
    {
        const std::string database = test::freshDatabase(15);
        connectTo(database);
        run("SELECT pg_backend_pid()");
        const pid_t pid = grid()->model()->index(0, 0).data().toString().toInt();
        pg::ConnectionSpec spec;
        spec.conninfo = database;
        const auto other = pg::Connection::open(spec);
        QVERIFY(other);
        QVERIFY((*other)->query("SELECT pg_terminate_backend(" + std::to_string(pid) + ")"));
        run("CREATE TABLE not_made (id int)");
        QTRY_VERIFY(page()->banner()->isVisible());
        QPushButton *again = button(page()->banner(), QStringLiteral("Reconnect"));
        QVERIFY(again != nullptr);
        again->click();
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBroken() && !page()->runner()->isBusy(), patience_ms);
        run("SELECT to_regclass('not_made') IS NULL");
        QCOMPARE(grid()->model()->index(0, 0).data().toString(), QStringLiteral("true"));
    }

    void resultsOfEveryShape()
    {
        connectTo(test::freshDatabase(15));
        std::string wide = "SELECT 1 AS c1";
        for (int i = 2; i <= 1'600; ++i)
            wide += ", " + std::to_string(i) + " AS c" + std::to_string(i);
        run(wide);
        QCOMPARE(grid()->model()->columnCount(), 1'600);
        run("SELECT FROM generate_series(1, 1000)");
        QVERIFY(grid() != nullptr);
        QCOMPARE(grid()->model()->totalRows(), 1'000);
        run("SELECT repeat('\xc3\xa4', 50 * 1024 * 1024) AS large, 1 AS small");
        QCOMPARE(page()->messages()->errorCount(), 0);
        QCOMPARE(grid()->model()->index(0, 1).data().toString(), QStringLiteral("1"));
        grid()->openViewer();
        QTest::qWait(300);
        QVERIFY(!window_->grab().isNull());
        verifyUsable();
    }

    void otherEncodings()
    {
        for (const char *encoding : {"latin1", "sql_ascii"}) {
            const std::string database = test::freshDatabase(15);
            pg::ConnectionSpec spec;
            spec.conninfo = database;
            const auto connection = pg::Connection::open(spec);
            QVERIFY(connection);
            const std::string name = std::string("in_") + encoding;
            QVERIFY((*connection)->query("CREATE DATABASE " + name + " TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING '" + encoding + "'"));
            connectTo(database + " dbname=" + name);
            run("CREATE TABLE \"Gr\xc3\xb6\xc3\x9f" "e\" (\"L\xc3\xa4nge\" text); INSERT INTO \"Gr\xc3\xb6\xc3\x9f" "e\" VALUES ('\xc3\x9c" "berma\xc3\x9f'); TABLE \"Gr\xc3\xb6\xc3\x9f" "e\"");
            QCOMPARE(page()->messages()->errorCount(), 0);
            QCOMPARE(grid()->model()->index(0, 0).data().toString(), QString::fromUtf8("\xc3\x9c" "berma\xc3\x9f"));
            QCOMPARE(QString::fromStdString(grid()->model()->column(0).name), QString::fromUtf8("L\xc3\xa4nge"));
            verifyUsable();
        }
    }
};

QTEST_MAIN(TestBadDays)
#include "tst_bad_days.moc"
