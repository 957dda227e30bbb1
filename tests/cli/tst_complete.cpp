// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "run_cli.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestCompleteCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheCatalog()
    {
        const std::string conninfo = test::freshDatabase();
        const CliOutcome made = runCli({QStringLiteral("query"), QStringLiteral("-d"), QString::fromStdString(conninfo),
                                        QStringLiteral("CREATE TABLE customers (id int PRIMARY KEY); CREATE TABLE orders (id int, customer_id int REFERENCES customers)")});
        QCOMPARE(made.code, 0);
        const CliOutcome outcome = runCli({QStringLiteral("complete"), QStringLiteral("-"), QStringLiteral("--at"), QStringLiteral("28"), QStringLiteral("-d"),
                                           QString::fromStdString(conninfo), QStringLiteral("--json")},
                                          "SELECT * FROM orders o JOIN  WHERE true");
        QCOMPARE(outcome.code, 0);
        const json document = outcome.json();
        QCOMPARE(document["candidates"][0]["kind"], json("join"));
        QCOMPARE(document["candidates"][0]["insert"], json("customers c ON c.id = o.customer_id"));
        QCOMPARE(document["replaced"]["begin"], json(28));
    }

    void worksWithoutAServer()
    {
        const CliOutcome outcome = runCli({QStringLiteral("complete"), QStringLiteral("-"), QStringLiteral("--json")}, "SELECT string_agg(a, ");
        QCOMPARE(outcome.code, 0);
        QCOMPARE(outcome.json()["signature"]["argument"], json(1));
        QCOMPARE(outcome.json()["signature"]["signatures"][0]["name"], json("string_agg"));
    }

    void refusesAPlaceOutsideTheText()
    {
        QCOMPARE(runCli({QStringLiteral("complete"), QStringLiteral("-"), QStringLiteral("--at"), QStringLiteral("99")}, "SELECT 1").code, 2);
    }
};

QTEST_GUILESS_MAIN(TestCompleteCommand)
#include "tst_complete.moc"
