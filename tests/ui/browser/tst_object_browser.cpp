// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <fmt/format.h>

#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/browser/object_face.h"
#include "ui/browser/object_model.h"
#include "ui/browser/object_sql.h"
#include "ui/browser/object_tooltip.h"
#include "ui/browser/object_tree.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr qint64 turn_ms = 100; ///< no turn of the event loop may take longer

constexpr const char *objects_sql = R"(
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, "E mail" varchar(80),
                    born timestamp with time zone DEFAULT now(), score double precision);
COMMENT ON TABLE users IS 'Everybody who <b>may</b> sign in';
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, total numeric(10,2) CHECK (total >= 0));
CREATE INDEX orders_user_id_idx ON orders (user_id);
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;
INSERT INTO orders SELECT n, NULL, n FROM generate_series(1, 50000) n;
CREATE TABLE events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (at);
CREATE TABLE events_2025_h1 PARTITION OF events_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
INSERT INTO events SELECT n, '2024-03-01' FROM generate_series(1, 5000) n;
CREATE VIEW recent AS SELECT id, total FROM orders WHERE id > 10;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) FROM orders GROUP BY user_id;
CREATE SEQUENCE numbers;
CREATE FUNCTION add_one(value integer) RETURNS integer LANGUAGE sql AS 'SELECT value + 1';
CREATE FUNCTION add_one(value bigint) RETURNS bigint LANGUAGE sql AS 'SELECT value + 1';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 1';
CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int); CREATE TABLE billing.users (id int);
CREATE SCHEMA empty;
)";

std::shared_ptr<const pg::Catalog> catalogOf(pg::Connection &connection, bool with_system = false)
{
    pg::CatalogOptions options;
    options.with_system_schemas = with_system;
    auto catalog = pg::readCatalog(connection, options);
    return catalog ? *catalog : nullptr;
}

std::shared_ptr<const pg::Catalog> largeCatalog(std::uint32_t tables)
{
    auto catalog = std::make_shared<pg::Catalog>();
    catalog->schemas.push_back({1, "public", "me", false});
    catalog->search_path = {"public"};
    catalog->relations.reserve(tables);
    for (std::uint32_t i = 0; i < tables; ++i) {
        pg::CatalogRelation relation;
        relation.oid = 1000 + i;
        relation.schema = "public";
        relation.name = fmt::format("table_{:06}", i);
        relation.size_bytes = (i * 7919LL) % 1'000'003 * 1024;
        relation.estimated_rows = i;
        for (std::int16_t c = 1; c <= 8; ++c) {
            pg::CatalogColumn column;
            column.name = fmt::format("column_{}", c);
            column.type = "bigint";
            column.attnum = c;
            relation.columns.push_back(std::move(column));
        }
        catalog->relations.push_back(std::move(relation));
    }
    catalog->buildLookups();
    return catalog;
}

ObjectKey groupKey(const std::string &schema, NodeGroup group, const std::string &relation = {})
{
    return {NodeKind::Group, group, schema, relation, {}};
}

ObjectKey relationKey(const std::string &schema, const std::string &name)
{
    return {NodeKind::Relation, NodeGroup::None, schema, name, {}};
}

QStringList childrenOf(const ObjectModel &model, const QModelIndex &parent)
{
    QStringList names;
    for (int row = 0; row < model.rowCount(parent); ++row)
        names << model.index(row, 0, parent).data().toString();
    return names;
}

/// The longest that the event loop was kept from answering while `done` was not yet so.
qint64 longestTurn(const std::function<bool()> &done)
{
    QElapsedTimer since;
    since.start();
    qint64 longest = 0;
    QTimer beat;
    beat.setInterval(0);
    QElapsedTimer last;
    last.start();
    QObject::connect(&beat, &QTimer::timeout, &beat, [&] {
        longest = std::max(longest, last.elapsed());
        last.restart();
    });
    beat.start();
    while (!done() && since.elapsed() < 20'000)
        QTest::qWait(1);
    return longest;
}

QStringList entriesOf(const QMenu &menu)
{
    QStringList texts;
    for (const QAction *action : menu.actions()) {
        if (!action->isSeparator())
            texts << action->text();
    }
    return texts;
}

} // namespace

class TestObjectBrowser : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void treeOfARealCatalog_data();
    void treeOfARealCatalog();
    void facesTellWhatNeedsAttention();
    void sqlIsAcceptedByTheServer();
    void refreshKeepsThePlace();
    void filterFinds();
    void keyboardAlone();
    void menuOffersAndTellsTheShell();
    void draggingGivesTheQuotedName();
    void statesWithoutATree();
    void systemSchemasOnDemand();
    void hundredThousandTables();
    void shortTypeNames();

private:
    QTemporaryDir settings_;
    std::unique_ptr<pg::Connection> connection_; ///< of 15, with the objects above
};

void TestObjectBrowser::initTestCase()
{
    QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, settings_.path());
    QCoreApplication::setOrganizationName(QStringLiteral("howdah-test"));
    QCoreApplication::setApplicationName(QStringLiteral("browser"));
    applyTheme(*qApp, Theme::Light);
    connection_ = test::freshConnection();
    const auto made = connection_->run(objects_sql);
    QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
}

void TestObjectBrowser::init()
{
    QSettings().clear();
}

void TestObjectBrowser::treeOfARealCatalog_data()
{
    QTest::addColumn<int>("major");
    for (const int major : test::majors())
        QTest::addRow("%d", major) << major;
}

void TestObjectBrowser::treeOfARealCatalog()
{
    QFETCH(int, major);
    const auto connection = test::freshConnection(major);
    QVERIFY(!connection->run(objects_sql).error);
    const auto catalog = catalogOf(*connection);
    QVERIFY(catalog);
    ObjectModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.showOutline(std::make_shared<CatalogOutline>(catalog, QStringLiteral("shop"), false));

    const QModelIndex database = model.index(0, 0);
    QCOMPARE(database.data().toString(), QStringLiteral("shop"));
    const QStringList schemas = childrenOf(model, database);
    QCOMPARE(schemas, QStringList({QStringLiteral("public"), QStringLiteral("billing"), QStringLiteral("empty"), QStringLiteral("Extensions")}));
    QCOMPARE(childrenOf(model, model.index(0, 0, database)),
             QStringList({QStringLiteral("Tables"), QStringLiteral("Views"), QStringLiteral("Materialized views"),
                          QStringLiteral("Sequences"), QStringLiteral("Functions")}));
    QVERIFY(!model.hasChildren(model.index(2, 0, database)));
    QCOMPARE(childrenOf(model, model.find(groupKey("public", NodeGroup::Tables))),
             QStringList({QStringLiteral("events"), QStringLiteral("orders"), QStringLiteral("users")}));
    QCOMPARE(childrenOf(model, model.find(groupKey("public", NodeGroup::Functions))).size(), 3);

    const QModelIndex orders = model.find(relationKey("public", "orders"));
    QCOMPARE(childrenOf(model, orders), QStringList({QStringLiteral("Columns"), QStringLiteral("Indexes"), QStringLiteral("Constraints")}));
    QCOMPARE(childrenOf(model, model.find(groupKey("public", NodeGroup::Constraints, "orders"))),
             QStringList({QStringLiteral("orders_pkey"), QStringLiteral("orders_total_check"), QStringLiteral("orders_user_id_fkey"),
                          QStringLiteral("positive")}));
    // A view has nothing but columns, so they stand right under it.
    QCOMPARE(childrenOf(model, model.find(relationKey("public", "recent"))), QStringList({QStringLiteral("id"), QStringLiteral("total")}));
    // Partitions stand under their parent, at every level, and nowhere else.
    QCOMPARE(childrenOf(model, model.find(groupKey("public", NodeGroup::Partitions, "events"))),
             QStringList({QStringLiteral("events_2024"), QStringLiteral("events_2025")}));
    const QModelIndex leaf = model.find(relationKey("public", "events_2025_h1"));
    QCOMPARE(leaf.parent().parent(), model.find(relationKey("public", "events_2025")));
    QCOMPARE(model.findRelation(model.object(leaf)->oid), leaf);

    // Every row can be found again by its key and says something about itself.
    int rows = 0;
    const std::function<void(const QModelIndex &)> visit = [&](const QModelIndex &index) {
        ++rows;
        QCOMPARE(model.find(model.key(index)), index);
        QVERIFY(!index.data(Qt::AccessibleTextRole).toString().isEmpty());
        QVERIFY(model.node(index)->kind == NodeKind::Group || !index.data(Qt::ToolTipRole).toString().isEmpty());
        for (int row = 0; row < model.rowCount(index); ++row)
            visit(model.index(row, 0, index));
    };
    visit(database);
    QVERIFY2(rows > 60, qPrintable(QString::number(rows)));

    model.setOrder(ObjectOrder::Size);
    QCOMPARE(childrenOf(model, model.find(groupKey("public", NodeGroup::Tables))).first(), QStringLiteral("orders"));
    QCOMPARE(model.find(relationKey("public", "users")).row(), 2);
}

void TestObjectBrowser::facesTellWhatNeedsAttention()
{
    const auto catalog = catalogOf(*connection_);
    ObjectModel model;
    model.showOutline(std::make_shared<CatalogOutline>(catalog, QStringLiteral("shop"), false));
    const auto face = [&](const ObjectKey &key) { return faceOf(*model.outline(), *model.node(model.find(key))); };

    const ObjectFace orders = face(relationKey("public", "orders"));
    QCOMPARE(orders.badge, QStringLiteral("never analysed"));
    QCOMPARE(orders.badge_tone, Tone::Warn);
    QVERIFY(orders.right.endsWith(QStringLiteral("MB")));
    const ObjectFace events = face(relationKey("public", "events"));
    QCOMPARE(events.badge, QStringLiteral("2 parts"));
    QVERIFY2(events.right != QStringLiteral("0 bytes"), "a parent's size is that of its partitions");
    QCOMPARE(face({NodeKind::Constraint, NodeGroup::None, "public", "orders", "positive"}).badge, QStringLiteral("not valid"));
    const ObjectFace id = face({NodeKind::Column, NodeGroup::None, "public", "orders", "id"});
    QCOMPARE(id.icon, QStringLiteral("key"));
    QVERIFY(id.required);
    QCOMPARE(face({NodeKind::Column, NodeGroup::None, "public", "orders", "user_id"}).icon, QStringLiteral("foreign-key"));
    QCOMPARE(face({NodeKind::Column, NodeGroup::None, "public", "users", "born"}).right, QStringLiteral("timestamptz"));
    QCOMPARE(face({NodeKind::Constraint, NodeGroup::None, "public", "orders", "orders_user_id_fkey"}).right, QStringLiteral("→ users"));

    // A comment is text, not markup.
    const QString note = tooltipOf(*model.outline(), *model.node(model.find(relationKey("public", "users"))));
    QVERIFY(note.contains(QStringLiteral("&lt;b&gt;may&lt;/b&gt;")));

    // An index whose building failed, as the server leaves it behind.
    QVERIFY(!connection_->query("CREATE UNIQUE INDEX CONCURRENTLY doubled ON events_2024 (at)"));
    const auto again = catalogOf(*connection_);
    model.showOutline(std::make_shared<CatalogOutline>(again, QStringLiteral("shop"), false));
    const ObjectFace doubled = face({NodeKind::Index, NodeGroup::None, "public", "events_2024", "doubled"});
    QCOMPARE(doubled.badge, QStringLiteral("invalid"));
    QCOMPARE(doubled.badge_tone, Tone::Bad);
    QVERIFY(connection_->query("DROP INDEX doubled"));

    pg::CatalogRelation relation;
    pg::CatalogIndex index;
    index.size_bytes = 64 * 1024 * 1024;
    QCOMPARE(attentionFor(relation, index)->badge, QStringLiteral("unused"));
    index.is_unique = true;
    QVERIFY(!attentionFor(relation, index));
    relation.estimated_rows = 1000;
    relation.live_tuples = 10'000;
    relation.modified_since_analyze = 9'000;
    QCOMPARE(attentionFor(relation)->badge, QStringLiteral("stale statistics"));
}

void TestObjectBrowser::sqlIsAcceptedByTheServer()
{
    const auto catalog = catalogOf(*connection_);
    ObjectModel model;
    model.showOutline(std::make_shared<CatalogOutline>(catalog, QStringLiteral("shop"), false));
    const CatalogOutline &outline = *model.outline();
    const auto node = [&](const ObjectKey &key) -> const ObjectNode & { return *model.node(model.find(key)); };
    const auto accepted = [&](const std::string &sql) {
        const auto outcome = connection_->run("BEGIN; " + sql + "; ROLLBACK;");
        if (outcome.error)
            qWarning("%s\n%s", sql.c_str(), outcome.error->text().c_str());
        if (outcome.error)
            static_cast<void>(connection_->query("ROLLBACK"));
        return !outcome.error;
    };
    for (const char *name : {"users", "orders", "recent"}) {
        const pg::CatalogRelation &relation = *catalog->find("public", name);
        QVERIFY(accepted(selectRows(outline, relation, 500)));
        QVERIFY(accepted(selectColumns(outline, relation, 500)));
    }
    QVERIFY(selectRows(outline, *catalog->find("billing", "users"), 500).find("billing.users") != std::string::npos);
    QVERIFY(selectRows(outline, *catalog->find("public", "users"), 500).find("public.") == std::string::npos);
    const std::string insert = insertTemplate(outline, *catalog->find("public", "users"));
    QVERIFY(insert.find("\"E mail\"") != std::string::npos);
    QVERIFY2(insert.find("(id") == std::string::npos, "the server numbers an identity column");
    const auto outcome = connection_->run(insert);
    QVERIFY(outcome.error && outcome.error->sqlstate == "23502"); // NULL in a NOT NULL column: the form itself is right

    QVERIFY(!definition(outline, node({NodeKind::Index, NodeGroup::None, "public", "orders", "orders_user_id_idx"})).empty());
    QVERIFY(accepted("DROP INDEX orders_user_id_idx; " +
                     definition(outline, node({NodeKind::Index, NodeGroup::None, "public", "orders", "orders_user_id_idx"}))));
    QVERIFY(accepted("ALTER TABLE orders DROP CONSTRAINT positive; " +
                     definition(outline, node({NodeKind::Constraint, NodeGroup::None, "public", "orders", "positive"}))));
    const auto view = connection_->query(definitionQuery(outline, node(relationKey("public", "recent"))));
    QVERIFY(view && view->result->rowCount() == 1);
    QVERIFY(accepted(std::string(view->result->cell(0, 0).text)));
    const auto function = connection_->query(
        definitionQuery(outline, node({NodeKind::Function, NodeGroup::None, "public", "add_one", "value integer"})));
    QVERIFY(function && accepted(std::string(function->result->cell(0, 0).text)));
}

void TestObjectBrowser::refreshKeepsThePlace()
{
    ObjectBrowser browser;
    browser.resize(260, 300);
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    browser.show();
    auto *tree = browser.findChild<ObjectTree *>(QStringLiteral("tree"));
    const ObjectModel &model = *tree->objects();
    QVERIFY2(tree->isExpanded(model.find(groupKey("public", NodeGroup::Tables))), "the first schema is open from the beginning");

    tree->expand(model.find(relationKey("public", "orders")));
    tree->expand(model.find(groupKey("public", NodeGroup::Columns, "orders")));
    tree->setCurrentIndex(model.find({NodeKind::Column, NodeGroup::None, "public", "orders", "total"}));
    tree->verticalScrollBar()->setValue(57);
    QSignalSpy selected(&browser, &ObjectBrowser::objectSelected);

    // A table that comes before all of them shifts every position.
    QVERIFY(connection_->query("CREATE TABLE aaa (id int)"));
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    QCOMPARE(tree->currentIndex().data().toString(), QStringLiteral("total"));
    QVERIFY(tree->isExpanded(model.find(groupKey("public", NodeGroup::Columns, "orders"))));
    QCOMPARE(tree->verticalScrollBar()->value(), 57);
    QCOMPARE(selected.count(), 0);
    QVERIFY(connection_->query("DROP TABLE aaa"));

    browser.reveal(model.outline()->catalog().find("public", "events_2025_h1")->oid);
    QCOMPARE(browser.selected()->name, QStringLiteral("events_2025_h1"));
    QCOMPARE(browser.selected()->kind, QStringLiteral("table"));

    // What is selected goes: the shell is told.
    QVERIFY(connection_->query("CREATE TABLE goes (id int)"));
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    browser.reveal(model.outline()->catalog().find("public", "goes")->oid);
    selected.clear();
    QVERIFY(connection_->query("DROP TABLE goes"));
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    QVERIFY(!browser.selected());
    QCOMPARE(selected.count(), 1);
}

void TestObjectBrowser::filterFinds()
{
    ObjectBrowser browser;
    browser.resize(300, 400);
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    browser.show();
    auto *filter = browser.findChild<QLineEdit *>();
    ObjectTree *found = browser.findChild<ObjectTree *>(QStringLiteral("found"));
    const auto search = [&](const char *text) {
        filter->clear();
        QTest::keyClicks(filter, QString::fromLatin1(text));
        const QStringList words = ObjectFilter::wordsOf(QString::fromLatin1(text));
        static_cast<void>(QTest::qWaitFor([&] { return found->objects()->words() == words; }, 3000));
        return childrenOf(*found->objects(), {});
    };
    QCOMPARE(search("orders").first(), QStringLiteral("orders"));
    QVERIFY(search("RECEN").contains(QStringLiteral("recent")));
    QVERIFY(search("add_o").contains(QStringLiteral("add_one")));
    // Several words: each in the path, one in the name.
    QCOMPARE(search("orders user_id").first(), QStringLiteral("user_id"));
    QCOMPARE(search("billing.users"), QStringList({QStringLiteral("users")}));
    QCOMPARE(found->objects()->object(found->objects()->index(0, 0))->schema, QStringLiteral("billing"));
    QVERIFY(search("no such thing").isEmpty());
    QVERIFY(!found->isVisible());

    // What is found can be opened like anything else.
    QCOMPARE(search("orders").first(), QStringLiteral("orders"));
    const QAbstractItemModelTester tester(found->objects(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(childrenOf(*found->objects(), found->objects()->index(0, 0)).first(), QStringLiteral("Columns"));
    QCOMPARE(browser.selected()->name, QStringLiteral("orders"));

    QTest::keyClick(filter, Qt::Key_Escape);
    QVERIFY(filter->text().isEmpty());
    QVERIFY(browser.findChild<ObjectTree *>(QStringLiteral("tree"))->isVisible());
    QCOMPARE(found->objects()->rowCount(), 0);
}

void TestObjectBrowser::keyboardAlone()
{
    ObjectBrowser browser;
    browser.resize(300, 500);
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    browser.show();
    QVERIFY(QTest::qWaitForWindowExposed(&browser));
    QSignalSpy activated(&browser, &ObjectBrowser::objectActivated);
    QSignalSpy inserted(&browser, &ObjectBrowser::insertRequested);
    QSignalSpy written(&browser, &ObjectBrowser::sqlRequested);
    auto *filter = browser.findChild<QLineEdit *>();
    ObjectTree *tree = browser.findChild<ObjectTree *>(QStringLiteral("tree"));
    ObjectTree *found = browser.findChild<ObjectTree *>(QStringLiteral("found"));

    browser.focusFilter();
    QVERIFY(filter->hasFocus());
    QTest::keyClicks(filter, QStringLiteral("orders"));
    QTRY_VERIFY(found->objects()->rowCount() > 0);
    QTest::keyClick(filter, Qt::Key_Return);
    QCOMPARE(activated.count(), 1);
    QCOMPARE(activated.first().first().value<CatalogObject>().name, QStringLiteral("orders"));
    QTest::keyClick(filter, Qt::Key_Down);
    QVERIFY(found->hasFocus());
    QTest::keyClick(found, Qt::Key_Escape);
    QVERIFY(filter->text().isEmpty());

    // Type-ahead, arrows, Enter in the tree.
    tree->setFocus();
    tree->setCurrentIndex(tree->objects()->find(groupKey("public", NodeGroup::Tables)));
    QTest::keyClicks(tree, QStringLiteral("use"));
    QCOMPARE(browser.selected()->name, QStringLiteral("users"));
    QTest::keyClick(tree, Qt::Key_Right);
    QVERIFY(tree->isExpanded(tree->currentIndex()));
    QTest::keyClick(tree, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("users"));
    tree->setCurrentIndex(tree->objects()->find({NodeKind::Column, NodeGroup::None, "public", "users", "E mail"}));
    QTest::keyClick(tree, Qt::Key_Return);
    QCOMPARE(inserted.takeFirst().first().toString(), QStringLiteral("\"E mail\""));
    tree->setCurrentIndex(tree->objects()->find({NodeKind::Index, NodeGroup::None, "public", "orders", "orders_user_id_idx"}));
    QTest::keyClick(tree, Qt::Key_Return);
    QVERIFY(written.takeFirst().at(1).toString().startsWith(QStringLiteral("CREATE INDEX")));
    const QModelIndex tables = tree->objects()->find(groupKey("public", NodeGroup::Tables));
    tree->setCurrentIndex(tables);
    QTest::keyClick(tree, Qt::Key_Return);
    QVERIFY2(!tree->isExpanded(tables), "Enter folds a group");
    // A double click on a relation does what Enter does.
    tree->expand(tables);
    const QModelIndex users = tree->objects()->find(relationKey("public", "users"));
    tree->scrollTo(users);
    activated.clear();
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(users).center());
    QTest::mouseDClick(tree->viewport(), Qt::LeftButton, {}, tree->visualRect(users).center());
    QCOMPARE(activated.count(), 1);
}

void TestObjectBrowser::menuOffersAndTellsTheShell()
{
    ObjectBrowser browser;
    browser.resize(300, 500);
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    browser.show();
    ObjectTree *tree = browser.findChild<ObjectTree *>(QStringLiteral("tree"));
    QSignalSpy written(&browser, &ObjectBrowser::sqlRequested);
    QStringList offered;
    QString about;
    QMenu *shown = nullptr;
    connect(&browser, &ObjectBrowser::menuRequested, this, [&](const CatalogObject &object, QMenu *menu) {
        about = object.kind + QLatin1Char(' ') + object.name;
        menu->addAction(QStringLiteral("A tool's entry"));
        offered = entriesOf(*menu);
        shown = menu;
    });
    const auto ask = [&](const ObjectKey &key) {
        tree->setCurrentIndex(tree->objects()->find(key));
        QContextMenuEvent event(QContextMenuEvent::Keyboard, QPoint(), QPoint());
        QCoreApplication::sendEvent(tree->viewport(), &event);
    };
    ask(relationKey("public", "orders"));
    QCOMPARE(about, QStringLiteral("table orders"));
    QVERIFY(shown->isVisible());
    QCOMPARE(offered.first(), QStringLiteral("Select first 500 rows"));
    QCOMPARE(offered.last(), QStringLiteral("A tool's entry"));
    shown->actions().first()->trigger();
    QCOMPARE(written.takeFirst().at(1).toString(), QStringLiteral("SELECT *\nFROM orders\nLIMIT 500;\n"));
    shown->close();
    ask({NodeKind::Index, NodeGroup::None, "public", "orders", "orders_user_id_idx"});
    QVERIFY(offered.contains(QStringLiteral("Copy definition")));
    shown->close();
    ask(relationKey("public", "recent"));
    QCOMPARE(about, QStringLiteral("view recent"));
    QVERIFY(offered.contains(QStringLiteral("Query its definition")));
    shown->close();
    ask(groupKey("public", NodeGroup::Tables));
    QCOMPARE(about, QStringLiteral("schema public"));
    shown->close();
}

void TestObjectBrowser::draggingGivesTheQuotedName()
{
    ObjectModel model;
    model.showOutline(std::make_shared<CatalogOutline>(catalogOf(*connection_), QStringLiteral("shop"), false));
    const auto dragged = [&](const ObjectKey &key) {
        const std::unique_ptr<QMimeData> data(model.mimeData({model.find(key)}));
        return data->text();
    };
    QCOMPARE(dragged(relationKey("public", "users")), QStringLiteral("users"));
    QCOMPARE(dragged(relationKey("billing", "users")), QStringLiteral("billing.users"));
    QCOMPARE(dragged({NodeKind::Column, NodeGroup::None, "public", "users", "E mail"}), QStringLiteral("\"E mail\""));
    QVERIFY(!(model.flags(model.find(groupKey("public", NodeGroup::Tables))) & Qt::ItemIsDragEnabled));
}

void TestObjectBrowser::statesWithoutATree()
{
    ObjectBrowser browser;
    browser.resize(260, 400);
    browser.show();
    QSignalSpy connects(&browser, &ObjectBrowser::connectRequested);
    QSignalSpy refreshes(&browser, &ObjectBrowser::refreshRequested);
    const auto button = [&](const QString &text) {
        for (QPushButton *each : browser.findChildren<QPushButton *>()) {
            if (each->isVisible() && each->text() == text)
                return each;
        }
        return static_cast<QPushButton *>(nullptr);
    };
    QVERIFY(button(QStringLiteral("Connect")));
    button(QStringLiteral("Connect"))->click();
    QCOMPARE(connects.count(), 1);
    QVERIFY(!browser.selected());
    browser.setCatalog(nullptr, QStringLiteral("shop"));
    browser.setLoading(true);
    QVERIFY(!button(QStringLiteral("Connect")));
    browser.setLoading(false);
    Error error;
    error.kind = ErrorKind::Server;
    error.sqlstate = "42501";
    error.message = "permission denied for function pg_database_size";
    browser.setFailure(error);
    QVERIFY(button(QStringLiteral("Try again")));
    button(QStringLiteral("Try again"))->click();
    QCOMPARE(refreshes.count(), 1);
    browser.setFailure(std::nullopt);
    QVERIFY(!button(QStringLiteral("Try again")));
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    QVERIFY(browser.findChild<ObjectTree *>(QStringLiteral("tree"))->isVisible());
    browser.setDisconnected();
    QVERIFY(button(QStringLiteral("Connect")));
    QCOMPARE(browser.findChild<ObjectTree *>(QStringLiteral("tree"))->objects()->rowCount(), 0);
}

void TestObjectBrowser::systemSchemasOnDemand()
{
    ObjectBrowser browser;
    browser.setCatalog(catalogOf(*connection_), QStringLiteral("shop"));
    QSignalSpy refreshes(&browser, &ObjectBrowser::refreshRequested);
    const ObjectModel &model = *browser.findChild<ObjectTree *>(QStringLiteral("tree"))->objects();
    QAction *toggle = nullptr;
    for (QAction *action : browser.findChildren<QAction *>()) {
        if (action->text() == QStringLiteral("Show system schemas"))
            toggle = action;
    }
    QVERIFY(toggle);
    toggle->trigger();
    QVERIFY(browser.wantsSystemSchemas());
    QCOMPARE(refreshes.count(), 1);
    browser.setCatalog(catalogOf(*connection_, true), QStringLiteral("shop"));
    QVERIFY(childrenOf(model, model.index(0, 0)).contains(QStringLiteral("pg_catalog")));
    QCOMPARE(childrenOf(model, model.index(0, 0)).first(), QStringLiteral("public"));
    toggle->trigger();
    QVERIFY(!childrenOf(model, model.index(0, 0)).contains(QStringLiteral("pg_catalog")));
    QCOMPARE(refreshes.count(), 1);
}

void TestObjectBrowser::hundredThousandTables()
{
    constexpr std::uint32_t tables = 100'000;
    const auto first = largeCatalog(tables);
    auto second = largeCatalog(tables);
    ObjectBrowser browser;
    browser.resize(280, 700);
    browser.show();
    QVERIFY(QTest::qWaitForWindowExposed(&browser));
    ObjectTree *tree = browser.findChild<ObjectTree *>(QStringLiteral("tree"));
    ObjectTree *found = browser.findChild<ObjectTree *>(QStringLiteral("found"));
    auto *filter = browser.findChild<QLineEdit *>();
    QElapsedTimer timer;
    const auto took = [&](const char *what) {
        const qint64 ms = timer.restart();
        qInfo("%s: %lld ms", what, static_cast<long long>(ms));
        return ms;
    };
    timer.start();
    browser.setCatalog(first, QStringLiteral("large"));
    QVERIFY(took("set 100,000 tables and open their group") < turn_ms);
    tree->doItemsLayout();
    tree->repaint();
    QVERIFY(took("lay out and paint") < turn_ms);
    const QModelIndex group = tree->objects()->find(groupKey("public", NodeGroup::Tables));
    QCOMPARE(tree->objects()->rowCount(group), static_cast<int>(tables));
    tree->collapse(group);
    timer.restart();
    tree->expand(group);
    tree->repaint();
    QVERIFY(took("expand again") < turn_ms);
    browser.reveal(1000 + 77'777);
    tree->repaint();
    QVERIFY(took("reveal one") < turn_ms);
    QCOMPARE(browser.selected()->name, QStringLiteral("table_077777"));
    browser.setCatalog(second, QStringLiteral("large"));
    second.reset();
    QVERIFY(took("refresh") < turn_ms);
    QCOMPARE(browser.selected()->name, QStringLiteral("table_077777"));
    tree->repaint();
    timer.restart();

    for (const char *text : {"t", "table_0123", "column_7 0456", "nothing"}) {
        filter->clear();
        const QStringList words = ObjectFilter::wordsOf(QString::fromLatin1(text));
        timer.restart();
        filter->setText(QString::fromLatin1(text));
        const qint64 longest = longestTurn([&] { return found->objects()->words() == words; });
        qInfo("filter \"%s\": answered after %lld ms, longest turn %lld ms", text, static_cast<long long>(timer.elapsed()),
              static_cast<long long>(longest));
        QCOMPARE(found->objects()->words(), words);
        QVERIFY(longest < turn_ms);
    }
    filter->setText(QStringLiteral("table_012345"));
    QTRY_COMPARE(found->objects()->rowCount(), 1);
}

void TestObjectBrowser::shortTypeNames()
{
    QCOMPARE(shortType("timestamp with time zone"), QStringLiteral("timestamptz"));
    QCOMPARE(shortType("timestamp(3) with time zone"), QStringLiteral("timestamptz(3)"));
    QCOMPARE(shortType("timestamp without time zone[]"), QStringLiteral("timestamp[]"));
    QCOMPARE(shortType("time with time zone"), QStringLiteral("timetz"));
    QCOMPARE(shortType("character varying(20)"), QStringLiteral("varchar(20)"));
    QCOMPARE(shortType("character(3)"), QStringLiteral("char(3)"));
    QCOMPARE(shortType("\"character varying\""), QStringLiteral("\"character varying\""));
    QCOMPARE(shortType("numeric(10,2)"), QStringLiteral("numeric(10,2)"));
}

QTEST_MAIN(TestObjectBrowser)
#include "tst_object_browser.moc"
