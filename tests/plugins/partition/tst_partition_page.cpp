// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QAbstractItemModelTester>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include "plugins/activity/test_context.h"
#include "plugins/partition/findings_list.h"
#include "plugins/partition/partition_map.h"
#include "plugins/partition/partition_page.h"
#include "support/test_server.h"
#include "ui/base/palette.h"

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

    void pictures()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
        if (folder.isEmpty())
            QSKIP("HOWDAH_TEST_PICTURES names no folder");
        test::TestContext context(conninfo_);
        const auto page = shown(context);
        for (const bool dark : {false, true}) {
            ui::applyTheme(*qApp, dark ? ui::Theme::Dark : ui::Theme::Light);
            for (const QSize size : {QSize(1000, 700), QSize(1640, 960)}) {
                page->resize(size);
                QTest::qWait(150);
                QVERIFY(page->grab().save(QStringLiteral("%1/partition-%2-%3.png").arg(folder, dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(size.width())));
            }
        }
        ui::applyTheme(*qApp, ui::Theme::Light);
    }
};

QTEST_MAIN(TestPartitionPage)
#include "tst_partition_page.moc"
