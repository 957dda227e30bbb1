// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QtTest>

#include "core/ddl/dependencies.h"
#include "core/inspect/relation_details.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

const ddl::DependencyNode *nodeOf(const ddl::DependencyTree &tree, const std::string &identity)
{
    const auto found = std::find_if(tree.nodes.begin(), tree.nodes.end(), [&](const ddl::DependencyNode &node) { return node.object.identity == identity; });
    return found == tree.nodes.end() ? nullptr : &*found;
}

} // namespace

class TestDependencies : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsBothWays_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }

    void findsBothWays()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        const auto made = connection->run(R"(
            CREATE TYPE mood AS ENUM ('a', 'b');
            CREATE TABLE base (id serial PRIMARY KEY, m mood, name text);
            CREATE INDEX base_name ON base (name);
            CREATE TABLE other (base_id integer REFERENCES base);
            CREATE VIEW one AS SELECT id, name FROM base;
            CREATE VIEW two AS SELECT name FROM one;
            CREATE MATERIALIZED VIEW three AS SELECT * FROM two;
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            CREATE FUNCTION counts() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM base); END $$;
            CREATE FUNCTION database_word() RETURNS text LANGUAGE sql AS $$ SELECT 'database'::text $$;
            CREATE TRIGGER fires BEFORE INSERT ON base FOR EACH ROW EXECUTE FUNCTION f();
            CREATE POLICY sees ON base USING (id > 0);
            CREATE PUBLICATION pub FOR TABLE base;
            INSERT INTO base (name) SELECT repeat('x', 100) FROM generate_series(1, 5000);
            DELETE FROM base WHERE id % 2 = 0;
            VACUUM ANALYZE base)");
        QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
        const auto base = ddl::findObjects(*connection, "public.base");
        QVERIFY(base);
        QCOMPARE(base->size(), std::size_t(1));
        const auto found = ddl::dependenciesOf(*connection, base->front());
        QVERIFY2(found, found ? "" : found.error().text().c_str());
        for (const char *const name : {"public.one", "public.two", "public.three", "public.other", "fires on public.base", "sees on public.base", "public.base_name", "public.base_id_seq", "public.counts()"})
            QVERIFY2(nodeOf(found->needed_by, name), name);
        QCOMPARE(nodeOf(found->needed_by, "public.one")->depth, 0);
        QCOMPARE(nodeOf(found->needed_by, "public.three")->depth, 2);
        QCOMPARE(nodeOf(found->needed_by, "public.other")->reason, ddl::DependencyReason::ForeignKey);
        QCOMPARE(nodeOf(found->needed_by, "public.counts()")->reason, ddl::DependencyReason::Named);
        QVERIFY(!nodeOf(found->needed_by, "public.database_word()"));
        const bool published = std::any_of(found->needed_by.nodes.begin(), found->needed_by.nodes.end(), [](const auto &node) { return node.object.kind.rfind("publication", 0) == 0; });
        QVERIFY(published);
        QVERIFY(!nodeOf(found->needed_by, "public.base") && !nodeOf(found->needs, "public.base")); // neither its row type nor itself
        QVERIFY(nodeOf(found->needs, "public.mood"));
        QVERIFY(nodeOf(found->needs, "public"));
        const auto three = ddl::dependenciesOf(*connection, ddl::findObjects(*connection, "three").value().front());
        QVERIFY(three);
        QVERIFY(nodeOf(three->needs, "public.base"));
        QCOMPARE(nodeOf(three->needs, "public.base")->depth, 2);

        ddl::DependencyOptions few;
        few.max_nodes = 3;
        QVERIFY(ddl::dependenciesOf(*connection, base->front(), few)->needed_by.truncated);

        const auto details = inspect::relationDetails(*connection, base->front().oid);
        QVERIFY2(details, details ? "" : details.error().text().c_str());
        QCOMPARE(details->columns.size(), std::size_t(3));
        QCOMPARE(details->indexes.size(), std::size_t(2));
        QCOMPARE(details->triggers.size(), std::size_t(1));
        QVERIFY(details->sizes.heap_bytes > 0 && details->sizes.index_bytes > 0);
        QVERIFY(details->bloat);
        QVERIFY2(details->bloat->share > 0.3 && details->bloat->share < 0.7, std::to_string(details->bloat->share).c_str());
        QVERIFY(!details->statistics.empty());
        QVERIFY(std::any_of(details->constraints.begin(), details->constraints.end(), [](const auto &constraint) { return constraint.incoming; }));
    }

    void saysWhenNothingIsCalledSo()
    {
        const auto connection = test::freshConnection();
        const auto found = ddl::findObjects(*connection, "no_such_thing");
        QVERIFY(!found);
        QCOMPARE(found.error().kind, ErrorKind::Usage);
        QVERIFY(!ddl::objectAt(*connection, "pg_class", 4000000000U));
    }

    void estimatesBloatByItsFormula()
    {
        // 100 rows of 24 + 16 + 4 bytes: 185 a page, so one page of ten is needed.
        const inspect::Bloat bloat = inspect::estimateBloat({100, 10, 12, 3, false, 100});
        QCOMPARE(bloat.expected_bytes, std::int64_t(8192));
        QCOMPARE(bloat.wasted_bytes, std::int64_t(9 * 8192));
        QCOMPARE(inspect::estimateBloat({}).wasted_bytes, std::int64_t(0));
    }
};

QTEST_GUILESS_MAIN(TestDependencies)
#include "tst_dependencies.moc"
