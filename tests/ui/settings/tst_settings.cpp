// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settings.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include "ui/settings/settings_dialog.h"

using namespace howdah::ui;

class SettingsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void init();
    void defaultsAndWhatIsKept();
    void nonsenseInTheFileReadsAsDefault_data();
    void nonsenseInTheFileReadsAsDefault();
    void outOfRangeIsRefused();
    void defaultsAreNotWritten();
    void everySettingIsComplete();
    void userFileIsInTheConfigFolder();
    void dialogAppliesAtOnceAndRestores();
    void dialogSearches();

private:
    std::unique_ptr<QTemporaryDir> folder_;
    QString file_;
};

void SettingsTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    file_ = folder_->filePath(QStringLiteral("settings.ini"));
}

void SettingsTest::defaultsAndWhatIsKept()
{
    {
        Settings settings(file_);
        QCOMPARE(settings.get(Settings::theme()), QStringLiteral("system"));
        QCOMPARE(settings.get(Settings::editorFontSize()), 12);
        QVERIFY(settings.get(Settings::stopOnError()));
        QSignalSpy changed(&settings, &Settings::changed);
        settings.set(Settings::theme(), QStringLiteral("dark"));
        settings.set(Settings::editorFontSize(), 15);
        settings.set(Settings::stopOnError(), false);
        settings.set(Settings::stopOnError(), false);
        settings.remember(QStringLiteral("palette/recent"), QStringList{QStringLiteral("a"), QStringLiteral("b")});
        QCOMPARE(changed.size(), 3);
        QCOMPARE(changed.at(0).at(0).toString(), QStringLiteral("appearance/theme"));
        QCOMPARE(settings.themeToApply(), Theme::Dark);
    }
    const Settings again(file_);
    QCOMPARE(again.get(Settings::theme()), QStringLiteral("dark"));
    QCOMPARE(again.get(Settings::editorFontSize()), 15);
    QVERIFY(!again.get(Settings::stopOnError()));
    QVERIFY(again.get(Settings::restoreTabs()));
    QCOMPARE(again.remembered(QStringLiteral("palette/recent")).toStringList().size(), 2);
}

void SettingsTest::nonsenseInTheFileReadsAsDefault_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("words for numbers") << QByteArray("[editor]\nfont_size=large\n");
    QTest::newRow("out of range") << QByteArray("[editor]\nfont_size=999\n");
    QTest::newRow("unknown choice") << QByteArray("[appearance]\ntheme=pink\n");
    QTest::newRow("neither true nor false") << QByteArray("[query]\nstop_on_error=maybe\n");
    QTest::newRow("no INI at all") << QByteArray("\x7f" "ELF\x02\x01\x01\x00 rubbish ]]][[", 24);
    QTest::newRow("a list") << QByteArray("[editor]\nfont_size=1, 2, 3\n");
}

void SettingsTest::nonsenseInTheFileReadsAsDefault()
{
    QFETCH(QByteArray, text);
    QFile file(file_);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    const Settings settings(file_);
    for (const SettingInfo &info : Settings::all())
        QCOMPARE(settings.value(info), info.standard);
}

void SettingsTest::outOfRangeIsRefused()
{
    Settings settings(file_);
    QVERIFY(!settings.setValue(*Settings::editorFontSize().info, 7));
    QVERIFY(!settings.setValue(*Settings::editorFontSize().info, QStringLiteral("big")));
    QVERIFY(!settings.setValue(*Settings::theme().info, QStringLiteral("pink")));
    QVERIFY(settings.setValue(*Settings::editorFontSize().info, 8));
    QCOMPARE(settings.get(Settings::editorFontSize()), 8);
}

void SettingsTest::defaultsAreNotWritten()
{
    Settings settings(file_);
    settings.set(Settings::editorFontSize(), 20);
    settings.restore(*Settings::editorFontSize().info);
    QVERIFY(settings.isStandard(*Settings::editorFontSize().info));
    QFile file(file_);
    QVERIFY(!file.open(QIODevice::ReadOnly) || !file.readAll().contains("font_size"));
}

void SettingsTest::everySettingIsComplete()
{
    QSet<QString> keys;
    for (const SettingInfo &info : Settings::all()) {
        QVERIFY2(!info.title.isEmpty() && !info.explanation.isEmpty() && !info.group.isEmpty(), qPrintable(info.key));
        QVERIFY2(Settings::accepted(info, info.standard) == info.standard, qPrintable(info.key));
        QCOMPARE(info.choices.size(), info.choice_titles.size());
        QVERIFY(!keys.contains(info.key));
        keys.insert(info.key);
    }
    QCOMPARE(keys.size(), static_cast<qsizetype>(Settings::all().size()));
    QVERIFY(keys.contains(Settings::maxRows().info->key));
    QVERIFY(keys.contains(Settings::resultMemory().info->key));
    QVERIFY(keys.contains(Settings::confirmOnProduction().info->key));
}

void SettingsTest::userFileIsInTheConfigFolder()
{
    qputenv("HOWDAH_HOME", folder_->path().toUtf8());
    Settings::instance().set(Settings::editorFontSize(), 17);
    QVERIFY(QFile::exists(folder_->filePath(QStringLiteral("config/settings.ini"))));
}

void SettingsTest::dialogAppliesAtOnceAndRestores()
{
    Settings settings(file_);
    settings.set(Settings::editorFontSize(), 20);
    auto *dialog = new SettingsDialog(settings);
    dialog->open();
    auto *size = dialog->findChildren<QSpinBox *>().at(0);
    QCOMPARE(size->value(), 20);
    size->setValue(21);
    QCOMPARE(settings.get(Settings::editorFontSize()), 21);
    auto *theme = dialog->findChild<QComboBox *>();
    theme->setCurrentIndex(2);
    QCOMPARE(settings.get(Settings::theme()), QStringLiteral("dark"));
    QTest::mouseClick(dialog->findChild<QCheckBox *>(), Qt::LeftButton);
    QVERIFY(!settings.get(Settings::restoreTabs()));
    int visible = 0;
    for (QPushButton *button : dialog->findChildren<QPushButton *>()) {
        if (button->toolTip() == QStringLiteral("Restore the default") && button->isVisible()) {
            ++visible;
            button->click();
        }
    }
    QCOMPARE(visible, 3);
    for (const SettingInfo &info : Settings::all())
        QVERIFY(settings.isStandard(info));
    QCOMPARE(size->value(), 12);
    QCOMPARE(theme->currentIndex(), 0);
    settings.set(Settings::editorFontSize(), 16); // somebody else's change shows
    QCOMPARE(size->value(), 16);
    delete dialog;
}

void SettingsTest::dialogSearches()
{
    Settings settings(file_);
    SettingsDialog dialog(settings);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.open();
    const auto shown = [&dialog] {
        qsizetype count = 0;
        for (const QWidget *control : dialog.findChildren<QWidget *>()) {
            if (!control->accessibleDescription().isEmpty() && control->isVisible())
                ++count;
        }
        return count;
    };
    QCOMPARE(shown(), static_cast<int>(Settings::all().size()));
    auto *search = dialog.findChild<QLineEdit *>();
    for (QLineEdit *edit : dialog.findChildren<QLineEdit *>()) {
        if (edit->placeholderText() == QStringLiteral("Search settings"))
            search = edit;
    }
    search->setText(QStringLiteral("production"));
    QCOMPARE(shown(), 1);
    search->setText(QStringLiteral("DARK desktop"));
    QCOMPARE(shown(), 1);
    search->setText(QStringLiteral("nothing of the kind"));
    QCOMPARE(shown(), 0);
    search->clear();
    QCOMPARE(shown(), static_cast<int>(Settings::all().size()));
}

QTEST_MAIN(SettingsTest)
#include "tst_settings.moc"
