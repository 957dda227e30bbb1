// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "core/migration/effects_facts.h"
#include "core/migration/lint.h"
#include "core/migration/lint_facts.h"
#include "core/pg/catalog.h"
#include "core/sql/parser.h"
#include "support/lock_oracle.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;
using nlohmann::json;

namespace {

std::vector<LintFinding> found(const std::string &script, const LintOptions &options = {})
{
    const auto result = lint(script, options);
    if (!result)
        QTest::qFail(result.error().text().c_str(), __FILE__, __LINE__);
    return result ? result->findings : std::vector<LintFinding>();
}

/// Names of the rules that spoke, sorted, "line:rule"; the missing lock_timeout is left out where it is not the point.
std::string rules(const std::string &script, const LintOptions &options = {}, bool with_timeout = false)
{
    std::vector<std::string> all;
    for (const LintFinding &finding : found(script, options)) {
        if (with_timeout || std::string_view(finding.rule->name) != "lock-timeout-missing")
            all.push_back(std::to_string(finding.line) + ":" + finding.rule->name);
    }
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string &one : all)
        text += (text.empty() ? "" : " ") + one;
    return text;
}

bool has(const std::string &script, const std::string &rule, const LintOptions &options = {})
{
    const auto all = found(script, options);
    return std::any_of(all.begin(), all.end(), [&](const LintFinding &finding) { return rule == finding.rule->name; });
}

/// Every statement of a fix can be read.
void checkFix(const LintFinding &finding, int major)
{
    if (!finding.fix_sql.empty() && major < 18) // the grammar at hand is older than 18's words
        QVERIFY2(sql::parseTree(finding.fix_sql), (std::string(finding.rule->name) + ": " + finding.fix_sql).c_str());
}

struct Case {
    const char *script;
    const char *expected;
};

} // namespace

class TestLint : public QObject
{
    Q_OBJECT

    struct Known {
        std::shared_ptr<const pg::Catalog> catalog;
        SchemaFacts facts;
        LintFacts lint_facts;
        LintOptions options;
    };

    static void ask(pg::Connection &connection, int major, Known &known)
    {
        pg::CatalogOptions options;
        options.with_functions = false;
        const auto catalog = pg::readCatalog(connection, options);
        const auto facts = readSchemaFacts(connection);
        const auto lint_facts = readLintFacts(connection);
        QVERIFY(catalog && facts);
        QVERIFY2(lint_facts, lint_facts ? "" : lint_facts.error().text().c_str());
        known.catalog = *catalog;
        known.facts = *facts;
        known.lint_facts = *lint_facts;
        known.options.major = major;
        known.options.catalog = known.catalog.get();
        known.options.facts = &known.facts;
        known.options.lint_facts = &known.lint_facts;
    }

private Q_SLOTS:
    void rulesAreWhole()
    {
        std::set<std::string> names;
        for (const LintRule *rule : lintRules()) {
            QVERIFY2(names.insert(rule->name).second, rule->name);
            QVERIFY2(*rule->group != '\0' && *rule->title != '\0' && *rule->why != '\0', rule->name);
            QVERIFY2(std::string_view(rule->group) == "suppression" || std::string_view(rule->source).rfind("https://www.postgresql.org/", 0) == 0, rule->name);
            QVERIFY2(std::string_view(rule->group) == "syntax" || *rule->fix != '\0', rule->name);
            QCOMPARE(rule->style, std::string_view(rule->group) == "style");
        }
    }

    /// Against every statement measured, on a server of that version: work under a blocking lock is told, and nothing
    /// else is.
    void agreesWithWhatWasMeasured()
    {
        std::ifstream file(HOWDAH_TEST_DATA "/locks/locks_measured_pg13_18.json");
        const json oracle = json::parse(file, nullptr, false);
        QVERIFY(!oracle.is_discarded());
        // all six take a minute; one shows what a change broke
        const std::vector<int> asked = qEnvironmentVariableIntValue("HOWDAH_TEST_ALL_MAJORS") != 0 ? test::majors() : std::vector<int>{17};
        for (const int major : asked) {
            const std::string version = std::to_string(major);
            const auto connection = test::freshConnection(major);
            std::size_t positives = 0, total = 0, wrong = 0;
            for (const auto &item : oracle["statements"].items()) {
                const json &entry = item.value();
                QVERIFY(connection->query("RESET ALL"));
                QVERIFY(!connection->run(oracle["fixture"].get<std::string>()).error);
                if (const std::string setup = entry["setup"]; !setup.empty() && connection->run(setup).error)
                    continue; // of a newer version
                Known known;
                ask(*connection, major, known);
                const test::MeasuredHarm harm = test::measuredHarm(entry, version, *known.catalog);
                if (!harm.known)
                    continue;
                bool blocking = false, timeout = false;
                for (const LintFinding &finding : found(entry["stmt"].get<std::string>(), known.options)) {
                    blocking = blocking || (std::string_view(finding.rule->group) == "blocking" && finding.severity >= LintSeverity::Serious);
                    timeout = timeout || std::string_view(finding.rule->name) == "lock-timeout-missing";
                    checkFix(finding, major);
                    QVERIFY2(finding.severity != LintSeverity::Error || !entry["in_transaction"].get<bool>(), (item.key() + ": " + finding.message).c_str());
                }
                ++total;
                positives += harm.blocks_work ? 1 : 0;
                if (blocking != harm.blocks_work) {
                    ++wrong;
                    qWarning("%d %s: %s", major, item.key().c_str(), blocking ? "a false alarm" : "a miss");
                }
                if (entry["in_transaction"].get<bool>() && timeout != harm.takes_lock) {
                    ++wrong;
                    qWarning("%d %s: lock_timeout is %s", major, item.key().c_str(), timeout ? "asked for without need" : "not asked for");
                }
            }
            qInfo("PostgreSQL %d: %zu statements, %zu that do work under a blocking lock, %zu wrong", major, total, positives, wrong);
            QVERIFY(total > 120 && positives > 30);
            QCOMPARE(wrong, std::size_t{0});
        }
    }

    void judgesTheScriptAlone_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("expected");
        const Case cases[] = {
            {"ALTER TABLE t ADD COLUMN x timestamptz NOT NULL DEFAULT now()", ""},
            {"ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()", "1:add-column-volatile-default"},
            {"ALTER TABLE t ADD COLUMN x bigserial", "1:add-column-serial"},
            {"ALTER TABLE t ADD COLUMN x int NOT NULL", "1:add-column-required"},
            {"ALTER TABLE t ADD COLUMN x int CHECK (x > 0)", "1:add-column-check"},
            {"ALTER TABLE t ADD COLUMN x int REFERENCES p(id)", "1:foreign-key-without-index"},
            {"ALTER TABLE t ALTER COLUMN a SET NOT NULL", "1:set-not-null-scan"},
            {"ALTER TABLE t ALTER COLUMN a TYPE bigint", "1:column-type-rewrite"},
            {"ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0)", "1:add-check-scan"},
            {"ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT k", ""},
            {"ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID", "1:not-valid-left"},
            {"BEGIN;\nALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT k;\nCOMMIT", "3:validate-in-same-transaction 3:work-while-exclusive"},
            {"ALTER TABLE t VALIDATE CONSTRAINT k, DROP COLUMN b", "1:drop-column 1:validate-combined"},
            {"CREATE INDEX i ON t (a)", "1:create-index-blocking"},
            {"CREATE INDEX CONCURRENTLY i ON t (a)", ""},
            {"CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "1:concurrently-if-not-exists"},
            {"BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT", "2:concurrently-in-transaction"},
            {"BEGIN; VACUUM t; COMMIT", "1:forbidden-in-transaction"},
            {"CREATE TABLE n (id bigint PRIMARY KEY, a int);\nCREATE INDEX i ON n (a);\nALTER TABLE n ALTER COLUMN a SET NOT NULL;\nDROP TABLE n", ""},
            {"BEGIN;\nALTER TABLE t ADD COLUMN x int;\nUPDATE t SET x = 1 WHERE id < 5;\nCOMMIT", "3:work-while-exclusive"},
            {"BEGIN;\nALTER TABLE t ADD COLUMN x int;\nALTER TABLE u ADD COLUMN x int;\nCOMMIT", "3:work-while-exclusive"},
            {"BEGIN; SELECT 1", "1:transaction-left-open"},
            {"BEGIN;\nBEGIN;\nCOMMIT", "2:transaction-nesting"},
            {"COMMIT", "1:transaction-nesting"},
            {"SET LOCAL lock_timeout = '1s'", "1:set-local-outside"},
            {"ALTER TABLE t RENAME COLUMN a TO b", "1:rename"},
            {"ALTER TABLE t RENAME TO u", "1:rename"},
            {"ALTER TABLE t DROP COLUMN a", "1:drop-column"},
            {"DROP TABLE t", "1:drop-table"},
            {"DROP TABLE t CASCADE", "1:drop-cascade 1:drop-table"},
            {"TRUNCATE t", "1:truncate"},
            {"ALTER TYPE mood ADD VALUE 'glad' AFTER 'ok'", "1:enum-value-for-good"},
            {"BEGIN;\nALTER TYPE mood ADD VALUE 'glad' AFTER 'ok';\nINSERT INTO t VALUES ('glad');\nCOMMIT", "2:enum-value-for-good 3:enum-value-used-early"},
            {"BEGIN;\nCREATE TYPE mood AS ENUM ('ok');\nALTER TYPE mood ADD VALUE 'glad' AFTER 'ok';\nINSERT INTO t VALUES ('glad');\nCOMMIT", "3:enum-value-for-good"},
            {"ALTER TYPE mood RENAME VALUE 'a' TO 'b'", "1:enum-value-rename"},
            {"CREATE TABLE c (id bigint, p_id bigint REFERENCES p (id))", "1:foreign-key-without-index"},
            {"CREATE TABLE c (id bigint, p_id bigint REFERENCES p (id));\nCREATE INDEX ON c (p_id, id)", ""},
            {"CREATE TABLE c (a int, b int, FOREIGN KEY (a, b) REFERENCES p (a, b));\nCREATE INDEX ON c (b, a)", ""},
            {"CREATE TABLE c (p_id bigint REFERENCES p (id));\nCREATE INDEX ON c (p_id) WHERE p_id IS NOT NULL", ""},
            {"CREATE TABLE c (p_id bigint REFERENCES p (id));\nCREATE INDEX ON c (p_id) WHERE p_id IS NULL", "1:foreign-key-without-index"},
            {"CREATE TABLE c (p_id bigint REFERENCES p (id));\nCREATE INDEX ON c USING brin (p_id)", "1:foreign-key-without-index"},
            {"REINDEX TABLE t", "1:reindex-blocking"},
            {"REINDEX TABLE CONCURRENTLY t", ""},
            {"REINDEX INDEX i", "1:reindex-blocking"},
            {"VACUUM FULL t", "1:vacuum-full"},
            {"CLUSTER t USING i", "1:cluster"},
            {"REFRESH MATERIALIZED VIEW mv", "1:refresh-blocking"},
            {"REFRESH MATERIALIZED VIEW CONCURRENTLY mv", ""},
            {"ALTER TABLE t SET UNLOGGED", "1:table-file-rewrite"},
            {"UPDATE t SET a = 1", "1:update-all-rows"},
            {"ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0)", "1:domain-constraint-scan"},
            {"ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID", ""},
            {"ALTER TABLE t ADD PRIMARY KEY (id)", "1:add-primary-key-build"},
            {"ALTER TABLE t ADD CONSTRAINT k UNIQUE USING INDEX i", ""},
            {"ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&)", "1:add-exclusion-build"},
            {"ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES p (id)", "1:add-foreign-key-scan 1:foreign-key-without-index"},
            {"DO $$ BEGIN\n  CREATE INDEX i ON t (a);\nEND $$", "2:create-index-blocking"},
            {"DO $$ BEGIN\n  EXECUTE 'ALTER TABLE t ALTER COLUMN a SET NOT NULL';\nEND $$", "2:set-not-null-scan"},
            {"DO $$ DECLARE r record; BEGIN\n FOR r IN SELECT 1 LOOP\n  EXECUTE format('CREATE INDEX CONCURRENTLY ON %I (a)', r.x);\n END LOOP; END $$", "3:concurrently-in-transaction 3:concurrently-without-name"},
            {"DO $$ BEGIN\nIF EXISTS (SELECT FROM t WHERE comment = 'x') THEN\n  ALTER TABLE t ADD COLUMN x serial;\nEND IF; END $$", "3:add-column-serial"},
            {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n  DROP INDEX CONCURRENTLY i;\nEND $$", "2:concurrently-in-transaction"},
            {"CREATE TABLE x (id int PRIMARY KEY, a char(3), b timestamp)", ""},
            {"ALTER TABLE pt ATTACH PARTITION p1 FOR VALUES FROM (1) TO (2)", "1:attach-partition-scan"},
            {"ALTER TABLE pt DETACH PARTITION p1", "1:detach-partition-lock"},
            {"CREATE TABLE p1 PARTITION OF pt FOR VALUES FROM (1) TO (2)", "1:create-partition-lock"},
            {"BEGIN;\nWITH gone AS (DELETE FROM pt_default WHERE id < 5 RETURNING *) INSERT INTO p1 SELECT * FROM gone;\nALTER TABLE pt ATTACH PARTITION p1 FOR VALUES FROM (1) TO (5);\nCOMMIT",
             "3:attach-moved-rows 3:attach-partition-scan"},
            {"DROP INDEX i", "1:drop-index-blocking"},
            {"DROP INDEX CONCURRENTLY i", ""},
            {"CREATE TABLE a_very_long_name_that_nobody_would_ever_write_by_hand_but_tools_do_so (id bigint)", "1:identifier-too-long"},
        };
        for (const Case &one : cases)
            QTest::newRow(one.script) << QString::fromUtf8(one.script) << QString::fromLatin1(one.expected);
    }

    void judgesTheScriptAlone()
    {
        QFETCH(QString, script);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(rules(script.toStdString())), expected);
        for (const LintFinding &finding : found(script.toStdString()))
            checkFix(finding, 17);
    }

    void asksForBoundsWhereTheyHelp()
    {
        const auto timeouts = [](const std::string &script, bool assumed = false) {
            LintOptions options;
            options.assume_in_transaction = assumed;
            options.only = {"lock-timeout-missing", "lock-timeout-long", "short-timeout-trap"};
            return rules(script, options, true);
        };
        QCOMPARE(timeouts("ALTER TABLE t ADD x int"), std::string("1:lock-timeout-missing"));
        QCOMPARE(timeouts("ALTER TABLE t ADD x int;\nALTER TABLE u ADD x int"), std::string("1:lock-timeout-missing"));
        QCOMPARE(timeouts("SET lock_timeout = '2s'; ALTER TABLE t ADD x int"), std::string());
        QCOMPARE(timeouts("SET lock_timeout TO 2000; ALTER TABLE t ADD x int"), std::string());
        QCOMPARE(timeouts("SELECT set_config('lock_timeout', '2s', false); ALTER TABLE t ADD x int"), std::string());
        QCOMPARE(timeouts("SET lock_timeout = 0; ALTER TABLE t ADD x int"), std::string("1:lock-timeout-missing"));
        QCOMPARE(timeouts("SET lock_timeout = '2s'; RESET lock_timeout;\nALTER TABLE t ADD x int"), std::string("2:lock-timeout-missing"));
        QCOMPARE(timeouts("SET LOCAL lock_timeout = '2s'; ALTER TABLE t ADD x int"), std::string("1:lock-timeout-missing"));
        QCOMPARE(timeouts("SET LOCAL lock_timeout = '2s'; ALTER TABLE t ADD x int", true), std::string());
        QCOMPARE(timeouts("BEGIN; SET LOCAL lock_timeout = '2s'; ALTER TABLE t ADD x int; COMMIT;\nALTER TABLE t ADD y int"), std::string("2:lock-timeout-missing"));
        QCOMPARE(timeouts("SET lock_timeout = '1h'; ALTER TABLE t ADD x int"), std::string("1:lock-timeout-long 1:lock-timeout-missing"));
        QCOMPARE(timeouts("CREATE TABLE n (p int REFERENCES p(id))"), std::string("1:lock-timeout-missing"));
        QCOMPARE(timeouts("CREATE TABLE n (p int)"), std::string());
        // patience is right
        for (const char *statement : {"CREATE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX CONCURRENTLY i", "REINDEX TABLE CONCURRENTLY t", "ALTER TABLE pt DETACH PARTITION p1 CONCURRENTLY",
                                      "ALTER TABLE t VALIDATE CONSTRAINT k"}) {
            QCOMPARE(timeouts(statement), std::string());
            QCOMPARE(timeouts("SET lock_timeout = '1s';\n" + std::string(statement)), std::string("2:short-timeout-trap"));
            QCOMPARE(timeouts("SET statement_timeout = '5s';\n" + std::string(statement)), std::string("2:short-timeout-trap"));
            QCOMPARE(timeouts("SET lock_timeout = '1s'; SET lock_timeout = 0;\n" + std::string(statement)), std::string());
        }
    }

    void knowsTheCatalog()
    {
        const auto connection = test::freshConnection();
        QVERIFY(!connection->run("CREATE TABLE t (id bigint PRIMARY KEY, v varchar(20), n int, c int CHECK (c IS NOT NULL));"
                                 "CREATE INDEX lower_v ON t (lower(v)); CREATE TABLE o (id int, t_id bigint REFERENCES t);"
                                 "CREATE VIEW names AS SELECT id, n FROM t; CREATE PUBLICATION changes FOR TABLE t;"
                                 "CREATE FUNCTION sum_n() RETURNS bigint LANGUAGE sql AS 'SELECT sum(n) FROM t';"
                                 "CREATE TABLE pt (id int) PARTITION BY RANGE (id); CREATE TABLE pt_1 PARTITION OF pt FOR VALUES FROM (0) TO (9);"
                                 "CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a").error);
        Known known;
        ask(*connection, 15, known);
        const auto in = [&](const std::string &script) { return rules(script, known.options); };
        QCOMPARE(in("ALTER TABLE o ALTER COLUMN id TYPE int"), std::string());
        QCOMPARE(in("ALTER TABLE t ALTER COLUMN c SET NOT NULL"), std::string());
        QCOMPARE(in("ALTER TABLE t ALTER COLUMN v TYPE text"), std::string("1:column-type-index-rebuild"));
        QCOMPARE(in("ALTER TABLE t ALTER COLUMN n TYPE bigint"), std::string("1:column-type-dependants"));
        QVERIFY(in("ALTER TABLE o ALTER COLUMN t_id TYPE int").find("column-type-foreign-key") != std::string::npos);
        QCOMPARE(in("ALTER TABLE o ADD FOREIGN KEY (id) REFERENCES t NOT VALID"), std::string("1:foreign-key-without-index 1:not-valid-left"));
        QCOMPARE(in("DROP TABLE nope"), std::string("1:server-refuses"));
        QCOMPARE(in("CREATE TABLE IF NOT EXISTS t (id int)"), std::string());
        QCOMPARE(in("SELECT 1"), std::string());
        const auto rename = found("ALTER TABLE t RENAME COLUMN n TO m", known.options);
        for (const char *user : {"view public.names", "function sum_n()", "publication changes"})
            QVERIFY2(rename.front().message.find(user) != std::string::npos, rename.front().message.c_str());
        QVERIFY(found("ALTER TABLE o DROP CONSTRAINT o_t_id_fkey", known.options).size() == 2); // the bound, and both tables
        QCOMPARE(in("DROP TABLE o"), std::string("1:drop-table"));
        QVERIFY(has("DROP TABLE t CASCADE", "drop-cascade", known.options));
        const auto index = found("CREATE INDEX i ON pt (id)", known.options);
        QVERIFY(std::any_of(index.begin(), index.end(), [](const LintFinding &finding) { return finding.fix_sql.find("ATTACH PARTITION") != std::string::npos; }));
        QVERIFY(has("CREATE INDEX CONCURRENTLY i ON pt (id)", "server-refuses", known.options));
        // an index that a failed build left behind
        QVERIFY(connection->query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'lower_v'::regclass"));
        ask(*connection, 15, known);
        const auto again = found("CREATE INDEX CONCURRENTLY IF NOT EXISTS lower_v ON t (lower(v))", known.options);
        QCOMPARE(again.size(), std::size_t{1});
        QCOMPARE(again[0].severity, LintSeverity::Serious);
        // a role that has its own bound
        QVERIFY(connection->query("SET lock_timeout = '3s'"));
        ask(*connection, 15, known);
        QVERIFY(!has("ALTER TABLE t ADD x int", "lock-timeout-missing", known.options));
    }

    void readsSuppressions()
    {
        const auto in = [](const std::string &script) { return rules(script); };
        QCOMPARE(in("-- howdah:ignore create-index-blocking: small table\nCREATE INDEX i ON t (a)"), std::string());
        QCOMPARE(in("-- howdah:ignore create-index-blocking: small table\nCREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a)"), std::string("3:create-index-blocking"));
        QCOMPARE(in("CREATE INDEX i ON t (a); /* howdah:ignore create-index-blocking: small */\nCREATE INDEX j ON t (a)"), std::string("2:create-index-blocking"));
        QCOMPARE(in("/* howdah:ignore create-index-blocking: small */ CREATE INDEX i ON t (a)"), std::string());
        QCOMPARE(in("CREATE INDEX i\n -- howdah:ignore create-index-blocking: small\n ON t (a)"), std::string());
        QCOMPARE(in("CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a);\n-- howdah:ignore-file create-index-blocking: all new\n"), std::string());
        QCOMPARE(in("-- howdah:ignore drop-table, create-index-blocking: small\nCREATE INDEX i ON t (a)"), std::string("1:suppression-unused"));
        QCOMPARE(in("-- howdah:ignore create-index-blocking\nCREATE INDEX i ON t (a)"), std::string("1:suppression-without-reason 2:create-index-blocking"));
        QCOMPARE(in("-- howdah:ignore no-such-rule: why\nSELECT 1"), std::string("1:suppression-unused"));
        QCOMPARE(in("-- howdah:ignore blocking: the whole group\nCREATE INDEX i ON t (a)"), std::string());
        QCOMPARE(in("DO $$ BEGIN\n  -- howdah:ignore create-index-blocking: small\n  CREATE INDEX i ON t (a);\n  CREATE INDEX j ON t (a);\nEND $$"), std::string("4:create-index-blocking"));
        const auto result = lint("-- howdah:ignore create-index-blocking: small table\nCREATE INDEX i ON t (a)");
        QCOMPARE(result->suppressed.size(), std::size_t{1});
        QCOMPARE(result->suppressed[0].suppression, std::string("small table"));
    }

    void placesFindings()
    {
        const auto syntax = found("SELECT 1;\n\nALTER TABEL ö ADD x int;");
        QCOMPARE(syntax.size(), std::size_t{1});
        QCOMPARE(std::string(syntax[0].rule->name), std::string("syntax-error"));
        QCOMPARE(syntax[0].line, std::size_t{3});
        QCOMPARE(syntax[0].column, std::size_t{7});
        const std::string script = "ALTER TABLE tö\n  ADD COLUMN ä int,\n  ALTER COLUMN b SET NOT NULL;";
        LintOptions options;
        options.only = {"set-not-null-scan"};
        const auto second = found(script, options);
        QCOMPARE(second.size(), std::size_t{1});
        QCOMPARE(second[0].line, std::size_t{3});
        QCOMPARE(second[0].column, std::size_t{3});
        QCOMPARE(std::string(second[0].span.of(script)), std::string("ALTER COLUMN b SET NOT NULL"));
        QCOMPARE(second[0].locks.at("\"tö\""), std::string("AccessExclusiveLock"));
    }

    void styleIsAskedFor()
    {
        LintOptions options;
        options.style = true;
        QCOMPARE(rules("CREATE TABLE x (\n id int PRIMARY KEY,\n a char(3),\n b timestamp,\n c json,\n d varchar(9))", options),
                 std::string("2:int-key 3:char-type 4:timestamp-type 5:json-type 6:varchar-limit"));
        options.exclude = {"style"};
        QCOMPARE(rules("CREATE TABLE x (id serial)", options), std::string());
        options.only = {"nonsense"};
        QVERIFY(!lint("SELECT 1", options));
    }

    void readsOtherToolsFiles_data()
    {
        QTest::addColumn<QString>("script");
        QTest::newRow("Flyway") << QStringLiteral("-- V12__add.sql\nALTER TABLE ${flyway:defaultSchema}.orders\n  ALTER COLUMN note SET NOT NULL;\n");
        QTest::newRow("Liquibase") << QStringLiteral("--liquibase formatted sql\n--changeset ann:1 runInTransaction:false\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n--rollback ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;\n");
        QTest::newRow("sqitch") << QStringLiteral("-- Deploy shop:note to pg\n-- requires: orders\nBEGIN;\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\nCOMMIT;\n");
        QTest::newRow("Django") << QStringLiteral("BEGIN;\n--\n-- Alter field note on order\n--\nALTER TABLE \"orders\" ALTER COLUMN \"note\" SET NOT NULL;\nCOMMIT;\n");
        QTest::newRow("psql") << QStringLiteral("\\set ON_ERROR_STOP on\n\\set tbl orders\n\\i other.sql\nALTER TABLE :\"tbl\" ALTER COLUMN note SET NOT NULL;\nSELECT :'tbl', :tbl;\n\\echo done\n");
        QTest::newRow("Rails") << QStringLiteral("SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n"
                                                 "ALTER TABLE ONLY public.orders ALTER COLUMN note SET NOT NULL;\nINSERT INTO \"schema_migrations\" (version) VALUES\n('20260101000000');\n");
        QTest::newRow("pg_dump data") << QStringLiteral("COPY public.a (x) FROM stdin;\n1\tit's; $$ (\n\\.\n\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\n");
        QTest::newRow("CR LF") << QStringLiteral("ALTER TABLE orders\r\n  ALTER COLUMN note SET NOT NULL;\r\n");
    }

    void readsOtherToolsFiles()
    {
        QFETCH(QString, script);
        const std::string text = script.toStdString();
        const std::string all = rules(text);
        QVERIFY2(all.find("set-not-null-scan") != std::string::npos && all.find(' ') == std::string::npos, all.c_str());
        for (const LintFinding &finding : found(text))
            QVERIFY2(finding.message.find("pa_") == std::string::npos, finding.message.c_str());
    }

    void isLinear()
    {
        std::string script;
        for (int i = 0; i < 1000; ++i)
            script += "ALTER TABLE table_" + std::to_string(i) + " ADD COLUMN x int CHECK (x > " + std::to_string(i) + ");\n";
        QElapsedTimer timer;
        timer.start();
        QVERIFY(found(script).size() >= 1000);
        QVERIFY2(timer.elapsed() < 5000, "a thousand statements took seconds"); // the bench prints the figure
    }
};

QTEST_GUILESS_MAIN(TestLint)
#include "tst_lint.moc"
