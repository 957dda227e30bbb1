// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include "core/migration/journal.h"
#include "core/pg/catalog.h"
#include "plugins/activity/test_context.h"
#include "plugins/partition/convert_dialog.h"
#include "plugins/partition/create_dialog.h"
#include "plugins/partition/findings_list.h"
#include "plugins/partition/partition_map.h"
#include "plugins/partition/partition_page.h"
#include "plugins/partition/partman_dialog.h"
#include "plugins/partition/run_pane.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/migration/migration_view.h"

using namespace howdah;
using namespace howdah::partition_tool;

namespace {

constexpr int patience_ms = 20'000;

/// A log by months: one month is missing, the default holds rows of it, and the last partition is nearly over.
const char *const log_sql = R"(
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
DO $$ BEGIN FOR m IN 0..11 LOOP
    IF m <> 4 THEN
        EXECUTE format('CREATE TABLE log_%s PARTITION OF log FOR VALUES FROM (%L) TO (%L)', m,
                       date_trunc('month', now()) - interval '11 months' + m * interval '1 month',
                       date_trunc('month', now()) - interval '11 months' + (m + 1) * interval '1 month');
    END IF;
END LOOP; END $$;
CREATE TABLE log_default PARTITION OF log DEFAULT;
INSERT INTO log (at, what) SELECT date_trunc('month', now()) - interval '11 months' + g * interval '1 hour', repeat('x', g % 90) FROM generate_series(0, 7500) g;
SELECT pg_stat_force_next_flush();
ANALYZE log;
)";

void run(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto opened = pg::Connection::open(spec);
    QVERIFY(opened.has_value());
    const auto outcome = (*opened)->run(sql);
    QVERIFY2(!outcome.error, outcome.error ? outcome.error->text().c_str() : "");
}

std::string ask(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto opened = pg::Connection::open(spec);
    const auto outcome = (*opened)->query(sql);
    return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
}

void giveCatalog(test::TestContext &context, const std::string &conninfo)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    context.catalog_read = pg::readCatalog(**pg::Connection::open(spec)).value();
}

const char *const plain_sql = "SET search_path = public; CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, what text); "
                              "INSERT INTO visits (at, what) SELECT timestamptz '2025-01-01' + g * interval '20 minutes', 'v' FROM generate_series(1, 20000) g; ANALYZE visits";

bool has(const PartitionPage &page, const char *rule)
{
    const auto &all = page.findings()->findings();
    return std::any_of(all.begin(), all.end(), [rule](const auto &finding) { return finding.rule == rule; });
}

} // namespace

class TestPartitionPage : public QObject
{
    Q_OBJECT

    std::string conninfo_;

    std::unique_ptr<PartitionPage> shown(test::TestContext &context, const QString &table = QStringLiteral("public.log"))
    {
        auto page = std::make_unique<PartitionPage>(&context);
        page->resize(1280, 800);
        page->show();
        page->showTable(table);
        if (!QTest::qWaitFor([&] { return page->hasScheme() && page->table() == table && !page->isReading(); }, patience_ms))
            QTest::qFail("the table was not read", __FILE__, __LINE__);
        return page;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(*qApp, ui::Theme::Light); }
    void init()
    {
        conninfo_ = test::freshDatabase(15);
        run(conninfo_, log_sql);
    }

    void showsTheSchemeAndItsFaults()
    {
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        QVERIFY(page->hasScheme());
        QAbstractItemModelTester tester(page->tree()->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto &blocks = page->map()->blocks();
        QCOMPARE(std::count_if(blocks.begin(), blocks.end(), [](const auto &block) { return block.gap; }), 1);
        QCOMPARE(std::count_if(blocks.begin(), blocks.end(), [](const auto &block) { return block.is_default; }), 1);
        QCOMPARE(blocks.size(), std::size_t(13));
        QVERIFY(page->map()->presentPlace().has_value());
        for (const char *rule : {"default-has-rows", "running-out"})
            QVERIFY2(has(*page, rule), rule);
        QCOMPARE(page->tree()->model()->rowCount(), 12);
        QTest::keyClick(page->map(), Qt::Key_Right);
        QVERIFY(page->map()->current().has_value());
    }

    void scriptsAreShownAndMend()
    {
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        page->drainDefault();
        QVERIFY(QTest::qWaitFor([&] { return !context.offered.steps.empty(); }, patience_ms));
        const auto drained = context.runOffered();
        QVERIFY2(drained.done(), drained.error ? drained.error->text().c_str() : "");
        QVERIFY(QTest::qWaitFor([&] { return !page->isReading() && !has(*page, "default-has-rows"); }, patience_ms));
        context.offered = {};
        page->makeNext();
        QVERIFY(QTest::qWaitFor([&] { return !context.offered.steps.empty(); }, patience_ms));
        const auto made = context.runOffered();
        QVERIFY2(made.done(), made.error ? made.error->text().c_str() : "");
        const bool mended = QTest::qWaitFor([&] { return !page->isReading() && !has(*page, "running-out") && !has(*page, "gaps"); }, patience_ms);
        std::string left;
        for (const auto &finding : page->findings()->findings())
            left += finding.rule + " ";
        QVERIFY2(mended, left.c_str());
    }

    void aReadOnlyConnectionChangesNothing()
    {
        test::TestContext context(conninfo_);
        context.read_only = true;
        const auto page = shown(context);
        QVERIFY(page->hasScheme());
        page->makeNext();
        page->drainDefault();
        QTest::qWait(300);
        QVERIFY(context.offered.steps.empty());
    }

    void withoutPartitionsItTeaches()
    {
        run(conninfo_, "DROP TABLE log");
        test::TestContext context(conninfo_);
        PartitionPage page(&context);
        QSignalSpy done(&page, &PartitionPage::shown);
        page.show();
        QVERIFY(done.wait(patience_ms));
        QVERIFY(!page.hasScheme());
    }

    void convertsATableWhileItIsWrittenTo()
    {
        run(conninfo_, plain_sql);
        test::TestContext context(conninfo_);
        giveCatalog(context, conninfo_);
        const auto page = shown(context);
        page->askConversion(QStringLiteral("public.visits"));
        auto *dialog = page->findChild<ConvertDialog *>();
        QVERIFY(dialog != nullptr && !dialog->showButton()->isEnabled());
        QSignalSpy looked(dialog, &ConvertDialog::looked);
        dialog->lookButton()->click();
        QVERIFY(looked.wait(patience_ms));
        QVERIFY(dialog->showButton()->isEnabled());
        QVERIFY2(dialog->reportText().contains(QStringLiteral("measured on this server")), qPrintable(dialog->reportText()));
        // Another way of doing it is looked at anew.
        dialog->strategyBox()->setCurrentIndex(2);
        QVERIFY(!dialog->showButton()->isEnabled());
        dialog->strategyBox()->setCurrentIndex(0);
        dialog->lookButton()->click();
        QVERIFY(looked.wait(patience_ms));
        dialog->showButton()->click();
        RunPane *pane = page->runPane();
        QVERIFY(pane != nullptr && pane->isVisible());
        // Shown, nothing done.
        QCOMPARE(ask(conninfo_, "SELECT to_regnamespace('howdah') IS NULL"), std::string("t"));
        pane->speed()->setCurrentIndex(pane->speed()->findData(5000));
        pane->run();
        QVERIFY(QTest::qWaitFor([&] { return !pane->lagText().isEmpty(); }, patience_ms));
        QVERIFY(ask(conninfo_, "SELECT throttle->>'rows_per_second' FROM howdah.migrations").starts_with("5000"));
        // Faster while it runs; and a window opened now finds it.
        pane->speed()->setCurrentIndex(0);
        Q_EMIT pane->speed()->activated(0);
        test::TestContext elsewhere(conninfo_);
        const auto other = shown(elsewhere);
        const auto unfinished = [&] {
            const auto buttons = other->findChildren<QPushButton *>();
            const auto found = std::find_if(buttons.begin(), buttons.end(), [](QPushButton *button) { return button->isVisible() && button->toolTip().contains(QStringLiteral("Partition public.visits")); });
            return found == buttons.end() ? nullptr : *found;
        };
        QVERIFY(QTest::qWaitFor([&] { return unfinished() != nullptr; }, patience_ms));
        QVERIFY(QTest::qWaitFor([&] { return pane->view()->migration() && pane->view()->migration()->state == migration::MigrationState::Waiting; }, patience_ms));
        QCOMPARE(ask(conninfo_, "SELECT relkind FROM pg_class WHERE oid = 'visits'::regclass"), std::string("p"));
        QCOMPARE(ask(conninfo_, "SELECT throttle->>'rows_per_second' FROM howdah.migrations").substr(0, 1), std::string("0"));
        // The other one goes on with it: the old table goes.
        unfinished()->click();
        QVERIFY(QTest::qWaitFor([&] { return other->runPane()->view()->migration().has_value(); }, patience_ms));
        other->runPane()->view()->run();
        QVERIFY(QTest::qWaitFor([&] { return other->runPane()->view()->migration()->state == migration::MigrationState::Done; }, patience_ms));
        QCOMPARE(ask(conninfo_, "SELECT to_regclass('visits_old') IS NULL AND (SELECT count(*) FROM visits) = 20000"), std::string("t"));
    }

    void makesATable()
    {
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        page->askNewTable();
        auto *dialog = page->findChild<CreateDialog *>();
        QVERIFY(dialog != nullptr);
        const auto edits = dialog->findChildren<QLineEdit *>();
        QPushButton *show = nullptr;
        for (QPushButton *button : dialog->findChildren<QPushButton *>())
            show = button->isDefault() ? button : show;
        QVERIFY(show != nullptr && !show->isEnabled());
        const auto field = [&](const QString &text) { return *std::find_if(edits.begin(), edits.end(), [&](QLineEdit *edit) { return edit->placeholderText() == text || edit->text() == text; }); };
        field(QStringLiteral("events"))->setText(QStringLiteral("readings"));
        field(QStringLiteral("at"))->setText(QStringLiteral("what"));
        QVERIFY(show->isEnabled());
        // The server is asked first: an interval of a text.
        QSignalSpy refused(dialog, &CreateDialog::refused);
        show->click();
        QVERIFY(refused.wait(patience_ms));
        field(QStringLiteral("what"))->setText(QStringLiteral("at"));
        show->click();
        QVERIFY(QTest::qWaitFor([&] { return !context.offered.steps.empty(); }, patience_ms));
        const auto made = context.runOffered();
        QVERIFY2(made.done(), made.error ? made.error->text().c_str() : "");
        QCOMPARE(ask(conninfo_, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'readings'::regclass"), std::string("5"));
    }

    void handsATableToPartman()
    {
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        const auto opened = [&]() -> PartmanDialog * {
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            page->askPartman();
            auto *dialog = page->findChildren<PartmanDialog *>().constLast();
            return QTest::qWaitFor([&] { return dialog->isReady(); }, patience_ms) ? dialog : nullptr;
        };
        const auto run_it = [&] {
            if (!QTest::qWaitFor([&] { return !context.offered.steps.empty(); }, patience_ms))
                return std::string("nothing was offered");
            const auto outcome = context.runOffered();
            context.offered = {};
            if (!QTest::qWaitFor([&] { return !page->isReading(); }, patience_ms))
                return std::string("the page is not read again");
            return outcome.error ? outcome.error->text() : std::string();
        };
        PartmanDialog *dialog = opened();
        QVERIFY(dialog != nullptr);
        auto *schema = qobject_cast<QLineEdit *>(dialog->field(QStringLiteral("schema")));
        QVERIFY2(schema != nullptr && schema->text() == QStringLiteral("partman"), "packaging/setup installs pg_partman");
        dialog->actionButton()->click();
        QCOMPARE(QString::fromStdString(run_it()), QString());
        // The rows of the default partition stand in its way.
        page->drainDefault();
        QCOMPARE(QString::fromStdString(run_it()), QString());
        dialog = opened();
        QVERIFY(dialog != nullptr && dialog->field(QStringLiteral("premake")) != nullptr && dialog->field(QStringLiteral("schema")) == nullptr);
        qobject_cast<QLineEdit *>(dialog->field(QStringLiteral("premake")))->setText(QStringLiteral("2"));
        dialog->actionButton()->click();
        QCOMPARE(QString::fromStdString(run_it()), QString());
        QCOMPARE(ask(conninfo_, "SELECT premake FROM partman.part_config WHERE parent_table = 'public.log'"), std::string("2"));
        dialog = opened();
        QVERIFY(dialog != nullptr);
        qobject_cast<QComboBox *>(dialog->field(QStringLiteral("infinite_time_partitions")))->setCurrentIndex(0);
        qobject_cast<QLineEdit *>(dialog->field(QStringLiteral("retention")))->setText(QStringLiteral("2 years"));
        dialog->actionButton()->click();
        QCOMPARE(QString::fromStdString(run_it()), QString());
        QCOMPARE(ask(conninfo_, "SELECT retention || infinite_time_partitions || premake FROM partman.part_config WHERE parent_table = 'public.log'"), std::string("2 yearstrue2"));
    }

    void pictures()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
        if (folder.isEmpty())
            QSKIP("HOWDAH_TEST_PICTURES names no folder");
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        for (const bool dark : {false, true}) {
            ui::applyTheme(*qApp, dark ? ui::Theme::Dark : ui::Theme::Light);
            const auto picture = [&](QWidget *widget, const QString &name) {
                QTest::qWait(200);
                return widget->grab().save(QStringLiteral("%1/%2-%3-%4.png").arg(folder, name, dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(page->width()));
            };
            for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)}) {
                page->resize(size);
                QVERIFY(picture(page.get(), QStringLiteral("partition")));
            }
            run(conninfo_, std::string("DROP TABLE IF EXISTS visits, visits_old, public.metrics CASCADE; DROP SCHEMA IF EXISTS howdah CASCADE; DROP EXTENSION IF EXISTS pg_partman CASCADE; DROP SEQUENCE IF EXISTS visits_id_seq, visits_id_seq_old CASCADE; ") + plain_sql);
            giveCatalog(context, conninfo_);
            page->askConversion(QStringLiteral("public.visits"));
            auto *convert = page->findChildren<ConvertDialog *>().constLast();
            QSignalSpy looked(convert, &ConvertDialog::looked);
            convert->lookButton()->click();
            QVERIFY(looked.wait(patience_ms));
            QVERIFY(picture(convert, QStringLiteral("convert")));
            convert->showButton()->click();
            for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)}) {
                page->resize(size);
                QVERIFY(picture(page->runPane(), QStringLiteral("review")));
            }
            page->runPane()->speed()->setCurrentIndex(page->runPane()->speed()->findData(5000));
            page->runPane()->run();
            QVERIFY(QTest::qWaitFor([&] { return !page->runPane()->lagText().isEmpty(); }, patience_ms));
            QTest::qWait(1500);
            for (const QSize size : {QSize(1280, 800), QSize(1920, 1080)}) {
                page->resize(size);
                QVERIFY(picture(page->runPane(), QStringLiteral("run")));
            }
            QVERIFY(QTest::qWaitFor([&] { return page->runPane()->view()->migration()->state == migration::MigrationState::Waiting; }, patience_ms));
            QVERIFY(picture(page->runPane(), QStringLiteral("waits")));
            Q_EMIT page->runPane()->left();
            CreateDialog create(&context);
            create.show();
            QVERIFY(picture(&create, QStringLiteral("create")));
            const auto partman = [&](const QString &name) {
                page->refresh();
                if (!QTest::qWaitFor([&] { return !page->isReading(); }, patience_ms))
                    return false;
                page->askPartman();
                auto *dialog = page->findChildren<PartmanDialog *>().constLast();
                if (!QTest::qWaitFor([&] { return dialog->isReady(); }, patience_ms))
                    return false;
                const bool good = picture(dialog, name);
                dialog->reject();
                return good;
            };
            QVERIFY(partman(QStringLiteral("partman-install")));
            run(conninfo_, "CREATE SCHEMA IF NOT EXISTS partman; CREATE EXTENSION pg_partman SCHEMA partman");
            QVERIFY(partman(QStringLiteral("partman-adopt")));
            run(conninfo_, "CREATE TABLE public.metrics (at timestamptz NOT NULL, v int) PARTITION BY RANGE (at)");
            run(conninfo_, "SELECT partman.create_parent(p_parent_table := 'public.metrics', p_control := 'at', p_type := 'native', p_interval := '1 month')");
            page->showTable(QStringLiteral("public.metrics"));
            QVERIFY(partman(QStringLiteral("partman-kept")));
        }
        ui::applyTheme(*qApp, ui::Theme::Light);
    }
};

QTEST_MAIN(TestPartitionPage)
#include "tst_partition_page.moc"
