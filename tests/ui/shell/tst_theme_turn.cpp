// SPDX-License-Identifier: GPL-3.0-or-later
// A change of theme costs what is on the screen, not what is open: hidden pages follow when they are shown.
#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "ui/base/palette.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"

using namespace howdah::ui;

class TestThemeTurn : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;

    /// The longest of some changes, painted.
    static double changeMs(MainWindow &window)
    {
        double worst = 0;
        for (const Theme theme : {Theme::Dark, Theme::Light, Theme::Dark, Theme::Light}) {
            QElapsedTimer timer;
            timer.start();
            applyTheme(*qApp, theme);
            const double set = static_cast<double>(timer.nsecsElapsed()) / 1e6;
            QCoreApplication::processEvents();
            window.grab();
            const double took = static_cast<double>(timer.nsecsElapsed()) / 1e6;
            qInfo("set %.0f painted %.0f", set, took);
            worst = std::max(worst, took);
        }
        return worst;
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void hiddenPagesCostNothing()
    {
        MainWindow window;
        window.resize(1280, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTRY_VERIFY_WITH_TIMEOUT(window.isReady(), 20'000);
        for (const int count : {1, 4, 17}) {
            while (window.pages()->sqlPages().size() < count) {
                window.pages()->newSql({}, QStringLiteral("SELECT 1;"));
                QTest::qWait(20);
            }
            const auto widgets = QApplication::allWidgets().size();
            qInfo("%d pages, %lld widgets: %.0f ms", count, static_cast<long long>(widgets), changeMs(window));
        }
    }
};

QTEST_MAIN(TestThemeTurn)
#include "tst_theme_turn.moc"
