// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QComboBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

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
        QTRY_COMPARE_WITH_TIMEOUT(page.slotsView()->model()->rowCount(), 1, patience_ms);
        QTRY_VERIFY_WITH_TIMEOUT(page.overview()->topology.links.front().sender != nullptr, patience_ms);
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

        // A canary over the edge, by its button: steps first, then the proof.
        QTRY_COMPARE_WITH_TIMEOUT(page.overview()->topology.links.size(), 1U, patience_ms);
        QToolButton *canary = page.topology()->canaries().front();
        for (const QToolButton *other : page.topology()->canaries())
            QCOMPARE(other->isVisibleTo(&page), other == canary);
        QVERIFY(canary->accessibleName().startsWith(QStringLiteral("Send a canary from ")));
        QTest::mouseClick(canary, Qt::LeftButton);
        auto *canary_page = page.findChild<SetupPage *>();
        QVERIFY(canary_page != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(canary_page->mayRun(), patience_ms);
        QCOMPARE(canary_page->steps().size(), 3U);
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah_canary%'"), std::string("0"));
        canary_page->run();
        QTRY_VERIFY_WITH_TIMEOUT(canary_page->outcome() && canary_page->outcome()->proven, patience_ms);
        keepPicture(*canary_page->window(), "canary");
        canary_page->window()->close();

        page.topology()->setFocus();
        QTest::keyClick(page.topology(), Qt::Key_Down);
        QVERIFY(!page.topology()->chosen().isEmpty());
        for (const char *tab : {"slots", "logical", "tables", "lag"}) {
            page.tabs()->setCurrent(QString::fromLatin1(tab));
            keepPicture(page, tab);
        }
        // A node that dies leaves the page alive.
        b_->stop(cluster::LocalCluster::StopMode::Immediate);
        QTRY_VERIFY_WITH_TIMEOUT(!page.overview()->alerts.empty() && page.overview()->alerts.front().rule == "node_unreachable", patience_ms);
        // It stays in the picture where it was, below the one that it took from.
        QTRY_COMPARE_WITH_TIMEOUT(page.overview()->topology.places.size(), 2U, patience_ms);
        QCOMPARE(page.overview()->topology.links.front().words, std::string("standby not reachable"));
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
        QTRY_VERIFY_WITH_TIMEOUT(page.overview() && !page.overview()->topology.links.empty(), patience_ms);
        if (page.overview()->nodes.size() < 2)
            page.addNode(QString::fromStdString(b_->conninfo()));
        // The node is remembered from before: it is not taken twice.
        QTRY_VERIFY_WITH_TIMEOUT(page.overview() && page.overview()->nodes.size() == 2 && page.overview()->nodes.back()->sampled && page.alerts()->count() > 0, patience_ms);
        QStringList buttons;
        for (const char *tab : {"lag", "slots", "logical", "tables"}) {
            page.tabs()->setCurrent(QString::fromLatin1(tab));
            buttons << buttonsOf(page);
        }
        a_->run("SELECT pg_drop_replication_slot('orphan')");
        for (const QString &text : {QStringLiteral("Add standby…"), QStringLiteral("Logical replication…"), QStringLiteral("Show repair script…"), QStringLiteral("Rebuild its standby…"), QStringLiteral("Find the transaction…")})
            QVERIFY2(!buttons.contains(text), qPrintable(text));
        QVERIFY(buttons.contains(QStringLiteral("Look at a node…")));
        for (const QToolButton *canary : page.topology()->canaries())
            QVERIFY(!canary->isVisibleTo(&page));
        QVERIFY(page.openCanary(0) == nullptr);
        // A wizard that was opened before only shows what it would do.
        SetupPage wizard(SetupKind::Standby, &context);
        wizard.show();
        wizard.setValue(QStringLiteral("slot"), QStringLiteral("unused"));
        QSignalSpy checked(&wizard, &SetupPage::checked);
        wizard.check();
        QVERIFY(checked.wait(patience_ms));
        QVERIFY(!wizard.mayRun() && !buttonsOf(wizard).contains(QStringLiteral("Run the steps…")));
        QVERIFY(buttonsOf(wizard).contains(QStringLiteral("Check and show the steps")));
    }

    /// Behind another page it looks on for a while, then no more; in front it goes on.
    void looksOnlyWhileSomebodySees()
    {
        test::TestContext context(a_->conninfo());
        ReplicationPage page(&context);
        page.setForgetAfter(500);
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(page.overview() && page.isLooking(), patience_ms);
        page.hide();
        QVERIFY(page.isLooking());
        QTRY_VERIFY_WITH_TIMEOUT(!page.isLooking(), 2000);
        const auto last = page.overview();
        QTest::qWait(2500);
        QCOMPARE(page.overview(), last);
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(page.isLooking() && page.overview() != last, patience_ms);
        // Its charts reach from ten minutes to a day.
        QCOMPARE(page.lag()->window()->itemData(0).toInt(), 10);
        QCOMPARE(page.lag()->window()->itemData(page.lag()->window()->count() - 1).toInt(), 24 * 60);
    }

    /// From the tables to the comparison and over to the subscriber, in the window.
    void logicalWizardAndCutOver()
    {
        const auto d = ReplicationServer::primary(15, {}, true);
        a_->run("CREATE DATABASE moving");
        a_->run("CREATE TABLE kept (id int PRIMARY KEY, v text); CREATE TABLE part (id int PRIMARY KEY, v text, secret text); CREATE SEQUENCE numbers; SELECT setval('numbers', 7)", "moving");
        a_->run("INSERT INTO kept SELECT g, 'x' FROM generate_series(1, 2000) g; INSERT INTO part SELECT g, 'x', 's' FROM generate_series(1, 200) g; ANALYZE", "moving");
        d->run("CREATE TABLE kept (id int PRIMARY KEY, v text); CREATE TABLE part (id int PRIMARY KEY, v text); CREATE SEQUENCE numbers");
        test::TestContext context(a_->conninfo("moving"));
        SetupPage page(SetupKind::Logical, &context);
        page.resize(1000, 800);
        page.show();
        QSignalSpy checked(&page, &SetupPage::checked), finished(&page, &SetupPage::finished);
        page.setValue(QStringLiteral("subscriber"), QString::fromStdString(d->conninfo()));
        page.setValue(QStringLiteral("tables"), QStringLiteral("kept, part (id, v) WHERE (id > 100)"));
        page.setValue(QStringLiteral("limit"), QStringLiteral("1 000"));
        page.check();
        QVERIFY(checked.wait(patience_ms));
        std::string failing;
        for (const replication::Check &check : page.checks())
            failing += check.ok || !check.required ? std::string() : check.name + ": " + check.figure + "\n";
        QVERIFY2(page.mayRun(), failing.c_str());
        keepPicture(page, "logical-steps");
        page.run();
        QVERIFY(finished.wait(60'000));
        keepPicture(page, "logical-proven");
        QVERIFY2(page.outcome() && page.outcome()->proven, page.outcome() && page.outcome()->error ? page.outcome()->error->text().c_str() : "");
        QCOMPARE(d->ask("SELECT count(*) || ' ' || min(id) FROM part"), std::string("100 101"));
        // Over the limit that was set it is only counted.
        for (const auto &table : page.outcome()->comparison->tables)
            QCOMPARE(table.state, std::string(table.table == "public.kept" ? "counted" : "same"));

        ReplicationPage dashboard(&context);
        QAbstractItemModelTester tester(dashboard.relations()->model());
        dashboard.resize(1280, 800);
        dashboard.show();
        dashboard.addNode(QString::fromStdString(d->conninfo()));
        QTRY_COMPARE_WITH_TIMEOUT(dashboard.relations()->model()->rowCount(), 2, patience_ms);
        QTRY_COMPARE_WITH_TIMEOUT(dashboard.logical()->subscriptions()->rowCount(), 1, patience_ms);
        for (const char *tab : {"tables", "logical"}) {
            dashboard.tabs()->setCurrent(QString::fromLatin1(tab));
            keepPicture(dashboard, (std::string("moving-") + tab).c_str());
        }

        SetupPage over(SetupKind::CutOver, &context);
        over.show();
        QSignalSpy ready(&over, &SetupPage::checked), moved(&over, &SetupPage::finished);
        over.setValue(QStringLiteral("subscriber"), QString::fromStdString(d->conninfo()));
        over.check();
        QVERIFY(ready.wait(patience_ms));
        QVERIFY(over.mayRun());
        over.run();
        QVERIFY(moved.wait(60'000));
        keepPicture(over, "cut-over");
        QVERIFY2(over.outcome() && over.outcome()->proven, over.outcome() && over.outcome()->error ? over.outcome()->error->text().c_str() : "");
        QCOMPARE(d->ask("SELECT last_value FROM numbers"), std::string("7"));
        QCOMPARE(a_->ask("SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'logical'"), std::string("0"));
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
        int bars = 0, most = 0;
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            for (const QProgressBar *bar : page.findChildren<QProgressBar *>()) {
                bars += bar->isVisibleTo(&page) ? 1 : 0;
                most = std::max(most, bar->isVisibleTo(&page) ? bar->value() : 0);
            }
        });
        look.start(10);
        page.run();
        QVERIFY(page.isBusy());
        QVERIFY(finished.wait(60'000));
        const Command stop{a_->cluster().installation().bin / "pg_ctl", {"-D", target, "-m", "immediate", "stop"}, {}, serviceAccount(), {}};
        static_cast<void>(runCommand(stop));
        a_->run("SELECT pg_drop_replication_slot('from_page')");
        keepPicture(page, "wizard-proven");
        look.stop();
        QVERIFY(bars > 0 && most > 0);
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
