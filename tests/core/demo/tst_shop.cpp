// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <chrono>
#include <set>

#include "core/demo/shop.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

QString value(pg::Connection &connection, const std::string &sql)
{
    const auto outcome = connection.query(sql);
    if (!outcome)
        return QString::fromStdString(outcome.error().text());
    if (!outcome->result || outcome->result->rowCount() == 0)
        return {};
    const std::string_view text = outcome->result->cell(0, 0).text;
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::unique_ptr<pg::Connection> opened(const std::string &conninfo)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    auto connection = pg::Connection::open(spec);
    return connection ? std::move(*connection) : nullptr;
}

} // namespace

class TestShop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void workloadIsNamed()
    {
        const auto queries = demo::readWorkload();
        QVERIFY2(queries, queries ? "" : queries.error().text().c_str());
        QVERIFY(queries->size() >= 40);
        std::set<std::string> names;
        for (const demo::WorkloadQuery &query : *queries) {
            QVERIFY2(names.insert(query.name).second, query.name.c_str());
            QCOMPARE(query.sqlOfCall(0), query.sql);
            if (query.calls > 1 && !query.variations.empty())
                QVERIFY2(query.sqlOfCall(1) != query.sql || query.sqlOfCall(2) != query.sql,
                         query.name.c_str());
            QCOMPARE(query.sqlOfCall(5), query.sqlOfCall(5));
        }
    }

    void variationKeepsItsWidth()
    {
        demo::WorkloadQuery query;
        query.sql = "SELECT 'SKU-004711', 'SKU-004711'";
        query.variations.push_back({"004711", {}, 1, 9});
        const std::string text = query.sqlOfCall(3);
        QCOMPARE(text.size(), query.sql.size());
        QCOMPARE(text.substr(12, 5), std::string("00000"));
        QCOMPARE(text.substr(8, 10), text.substr(22, 10));
    }

    void loads_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }

    void loads()
    {
        QFETCH(int, major);
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase(major);
        double last = 0;
        bool monotone = true;
        const auto loaded = demo::loadShop(spec, {0.01}, [&](const demo::DemoProgress &progress) {
            monotone =
                monotone && progress.fraction >= last && progress.fraction <= 1 && !progress.what.empty();
            last = progress.fraction;
        });
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        QVERIFY(monotone);

        const auto connection = opened(spec.conninfo);
        QVERIFY(connection);
        pg::Connection &c = *connection;
        QCOMPARE(value(c, "SELECT count(*) FROM orders"), QString(QLatin1String("10000")));
        QCOMPARE(value(c, "SELECT count(*) FROM logs"), QString(QLatin1String("20000")));
        QCOMPARE(value(c, "SELECT count(*) FROM pg_namespace WHERE nspname = 'seed'"),
                 QString(QLatin1String("0")));
        // What the tools look for is really there.
        QCOMPARE(value(c,
                       "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM "
                       "pg_index x JOIN pg_class c ON c.oid = indexrelid "
                       "WHERE NOT indisvalid"),
                 QString(QLatin1String("events_user_id_idx users_phone_key")));
        QVERIFY(value(c,
                      "SELECT count(*) > 0 FROM events_default WHERE occurred_at >= "
                      "'2025-04-01' AND occurred_at < '2025-05-01'")
                == QLatin1String("t"));
        QCOMPARE(value(c,
                       "SELECT bool_and(o.total = order_total(o.id)) FROM "
                       "orders o WHERE id <= 200"),
                 QString(QLatin1String("t")));
        QVERIFY(value(c, "SELECT count(*) FROM bookings").toLongLong() > 10
                    * value(c,
                            "SELECT reltuples::bigint FROM pg_class "
                            "WHERE relname = 'bookings'")
                          .toLongLong());
        QVERIFY(value(c,
                      "SELECT max(n) > 20 * avg(n) FROM (SELECT count(*) AS n "
                      "FROM orders GROUP BY user_id) AS x")
                == QLatin1String("t"));
        QCOMPARE(value(c, "SELECT to_regclass('documents') IS NULL"),
                 value(c,
                       "SELECT NOT EXISTS (SELECT FROM pg_available_extensions "
                       "WHERE name = 'vector')"));

        // The same rows on every version.
        const QString sum = value(c, "SELECT sum(hashtext(o::text)::bigint) FROM orders o") + QLatin1Char(' ')
            + value(c, "SELECT sum(hashtext(u::text)::bigint) FROM users u") + QLatin1Char(' ')
            + value(c, "SELECT sum(hashtext(l::text)::bigint) FROM logs l");
        if (sum_.isEmpty())
            sum_ = sum;
        QCOMPARE(sum, sum_);
    }

    void cancels()
    {
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase(15);
        const pg::Canceller canceller;
        std::chrono::steady_clock::time_point asked;
        const auto loaded = demo::loadShop(
            spec, {0.5},
            [&](const demo::DemoProgress &progress) {
                if (progress.fraction > 0.05 && asked == std::chrono::steady_clock::time_point()) {
                    asked = std::chrono::steady_clock::now();
                    canceller.cancel();
                }
            },
            canceller);
        const auto waited = std::chrono::steady_clock::now() - asked;
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().kind == ErrorKind::Cancelled, loaded.error().text().c_str());
        QVERIFY(waited < std::chrono::seconds(3));
    }

    void failureNamesTheStep()
    {
        const std::string conninfo = test::freshDatabase(15);
        QVERIFY(opened(conninfo)->query("CREATE TABLE orders (taken int)"));
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto loaded = demo::loadShop(spec, {0.001}, {});
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().sqlstate, std::string("42P07"));
        QVERIFY2(loaded.error().message.find("21_orders") != std::string::npos,
                 loaded.error().text().c_str());
    }

private:
    QString sum_;
};

QTEST_GUILESS_MAIN(TestShop)
#include "tst_shop.moc"
