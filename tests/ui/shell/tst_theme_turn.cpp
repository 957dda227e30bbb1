// SPDX-License-Identifier: GPL-3.0-or-later
// A change of theme costs what is on the screen, not what is open: hidden pages follow later, or when they are shown.
#include <ctime>

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>

#include "ui/base/palette.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"

using namespace howdah::ui;

namespace {

/// Time on a processor: what other programs do at the same time is not the window's fault.
double cpuMs()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

class TestThemeTurn : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;
    std::unique_ptr<MainWindow> window_;

    void open(int count)
    {
        while (window_->pages()->sqlPages().size() < count) {
            window_->pages()->newSql({}, QStringLiteral("SELECT 1; -- page"));
            QTest::qWait(20);
        }
    }

    /// The mean of some changes, painted.
    double changeMs()
    {
        const double begin = cpuMs();
        constexpr int changes = 4;
        for (int i = 0; i < changes; ++i) {
            applyTheme(*qApp, i % 2 == 0 ? Theme::Dark : Theme::Light);
            window_->grab();
        }
        return (cpuMs() - begin) / changes;
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
        window_ = std::make_unique<MainWindow>();
        window_->resize(1280, 800);
        window_->show();
        QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
        QTRY_VERIFY_WITH_TIMEOUT(window_->isReady(), 20'000);
    }

    void cleanupTestCase() { window_.reset(); }

    void hiddenPagesTakeTheColoursWhenShown()
    {
        open(2);
        const auto pages = window_->pages()->sqlPages();
        window_->pages()->show(pages[0]);
        QTest::qWait(100);
        const QImage light = window_->grab().toImage();
        for (const bool wait : {false, true}) {
            window_->pages()->show(pages[1]);
            applyTheme(*qApp, Theme::Dark);
            if (wait)
                QTest::qWait(100);
            window_->pages()->show(pages[0]);
            const QImage dark = window_->grab().toImage();
            QVERIFY(dark != light);
            applyTheme(*qApp, Theme::Light);
            applyTheme(*qApp, Theme::Dark); // while it is in sight
            QCOMPARE(window_->grab().toImage(), dark);
            window_->pages()->show(pages[1]);
            applyTheme(*qApp, Theme::Light);
            window_->pages()->show(pages[0]);
            QCOMPARE(window_->grab().toImage(), light);
        }
    }

    void hiddenPagesCostLittle()
    {
        for (const int count : {1, 4, 17}) {
            open(count);
            const double took = changeMs();
            qInfo("%d pages, %lld widgets: %.0f ms", count, static_cast<long long>(QApplication::allWidgets().size()), took);
            QVERIFY(took < 100);
        }
    }
};

QTEST_MAIN(TestThemeTurn)
#include "tst_theme_turn.moc"
