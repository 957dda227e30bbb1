// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/change_script_dialog.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "support/show.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/task_progress.h"
#include "ui/change/lock_words.h"
#include "ui/change/reverse_script.h"
#include "ui/change/script_run.h"
#include "ui/change/step_row.h"

using namespace howdah;
using namespace howdah::ui;
using namespace howdah::migration;

namespace {

ChangeStep makeStep(std::string title, std::string sql, std::string undo = {})
{
    ChangeStep step;
    step.title = std::move(title);
    step.sql = std::move(sql);
    step.undo_sql = std::move(undo);
    return step;
}

ChangeScript threeSteps()
{
    ChangeScript script;
    script.title = "Prepare t";
    script.reason = "A table to work with";
    script.steps = {makeStep("Create t", "CREATE TABLE t (a int)", "DROP TABLE t"),
                    makeStep("Fill t", "INSERT INTO t SELECT generate_series(1, 100)", "DELETE FROM t"),
                    makeStep("Index t", "CREATE INDEX CONCURRENTLY t_a ON t (a)", "DROP INDEX CONCURRENTLY t_a")};
    script.steps[2].in_transaction = false;
    return script;
}

std::vector<StepState> states(const ChangeScriptDialog *dialog)
{
    std::vector<StepState> all;
    for (const StepRow *row : dialog->findChildren<StepRow *>())
        all.push_back(row->state());
    return all;
}

using States = std::vector<StepState>;

} // namespace

class ChangeScriptDialogTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void init();
    void cleanup();
    void showsEverythingBeforeAnythingRuns();
    void runsAllSteps();
    void aFailingStepIsAccountedFor();
    void cancelReachesTheServer();
    void closingWithoutARunIsTold();
    void escWhileRunningCancels();
    void readOnlyRunsNothing();
    void productionWantsTheName();
    void allOrNothingLeavesNothing();
    void undoTakesBackWhatWasDone();
    void noConnectionIsSaid();
    void reverseScripts();
    void lockTones();

private:
    ChangeScriptDialog *open(const ChangeScript &script, bool read_only = false, const QString &confirm = {});
    [[nodiscard]] QPushButton *button(const QWidget *in, const char *text) const;
    [[nodiscard]] QString ask(const std::string &sql);
    ChangeOutcome runToEnd(ChangeScriptDialog *dialog);

    std::string conninfo_;
    std::shared_ptr<pg::Session> session_;
    std::unique_ptr<QWidget> window_;
};

void ChangeScriptDialogTest::init()
{
    conninfo_ = test::freshDatabase();
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo_;
    session_ = std::make_shared<pg::Session>(spec);
    window_ = std::make_unique<QWidget>();
    window_->show();
}

void ChangeScriptDialogTest::cleanup()
{
    window_.reset();
    session_.reset();
}

ChangeScriptDialog *ChangeScriptDialogTest::open(const ChangeScript &script, bool read_only, const QString &confirm)
{
    auto *dialog = new ChangeScriptDialog(script, session_, QStringLiteral("shop @ localhost"), read_only, confirm,
                                          window_.get());
    dialog->open();
    return dialog;
}

QPushButton *ChangeScriptDialogTest::button(const QWidget *in, const char *text) const
{
    for (QPushButton *one : in->findChildren<QPushButton *>()) {
        if (one->text().remove(QLatin1Char('&')).startsWith(QString::fromUtf8(text)) && one->isVisible())
            return one;
    }
    return nullptr;
}

QString ChangeScriptDialogTest::ask(const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo_;
    const auto connection = pg::Connection::open(spec);
    if (!connection)
        return QString::fromStdString(connection.error().text());
    const auto outcome = (*connection)->query(sql);
    return outcome ? QString::fromUtf8(outcome->result->cell(0, 0).text.data(),
                                       static_cast<qsizetype>(outcome->result->cell(0, 0).text.size()))
                   : QString::fromStdString(outcome.error().text());
}

ChangeOutcome ChangeScriptDialogTest::runToEnd(ChangeScriptDialog *dialog)
{
    ChangeOutcome outcome;
    int ends = 0;
    connect(dialog, &ChangeScriptDialog::finished, this, [&](const ChangeOutcome &one) {
        outcome = one;
        ++ends;
    });
    button(dialog, "Run")->click();
    // Within the lambda's life: both are of this function.
    const bool ended = QTest::qWaitFor([&ends] { return ends > 0; }, 20000);
    disconnect(dialog, &ChangeScriptDialog::finished, this, nullptr);
    if (!ended)
        qWarning("the run did not end");
    return outcome;
}

void ChangeScriptDialogTest::showsEverythingBeforeAnythingRuns()
{
    ChangeScript script = threeSteps();
    script.steps[0].lock_level = "ACCESS EXCLUSIVE";
    script.steps[0].note = "takes a moment";
    script.steps[1].undo_sql.clear();
    script.steps[1].no_undo_reason = "nobody knows what was there";
    std::string longer = "SELECT 1";
    for (int i = 0; i < 30; ++i)
        longer += ",\n       " + std::to_string(i);
    script.steps[2].sql = longer;
    ChangeScriptDialog *dialog = open(script);
    QCOMPARE(states(dialog), (States{StepState::Waiting, StepState::Waiting, StepState::Waiting}));
    QStringList texts;
    for (const QLabel *label : dialog->findChildren<QLabel *>())
        texts << label->text();
    const QString all = texts.join(QLatin1Char('\n'));
    for (const char *expected : {"Prepare t", "A table to work with", "CREATE TABLE t (a int)", "takes a moment",
                                 "blocks reads and writes", "nobody knows what was there", "outside of a transaction"})
        QVERIFY2(all.contains(QString::fromLatin1(expected)), expected);
    QVERIFY(!all.contains(QStringLiteral("29")));
    QPushButton *more = button(dialog, "Show all 31 lines");
    QVERIFY(more != nullptr);
    more->click();
    QCOMPARE(more->text(), QStringLiteral("Show less"));
    QVERIFY(button(dialog, "Run 3 statements")->isEnabled());
    QVERIFY(!dialog->findChild<QCheckBox *>()->isEnabled()); // one step cannot run in a transaction
    button(dialog, "Copy SQL")->click();
    QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromStdString(script.toSql()));
    QCOMPARE(ask("SELECT to_regclass('t') IS NULL"), QStringLiteral("t"));
}

void ChangeScriptDialogTest::runsAllSteps()
{
    ChangeScriptDialog *dialog = open(threeSteps());
    const ChangeOutcome outcome = runToEnd(dialog);
    QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
    QCOMPARE(states(dialog), (States{StepState::Done, StepState::Done, StepState::Done}));
    QVERIFY(dialog->findChild<Banner *>()->sentence().startsWith(QStringLiteral("3 statements done in")));
    QVERIFY(button(dialog, "Run") == nullptr);
    QTRY_VERIFY(button(dialog, "Undo what was done") != nullptr);
    QCOMPARE(ask("SELECT count(*) FROM t"), QStringLiteral("100"));
    const QPointer<ChangeScriptDialog> alive(dialog);
    QSignalSpy again(dialog, &ChangeScriptDialog::finished);
    button(dialog, "Close")->click();
    QTRY_VERIFY(alive.isNull());
    QCOMPARE(again.size(), 0);
}

void ChangeScriptDialogTest::aFailingStepIsAccountedFor()
{
    ChangeScript script = threeSteps();
    script.steps[1].sql = "INSERT INTO nowhere VALUES (1)";
    ChangeScriptDialog *dialog = open(script);
    const ChangeOutcome outcome = runToEnd(dialog);
    QVERIFY(!outcome.done());
    QCOMPARE(states(dialog), (States{StepState::Done, StepState::Failed, StepState::NotRun}));
    const auto *banner = dialog->findChild<Banner *>();
    QVERIFY(banner->isVisible());
    QVERIFY(banner->sentence().contains(QStringLiteral("nowhere")));
    QString said;
    for (const QLabel *label : banner->findChildren<QLabel *>())
        said += label->text();
    QVERIFY2(said.contains(QStringLiteral("SQLSTATE 42P01")), qPrintable(said));
    QVERIFY2(said.contains(QStringLiteral("Done and kept: Create t")), qPrintable(said));
    QTRY_VERIFY(button(banner, "Copy error") != nullptr);
    QTRY_VERIFY(button(banner, "Undo what was done") != nullptr);
}

void ChangeScriptDialogTest::cancelReachesTheServer()
{
    ChangeScript script = threeSteps();
    script.steps[1].sql = "SELECT pg_sleep(30)";
    ChangeScriptDialog *dialog = open(script);
    QSignalSpy ended(dialog, &ChangeScriptDialog::finished);
    button(dialog, "Run")->click();
    QTRY_COMPARE(states(dialog), (States{StepState::Done, StepState::Running, StepState::Waiting}));
    auto *progress = dialog->findChild<TaskProgress *>();
    QVERIFY(progress->isVisible());
    QVERIFY2(progress->text().contains(QStringLiteral("2 of 3: Fill t")), qPrintable(progress->text()));
    QTRY_COMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'"), QStringLiteral("1"));
    QElapsedTimer timer;
    timer.start();
    button(progress, "Cancel")->click();
    QVERIFY(ended.wait(5000));
    qInfo("cancelled after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < 3000);
    QCOMPARE(states(dialog), (States{StepState::Done, StepState::Cancelled, StepState::NotRun}));
    QCOMPARE(dialog->findChild<Banner *>()->sentence(), QStringLiteral("Cancelled"));
    QCOMPARE(ask("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(30)'"),
             QStringLiteral("0"));
    QVERIFY(!progress->isVisible());
}

void ChangeScriptDialogTest::closingWithoutARunIsTold()
{
    ChangeScriptDialog *dialog = open(threeSteps());
    ChangeOutcome outcome;
    connect(dialog, &ChangeScriptDialog::finished, this, [&outcome](const ChangeOutcome &one) { outcome = one; });
    const QPointer<ChangeScriptDialog> alive(dialog);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QCOMPARE(outcome.steps.size(), std::size_t{3});
    QCOMPARE(outcome.steps[0].state, StepState::NotRun);
    QCOMPARE(outcome.error->kind, ErrorKind::Cancelled);
    QTRY_VERIFY(alive.isNull());
}

void ChangeScriptDialogTest::escWhileRunningCancels()
{
    ChangeScript script;
    script.title = "Wait";
    script.steps = {makeStep("Sleep", "SELECT pg_sleep(30)")};
    ChangeScriptDialog *dialog = open(script);
    QSignalSpy ended(dialog, &ChangeScriptDialog::finished);
    button(dialog, "Run 1 statement")->click();
    QTRY_COMPARE(states(dialog), States{StepState::Running});
    dialog->close();
    QVERIFY(dialog->isVisible());
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(dialog->isVisible());
    QVERIFY(ended.wait(5000));
    QCOMPARE(states(dialog), States{StepState::Cancelled});
}

void ChangeScriptDialogTest::readOnlyRunsNothing()
{
    ChangeScriptDialog *dialog = open(threeSteps(), true, QStringLiteral("shop"));
    QPushButton *run = button(dialog, "Run");
    QVERIFY(!run->isEnabled());
    QVERIFY(run->toolTip().contains(QStringLiteral("read-only")));
    QVERIFY(dialog->findChild<Banner *>()->isVisible());
    QVERIFY(dialog->findChild<Banner *>()->sentence().contains(QStringLiteral("read-only")));
    QVERIFY(button(dialog, "Copy SQL")->isEnabled());
    QMetaObject::invokeMethod(run, "click");
    QTest::keyClick(dialog, Qt::Key_Return);
    QCOMPARE(states(dialog), (States{StepState::Waiting, StepState::Waiting, StepState::Waiting}));
    QCOMPARE(session_->state(), pg::SessionState::Disconnected);
}

void ChangeScriptDialogTest::productionWantsTheName()
{
    ChangeScriptDialog *dialog = open(threeSteps(), false, QStringLiteral("shop"));
    QPushButton *run = button(dialog, "Run");
    QVERIFY(!run->isEnabled());
    QLineEdit *name = nullptr;
    for (QLineEdit *edit : dialog->findChildren<QLineEdit *>()) {
        if (edit->placeholderText() == QStringLiteral("shop"))
            name = edit;
    }
    QVERIFY(name != nullptr);
    QTest::keyClicks(name, QStringLiteral("sho"));
    QVERIFY(!run->isEnabled());
    QTest::keyClicks(name, QStringLiteral("p"));
    QVERIFY(run->isEnabled());
    QVERIFY(runToEnd(dialog).done());
}

void ChangeScriptDialogTest::allOrNothingLeavesNothing()
{
    ChangeScript script = threeSteps();
    script.steps[2] = makeStep("Fail", "SELECT 1 / 0");
    ChangeScriptDialog *dialog = open(script);
    dialog->findChild<QCheckBox *>()->setChecked(true);
    dialog->findChild<QComboBox *>()->setCurrentText(QStringLiteral("500ms"));
    QVERIFY(dialog->options().single_transaction);
    QCOMPARE(dialog->options().lock_timeout, std::string("500ms"));
    QVERIFY(!runToEnd(dialog).done());
    QCOMPARE(states(dialog), (States{StepState::NotRun, StepState::NotRun, StepState::Failed}));
    QVERIFY(button(dialog, "Undo what was done") == nullptr); // nothing was
    QCOMPARE(ask("SELECT to_regclass('t') IS NULL"), QStringLiteral("t"));
}

void ChangeScriptDialogTest::undoTakesBackWhatWasDone()
{
    ChangeScriptDialog *dialog = open(threeSteps());
    QVERIFY(runToEnd(dialog).done());
    QSignalSpy undone(dialog, &ChangeScriptDialog::undone);
    QTRY_VERIFY(button(dialog, "Undo what was done") != nullptr); // laid out in the next turn
    button(dialog, "Undo what was done")->click();
    auto *undo = dialog->findChild<ChangeScriptDialog *>();
    QVERIFY(undo != nullptr);
    QCOMPARE(ask("SELECT count(*) FROM t"), QStringLiteral("100")); // shown first
    const ChangeOutcome outcome = runToEnd(undo);
    QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
    QCOMPARE(undone.size(), 1);
    QCOMPARE(ask("SELECT to_regclass('t') IS NULL"), QStringLiteral("t"));
}

void ChangeScriptDialogTest::noConnectionIsSaid()
{
    pg::ConnectionSpec spec;
    spec.conninfo = "host=/nonexistent dbname=nowhere";
    session_ = std::make_shared<pg::Session>(spec);
    ChangeScriptDialog *dialog = open(threeSteps());
    const ChangeOutcome outcome = runToEnd(dialog);
    QCOMPARE(outcome.error->kind, ErrorKind::Connection);
    QCOMPARE(states(dialog), (States{StepState::NotRun, StepState::NotRun, StepState::NotRun}));
    QVERIFY(dialog->findChild<Banner *>()->isVisible());
}

void ChangeScriptDialogTest::reverseScripts()
{
    ChangeScript script = threeSteps();
    ChangeOutcome outcome;
    outcome.steps.resize(3);
    outcome.steps[0].state = outcome.steps[1].state = outcome.steps[2].state = StepState::Done;
    ReverseScript reverse = reverseOf(script, outcome);
    QVERIFY(reverse.isComplete());
    QCOMPARE(reverse.script.steps.size(), std::size_t{3});
    QCOMPARE(reverse.script.steps[0].sql, std::string("DROP INDEX CONCURRENTLY t_a"));
    QVERIFY(!reverse.script.steps[0].in_transaction);
    QCOMPARE(reverse.script.steps[0].lock_level, std::string("SHARE UPDATE EXCLUSIVE"));
    QCOMPARE(reverse.script.steps[1].lock_level, std::string("ROW EXCLUSIVE"));
    QCOMPARE(reverse.script.steps[2].lock_level, std::string("ACCESS EXCLUSIVE"));
    QCOMPARE(reverse.script.steps[2].undo_sql, std::string("CREATE TABLE t (a int)"));

    outcome.steps[2].state = StepState::Failed;
    script.steps[1].undo_sql = "DELETE FROM t; -- all of them\nVACUUM t;";
    reverse = reverseOf(script, outcome);
    QCOMPARE(reverse.script.steps.size(), std::size_t{3});
    QCOMPARE(reverse.script.steps[1].sql, std::string("VACUUM t"));
    QVERIFY(!reverse.script.steps[1].in_transaction);

    script.steps[0].undo_sql.clear();
    reverse = reverseOf(script, outcome);
    QVERIFY(!reverse.isComplete());
    QCOMPARE(reverse.no_way_back, std::vector<std::string>{"Create t"});
    outcome.steps[0].state = outcome.steps[1].state = StepState::NotRun;
    QVERIFY(!reverseOf(script, outcome).isComplete());
}

void ChangeScriptDialogTest::lockTones()
{
    QCOMPARE(lockWords("ACCESS EXCLUSIVE").tone, Tone::Bad);
    QCOMPARE(lockWords("SHARE").tone, Tone::Warn);
    QCOMPARE(lockWords("SHARE ROW EXCLUSIVE").tone, Tone::Warn);
    QCOMPARE(lockWords("SHARE UPDATE EXCLUSIVE").tone, Tone::Good);
    QCOMPARE(lockWords("ROW EXCLUSIVE").tone, Tone::Good);
    QCOMPARE(lockWords("").tone, Tone::Good);
    QCOMPARE(lockWords("row locks only").name, QStringLiteral("row locks only"));
}

QTEST_MAIN(ChangeScriptDialogTest)
#include "tst_change_script_dialog.moc"
