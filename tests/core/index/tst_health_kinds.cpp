// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/health_database.h"

using namespace howdah;
using namespace howdah::test;

class TestIndexHealthKinds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bloated_data() { everyMajor(); }
    void bloated()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE t (id int, few int, word text, none int, n numeric);"
               "ALTER TABLE t SET (autovacuum_enabled = off);"
               "INSERT INTO t SELECT i, i % 50, md5(i::text), CASE WHEN i % 100 = 0 THEN i END, i FROM generate_series(1, 60000) i;"
               "CREATE INDEX t_id ON t (id); CREATE INDEX t_word ON t (word);"
               "DELETE FROM t WHERE id % 8 <> 0; VACUUM t;"
               "INSERT INTO t SELECT i, i % 50, md5(i::text), CASE WHEN i % 100 = 0 THEN i END, i FROM generate_series(100001, 160000) i;"
               // Built anew, they are as small as they can be.
               "CREATE INDEX t_few ON t (few); CREATE INDEX t_none ON t (none); CREATE INDEX t_numeric ON t (n); CREATE INDEX t_two ON t (few, word);"
               "CREATE INDEX t_loose ON t (id) WITH (fillfactor = 40); CREATE INDEX t_expr ON t (lower(word));"
               "DELETE FROM t WHERE id > 100000 AND id % 8 <> 0; REINDEX INDEX t_few; REINDEX INDEX t_none; REINDEX INDEX t_numeric; REINDEX INDEX t_two;"
               "REINDEX INDEX t_loose; REINDEX INDEX t_expr; VACUUM ANALYZE t;");
        const Report report = db.examine();
        QCOMPARE(named(report, "bloated"), (Names{"t_id", "t_word"}));
        const Finding before = *find(report, "bloated", "t_id");
        const auto small = before.size_bytes - before.size_won_bytes;
        apply(db, &before);
        const auto real = std::stoll(db.one("SELECT pg_relation_size('t_id')"));
        QVERIFY2(std::abs(static_cast<double>(real - small)) < 0.15 * static_cast<double>(real), (std::to_string(small) + " estimated, real " + std::to_string(real)).c_str());
        QCOMPARE(named(db.examine(), "bloated"), (Names{"t_word"}));
        if (!db.has("pgstattuple"))
            QSKIP("no pgstattuple on this server");
        db.run("CREATE SCHEMA ext; CREATE EXTENSION pgstattuple SCHEMA ext");
        index_health::HealthOptions options;
        options.measure = true;
        const Report measured = db.examine(options);
        QCOMPARE(named(measured, "bloated"), (Names{"t_word"}));
        QVERIFY(find(measured, "bloated", "t_word")->message.find(" is about ") == std::string::npos);
        QVERIFY(measured.facts.measured.at(find(measured, "bloated", "t_word")->index).leaf_density.value() < 50);
    }

    /// Sizes of freshly built indexes are told within 15 % where the columns are analysed.
    void sizesAreEstimatedAsTheyWouldBe()
    {
        const Database db(15);
        db.run("CREATE TABLE t (i int, b bigint, few int, word text, short text, u uuid, ts timestamptz, null_mostly int, ten int);"
               "INSERT INTO t SELECT i, i, i % 20, md5(i::text), left(md5(i::text), 3), md5(i::text)::uuid, now() + i * interval '1 s', CASE WHEN i % 10 = 0 THEN i END, i / 10 "
               "FROM generate_series(1, 60000) i;"
               "CREATE INDEX ON t (i); CREATE INDEX ON t (b); CREATE INDEX ON t (few); CREATE INDEX ON t (word); CREATE INDEX ON t (short); CREATE INDEX ON t (u);"
               "CREATE INDEX ON t (ts); CREATE INDEX ON t (null_mostly); CREATE INDEX ON t (ten); CREATE INDEX ON t (few, i); CREATE INDEX ON t (word, i);"
               "CREATE INDEX ON t (i) INCLUDE (word); CREATE INDEX ON t (i) WITH (fillfactor = 50); CREATE UNIQUE INDEX ON t (i); CREATE INDEX ON t (lower(word));"
               "CREATE INDEX ON t (i) WHERE few = 3; VACUUM ANALYZE t;");
        const Report report = db.examine();
        double worst = 0;
        for (const auto &index : report.facts.indexes) {
            const auto expected = index_health::expectedPages(report.facts, *report.facts.table(index.table), index);
            QVERIFY2(expected.has_value(), index.name.c_str());
            const double error = *expected / static_cast<double>(index.pages) - 1;
            worst = std::max(worst, std::abs(error));
            QVERIFY2(std::abs(error) < 0.15, (index.name + ": " + std::to_string(*expected) + " for " + std::to_string(index.pages)).c_str());
        }
        qInfo("16 indexes, worst error %.1f %%", worst * 100);
    }

    void brin_data() { everyMajor(); }
    void brin()
    {
        QFETCH(int, major);
        const Database db(major);
        // Rotated: sorted, but the smallest value lies in the middle of the file; correlation says nothing then.
        db.run("CREATE TABLE t (sorted int, rotated int, random int, status text, at timestamptz) WITH (fillfactor = 20);"
               "INSERT INTO t SELECT i, (i + 15000) % 30000, hashint4(i), CASE WHEN i % 200 = 0 THEN 'new' ELSE 'done' END, now() + i * interval '1 s' "
               "FROM generate_series(1, 30000) i;"
               "CREATE INDEX b_sorted ON t USING brin (sorted); CREATE INDEX b_rotated ON t USING brin (rotated); CREATE INDEX b_random ON t USING brin (random);"
               "CREATE INDEX b_status ON t USING brin (status); CREATE INDEX b_both ON t USING brin (at, random); ANALYZE t;"
               "CREATE TABLE small (a int); INSERT INTO small SELECT hashint4(i) FROM generate_series(1, 1000) i; CREATE INDEX b_small ON small USING brin (a);");
        for (const bool thoroughly : {false, true}) {
            index_health::HealthOptions options;
            options.measure = thoroughly;
            QCOMPARE(named(db.examine(options), "low-correlation-brin"), (Names{"b_random", "b_status"}));
        }
    }

    /// Who may not read a table learns from its scans.
    void brinByWhatItsScansHaveRead()
    {
        index_health::Facts facts;
        index_health::TableFacts table;
        table.oid = 1;
        table.name = "t";
        table.pages = 1000;
        facts.tables = {table};
        index_health::IndexFacts index;
        index.oid = 2;
        index.table = 1;
        index.name = "useless";
        index.access_method = "brin";
        index.keys = 0;
        index.scans = 10;
        index.tuples_read = 10 * 10 * 950;
        facts.indexes = {index, index};
        facts.indexes[1].oid = 3;
        facts.indexes[1].name = "good";
        facts.indexes[1].tuples_read = 10 * 10 * 50;
        facts.buildLookups();
        Report report;
        report.findings = index_health::judge(facts);
        QCOMPARE(named(report, "low-correlation-brin"), (Names{"useless"}));
    }

    void ginPending_data() { everyMajor(); }
    void ginPending()
    {
        QFETCH(int, major);
        const Database db(major);
        if (!db.has("pgstattuple"))
            QSKIP("no pgstattuple on this server");
        db.run("CREATE EXTENSION pgstattuple; CREATE TABLE t (a int[]) WITH (autovacuum_enabled = off);"
               "CREATE INDEX waiting ON t USING gin (a) WITH (gin_pending_list_limit = 65536);"
               "CREATE INDEX at_once ON t USING gin (a) WITH (fastupdate = off);"
               "INSERT INTO t SELECT ARRAY[i, i + 1, i + 2] FROM generate_series(1, 20000) i;");
        const Report report = db.examine();
        QCOMPARE(named(report, "gin-pending-list"), (Names{"waiting"}));
        apply(db, find(report, "gin-pending-list", "waiting"));
        QCOMPARE(named(db.examine(), "gin-pending-list"), Names{});
    }

    /// Without the extension the file tells, as the last checkpoint wrote it.
    void ginPendingWithoutTheExtension()
    {
        for (const int major : test::majors()) {
            const Database db(major);
            db.run("CREATE TABLE t (a int[]) WITH (autovacuum_enabled = off); CREATE INDEX waiting ON t USING gin (a) WITH (gin_pending_list_limit = 65536);"
                   "CREATE INDEX at_once ON t USING gin (a) WITH (fastupdate = off); INSERT INTO t SELECT ARRAY[i, i + 1, i + 2] FROM generate_series(1, 20000) i; CHECKPOINT");
            const Report report = db.examine();
            QCOMPARE(named(report, "gin-pending-list"), (Names{"waiting"}));
            QVERIFY(!report.facts.notes.empty());
            const auto &measured = report.facts.measured.at(find(report, "gin-pending-list", "waiting")->index);
            QCOMPARE(measured.pending_tuples, 20000);
        }
    }

    void neverVacuumed_data() { everyMajor(); }
    void neverVacuumed()
    {
        QFETCH(int, major);
        const Database db(major);
        // Pages written by transactions that are not on disk yet are not marked.
        db.run("SET synchronous_commit = on; CREATE TABLE never (a int, b int) WITH (autovacuum_enabled = off); CREATE TABLE done (a int, b int) WITH (autovacuum_enabled = off);"
               "CREATE TABLE tiny (a int, b int) WITH (autovacuum_enabled = off); CREATE TABLE plain (a int, b int) WITH (autovacuum_enabled = off);"
               "INSERT INTO never SELECT i, i FROM generate_series(1, 10000) i; INSERT INTO done TABLE never; INSERT INTO plain TABLE never; INSERT INTO tiny VALUES (1, 1);"
               "CREATE INDEX never_ab ON never (a) INCLUDE (b); CREATE INDEX done_ab ON done (a) INCLUDE (b); CREATE INDEX tiny_ab ON tiny (a, b); CREATE INDEX plain_a ON plain (a);"
               "VACUUM done; ANALYZE");
        const Report report = db.examine();
        QCOMPARE(named(report, "never-vacuumed"), (Names{"never_ab"}));
        apply(db, find(report, "never-vacuumed", "never_ab"));
        QCOMPARE(named(db.examine(), "never-vacuumed"), Names{});
    }

    void tooMany_data() { everyMajor(); }
    void tooMany()
    {
        QFETCH(int, major);
        const Database db(major);
        for (const char *table : {"hot", "quiet", "few", "loaded"})
            db.run(std::string("CREATE TABLE ") + table + " (id int PRIMARY KEY, a int, b int, c int, d int, e int) WITH (autovacuum_enabled = off)");
        for (const char *column : {"a", "b", "c", "d", "e"})
            db.run(std::string("CREATE INDEX ON hot (") + column + "); CREATE INDEX ON quiet (" + column + "); CREATE INDEX ON loaded (" + column + ")");
        db.run("INSERT INTO hot SELECT i, i, i, i, i, i FROM generate_series(1, 6000) i; UPDATE hot SET a = a + 1;"
               "INSERT INTO loaded SELECT i, i, i, i, i, i FROM generate_series(1, 12000) i;"
               "INSERT INTO few SELECT i, i, i, i, i, i FROM generate_series(1, 12000) i; INSERT INTO quiet SELECT i, i, i, i, i, i FROM generate_series(1, 100) i;");
        for (int i = 0; i < 100 && db.one("SELECT pg_stat_get_tuples_updated('hot'::regclass) >= 6000 AND pg_stat_get_tuples_inserted('few'::regclass) >= 12000") != "t"; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const Report report = db.examine();
        QCOMPARE(named(report, "too-many-indexes"), (Names{"hot"}));
        const Finding *finding = find(report, "too-many-indexes", "hot");
        QCOMPARE(finding->script.steps.size(), 5U);
        QVERIFY(finding->size_won_bytes > 0);
    }

    void wrongOpclass_data() { everyMajor(); }
    void wrongOpclass()
    {
        QFETCH(int, major);
        const Database db(major);
        db.run("CREATE TABLE t (id int, doc jsonb, used jsonb, tags int[], words tsvector, c text COLLATE \"C\", w text, k jsonb);"
               "INSERT INTO t SELECT i, '{}', to_jsonb(i), '{}', '', i, i, to_jsonb(i) FROM generate_series(1, 2000) i;"
               "CREATE INDEX b_doc ON t (doc); CREATE INDEX b_tags ON t (tags); CREATE INDEX b_words ON t (words); CREATE INDEX b_used ON t (used);"
               "CREATE UNIQUE INDEX b_unique ON t (k); CREATE INDEX b_text ON t ((doc ->> 'a')); CREATE INDEX g_doc ON t USING gin (doc);"
               "CREATE INDEX b_in_c ON t (c text_pattern_ops); CREATE INDEX b_in_other ON t (w text_pattern_ops);"
               "ANALYZE; SET enable_seqscan = off; SET enable_bitmapscan = off; SELECT * FROM t WHERE used = '5'");
        db.waitForScans("b_used");
        const Report report = db.examine();
        QCOMPARE(named(report, "wrong-opclass"), (Names{"b_doc", "b_in_c", "b_tags", "b_words"}));
        QCOMPARE(find(report, "wrong-opclass", "b_doc")->script.steps.size(), 1U); // the GIN index is there
        for (const char *name : {"b_doc", "b_in_c", "b_tags", "b_words"})
            apply(db, find(report, "wrong-opclass", name));
        QCOMPARE(named(db.examine(), "wrong-opclass"), Names{});
    }

    /// What pg_stat_statements knows of the comparisons decides between classes.
    void wrongOpclassByUse()
    {
        const Database db(15);
        db.run("CREATE TABLE t (only_like text, twice text, never text, has_pattern text, in_c text COLLATE \"C\", paths jsonb, keys jsonb);"
               "INSERT INTO t SELECT i, i, i, i, i, '{}', '{}' FROM generate_series(1, 100) i;"
               "CREATE INDEX i_like ON t (only_like); CREATE INDEX i_both ON t (twice); CREATE INDEX i_never ON t (never); CREATE INDEX i_plain ON t (has_pattern);"
               "CREATE INDEX i_pattern ON t (has_pattern text_pattern_ops); CREATE INDEX i_c ON t (in_c);"
               "CREATE INDEX g_paths ON t USING gin (paths); CREATE INDEX g_keys ON t USING gin (keys); CREATE TABLE other (only_like text, never text)");
        auto facts = index_health::readFacts(*db.connection);
        QVERIFY(facts.has_value());
        index_health::noteUses(*facts, {{"SELECT * FROM t WHERE only_like LIKE $1", 40},
                                        {"SELECT count(*) FROM other o JOIN public.t AS q ON q.twice = o.never WHERE q.twice LIKE $1 AND o.never LIKE $2", 5},
                                        {"UPDATE t SET never = $1 WHERE has_pattern LIKE $2 AND in_c::text LIKE $3", 7},
                                        {"DELETE FROM t WHERE paths @> $1", 3},
                                        {"SELECT (SELECT 1 FROM t WHERE keys @> $1 OR keys ? $2)", 3},
                                        {"no SQL at all", 9}});
        Report report;
        report.findings = index_health::judge(*facts);
        QCOMPARE(named(report, "wrong-opclass"), (Names{"g_paths", "i_both", "i_like"}));
        QCOMPARE(find(report, "wrong-opclass", "i_like")->severity, index_health::Severity::Warning);
        QCOMPARE(find(report, "wrong-opclass", "i_like")->script.steps.size(), 2U); // the one in the place of the other
        QCOMPARE(find(report, "wrong-opclass", "i_both")->script.steps.size(), 1U);
        apply(db, find(report, "wrong-opclass", "i_both"));
    }

    void wrongCollation_data() { everyMajor(); }
    void wrongCollation()
    {
        QFETCH(int, major);
        const Database db(major);
        if (db.one("SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu')") != "t")
            QSKIP("no ICU on this server");
        db.run("CREATE TABLE t (w text, v text COLLATE \"und-x-icu\"); INSERT INTO t SELECT i, i FROM generate_series(1, 2000) i;"
               "CREATE INDEX in_other ON t (w COLLATE \"und-x-icu\"); CREATE INDEX in_c ON t (w COLLATE \"C\"); CREATE INDEX in_own ON t (v);");
        QCOMPARE(named(db.examine(), "wrong-collation"), (Names{"in_other"}));
        db.run("UPDATE pg_collation SET collversion = '0.1' WHERE collname = 'und-x-icu'");
        const Report report = db.examine();
        QCOMPARE(named(report, "wrong-collation"), (Names{"in_other", "in_own"}));
        QCOMPARE(find(report, "wrong-collation", "in_own")->severity, index_health::Severity::Serious);
        QCOMPARE(find(report, "wrong-collation", "in_own")->script.steps[0].sql, "REINDEX INDEX CONCURRENTLY public.in_own");
    }
};

QTEST_MAIN(TestIndexHealthKinds)
#include "tst_health_kinds.moc"
