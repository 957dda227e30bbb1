// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <random>

#include <QElapsedTimer>
#include <QtTest>

#include "core/complete/complete.h"
#include "core/complete/match.h"
#include "core/pg/catalog.h"
#include "core/pg/connection.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::complete;

namespace {

constexpr const char *schema_sql = R"(
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, email text UNIQUE, feeling mood, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, total numeric(10,2) NOT NULL, placed_at timestamptz);
CREATE TABLE products (sku text PRIMARY KEY, title text NOT NULL, price numeric CHECK (price > 0));
CREATE TABLE order_items (order_id bigint REFERENCES orders, line int, sku text REFERENCES products, quantity int, PRIMARY KEY (order_id, line));
CREATE TABLE employees (id int PRIMARY KEY, boss_id int REFERENCES employees, "Full Name" text);
CREATE TABLE "Mixed Case" (id int, "select" int);
CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;
CREATE MATERIALIZED VIEW totals AS SELECT customer_id, sum(total) AS sum_total FROM orders GROUP BY 1;
CREATE SCHEMA stock;
CREATE TABLE stock.places (id int PRIMARY KEY, shelf text, product text REFERENCES products);
CREATE TABLE stock.orders (id int, wanted int);
CREATE FUNCTION stock.free_shelves(minimum integer DEFAULT 1) RETURNS TABLE (shelf text, room integer) LANGUAGE sql AS 'SELECT ''a'', 1';
CREATE FUNCTION discount(amount numeric, percent numeric DEFAULT 10, note text DEFAULT 'a, b') RETURNS numeric LANGUAGE sql AS 'SELECT amount';
CREATE PROCEDURE clean_up(older_than interval) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE INDEX orders_placed ON orders (placed_at);
)";

std::shared_ptr<const Snapshot> snapshot(int major = 15)
{
    static std::map<int, std::shared_ptr<const Snapshot>> made;
    auto &one = made[major];
    if (!one) {
        const auto connection = test::freshConnection(major);
        const auto run = connection->run(schema_sql);
        if (run.error)
            qFatal("%s", run.error->text().c_str());
        pg::CatalogOptions options;
        options.with_words = true;
        auto read = pg::readCatalog(*connection, options);
        if (!read)
            qFatal("%s", read.error().text().c_str());
        one = Snapshot::of(*read);
    }
    return one;
}

Completion at(std::string text, const Snapshot &from, const UseCounts *uses = nullptr, bool words = false)
{
    const std::size_t cursor = text.find('|');
    if (cursor == std::string::npos)
        qFatal("no cursor in %s", text.c_str());
    text.erase(cursor, 1);
    Request request;
    request.text = text;
    request.cursor = {cursor};
    request.uses = uses;
    request.with_words = words;
    return complete::complete(from, request);
}

QStringList inserts(const Completion &completion)
{
    QStringList list;
    for (const auto &candidate : completion.candidates)
        list << QString::fromStdString(candidate.insert).trimmed();
    return list;
}

} // namespace

class TestComplete : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matches_data();
    void matches();
    void offers_data();
    void offers();
    void ranksFirst_data();
    void ranksFirst();
    void isSilentInCommentsAndLiterals();
    void replacesTheWholeName();
    void knowsTriggerRows();
    void tellsSignatures();
    void prefersWhatIsUsed();
    void knowsBuiltInsWithoutACatalog();
    void worksOnEveryVersion();
    void survivesAnything();
    void staysQuickOnHugeTexts();
};

void TestComplete::matches_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("better");
    QTest::addColumn<QString>("worse");
    QTest::newRow("exact before prefix") << "orders" << "orders" << "orders_old";
    QTest::newRow("prefix before initials") << "oi" << "oil" << "order_items";
    QTest::newRow("initials before word") << "oi" << "order_items" << "sold_oil";
    QTest::newRow("word before middle") << "item" << "order_items" << "ordersitem";
    QTest::newRow("middle before letters") << "der" << "order_items" << "d_xe_xr";
    QTest::newRow("any case") << "ORD" << "orders" << "xord";
    QTest::newRow("parts of words") << "oritem" << "order_items" << "o_r_x";
}

void TestComplete::matches()
{
    QFETCH(QString, typed);
    QFETCH(QString, better);
    QFETCH(QString, worse);
    const int good = match(typed.toStdString(), better.toStdString());
    QVERIFY(good > 0);
    QVERIFY2(good > match(typed.toStdString(), worse.toStdString()), qPrintable(QString::number(good)));
    QCOMPARE(match("xyz", "orders"), 0);
    for (const auto byte : matchedBytes(typed.toStdString(), better.toStdString()))
        QVERIFY(byte < better.size());
    QVERIFY(!matchedBytes(typed.toStdString(), better.toStdString()).empty());
}

void TestComplete::offers_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("offered");
    QTest::addColumn<QStringList>("not_offered");
    const auto row = [](const char *text, const char *offered, const char *not_offered = "") {
        QTest::newRow(text) << text << QString::fromUtf8(offered).split(QLatin1Char(';'), Qt::SkipEmptyParts) << QString::fromUtf8(not_offered).split(QLatin1Char(';'), Qt::SkipEmptyParts);
    };
    row("|", "SELECT;INSERT INTO;WITH;UPDATE", "orders;id");
    row("sel|", "select", "SELECT");
    row("SELECT * FROM |", "orders;customers;stock.places;big_orders;\"Mixed Case\";stock.;LATERAL", "orders.;id;count()");
    row("SELECT * FROM stock.|", "places;orders;free_shelves()", "stock.places;customers");
    row("SELECT * FROM stock.orders, pl|", "stock.places", "places");
    row("SELECT | FROM orders", "id;customer_id;total;orders.;count(*);CASE;DISTINCT", "name;FROM");
    row("SELECT * FROM orders o, customers c WHERE |", "o.id;c.id;total;name;NOT;EXISTS", "id;shelf");
    row("SELECT * FROM orders o WHERE o.|", "id;customer_id;total;placed_at", "name;o;count()");
    row("SELECT o.| FROM orders o", "*;total", "name");
    row("SELECT stock.orders.| FROM stock.orders", "wanted", "total");
    row("SELECT \"Mi| FROM x", "", "");
    row("SELECT * FROM \"Mixed Case\" m WHERE m.|", "id;\"select\"");
    row("SELECT * FROM employees e WHERE e.fu|", "\"Full Name\"");
    row("SELECT * FROM orders |", "WHERE;JOIN;LEFT JOIN;ORDER BY", "total;customers;SELECT");
    row("SELECT * FROM orders o |", "WHERE;JOIN", "total");
    row("SELECT * FROM orders WHERE total |", "AND;IS NULL;BETWEEN;IN;ORDER BY", "id;customers");
    row("SELECT * FROM orders o JOIN | ", "customers c ON c.id = o.customer_id;order_items oi ON oi.order_id = o.id;products", "c.id");
    row("SELECT * FROM orders JOIN |", "customers ON customers.id = orders.customer_id");
    row("select * from orders o join cus|", "customers c on c.id = o.customer_id;customers");
    row("SELECT * FROM employees e JOIN em|", "employees e2 ON e2.boss_id = e.id;employees e2 ON e2.id = e.boss_id");
    row("SELECT * FROM products p JOIN pl|", "stock.places p2 ON p2.product = p.sku");
    row("SELECT * FROM orders o JOIN customers c ON |", "c.id = o.customer_id;o.id;name");
    row("SELECT * FROM customers c JOIN orders o ON |", "o.customer_id = c.id");
    row("SELECT * FROM orders o JOIN totals t ON |", "t.customer_id = o.customer_id");
    row("SELECT * FROM orders o JOIN totals t USING (|", "customer_id", "total;id");
    row("SELECT * FROM orders o JOIN customers c |", "ON;USING", "WHERE x");
    row("SELECT * FROM orders LEFT |", "JOIN;OUTER JOIN", "orders");
    row("SELECT customer_id, sum(total) AS revenue FROM orders GROUP BY |", "customer_id;total", "");
    row("SELECT customer_id, sum(total) AS revenue FROM orders GROUP BY 1 ORDER BY |", "revenue;total");
    row("SELECT id FROM orders ORDER BY id |", "DESC;ASC;NULLS LAST;LIMIT", "total");
    row("SELECT id FROM orders ORDER |", "BY", "total");
    row("WITH recent AS (SELECT id, total AS amount FROM orders) SELECT * FROM |", "recent;orders");
    row("WITH recent AS (SELECT id, total AS amount FROM orders) SELECT | FROM recent", "id;amount", "total");
    row("WITH r AS (SELECT * FROM orders) SELECT r.| FROM r", "customer_id;placed_at", "name");
    row("WITH r(a, b) AS (SELECT 1, 2) SELECT | FROM r", "a;b");
    row("WITH a AS (SELECT id FROM orders), b AS (SELECT * FROM |) SELECT 1", "a;orders", "b");
    row("WITH RECURSIVE t AS (SELECT id, boss_id FROM employees UNION ALL SELECT e.id, e.boss_id FROM employees e JOIN t ON |) SELECT 1", "t.id;e.id;t.boss_id");
    row("WITH a AS (SELECT |) SELECT 1 FROM orders", "", "total;orders.");
    row("WITH a AS (INSERT INTO orders (total) VALUES (1) RETURNING id, total) SELECT | FROM a", "id;total", "placed_at");
    row("SELECT s.| FROM (SELECT id AS order_id, count(*) FROM orders GROUP BY 1) s", "order_id;count", "total");
    row("SELECT s.| FROM (SELECT c.*, o.total FROM customers c JOIN orders o ON true) AS s", "name;email;total", "placed_at");
    row("SELECT v.| FROM (VALUES (1, 'a'), (2, 'b')) v", "column1;column2");
    row("SELECT v.| FROM (VALUES (1, 'a')) AS v (num, word)", "num;word", "column1");
    row("SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.|)", "customer_id", "name");
    row("SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE |)", "total;name;o.id");
    row("SELECT * FROM orders o, (SELECT | FROM customers c) s", "name", "total");
    row("SELECT * FROM orders o, LATERAL (SELECT | FROM customers c) s", "name;total");
    row("SELECT f.| FROM stock.free_shelves(1) f", "shelf;room");
    row("SELECT g.| FROM generate_series(1, 3) AS g (n)", "n");
    row("SELECT (SELECT max(|) FROM orders)", "total");
    row("SELECT * FROM orders WHERE id IN (|", "SELECT;total");
    row("SELECT count(*) OVER (|) FROM orders", "PARTITION BY;ORDER BY");
    row("SELECT count(*) OVER (PARTITION BY |) FROM orders", "customer_id");
    row("SELECT id FROM orders UNION SELECT | FROM customers", "name", "total");
    row("SELECT 1 UNION |", "ALL;SELECT");
    row("INSERT INTO |", "orders;customers;totals", "pg_class");
    row("INSERT INTO orders |", "(customer_id, total, placed_at);(customer_id, total);VALUES;SELECT");
    row("INSERT INTO orders (|", "customer_id;total", "name");
    row("INSERT INTO orders (customer_id, |", "total;placed_at", "customer_id");
    row("INSERT INTO orders (customer_id) |", "VALUES;SELECT");
    row("INSERT INTO orders (total) VALUES (1) |", "ON CONFLICT;RETURNING");
    row("INSERT INTO orders (total) SELECT | FROM products", "price;sku", "");
    row("INSERT INTO order_items VALUES (1) ON CONFLICT |", "(order_id, line);DO NOTHING;ON CONSTRAINT");
    row("INSERT INTO order_items VALUES (1) ON CONFLICT (order_id, |", "line;quantity", "order_id");
    row("INSERT INTO order_items VALUES (1) ON CONFLICT ON CONSTRAINT |", "order_items_pkey", "order_items_sku_fkey");
    row("INSERT INTO order_items VALUES (1) ON CONFLICT (order_id, line) DO UPDATE SET |", "quantity;sku", "excluded.sku");
    row("INSERT INTO order_items VALUES (1) ON CONFLICT (order_id, line) DO UPDATE SET quantity = excluded.|", "quantity;sku", "total");
    row("INSERT INTO orders (total) VALUES (1) RETURNING |", "id;total");
    row("UPDATE |", "orders;customers", "count()");
    row("UPDATE orders |", "SET");
    row("UPDATE orders SET |", "total;placed_at", "orders.total;name");
    row("UPDATE orders SET total = 1, |", "placed_at", "name");
    row("UPDATE orders SET total = |", "total;discount()");
    row("UPDATE orders o SET total = 1 FROM customers c WHERE c.|", "name", "total");
    row("UPDATE orders SET total = 1 |", "WHERE;FROM;RETURNING");
    row("DELETE FROM orders |", "WHERE;USING");
    row("DELETE FROM orders WHERE |", "total;customer_id", "name");
    row("DELETE FROM orders USING customers c WHERE |", "name;total");
    row("MERGE INTO orders o USING customers c ON |", "c.id = o.customer_id;total;name");
    row("MERGE INTO orders o USING customers c ON true WHEN MATCHED THEN UPDATE SET |", "total;placed_at", "name");
    row("SET |", "search_path;work_mem;LOCAL", "orders");
    row("SET sta|", "statement_timeout");
    row("SET default_transaction_isolation TO |", "'repeatable read';serializable");
    row("SET jit = |", "on;off;DEFAULT");
    row("SET search_path TO |", "stock;public");
    row("SHOW work|", "work_mem");
    row("ALTER TABLE |", "orders;customers;stock.places", "count()");
    row("ALTER TABLE orders |", "ADD COLUMN;DROP COLUMN;ALTER COLUMN;RENAME TO", "total");
    row("ALTER TABLE orders DROP COLUMN |", "total;placed_at", "name");
    row("ALTER TABLE orders ALTER COLUMN |", "total");
    row("ALTER TABLE orders ALTER COLUMN total |", "TYPE;SET NOT NULL;DROP DEFAULT");
    row("ALTER TABLE orders ALTER COLUMN total TYPE |", "numeric;text;mood");
    row("ALTER TABLE orders ADD COLUMN x |", "text;integer;timestamptz;mood", "orders");
    row("ALTER TABLE orders ADD COLUMN x numeric(10,2) |", "NOT NULL;DEFAULT");
    row("ALTER TABLE orders DROP CONSTRAINT |", "orders_pkey;orders_customer_id_fkey", "products_pkey");
    row("ALTER TABLE orders ADD COLUMN a int, |", "DROP COLUMN;ADD COLUMN");
    row("CREATE TABLE t (id |", "bigint;integer;uuid;mood", "orders");
    row("CREATE TABLE t (id int, name |", "text;varchar");
    row("CREATE TABLE t (id int |", "NOT NULL;PRIMARY KEY;REFERENCES");
    row("CREATE TABLE t (id int REFERENCES |", "orders;customers");
    row("CREATE TABLE t (id int REFERENCES orders (|", "id;customer_id", "name");
    row("CREATE INDEX ON |", "orders");
    row("CREATE INDEX ON orders (|", "total;placed_at;lower()", "name");
    row("CREATE INDEX i ON orders USING |", "btree;gin;brin");
    row("CREATE VIEW v AS SELECT | FROM orders", "total", "name");
    row("CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION |", "touched()", "discount()");
    row("CREATE EXTENSION |", "", "plpgsql");
    row("DROP TABLE |", "orders;IF EXISTS");
    row("DROP INDEX |", "orders_placed", "orders");
    row("REFRESH MATERIALIZED VIEW |", "totals", "orders;big_orders");
    row("EXPLAIN (ANALYZE) SELECT | FROM orders", "total");
    row("EXPLAIN (|", "ANALYZE;BUFFERS");
    row("SELECT total::| FROM orders", "text;integer;numeric;mood", "total;orders");
    row("SELECT CAST(total AS |) FROM orders", "text;bigint", "total");
    row("SELECT total AS | FROM orders", "", "total;text;FROM");
    row("SELECT * FROM orders WHERE total IS |", "NULL;NOT NULL;DISTINCT FROM", "total");
    row("CALL |", "clean_up()", "discount()");
    row("TRUNCATE |", "orders");
    row("COPY orders (|", "total");
    row("GRANT SELECT ON |", "orders;customers");
    row("COMMENT ON COLUMN orders.|", "total");
    row("DO $$ BEGIN UPDATE orders SET |; END $$", "total", "name");
    row("CREATE FUNCTION f(wanted int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE amount int; BEGIN SELECT | FROM orders; END $$", "wanted;amount;total", "name");
    row("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $b$ BEGIN IF true THEN SELECT * FROM | END IF; END $b$", "orders;customers");
    row("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT | FROM orders; END", "total");
    row("SELECT 1; SELECT | FROM orders; SELECT 2", "total");
    row("SELECT | FROM orders\n\nSELECT * FROM customers", "total", "name");
    row("SELECT count(| FROM orders", "total");
    row("SELECT * FROM orders o\nJOIN customers c ON o.customer_id = c.id\nWHERE c.|\nORDER BY o.id;", "name", "total");
    row("SELECT a.id FROM orders AS a WHERE a.total > (SELECT avg(b.|) FROM orders b)", "total");
    row("SELECT * FROM pg_catalog.|", "pg_class;pg_stat_activity", "orders");
    row("SELECT * FROM pg_stat_act|", "pg_stat_activity");
    row("SELECT query FROM pg_stat_activity WHERE |", "state;pid;usename");
    row("SELECT * FROM orders FOR |", "UPDATE;SHARE");
    row("SELECT CASE WHEN total > 1 | FROM orders", "THEN;AND");
    row("SELECT extract(|) FROM orders", "year;month;epoch");
    row("SELECT cust|", "customer_id");
}

void TestComplete::offers()
{
    QFETCH(QString, text);
    QFETCH(QStringList, offered);
    QFETCH(QStringList, not_offered);
    const Completion completion = at(text.toStdString(), *snapshot());
    const QStringList got = inserts(completion);
    for (const QString &one : offered)
        QVERIFY2(got.contains(one.trimmed()), qPrintable(QStringLiteral("%1 is missing in: %2").arg(one, got.mid(0, 60).join(QStringLiteral("; ")))));
    for (const QString &one : not_offered)
        QVERIFY2(!got.contains(one.trimmed()), qPrintable(QStringLiteral("%1 must not be in: %2").arg(one, got.mid(0, 60).join(QStringLiteral("; ")))));
}

void TestComplete::ranksFirst_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("first");
    const auto row = [](const char *text, const char *first) { QTest::newRow(text) << text << first; };
    row("SELECT * FROM ord|", "orders");
    row("SELECT * FROM oi|", "order_items");
    row("SELECT * FROM orders o JOIN |", "customers c ON c.id = o.customer_id");
    row("SELECT * FROM orders o JOIN customers c ON |", "c.id = o.customer_id");
    row("SELECT to| FROM orders", "total");
    row("SELECT cou| FROM orders", "count(*)");
    row("SELECT * FROM orders WHERE tot|", "total");
    row("SELECT * FROM orders wh|", "where");
    row("SELECT * FR|", "FROM");
    row("SELECT * FROM orders ORDER BY id de|", "desc");
    row("INSERT INTO orders |", "(customer_id, total, placed_at)");
    row("SELECT * FROM orders o WHERE o.p|", "placed_at");
    row("SELECT id AS first_one FROM orders ORDER BY |", "first_one");
    row("SELECT 1::int|", "int");
    row("ALTER TABLE orders |", "ADD COLUMN");
    row("UPDATE orders |", "SET");
}

void TestComplete::ranksFirst()
{
    QFETCH(QString, text);
    QFETCH(QString, first);
    const QStringList got = inserts(at(text.toStdString(), *snapshot()));
    QVERIFY(!got.isEmpty());
    QVERIFY2(got.first() == first, qPrintable(got.mid(0, 8).join(QStringLiteral("; "))));
}

void TestComplete::isSilentInCommentsAndLiterals()
{
    for (const char *text : {"SELECT 'or|'", "SELECT 'or|", "-- ord|", "/* ord| */", "SELECT 1 /* a|", "SELECT E'a\\'|'", "SELECT 12|", "SELECT $1|", "\\d ord|", "SELECT $$ab|c",
                             "SELECT 1 -- from |\n FROM orders"}) {
        const Completion completion = at(text, *snapshot());
        if (std::string_view(text).find("$$") == std::string_view::npos)
            QVERIFY2(completion.candidates.empty(), text);
    }
    QVERIFY(!at("SELECT 'x' |", *snapshot()).candidates.empty());
    QVERIFY(!at("-- x\n|", *snapshot()).candidates.empty());
}

void TestComplete::replacesTheWholeName()
{
    const auto completion = at("SELECT * FROM ord|xx WHERE true", *snapshot());
    QCOMPARE(completion.typed, std::string("ord"));
    QCOMPARE(completion.replaced.begin.value, std::size_t{14});
    QCOMPARE(completion.replaced.end.value, std::size_t{19});
    const auto quoted = at("SELECT * FROM \"Mix|\" m", *snapshot());
    QCOMPARE(quoted.candidates.front().insert, std::string("\"Mixed Case\""));
    QCOMPARE(quoted.replaced.size(), std::size_t{5});
    const auto body = at("DO $$ BEGIN DELETE FROM ord|; END $$", *snapshot());
    QCOMPARE(body.replaced.begin.value, std::size_t{24});
    QCOMPARE(body.candidates.front().insert, std::string("orders"));
    const auto call = at("SELECT disc|(1)", *snapshot());
    QCOMPARE(call.candidates.front().insert, std::string("discount"));
    const auto fresh = at("SELECT disc|", *snapshot());
    QCOMPARE(fresh.candidates.front().insert, std::string("discount()"));
    QCOMPARE(fresh.candidates.front().caret_back, std::size_t{1});
}

void TestComplete::knowsTriggerRows()
{
    const auto columns = [](const std::string &text) { return inserts(at(text, *snapshot())); };
    const std::string head = "CREATE OR REPLACE FUNCTION public.note_it() RETURNS trigger LANGUAGE plpgsql AS $body$\nBEGIN\n";
    const std::string tail = "\nRETURN NEW;\nEND;\n$body$;\n";
    const std::string made = "CREATE TRIGGER note BEFORE INSERT OR UPDATE OF total ON orders FOR EACH ROW EXECUTE FUNCTION public.note_it();";
    // A trigger in the same text tells the table.
    QCOMPARE(columns(head + "NEW.|" + tail + made), QStringList({QStringLiteral("id"), QStringLiteral("customer_id"), QStringLiteral("total"), QStringLiteral("placed_at")}));
    QCOMPARE(columns(head + "IF NEW.tot|" + tail + made).value(0), QStringLiteral("total"));
    QCOMPARE(columns(head + "IF OLD.total <> NEW.pla|" + tail + made).value(0), QStringLiteral("placed_at"));
    QCOMPARE(columns(head + "NEW.total := OLD.|" + tail + made).value(2), QStringLiteral("total"));
    QVERIFY(columns(head + "INSERT INTO products SELECT old.|" + tail + made).contains(QStringLiteral("customer_id")));
    QVERIFY(columns(head + "UPDATE products SET price = NEW.|" + tail + made).contains(QStringLiteral("customer_id")));
    QVERIFY(columns(head + "PERFORM f(NEW.|" + tail + made).contains(QStringLiteral("customer_id")));
    // Else the function's name.
    QVERIFY(columns("CREATE FUNCTION customers_touch() RETURNS trigger AS $$ BEGIN NEW.| END $$ LANGUAGE plpgsql").contains(QStringLiteral("feeling")));
    QVERIFY(!columns("CREATE FUNCTION customers_touch() RETURNS trigger AS $$ BEGIN NEW.| END $$ LANGUAGE plpgsql").contains(QStringLiteral("total")));
    // Else what any table has.
    QVERIFY(columns("CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN NEW.pl| END $$ LANGUAGE plpgsql").contains(QStringLiteral("placed_at")));
    QVERIFY(columns("CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN IF tg| END $$ LANGUAGE plpgsql").contains(QStringLiteral("tg_op")));
    QVERIFY(columns("CREATE FUNCTION f() RETURNS int AS $$ BEGIN NEW.pl| END $$ LANGUAGE plpgsql").isEmpty());
}

void TestComplete::tellsSignatures()
{
    auto help = at("SELECT discount(1, |)", *snapshot()).signature;
    QVERIFY(help.has_value());
    QCOMPARE(help->argument, std::size_t{1});
    QCOMPARE(help->signatures.size(), std::size_t{1});
    QCOMPARE(help->signatures[0].arguments.size(), std::size_t{3});
    QCOMPARE(help->signatures[0].arguments[2], std::string("note text DEFAULT 'a, b'::text"));
    QCOMPARE(help->open.value, std::size_t{15});
    help = at("SELECT discount(amount => 1, note => |", *snapshot()).signature;
    QVERIFY(help.has_value());
    QCOMPARE(help->argument_name, std::string("note"));
    help = at("SELECT discount((1 + 2) * (|", *snapshot()).signature;
    QVERIFY(help.has_value());
    QCOMPARE(help->argument, std::size_t{0});
    help = at("SELECT lower(discount(1, 2), |", *snapshot()).signature;
    QVERIFY(help.has_value());
    QCOMPARE(help->signatures[0].name, std::string("lower"));
    QVERIFY(at("SELECT stock.free_shelves(|", *snapshot()).signature.has_value());
    QVERIFY(!at("INSERT INTO orders (|", *snapshot()).signature.has_value());
    QVERIFY(!at("SELECT discount(1) |", *snapshot()).signature.has_value());
}

void TestComplete::prefersWhatIsUsed()
{
    UseCounts uses{{useKey(Kind::Table, "order_items"), 6}};
    QCOMPARE(inserts(at("SELECT * FROM o|", *snapshot())).first(), QStringLiteral("orders"));
    QCOMPARE(inserts(at("SELECT * FROM o|", *snapshot(), &uses)).first(), QStringLiteral("order_items"));
}

void TestComplete::knowsBuiltInsWithoutACatalog()
{
    const auto none = Snapshot::of(nullptr);
    QVERIFY(inserts(at("SELECT string_|", *none)).contains(QStringLiteral("string_agg()")));
    QVERIFY(inserts(at("SELECT warehouse_id FROM x WHERE ware|", *none, nullptr, true)).contains(QStringLiteral("warehouse_id")));
    QVERIFY(!inserts(at("SELECT warehouse_id FROM x WHERE ware|", *none, nullptr, false)).contains(QStringLiteral("warehouse_id")));
    QVERIFY(at("SELECT to_char(|", *none).signature.has_value());
    QVERIFY(inserts(at("SELECT a.| FROM (SELECT 1 AS one) a", *none)).contains(QStringLiteral("one")));
}

void TestComplete::worksOnEveryVersion()
{
    for (const int major : test::majors()) {
        const auto words = snapshot(major);
        QVERIFY(words->words().functions.size() > 500);
        QVERIFY(words->words().settings.size() > 250);
        QVERIFY(words->words().system_relations.size() > 100);
        QVERIFY(inserts(at("SELECT date_tr|", *words)).contains(QStringLiteral("date_trunc()")));
        QVERIFY(inserts(at("SELECT * FROM pg_locks WHERE |", *words)).contains(QStringLiteral("locktype")));
        QVERIFY(inserts(at("SET wal_compr|", *words)).contains(QStringLiteral("wal_compression")));
        QVERIFY(inserts(at("SELECT 'x'::mo|", *words)).contains(QStringLiteral("mood")));
        QVERIFY(!words->functionsNamed("now").empty());
        QVERIFY(words->functionsNamed("int4eq").empty());
    }
}

void TestComplete::survivesAnything()
{
    const QStringList pieces{QStringLiteral("SELECT"), QStringLiteral("FROM"), QStringLiteral("orders"), QStringLiteral("o"), QStringLiteral("."), QStringLiteral("("), QStringLiteral(")"),
                             QStringLiteral("WITH"), QStringLiteral("AS"), QStringLiteral(","), QStringLiteral("JOIN"), QStringLiteral("ON"), QStringLiteral("$$"), QStringLiteral("'"),
                             QStringLiteral("\""), QStringLiteral("INSERT INTO"), QStringLiteral("UPDATE"), QStringLiteral("SET"), QStringLiteral("CREATE TABLE"), QStringLiteral("ALTER TABLE"),
                             QStringLiteral("*"), QStringLiteral("::"), QStringLiteral(";"), QStringLiteral("UNION"), QStringLiteral("LATERAL"), QStringLiteral("ON CONFLICT"), QStringLiteral("="),
                             QStringLiteral("GROUP BY"), QStringLiteral("ORDER BY"), QStringLiteral("VALUES"), QStringLiteral("RECURSIVE"), QStringLiteral("BEGIN"), QStringLiteral("["), QStringLiteral("]"),
                             QStringLiteral("count"), QStringLiteral("/*"), QStringLiteral("--"), QStringLiteral("\n"), QStringLiteral("é"), QStringLiteral("MERGE INTO"), QStringLiteral("USING"),
                             QStringLiteral("WHEN MATCHED THEN"), QStringLiteral("$1"), QStringLiteral("RETURNING"), QStringLiteral("TABLE"), QStringLiteral("end"), QStringLiteral("case")};
    std::mt19937 random(20260101);
    QElapsedTimer timer;
    qint64 longest = 0;
    const auto from = snapshot();
    for (int round = 0; round < 6000; ++round) {
        std::string text;
        const int count = static_cast<int>(random() % 40);
        for (int i = 0; i < count; ++i)
            text += pieces[static_cast<int>(random() % static_cast<unsigned>(pieces.size()))].toStdString() + (random() % 4 == 0 ? "" : " ");
        for (int change = static_cast<int>(random() % 3); change > 0 && !text.empty(); --change)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        Request request;
        request.text = text;
        request.cursor = {random() % (text.size() + 2)};
        request.with_words = round % 2 == 0;
        timer.start();
        const Completion completion = complete::complete(*from, request);
        longest = std::max(longest, timer.nsecsElapsed());
        QVERIFY2(completion.replaced.begin <= completion.replaced.end && completion.replaced.end.value <= text.size(), text.c_str());
        QVERIFY(completion.candidates.size() <= request.limit);
        for (const auto &candidate : completion.candidates)
            QVERIFY2(candidate.caret_back <= candidate.insert.size() && !candidate.insert.empty(), text.c_str());
    }
    qInfo("longest of 6,000 random texts: %.2f ms", static_cast<double>(longest) / 1e6);
    QVERIFY(longest < 500'000'000);
}

void TestComplete::staysQuickOnHugeTexts()
{
    const auto from = snapshot();
    std::string nested, ctes = "WITH a0 AS (SELECT * FROM orders)", list = "INSERT INTO orders (total) VALUES (1)", deep = "SELECT ";
    for (int i = 0; i < 3000; ++i)
        nested += "SELECT (";
    for (int i = 1; i < 40; ++i)
        ctes += ", a" + std::to_string(i) + " AS (SELECT * FROM a" + std::to_string(i - 1) + ", a" + std::to_string(i - 1) + ")";
    ctes += " SELECT  FROM a39";
    for (int i = 0; i < 200'000; ++i)
        list += ", (1)";
    for (int i = 0; i < 20'000; ++i)
        deep += "(";
    QElapsedTimer timer;
    for (const auto &[text, cursor] : {std::pair{nested, nested.size()}, {ctes, ctes.size() - 9}, {list, list.size()}, {deep, deep.size()}}) {
        Request request;
        request.text = text;
        request.cursor = {cursor};
        timer.start();
        (void)complete::complete(*from, request);
        QVERIFY2(timer.elapsed() < 1500, qPrintable(QString::fromStdString(text.substr(0, 60)) + QString::number(timer.elapsed())));
    }
}

QTEST_GUILESS_MAIN(TestComplete)
#include "tst_complete.moc"
