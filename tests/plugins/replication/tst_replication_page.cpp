// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/subprocess.h"
#include "plugins/activity/test_context.h"
#include "plugins/replication/alerts_view.h"
#include "plugins/replication/lag_view.h"
#include "plugins/replication/replication_page.h"
#include "plugins/replication/setup_page.h"
#include "plugins/replication/tables.h"
#include "plugins/replication/topology_view.h"
#include "support/replication_servers.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/charts/series_chart.h"

using namespace howdah;
using namespace howdah::replication_tool;
using test::ReplicationServer;

namespace {

constexpr int patience_ms = 20'000;

QStringList buttonsOf(const QWidget &widget)
{
    QStringList texts;
    for (const QPushButton *button : widget.findChildren<QPushButton *>()) {
        if (button->isVisibleTo(&widget))
            texts << button->text();
    }
    return texts;
}

} // namespace

/// The page on a real primary with a standby and a subscriber.
class TestReplicationPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        ui::applyTheme(*qApp, ui::Theme::Light);
        a_ = ReplicationServer::primary(15, {{"max_slot_wal_keep_size", "256MB"}});
        a_->run("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'x'); CREATE PUBLICATION p FOR TABLE t");
        b_ = ReplicationServer::standby(*a_, "b");
    }

    void cleanupTestCase()
    {
        b_.reset();
        a_.reset();
    }

    void showsBothEndsAndMends()
    {
        test::TestContext context(a_->conninfo());
        ReplicationPage page(&context);
        QAbstractItemModelTester slots_tester(page.slotsView()->model());
        QAbstractItemModelTester publications_tester(page.logical()->publications());
        QAbstractItemModelTester subscriptions_tester(page.logical()->subscriptions());
        page.resize(1280, 800);
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(page.overview() && page.overview()->topology.links.size() == 1, patience_ms);
        page.addNode(QString::fromStdString(b_->conninfo()));
        QTRY_VERIFY_WITH_TIMEOUT(page.overview() && page.overview()->nodes.size() == 2 && !page.overview()->topology.links.empty() &&
                                     page.overview()->topology.links.front().receiver != nullptr, patience_ms);
        QCOMPARE(page.slotsView()->model()->rowCount(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(page.logical()->publications()->rowCount(), 1, patience_ms);
        QTRY_VERIFY_WITH_TIMEOUT(!page.lag()->bytes()->lines().empty(), patience_ms);
        QVERIFY(buttonsOf(page).contains(QStringLiteral("Add standby…")));

        b_->run("SELECT pg_wal_replay_pause()");
        a_->run("SELECT pg_create_physical_replication_slot('orphan', true)");
        QTRY_VERIFY_WITH_TIMEOUT(page.alerts()->count() == 2, patience_ms);
        QTRY_VERIFY_WITH_TIMEOUT(buttonsOf(*page.alerts()).size() == 2, patience_ms);
        keepPicture(page, "alerts");
        // The script of the orphan is offered for this connection; it is not run by showing it.
        for (const replication::Alert &alert : page.overview()->alerts) {
            if (alert.rule == "slot_inactive")
                page.repair(alert);
        }
        QVERIFY(context.offered.danger);
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'orphan'"), std::string("1"));
        QVERIFY(context.runOffered().done());
        b_->run("SELECT pg_wal_replay_resume()");
        QTRY_VERIFY_WITH_TIMEOUT(page.alerts()->count() == 0, patience_ms);

        page.topology()->setFocus();
        QTest::keyClick(page.topology(), Qt::Key_Down);
        QVERIFY(!page.topology()->chosen().isEmpty());
        for (const char *tab : {"slots", "logical", "lag"}) {
            page.tabs()->setCurrent(QString::fromLatin1(tab));
            keepPicture(page, tab);
        }
        // A node that dies leaves the page alive.
        b_->stop(cluster::LocalCluster::StopMode::Immediate);
        QTRY_VERIFY_WITH_TIMEOUT(!page.overview()->alerts.empty() && page.overview()->alerts.front().rule == "node_unreachable", patience_ms);
        keepPicture(page, "lost");
        b_->start();
    }

    void aReadOnlyConnectionSeesNoButtonThatWrites()
    {
        a_->run("SELECT pg_create_physical_replication_slot('orphan', true)");
        test::TestContext context(a_->conninfo());
        context.read_only = true;
        ReplicationPage page(&context);
        page.resize(1280, 800);
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(page.alerts()->count() > 0, patience_ms);
        const QStringList buttons = buttonsOf(page);
        a_->run("SELECT pg_drop_replication_slot('orphan')");
        for (const QString &text : {QStringLiteral("Add standby…"), QStringLiteral("Logical replication…"), QStringLiteral("Show repair script…")})
            QVERIFY2(!buttons.contains(text), qPrintable(text));
    }

    void emptyStateTeaches()
    {
        test::TestContext context({});
        ReplicationPage page(&context);
        page.resize(900, 600);
        page.show();
        QVERIFY(!page.overview());
        keepPicture(page, "unconnected");
    }

    /// The wizard page from end to end: what does not hold is said, then the steps run to the proof.
    void standbyWizard()
    {
        test::TestContext context(a_->conninfo());
        SetupPage page(SetupKind::Standby, &context);
        page.resize(1000, 800);
        page.show();
        QSignalSpy checked(&page, &SetupPage::checked), finished(&page, &SetupPage::finished);
        page.setValue(QStringLiteral("target"), QStringLiteral("/usr"));
        page.setValue(QStringLiteral("slot"), QStringLiteral("from_page"));
        page.check();
        QVERIFY(checked.wait(patience_ms));
        QVERIFY(!page.mayRun());
        keepPicture(page, "wizard-refused");
        const std::filesystem::path folder = a_->data().parent_path() / "page";
        std::filesystem::create_directories(folder);
        QVERIFY(giveToServiceAccount(folder).has_value());
        const std::string target = (folder / "data").string();
        page.setValue(QStringLiteral("target"), QString::fromStdString(target));
        page.check();
        QVERIFY(checked.wait(patience_ms));
        QVERIFY(page.mayRun());
        keepPicture(page, "wizard-steps");
        page.run();
        QVERIFY(page.isBusy());
        QVERIFY(finished.wait(60'000));
        const Command stop{a_->cluster().installation().bin / "pg_ctl", {"-D", target, "-m", "immediate", "stop"}, {}, serviceAccount(), {}};
        static_cast<void>(runCommand(stop));
        a_->run("SELECT pg_drop_replication_slot('from_page')");
        keepPicture(page, "wizard-proven");
        QVERIFY2(page.outcome() && page.outcome()->proven, page.outcome() && page.outcome()->error ? page.outcome()->error->text().c_str() : "");
        QVERIFY(page.outcome()->proof.find("read on the standby") != std::string::npos);
    }

private:
    /// Pictures to look at, where HOWDAH_PICTURES names a folder: light and dark, small and large.
    static void keepPicture(QWidget &widget, const char *name)
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            return;
        const QSize before = widget.size();
        for (const auto &[theme, word] : {std::pair{ui::Theme::Light, "light"}, {ui::Theme::Dark, "dark"}}) {
            ui::applyTheme(*qApp, theme);
            for (const QSize size : {before, QSize(1920, 1080)}) {
                widget.resize(size);
                QTest::qWait(250);
                widget.grab().save(QStringLiteral("%1/replication-%2-%3-%4.png").arg(folder, QString::fromLatin1(name), QString::fromLatin1(word)).arg(size.width()));
            }
        }
        widget.resize(before);
        ui::applyTheme(*qApp, ui::Theme::Light);
    }
    QTemporaryDir home_;
    std::unique_ptr<ReplicationServer> a_, b_;
};

QTEST_MAIN(TestReplicationPage)
#include "tst_replication_page.moc"
