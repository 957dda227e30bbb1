// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>

#include "plugins/activity/test_context.h"
#include "plugins/migration/migration_page.h"
#include "plugins/migration/plan_view.h"
#include "plugins/migration/step_editor.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/change/step_row.h"
#include "ui/migration/migration_view.h"

using namespace howdah;
using namespace howdah::migration_tool;

namespace {

constexpr int patience_ms = 20'000;

} // namespace

class TestMigrationPage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        ui::applyTheme(*qApp, ui::Theme::Light);
        where_ = test::freshDatabase(15);
        pg::ConnectionSpec spec;
        spec.conninfo = where_;
        connection_ = std::move(*pg::Connection::open(spec));
        QVERIFY(!connection_->run("CREATE TABLE orders (id serial PRIMARY KEY, note text, amount integer); INSERT INTO orders (note, amount) SELECT 'n', i FROM generate_series(1, 1000) i;"
                                  "CREATE TABLE items (id serial PRIMARY KEY, order_id integer REFERENCES orders); CREATE VIEW big AS SELECT id FROM orders WHERE amount > 5; ANALYZE")
                     .error);
    }

    void plansAndRuns()
    {
        test::TestContext context(where_);
        MigrationPage page(&context);
        page.resize(1180, 760);
        page.show();
        QVERIFY(!page.canPlan());
        page.setWanted(QStringLiteral("ALTER TABLE orders ALTER COLUMN note SET NOT NULL;\nALTER TABLE orders ADD COLUMN seen timestamptz;"));
        QSignalSpy planned(&page, &MigrationPage::planned);
        page.makePlan();
        QVERIFY(planned.wait(patience_ms));
        QVERIFY(page.plan().has_value() && page.plan()->complete());
        QCOMPARE(page.findChildren<ui::StepRow *>().size(), static_cast<qsizetype>(page.plan()->script.steps.size()));
        press(page, QStringLiteral("Dry run"));
        const auto saysSo = [&] {
            const auto labels = page.findChildren<QLabel *>();
            return std::any_of(labels.begin(), labels.end(), [](const QLabel *label) { return label->text().startsWith(QStringLiteral("Every step did on")); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(saysSo(), 3 * patience_ms);
        press(page, QStringLiteral("Run…"));
        QTest::qWait(50); // the button shows with the next turn of the event loop
        press(page, QStringLiteral("Run it"));
        auto *view = page.findChild<ui::MigrationView *>();
        QTRY_VERIFY_WITH_TIMEOUT(view->migration() && view->migration()->state == migration::MigrationState::Waiting, patience_ms);
        page.findChild<ui::SegmentedTabs *>()->setCurrent(QStringLiteral("history"));
        QTRY_COMPARE_WITH_TIMEOUT(page.findChild<QTableWidget *>()->rowCount(), 1, patience_ms);
    }

    void saysWhatIsRefused()
    {
        test::TestContext context(where_);
        MigrationPage page(&context);
        page.resize(1180, 760);
        page.show();
        page.setWanted(QStringLiteral("ALTER TABLE orders ALTER COLUMN nowhere SET NOT NULL"));
        QSignalSpy planned(&page, &MigrationPage::planned);
        page.makePlan();
        QVERIFY(planned.wait(patience_ms));
        QVERIFY(!page.plan()->complete());
        const auto labels = page.findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) { return label->text().contains(QStringLiteral("\"nowhere\" of relation \"orders\" does not exist")); }));
    }

    void showsWhatLintFinds()
    {
        test::TestContext context(where_);
        MigrationPage page(&context);
        page.resize(1180, 760);
        page.show();
        planned(page, QStringLiteral("CREATE INDEX orders_amount ON orders (amount);\nALTER TABLE orders DROP COLUMN note;"));
        QVERIFY(page.findings().size() >= 2);
        const auto shows = [&](const QString &begin) {
            const auto labels = page.findChildren<QLabel *>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) { return label->text().startsWith(begin) && label->isVisible(); });
        };
        for (const auto &finding : page.findings())
            QTRY_VERIFY2(shows(QStringLiteral("Line %1: %2").arg(finding.line).arg(QString::fromStdString(finding.message))), finding.message.c_str());
        QTRY_VERIFY(shows(QStringLiteral("create-index-blocking")));
        planned(page, QStringLiteral("ALTER TABLE orders ADD COLUMN harmless text;"));
        QVERIFY(page.findings().empty() && !shows(QStringLiteral("create-index-blocking")));
    }

    void takesAStepThatWasWrittenOtherwise()
    {
        test::TestContext context(where_);
        MigrationPage page(&context);
        page.resize(1180, 760);
        page.show();
        planned(page, QStringLiteral("ALTER TABLE orders ADD COLUMN other text;"));
        auto *view = page.findChild<PlanView *>();
        view->editStep(0);
        auto *editor = page.findChild<StepEditor *>();
        QVERIFY(editor != nullptr);
        editor->setSql(QStringLiteral("ALTER TABLE orders ADD COLUMN other uuid DEFAULT gen_random_uuid()"));
        QSignalSpy done(&page, &MigrationPage::planned);
        press(page, QStringLiteral("Use it"));
        QVERIFY(done.wait(patience_ms));
        QCOMPARE(page.plan()->script.steps.front().sql, std::string("ALTER TABLE orders ADD COLUMN other uuid DEFAULT gen_random_uuid()"));
        QCOMPARE(page.plan()->steps.front().effects.front().rewrites.front(), std::string("public.orders"));
        QTest::qWait(50);
        const auto labels = page.findChildren<QLabel *>();
        QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel *label) { return label->text().contains(QStringLiteral("rewrites public.orders")) && label->isVisible(); }));
        // What does not parse stays out, and the plan as it was.
        view->editStep(0);
        QTRY_VERIFY(page.findChild<StepEditor *>() != nullptr);
        page.findChild<StepEditor *>()->setSql(QStringLiteral("ALTER TABEL orders"));
        press(page, QStringLiteral("Use it"));
        QVERIFY(done.wait(patience_ms));
        QVERIFY(page.plan()->script.steps.front().sql.find("gen_random_uuid") != std::string::npos);
        QTest::qWait(50);
        const auto told = page.findChildren<QLabel *>();
        QVERIFY(std::any_of(told.begin(), told.end(), [](const QLabel *label) { return label->text().startsWith(QStringLiteral("The step stays as it was")) && label->isVisible(); }));
    }

    void opensAFileOfAnotherTool()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("changes.sql")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("--liquibase formatted sql\n--changeset ann:1\nALTER TABLE orders ADD COLUMN z int;\n--rollback ALTER TABLE orders DROP COLUMN z;\n");
        file.close();
        test::TestContext context(where_);
        MigrationPage page(&context);
        page.show();
        QVERIFY(page.openMigration(file.fileName()));
        QVERIFY(page.canPlan());
        QSignalSpy done(&page, &MigrationPage::planned);
        page.makePlan();
        QVERIFY(done.wait(patience_ms));
        QCOMPARE(page.plan()->wanted.size(), std::size_t{1});
        QCOMPARE(page.plan()->wanted.front().sql, std::string("ALTER TABLE orders ADD COLUMN z int"));
        QVERIFY(!page.openMigration(folder.filePath(QStringLiteral("nowhere.sql"))));
    }

    /// HOWDAH_PICTURES names a folder for pictures of the page in both themes.
    void looksRight()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            QSKIP("No pictures wanted");
        for (const bool dark : {false, true}) {
            ui::applyTheme(*qApp, dark ? ui::Theme::Dark : ui::Theme::Light);
            test::TestContext context(where_);
            MigrationPage page(&context);
            page.show();
            page.setWanted(QStringLiteral("ALTER TABLE orders ALTER COLUMN id TYPE bigint;\nALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false;"));
            QSignalSpy planned(&page, &MigrationPage::planned);
            page.makePlan();
            QVERIFY(planned.wait(patience_ms));
            for (const QSize size : {QSize(1280 - 260, 800 - 90), QSize(1920 - 260, 1080 - 90)}) {
                page.resize(size);
                QTest::qWait(100);
                QVERIFY(page.grab().save(QStringLiteral("%1/migration-%2-%3.png").arg(folder, dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(size.width())));
            }
        }
        ui::applyTheme(*qApp, ui::Theme::Light);
    }

private:
    static void planned(MigrationPage &page, const QString &sql)
    {
        page.setWanted(sql);
        QSignalSpy done(&page, &MigrationPage::planned);
        page.makePlan();
        QVERIFY(done.wait(patience_ms));
    }

    static void press(MigrationPage &page, const QString &text)
    {
        QTest::qWait(50); // what was added to a page is shown with its next layout
        for (QPushButton *button : page.findChildren<QPushButton *>()) {
            if (button->text() == text && button->isVisible()) {
                QVERIFY(button->isEnabled());
                button->click();
                return;
            }
        }
        QFAIL(qPrintable(QStringLiteral("no button ") + text));
    }

    std::string where_;
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_MAIN(TestMigrationPage)
#include "tst_migration_page.moc"
