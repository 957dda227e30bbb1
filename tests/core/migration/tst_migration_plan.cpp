// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/migration/migration_plan.h"
#include "core/migration/plan_json.h"
#include "core/migration/plan_sql.h"
#include "core/migration/recipes/text.h"
#include "core/migration/script_json.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;

namespace {

MigrationPlan planned(pg::Connection &connection, const std::string &wanted, const PlanOptions &options = {})
{
    auto plan = planMigration(connection, wanted, options);
    return plan ? std::move(*plan) : MigrationPlan();
}

std::string approaches(const MigrationPlan &plan)
{
    std::string text;
    for (const WantedChange &change : plan.wanted)
        text += (text.empty() ? "" : " ") + (change.recipe.empty() ? std::string(approachName(change.approach)) : change.recipe);
    return text;
}

} // namespace

class TestMigrationPlan : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        connection_ = test::freshConnection(15);
        QVERIFY(!connection_
                     ->run("CREATE TABLE t (id integer PRIMARY KEY, a varchar(20), b integer, c text NOT NULL DEFAULT 'x'); INSERT INTO t SELECT i, 'a', i, 'c' FROM generate_series(1, 100) i;"
                           "CREATE TABLE u (id integer PRIMARY KEY, t_id integer); CREATE VIEW v AS SELECT a FROM t; CREATE TYPE mood AS ENUM ('a', 'b'); ANALYZE")
                     .error);
    }

    void leavesHarmlessAlone_data()
    {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("answer");
        QTest::addColumn<int>("steps");
        QTest::newRow("wider") << "ALTER TABLE u ADD x varchar(5); ALTER TABLE t ALTER b SET DEFAULT 4" << "left-alone left-alone" << 2;
        QTest::newRow("constant default") << "ALTER TABLE t ADD COLUMN d timestamptz NOT NULL DEFAULT now()" << "left-alone" << 1;
        QTest::newRow("merged") << "ALTER TABLE t ADD d int; ALTER TABLE t ADD e int, ALTER b SET DEFAULT 7" << "left-alone left-alone left-alone" << 1;
        QTest::newRow("weaker lock apart") << "ALTER TABLE t ADD d int, ALTER b SET STATISTICS 100" << "left-alone left-alone" << 2;
        QTest::newRow("new table") << "CREATE TABLE n (id int PRIMARY KEY, x text); CREATE INDEX ON n (x); ALTER TABLE n ALTER x SET NOT NULL" << "left-alone left-alone left-alone" << 3;
        QTest::newRow("references without default") << "ALTER TABLE u ADD r integer REFERENCES t" << "left-alone" << 1;
        QTest::newRow("settings") << "BEGIN; SET lock_timeout = '1s'; ALTER TABLE t ADD d int; COMMIT" << "left-alone left-alone left-alone left-alone" << 1;
        QTest::newRow("enum value") << "ALTER TYPE mood ADD VALUE 'c' AFTER 'a'" << "left-alone" << 1;
        QTest::newRow("exclusion") << "ALTER TABLE t ADD CONSTRAINT e EXCLUDE USING btree (b WITH =)" << "no-safe-path" << 1;
        QTest::newRow("unlogged") << "ALTER TABLE t SET UNLOGGED" << "no-safe-path" << 1;
        QTest::newRow("types in one go") << "ALTER TABLE t ALTER id TYPE bigint; ALTER TABLE t ALTER b TYPE numeric(9, 2)" << "change-type change-type" << -1;
        QTest::newRow("key updated") << "UPDATE t SET id = id + 1000; UPDATE t SET b = 1 WHERE b = 2" << "left-alone update-rows" << 2;
        QTest::newRow("builds on it") << "ALTER TABLE t ALTER b TYPE bigint; CREATE INDEX t_b ON t (b); CREATE INDEX t_c ON t (c)" << "change-type later create-index" << -1;
    }

    void leavesHarmlessAlone()
    {
        QFETCH(QString, wanted);
        QFETCH(QString, answer);
        QFETCH(int, steps);
        const MigrationPlan plan = planned(*connection_, wanted.toStdString());
        QCOMPARE(QString::fromStdString(approaches(plan)), answer);
        if (steps >= 0)
            QCOMPARE(static_cast<int>(plan.script.steps.size()), steps);
        QCOMPARE(plan.steps.size(), plan.script.steps.size());
        for (std::size_t i = 1; i < plan.script.steps.size(); ++i)
            QVERIFY(plan.script.steps[i - 1].phase <= plan.script.steps[i].phase);
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QString>("wanted");
        QTest::addColumn<QString>("message");
        QTest::addColumn<int>("position");
        QTest::newRow("syntax") << "ALTER TABLE t ADD x int;\nALTER TABLE t ALTER b SET NOT NULLL" << "syntax error" << 55;
        QTest::newRow("table") << "ALTER TABLE nowhere ADD x int" << "\"nowhere\" does not exist" << 0;
        QTest::newRow("column") << "ALTER TABLE t ADD y int, ALTER zz SET NOT NULL" << "\"zz\" of relation \"t\" does not exist" << 25;
        QTest::newRow("cast") << "ALTER TABLE t ALTER c TYPE integer" << "cannot be cast automatically" << 0;
        QTest::newRow("type") << "ALTER TABLE t ALTER c TYPE nosuchtype" << "\"nosuchtype\" does not exist" << 0;
        QTest::newRow("depends") << "ALTER TABLE t DROP COLUMN a" << "depend" << 0;
        QTest::newRow("index") << "DROP INDEX nowhere" << "does not exist" << 0;
        QTest::newRow("psql") << "\\d t\n" << "psql" << 0;
        QTest::newRow("search path") << "SET search_path = a; ALTER TABLE t ADD x int" << "search_path" << 0;
        QTest::newRow("split expression") << "SPLIT COLUMN t.c INTO x text = nosuch(c) BACK x" << "nosuch" << 0;
        QTest::newRow("split nothing") << "SPLIT COLUMN t.c" << "BACK" << 0;
        QTest::newRow("enum value") << "ALTER TYPE mood DROP VALUE 'z'" << "not a value" << 0;
    }

    void saysWhatIsWrong()
    {
        QFETCH(QString, wanted);
        QFETCH(QString, message);
        QFETCH(int, position);
        const MigrationPlan plan = planned(*connection_, wanted.toStdString());
        QVERIFY(!plan.complete());
        for (const WantedChange &change : plan.wanted) {
            if (change.errors.empty())
                continue;
            const QString text = QString::fromStdString(change.errors[0].text());
            QVERIFY2(text.contains(message), qPrintable(text));
            QVERIFY(change.errors[0].position.has_value());
            QCOMPARE(static_cast<int>(change.errors[0].position->value), position);
            return;
        }
        QFAIL("no error was told");
    }

    void dropsInvalidIndexFirst()
    {
        QVERIFY(!connection_->run("INSERT INTO u VALUES (1, 5), (2, 5)").error);
        static_cast<void>(connection_->query("CREATE UNIQUE INDEX CONCURRENTLY u_t ON u (t_id)"));
        const MigrationPlan plan = planned(*connection_, "CREATE INDEX CONCURRENTLY IF NOT EXISTS u_t ON u (t_id)");
        QCOMPARE(plan.script.steps.size(), std::size_t{2});
        QCOMPARE(QString::fromStdString(plan.script.steps[0].sql), QStringLiteral("DROP INDEX CONCURRENTLY IF EXISTS public.u_t"));
        QVERIFY(plan.script.steps[1].sql.find("IF NOT EXISTS") == std::string::npos);
        QVERIFY(!plan.script.steps[1].repair_sql.empty());
        QVERIFY(!connection_->run("DROP INDEX u_t").error);
    }

    void isBoundToTheCatalog()
    {
        const MigrationPlan plan = planned(*connection_, "ALTER TABLE t ALTER b SET NOT NULL");
        QVERIFY(!plan.script.fingerprint.empty());
        QVERIFY(!connection_->run("ALTER TABLE t ADD moved int").error);
        const auto now = connection_->query(plan.script.fingerprint_sql);
        QVERIFY(now.has_value());
        QVERIFY(now->result->cell(0, 0).text.find("public.t.moved integer") != std::string_view::npos);
        QVERIFY(plan.script.fingerprint != now->result->cell(0, 0).text);
        QVERIFY(!connection_->run("ALTER TABLE t DROP moved").error);
    }

    void everyStepSaysHowToGoBack()
    {
        const MigrationPlan plan = planned(*connection_, "ALTER TABLE t ALTER id TYPE bigint; ALTER TABLE u ADD CHECK (t_id > 0); ALTER TABLE u ADD q timestamptz DEFAULT clock_timestamp()");
        QVERIFY(plan.script.steps.size() > 10);
        for (const ChangeStep &step : plan.script.steps)
            QVERIFY2(step.undo_sql.empty() != step.no_undo_reason.empty(), step.title.c_str());
    }

    void isReadAgain()
    {
        const MigrationPlan plan = planned(*connection_, "ALTER TABLE t ALTER id TYPE bigint");
        const auto script = readScript(planJson(plan).dump());
        QVERIFY(script.has_value());
        QCOMPARE(toJson(*script), toJson(plan.script));
        QVERIFY(planSql(plan.script).find("LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE") != std::string::npos);
    }

    void namesAreShort()
    {
        const std::string name(63, 'n'), other = std::string(62, 'n') + "o";
        QVERIFY(recipes::objectName("new", {name}).size() <= 63);
        QVERIFY(recipes::objectName("new", {name}) != recipes::objectName("new", {other}));
        QCOMPARE(QString::fromStdString(recipes::objectName("sync", {"orders", "id"})), QStringLiteral("howdah_sync_orders_id"));
    }

    void renamesColumnsWhereTheyStand()
    {
        using namespace recipes;
        const std::map<std::string, std::string> to{{"date", "New"}};
        QCOMPARE(QString::fromStdString(tailWithColumns("(date DESC, lower(date::text) text_pattern_ops, ((date)::date), \"Date\") INCLUDE (date) WHERE (date > '2020-01-01'::date)", to)),
                 QStringLiteral("(\"New\" DESC, lower(\"New\"::text) text_pattern_ops, ((\"New\")::date), \"Date\") INCLUDE (\"New\") WHERE (\"New\" > '2020-01-01'::date)"));
        QCOMPARE(QString::fromStdString(constraintWithColumns("CHECK ((date IS NOT NULL) AND 'date' <> 'x') NOT VALID", to)), QStringLiteral("CHECK ((\"New\" IS NOT NULL) AND 'date' <> 'x') NOT VALID"));
        QCOMPARE(QString::fromStdString(constraintWithColumns("FOREIGN KEY (a, date) REFERENCES date(b, date) ON DELETE SET NULL (date)", to)),
                 QStringLiteral("FOREIGN KEY (a, \"New\") REFERENCES date(b, date) ON DELETE SET NULL (\"New\")"));
        QCOMPARE(cutAlterTable("ALTER TABLE a.b ADD x numeric(3, 2) DEFAULT (1), DROP y").commands.size(), std::size_t{2});
    }

private:
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_GUILESS_MAIN(TestMigrationPlan)
#include "tst_migration_plan.moc"
