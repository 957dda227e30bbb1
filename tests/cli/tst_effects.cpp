// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestEffectsCommand : public QObject
{
    Q_OBJECT

    QString database_;

    CliOutcome effects(const QStringList &options, const std::string &script) const
    {
        return runCli(QStringList{QStringLiteral("effects"), QStringLiteral("-")} + options, script);
    }
    QStringList connected(const QStringList &more = {}) const { return QStringList{QStringLiteral("-d"), database_} + more; }
    std::string ask(const QString &sql) const
    {
        return runCli({QStringLiteral("query"), QStringLiteral("-d"), database_, QStringLiteral("-t"), QStringLiteral("--csv"), sql}).out;
    }

private Q_SLOTS:
    void initTestCase()
    {
        database_ = QString::fromStdString(test::freshDatabase());
        ask(QStringLiteral("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g; ANALYZE t; CREATE TABLE c (t_id int REFERENCES t)"));
    }

    void tellsEffectsInJson()
    {
        const CliOutcome outcome = effects(connected({QStringLiteral("--json")}), "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid();\n\nCREATE INDEX CONCURRENTLY i ON t (a);");
        QCOMPARE(outcome.code, 0);
        const json statements = outcome.json()["statements"];
        QCOMPARE(statements.size(), std::size_t{2});
        QCOMPARE(statements[0]["locks"], (json{{"public.t", "AccessExclusiveLock"}, {"public.t_pkey", "AccessExclusiveLock"}}));
        QCOMPARE(statements[0]["rewrites"], (json{"public.t", "public.t_pkey"}));
        QCOMPARE(statements[0]["scans"], json::array({"public.t"}));
        QVERIFY(statements[0]["duration_ms"]["low"] <= statements[0]["duration_ms"]["high"]);
        QVERIFY(!statements[0].contains("measured"));
        QCOMPARE(statements[1]["line"], json(3));
        QCOMPARE(statements[1]["in_transaction"], json(false));
        QCOMPARE(statements[1]["builds"], json::array({"public.i"}));
    }

    void measuresTheServersSpeed()
    {
        const std::string script = "ALTER TABLE t ALTER COLUMN a TYPE bigint";
        const json document = effects(connected({QStringLiteral("--json"), QStringLiteral("--calibrate")}), script).json();
        for (const char *work : {"verifying", "rewriting", "building"})
            QVERIFY(document["speeds"][work]["rows_per_s"] > 1000 && document["speeds"][work]["rows_per_s"] < 1e9);
        const json range = document["statements"][0]["duration_ms"];
        // 1,000 rows at that speed, a third of it up to twice it
        const double ms = 1000 * 1000 / document["speeds"]["rewriting"]["rows_per_s"].get<double>();
        QVERIFY(range["low"] >= ms / 2 && range["high"] >= ms * 3 && range["high"] <= 20 + ms * 3 + 100);
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah_probe%'")), std::string("0\n"));
        QCOMPARE(effects({QStringLiteral("--calibrate")}, script).code, 2);
    }

    void endsWithOneOnErrors()
    {
        const CliOutcome syntax = effects({QStringLiteral("--json")}, "ALTER TABEL t ADD x int");
        QCOMPARE(syntax.code, 1);
        QCOMPARE(syntax.json()["statements"][0]["errors"][0]["position"], json(6));
        const CliOutcome unknown = effects(connected({QStringLiteral("--json")}), "DROP TABLE nope");
        QCOMPARE(unknown.code, 1);
        QCOMPARE(unknown.json()["statements"][0]["errors"][0]["sqlstate"], json("42P01"));
        QCOMPARE(effects({QStringLiteral("--pg"), QStringLiteral("12")}, "SELECT 1").code, 2);
        QCOMPARE(effects({QStringLiteral("--measure")}, "SELECT 1").code, 2);
        QCOMPARE(effects({QStringLiteral("-d"), QStringLiteral("host=127.0.0.1 port=1")}, "SELECT 1").code, 3);
    }

    void measuresInPlaceAndLeavesNothing()
    {
        const CliOutcome outcome = effects(connected({QStringLiteral("--json"), QStringLiteral("--measure"), QStringLiteral("--in-place")}),
                                           "ALTER TABLE c DROP CONSTRAINT c_t_id_fkey; ALTER TABLE t ALTER COLUMN a TYPE bigint; DROP TABLE c");
        QCOMPARE(outcome.code, 0);
        const json document = outcome.json();
        for (const json &statement : document["statements"])
            QCOMPARE(statement["disagreements"], json::array());
        QCOMPARE(outcome.json()["statements"][1]["measured"]["rewrites"], (json{"public.t", "public.t_pkey"}));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM c")), std::string("0\n"));
        QCOMPARE(ask(QStringLiteral("SELECT pg_typeof(a) FROM t LIMIT 1")), std::string("integer\n"));
    }

    void measuresOnAScratchDatabase()
    {
        const CliOutcome outcome = effects(connected({QStringLiteral("--json"), QStringLiteral("--measure"), QStringLiteral("--scratch")}),
                                           "CREATE INDEX CONCURRENTLY i ON t (a); DROP INDEX i; ALTER TABLE c RENAME TO d; ALTER TABLE d ADD COLUMN x int");
        QVERIFY2(outcome.code == 0, (outcome.out + outcome.err).c_str());
        const json statements = outcome.json()["statements"];
        QCOMPARE(statements[0]["measured"]["builds"], json::array({"public.i"}));
        QCOMPARE(statements[0]["measured"]["locks"], (json{{"public.t", "ShareUpdateExclusiveLock"}}));
        QCOMPARE(statements[3]["measured"]["locks"], (json{{"public.d", "AccessExclusiveLock"}}));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_database WHERE datname LIKE 'howdah_scratch%'")), std::string("0\n"));
    }

    void measuresOnAScratchServer()
    {
        ask(QStringLiteral("CREATE ROLE other NOLOGIN; CREATE TABLE guarded (id int); CREATE POLICY p ON guarded TO other USING (true)"));
        const CliOutcome outcome = effects(connected({QStringLiteral("--json"), QStringLiteral("--measure")}),
                                           "CREATE INDEX CONCURRENTLY i ON t (a); DROP INDEX CONCURRENTLY i; ALTER TABLE t ALTER COLUMN a SET NOT NULL; DROP TABLE c; DROP POLICY p ON guarded");
        QVERIFY2(outcome.code == 0, (outcome.out + outcome.err).c_str());
        const json document = outcome.json();
        QVERIFY(document["measured_on"].get<std::string>().find("scratch server") != std::string::npos);
        const json statements = document["statements"];
        for (const json &statement : statements)
            QCOMPARE(statement["disagreements"], json::array());
        // Watched from another session, since they run outside of a transaction.
        QCOMPARE(statements[0]["measured"]["locks"], (json{{"public.t", "ShareUpdateExclusiveLock"}}));
        QCOMPARE(statements[1]["measured"]["locks"], (json{{"public.i", "ShareUpdateExclusiveLock"}, {"public.t", "ShareUpdateExclusiveLock"}}));
        QCOMPARE(statements[2]["measured"]["scans"], json::array({"public.t"})); // though there is no row
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM c")), std::string("0\n"));
    }

    void fitsATerminal()
    {
        const CliOutcome outcome = effects(connected(), "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES t (id), ALTER COLUMN a SET DEFAULT 5");
        QCOMPARE(outcome.code, 0);
        QVERIFY(outcome.out.find("ACCESS EXCLUSIVE") != std::string::npos);
        for (const QString &line : QString::fromStdString(outcome.out).split(QLatin1Char('\n')))
            QVERIFY2(line.size() <= 100, qPrintable(line));
    }
};

QTEST_GUILESS_MAIN(TestEffectsCommand)
#include "tst_effects.moc"
