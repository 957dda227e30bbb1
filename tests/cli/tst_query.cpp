// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <chrono>
#include <csignal>
#include <thread>

#include <QTemporaryDir>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;

class TestQuery : public QObject
{
    Q_OBJECT

    QString database_;
    QTemporaryDir folder_;

    CliOutcome query(QStringList arguments, const std::string &input = {}) const
    {
        return runCli(QStringList{QStringLiteral("query"), QStringLiteral("-d"), database_} + arguments, input);
    }
    std::string ask(const QString &sql) const
    {
        return query({QStringLiteral("-t"), QStringLiteral("--csv"), sql}).out;
    }
    QString file(const char *name, const std::string &content) const
    {
        const QString path = folder_.filePath(QString::fromUtf8(name));
        QFile target(path);
        if (!target.open(QIODevice::WriteOnly))
            qFatal("cannot write");
        target.write(content.data(), static_cast<qint64>(content.size()));
        return path;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(QFileInfo(test::cliProgram()).isExecutable(), "HOWDAH_CLI names no program");
        database_ = QString::fromStdString(test::freshDatabase());
    }

    void alignsATable()
    {
        const CliOutcome outcome = query({QStringLiteral("SELECT 1 AS n, '日本' AS \"größe\", NULL AS nothing UNION ALL SELECT 12345, E'zwei\\nZeilen', E'\\x1b[31m'")});
        QCOMPARE(outcome.code, 0);
        QCOMPARE(outcome.out, std::string("   n   | größe  | nothing\n"
                                          "-------+--------+----------\n"
                                          "     1 | 日本   | <null>\n"
                                          " 12345 | zwei  +| \\x1B[31m\n"
                                          "       | Zeilen |\n"
                                          "(2 rows)\n\n"));
        QCOMPARE(outcome.err, std::string());
        QCOMPARE(query({QStringLiteral("-x"), QStringLiteral("SELECT 1 AS a, 'x' AS long_name")}).out,
                 std::string("-[ RECORD 1 ]--------------------\na         | 1\nlong_name | x\n(1 row)\n\n"));
        QCOMPARE(query({QStringLiteral("SELECT")}).out, std::string("(1 row)\n\n"));
        QCOMPARE(query({QStringLiteral("CREATE TABLE made (a int); INSERT INTO made VALUES (1); DROP TABLE made")}).out,
                 std::string("CREATE TABLE\nINSERT 0 1\nDROP TABLE\n"));
        QCOMPARE(query({QStringLiteral("SELECT generate_series(1, 100000)"), QStringLiteral("--max-rows=2")}).out,
                 std::string(" generate_series\n-----------------\n               1\n               2\n(2 rows; there are more)\n\n"));
    }

    void printsLongTablesInPages()
    {
        const CliOutcome outcome = query({QStringLiteral("SELECT repeat('x', (g / 1000)::int + 1) AS t FROM generate_series(0, 2500) g")});
        QCOMPARE(outcome.code, 0);
        QCOMPARE(std::count(outcome.out.begin(), outcome.out.end(), 't'), std::ptrdiff_t{3}); // a head a page, as columns grow
        QVERIFY(outcome.out.find("(2501 rows)") != std::string::npos);
    }

    void tellsAllInJson()
    {
        const CliOutcome outcome = query({QStringLiteral("--json"), QStringLiteral("-f"), QStringLiteral("-")},
                                         "SELECT 1 AS a, NULL AS b, E'\"\\x01é\\\\' AS a;\n\n  DO $$ BEGIN RAISE NOTICE 'hör %', 1 USING HINT = 'h'; END $$;\nSELECT 2 WHERE false;");
        QCOMPARE(outcome.code, 0);
        const auto document = outcome.json();
        const auto &statements = document["statements"];
        QCOMPARE(statements.size(), std::size_t{3});
        QCOMPARE(statements[0]["line"].get<int>(), 1);
        QCOMPARE(statements[0]["command_tag"].get<std::string>(), std::string("SELECT 1"));
        QCOMPARE(statements[0]["columns"].dump(), std::string(R"([{"name":"a","type_oid":23},{"name":"b","type_oid":25},{"name":"a","type_oid":25}])"));
        QCOMPARE(statements[0]["rows"].dump(), std::string("[[\"1\",null,\"\\\"\\u0001é\\\\\"]]"));
        QCOMPARE(statements[0]["row_count"].get<int>(), 1);
        QVERIFY(statements[0]["duration_ms"].get<double>() > 0);
        QVERIFY(statements[0]["notices"].empty() && !statements[0].contains("error"));
        QCOMPARE(statements[1]["line"].get<int>(), 3);
        QCOMPARE(statements[1]["notices"][0]["message"].get<std::string>(), std::string("hör 1"));
        QCOMPARE(statements[1]["notices"][0]["hint"].get<std::string>(), std::string("h"));
        QVERIFY(!statements[1].contains("columns"));
        QVERIFY(statements[2]["rows"].is_array() && statements[2]["rows"].empty());
        QCOMPARE(document["not_started"].get<int>(), 0);
    }

    void marksAnErrorInAScript()
    {
        const std::string script = "-- Prüfung: größe\nSELECT 'é' AS a;\nSELECT 'Straße', nmae\n  FROM pg_class;\nSELECT 3;\n";
        const CliOutcome outcome = query({QStringLiteral("-f"), file("skript.sql", script)});
        QCOMPARE(outcome.code, 4);
        QVERIFY2(outcome.err.find("skript.sql:3:18: ERROR 42703: column \"nmae\" does not exist\n"
                                  "LINE 3: SELECT 'Straße', nmae\n"
                                  "                         ^^^^\n") != std::string::npos,
                 outcome.err.c_str());
        QVERIFY(outcome.err.find("1 of 3 statements ran, 1 failed, 1 was not run.") != std::string::npos);
        const CliOutcome told = query({QStringLiteral("--json"), QStringLiteral("-f"), QStringLiteral("-")}, script);
        QCOMPARE(told.code, 4);
        const auto document = told.json();
        const auto &error = document["statements"][1]["error"];
        QCOMPARE(error["sqlstate"].get<std::string>(), std::string("42703"));
        QCOMPARE(error["line"].get<int>(), 3);
        QCOMPARE(error["column"].get<int>(), 18);
        QCOMPARE(script.substr(error["position"].get<std::size_t>(), 4), std::string("nmae"));
        QCOMPARE(document["error"], error);
        QCOMPARE(document["not_started"].get<int>(), 1);
        // A line far wider than the screen is cut around the word.
        const std::string wide = "SELECT " + std::string(3000, '1') + ", nmae, " + std::string(3000, '2');
        const CliOutcome cut = query({QStringLiteral("-f"), QStringLiteral("-")}, wide);
        const std::string line = cut.err.substr(cut.err.find("LINE 1"), cut.err.find('^') - cut.err.find("LINE 1"));
        QVERIFY2(line.size() < 250 && line.find("nmae") != std::string::npos, cut.err.c_str());
    }

    void goesOnAfterAnErrorWhenTold()
    {
        const CliOutcome outcome = query({QStringLiteral("--no-stop-on-error"), QStringLiteral("-t"), QStringLiteral("SELECT 1 / 0; SELECT 7; SELECT x")});
        QCOMPARE(outcome.code, 4);
        QCOMPARE(outcome.out, std::string(" 7\n"));
        QVERIFY(outcome.err.find("22012") != std::string::npos && outcome.err.find("42703") != std::string::npos);
        QVERIFY(outcome.err.find("1 of 3 statements ran, 2 failed, 0 were not run.") != std::string::npos);
    }

    void saysThatATransactionWasLeftOpen()
    {
        const CliOutcome outcome = query({QStringLiteral("BEGIN; CREATE TABLE forgotten (a int)")});
        QCOMPARE(outcome.code, 1);
        QVERIFY(outcome.err.find("COMMIT") != std::string::npos);
        QCOMPARE(ask(QStringLiteral("SELECT to_regclass('forgotten') IS NULL")), std::string("t\n"));
    }

    void hasAnExitCodeForEach()
    {
        QCOMPARE(query({QStringLiteral("SELECT 1")}).code, 0);
        QCOMPARE(query({QStringLiteral("SELECT 1 / 0")}).code, 4);
        QCOMPARE(query({QStringLiteral("-f"), QStringLiteral("/nowhere.sql")}).code, 2);
        QCOMPARE(query({QStringLiteral("--no-such-option"), QStringLiteral("SELECT 1")}).code, 2);
        QCOMPARE(query({QStringLiteral("\\d")}).code, 2);
        QCOMPARE(runCli({}).code, 2);
        QCOMPARE(runCli({QStringLiteral("nonsense")}).code, 2);
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), QStringLiteral("host=127.0.0.1 port=1"), QStringLiteral("SELECT 1")}).code, 3);
        const CliOutcome unknown = runCli({QStringLiteral("query"), QStringLiteral("--json"), QStringLiteral("-d"), database_ + QStringLiteral(" dbname=nowhere"), QStringLiteral("SELECT 1")});
        QCOMPARE(unknown.code, 3);
        QVERIFY(unknown.json()["error"]["message"].get<std::string>().find("nowhere") != std::string::npos);
        QCOMPARE(runCli({QStringLiteral("--version")}).code, 0);
        QCOMPARE(runCli({QStringLiteral("help")}).code, 0);
        for (const char *command : {"query", "explain", "plan", "catalog", "demo", "help"})
            QVERIFY(runCli({QStringLiteral("help"), QString::fromUtf8(command)}).out.find(std::string("howdah-cli ") + command) == 0);
        QCOMPARE(runCli({QStringLiteral("help"), QStringLiteral("nonsense")}).code, 2);
        // libpq's environment stands in for -d.
        const auto keywords = pg::describe(database_.toStdString()).value();
        const QStringList environment{QStringLiteral("PGHOST=") + QString::fromStdString(keywords.at("host")), QStringLiteral("PGPORT=") + QString::fromStdString(keywords.at("port")),
                                      QStringLiteral("PGUSER=") + QString::fromStdString(keywords.at("user")), QStringLiteral("PGDATABASE=") + QString::fromStdString(keywords.at("dbname"))};
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-t"), QStringLiteral("SELECT current_database()")}, {}, environment).out, " " + keywords.at("dbname") + "\n");
    }

    void aWrongPasswordIsNoConnection()
    {
        QTemporaryDir folder(QStringLiteral("/tmp/howdah-cli-XXXXXX"));
        QFile::setPermissions(folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ExeOther);
        cluster::ClusterOptions options;
        options.folder = std::filesystem::path(folder.path().toStdString()) / "cluster";
        options.durable = false;
        options.listen_tcp = true;
        options.password = "right";
        const auto guarded = cluster::LocalCluster::start(*cluster::findInstallation(15), options);
        QVERIFY2(guarded, guarded ? "" : guarded.error().text().c_str());
        const auto with = [&](const char *password) {
            return runCli({QStringLiteral("query"), QStringLiteral("-w"), QStringLiteral("-d"), QStringLiteral("postgresql://howdah:%1@127.0.0.1:%2/postgres").arg(QString::fromUtf8(password)).arg((*guarded)->port()),
                           QStringLiteral("SELECT 1")});
        };
        QCOMPARE(with("right").code, 0);
        QCOMPARE(with("wrong").code, 3);
        QVERIFY(with("wrong").err.find("28P01") != std::string::npos);
    }

    void readOnlyIsTheServersOwnRefusal()
    {
        const CliOutcome outcome = query({QStringLiteral("--read-only"), QStringLiteral("CREATE TABLE refused (a int)")});
        QCOMPARE(outcome.code, 4);
        QVERIFY(outcome.err.find("25006") != std::string::npos);
        QCOMPARE(ask(QStringLiteral("SELECT to_regclass('refused') IS NULL")), std::string("t\n"));
    }

    void interruptingStopsTheServer_data()
    {
        QTest::addColumn<int>("signal");
        QTest::addColumn<int>("code");
        QTest::newRow("Ctrl+C") << SIGINT << 130;
        QTest::newRow("SIGTERM") << SIGTERM << 143;
    }
    void interruptingStopsTheServer()
    {
        QFETCH(int, signal);
        QFETCH(int, code);
        QProcess process;
        process.start(test::cliProgram(), {QStringLiteral("query"), QStringLiteral("-d"), database_, QStringLiteral("SELECT pg_sleep(60); SELECT 2")});
        const QString running = QStringLiteral("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'");
        for (int i = 0; i < 100 && ask(running) != "1\n"; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const auto begin = std::chrono::steady_clock::now();
        ::kill(static_cast<pid_t>(process.processId()), signal);
        QVERIFY(process.waitForFinished(10'000));
        QVERIFY(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
        QCOMPARE(process.exitCode(), code);
        QCOMPARE(ask(running), std::string("0\n"));
        const std::string told = process.readAllStandardError().toStdString();
        QVERIFY2(told.find("1 was not run") != std::string::npos, told.c_str());
    }

    /// A reader that goes away stops the server too.
    void endsWithItsReader()
    {
        QProcess process;
        process.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QStringLiteral("\"$0\" query -d \"$1\" --csv 'SELECT generate_series(1, 1000000000)' | head -2"), test::cliProgram(), database_});
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.readAllStandardOutput().toStdString(), std::string("generate_series\n1\n"));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT generate_series(1, 1000000000)%' AND state = 'active'")), std::string("0\n"));
    }

    void csvIsWhatCopyWrites()
    {
        QVERIFY(query({QStringLiteral("CREATE TABLE big AS SELECT g AS id, md5(g::text) AS text, CASE g % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a,\"b\"' "
                                      "WHEN 3 THEN E'two\\nlines\\r' ELSE 'é ' END AS odd, g / 7.0 AS n, now() - g * interval '1 s' AS at, g % 2 = 0 AS flag "
                                      "FROM generate_series(1, 200000) g")}).code == 0);
        const CliOutcome ours = query({QStringLiteral("--csv"), QStringLiteral("SELECT * FROM big ORDER BY id")});
        const CliOutcome theirs = query({QStringLiteral("--csv"), QStringLiteral("COPY (SELECT * FROM big ORDER BY id) TO STDOUT (FORMAT csv, HEADER)")});
        QProcess psql;
        psql.start(QStringLiteral("psql"), {QStringLiteral("-X"), QStringLiteral("-d"), database_, QStringLiteral("-c"), QStringLiteral("COPY (SELECT * FROM big ORDER BY id) TO STDOUT (FORMAT csv, HEADER)")});
        QVERIFY(psql.waitForFinished(60'000));
        const std::string reference = psql.readAllStandardOutput().toStdString();
        QVERIFY(reference.size() > 10'000'000);
        QVERIFY(ours.out == reference);
        QVERIFY(theirs.out == reference);
        QCOMPARE(query({QStringLiteral("--csv"), QStringLiteral("-t"), QStringLiteral("SELECT ''; SELECT NULL; SELECT E'\\\\.'; SELECT E'\\\\.', 1")}).out,
                 std::string("\"\"\n\n\"\\.\"\n\\.,1\n"));
    }
};

QTEST_GUILESS_MAIN(TestQuery)
#include "tst_query.moc"
