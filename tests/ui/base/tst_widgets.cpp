// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QLayout>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "ui/base/banner.h"
#include "ui/base/card.h"
#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/task_progress.h"

using namespace howdah::ui;

class WidgetsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void segmentsChooseOne();
    void segmentsWalkByArrowKeys();
    void removingTheCurrentSegmentChoosesTheFirst();
    void bannerShowsActsAndGoes();
    void toastGoesByItself();
    void progressSaysWhatHowFarHowLong();
    void pillFitsItsText();
    void elidedLabelGivesUpItsEnd();
    void emptyStateRunsItsButton();
    void cardPaintsItsEdge();
};

void WidgetsTest::segmentsChooseOne()
{
    SegmentedTabs tabs;
    QSignalSpy changed(&tabs, &SegmentedTabs::currentChanged);
    tabs.addSegment(QStringLiteral("result"), QStringLiteral("Result"));
    tabs.addSegment(QStringLiteral("plan"), QStringLiteral("Plan"));
    QCOMPARE(tabs.current(), QStringLiteral("result"));
    tabs.setCurrent(QStringLiteral("plan"));
    QCOMPARE(tabs.current(), QStringLiteral("plan"));
    QCOMPARE(changed.last().first().toString(), QStringLiteral("plan"));
    const auto before = changed.count();
    tabs.setCurrent(QStringLiteral("nonsense"));
    tabs.setCurrent(QStringLiteral("plan"));
    QCOMPARE(changed.count(), before);
}

void WidgetsTest::segmentsWalkByArrowKeys()
{
    SegmentedTabs tabs;
    for (const char *id : {"a", "b", "c"})
        tabs.addSegment(QLatin1StringView(id), QLatin1StringView(id));
    tabs.setSegmentEnabled(QStringLiteral("b"), false);
    QTest::keyClick(&tabs, Qt::Key_Right);
    QCOMPARE(tabs.current(), QStringLiteral("c"));
    QTest::keyClick(&tabs, Qt::Key_Right);
    QCOMPARE(tabs.current(), QStringLiteral("a"));
}

void WidgetsTest::removingTheCurrentSegmentChoosesTheFirst()
{
    SegmentedTabs tabs;
    for (const char *id : {"a", "b"})
        tabs.addSegment(QLatin1StringView(id), QLatin1StringView(id));
    tabs.setCurrent(QStringLiteral("b"));
    tabs.removeSegment(QStringLiteral("b"));
    QVERIFY(!tabs.contains(QStringLiteral("b")));
    QCOMPARE(tabs.current(), QStringLiteral("a"));
}

void WidgetsTest::bannerShowsActsAndGoes()
{
    Banner banner;
    QVERIFY(banner.isHidden());
    int clicked = 0;
    banner.showMessage(Tone::Bad, QStringLiteral("The server is gone"), QStringLiteral("<b>not markup</b>"));
    banner.addButton(QStringLiteral("Retry"), [&clicked] { ++clicked; });
    QVERIFY(banner.isVisible());
    QTest::mouseClick(banner.findChild<QPushButton *>(), Qt::LeftButton);
    QCOMPARE(clicked, 1);
    QTest::mouseClick(banner.findChild<QToolButton *>(), Qt::LeftButton);
    QVERIFY(banner.isHidden());
}

void WidgetsTest::toastGoesByItself()
{
    Banner banner;
    banner.move(400, 400); // away from the pointer, under which it would stay
    banner.showMessage(Tone::Good, QStringLiteral("Saved"), {}, 1);
    QVERIFY(banner.isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(banner.isHidden(), 3000);
}

void WidgetsTest::progressSaysWhatHowFarHowLong()
{
    TaskProgress progress;
    progress.setProgress(QStringLiteral("Loading orders"), 0.62, 40);
    QVERIFY2(progress.text().startsWith(QStringLiteral("Loading orders · 62 %")), qPrintable(progress.text()));
    QVERIFY2(progress.text().endsWith(QStringLiteral("left")), qPrintable(progress.text()));
    progress.setProgress(QStringLiteral("Starting"), -1, -1);
    QCOMPARE(progress.text(), QStringLiteral("Starting"));
    QSignalSpy cancelled(&progress, &TaskProgress::cancelRequested);
    QTest::mouseClick(progress.findChild<QPushButton *>(), Qt::LeftButton);
    QCOMPARE(cancelled.count(), 1);
}

void WidgetsTest::pillFitsItsText()
{
    Pill narrow(QStringLiteral("1.0×"), Tone::Good);
    Pill wide(QStringLiteral("SHARE UPDATE EXCLUSIVE"), Tone::Warn);
    QVERIFY(wide.sizeHint().width() > 2 * narrow.sizeHint().width());
    Pill with_icon(QStringLiteral("1.0×"), Tone::Good);
    with_icon.setIconName(QStringLiteral("check"));
    QVERIFY(with_icon.sizeHint().width() > narrow.sizeHint().width());
    QCOMPARE(narrow.accessibleName(), QStringLiteral("1.0×"));
}

void WidgetsTest::elidedLabelGivesUpItsEnd()
{
    ElidedLabel label(QString(200, QLatin1Char('x')));
    QVERIFY(label.minimumSizeHint().width() < 40);
    label.resize(80, 20);
    QVERIFY(!label.grab().isNull());
}

void WidgetsTest::emptyStateRunsItsButton()
{
    EmptyState state(QStringLiteral("connect"), QStringLiteral("Not connected"), QStringLiteral("Choose a server."));
    int clicked = 0;
    QPushButton *button = state.addButton(QStringLiteral("Connect"), {}, [&clicked] { ++clicked; });
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(clicked, 1);
}

void WidgetsTest::cardPaintsItsEdge()
{
    Card card;
    card.resize(100, 60);
    card.setEdge(Tone::Bad);
    const QImage image = card.grab().toImage();
    QCOMPARE(image.pixelColor(1, 30).rgb(), colors().bad.rgb());
    QCOMPARE(image.pixelColor(50, 30).rgb(), colors().panel.rgb());
}

QTEST_MAIN(WidgetsTest)
#include "tst_widgets.moc"
