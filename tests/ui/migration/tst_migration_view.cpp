// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/series_chart.h"
#include "ui/migration/migration_charts.h"
#include "ui/migration/migration_view.h"

#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <thread>

#include <QTest>

#include "support/migration_shapes.h"
#include "support/show.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/task_progress.h"
#include "ui/change/step_row.h"

using namespace howdah;
using namespace howdah::ui;
using migration::JournalStepState;
using migration::MigrationState;

class MigrationViewTest : public QObject
{
    Q_OBJECT

    pg::ConnectionSpec spec_;
    std::unique_ptr<pg::Connection> connection_;
    std::shared_ptr<pg::Session> session_;

    std::int64_t add(const migration::ChangeScript &script, double rows_per_second)
    {
        migration::Throttle throttle;
        throttle.rows_per_second = rows_per_second;
        return migration::addMigration(*connection_, script, throttle).value_or(0);
    }
    static QPushButton *button(QWidget &view, const QString &text)
    {
        for (QPushButton *one : view.findChildren<QPushButton *>()) {
            if (one->text() == text && one->isVisibleTo(&view))
                return one;
        }
        return nullptr;
    }
    static MigrationState stateOf(const MigrationView &view) { return view.migration() ? view.migration()->state : MigrationState::Planned; }
    /// Kept where HOWDAH_PICTURES says, to be looked at.
    static void keep(MigrationView &view, const QString &name)
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            return;
        for (const bool dark : {false, true}) {
            applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
            QTest::qWait(30);
            view.grab().save(folder + QLatin1Char('/') + name + (dark ? QStringLiteral("_dark.png") : QStringLiteral("_light.png")));
        }
        applyTheme(*qApp, Theme::Light);
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void init()
    {
        spec_.conninfo = test::freshDatabase();
        connection_ = std::move(*pg::Connection::open(spec_));
        QVERIFY(!connection_->run(test::makeTable("t", 20'000)).error);
        QVERIFY(migration::createJournal(*connection_));
        session_ = std::make_shared<pg::Session>(spec_);
    }
    void cleanup() { session_.reset(); }

    void runsWaitsGoesOnAndBack()
    {
        migration::ChangeScript script = test::widenA(false);
        script.deployments = {{migration::Phase::Switch, "Deploy the version that reads t.a as bigint"}};
        const std::int64_t id = add(script, 0);
        MigrationView view(session_, false);
        view.resize(1100, 800);
        view.show();
        view.attach(id);
        QTRY_VERIFY(view.migration());
        QCOMPARE(view.findChildren<StepRow *>().size(), 7);
        QVERIFY(button(view, QStringLiteral("Run")));
        QVERIFY(!button(view, QStringLiteral("Pause")));
        QTest::mouseClick(button(view, QStringLiteral("Run")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::Waiting, 20'000);
        QTRY_VERIFY(button(view, QStringLiteral("It is deployed, go on")));
        keep(view, QStringLiteral("waiting"));
        QTest::mouseClick(button(view, QStringLiteral("It is deployed, go on")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::Done, 20'000);
        QVERIFY(!button(view, QStringLiteral("Go on")));
        QTRY_VERIFY(button(view, QStringLiteral("Roll back…")) && button(view, QStringLiteral("Roll back…"))->isEnabled());
        QTest::mouseClick(button(view, QStringLiteral("Roll back…")), Qt::LeftButton);
        QVERIFY(view.findChild<Banner *>()->sentence().contains(QStringLiteral("Roll back?")));
        keep(view, QStringLiteral("asks"));
        QTest::mouseClick(button(view, QStringLiteral("Roll back")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::RolledBack, 20'000);
        QVERIFY(view.findChild<QPlainTextEdit *>()->toPlainText().contains(QStringLiteral("undone: Taken back: Swap the columns")));
        keep(view, QStringLiteral("rolled_back"));
    }

    void followsWhatAnotherRunsAndPausesIt()
    {
        const std::int64_t id = add(test::fillByBlocks(), 1000); // 20 seconds of work, so that a slow look still finds it running
        MigrationView runs(session_, false);
        runs.attach(id);
        QTRY_VERIFY(runs.migration());
        runs.run();
        // Another window looks on.
        const auto other = std::make_shared<pg::Session>(spec_);
        MigrationView view(other, false);
        view.resize(1100, 800);
        view.show();
        view.attach(id);
        QTRY_VERIFY_WITH_TIMEOUT(view.migration() && view.migration()->attended && view.migration()->steps[1].batches && view.migration()->steps[1].batches->rows_done > 2000, 20'000);
        QTRY_VERIFY(button(view, QStringLiteral("Pause")));
        QVERIFY(!button(view, QStringLiteral("Roll back…"))->isEnabled());
        bool shown = false;
        for (const TaskProgress *bar : view.findChildren<TaskProgress *>())
            shown = shown || (bar->isVisible() && bar->text().contains(QStringLiteral("rows/s")) && bar->text().contains(QStringLiteral("left")));
        QVERIFY(shown);
        // What it costs others is drawn: a session that waits for a lock shows.
        const auto *charts = view.findChild<MigrationCharts *>();
        QTRY_VERIFY(charts->isVisible() && charts->samples() > 1);
        const auto drawn = [&](const QString &line) {
            double greatest = 0;
            for (const SeriesChart *chart : charts->findChildren<SeriesChart *>()) {
                for (const ChartLine &one : chart->lines()) {
                    for (const series::Point &point : one.name == line ? one.points : std::vector<series::Point>())
                        greatest = std::max(greatest, point.isGap() ? 0 : point.value);
                }
            }
            return greatest;
        };
        QTRY_VERIFY(drawn(QStringLiteral("batches")) > 100);
        QCOMPARE(drawn(QStringLiteral("all")), 0.0);
        const auto holder = std::move(*pg::Connection::open(spec_));
        QVERIFY(!holder->run("CREATE TABLE held (a int); BEGIN; LOCK TABLE held").error);
        std::thread waits([this] { static_cast<void>((*pg::Connection::open(spec_))->query("SELECT * FROM held")); });
        QTRY_COMPARE_WITH_TIMEOUT(drawn(QStringLiteral("all")), 1.0, 20'000);
        QTRY_VERIFY(drawn(QStringLiteral("now")) > 0);
        QCOMPARE(drawn(QStringLiteral("behind the migration")), 0.0);
        static_cast<void>(holder->query("ROLLBACK"));
        waits.join();
        migration::Throttle never;
        never.window = "00:00-00:00";
        QVERIFY(migration::setThrottle(*connection_, id, never));
        QTRY_VERIFY_WITH_TIMEOUT(view.findChild<Banner *>()->sentence().contains(QStringLiteral("outside of the window")), 20'000);
        keep(view, QStringLiteral("throttled"));
        QTest::mouseClick(button(view, QStringLiteral("Pause")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::Paused, 20'000);
        QTRY_VERIFY(button(view, QStringLiteral("Go on")));
        QVERIFY(migration::setThrottle(*connection_, id, migration::Throttle()));
        QTest::mouseClick(button(view, QStringLiteral("Go on")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::Done, 20'000);
    }

    void closingTheWindowLosesNothing()
    {
        const std::int64_t id = add(test::fillByBlocks(), 4000);
        {
            MigrationView view(session_, false);
            view.attach(id);
            QTRY_VERIFY(view.migration());
            view.run();
            QTRY_VERIFY_WITH_TIMEOUT(view.migration()->steps[1].batches && view.migration()->steps[1].batches->rows_done > 1000, 20'000);
        }
        const auto state = [&] { return migration::readMigration(*connection_, id)->state; };
        QTRY_COMPARE_WITH_TIMEOUT(state(), MigrationState::Paused, 20'000);
        QVERIFY(migration::readMigration(*connection_, id)->steps[1].batches->rows_done < 20'000);
    }

    void failuresAndReadOnly()
    {
        migration::ChangeScript script;
        script.title = "Fails";
        script.steps = {test::migrationStep(migration::Phase::Plain, "Divide", "SELECT 1 / 0")};
        const std::int64_t id = add(script, 0);
        MigrationView view(session_, false);
        view.resize(1000, 600);
        view.show();
        view.attach(id);
        QTRY_VERIFY(view.migration());
        view.run();
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(view), MigrationState::Failed, 20'000);
        QTRY_VERIFY(view.findChild<Banner *>()->sentence().contains(QStringLiteral("division by zero")));
        keep(view, QStringLiteral("failed"));
        MigrationView locked(session_, true);
        locked.attach(id);
        QTRY_VERIFY(locked.migration());
        for (const QPushButton *one : locked.findChildren<QPushButton *>())
            QVERIFY2(one->isHidden() || one->text().startsWith(QStringLiteral("Way")), qPrintable(one->text()));
    }
};

QTEST_MAIN(MigrationViewTest)
#include "tst_migration_view.moc"
