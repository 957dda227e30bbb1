// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "core/index/health_database.h"

using namespace howdah;
using namespace howdah::test;

class TestIndexHealth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unused_data() { everyMajor(); }
    void unused()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE parent (id int PRIMARY KEY);"
               "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int UNIQUE, d int, parent_id int REFERENCES parent, r int NOT NULL);"
               "INSERT INTO t SELECT i, i, i, i, i, NULL, i FROM generate_series(1, 2000) i;"
               "CREATE INDEX t_idle ON t (a); CREATE INDEX t_busy ON t (b); CREATE UNIQUE INDEX t_enforces ON t (d);"
               "CREATE INDEX t_for_key ON t (parent_id); CREATE UNIQUE INDEX t_identity ON t (r); ALTER TABLE t REPLICA IDENTITY USING INDEX t_identity;"
               "CREATE TABLE nothing (a int); CREATE INDEX nothing_a ON nothing (a);"
               "CREATE TEMP TABLE tmp AS SELECT 1 AS a; CREATE INDEX tmp_a ON tmp (a);"
               "ANALYZE; SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT * FROM t WHERE b = 5;");
        db.waitForScans("t_busy");
        const Report report = db.examine();
        QCOMPARE(named(report, "unused"), (Names{"t_idle"}));
        const Finding &finding = *find(report, "unused", "t_idle");
        QCOMPARE(finding.severity, index_health::Severity::Info); // statistics of some seconds
        QVERIFY(finding.size_bytes > 0);
        QCOMPARE(finding.size_won_bytes, finding.size_bytes);
        QVERIFY(report.facts.statistics_age_s >= 0);
        QVERIFY(!report.facts.statistics_since.empty());
        // The way back is the very same definition.
        const std::string before = db.one("SELECT pg_get_indexdef('t_idle'::regclass)");
        apply(db, &finding);
        QCOMPARE(db.one("SELECT to_regclass('t_idle') IS NULL"), "t");
        db.run(finding.script.steps[0].undo_sql);
        QCOMPARE(db.one("SELECT pg_get_indexdef('t_idle'::regclass)"), before);
    }

    void unusedIsDroppedOnlyWhileNobodyScansIt()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 2000); CREATE INDEX t_a ON t (a); ANALYZE");
        const Report report = db.examine();
        const Finding *finding = find(report, "unused", "t_a");
        QVERIFY(finding != nullptr);
        db.run("SET enable_seqscan = off; SELECT * FROM t WHERE a = 5");
        db.waitForScans("t_a");
        const auto outcome = migration::runChangeScript(*db.connection, finding->script);
        QVERIFY(!outcome.done());
        QCOMPARE(db.one("SELECT to_regclass('t_a') IS NOT NULL"), "t");
    }

    void redundant_data() { everyMajor(); }
    void redundant()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text, d text, j jsonb, r int NOT NULL, x text COLLATE \"C\");"
               "INSERT INTO t (id, a, b, c, r) SELECT i, i, i, i, i FROM generate_series(1, 100) i;"
               "CREATE INDEX same_1 ON t (c, d); CREATE INDEX same_2 ON t (c, d);"
               "CREATE INDEX not_class ON t (c text_pattern_ops, d); CREATE INDEX not_collation ON t (c COLLATE \"POSIX\", d);"
               "CREATE INDEX not_part ON t (c, d) WHERE a > 5; CREATE INDEX part_same_1 ON t (d) WHERE a > 5; CREATE INDEX part_same_2 ON t (d) WHERE (a > 5);"
               "CREATE INDEX of_key ON t (id);"
               "CREATE UNIQUE INDEX uniq ON t (a); CREATE INDEX as_uniq ON t (a); CREATE UNIQUE INDEX uniq_longer ON t (a, b);"
               "CREATE INDEX ab ON t (b, r); CREATE INDEX a_alone ON t (b); CREATE INDEX b_alone ON t (r);"
               "CREATE INDEX expr_1 ON t (lower(c)); CREATE INDEX expr_2 ON t (lower(c)); CREATE INDEX expr_not ON t (upper(c));"
               "CREATE INDEX down ON t (x DESC); CREATE INDEX up ON t (x);"
               "CREATE INDEX down_nulls ON t (d DESC NULLS LAST, x);"
               "CREATE UNIQUE INDEX identity_1 ON t (r); ALTER TABLE t REPLICA IDENTITY USING INDEX identity_1;"
               "CREATE INDEX incl ON t (x, b) INCLUDE (a); CREATE INDEX incl_less ON t (x, b);"
               "CREATE INDEX g_1 ON t USING gin (j); CREATE INDEX g_2 ON t USING gin (j jsonb_path_ops);"
               "CREATE INDEX h ON t USING hash (b);");
        const Report report = db.examine();
        QCOMPARE(named(report, "duplicate"), (Names{"as_uniq", "b_alone", "expr_2", "of_key", "part_same_2", "same_2"}));
        QCOMPARE(named(report, "overlapping"), (Names{"a_alone", "down", "incl_less", "up"}));
        QCOMPARE(find(report, "duplicate", "of_key")->kept_index, report.facts.index(find(report, "duplicate", "of_key")->kept_index)->oid);
        QCOMPARE(report.facts.index(find(report, "duplicate", "of_key")->kept_index)->name, "t_pkey");
        QCOMPARE(report.facts.index(find(report, "duplicate", "as_uniq")->kept_index)->name, "uniq");
        QCOMPARE(report.facts.index(find(report, "overlapping", "a_alone")->kept_index)->name, "ab");
        QCOMPARE(report.facts.index(find(report, "overlapping", "up")->kept_index)->name, "incl");
        for (const char *name : {"same_2", "expr_2", "part_same_2", "as_uniq"}) {
            const Finding *finding = find(report, "duplicate", name);
            const std::string before = db.one("SELECT pg_get_indexdef('" + std::string(name) + "'::regclass)");
            apply(db, finding);
            db.run(finding->script.steps[0].undo_sql);
            QCOMPARE(db.one("SELECT pg_get_indexdef('" + std::string(name) + "'::regclass)"), before);
        }
    }

    /// What is dropped as doing nothing of its own has another that stays, also in chains and rings.
    void everyRedundantOneHasAKeeperThatStays()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int, b int, c int); CREATE INDEX i1 ON t (a); CREATE INDEX i2 ON t (a); CREATE INDEX i3 ON t (a, b);"
               "CREATE INDEX i4 ON t (a, b); CREATE INDEX i5 ON t (a, b, c); CREATE INDEX i6 ON t (a DESC, b DESC); CREATE INDEX i7 ON t (a, b) INCLUDE (c);");
        const Report report = db.examine();
        std::unordered_set<index_health::Oid> going;
        for (const Finding &finding : report.findings) {
            if (finding.kept_index != 0)
                going.insert(finding.index);
        }
        QCOMPARE(going.size(), 6U);
        for (const Finding &finding : report.findings) {
            if (finding.kept_index != 0)
                QVERIFY2(!going.contains(finding.kept_index), finding.message.c_str());
        }
        std::vector<const Finding *> all;
        for (const Finding &finding : report.findings)
            all.push_back(&finding);
        const auto outcome = migration::runChangeScript(*db.connection, index_health::combined(all));
        QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
        QCOMPARE(db.one("SELECT string_agg(indexrelid::regclass::text, ',') FROM pg_index WHERE indrelid = 't'::regclass"), "i5");
    }

    void uniqueOnesThatEnforceTheSame()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int, b int); CREATE UNIQUE INDEX u1 ON t (a); CREATE UNIQUE INDEX u2 ON t (a);"
               "CREATE UNIQUE INDEX strict ON t (b) NULLS NOT DISTINCT; CREATE UNIQUE INDEX lax ON t (b);"
               "CREATE TABLE later (a int, UNIQUE (a) DEFERRABLE); CREATE UNIQUE INDEX now ON later (a);"
               "CREATE TABLE referenced (a int); CREATE UNIQUE INDEX r1 ON referenced (a); CREATE UNIQUE INDEX r2 ON referenced (a);"
               "CREATE TABLE referencing (a int REFERENCES referenced (a)); CREATE INDEX referencing_a ON referencing (a);");
        const Report report = db.examine();
        const std::string held = db.one("SELECT conindid::regclass FROM pg_constraint WHERE contype = 'f'");
        QCOMPARE(named(report, "duplicate"), (Names{"lax", held == "r1" ? "r2" : "r1", "u2"}));
    }

    void invalid_data() { everyMajor(); }
    void invalid()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i / 2 FROM generate_series(1, 1000) i; CREATE INDEX fine ON t (a);");
        QVERIFY(db.connection->run("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (b)").error);
        QVERIFY(db.connection->run("CREATE UNIQUE INDEX CONCURRENTLY leftover_ccnew ON t (b)").error);
        db.run("DELETE FROM t WHERE a % 2 = 0;"
               "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"
               "CREATE TABLE p2 (b int, a int); ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20);"
               "CREATE INDEX \"p B\" ON ONLY p (b); CREATE INDEX p2_b ON p2 (b); CREATE INDEX whole ON p (a);");
        const Report report = db.examine();
        QCOMPARE(named(report, "invalid"), (Names{"broken", "leftover_ccnew", "p B"}));
        apply(db, find(report, "invalid", "broken"));
        QCOMPARE(db.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'broken'::regclass"), "t");
        apply(db, find(report, "invalid", "leftover_ccnew"));
        QCOMPARE(db.one("SELECT to_regclass('leftover_ccnew') IS NULL"), "t");
        // One partition gets a part built; the other's index is taken as it is.
        QCOMPARE(find(report, "invalid", "p B")->script.steps.size(), 3U);
        apply(db, find(report, "invalid", "p B"));
        QCOMPARE(named(db.examine(), "invalid"), Names{});
    }

    void whatIsBeingBuiltIsNotInvalid_data() { everyMajor(); }
    void whatIsBeingBuiltIsNotInvalid()
    {
        QFETCH(int, major);
        const std::string conninfo = test::freshDatabase(major);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto holder = pg::Connection::open(spec), builder = pg::Connection::open(spec), looker = pg::Connection::open(spec);
        QVERIFY(holder && builder && looker);
        QVERIFY(!(*holder)->run("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100); BEGIN; INSERT INTO t VALUES (0)").error);
        std::thread building([&] { static_cast<void>((*builder)->run("CREATE INDEX CONCURRENTLY slow ON t (a)")); });
        bool begun = false;
        for (int i = 0; i < 100 && !begun; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            const auto seen = (*looker)->query("SELECT FROM pg_index WHERE indexrelid = to_regclass('slow') AND NOT indisvalid");
            begun = seen && seen->result->rowCount() == 1;
        }
        const auto report = index_health::examine(**looker);
        static_cast<void>((*holder)->run("ROLLBACK"));
        building.join();
        QVERIFY(begun);
        QVERIFY(report.has_value());
        QCOMPARE(named(*report, "invalid"), Names{});
    }

    void foreignKeys_data() { everyMajor(); }
    void foreignKeys()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE one (id int PRIMARY KEY); CREATE TABLE two (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE word (w text PRIMARY KEY);"
               "CREATE TABLE missing_none (o int REFERENCES one);"
               "CREATE TABLE missing_null (o int REFERENCES one); CREATE INDEX ON missing_null (o) WHERE o IS NULL;"
               "CREATE TABLE missing_part (o int REFERENCES one, x int); CREATE INDEX ON missing_part (o) WHERE o IS NOT NULL AND x > 3;"
               "CREATE TABLE missing_second (o int REFERENCES one, x int); CREATE INDEX ON missing_second (x, o);"
               "CREATE TABLE missing_between (a int, x int, b int, FOREIGN KEY (a, b) REFERENCES two); CREATE INDEX ON missing_between (a, x, b);"
               "CREATE TABLE missing_brin (o int REFERENCES one); CREATE INDEX ON missing_brin USING brin (o);"
               "CREATE TABLE missing_collation (w text REFERENCES word); CREATE INDEX ON missing_collation (w COLLATE \"POSIX\");"
               "CREATE TABLE missing_include (o int REFERENCES one, x int); CREATE INDEX ON missing_include (x) INCLUDE (o);"
               "CREATE TABLE served_plain (o int REFERENCES one, x int); CREATE INDEX ON served_plain (o, x);"
               "CREATE TABLE served_order (a int, b int, x int, FOREIGN KEY (a, b) REFERENCES two); CREATE INDEX ON served_order (b, a, x);"
               "CREATE TABLE served_not_null (o int REFERENCES one); CREATE INDEX ON served_not_null (o) WHERE o IS NOT NULL;"
               "CREATE TABLE served_both (a int, b int, FOREIGN KEY (a, b) REFERENCES two); CREATE INDEX ON served_both (a, b) WHERE a IS NOT NULL AND b IS NOT NULL;"
               "CREATE TABLE served_hash (o int REFERENCES one); CREATE INDEX ON served_hash USING hash (o);"
               "CREATE TABLE served_key (o int PRIMARY KEY REFERENCES one);"
               "CREATE TABLE served_pattern (w text REFERENCES word); CREATE INDEX ON served_pattern (w text_pattern_ops);"
               "CREATE TABLE \"Odd Name\" (\"o \"\"x\" int REFERENCES one);"
               "CREATE TABLE parts_missing (o int REFERENCES one, k int) PARTITION BY LIST (k); CREATE TABLE parts_missing_1 PARTITION OF parts_missing FOR VALUES IN (1);"
               "CREATE TABLE parts_missing_2 (k int, o int); ALTER TABLE parts_missing ATTACH PARTITION parts_missing_2 FOR VALUES IN (2);"
               "CREATE TABLE parts_served (o int REFERENCES one, k int) PARTITION BY LIST (k); CREATE TABLE parts_served_1 PARTITION OF parts_served FOR VALUES IN (1);"
               "CREATE INDEX ON parts_served (o);"
               "CREATE TABLE parts_each (o int REFERENCES one, k int) PARTITION BY LIST (k); CREATE TABLE parts_each_1 PARTITION OF parts_each FOR VALUES IN (1);"
               "CREATE INDEX ON parts_each_1 (o);"
               "CREATE TABLE to_parts_root (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE to_parts_1 PARTITION OF to_parts_root FOR VALUES FROM (0) TO (9);"
               "CREATE TABLE to_parts_2 PARTITION OF to_parts_root FOR VALUES FROM (9) TO (99); CREATE TABLE missing_to_parts (o int REFERENCES to_parts_root);");
        if (db.has("btree_gist"))
            db.run("CREATE EXTENSION btree_gist; CREATE TABLE served_gist (o int REFERENCES one); CREATE INDEX ON served_gist USING gist (o)");
        if (db.has("btree_gin"))
            db.run("CREATE EXTENSION btree_gin; CREATE TABLE served_gin (o int REFERENCES one, x int); CREATE INDEX ON served_gin USING gin (x, o)");
        const Report report = db.examine();
        QCOMPARE(named(report, "missing-foreign-key"),
                 (Names{"Odd Name", "missing_between", "missing_brin", "missing_collation", "missing_include", "missing_none", "missing_null", "missing_part",
                        "missing_second", "missing_to_parts", "parts_missing"}));
        for (const std::string &table : named(report, "missing-foreign-key"))
            apply(db, find(report, "missing-foreign-key", table));
        QCOMPARE(named(db.examine(), "missing-foreign-key"), Names{});
        QCOMPARE(db.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
    }

    /// A logical subscriber is asked by name: it is another cluster.
    void replicasAreAskedToo()
    {
        const Database db(15), subscriber(18);
        for (const Database *one : {&db, &subscriber})
            one->run("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i; CREATE INDEX t_there ON t (a); CREATE INDEX t_nowhere ON t (b); ANALYZE");
        subscriber.run("SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT * FROM t WHERE a = 5");
        subscriber.waitForScans("t_there");
        QCOMPARE(named(db.examine(), "unused"), (Names{"t_nowhere", "t_there"}));
        index_health::HealthOptions options;
        options.replicas.emplace_back("the other one", subscriber.connection.get());
        const Report report = db.examine(options);
        QCOMPARE(named(report, "unused"), (Names{"t_nowhere"}));
        QVERIFY(report.facts.replicas.at(0).matched_by_name);
        QVERIFY(report.facts.replicas.at(0).scans > 0);
    }

    void leavesTheUsersTransactionAlone()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int); CREATE INDEX t_1 ON t (a); CREATE INDEX t_2 ON t (a); BEGIN; CREATE TABLE mine (a int)");
        QCOMPARE(named(db.examine(), "duplicate"), (Names{"t_2"}));
        QCOMPARE(db.connection->transaction(), pg::TransactionState::InTransaction);
        db.run("COMMIT");
        QCOMPARE(db.one("SELECT to_regclass('mine') IS NOT NULL"), "t");
    }

    void whoMayReadNothingSeesTheCatalogStill()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int); INSERT INTO t SELECT hashint4(i) FROM generate_series(1, 60000) i; CREATE INDEX t_1 ON t (a); CREATE INDEX t_2 ON t (a);"
               "CREATE INDEX t_b ON t USING brin (a) WITH (pages_per_range = 16); ANALYZE; DROP ROLE IF EXISTS nobody_health; CREATE ROLE nobody_health; SET ROLE nobody_health");
        const Report report = db.examine();
        QCOMPARE(named(report, "duplicate"), (Names{"t_2"}));
        QVERIFY(!report.facts.notes.empty());
        db.run("RESET ROLE; DROP ROLE nobody_health");
    }

    void asJson()
    {
        const Database db(15);
        db.run("CREATE TABLE t (a int); CREATE INDEX t_1 ON t (a); CREATE INDEX t_2 ON t (a)");
        const auto json = nlohmann::json::parse(index_health::toJson(db.examine(), 1));
        QCOMPARE(json["indexes"].size(), 1U);
        QCOMPARE(json["summary"]["indexes"].get<int>(), 2);
        QCOMPARE(json["findings"][0]["rule"].get<std::string>(), "duplicate");
        QCOMPARE(json["findings"][0]["sql"].get<std::string>(), "DROP INDEX CONCURRENTLY public.t_2;");
        QCOMPARE(json["findings"][0]["undo_sql"].get<std::string>(), "CREATE INDEX CONCURRENTLY t_2 ON public.t USING btree (a);");
        QVERIFY(json["summary"]["stats_age_s"].is_number());
    }

    /// 100,000 tables with three indexes each are judged in linear time.
    void manyTables()
    {
        index_health::Facts facts;
        facts.statistics_since = "2026-01-01T00:00:00Z";
        facts.statistics_age_s = 1e7;
        constexpr index_health::Oid tables = 100'000;
        for (index_health::Oid t = 0; t < tables; ++t) {
            index_health::TableFacts table;
            table.oid = 16384 + t * 10;
            table.schema = "public";
            table.name = "t" + std::to_string(t);
            table.pages = 10;
            table.columns[1].name = "a";
            table.columns[2].name = "b";
            facts.tables.push_back(table);
            for (index_health::Oid i = 0; i < 3; ++i) {
                index_health::IndexFacts index;
                index.oid = table.oid + 1 + i;
                index.table = table.oid;
                index.schema = "public";
                index.name = table.name + "_" + std::to_string(i);
                index.access_method = "btree";
                index.keys = i == 2 ? 2 : 1;
                index.parts.resize(index.keys);
                for (std::size_t part = 0; part < index.keys; ++part)
                    index.parts[part].attnum = static_cast<std::int16_t>(part + 1);
                index.primary = index.unique = i == 0;
                index.pages = 5;
                facts.indexes.push_back(std::move(index));
            }
        }
        facts.buildLookups();
        const auto begin = std::chrono::steady_clock::now();
        const auto findings = index_health::judge(facts);
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        qInfo("%zu findings about 300,000 indexes in %.2f s", findings.size(), took);
        QVERIFY(findings.size() >= tables);
        QVERIFY2(took < 10, std::to_string(took).c_str());
    }
};

QTEST_MAIN(TestIndexHealth)
#include "tst_health.moc"
