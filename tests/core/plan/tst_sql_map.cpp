// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/connection.h"
#include "core/plan/explain.h"
#include "core/plan/sql_map.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

const char *const set_up = R"(
create table orders(id int primary key, customer int, status text, amount numeric, created timestamp);
insert into orders select g, g % 500, (array['new','paid','sent'])[1 + g % 3], g % 1000, timestamp '2024-01-01' + g * interval '1 minute' from generate_series(1, 20000) g;
create index orders_customer on orders(customer);
create table items(id int primary key, order_id int, price numeric);
insert into items select g, g % 20000, g % 100 from generate_series(1, 40000) g;
create index items_order on items(order_id);
create table customers(id int primary key, name text, boss int);
insert into customers select g, 'n' || g, g / 10 from generate_series(1, 500) g;
create table part(id int, v int) partition by range(id);
create table part_low partition of part for values from (0) to (1000);
create table part_high partition of part for values from (1000) to (2000);
insert into part select g, g from generate_series(0, 1999) g;
create view paid as select * from orders where status = 'paid';
analyze;
)";

struct Expected {
    const char *node; ///< part of label and target: "Seq Scan|orders o"
    const char *what;
    const char *text; ///< of the spans, joined by " | "
};

struct Case {
    const char *name;
    const char *settings;
    const char *sql;
    std::vector<Expected> expected;
};

const std::vector<Case> cases{
    {"scan and filter", "", "SELECT * FROM orders AS o WHERE o.amount > 5 AND (o.status = 'new' OR o.status = 'sent') ORDER BY o.created DESC NULLS LAST, id LIMIT 10 OFFSET 5",
     {{"Seq Scan|orders o", "table", "orders AS o"},
      {"Seq Scan|orders o", "filter", "o.amount > 5 | o.status = 'new' OR o.status = 'sent'"},
      {"Sort", "ORDER BY", "ORDER BY o.created DESC NULLS LAST, id"},
      {"Limit", "LIMIT", "LIMIT 10 OFFSET 5"}}},
    {"hash join", "SET enable_mergejoin = off; SET enable_nestloop = off",
     "SELECT count(*), c.name FROM orders o JOIN public.customers c ON o.customer = c.id AND c.boss <> o.id WHERE c.name LIKE 'n1%' GROUP BY c.name HAVING count(*) > 3",
     {{"Hash Join", "join condition", "o.customer = c.id"},
      {"Seq Scan|customers c", "table", "public.customers c"},
      {"Seq Scan|customers c", "filter", "c.name LIKE 'n1%'"},
      {"Aggregate", "GROUP BY", "GROUP BY c.name"},
      {"Aggregate", "aggregate", "count(*) | count(*)"},
      {"Aggregate", "filter", "count(*) > 3"}}},
    {"self join", "SET enable_mergejoin = off; SET enable_nestloop = off", "SELECT a.name, b.name FROM customers a, customers b WHERE a.boss = b.id AND b.name = 'n3'",
     {{"Seq Scan|customers a", "table", "customers a"},
      {"Seq Scan|customers b", "table", "customers b"},
      {"Hash Join", "join condition", "a.boss = b.id"},
      {"Seq Scan|customers b", "filter", "b.name = 'n3'"}}},
    {"nested loop", "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off",
     "SELECT * FROM customers c, orders o WHERE c.id = o.customer AND c.name = 'n7'",
     {{"Nested Loop", "join condition", "c.id = o.customer"}, {"Index Scan|orders o", "index condition", "c.id = o.customer"}, {"Seq Scan|customers c", "filter", "c.name = 'n7'"}}},
    {"using", "SET enable_mergejoin = off; SET enable_nestloop = off", "SELECT * FROM orders o JOIN items i USING (id)",
     {{"Hash Join", "join condition", "USING (id)"}, {"Seq Scan|orders o", "table", "orders o"}}},
    {"exists", "SET enable_mergejoin = off; SET enable_nestloop = off",
     "SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.price > 50)",
     {{"items i", "table", "items i"}, {"items i", "filter", "i.price > 50"}, {"Hash", "join condition", "i.order_id = o.id"}}},
    {"in", "SET enable_mergejoin = off; SET enable_nestloop = off", "SELECT * FROM customers WHERE id IN (SELECT order_id FROM items WHERE price = 7)",
     {{"Hash", "join condition", "id IN (SELECT order_id FROM items WHERE price = 7)"}, {"items", "filter", "price = 7"}}},
    {"subplans", "", "SELECT o.id, (SELECT sum(i.price) FROM items i WHERE i.order_id = o.id) FROM orders o WHERE o.amount > (SELECT avg(amount) FROM orders x) AND id < 50",
     {{"@SubPlan", "sub-select", "(SELECT sum(i.price) FROM items i WHERE i.order_id = o.id)"},
      {"@InitPlan", "sub-select", "(SELECT avg(amount) FROM orders x)"},
      {"@SubPlan", "aggregate", "sum(i.price)"},
      {"items i", "table", "items i"},
      {"orders x", "table", "orders x"}}},
    {"cte", "", "WITH big AS MATERIALIZED (SELECT customer, sum(amount) AS total FROM orders GROUP BY customer) SELECT * FROM big b WHERE total > 100000",
     {{"@CTE big", "CTE", "big AS MATERIALIZED (SELECT customer, sum(amount) AS total FROM orders GROUP BY customer)"},
      {"@CTE big", "GROUP BY", "GROUP BY customer"},
      {"CTE Scan", "CTE reference", "big b"},
      {"CTE Scan", "filter", "total > 100000"}}},
    {"union", "", "SELECT id FROM orders WHERE amount = 1 UNION SELECT id FROM items WHERE price = 2",
     {{"Append", "set operation", "UNION"}, {"Seq Scan|orders", "filter", "amount = 1"}, {"Seq Scan|items", "filter", "price = 2"}}},
    {"window", "", "SELECT id, rank() OVER (PARTITION BY status ORDER BY amount DESC) FROM orders",
     {{"WindowAgg", "window", "rank() OVER (PARTITION BY status ORDER BY amount DESC)"}, {"Sort", "window", "rank() OVER (PARTITION BY status ORDER BY amount DESC)"}}},
    {"distinct", "SET enable_hashagg = off", "SELECT DISTINCT status, customer FROM orders WHERE created BETWEEN '2024-01-02' AND '2024-01-03'",
     {{"Unique", "DISTINCT", "DISTINCT"}, {"Sort", "DISTINCT", "DISTINCT"}, {"Seq Scan|orders", "filter", "created BETWEEN '2024-01-02' AND '2024-01-03'"}}},
    {"partitions", "", "SELECT * FROM part p WHERE v % 7 = 3",
     {{"part_low p", "table", "part p"}, {"part_high p", "table", "part p"}, {"part_low p", "filter", "v % 7 = 3"}, {"Append", "input: table", "part p"}}},
    {"update", "", "UPDATE orders SET amount = 0 FROM customers c WHERE c.id = orders.customer AND c.name = 'n1'",
     {{"Update", "target", "orders"}, {"customers c", "filter", "c.name = 'n1'"}}},
    {"delete", "", "DELETE FROM items WHERE order_id IS NULL RETURNING id", {{"Delete", "target", "items"}, {"items", "", "order_id IS NULL"}}},
    {"insert", "", "INSERT INTO customers (id, name) SELECT id, status FROM orders o WHERE amount = 999",
     {{"Insert", "target", "customers"}, {"Seq Scan|orders o", "table", "orders o"}, {"Seq Scan|orders o", "filter", "amount = 999"}}},
    {"from sub-select", "", "SELECT s.n FROM (SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status LIMIT 2) s WHERE s.n > 3",
     {{"Subquery Scan", "FROM item", "(SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status LIMIT 2) s"},
      {"Limit", "LIMIT", "LIMIT 2"},
      {"Seq Scan|orders", "table", "orders"}}},
    {"function and view", "", "SELECT * FROM generate_series(1, 10) AS g(n)", {{"Function Scan", "FROM item", "generate_series(1, 10) AS g(n)"}}},
    {"view", "", "SELECT * FROM paid", {{"Seq Scan|orders", "view", "paid"}}},
    {"umlauts", "", "SELECT /* größer */ 'ü', * FROM \"orders\" \"Ö\" WHERE \"Ö\".status = 'öäü' -- Ende\n", {{"Seq Scan|orders Ö", "table", "\"orders\" \"Ö\""}, {"Seq Scan|orders Ö", "filter", "\"Ö\".status = 'öäü'"}}},
};

std::string titleOf(const Node &node)
{
    return node.label() + "|" + node.target();
}

bool isNode(const Node &node, const std::string &wanted)
{
    return wanted.starts_with("@") ? node.subplan_name.starts_with(wanted.substr(1)) : titleOf(node).find(wanted) != std::string::npos;
}

std::string textOf(const NodeSource &source, std::string_view sql)
{
    std::string text;
    for (const ByteSpan &span : source.spans)
        text += (text.empty() ? "" : " | ") + std::string(span.of(sql));
    return text;
}

} // namespace

class TestSqlMap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheText_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<int>("number");
        for (const int major : test::majors()) {
            for (std::size_t i = 0; i < cases.size(); ++i)
                QTest::addRow("%s on %d", cases[i].name, major) << major << static_cast<int>(i);
        }
    }

    void findsTheText()
    {
        QFETCH(int, major);
        QFETCH(int, number);
        auto &connection = connections_[major];
        if (!connection) {
            connection = test::freshConnection(major);
            QVERIFY(!connection->run(set_up).error);
        }
        const Case &expected = cases[static_cast<std::size_t>(number)];
        QVERIFY(!connection->run(std::string("RESET ALL; SET max_parallel_workers_per_gather = 0;") + expected.settings).error);
        const auto explained = runExplain(*connection, expected.sql);
        QVERIFY2(explained.has_value(), explained ? "" : explained.error().text().c_str());
        const auto read = plan::read(explained->source);
        QVERIFY(read.has_value());
        const Plan &plan = read->plans.front();
        const std::string_view sql = expected.sql;
        const auto sources = mapToSql(plan, sql);
        std::string all;
        for (const NodeSource &source : sources) {
            QVERIFY(!source.spans.empty());
            for (const ByteSpan &span : source.spans)
                QVERIFY(span.begin < span.end && span.end.value <= sql.size());
            all += "\n  " + std::to_string(source.node) + " " + titleOf(plan.nodes[source.node]) + " " + plan.nodes[source.node].subplan_name + ": " + source.what + ": " + textOf(source, sql);
        }
        for (const Expected &one : expected.expected) {
            const bool found = std::any_of(sources.begin(), sources.end(), [&](const NodeSource &source) {
                return isNode(plan.nodes[source.node], one.node) && (*one.what == '\0' || source.what == one.what) && textOf(source, sql) == one.text;
            });
            if (!found)
                qWarning("missing %s / %s / %s in%s", one.node, one.what, one.text, all.c_str());
            QVERIFY(found);
        }
    }

    void goesBack()
    {
        auto &connection = connections_[15];
        if (!connection) {
            connection = test::freshConnection(15);
            QVERIFY(!connection->run(set_up).error);
        }
        const std::string sql = "SELECT * FROM customers c, orders o WHERE c.id = o.customer AND c.name = 'n7'";
        const auto explained = runExplain(*connection, sql);
        QVERIFY(explained.has_value());
        const Plan plan = plan::read(explained->source)->plans.front();
        const auto sources = mapToSql(plan, sql);
        const auto nodes = nodesAt(sources, ByteOffset{sql.find("c.name")});
        QVERIFY(!nodes.empty());
        QCOMPARE(plan.nodes[nodes.front()].alias, std::string("c"));
        QVERIFY(nodesAt(sources, ByteOffset{0}).empty());
    }

    void knowsNothingOfOtherTexts()
    {
        auto &connection = connections_[15];
        if (!connection) {
            connection = test::freshConnection(15);
            QVERIFY(!connection->run(set_up).error);
        }
        const auto explained = runExplain(*connection, "SELECT * FROM orders WHERE amount = 3");
        const Plan plan = plan::read(explained->source)->plans.front();
        QVERIFY(mapToSql(plan, "SELECT FROM FROM").empty());
        QVERIFY(mapToSql(plan, "").empty());
        QVERIFY(mapToSql({}, "SELECT 1").empty());
        QVERIFY(mapToSql(plan, "SELECT 1").empty());
        for (const NodeSource &source : mapToSql(plan, "EXPLAIN ANALYZE SELECT * FROM orders WHERE amount = 3"))
            QVERIFY(source.what == "table" || source.what == "filter");
        std::string deep = "SELECT * FROM orders WHERE amount = ";
        for (int i = 0; i < 3000; ++i)
            deep += "(1 + ";
        deep += "1" + std::string(3000, ')');
        (void)mapToSql(plan, deep); // must only come back
    }

private:
    std::map<int, std::unique_ptr<pg::Connection>> connections_;
};

QTEST_GUILESS_MAIN(TestSqlMap)
#include "tst_sql_map.moc"
