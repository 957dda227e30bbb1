// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/palette.h"

#include <QDirIterator>
#include <QFile>
#include <QLabel>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include "ui/base/contrast.h"
#include "ui/base/style_sheet.h"
#include "ui/base/theme_notifier.h"

using namespace howdah::ui;

class PaletteTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contrastRatioKnowsItsEnds();
    void textReadsOnItsGround_data();
    void textReadsOnItsGround();
    void styleSheetHasNoTokenLeft();
    void themeChangeRepaintsAndTells();
    void systemThemeFollowsTheDesktop();
    void everyIconDraws_data();
    void everyIconDraws();
    void iconFollowsTheme();
    void unknownIconIsNull();
    void fontsHaveTheirSizes();
};

void PaletteTest::contrastRatioKnowsItsEnds()
{
    QCOMPARE(qRound(contrastRatio(Qt::white, Qt::black) * 10), 210);
    QCOMPARE(qRound(contrastRatio(Qt::white, Qt::white) * 10), 10);
    QCOMPARE(readableOn(QColor(QStringLiteral("#c4314b"))), QColor(Qt::white));
    QCOMPARE(readableOn(QColor(QStringLiteral("#e5b25d"))), QColor(Qt::black));
}

void PaletteTest::textReadsOnItsGround_data()
{
    QTest::addColumn<QColor>("ink");
    QTest::addColumn<QColor>("ground");
    for (const bool dark : {false, true}) {
        const Colors &c = colorsOf(dark);
        const std::pair<const char *, QColor> grounds[] = {
            {"window", c.window},       {"panel", c.panel},         {"panel2", c.panel2},     {"on_tint", c.on_tint},
            {"good_tint", c.good_tint}, {"warn_tint", c.warn_tint}, {"bad_tint", c.bad_tint}, {"hover", c.hover}};
        const std::pair<const char *, QColor> inks[] = {
            {"text", c.text},         {"dim", c.dim},           {"accent_ink", c.accent_ink},
            {"good_ink", c.good_ink}, {"warn_ink", c.warn_ink}, {"bad_ink", c.bad_ink}};
        const char *theme = dark ? "dark" : "light";
        for (const auto &[ground_name, ground] : grounds) {
            for (const auto &[ink_name, ink] : inks)
                QTest::addRow("%s %s on %s", theme, ink_name, ground_name) << ink << ground;
        }
        QTest::addRow("%s accent_text on accent", theme) << c.accent_text << c.accent;
        QTest::addRow("%s rail_text on rail", theme) << c.rail_text << c.rail;
        QTest::addRow("%s white on rail_active", theme) << QColor(Qt::white) << c.rail_active;
    }
}

void PaletteTest::textReadsOnItsGround()
{
    QFETCH(QColor, ink);
    QFETCH(QColor, ground);
    const double ratio = contrastRatio(ink, ground);
    QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("%1 : 1").arg(ratio, 0, 'f', 2)));
}

void PaletteTest::styleSheetHasNoTokenLeft()
{
    for (const bool dark : {false, true}) {
        const QString sheet = styleSheet(colorsOf(dark));
        QVERIFY2(!sheet.contains(QLatin1Char('@')), qPrintable(sheet.mid(sheet.indexOf(QLatin1Char('@')), 40)));
        QVERIFY(sheet.contains(colorsOf(dark).panel2.name()));
        QCOMPARE(sheet.count(QLatin1Char('{')), sheet.count(QLatin1Char('}')));
        static const QRegularExpression url(QStringLiteral(R"(url\((:[^)]+)\))"));
        for (auto match = url.globalMatch(sheet); match.hasNext();)
            QVERIFY(QFile::exists(match.next().captured(1)));
    }
}

void PaletteTest::themeChangeRepaintsAndTells()
{
    applyTheme(*qApp, Theme::Light);
    QLabel label(QStringLiteral("x"));
    label.show();
    QSignalSpy told(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged);
    applyTheme(*qApp, Theme::Dark);
    QCOMPARE(told.count(), 1);
    QVERIFY(colors().dark);
    QCOMPARE(currentTheme(), Theme::Dark);
    QCOMPARE(label.palette().color(QPalette::WindowText), colors().text);
    applyTheme(*qApp, Theme::Dark);
    QCOMPARE(told.count(), 1);
    applyTheme(*qApp, Theme::Light);
    QCOMPARE(told.count(), 2);
    QVERIFY(!colors().dark);
    QCOMPARE(label.palette().color(QPalette::WindowText), colors().text);
}

void PaletteTest::systemThemeFollowsTheDesktop()
{
    applyTheme(*qApp, Theme::System);
    setDesktopDark(*qApp, true);
    QVERIFY(colors().dark);
    setDesktopDark(*qApp, false);
    QVERIFY(!colors().dark);
    applyTheme(*qApp, Theme::Light);
    setDesktopDark(*qApp, true);
    QVERIFY2(!colors().dark, "a theme chosen by hand wins over the desktop's");
    setDesktopDark(*qApp, false);
}

void PaletteTest::everyIconDraws_data()
{
    QTest::addColumn<QString>("name");
    int count = 0;
    for (QDirIterator files(QStringLiteral(":/howdah/icons")); files.hasNext();) {
        files.next();
        QTest::addRow("%s", qPrintable(files.fileName())) << files.fileInfo().completeBaseName();
        ++count;
    }
    QVERIFY(count > 40);
}

void PaletteTest::everyIconDraws()
{
    QFETCH(QString, name);
    const QIcon drawn = icon(name, QColor(Qt::red));
    QVERIFY(!drawn.isNull());
    for (const qreal scale : {1.0, 1.4, 2.0}) {
        const QPixmap pixmap = drawn.pixmap(QSize(24, 24), scale);
        QCOMPARE(pixmap.width(), qRound(24 * scale));
        const QImage image = pixmap.toImage().convertToFormat(QImage::Format_ARGB32);
        int inked = 0;
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x)
                inked += qAlpha(image.pixel(x, y)) > 100 ? 1 : 0;
        }
        QVERIFY2(inked > 6, qPrintable(name));
        // Nothing may touch the border: it would look cut off.
        for (int x = 0; x < image.width(); ++x)
            QVERIFY2(qAlpha(image.pixel(x, 0)) < 100 || name == QLatin1StringView("howdah"), qPrintable(name));
    }
}

void PaletteTest::iconFollowsTheme()
{
    applyTheme(*qApp, Theme::Light);
    const QIcon plain = icon(QStringLiteral("stop"));
    const auto darkest = [](const QPixmap &pixmap) {
        const QImage image = pixmap.toImage();
        return image.pixelColor(image.width() / 4, image.height() / 2);
    };
    QCOMPARE(darkest(plain.pixmap(QSize(24, 24), 2.0)).rgb(), colorsOf(false).text.rgb());
    applyTheme(*qApp, Theme::Dark);
    QCOMPARE(darkest(plain.pixmap(QSize(24, 24), 2.0)).rgb(), colorsOf(true).text.rgb());
    applyTheme(*qApp, Theme::Light);
}

void PaletteTest::unknownIconIsNull()
{
    QVERIFY(icon(QStringLiteral("no-such-icon")).isNull());
}

void PaletteTest::fontsHaveTheirSizes()
{
    QCOMPARE(textFont().pixelSize(), 13);
    QCOMPARE(monoFont().pixelSize(), 12);
    QCOMPARE(titleFont().pixelSize(), 17);
    QVERIFY(QFontInfo(monoFont()).fixedPitch());
}

QTEST_MAIN(PaletteTest)
#include "tst_palette.moc"
