// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/catalog.h"
#include "core/pg/connection.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

class TestCatalog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesAloneAreOfTheSameThings()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const RunOutcome made = connection->run("CREATE TABLE parts (at date, v int) PARTITION BY RANGE (at); "
                                                    "CREATE TABLE parts_1 PARTITION OF parts DEFAULT; CREATE VIEW v AS SELECT 1 AS one; "
                                                    "CREATE SEQUENCE s; INSERT INTO parts VALUES ('2026-01-01', 1); ANALYZE parts");
            QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
            CatalogOptions options;
            options.names_only = true;
            const auto names = readCatalog(*connection, options);
            VERIFY_DONE(names);
            const auto all = readCatalog(*connection);
            VERIFY_DONE(all);
            QVERIFY((*names)->names_only && !(*all)->names_only);
            QVERIFY((*names)->search_path == (*all)->search_path);
            QCOMPARE((*names)->schemas.size(), (*all)->schemas.size());
            QCOMPARE((*names)->relations.size(), (*all)->relations.size());
            for (std::size_t i = 0; i < (*all)->relations.size(); ++i) {
                const CatalogRelation &name = (*names)->relations[i], &relation = (*all)->relations[i];
                QCOMPARE(name.oid, relation.oid);
                QCOMPARE(name.schema + "." + name.name, relation.schema + "." + relation.name);
                QCOMPARE(name.kind, relation.kind);
                QCOMPARE(name.parent_oid, relation.parent_oid);
                QVERIFY(name.columns.empty());
            }
            QVERIFY((*names)->find("public", "parts_1") != nullptr);
            const auto large = isLargeCatalog(*connection);
            VERIFY_DONE(large);
            QVERIFY(!*large);
        }
    }

    void readsEverythingOnEveryVersion()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const RunOutcome made = connection->run(R"(
                CREATE SCHEMA "odd ""schema";
                CREATE TABLE "odd ""schema"."a.b" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Größe" numeric(10,2) NOT NULL DEFAULT 1.5,
                    doubled numeric GENERATED ALWAYS AS ("Größe" * 2) STORED, gone int, CONSTRAINT "check it" CHECK ("Größe" > 0));
                ALTER TABLE "odd ""schema"."a.b" DROP COLUMN gone;
                COMMENT ON TABLE "odd ""schema"."a.b" IS 'it''s odd';
                COMMENT ON COLUMN "odd ""schema"."a.b"."Größe" IS 'size';
                CREATE TABLE child (parent bigint REFERENCES "odd ""schema"."a.b", lower text);
                CREATE INDEX child_expression ON child (lower(lower), parent);
                CREATE TABLE parts (at date, v int) PARTITION BY RANGE (at);
                CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
                CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
                CREATE VIEW v AS SELECT 1 AS one;
                CREATE MATERIALIZED VIEW m AS SELECT 2 AS two;
                CREATE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT a + b';
                CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
                INSERT INTO child SELECT NULL, g % 3 FROM generate_series(1, 1000) g;
                ANALYZE child)");
            QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
            // An index that failed to build stays behind, invalid.
            QVERIFY(!connection->query("CREATE UNIQUE INDEX CONCURRENTLY child_broken ON child (lower)"));

            const auto read = readCatalog(*connection);
            VERIFY_DONE(read);
            const Catalog &catalog = **read;
            QCOMPARE(connection->transaction(), TransactionState::Idle);
            const CatalogRelation *odd = catalog.find("odd \"schema", "a.b");
            QVERIFY(odd);
            QCOMPARE(odd->comment, std::string("it's odd"));
            QCOMPARE(odd->columns.size(), 3U);
            QCOMPARE(odd->columns[0].type, std::string("bigint"));
            QVERIFY(odd->columns[0].is_identity);
            QCOMPARE(odd->columns[1].name, std::string("Größe"));
            QCOMPARE(odd->columns[1].type, std::string("numeric(10,2)"));
            QCOMPARE(odd->columns[1].default_expr, std::string("1.5"));
            QCOMPARE(odd->columns[1].comment, std::string("size"));
            QVERIFY(odd->columns[1].not_null);
            QVERIFY(odd->columns[2].is_generated);
            QVERIFY(odd->indexes[0].is_primary);
            QVERIFY(std::any_of(odd->constraints.begin(), odd->constraints.end(), [](const auto &c) { return c.name == "check it" && c.type == 'c'; }));

            const CatalogRelation *child = catalog.find("", "child");
            QVERIFY(child);
            QCOMPARE(child, catalog.find(child->oid));
            QCOMPARE(child->estimated_rows, 1000.0);
            QVERIFY(child->last_analyze);
            QVERIFY(child->size_bytes > 0);
            QCOMPARE(child->constraints.size(), 1U);
            QCOMPARE(child->constraints[0].type, 'f');
            QCOMPARE(child->constraints[0].referenced_oid, odd->oid);
            QCOMPARE(child->constraints[0].columns, std::vector<std::int16_t>{1});
            QCOMPARE(child->indexes.size(), 2U);
            QCOMPARE(child->indexes[0].name, std::string("child_broken"));
            QVERIFY(!child->indexes[0].is_valid);
            QCOMPARE(child->indexes[1].key_columns, (std::vector<std::int16_t>{0, 1}));
            QVERIFY(child->indexes[1].is_valid);

            const CatalogRelation *parts = catalog.find("public", "parts");
            QCOMPARE(parts->kind, 'p');
            QCOMPARE(parts->partition_key, std::string("RANGE (at)"));
            const CatalogRelation *part = catalog.find("public", "parts_1");
            QVERIFY(part->is_partition);
            QCOMPARE(part->parent_oid, parts->oid);
            QVERIFY(part->partition_bound.find("2026-01-01") != std::string::npos);
            QCOMPARE(catalog.find("public", "parts_rest")->partition_bound, std::string("DEFAULT"));
            QCOMPARE(catalog.find("public", "v")->kind, 'v');
            QCOMPARE(catalog.find("public", "m")->kind, 'm');
            QVERIFY(!catalog.find("public", "nothing here"));
            QVERIFY(!catalog.find("pg_catalog", "pg_class"));
            QCOMPARE(catalog.functions.size(), 2U);
            QCOMPARE(catalog.functions[0].arguments, std::string("a integer, b integer DEFAULT 1"));
            QCOMPARE(catalog.functions[1].kind, 'p');
            QVERIFY(catalog.database_bytes > 1'000'000);
            QVERIFY(!catalog.extensions.empty()); // plpgsql

            CatalogOptions all;
            all.with_system_schemas = true;
            VERIFY_DONE(readCatalog(*connection, all));
            QVERIFY((*readCatalog(*connection, all))->find("pg_catalog", "pg_class"));
        }
    }

    void leavesAnOpenTransactionAlone()
    {
        const auto connection = test::freshConnection();
        QVERIFY(!connection->run("BEGIN; CREATE TABLE mine (a int)").error);
        const auto read = readCatalog(*connection);
        VERIFY_DONE(read);
        QVERIFY((*read)->find("public", "mine"));
        QCOMPARE(connection->transaction(), TransactionState::InTransaction);
    }
};

QTEST_GUILESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
