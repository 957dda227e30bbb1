// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/action_registry.h"

#include <stdexcept>

#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QWidget>

#include "ui/base/palette.h"

using namespace howdah::ui;

namespace {

ActionSpec spec(const QString &id, const QKeySequence &shortcut = {})
{
    ActionSpec s;
    s.id = id;
    s.text = QStringLiteral("Name of ") + id;
    s.tooltip = QStringLiteral("Says what it does & why");
    s.icon = QStringLiteral("run");
    s.shortcut = shortcut;
    s.menu = QStringLiteral("query");
    return s;
}

} // namespace

class ActionRegistryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void keepsOrderAndFindsById();
    void refusesTakenIdsAndShortcuts();
    void shortcutWorksInTheWholeWindow();
    void enabledIsAskedAgain();
    void aStaleEnabledActionDoesNotRun();
    void whatItThrowsIsTold();
    void tooltipShowsTheShortcut();
    void viewsByMenuAndToolbar();
};

void ActionRegistryTest::keepsOrderAndFindsById()
{
    QWidget window;
    ActionRegistry registry(&window);
    QSignalSpy added(&registry, &ActionRegistry::added);
    QAction *b = registry.add(spec(QStringLiteral("b")), [] {});
    QAction *a = registry.add(spec(QStringLiteral("a")), [] {});
    QCOMPARE(registry.all(), (QList<QAction *>{b, a}));
    QCOMPARE(registry.action(QStringLiteral("a")), a);
    QVERIFY(registry.action(QStringLiteral("c")) == nullptr);
    QCOMPARE(added.size(), 2);
    QCOMPARE(ActionRegistry::specOf(a).id, QStringLiteral("a"));
    QCOMPARE(ActionRegistry::specOf(nullptr).id, QString());
    QAction foreign;
    QCOMPARE(ActionRegistry::specOf(&foreign).id, QString());
}

void ActionRegistryTest::refusesTakenIdsAndShortcuts()
{
    QWidget window;
    ActionRegistry registry(&window);
    QVERIFY(registry.add(spec(QStringLiteral("a"), QKeySequence(QStringLiteral("Ctrl+K"))), [] {}) != nullptr);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("id is empty or taken")));
    QVERIFY(registry.add(spec(QStringLiteral("a")), [] {}) == nullptr);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("id is empty or taken")));
    QVERIFY(registry.add(spec(QString()), [] {}) == nullptr);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("Ctrl\\+K belongs to \"a\"")));
    QVERIFY(registry.add(spec(QStringLiteral("b"), QKeySequence(QStringLiteral("Ctrl+K"))), [] {}) == nullptr);
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("belongs to \"a\"")));
    QVERIFY(registry.add(spec(QStringLiteral("b"), QKeySequence(QStringLiteral("Ctrl+K, Ctrl+C"))), [] {}) == nullptr);
    QVERIFY(registry.add(spec(QStringLiteral("b"), QKeySequence(QStringLiteral("Ctrl+Shift+K"))), [] {}) != nullptr);
    QCOMPARE(registry.all().size(), 2);
    QCOMPARE(window.actions().size(), 2);
}

void ActionRegistryTest::shortcutWorksInTheWholeWindow()
{
    QWidget window;
    auto *edit = new QLineEdit(&window);
    ActionRegistry registry(&window);
    int runs = 0;
    registry.add(spec(QStringLiteral("a"), QKeySequence(QStringLiteral("Ctrl+Shift+Y"))), [&runs] { ++runs; });
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    edit->setFocus();
    QTest::keyClick(edit, Qt::Key_Y, Qt::ControlModifier | Qt::ShiftModifier);
    QCOMPARE(runs, 1);
}

void ActionRegistryTest::enabledIsAskedAgain()
{
    QWidget window;
    ActionRegistry registry(&window);
    bool connected = false;
    ActionSpec s = spec(QStringLiteral("a"));
    s.enabled = [&connected] { return connected; };
    QAction *a = registry.add(s, [] {});
    QVERIFY(!a->isEnabled());
    QVERIFY(!registry.disabledReason(a).isEmpty());
    registry.setDisabledReason([](const ActionSpec &one) { return one.id + QStringLiteral(" needs a connection"); });
    QCOMPARE(registry.disabledReason(a), QStringLiteral("a needs a connection"));
    connected = true;
    registry.refreshEnabled();
    QVERIFY(a->isEnabled());
    QCOMPARE(registry.disabledReason(a), QString());
}

void ActionRegistryTest::aStaleEnabledActionDoesNotRun()
{
    QWidget window;
    ActionRegistry registry(&window);
    bool connected = true;
    int runs = 0;
    ActionSpec s = spec(QStringLiteral("a"));
    s.enabled = [&connected] { return connected; };
    QAction *a = registry.add(s, [&runs] { ++runs; });
    a->trigger();
    QCOMPARE(runs, 1);
    connected = false; // nobody has said so to the registry
    a->trigger();
    QCOMPARE(runs, 1);
    QVERIFY(!a->isEnabled());
}

void ActionRegistryTest::whatItThrowsIsTold()
{
    QWidget window;
    ActionRegistry registry(&window);
    QSignalSpy failed(&registry, &ActionRegistry::failed);
    QAction *a = registry.add(spec(QStringLiteral("a")), [] { throw std::runtime_error("out of luck"); });
    QTest::ignoreMessage(QtWarningMsg, "Action \"a\" failed: out of luck");
    a->trigger();
    QCOMPARE(failed.size(), 1);
    QCOMPARE(failed.at(0).at(1).toString(), QStringLiteral("out of luck"));
}

void ActionRegistryTest::tooltipShowsTheShortcut()
{
    QWidget window;
    ActionRegistry registry(&window);
    QAction *a = registry.add(spec(QStringLiteral("a"), QKeySequence(QStringLiteral("Ctrl+Return"))), [] {});
    QVERIFY(a->toolTip().contains(QStringLiteral("Ctrl+Return")));
    QVERIFY(a->toolTip().contains(QStringLiteral("Name of a")));
    QVERIFY(a->toolTip().contains(QStringLiteral("does &amp; why")));
}

void ActionRegistryTest::viewsByMenuAndToolbar()
{
    QWidget window;
    ActionRegistry registry(&window);
    ActionSpec s = spec(QStringLiteral("a"));
    s.on_sql_toolbar = true;
    QAction *a = registry.add(s, [] {});
    s = spec(QStringLiteral("b"));
    s.menu = QStringLiteral("file");
    QAction *b = registry.add(s, [] {});
    QCOMPARE(registry.inMenu(QStringLiteral("query")), QList<QAction *>{a});
    QCOMPARE(registry.inMenu(QStringLiteral("file")), QList<QAction *>{b});
    QCOMPARE(registry.inMenu(QStringLiteral("help")), QList<QAction *>());
    QCOMPARE(registry.onSqlToolbar(), QList<QAction *>{a});
}

QTEST_MAIN(ActionRegistryTest)
#include "tst_action_registry.moc"
