// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <cmath>
#include <thread>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTest>

#include "plugins/activity/activity_page.h"
#include "plugins/activity/blocking_view.h"
#include "plugins/activity/chart_strip.h"
#include "plugins/activity/holders_view.h"
#include "plugins/activity/progress_view.h"
#include "plugins/activity/session_details.h"
#include "plugins/activity/sessions_view.h"
#include "ui/table/table_view.h"
#include "plugins/activity/test_context.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/charts/series_chart.h"

using namespace howdah;
using namespace howdah::activity_tool;

namespace {

constexpr int patience_ms = 15'000;

std::unique_ptr<pg::Connection> openOn(const std::string &conninfo, const char *application)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    spec.application_name = application;
    auto opened = pg::Connection::open(spec);
    if (!opened)
        qFatal("%s", opened.error().text().c_str());
    return std::move(*opened);
}

int pidOf(const pg::Connection &connection)
{
    return connection.facts().backend_pid;
}

/// A statement in the background.
class Running
{
public:
    Running(pg::Connection &connection, std::string sql) : connection_(connection)
    {
        thread_ = std::thread([this, text = std::move(sql)] {
            static_cast<void>(connection_.run(text));
            ended = true;
        });
    }
    ~Running()
    {
        while (!ended) {
            connection_.canceller().cancel();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        thread_.join();
    }
    std::atomic<bool> ended{false};

private:
    pg::Connection &connection_;
    std::thread thread_;
};

/// The page on a server, as large as in a window.
struct Shown {
    explicit Shown(const std::string &conninfo, bool read_only = false) : context(conninfo)
    {
        context.read_only = read_only;
        page = std::make_unique<ActivityPage>(&context);
        page->resize(1100, 760);
        page->show();
    }
    bool waitForLook(int looks = 1)
    {
        for (int i = 0; i < looks; ++i) {
            bool seen = false;
            const auto connection = QObject::connect(page.get(), &ActivityPage::sampled, page.get(), [&seen] { seen = true; });
            page->sampleNow();
            const bool ok = QTest::qWaitFor([&seen] { return seen; }, patience_ms);
            QObject::disconnect(connection);
            if (!ok)
                return false;
        }
        return true;
    }
    [[nodiscard]] QPushButton *button(const QString &begin) const
    {
        for (QPushButton *one : page->findChildren<QPushButton *>()) {
            if (one->text().startsWith(begin))
                return one;
        }
        return nullptr;
    }
    test::TestContext context;
    std::unique_ptr<ActivityPage> page;
};

activity::Backend backend(int pid, const char *state)
{
    activity::Backend made;
    made.pid = pid;
    made.started = "then";
    made.state = state;
    made.backend_type = "client backend";
    made.user = "ann";
    made.database = "shop";
    return made;
}

} // namespace

class TestActivityPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        ui::applyTheme(*qApp, ui::Theme::Light);
    }

    void modelKeepsWhatStays()
    {
        SessionsModel model(sessionColumns(), &sessionKey);
        const QAbstractItemModelTester tester(&model);
        model.setRows({backend(1, "active"), backend(2, "idle"), backend(3, "active")});
        const QPersistentModelIndex second = model.index(1, 0);
        QCOMPARE(second.data().toString(), QStringLiteral("2"));
        model.setRows({backend(4, "active"), backend(3, "idle"), backend(2, "active")});
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(second.isValid());
        QCOMPARE(second.data().toString(), QStringLiteral("2"));
        QCOMPARE(model.row(second.row()).state, std::string("active"));
        auto reused = backend(2, "active");
        reused.started = "later"; // another session with the same pid
        model.setRows({reused});
        QVERIFY(!second.isValid());
        QCOMPARE(model.rowCount(), 1);
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
    }

    void blockingModelMovesInPlace()
    {
        BlockingModel model;
        const QAbstractItemModelTester tester(&model);
        activity::Activity now;
        now.backends = {backend(1, "idle in transaction"), backend(2, "active"), backend(3, "active")};
        now.backends[1].blocked_by = {1};
        now.backends[2].blocked_by = {2};
        now.blocking = activity::blockingTree(now.backends);
        QVERIFY(model.setActivity(now));
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(!model.setActivity(now));
        now.backends.pop_back();
        now.blocking = activity::blockingTree(now.backends);
        QVERIFY(model.setActivity(now));
        QCOMPARE(model.rowCount(), 2);
    }

    void saysThatThereIsNoConnection()
    {
        Shown shown{std::string()};
        QVERIFY(!shown.page->activity());
        shown.context.switchTo(test::freshDatabase());
        QVERIFY(shown.waitForLook());
        QVERIFY(shown.page->activity()->figures.max_connections > 0);
        QTRY_COMPARE(shown.page->status()->text(), QStringLiteral("live"));
        shown.context.switchTo({});
        QVERIFY(!shown.page->activity());
    }

    void filtersSortsAndKeepsTheSelection()
    {
        const std::string conninfo = test::freshDatabase();
        std::vector<std::unique_ptr<pg::Connection>> others;
        for (int i = 0; i < 30; ++i)
            others.push_back(openOn(conninfo, i == 7 ? "needle" : "hay"));
        Shown shown(conninfo);
        QVERIFY(shown.waitForLook());
        ui::TableView *table = shown.page->sessions()->table();
        QCOMPARE(table->filter()->rowCount(), 0); // all of them are idle
        shown.page->sessions()->choose(pidOf(*others[20]));
        QVERIFY(table->filter()->rowCount() >= 30);
        QCOMPARE(shown.page->sessions()->selectedPids(), QList<int>{pidOf(*others[20])});
        const int scrolled = table->verticalScrollBar()->value();
        others[3].reset(); // somebody leaves above
        QVERIFY(shown.waitForLook(2));
        QCOMPARE(shown.page->sessions()->selectedPids(), QList<int>{pidOf(*others[20])});
        QVERIFY(std::abs(table->verticalScrollBar()->value() - scrolled) <= 30);
        auto *filter = shown.page->sessions()->findChild<QLineEdit *>();
        filter->setText(QStringLiteral("NEEDLE idle"));
        QCOMPARE(table->filter()->rowCount(), 1);
        QTest::keyClick(shown.page->sessions()->table(), Qt::Key_A, Qt::ControlModifier);
        table->copySelection();
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("needle")));
        QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("PID\t")));
    }

    void showsTheWholeStatementAndTheLocks()
    {
        const std::string conninfo = test::freshDatabase();
        const auto worker = openOn(conninfo, "worker");
        const std::string sql = "SELECT pg_sleep(60), '" + std::string(600, 'x') + "' AS long";
        QVERIFY(!worker->run("CREATE TABLE held (id int); BEGIN; LOCK held IN EXCLUSIVE MODE").error);
        Running runs(*worker, sql);
        Shown shown(conninfo);
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->activity()->find(pidOf(*worker))->state == "active"; }, patience_ms));
        shown.page->sessions()->choose(pidOf(*worker));
        QTRY_COMPARE_WITH_TIMEOUT(shown.page->sessions()->details()->query(), QString::fromStdString(sql), patience_ms);
        QTest::keyClick(shown.page->sessions()->table(), Qt::Key_Return);
        QCOMPARE(shown.context.opened, QString::fromStdString(sql));
        Q_EMIT shown.page->sessions()->details()->detailsWanted(pidOf(*worker), true);
        const auto *locks = shown.page->sessions()->details()->findChild<QAbstractItemView *>(QString(), Qt::FindChildrenRecursively);
        Q_UNUSED(locks)
        QTRY_VERIFY_WITH_TIMEOUT(shown.button(QStringLiteral("Read again")) != nullptr, patience_ms);
    }

    void drawsWhoWaitsAndEndsTheRoot()
    {
        const std::string conninfo = test::freshDatabase();
        const auto root = openOn(conninfo, "root");
        const auto middle = openOn(conninfo, "middle");
        const auto leaf = openOn(conninfo, "leaf");
        QVERIFY(!root->run("CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);"
                           "BEGIN; UPDATE a SET id = 2").error);
        Running middle_runs(*middle, "BEGIN; UPDATE b SET id = 2; UPDATE a SET id = 3");
        Shown shown(conninfo);
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->blocking()->model()->rowCount() == 2; }, patience_ms));
        Running leaf_runs(*leaf, "UPDATE b SET id = 4");
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->blocking()->model()->rowCount() == 3; }, patience_ms));
        BlockingModel *model = shown.page->blocking()->model();
        QCOMPARE(model->at(0).node.pid, pidOf(*root));
        QCOMPARE(model->at(2).node.depth, 2);
        const QString spoken = model->data(model->index(0), Qt::AccessibleTextRole).toString();
        QVERIFY2(spoken.contains(QStringLiteral("root blocker")) && spoken.contains(QStringLiteral("holds up 2")), qPrintable(spoken));
        shown.page->tabs()->setCurrent(QStringLiteral("blocking"));
        // The leaf is chosen, and stays so; its root is what the button ends.
        shown.page->blocking()->tree()->setCurrentIndex(model->index(2));
        QVERIFY(shown.waitForLook());
        QCOMPARE(shown.page->blocking()->tree()->currentIndex().row(), 2);
        QVERIFY(shown.page->hasRoot());
        shown.page->endRoot();
        QCOMPARE(shown.context.offered.steps.size(), 1U);
        QVERIFY(shown.context.offered.danger);
        QVERIFY(shown.context.offered.steps[0].note.find("2 waiters") != std::string::npos);
        const auto outcome = shown.context.runOffered();
        QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->activity()->find(pidOf(*root)) == nullptr; }, patience_ms));
        // The middle one now has what it waited for, and holds up the leaf from within its transaction.
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && model->rowCount() == 2; }, patience_ms));
        QCOMPARE(model->at(0).node.pid, pidOf(*middle));
        QTest::keyClick(shown.page->blocking()->tree(), Qt::Key_Return);
    }

    void cancelsSeveralAtOnce()
    {
        const std::string conninfo = test::freshDatabase();
        const auto one = openOn(conninfo, "sleeper");
        const auto two = openOn(conninfo, "sleeper");
        Running first(*one, "SELECT pg_sleep(60)");
        Running second(*two, "SELECT pg_sleep(61)");
        Shown shown(conninfo);
        ui::TableView *table = shown.page->sessions()->table();
        shown.page->sessions()->findChild<QLineEdit *>()->setText(QStringLiteral("sleeper"));
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && table->filter()->rowCount() == 2; }, patience_ms));
        table->selectAll();
        QVERIFY(shown.page->canEnd(activity::Ending::Cancel));
        shown.page->endSelected(activity::Ending::Cancel);
        QCOMPARE(shown.context.offered.title, std::string("Cancel 2 statements"));
        QVERIFY(shown.context.runOffered().done());
        QTRY_VERIFY(first.ended && second.ended);
        // The sampler itself cannot be chosen, so it cannot be ended from here.
        for (int row = 0; row < table->filter()->rowCount(); ++row)
            QVERIFY(table->filter()->index(row, 0).data().toInt() != 0);
    }

    void readOnlyConnectionOffersNoEnding()
    {
        const std::string conninfo = test::freshDatabase();
        const auto worker = openOn(conninfo, "worker");
        QVERIFY(!worker->run("BEGIN; SELECT 1").error);
        Shown shown(conninfo, true);
        QVERIFY(shown.waitForLook());
        shown.page->sessions()->choose(pidOf(*worker));
        QVERIFY(!shown.page->canEnd(activity::Ending::Terminate));
        QVERIFY(!shown.button(QStringLiteral("Terminate…"))->isVisible());
        QVERIFY(!shown.button(QStringLiteral("Cancel statement"))->isVisible());
        QTest::keyClick(shown.page->sessions()->table(), Qt::Key_Delete);
        shown.page->endSelected(activity::Ending::Terminate);
        QVERIFY(shown.context.offered.steps.empty());
    }

    void pauseHoldsThePageAndNotTheMeasuring()
    {
        const std::string conninfo = test::freshDatabase();
        Shown shown(conninfo);
        QVERIFY(shown.waitForLook(2));
        shown.page->setPaused(true);
        QVERIFY(shown.page->status()->text().startsWith(QStringLiteral("paused")));
        const auto before = shown.page->activity();
        shown.page->sampleNow();
        QTest::qWait(600);
        QCOMPARE(shown.page->activity(), before);
        shown.page->setPaused(false);
        QVERIFY(shown.page->activity()->time_ms > before->time_ms);
        QTest::keyClick(shown.page.get(), Qt::Key_Pause);
        QVERIFY(shown.page->isPaused());
    }

    void chartsShowTheLoadAndMarkTogether()
    {
        const std::string conninfo = test::freshDatabase();
        const auto worker = openOn(conninfo, "worker");
        Shown shown(conninfo);
        QVERIFY(shown.waitForLook());
        const auto &charts = shown.page->charts()->charts();
        QVERIFY(charts.size() >= 6);
        QVERIFY(QTest::qWaitFor(
            [&] {
                static_cast<void>(worker->run("SELECT 1; SELECT 2; SELECT 3"));
                return shown.waitForLook() && charts[0]->valueOf(charts[0]->lines()[0], {}) > 0;
            },
            patience_ms));
        QVERIFY(charts[0]->summary().contains(QStringLiteral("commit")));
        charts[0]->setFocus();
        QTest::keyClick(charts[0], Qt::Key_Left);
        QTest::keyClick(charts[0], Qt::Key_Escape);
        const double clients = charts[1]->valueOf(charts[1]->lines()[0], {}) + charts[1]->valueOf(charts[1]->lines()[3], {});
        QVERIFY(clients >= 1);
    }

    void progressCardsStayWhileTheCommandRuns()
    {
        const std::string conninfo = test::freshDatabase();
        const auto worker = openOn(conninfo, "worker");
        QVERIFY(!worker->run("CREATE TABLE t AS SELECT g AS id, repeat('x', 400) AS x FROM generate_series(1, 3000) g;"
                             "CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(0.002); RETURN $1; END'").error);
        Shown shown(conninfo);
        {
            Running builds(*worker, "CREATE INDEX ON t (slow(id))");
            QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->progress()->count() == 1; }, patience_ms));
            QVERIFY(shown.waitForLook());
            QCOMPARE(shown.page->progress()->count(), 1);
        }
        QVERIFY(QTest::qWaitFor([&] { return shown.waitForLook() && shown.page->progress()->count() == 0; }, patience_ms));
    }

    void saysThatTheConnectionIsLost()
    {
        const std::string conninfo = test::freshDatabase();
        Shown shown(conninfo);
        QVERIFY(shown.waitForLook());
        int own = 0;
        for (const activity::Backend &one : shown.page->activity()->backends)
            own = one.is_own ? one.pid : own;
        const auto killer = openOn(conninfo, "killer");
        QVERIFY(killer->query("SELECT pg_terminate_backend(" + std::to_string(own) + ")"));
        shown.page->sampleNow();
        QTRY_COMPARE_WITH_TIMEOUT(shown.page->status()->text(), QStringLiteral("connection lost"), 5000);
        QVERIFY(shown.waitForLook());
        QTRY_COMPARE_WITH_TIMEOUT(shown.page->status()->text(), QStringLiteral("live"), 5000);
    }

    void holdersAreLongTransactionsAndSlots()
    {
        activity::Activity now;
        now.backends = {backend(1, "idle in transaction"), backend(2, "active")};
        now.backends[0].transaction_age_ms = 60'000;
        now.backends[0].xmin_age = 12;
        now.backends[1].transaction_age_ms = 100;
        activity::ReplicationSlot slot;
        slot.name = "left";
        slot.xmin_age = 1000;
        now.slots.push_back(slot);
        HoldersView view;
        const QAbstractItemModelTester tester(view.model());
        view.setActivity(now);
        QCOMPARE(view.model()->rowCount(), 2);
        QCOMPARE(view.model()->row(0).pid, 1);
        QVERIFY(view.model()->row(1).state.contains(QStringLiteral("unused")));
    }

    /// As much as a look brings, shown again and again: a turn of the event loop must stay short.
    void manySessionsAreShownQuickly()
    {
        auto now = std::make_shared<activity::Activity>();
        for (int pid = 1; pid <= 500; ++pid) {
            auto one = backend(pid, pid % 3 == 0 ? "idle in transaction" : "active");
            one.query = "SELECT * FROM orders WHERE id = " + std::to_string(pid) + std::string(300, ' ') + "AND true";
            one.state_age_ms = one.transaction_age_ms = pid * 100;
            if (pid > 300) {
                one.wait_event_type = "Lock";
                one.blocked_by = {pid - 200, pid - 1};
            }
            now->backends.push_back(one);
        }
        now->blocking = activity::blockingTree(now->backends);
        QVERIFY(now->blocking.size() > 200);
        SessionsView sessions;
        BlockingView blocking;
        sessions.resize(1100, 600);
        sessions.show();
        sessions.setActivity(now);
        sessions.table()->selectAll();
        QElapsedTimer timer;
        double slowest = 0;
        for (int look = 0; look < 10; ++look) {
            auto next = std::make_shared<activity::Activity>(*now);
            for (activity::Backend &one : next->backends)
                one.state_age_ms += 1000;
            next->backends.erase(next->backends.begin() + look);
            timer.start();
            sessions.setActivity(next);
            blocking.setActivity(next);
            static_cast<void>(sessions.grab());
            slowest = std::max(slowest, static_cast<double>(timer.nsecsElapsed()) / 1e6);
        }
        qInfo("500 sessions, 200 waiters: a look is shown in %.1f ms at most", slowest);
        QVERIFY(slowest < 200);
        QVERIFY(sessions.selectedPids().size() >= 480);
    }

private:
    QTemporaryDir home_;
};

QTEST_MAIN(TestActivityPage)
#include "tst_activity_page.moc"
