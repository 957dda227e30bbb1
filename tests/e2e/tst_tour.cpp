// SPDX-License-Identifier: GPL-3.0-or-later
// A walk through the real window on the demo server, as a new user would take it: everything is done with keys and
// clicks, what it should show is checked, and each page is saved as a picture, light and dark, in both sizes.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include "core/demo/demo_server.h"
#include "ui/actions/action_registry.h"
#include "ui/actions/command_palette.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/base/translations.h"
#include "ui/browser/object_browser.h"
#include "ui/change/change_script_dialog.h"
#include "ui/connections/connection_dialog.h"
#include "ui/editor/sql_editor.h"
#include "ui/findings/findings_panel.h"
#include "ui/findings/what_if_view.h"
#include "ui/grid/messages_pane.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_view.h"
#include "ui/plugin/plugin_host.h"
#include "ui/shell/history_model.h"
#include "ui/shell/history_page.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/title_bar.h"
#include "ui/shell/turn_watchdog.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr int patience_ms = 60'000;

/// Where the pictures go.
QDir pictures()
{
    const QString folder = qEnvironmentVariable("HOWDAH_TOUR", QDir::tempPath() + QStringLiteral("/howdah-tour"));
    QDir().mkpath(folder);
    return QDir(folder);
}

} // namespace

class Tour : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir home_;
    std::unique_ptr<MainWindow> window_;
    TurnWatchdog *watchdog_ = nullptr;
    std::string demo_; ///< how to connect to the demo server

    void settle()
    {
        QTest::qWait(60);
    }

    /// One page in both themes and sizes.
    void picture(const char *name, QWidget *top = nullptr)
    {
        for (const bool dark : {false, true}) {
            applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
            for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)}) {
                if (top == nullptr)
                    window_->resize(size);
                else if (size.width() > 1280)
                    continue;
                settle();
                QWidget *shown = top == nullptr ? window_.get() : top;
                const QString file = QStringLiteral("%1-%2-%3.png")
                                         .arg(QLatin1String(name), dark ? QStringLiteral("dark") : QStringLiteral("light"))
                                         .arg(top == nullptr ? size.width() : shown->width());
                QVERIFY2(shown->grab().save(pictures().filePath(file)), qPrintable(file));
                watchdog_->forgive(); // painting and packing the picture is the tour's own work
            }
        }
        applyTheme(*qApp, Theme::Light);
        window_->resize(1280, 800);
        settle();
    }

    SqlPage *page() { return window_->pages()->currentSql(); }

    /// A new page with that text, typed by the clipboard of a hurried user.
    void write(const QString &title, const QString &sql)
    {
        QTest::keyClick(window_.get(), Qt::Key_T, Qt::ControlModifier);
        QVERIFY(page() != nullptr);
        page()->setTitle(title);
        page()->editor()->setContent(sql.toStdString(), false);
        page()->editor()->setCursor(ByteOffset{0});
        page()->editor()->setFocus();
    }

    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {})
    {
        QWidget *target = QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : window_.get();
        QTest::keyClick(target, key, modifiers);
    }

    void waitUntilIdle()
    {
        settle();
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBusy(), patience_ms);
        settle();
    }

    template <typename Dialog> Dialog *dialog()
    {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 5'000) {
            for (QWidget *top : QApplication::topLevelWidgets()) {
                if (auto *found = qobject_cast<Dialog *>(top); found != nullptr && found->isVisible())
                    return found;
            }
            QTest::qWait(20);
        }
        return nullptr;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(home_.isValid());
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        installTranslations();
        applyTheme(*qApp, Theme::Light);
        demo::DemoOptions options;
        const double asked = qEnvironmentVariable("HOWDAH_TOUR_SCALE").toDouble();
        options.scale = asked > 0 ? asked : 0.1;
        const auto started = demo::start({}, {}, options);
        QVERIFY2(started, started ? "" : started.error().text().c_str());
        demo_ = demo::status().conninfo;
        watchdog_ = TurnWatchdog::install();
    }

    void cleanupTestCase()
    {
        window_.reset();
        const auto gone = demo::reset();
        QVERIFY2(gone, gone ? "" : gone.error().text().c_str());
    }

    void init() { watchdog_->reset(); }

    void cleanup()
    {
        const QString worst = QStringLiteral("the window did not answer for %1 ms").arg(watchdog_->worstMs(), 0, 'f', 0);
        qInfo("longest turn %.0f ms", watchdog_->worstMs());
        QVERIFY2(watchdog_->worstMs() <= TurnWatchdog::long_turn_ms, qPrintable(worst));
    }

    void firstStartTeaches()
    {
        window_ = std::make_unique<MainWindow>();
        window_->resize(1280, 800);
        QSignalSpy ready(window_.get(), &MainWindow::ready);
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
        QApplication::setActiveWindow(window_.get());
        QTRY_VERIFY_WITH_TIMEOUT(window_->isReady(), patience_ms);
        QCOMPARE(window_->pages()->sqlPages().size(), 0);
        QVERIFY(window_->tools()->failures().isEmpty());
        QVERIFY(window_->tools()->tool(QStringLiteral("plan")) != nullptr);
        picture("01-welcome");
    }

    void connectsToTheDemoServer()
    {
        window_->actionRegistry()->action(QStringLiteral("connection.demo"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window_->currentLink() && window_->currentLink()->catalog(), patience_ms);
        QVERIFY(window_->status()->serverText().contains(QStringLiteral("shop")));
        QVERIFY(page() != nullptr);
        auto *tree = window_->browser()->findChild<QTreeView *>();
        QVERIFY(tree != nullptr);
        tree->expandToDepth(2);
        picture("02-connected");
    }

    void runsAStatement()
    {
        write(QStringLiteral("top_customers.sql"),
              QStringLiteral("-- The customers who spent most\n"
                             "SELECT u.full_name, u.country, count(*) AS orders, sum(o.total) AS spent, max(o.placed_at) AS last_order\n"
                             "FROM users u\n"
                             "JOIN orders o ON o.user_id = u.id\n"
                             "WHERE o.status <> 'cancelled'\n"
                             "GROUP BY u.id, u.full_name, u.country\n"
                             "ORDER BY spent DESC\n"
                             "LIMIT 200;\n"));
        page()->editor()->setCursor(ByteOffset{60});
        press(Qt::Key_Return, Qt::ControlModifier);
        waitUntilIdle();
        QCOMPARE(page()->currentPane(), QStringLiteral("result"));
        QVERIFY(page()->results()->hasResults());
        QVERIFY(page()->timing().startsWith(QStringLiteral("200 rows")));
        picture("03-result");
    }

    void showsWhereTheTimeWent()
    {
        press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QTRY_COMPARE_WITH_TIMEOUT(page()->currentPane(), QStringLiteral("plan"), patience_ms);
        auto *view = page()->findChild<PlanView *>();
        QVERIFY(view != nullptr && view->document() != nullptr);
        QVERIFY(view->document()->plans[0].analyzed());
        view->canvas()->setFocus();
        press(Qt::Key_Home);
        press(Qt::Key_Down);
        press(Qt::Key_Down);
        QVERIFY(view->selectedNode());
        picture("04-plan");
        view->setTab(QStringLiteral("text"));
        picture("05-plan-text");
        view->setTab(QStringLiteral("plan"));
        page()->editor()->setFocus();
        press(Qt::Key_E, Qt::ControlModifier);
        waitUntilIdle();
        QVERIFY(!page()->findChild<PlanView *>()->document()->plans[0].analyzed());
    }

    void whatIsFoundCanBeTried()
    {
        write(QStringLiteral("order_by_payment_ref"),
              QStringLiteral("SELECT id, user_id, total, placed_at\nFROM orders\nWHERE payment_ref = 'nothing-like-it';\n"));
        press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QTRY_COMPARE_WITH_TIMEOUT(page()->currentPane(), QStringLiteral("plan"), patience_ms);
        auto *panel = page()->findChild<FindingsPanel *>();
        QVERIFY(panel != nullptr);
        QVERIFY(!panel->findings().empty());
        QCOMPARE(panel->findings()[0].rule, std::string("seq-scan"));
        auto *view = page()->findChild<PlanView *>();
        view->selectNode(panel->findings()[0].node);
        picture("18-findings");
        for (const char *tab : {"flame", "timeline", "grid"}) {
            view->setTab(QLatin1String(tab));
            QCOMPARE(view->tab(), QLatin1String(tab));
            picture(QByteArray("19-plan-").append(tab).constData());
        }
        view->setTab(QStringLiteral("plan"));
        QPushButton *attempt = nullptr;
        for (auto *button : panel->findChildren<QPushButton *>())
            attempt = attempt == nullptr && button->text() == QStringLiteral("Try it") ? button : attempt;
        QVERIFY(attempt != nullptr);
        attempt->click();
        waitUntilIdle();
        QTRY_COMPARE_WITH_TIMEOUT(page()->currentPane(), QStringLiteral("what_if"), patience_ms);
        auto *tried = page()->findChild<WhatIfView *>();
        QVERIFY(tried != nullptr);
        QVERIFY2(tried->verdict().contains(QStringLiteral("cheaper")), qPrintable(tried->verdict()));
        picture("20-what-if");
        Q_EMIT tried->applyRequested();
        auto *change = dialog<ChangeScriptDialog>();
        QVERIFY(change != nullptr);
        picture("21-change-script", change);
        change->close();
        settle();
        QApplication::setActiveWindow(window_.get());
    }

    void analyzeOfAWriteLeavesNothing()
    {
        const auto total = [this] {
            pg::ConnectionSpec spec;
            spec.conninfo = demo_;
            auto connection = pg::Connection::open(spec);
            auto sum = (*connection)->query("SELECT sum(price) FROM products");
            watchdog_->forgive(); // the tour asks, not the window
            return std::string(sum->result->cell(0, 0).text);
        };
        const std::string before = total();
        write(QStringLiteral("price_rise"), QStringLiteral("UPDATE products SET price = price * 2;"));
        press(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QTRY_COMPARE_WITH_TIMEOUT(page()->currentPane(), QStringLiteral("plan"), patience_ms);
        QVERIFY(!page()->runner()->hasOpenTransaction());
        QCOMPARE(total(), before);
        picture("06-analyze-of-a-write");
    }

    void marksTheWordThatIsWrong()
    {
        write(QStringLiteral("typo.sql"), QStringLiteral("SELECT count(*) FROM users;\n\n"
                                                         "SELECT id, nmae, email\n  FROM users\n WHERE country = 'DE';\n\n"
                                                         "SELECT 'größer' AS \"naïve\", now();\n"));
        press(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QCOMPARE(page()->editor()->errorMarks().size(), std::size_t(1));
        const std::string text = page()->editor()->utf8();
        QCOMPARE(std::string(page()->editor()->errorMarks()[0].of(text)), std::string("nmae"));
        QCOMPARE(page()->currentPane(), QStringLiteral("messages"));
        QCOMPARE(page()->messages()->errorCount(), 1);
        picture("07-error");
    }

    void severalResultsStandSideBySide()
    {
        write(QStringLiteral("several.sql"),
              QStringLiteral("SELECT status, count(*) FROM orders GROUP BY status ORDER BY 2 DESC;\n"
                             "SELECT id, sku, name, price, attributes FROM products ORDER BY id LIMIT 1000;\n"
                             "DO $$ BEGIN RAISE NOTICE 'half way'; END $$;\n"
                             "SELECT * FROM bookings LIMIT 50;\n"));
        press(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QCOMPARE(page()->messages()->errorCount(), 0);
        picture("08-several-results");
        page()->showPane(QStringLiteral("messages"));
        picture("09-messages");
    }

    void cancelTakesEffectAtOnce()
    {
        write(QStringLiteral("long.sql"), QStringLiteral("SELECT pg_sleep(60);"));
        press(Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(page()->runner()->isBusy());
        QTest::qWait(500);
        picture("10-running");
        QElapsedTimer timer;
        timer.start();
        press(Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!page()->runner()->isBusy(), patience_ms);
        qInfo("cancelled %lld ms after Esc", static_cast<long long>(timer.elapsed()));
        page()->editor()->setContent("SELECT 'still here'", false);
        press(Qt::Key_Return, Qt::ControlModifier);
        waitUntilIdle();
        QVERIFY(page()->results()->hasResults());
    }

    void transactionsStayInSight()
    {
        write(QStringLiteral("transaction.sql"), QStringLiteral("BEGIN;\nUPDATE products SET price = price WHERE id = 1;\n"));
        press(Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        waitUntilIdle();
        QTRY_VERIFY(window_->status()->transactionText().startsWith(QStringLiteral("in transaction")));
        page()->editor()->setContent("ROLLBACK", false);
        press(Qt::Key_Return, Qt::ControlModifier);
        waitUntilIdle();
        QTRY_COMPARE(window_->status()->transactionText(), QStringLiteral("autocommit"));
    }

    void largeResultsStreamWithoutBlocking()
    {
        write(QStringLiteral("large.sql"), QStringLiteral("SELECT n, md5(n::text), now() + n * interval '1 s', n * 1.5, 'row ' || n\n"
                                                          "FROM generate_series(1, 400000) n;"));
        press(Qt::Key_Return, Qt::ControlModifier);
        waitUntilIdle();
        qInfo("longest time the window did not answer while rows streamed: %.0f ms", watchdog_->worstMs());
        picture("11-large-result");
    }

    void everythingIsFoundByTyping()
    {
        QTest::keyClick(window_.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(window_->commandPalette()->isVisible());
        settle();
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("order"));
        settle();
        picture("12-commands");
        press(Qt::Key_Escape);
        QTRY_VERIFY(!window_->commandPalette()->isVisible());
    }

    void historyKnowsWhatWasRun()
    {
        QTest::keyClick(window_.get(), Qt::Key_H, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(qobject_cast<HistoryPage *>(window_->pages()->current()) != nullptr);
        auto *history = qobject_cast<HistoryPage *>(window_->pages()->current());
        QTRY_VERIFY(history->model()->rowCount() >= 6);
        picture("17-history");
        history->searchField()->setText(QStringLiteral("nmae"));
        QTRY_COMPARE(history->model()->rowCount(), 1);
        QCOMPARE(QString::fromStdString(history->model()->at(0).sqlstate), QStringLiteral("42703"));
        const auto pages = window_->pages()->sqlPages().size();
        history->searchField()->setFocus();
        press(Qt::Key_Down);
        press(Qt::Key_Return);
        QCOMPARE(window_->pages()->sqlPages().size(), pages + 1);
        QVERIFY(page()->editor()->utf8().find("nmae") != std::string::npos);
    }

    void browserFilters()
    {
        QTest::keyClick(window_.get(), Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        auto *field = qobject_cast<QLineEdit *>(QApplication::focusWidget());
        QVERIFY(field != nullptr);
        QTest::keyClicks(field, QStringLiteral("event"));
        QTest::qWait(400);
        picture("13-browser-filter");
        field->clear();
        settle();
    }

    void connectionsAreManaged()
    {
        QTest::keyClick(window_.get(), Qt::Key_N, Qt::ControlModifier | Qt::ShiftModifier);
        auto *manager = dialog<ConnectionDialog>();
        QVERIFY(manager != nullptr);
        manager->editNew(QStringLiteral("postgresql://app@db-1.example:5432/shop?sslmode=verify-full"));
        picture("14-connections", manager);
        manager->close();
        settle();
        QApplication::setActiveWindow(window_.get()); // no window manager does it here
    }

    void plansComeFromElsewhere()
    {
        const QString file = QStringLiteral(HOWDAH_TEST_DATA "/plans/sleep/pg18/25_parallel_hash.json");
        window_->openFiles({file});
        QTRY_VERIFY_WITH_TIMEOUT(window_->pages()->currentSql() == nullptr, patience_ms);
        picture("15-plan-from-file");
    }

    void toolsShowTheShop_data()
    {
        QTest::addColumn<QString>("action");
        QTest::newRow("17-indexes") << QStringLiteral("index.health");
        QTest::newRow("18-partitions") << QStringLiteral("partition.open");
        QTest::newRow("19-migration") << QStringLiteral("migration.open");
        QTest::newRow("20-replication") << QStringLiteral("replication.open");
        QTest::newRow("21-activity") << QStringLiteral("activity.open");
    }
    void toolsShowTheShop()
    {
        QFETCH(QString, action);
        QAction *open = window_->actionRegistry()->action(action);
        QVERIFY(open != nullptr && open->isEnabled());
        open->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window_->pages()->currentSql() == nullptr, patience_ms);
        QTest::qWait(2'500); // what it reads is on the page by then
        picture(QTest::currentDataTag());
    }

    void adviceForAStatement()
    {
        write(QStringLiteral("Orders of a user"), QStringLiteral("SELECT * FROM orders WHERE user_id = 4711 ORDER BY placed_at DESC LIMIT 10"));
        QAction *advise = window_->actionRegistry()->action(QStringLiteral("index.advise_statement"));
        QVERIFY(advise != nullptr && advise->isEnabled());
        advise->trigger();
        const auto indexes = [this]() -> QTreeView * {
            for (QTreeView *view : window_->findChildren<QTreeView *>()) {
                if (view->isVisible() && view->accessibleName() == QStringLiteral("Indexes of the set"))
                    return view;
            }
            return nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(indexes() != nullptr && indexes()->model()->rowCount() > 0, patience_ms);
        QVERIFY(indexes()->model()->index(0, 0).data().toString().contains(QStringLiteral("user_id")));
        picture("22-index-advice");
    }

    void readOnlyAndProductionAreInSight()
    {
        ConnectionChoice choice;
        choice.saved.name = "shop @ db-1";
        choice.saved.environment = "production";
        choice.saved.read_only = true;
        choice.spec.conninfo = demo_;
        choice.spec.read_only = true;
        write(QStringLiteral("Query"), {});
        window_->links()->open(choice);
        QTRY_VERIFY_WITH_TIMEOUT(window_->currentLink() && window_->currentLink()->isReadOnly() &&
                                     window_->currentLink()->catalog(),
                                 patience_ms);
        QCOMPARE(window_->titleBar()->safetyText(), QStringLiteral("PRODUCTION · read-only"));
        page()->editor()->setContent("DELETE FROM orders", false);
        page()->editor()->setFocus();
        press(Qt::Key_Return, Qt::ControlModifier);
        waitUntilIdle();
        QCOMPARE(page()->messages()->errorCount(), 1);
        picture("16-production-read-only");
    }
};

QTEST_MAIN(Tour)
#include "tst_tour.moc"
