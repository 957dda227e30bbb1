// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestPartitionCommand : public QObject
{
    Q_OBJECT

    QString database_;

    CliOutcome partition(const QStringList &options) const { return runCli(QStringList{QStringLiteral("partition")} + options + QStringList{QStringLiteral("-d"), database_, QStringLiteral("--json")}); }
    std::string ask(const QString &sql) const
    {
        std::string out = runCli({QStringLiteral("query"), QStringLiteral("-d"), database_, QStringLiteral("-t"), QStringLiteral("--csv"), sql}).out;
        while (out.ends_with('\n'))
            out.pop_back();
        return out;
    }
    std::string hash(const char *table) const
    {
        return ask(QStringLiteral("SELECT count(*) || ' ' || coalesce(sum(hashtextextended(ROW(id, at, v)::text, 0)::numeric), 0) FROM %1").arg(QLatin1String(table)));
    }
    static std::vector<std::string> rules(const json &document)
    {
        std::vector<std::string> all;
        for (const json &finding : document["tables"][0]["findings"])
            all.push_back(finding["rule"]);
        return all;
    }

private Q_SLOTS:
    void init() { database_ = QString::fromStdString(test::freshDatabase()); }

    void createsListsChecksAndMaintains()
    {
        CliOutcome made = partition({QStringLiteral("create"), QStringLiteral("ev"), QStringLiteral("--columns"), QStringLiteral("id bigint, at timestamptz NOT NULL, v text, PRIMARY KEY (id, at)"), QStringLiteral("--key"),
                                     QStringLiteral("at"), QStringLiteral("--interval"), QStringLiteral("1 month"), QStringLiteral("--from"), QStringLiteral("2025-01-15"), QStringLiteral("--ahead"), QStringLiteral("2"),
                                     QStringLiteral("--default"), QStringLiteral("--apply")});
        QVERIFY2(made.code == 0, (made.out + made.err).c_str());
        QCOMPARE(made.json()["applied"], json(true));
        json list = partition({QStringLiteral("list")}).json();
        QCOMPARE(list["tables"][0]["partitions"], json(4));
        QCOMPARE(list["tables"][0]["key"], json("RANGE (at)"));
        list = partition({QStringLiteral("list"), QStringLiteral("ev")}).json();
        QCOMPARE(list["interval"], json("1 month"));
        QCOMPARE(list["tables"][2]["bound"]["lower"][0].get<std::string>().substr(0, 10), std::string("2025-01-01"));
        ask(QStringLiteral("INSERT INTO ev SELECT g, timestamptz '2025-01-01' + g * interval '1 day', 'x' FROM generate_series(0, 120) g; ANALYZE ev"));
        const CliOutcome checked = partition({QStringLiteral("check"), QStringLiteral("ev"), QStringLiteral("--now"), QStringLiteral("2025-03-30")});
        QCOMPARE(checked.code, 1);
        QCOMPARE(rules(checked.json()), (std::vector<std::string>{"default-has-rows", "running-out"}));
        QVERIFY(checked.json()["tables"][0]["findings"][0]["sql"].get<std::string>().find("LOCK TABLE public.ev IN ACCESS EXCLUSIVE MODE") != std::string::npos);
        CliOutcome drained = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--drain-default"), QStringLiteral("--apply")});
        QVERIFY2(drained.code == 0, (drained.out + drained.err).c_str());
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM ev_default")), std::string("0"));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM ev")), std::string("121"));
        const CliOutcome ahead = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--from"), QStringLiteral("2025-05-01"), QStringLiteral("--ahead"), QStringLiteral("3"), QStringLiteral("--apply")});
        QVERIFY2(ahead.code == 0, (ahead.out + ahead.err).c_str());
        // Around them the proof that the default, which has pages though no rows, holds nothing of theirs.
        QCOMPARE(ahead.json()["script"]["steps"].size(), std::size_t{6});
        QCOMPARE(ask(QStringLiteral("SELECT to_regclass('ev_p20250801') IS NOT NULL AND to_regclass('ev_p20250901') IS NULL")), std::string("t"));
        QCOMPARE(partition({QStringLiteral("check"), QStringLiteral("ev"), QStringLiteral("--now"), QStringLiteral("2025-05-02")}).code, 0);
        // Asked again there is nothing to do.
        QCOMPARE(partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--from"), QStringLiteral("2025-05-01"), QStringLiteral("--ahead"), QStringLiteral("3")}).json()["script"]["steps"].size(), std::size_t{0});
        const CliOutcome split = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--split"), QStringLiteral("ev_p20250201"), QStringLiteral("--at"), QStringLiteral("2025-02-10"), QStringLiteral("--apply")});
        QVERIFY2(split.code == 0, (split.out + split.err).c_str());
        QCOMPARE(split.json()["end"], json("waiting"));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM ev")), std::string("121"));
    }

    void schedules()
    {
        ask(QStringLiteral("CREATE TABLE ev (id int, at timestamptz) PARTITION BY RANGE (at)"));
        const json timer = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--schedule"), QStringLiteral("--cron"), QStringLiteral("5 4 * * *")}).json();
        QCOMPARE(timer["schedule"]["means"], json("systemd timer"));
        QVERIFY(timer["schedule"]["text"].get<std::string>().find("5 4 * * * howdah-cli partition maintain 'public.ev' --apply") != std::string::npos);
        QCOMPARE(timer["applied"], json(false));
        QCOMPARE(partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--unschedule"), QStringLiteral("7")}).code, 2);
        QCOMPARE(partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--partman-install"), QStringLiteral("--partman-version"), QStringLiteral("0.1")}).code, 2);
        const CliOutcome installed = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--partman-install"), QStringLiteral("--apply")});
        QVERIFY2(installed.code == 0, (installed.out + installed.err).c_str());
        const CliOutcome adopted = partition({QStringLiteral("maintain"), QStringLiteral("ev"), QStringLiteral("--partman-adopt"), QStringLiteral("--interval"), QStringLiteral("1 day"), QStringLiteral("--partman-set"), QStringLiteral("premake=2"), QStringLiteral("--apply")});
        QVERIFY2(adopted.code == 0, (adopted.out + adopted.err).c_str());
        QCOMPARE(partition({QStringLiteral("list"), QStringLiteral("ev")}).json()["partman"]["config"]["premake"], json("2"));
    }

    void comparesTheStrategies()
    {
        ask(QStringLiteral("CREATE TABLE t (id int PRIMARY KEY, at timestamptz NOT NULL); INSERT INTO t SELECT g, timestamptz '2025-01-01' + g * interval '1 day' FROM generate_series(1, 300) g; ANALYZE t"));
        for (const char *strategy : {"attach", "copy", "logical"}) {
            const json document = partition({QStringLiteral("convert"), QStringLiteral("t"), QStringLiteral("--key"), QStringLiteral("at"), QStringLiteral("--interval"), QStringLiteral("1 year"), QStringLiteral("--strategy"), QLatin1String(strategy)}).json();
            QCOMPARE(document["measured"], json(true));
            QCOMPARE(document["strategies"].size(), std::size_t{3});
            for (const json &estimate : document["strategies"])
                QVERIFY(estimate["possible"] == json(true) && estimate["seconds_low"] <= estimate["seconds_high"] && !estimate["lock"].get<std::string>().empty() && !estimate["write_cost"].get<std::string>().empty());
            QVERIFY(document["script"]["steps"].size() >= 5 && document["applied"] == json(false));
        }
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_class WHERE relname ~ 'howdah'")), std::string("0"));
    }

    void refusesBadInput()
    {
        ask(QStringLiteral("CREATE TABLE t (id int PRIMARY KEY, at timestamptz); INSERT INTO t VALUES (1, NULL); CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)"));
        const CliOutcome nulls = partition({QStringLiteral("convert"), QStringLiteral("t"), QStringLiteral("--key"), QStringLiteral("at"), QStringLiteral("--interval"), QStringLiteral("1 month"), QStringLiteral("--apply")});
        QCOMPARE(nulls.code, 1);
        QCOMPARE(nulls.json()["applied"], json(false));
        QVERIFY(nulls.json()["blockers"][0].get<std::string>().find("NULL") != std::string::npos);
        const auto error = [this](const QStringList &options) {
            const CliOutcome outcome = partition(options);
            return outcome.code == 2 ? outcome.json()["error"]["message"].get<std::string>() : "code " + std::to_string(outcome.code) + outcome.out;
        };
        QVERIFY(error({QStringLiteral("maintain"), QStringLiteral("p"), QStringLiteral("--add"), QStringLiteral("5,20")}).find("overlaps p1") != std::string::npos);
        QVERIFY(error({QStringLiteral("maintain"), QStringLiteral("p"), QStringLiteral("--add"), QStringLiteral("20,20")}).find("empty") != std::string::npos);
        QVERIFY(error({QStringLiteral("list"), QStringLiteral("t")}).find("not partitioned") != std::string::npos);
        QVERIFY(error({QStringLiteral("convert"), QStringLiteral("p"), QStringLiteral("--key"), QStringLiteral("id"), QStringLiteral("--interval"), QStringLiteral("10")}).find("partitioned already") != std::string::npos);
        QVERIFY(error({QStringLiteral("convert"), QStringLiteral("t"), QStringLiteral("--key"), QStringLiteral("id"), QStringLiteral("--interval"), QStringLiteral("1 month")}).find("does not fit") != std::string::npos);
        QVERIFY(error({QStringLiteral("maintain"), QStringLiteral("p"), QStringLiteral("--detach"), QStringLiteral("p9")}).find("no partition p9") != std::string::npos);
        QCOMPARE(partition({QStringLiteral("maintain"), QStringLiteral("p"), QStringLiteral("--add"), QStringLiteral("a,b")}).code, 4);
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_class WHERE relname ~ '^[tp]' AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace")), std::string("3"));
    }

    void advises()
    {
        ask(QStringLiteral("CREATE TABLE ev (id bigserial PRIMARY KEY, at timestamptz NOT NULL, kind text); INSERT INTO ev (at, kind) SELECT timestamptz '2024-01-01' + g * interval '1 hour', 'k' || g % 5 FROM generate_series(1, 10000) g; ANALYZE ev"));
        QTemporaryFile file;
        QVERIFY(file.open());
        file.write("SELECT count(*) FROM ev WHERE at >= '2024-05-01' AND at < '2024-06-01';\nSELECT * FROM ev e WHERE e.at > $1;\nSELECT * FROM ev WHERE id = 5;\nSELECT * FROM other WHERE at > now();\n");
        file.close();
        json advice = partition({QStringLiteral("advise"), QStringLiteral("ev"), QStringLiteral("--workload"), file.fileName()}).json();
        QCOMPARE(advice["partition"], json(false));
        QCOMPARE(advice["column"], json("at"));
        QCOMPARE(advice["queries"].size(), std::size_t{3});
        advice = partition({QStringLiteral("advise"), QStringLiteral("ev"), QStringLiteral("--workload"), file.fileName(), QStringLiteral("--keep"), QStringLiteral("6 months")}).json();
        QCOMPARE(advice["partition"], json(true));
        QVERIFY(advice["queries"][0]["prunes"] == json(true) && advice["queries"][0]["partitions_read"] <= json(2));
        QVERIFY(advice["queries"][1]["prunes"] == json(true) && advice["queries"][1]["how"] == json("when run"));
        QVERIFY(advice["queries"][2]["prunes"] == json(false));
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_class WHERE relname LIKE 'howdah%'")), std::string("0"));
    }

    void convertsUnderWritesAndIsKilled()
    {
        ask(QStringLiteral(R"(CREATE TABLE live (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, v text);
INSERT INTO live (at, v) SELECT timestamptz '2025-01-01' + g * interval '1 minute', 'v' FROM generate_series(1, 200000) g;
CREATE TABLE shadow AS TABLE live; ALTER TABLE shadow ADD PRIMARY KEY (id);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN DELETE FROM shadow WHERE id = OLD.id; END IF;
  IF TG_OP <> 'DELETE' THEN INSERT INTO shadow VALUES (NEW.*); END IF; RETURN NULL; END $$;
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON live FOR EACH ROW EXECUTE FUNCTION keep();
CREATE PROCEDURE churn() LANGUAGE plpgsql AS $$ BEGIN LOOP
  BEGIN
    CASE floor(random() * 5)::int
      WHEN 0 THEN INSERT INTO live (at, v) VALUES (timestamptz '2025-01-01' + random() * interval '150 days', 'new');
      WHEN 1 THEN UPDATE live SET v = v || '+' WHERE id = ceil(random() * 200000)::bigint;
      WHEN 2 THEN UPDATE live SET at = at + interval '35 days' WHERE id = ceil(random() * 200000)::bigint;
      WHEN 3 THEN DELETE FROM live WHERE id = ceil(random() * 200000)::bigint;
      ELSE UPDATE live SET at = timestamptz '2025-01-01' + random() * interval '150 days' WHERE id BETWEEN ceil(random() * 200000)::bigint AND 0;
    END CASE;
  EXCEPTION WHEN serialization_failure OR deadlock_detected THEN NULL; END;
  COMMIT; END LOOP; END $$)"));
        QProcess writer;
        writer.start(test::cliProgram(), {QStringLiteral("query"), QStringLiteral("-d"), database_, QStringLiteral("CALL churn()")});
        QVERIFY(writer.waitForStarted());
        // Killed in the midst, then resumed until the end is near, as often as asked for.
        const int kills = qEnvironmentVariableIsSet("HOWDAH_TEST_KILLS") ? qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS") : 2;
        QProcess converter;
        converter.start(test::cliProgram(), {QStringLiteral("partition"), QStringLiteral("convert"), QStringLiteral("live"), QStringLiteral("--key"), QStringLiteral("at"), QStringLiteral("--interval"), QStringLiteral("1 month"),
                                             QStringLiteral("--apply"), QStringLiteral("--json"), QStringLiteral("-d"), database_});
        bool ended = false;
        for (int i = 0; i < kills && !ended; ++i) {
            ended = converter.waitForFinished(400 + 700 * (i % 4));
            if (ended)
                break;
            ::kill(static_cast<pid_t>(converter.processId()), SIGKILL);
            converter.waitForFinished();
            const std::string known = ask(QStringLiteral("SELECT to_regclass('howdah.migrations') IS NOT NULL AND EXISTS (SELECT FROM pg_class WHERE relname = 'live')"));
            QVERIFY(known == "t" || known == "f");
            if (ask(QStringLiteral("SELECT to_regclass('howdah.migrations') IS NULL")) == "t" || ask(QStringLiteral("SELECT count(*) FROM howdah.migrations")) == "0") {
                converter.start(test::cliProgram(), {QStringLiteral("partition"), QStringLiteral("convert"), QStringLiteral("live"), QStringLiteral("--key"), QStringLiteral("at"), QStringLiteral("--interval"), QStringLiteral("1 month"),
                                                     QStringLiteral("--apply"), QStringLiteral("--json"), QStringLiteral("-d"), database_});
                continue;
            }
            converter.start(test::cliProgram(), {QStringLiteral("migrate"), QStringLiteral("resume"), QStringLiteral("1"), QStringLiteral("--yes"), QStringLiteral("--json"), QStringLiteral("-d"), database_});
        }
        QVERIFY(ended || converter.waitForFinished(120'000));
        const std::string out = converter.readAllStandardOutput().toStdString() + converter.readAllStandardError().toStdString();
        QVERIFY2(ask(QStringLiteral("SELECT relkind FROM pg_class WHERE oid = 'live'::regclass")) == "p", out.c_str());
        QTest::qWait(500);
        ask(QStringLiteral("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL churn%' AND pid <> pg_backend_pid()"));
        writer.waitForFinished();
        QTest::qWait(200);
        const std::string wanted = hash("shadow");
        QCOMPARE(hash("live"), wanted);
        QCOMPARE(hash("live_old"), wanted);
        qInfo("%s", ask(QStringLiteral("SELECT (SELECT count(*) FROM live) || ' rows, ' || (SELECT count(*) FROM live WHERE v LIKE '%+' OR v = 'new') || ' written meanwhile, ' || (SELECT steps FROM (SELECT count(*) AS steps FROM howdah.steps) s) || ' steps'")).c_str());
        // The way back, which keeps what was written since.
        const CliOutcome back = runCli({QStringLiteral("migrate"), QStringLiteral("rollback"), QStringLiteral("1"), QStringLiteral("--yes"), QStringLiteral("-d"), database_});
        QVERIFY2(back.code == 0, (back.out + back.err).c_str());
        QCOMPARE(ask(QStringLiteral("SELECT relkind FROM pg_class WHERE oid = 'live'::regclass")), std::string("r"));
        QCOMPARE(hash("live"), wanted);
        QCOMPARE(ask(QStringLiteral("SELECT count(*) FROM pg_class WHERE relname LIKE 'live\\_p2%'")), std::string("0"));
    }
};

QTEST_GUILESS_MAIN(TestPartitionCommand)
#include "tst_partition.moc"
