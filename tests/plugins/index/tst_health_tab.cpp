// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "plugins/activity/test_context.h"
#include "plugins/index/finding_details.h"
#include "plugins/index/health_tab.h"
#include "plugins/index/index_page.h"
#include "plugins/index/index_tool.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/charts/treemap_view.h"
#include "ui/table/table_view.h"

using namespace howdah;
using namespace howdah::index_tool;

namespace {

constexpr int patience_ms = 20'000;

void run(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto opened = pg::Connection::open(spec);
    if (!opened)
        qFatal("%s", opened.error().text().c_str());
    if (const auto outcome = (*opened)->run(sql); outcome.error)
        qFatal("%s", outcome.error->text().c_str());
}

/// A shop whose indexes have every kind of trouble.
const char *const shop = R"(
CREATE TABLE customers (id int PRIMARY KEY, email text, name text, profile jsonb, tags text[], signed_up timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int REFERENCES customers ON DELETE CASCADE, status text, created_at timestamptz, note text, total numeric);
CREATE TABLE order_lines (order_id bigint REFERENCES orders, line int, product_id int, quantity int, price numeric, PRIMARY KEY (order_id, line));
CREATE TABLE events (id bigint, kind text, at timestamptz, payload jsonb);
INSERT INTO customers SELECT i, 'c' || i || '@example.org', md5(i::text), '{"a": 1}', ARRAY['x'], now() - i * interval '1 h' FROM generate_series(1, 20000) i;
INSERT INTO orders SELECT i, 1 + i * 7 % 20000, CASE WHEN i % 200 = 0 THEN 'new' ELSE 'done' END, now() - i * interval '1 min', md5(i::text), i FROM generate_series(1, 60000) i;
INSERT INTO order_lines SELECT i / 3 + 1, i % 3, i % 500, 1, 9.99 FROM generate_series(1, 120000) i;
INSERT INTO events SELECT i, 'k' || hashint4(i) % 10, now() + i * interval '1 s', '{}' FROM generate_series(1, 80000) i;
CREATE UNIQUE INDEX customers_email_key ON customers (email);
CREATE INDEX customers_email_idx ON customers (email);
CREATE INDEX customers_profile_idx ON customers (profile);
CREATE INDEX customers_name_idx ON customers (name);
CREATE INDEX orders_created_at_idx ON orders (created_at);
CREATE INDEX orders_note_idx ON orders (note);
CREATE INDEX orders_status_idx ON orders (status);
CREATE INDEX orders_status_created_at_idx ON orders (status, created_at);
CREATE INDEX orders_total_idx ON orders (total);
CREATE INDEX order_lines_product_id_idx ON order_lines (product_id);
CREATE INDEX order_lines_price_idx ON order_lines (price, quantity);
CREATE INDEX events_kind_brin ON events USING brin (kind);
CREATE INDEX events_at_brin ON events USING brin (at);
CREATE INDEX events_id_idx ON events (id);
DELETE FROM orders WHERE id > 40000 AND id % 10 <> 0 AND id NOT IN (SELECT order_id FROM order_lines);
VACUUM ANALYZE;
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT * FROM events WHERE id = 5; SELECT * FROM orders WHERE id = 7; SELECT * FROM order_lines WHERE product_id = 3 LIMIT 1;
SELECT * FROM customers WHERE id = 3; SELECT * FROM order_lines WHERE order_id = 3;
)";

struct Shown {
    explicit Shown(const std::string &conninfo, bool read_only = false, QSize size = {1000, 700}) : context(conninfo)
    {
        context.read_only = read_only;
        page = std::make_unique<IndexPage>(&context);
        tab = new HealthTab(&context);
        page->addTab(QStringLiteral("health"), QStringLiteral("Health"), {}, [this] { return tab; });
        page->resize(size);
        QSignalSpy read(tab, &HealthTab::readFinished);
        page->show();
        if (!conninfo.empty() && read.isEmpty())
            read.wait(patience_ms);
    }
    void readAgain(bool measure) const
    {
        QSignalSpy read(tab, &HealthTab::readFinished);
        tab->read(measure);
        QVERIFY(read.wait(patience_ms));
    }
    bool select(const QString &rule, const QString &index) const
    {
        ui::TableView *table = tab->findingsTable();
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            if (table->model()->index(row, 1).data().toString() != rule || table->model()->index(row, 2).data().toString() != index)
                continue;
            table->setCurrentIndex(table->model()->index(row, 0));
            return true;
        }
        return false;
    }
    test::TestContext context;
    std::unique_ptr<IndexPage> page;
    HealthTab *tab = nullptr;
};

} // namespace

class TestHealthTab : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        conninfo_ = test::freshDatabase(15);
        run(conninfo_, shop);
    }

    void showsFindingsAndTheMap()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.tab->report());
        QAbstractItemModelTester findings(shown.tab->findingsTable()->filter()->sourceModel());
        QAbstractItemModelTester indexes(shown.tab->indexesTable()->filter()->sourceModel());
        QVERIFY(shown.tab->findingsTable()->model()->rowCount() > 5);
        QCOMPARE(shown.tab->indexesTable()->model()->rowCount(), 17);
        QVERIFY(!shown.tab->summary().isEmpty());
        // The worst comes first.
        QVERIFY(shown.tab->findingsTable()->model()->index(0, 0).data().toString() != QStringLiteral("note"));
        shown.readAgain(false);
        QCOMPARE(shown.tab->indexesTable()->model()->rowCount(), 17);
    }

    void aTileLeadsToItsFindingAndBack()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.select(QStringLiteral("Duplicate"), QStringLiteral("customers_email_idx")));
        const quint64 oid = shown.tab->map()->current();
        QVERIFY(oid != 0);
        QCOMPARE(shown.tab->details()->sql(), QStringLiteral("DROP INDEX CONCURRENTLY public.customers_email_idx;"));
        QVERIFY(shown.select(QStringLiteral("Overlapping"), QStringLiteral("orders_status_idx")));
        QVERIFY(shown.tab->map()->current() != oid);
        QTest::mouseClick(shown.tab->map(), Qt::LeftButton, {}, shown.tab->map()->rectOf(oid).center().toPoint());
        QCOMPARE(shown.tab->details()->sql(), QStringLiteral("DROP INDEX CONCURRENTLY public.customers_email_idx;"));
        // One without a finding is found among all indexes.
        quint64 used = 0;
        for (const auto &index : shown.tab->report()->facts.indexes)
            used = index.name == "events_id_idx" ? index.oid : used;
        QTest::mouseClick(shown.tab->map(), Qt::LeftButton, {}, shown.tab->map()->rectOf(used).center().toPoint());
        QCOMPARE(shown.tab->lists()->current(), QStringLiteral("indexes"));
        QCOMPARE(shown.tab->indexesTable()->currentIndex().siblingAtColumn(0).data().toString(), QStringLiteral("events_id_idx"));
    }

    void filtersByWordsKindAndTable()
    {
        const Shown shown(conninfo_);
        const int all = shown.tab->findingsTable()->model()->rowCount();
        shown.tab->filter()->setText(QStringLiteral("duplicate email"));
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), 1);
        shown.tab->filter()->clear();
        shown.tab->setRelation(QStringLiteral("public"), QStringLiteral("events"));
        QCOMPARE(shown.tab->indexesTable()->model()->rowCount(), 3);
        QVERIFY(shown.tab->findingsTable()->model()->rowCount() < all);
        shown.tab->setRelation({}, {});
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), all);
        auto *rule = shown.tab->findChild<QComboBox *>();
        rule->setCurrentIndex(rule->findData(QStringLiteral("low-correlation-brin")));
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), 1);
        shown.tab->filter()->setText(QStringLiteral("nothing has this"));
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), 0);
    }

    void appliesThroughTheChangeDialog()
    {
        const std::string conninfo = test::freshDatabase(15);
        run(conninfo, "CREATE TABLE t (a int, b int); CREATE INDEX t_1 ON t (a); CREATE INDEX t_2 ON t (a); CREATE INDEX t_ab ON t (b); CREATE INDEX t_b2 ON t (b)");
        Shown shown(conninfo);
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), 2);
        shown.tab->findingsTable()->selectAll();
        QVERIFY(shown.tab->details()->applyButton()->isEnabled());
        shown.tab->details()->applyButton()->click();
        QCOMPARE(shown.context.offered.steps.size(), 2U);
        QSignalSpy read(shown.tab, &HealthTab::readFinished);
        QVERIFY(shown.context.runOffered().done());
        QVERIFY(read.wait(patience_ms));
        QCOMPARE(shown.tab->findingsTable()->model()->rowCount(), 0);
        QCOMPARE(shown.tab->indexesTable()->model()->rowCount(), 2);
    }

    void aReadOnlyConnectionOffersNoWrite()
    {
        Shown shown(conninfo_, true);
        QVERIFY(shown.select(QStringLiteral("Duplicate"), QStringLiteral("customers_email_idx")));
        QVERIFY(!shown.tab->details()->applyButton()->isEnabled());
        QVERIFY(!shown.tab->details()->applyButton()->toolTip().isEmpty());
        shown.tab->applySelected();
        QVERIFY(shown.context.offered.steps.empty());
    }

    void anotherConnectionIsReadAnew()
    {
        Shown shown(conninfo_);
        const std::string empty = test::freshDatabase(15);
        QSignalSpy read(shown.tab, &HealthTab::readFinished);
        shown.context.switchTo(empty);
        QVERIFY(read.wait(patience_ms));
        QCOMPARE(shown.tab->indexesTable()->model()->rowCount(), 0);
        shown.context.switchTo({});
        QVERIFY(!shown.tab->isVisible());
        shown.context.switchTo("host=/nowhere");
        QVERIFY(read.wait(patience_ms));
        QVERIFY(!shown.tab->report());
    }

    void measures()
    {
        run(conninfo_, "CREATE EXTENSION IF NOT EXISTS pgstattuple");
        const Shown shown(conninfo_);
        shown.readAgain(true);
        QVERIFY(shown.tab->report()->measured);
        QVERIFY(!shown.tab->report()->facts.measured.empty());
    }

    void offersIndexesOfATable()
    {
        test::TestContext context(conninfo_);
        IndexTool tool;
        tool.initialize(context);
        QObject owner;
        QVERIFY(tool.objectActions({QStringLiteral("function"), QStringLiteral("public"), QStringLiteral("f")}, &owner).isEmpty());
        const auto actions = tool.objectActions({QStringLiteral("table"), QStringLiteral("public"), QStringLiteral("events")}, &owner);
        QCOMPARE(actions.size(), 2);
        std::unique_ptr<QWidget> widget(tool.createPage(nullptr, nullptr));
        auto *tab = widget->findChild<HealthTab *>();
        QSignalSpy read(tab, &HealthTab::readFinished);
        widget->show();
        QVERIFY(read.wait(patience_ms));
        actions.first()->trigger();
        QCOMPARE(tab->indexesTable()->model()->rowCount(), 3);
    }

    /// For people to look at: HOWDAH_PICTURES=folder.
    void pictures()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            QSKIP("HOWDAH_PICTURES names no folder");
        QDir().mkpath(folder);
        for (const bool dark : {false, true}) {
            ui::applyTheme(*qApp, dark ? ui::Theme::Dark : ui::Theme::Light);
            for (const QSize size : {QSize(960, 690), QSize(1580, 960)}) {
                const Shown shown(conninfo_, false, size);
                const QString name = QStringLiteral("%1/health_%2_%3").arg(folder, dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(size.width());
                QTest::qWait(50);
                shown.page->grab().save(name + QStringLiteral("_0.png"));
                QVERIFY(shown.select(QStringLiteral("Overlapping"), QStringLiteral("orders_status_idx")));
                QTest::qWait(50);
                shown.page->grab().save(name + QStringLiteral(".png"));
                shown.tab->findingsTable()->selectAll();
                QTest::qWait(50);
                shown.page->grab().save(name + QStringLiteral("_all.png"));
                shown.tab->lists()->setCurrent(QStringLiteral("indexes"));
                shown.tab->indexesTable()->setCurrentIndex(shown.tab->indexesTable()->model()->index(1, 0));
                QTest::qWait(50);
                shown.page->grab().save(name + QStringLiteral("_indexes.png"));
            }
        }
        ui::applyTheme(*qApp, ui::Theme::Light);
    }

private:
    std::string conninfo_;
};

QTEST_MAIN(TestHealthTab)
#include "tst_health_tab.moc"
