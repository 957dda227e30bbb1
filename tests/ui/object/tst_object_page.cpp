// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include "core/pg/catalog.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/er/er_page.h"
#include "ui/er/er_view.h"
#include "ui/object/dependency_model.h"
#include "ui/object/facts_table.h"
#include "ui/object/object_page.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr const char *objects_sql = R"(
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, country char(2), born date, notes text, score double precision);
COMMENT ON TABLE customers IS 'Everybody who has bought something';
CREATE TABLE products (id integer PRIMARY KEY, title text NOT NULL, price numeric(10,2) NOT NULL CHECK (price > 0));
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, placed_at timestamptz DEFAULT now(), total numeric(10,2), parent_id bigint REFERENCES orders);
CREATE TABLE order_items (order_id bigint NOT NULL REFERENCES orders, line integer NOT NULL, product_id integer REFERENCES products, quantity integer DEFAULT 1, PRIMARY KEY (order_id, line));
CREATE TABLE invoices (order_id bigint PRIMARY KEY REFERENCES orders, number text UNIQUE);
CREATE TABLE addresses (id integer PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, street text);
CREATE TABLE reviews (id integer PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, product_id integer NOT NULL REFERENCES products, stars smallint);
CREATE TABLE settings (key text PRIMARY KEY, value jsonb);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_never ON orders (total);
CREATE VIEW recent AS SELECT id, customer_id FROM orders WHERE placed_at > now() - interval '7 days';
CREATE FUNCTION order_count() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM orders); END $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touched BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO customers (name, country) SELECT 'n' || g, CASE WHEN g % 4 = 0 THEN NULL ELSE 'de' END FROM generate_series(1, 2000) g;
INSERT INTO orders (customer_id, total) SELECT 1 + g % 2000, g FROM generate_series(1, 20000) g;
DELETE FROM orders WHERE id % 2 = 0;
ANALYZE)";

void keepPicture(QWidget &widget, const QString &name)
{
    const QString folder = qEnvironmentVariable("HOWDAH_TEST_PICTURES");
    if (folder.isEmpty())
        return;
    for (const bool dark : {false, true}) {
        applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
        QTest::qWait(60);
        widget.grab().save(folder + QLatin1Char('/') + name + (dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png")));
    }
    applyTheme(*qApp, Theme::Light);
}

} // namespace

class TestObjectPage : public QObject
{
    Q_OBJECT

    std::shared_ptr<pg::Session> session_;
    std::unique_ptr<pg::Connection> connection_;

    ddl::ObjectRef table(const char *name) { return ddl::findObjects(*connection_, name).value().front(); }

private Q_SLOTS:
    void initTestCase()
    {
        applyTheme(*qApp, Theme::Light);
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase();
        connection_ = std::move(pg::Connection::open(spec).value());
        const auto made = connection_->run(objects_sql);
        QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
        session_ = std::make_shared<pg::Session>(spec);
    }

    void showsATable()
    {
        ObjectPage page(session_, table("orders"));
        page.resize(1100, 640);
        page.show();
        QSignalSpy loaded(&page, &ObjectPage::loaded);
        QVERIFY(loaded.wait());
        QCOMPARE(page.title(), QStringLiteral("orders"));
        const auto models = page.findChildren<FactsModel *>();
        QCOMPARE(models.size(), 7);
        for (FactsModel *model : models) {
            QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
            model->sort(0, Qt::DescendingOrder);
            model->sort(0, Qt::AscendingOrder);
        }
        QCOMPARE(models[0]->rowCount(), 5);
        QCOMPARE(models[0]->fact(1, 2).text, QStringLiteral("NOT NULL")); // sorted: customer_id, id …
        QVERIFY(models[0]->fact(1, 4).text.startsWith(QLatin1Char('~')));
        keepPicture(page, QStringLiteral("columns"));
        page.showSection(ObjectPage::Section::Indexes);
        keepPicture(page, QStringLiteral("indexes"));
        page.showSection(ObjectPage::Section::Storage);
        keepPicture(page, QStringLiteral("storage"));
        page.showSection(ObjectPage::Section::Dependencies);
        QVERIFY(loaded.wait());
        auto *model = page.findChild<DependencyModel *>();
        QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model->rowCount(), 2);
        QVERIFY(model->rowCount(model->index(1, 0)) >= 4);
        keepPicture(page, QStringLiteral("dependencies"));
        page.showSection(ObjectPage::Section::Definition);
        QVERIFY(loaded.wait());
        auto *editor = page.findChild<SqlEditor *>();
        QVERIFY(editor->isReadOnly());
        QVERIFY(QString::fromStdString(editor->utf8()).contains(QStringLiteral("CREATE TABLE public.orders (")));
        keepPicture(page, QStringLiteral("ddl"));
    }

    void showsAFunction()
    {
        ObjectPage page(session_, table("order_count"));
        QSignalSpy loaded(&page, &ObjectPage::loaded);
        QVERIFY(loaded.wait());
        QVERIFY(QString::fromStdString(page.findChild<SqlEditor *>()->utf8()).contains(QStringLiteral("CREATE FUNCTION public.order_count() RETURNS bigint")));
        QVERIFY(page.findChildren<FactsModel *>().isEmpty());
    }

    void drawsTheSchema()
    {
        const auto catalog = pg::readCatalog(*connection_).value();
        ErPage page(QStringLiteral("public"), catalog, [](const pg::Catalog &of) { return er::diagramOfSchema(of, "public"); });
        page.resize(1200, 760);
        page.show();
        QSignalSpy drawn(&page, &ErPage::drawn);
        QVERIFY(drawn.wait());
        ErView *view = page.view();
        QCOMPARE(view->diagram().boxes.size(), std::size_t(8));
        QCOMPARE(view->diagram().edges.size(), std::size_t(8));
        keepPicture(page, QStringLiteral("diagram"));
        QSignalSpy opened(view, &ErView::opened);
        view->setFocus();
        QTest::keyClick(view, Qt::Key_Right);
        QCOMPARE(view->chosen(), 0);
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toUInt(), view->diagram().boxes[0].oid);
        keepPicture(page, QStringLiteral("diagram-chosen"));
        QTemporaryDir folder;
        for (const char *const name : {"/a.svg", "/a.png"})
            QCOMPARE(view->save(folder.path() + QLatin1String(name)), QString());
        QSvgRenderer svg(folder.path() + QStringLiteral("/a.svg"));
        QVERIFY(svg.isValid());
        QVERIFY(!QImage(folder.path() + QStringLiteral("/a.png")).isNull());
        QVERIFY(!view->save(QStringLiteral("/nowhere/at/all.png")).isEmpty());
    }
};

QTEST_MAIN(TestObjectPage)
#include "tst_object_page.moc"
