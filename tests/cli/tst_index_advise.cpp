// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "cli/run_cli.h"
#include "support/test_server.h"

using namespace howdah;

class TestIndexAdvise : public QObject
{
    Q_OBJECT

    static QStringList arguments(const std::string &database, QStringList more)
    {
        return QStringList{QStringLiteral("index")} + more + QStringList{QStringLiteral("-d"), QString::fromStdString(database), QStringLiteral("--json")};
    }

private Q_SLOTS:
    void initTestCase()
    {
        database_ = test::freshDatabase(15);
        pg::ConnectionSpec spec;
        spec.conninfo = database_;
        connection_ = pg::Connection::open(spec).value();
        const auto made = connection_->run("CREATE TABLE t AS SELECT i AS id, i % 5000 AS k, i % 11 AS kind, repeat('x', 50) AS filler FROM generate_series(1, 50000) i;"
                                           "ALTER TABLE t ADD PRIMARY KEY (id); ANALYZE t");
        QVERIFY(!made.error);
    }

    void advises()
    {
        const auto outcome = test::runCli(arguments(database_, {QStringLiteral("advise"), QStringLiteral("--workload"), QStringLiteral("-"), QStringLiteral("--budget"), QStringLiteral("50MB")}),
                                          "-- weight: 10\nSELECT * FROM t WHERE k = 7;\nSELECT * FROM gone;\n");
        QCOMPARE(outcome.code, 0);
        const auto json = outcome.json();
        QCOMPARE(json["indexes"].size(), 1U);
        const auto index = json["indexes"][0];
        for (const char *key : {"ddl", "method", "size_bytes", "size_measured", "benefit", "write_cost", "queries", "proof", "reason"})
            QVERIFY2(index.contains(key), key);
        for (const char *key : {"cost_before", "cost_after", "queries", "whatif_calls", "elapsed_ms", "rewrites", "problems"})
            QVERIFY2(json.contains(key), key);
        QCOMPARE(index["method"].get<std::string>(), std::string("btree"));
        QCOMPARE(json["problems"].size(), 1U);
        QCOMPARE(json["queries"][0]["weight"].get<double>(), 10.0);
        QVERIFY(connection_->query(index["ddl"].get<std::string>()).has_value());
        // Now it is there, and is used.
        const auto again = test::runCli(arguments(database_, {QStringLiteral("advise"), QStringLiteral("--workload"), QStringLiteral("-")}), "SELECT * FROM t WHERE k = 7");
        QCOMPARE(again.json()["indexes"].size(), 0U);
        const auto verified = test::runCli(arguments(database_, {QStringLiteral("verify"), QStringLiteral("--workload"), QStringLiteral("-")}), "SELECT * FROM t WHERE k = 7");
        bool used = false;
        const auto document = verified.json();
        for (const auto &one : document["indexes"])
            used = used || (one["verdict"] == "used" && one["ddl"].get<std::string>().find("(k)") != std::string::npos);
        QVERIFY2(used, verified.out.c_str());
        QVERIFY(connection_->query("DROP INDEX " + index["name"].get<std::string>()).has_value());
    }

    void judgesAnIndex()
    {
        const auto helps = test::runCli(arguments(database_, {QStringLiteral("why"), QStringLiteral("CREATE INDEX ON t (k)"), QStringLiteral("--workload"), QStringLiteral("-")}), "SELECT * FROM t WHERE k = 7");
        QCOMPARE(helps.code, 0);
        QVERIFY(helps.json()["helps"].get<bool>());
        QVERIFY(helps.json()["queries"][0]["used"].get<bool>());
        const auto no_use = test::runCli(arguments(database_, {QStringLiteral("why"), QStringLiteral("CREATE INDEX ON t (kind)"), QStringLiteral("--workload"), QStringLiteral("-")}), "SELECT * FROM t WHERE k = 7");
        QCOMPARE(no_use.code, 1);
        QVERIFY(!no_use.json()["helps"].get<bool>());
        QVERIFY(no_use.json()["queries"][0]["reason"].get<std::string>().find("kind") != std::string::npos);
        const auto served = test::runCli(arguments(database_, {QStringLiteral("why"), QStringLiteral("CREATE INDEX ON t (id)"), QStringLiteral("--workload"), QStringLiteral("-")}), "SELECT * FROM t WHERE id = 7");
        QVERIFY(served.json()["served_by"].get<std::string>().find("t_pkey") != std::string::npos);
    }

    void refusesNonsense()
    {
        QCOMPARE(test::runCli(arguments(database_, {QStringLiteral("advise")})).code, 2);
        QCOMPARE(test::runCli(arguments(database_, {QStringLiteral("advise"), QStringLiteral("--workload"), QStringLiteral("-"), QStringLiteral("--budget"), QStringLiteral("much")}), "SELECT 1").code, 2);
        QCOMPARE(test::runCli(arguments(database_, {QStringLiteral("why"), QStringLiteral("DROP TABLE t")})).code, 2);
        QCOMPARE(test::runCli(arguments(database_, {QStringLiteral("advise"), QStringLiteral("--pgss")})).code, 2);
    }

private:
    std::string database_;
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_GUILESS_MAIN(TestIndexAdvise)
#include "tst_index_advise.moc"
