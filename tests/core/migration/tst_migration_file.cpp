// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/migration/migration_file.h"
#include "support/show.h"

using namespace howdah::migration;

class TestMigrationFile : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsLiquibase()
    {
        const MigrationFile file = readMigrationFile("--liquibase formatted sql\n\n--changeset ann:1 runInTransaction:false\nCREATE INDEX CONCURRENTLY i ON t (a);\n--rollback DROP INDEX i;\n"
                                                     "--changeset bob:2\nALTER TABLE t ADD COLUMN b int;\n--rollback ALTER TABLE t DROP COLUMN b;\n");
        QCOMPARE(file.tool, std::string("Liquibase"));
        QVERIFY(file.forward.find("CREATE INDEX CONCURRENTLY i ON t (a);") != std::string::npos && file.forward.find("DROP") == std::string::npos);
        QCOMPARE(file.backward, std::string("ALTER TABLE t DROP COLUMN b;\nDROP INDEX i;\n"));
        QCOMPARE(std::count(file.forward.begin(), file.forward.end(), '\n'), 8L); // lines stay where they are
    }

    void readsSqitch()
    {
        const MigrationFile file = readMigrationFile("-- Deploy shop:orders to pg\n-- requires: schema\n\nBEGIN;\n\nCREATE TABLE orders (id int);\n\nCOMMIT;\n");
        QCOMPARE(file.tool, std::string("sqitch"));
        QVERIFY(file.forward.find("BEGIN") == std::string::npos && file.forward.find("COMMIT") == std::string::npos && file.forward.find("CREATE TABLE orders (id int);") != std::string::npos);
        QCOMPARE(file.notes.size(), std::size_t{1});
        QVERIFY(readMigrationFile("-- Revert shop:orders from pg\nBEGIN;\nDROP TABLE orders;\nCOMMIT;\n").notes.front().find("revert script") != std::string::npos);
    }

    void readsDjango()
    {
        const MigrationFile file = readMigrationFile("BEGIN;\n--\n-- Add field paid to order\n--\nALTER TABLE \"shop_order\" ADD COLUMN \"paid\" boolean DEFAULT false NOT NULL;\nCOMMIT;\n");
        QCOMPARE(file.tool, std::string("Django"));
        QVERIFY(file.forward.find("COMMIT") == std::string::npos && file.forward.find("ADD COLUMN \"paid\"") != std::string::npos);
    }

    void readsFlywayAndPlainSql()
    {
        const MigrationFile file = readMigrationFile("ALTER TABLE ${schema}.t ADD COLUMN a int;\n");
        QCOMPARE(file.tool, std::string("Flyway"));
        QCOMPARE(file.forward, std::string("ALTER TABLE ${schema}.t ADD COLUMN a int;\n"));
        QCOMPARE(file.notes.size(), std::size_t{1});
        const std::string plain = "BEGIN;\nALTER TABLE t ADD COLUMN a int;\nCOMMIT;\n";
        QCOMPARE(readMigrationFile(plain).forward, plain);
        QVERIFY(readMigrationFile(plain).tool.empty() && readMigrationFile("").forward.empty());
    }

    void readsBothWaysOfOneFile()
    {
        for (const auto &[text, tool] : {std::pair{"-- +goose Up\nCREATE TABLE a (b int);\n-- +goose Down\nDROP TABLE a;\n", "goose"}, {"-- migrate:up\nCREATE TABLE a (b int);\n-- migrate:down\nDROP TABLE a;\n", "dbmate"}}) {
            const MigrationFile file = readMigrationFile(text);
            QCOMPARE(file.tool, std::string(tool));
            QVERIFY(file.forward.find("CREATE TABLE a") != std::string::npos && file.forward.find("DROP TABLE") == std::string::npos);
            QVERIFY(file.backward.find("DROP TABLE a;") != std::string::npos && file.backward.find("CREATE") == std::string::npos);
        }
    }

    void readsADiffOfAStructure()
    {
        const MigrationFile file = readMigrationFile(
            "diff --git a/db/structure.sql b/db/structure.sql\nindex 1..2 100644\n--- a/db/structure.sql\n+++ b/db/structure.sql\n"
            "@@ -10,8 +10,9 @@ CREATE TABLE public.orders (\n     id bigint NOT NULL,\n-    amount integer DEFAULT 0,\n+    amount numeric(10,2) DEFAULT 0 NOT NULL,\n+    note text DEFAULT 'a, b'::text,\n     at timestamp without time zone\n );\n"
            "@@ -40,6 +41,13 @@ ALTER TABLE ONLY public.orders\n     ADD CONSTRAINT orders_pkey PRIMARY KEY (id);\n \n \n+--\n+-- Name: orders_note; Type: INDEX\n+--\n+\n+CREATE INDEX orders_note ON public.orders USING btree (note);\n+\n \n"
            "@@ -60,4 +68,5 @@ SET search_path TO \"$user\", public;\n INSERT INTO \"schema_migrations\" (version) VALUES\n+('20260101'),\n ('20250101');\n"
            "@@ -80,9 +89,3 @@\n-CREATE INDEX gone ON public.orders USING btree (id);\n-\n-ALTER TABLE ONLY public.items\n-    ADD CONSTRAINT items_fk FOREIGN KEY (order_id) REFERENCES public.orders(id);\n \n");
        QCOMPARE(file.tool, std::string("Rails"));
        QCOMPARE(file.forward, std::string("ALTER TABLE public.orders ALTER COLUMN amount TYPE numeric(10,2);\nALTER TABLE public.orders ALTER COLUMN amount SET NOT NULL;\nALTER TABLE public.orders ADD COLUMN note text DEFAULT 'a, b'::text;\n"
                                           "CREATE INDEX orders_note ON public.orders USING btree (note);\nDROP INDEX public.gone;\nALTER TABLE public.items DROP CONSTRAINT items_fk;\n"));
        QVERIFY(file.backward.rfind("ALTER TABLE ONLY public.items\n    ADD CONSTRAINT items_fk", 0) == 0);
        QVERIFY(file.backward.find("DROP INDEX public.orders_note;\nALTER TABLE public.orders DROP COLUMN note;") != std::string::npos);
        QVERIFY2(file.notes.empty(), file.notes.empty() ? "" : file.notes.front().c_str());
    }
};

QTEST_GUILESS_MAIN(TestMigrationFile)
#include "tst_migration_file.moc"
