// SPDX-License-Identifier: GPL-3.0-or-later
// Rows filtered, counted and compared from the command line.
#include <QtTest>

#include <sstream>

#include <nlohmann/json.hpp>

#include "run_cli.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using Json = nlohmann::json;

class TestResults : public QObject
{
    Q_OBJECT
    QString database_;

    CliOutcome run(const QString &command, const QStringList &arguments) const
    {
        return runCli(QStringList{command, QStringLiteral("-d"), database_} + arguments);
    }
    std::string kept(const QStringList &filters) const
    {
        QStringList arguments{QStringLiteral("-t"), QStringLiteral("--csv")};
        for (const QString &filter : filters)
            arguments << QStringLiteral("--filter") << filter;
        const CliOutcome outcome = run(QStringLiteral("query"), arguments + QStringList{QStringLiteral("SELECT id FROM things ORDER BY id")});
        if (outcome.code != 0)
            qWarning("%s", outcome.err.c_str());
        return outcome.out;
    }
    std::string ids(const char *filter) const
    {
        const CliOutcome outcome = run(QStringLiteral("query"), {QStringLiteral("-t"), QStringLiteral("--csv"), QStringLiteral("--filter"), QString::fromUtf8(filter),
                                                                 QStringLiteral("SELECT id, name, price, \"made on\", note FROM things ORDER BY id")});
        std::string list;
        std::istringstream lines(outcome.out);
        for (std::string one; std::getline(lines, one);)
            list += (list.empty() ? "" : " ") + one.substr(0, one.find(','));
        return outcome.code == 0 ? list : outcome.err;
    }

private Q_SLOTS:
    void initTestCase()
    {
        database_ = QString::fromStdString(test::freshDatabase());
        const CliOutcome made = run(QStringLiteral("query"), {QStringLiteral(
            "CREATE TABLE things (id int PRIMARY KEY, name text, price numeric, \"made on\" date, note text);"
            "INSERT INTO things VALUES (1, 'Anvil', 9.5, '2024-05-01', NULL), (2, 'Brush', 10, '2024-05-02', 'x'), (3, 'Chair', 100, '2024-06-01', 'x, y'),"
            " (10, 'anchor', 9.50, '2023-01-01', '');"
            "CREATE TABLE things_new AS SELECT * FROM things; UPDATE things_new SET price = 11 WHERE id = 2; DELETE FROM things_new WHERE id = 3;"
            "INSERT INTO things_new VALUES (4, 'Door', 5, '2024-07-01', NULL)")});
        QVERIFY2(made.code == 0, made.err.c_str());
    }

    void filters_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *filter, const char *expected) { QTest::newRow(filter) << QString::fromUtf8(filter) << QString::fromUtf8(expected); };
        row("price >= 10", "2 3");
        row("price = 9.50", "1 10");
        row("price<>10", "1 3 10");
        row("id > 3", "10");
        row("name contains an", "1 10");
        row("name does not contain an", "2 3");
        row("name contains AN", "1 10");
        row("\"made on\" between 2024-05-01 .. 2024-05-31", "1 2");
        row("\"made on\" = 2024-05", "1 2");
        row("note is null", "1");
        row("note IS NOT NULL", "2 3 10");
        row("note = ", "10");
        row("id in 1, 3, 99", "1 3");
        row("id not in 1, 3", "2 10");
        row("name matches ^[AC]", "1 3 10");
        row("note in 'x, y'", "3");
        row("name ~ ^A", "1 10");
    }
    void filters()
    {
        QFETCH(QString, filter);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(ids(filter.toUtf8().constData())), expected);
    }

    void allFiltersHold()
    {
        QCOMPARE(kept({QStringLiteral("id > 1"), QStringLiteral("id < 10")}), std::string("2\n3\n"));
        const CliOutcome json = run(QStringLiteral("query"), {QStringLiteral("--json"), QStringLiteral("--filter"), QStringLiteral("g > 199990"), QStringLiteral("SELECT g FROM generate_series(1, 200000) g")});
        const Json document = Json::parse(json.out);
        QCOMPARE(document["statements"][0]["row_count"].get<int>(), 10);
        QCOMPARE(document["statements"][0]["rows"].size(), std::size_t(10));
        QCOMPARE(document["statements"][0]["rows"][9][0].get<std::string>(), std::string("200000"));
    }

    void wrongFiltersAreSaid()
    {
        const CliOutcome unknown = run(QStringLiteral("query"), {QStringLiteral("--filter"), QStringLiteral("prise > 1"), QStringLiteral("SELECT id, price FROM things")});
        QCOMPARE(unknown.code, 2);
        QVERIFY2(unknown.err.find("prise") != std::string::npos && unknown.err.find("id, price") != std::string::npos, unknown.err.c_str());
        const CliOutcome number = run(QStringLiteral("query"), {QStringLiteral("--filter"), QStringLiteral("price > cheap"), QStringLiteral("SELECT price FROM things")});
        QCOMPARE(number.code, 2);
        QVERIFY2(number.err.find("cheap") != std::string::npos, number.err.c_str());
    }

    void statistics()
    {
        const CliOutcome json = run(QStringLiteral("query"), {QStringLiteral("--json"), QStringLiteral("--statistics"), QStringLiteral("SELECT g AS n, CASE WHEN g % 4 = 0 THEN NULL ELSE 'v' || g % 2 END AS word FROM generate_series(1, 1000) g")});
        QCOMPARE(json.code, 0);
        const Json columns = Json::parse(json.out)["statements"][0]["statistics"];
        QCOMPARE(columns.size(), std::size_t(2));
        QCOMPARE(columns[0]["distinct"].get<int>(), 1000);
        QCOMPARE(columns[0]["lowest"].get<std::string>(), std::string("1"));
        QCOMPARE(columns[0]["highest"].get<std::string>(), std::string("1000"));
        QCOMPARE(columns[0]["sum"].get<double>(), 500500.0);
        QVERIFY(!columns[0]["histogram"].empty());
        QCOMPARE(columns[1]["nulls"].get<int>(), 250);
        QCOMPARE(columns[1]["frequent"][0]["value"].get<std::string>(), std::string("v1"));
        QCOMPARE(columns[1]["frequent"][0]["rows"].get<int>(), 500);
        const CliOutcome filtered = run(QStringLiteral("query"), {QStringLiteral("--statistics"), QStringLiteral("--filter"), QStringLiteral("n <= 10"), QStringLiteral("SELECT n FROM generate_series(1, 1000) n")});
        QVERIFY2(filtered.out.find("(10 rows)") != std::string::npos, filtered.out.c_str());
    }

    void compares()
    {
        const CliOutcome json = run(QStringLiteral("compare"), {QStringLiteral("--json"), QStringLiteral("TABLE things"), QStringLiteral("TABLE things_new")});
        QCOMPARE(json.code, 1);
        const Json diff = Json::parse(json.out);
        QCOMPARE(diff["key"], Json({"id"}));
        QCOMPARE(diff["same"].get<int>(), 2);
        QCOMPARE(diff["changed"].get<int>(), 1);
        QCOMPARE(diff["added"].get<int>(), 1);
        QCOMPARE(diff["removed"].get<int>(), 1);
        QCOMPARE(diff["rows"].size(), std::size_t(3));
        const CliOutcome text = run(QStringLiteral("compare"), {QStringLiteral("-k"), QStringLiteral("id"), QStringLiteral("TABLE things"), QStringLiteral("TABLE things_new")});
        QVERIFY2(text.out.find("~ id=2 price: 10 → 11\n") != std::string::npos, text.out.c_str());
        QVERIFY(text.out.find("- id=3 name=Chair") != std::string::npos);
        QVERIFY(text.out.find("+ id=4 name=Door") != std::string::npos);
        const CliOutcome same = run(QStringLiteral("compare"), {QStringLiteral("TABLE things"), QStringLiteral("--with"), database_});
        QCOMPARE(same.code, 0);
        QCOMPARE(run(QStringLiteral("compare"), {QStringLiteral("TABLE things")}).code, 2);
        QCOMPARE(run(QStringLiteral("compare"), {QStringLiteral("TABLE things"), QStringLiteral("TABLE nothing")}).code, 4);
    }
};

QTEST_GUILESS_MAIN(TestResults)
#include "tst_results.moc"
