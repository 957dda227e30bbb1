// SPDX-License-Identifier: GPL-3.0-or-later
// A screen reader has a word for everything that the keyboard reaches: of each widget that takes the focus by Tab the
// name is asked as a reader asks it. Window with a page, a result, a plan from a file, filter and find bars; dialogs.
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QTemporaryDir>
#include <QTest>

#include "core/pg/row_store.h"
#include "ui/base/palette.h"
#include "ui/connections/connection_dialog.h"
#include "ui/connections/connection_store.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/settings/settings.h"
#include "ui/settings/settings_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "ui/transfer/export_dialog.h"
#include "ui/transfer/import_dialog.h"

using namespace howdah;
using namespace howdah::ui;

class TestAccessibleNames : public QObject
{
    Q_OBJECT
    QTemporaryDir home_;

    /// A part of another control, which has the name.
    static bool isPart(const QWidget *widget)
    {
        const QWidget *parent = widget->parentWidget();
        return qobject_cast<const QComboBox *>(parent) != nullptr || qobject_cast<const QAbstractSpinBox *>(parent) != nullptr ||
               widget->window()->inherits("QComboBoxPrivateContainer") || widget->objectName().startsWith(QStringLiteral("qt_"));
    }

    static QStringList nameless(QWidget *top)
    {
        QStringList found;
        for (QWidget *widget : top->findChildren<QWidget *>()) {
            if ((widget->focusPolicy() & Qt::TabFocus) != Qt::TabFocus || isPart(widget))
                continue;
            const QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(widget);
            if (!widget->accessibleName().isEmpty() || (reader != nullptr && !reader->text(QAccessible::Name).trimmed().isEmpty()))
                continue;
            QString path = QString::fromLatin1(widget->metaObject()->className());
            for (const QWidget *up = widget->parentWidget(); up != nullptr && up != top; up = up->parentWidget())
                path.prepend(QString::fromLatin1(up->metaObject()->className()) + QStringLiteral(" > "));
            found << path;
        }
        found.removeDuplicates();
        return found;
    }

    static void check(QWidget *top)
    {
        const QStringList found = nameless(top);
        for (const QString &path : found)
            qWarning("without a name: %s", qPrintable(path.right(120)));
        QVERIFY2(found.isEmpty(), qPrintable(QStringLiteral("without a name:\n") + found.join(QLatin1Char('\n'))));
    }

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void canFail()
    {
        QWidget window;
        auto *unnamed = new QComboBox(&window);
        QCOMPARE(nameless(&window).size(), 1);
        unnamed->setAccessibleName(QStringLiteral("x"));
        QVERIFY(nameless(&window).isEmpty());
    }

    void theWindow()
    {
        MainWindow window;
        window.resize(1280, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QTRY_VERIFY_WITH_TIMEOUT(window.isReady(), 20'000);
        SqlPage *page = window.pages()->newSql({}, QStringLiteral("SELECT 1 AS a;"));
        pg::Column column;
        column.name = "a";
        column.type_oid = 23;
        const auto rows = std::make_shared<pg::RowStore>(std::vector<pg::Column>{column});
        rows->beginRow();
        rows->appendCell("1", 1, false);
        QVERIFY(rows->publish());
        page->results()->beginRun();
        page->results()->openResult(0, QStringLiteral("SELECT 1 AS a"), rows);
        page->results()->openResult(1, QStringLiteral("SELECT 1 AS a"), rows);
        page->results()->rowsArrived(0);
        page->results()->endRun();
        QVERIFY(page->results()->currentGrid() != nullptr);
        page->results()->currentGrid()->openFilter();
        page->results()->currentGrid()->openFind();
        page->results()->compare(0, 1);
        window.openFiles({QStringLiteral(HOWDAH_TEST_DATA "/plans/sleep/pg18/25_parallel_hash.json")});
        QTest::qWait(300);
        check(&window);
    }

    void dialogs()
    {
        ConnectionStore store;
        ConnectionDialog connections(&store);
        connections.show();
        check(&connections);
        SettingsDialog settings(Settings::instance());
        settings.show();
        check(&settings);
        ImportDialog import(nullptr, nullptr, {});
        import.setConfirmName(QStringLiteral("shop"));
        import.show();
        check(&import);
        ExportSubject subject;
        subject.statement = QStringLiteral("SELECT 1");
        ExportDialog exporting(subject, nullptr);
        exporting.show();
        check(&exporting);
    }
};

QTEST_MAIN(TestAccessibleNames)
#include "tst_accessible_names.moc"
