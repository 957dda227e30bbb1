// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <filesystem>

#include "core/demo/demo_server.h"

using namespace howdah;

namespace {

QString value(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto connection = pg::Connection::open(spec);
    if (!connection)
        return QString::fromStdString(connection.error().text());
    const auto outcome = (*connection)->query(sql);
    if (!outcome)
        return QString::fromStdString(outcome.error().text());
    if (!outcome->result || outcome->result->rowCount() == 0)
        return {};
    const std::string_view text = outcome->result->cell(0, 0).text;
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

class TestDemoServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(home_.isValid());
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
    }

    void cleanupTestCase()
    {
        const auto gone = demo::reset();
        QVERIFY2(gone, gone ? "" : gone.error().text().c_str());
    }

    void nothingYet()
    {
        const demo::DemoStatus status = demo::status();
        QVERIFY(!status.exists);
        QVERIFY(!status.running);
        QVERIFY(!status.loaded);
        QVERIFY(demo::stop());
    }

    void cancelledLoadIsNotComplete()
    {
        const pg::Canceller canceller;
        const auto started = demo::start(
            [&](const demo::DemoProgress &progress) {
                if (progress.fraction > 0.05)
                    canceller.cancel();
            },
            canceller, {0.2});
        QVERIFY(!started);
        QVERIFY2(started.error().kind == ErrorKind::Cancelled, started.error().text().c_str());
        const demo::DemoStatus status = demo::status();
        QVERIFY(status.exists);
        QVERIFY(status.running);
        QVERIFY(!status.loaded);
    }

    void startsAndLoads()
    {
        double last = -1;
        const auto started =
            demo::start([&](const demo::DemoProgress &progress) { last = progress.fraction; }, {}, {0.01});
        QVERIFY2(started, started ? "" : started.error().text().c_str());
        QCOMPARE(last, 1.0);
        QVERIFY(started->running && started->loaded);
        const std::string &at = started->conninfo;
        QCOMPARE(value(at, "SELECT current_database()"), QString(QLatin1String("shop")));
        QCOMPARE(value(at, "SHOW wal_level"), QString(QLatin1String("logical")));
        QCOMPARE(value(at, "SHOW track_io_timing"), QString(QLatin1String("on")));
        QCOMPARE(value(at, "SELECT count(*) FROM pg_database WHERE datname = 'shop_loading'"),
                 QString(QLatin1String("0")));
        // The workload left its history, and nothing of the load is in it.
        QCOMPARE(value(at,
                       "SELECT count(*) >= 40 FROM pg_stat_statements WHERE "
                       "dbid = (SELECT oid FROM pg_database "
                       "WHERE datname = 'shop') AND calls >= 1"),
                 QString(QLatin1String("t")));
        QCOMPARE(value(at,
                       "SELECT count(*) FROM pg_stat_statements WHERE query "
                       "LIKE 'INSERT INTO orders%'"),
                 QString(QLatin1String("0")));
        QCOMPARE(value(at,
                       "SELECT calls FROM pg_stat_statements WHERE query LIKE "
                       "'%WHERE sku = $1'"),
                 QString(QLatin1String("80")));
    }

    void secondStartFindsItRunning()
    {
        const auto begin = std::chrono::steady_clock::now();
        const auto again = demo::start({});
        QVERIFY2(again, again ? "" : again.error().text().c_str());
        QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
        QCOMPARE(value(again->conninfo, "SELECT count(*) FROM orders"), QString(QLatin1String("10000")));
    }

    void stopsAndComesBackLoaded()
    {
        QVERIFY(demo::stop());
        const demo::DemoStatus down = demo::status();
        QVERIFY(down.exists && down.loaded && !down.running);
        const auto up = demo::start({});
        QVERIFY2(up, up ? "" : up.error().text().c_str());
        QCOMPARE(value(up->conninfo, "SELECT count(*) FROM orders"), QString(QLatin1String("10000")));
        QVERIFY(demo::status().running);
    }

    void loadThatDiedIsDoneAgain()
    {
        // What a killed load leaves: a database that never got its name.
        const auto running = demo::start({});
        QVERIFY(running);
        std::string conninfo = running->conninfo;
        conninfo.replace(conninfo.rfind("shop"), 4, "postgres");
        value(conninfo, "ALTER DATABASE shop RENAME TO shop_loading");
        const auto again = demo::start({}, {}, {0.02});
        QVERIFY2(again, again ? "" : again.error().text().c_str());
        QCOMPARE(value(again->conninfo, "SELECT count(*) FROM orders"), QString(QLatin1String("20000")));
        QCOMPARE(value(again->conninfo, "SELECT count(*) FROM pg_database WHERE datname = 'shop_loading'"),
                 QString(QLatin1String("0")));
    }

    void resetLeavesNothing()
    {
        const std::string folder = demo::status().folder;
        QVERIFY(std::filesystem::exists(folder));
        QVERIFY(demo::reset());
        QVERIFY(!std::filesystem::exists(folder));
        QVERIFY(!demo::status().exists);
    }

private:
    QTemporaryDir home_;
};

QTEST_GUILESS_MAIN(TestDemoServer)
#include "tst_demo_server.moc"
