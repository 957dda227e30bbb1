// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <map>

#include <fmt/format.h>

#include "core/pg/catalog.h"
#include "core/pg/connection.h"
#include "core/plan/findings.h"
#include "core/plan/findings/quals.h"
#include "plan_files.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

const char *const set_up = R"(
create schema f; set search_path = f;
create table orders(id int primary key, customer int, status text, region text, created timestamp, amount numeric);
insert into orders select g, g % 5000, (array['new','paid','sent','done'])[1 + g % 4], 'r' || (g % 4),
    timestamp '2024-01-01' + g * interval '1 minute', g % 1000 from generate_series(1, 100000) g;
create index orders_created on orders(created); create index orders_customer on orders(customer);
create table items(id int primary key, order_id int, pad text);
insert into items select g, g % 100000, repeat('x', 40) from generate_series(1, 100000) g;
create table parent(id int primary key); create table child(id int primary key, parent_id int references parent(id));
insert into parent select generate_series(1, 200);
insert into child select g, 1 + g % 100 from generate_series(1, 20000) g;
create table part(id int, key int, v int) partition by hash(key);
do $$ begin for i in 0..15 loop
  execute format('create table part_%s partition of part for values with (modulus 16, remainder %s)', i, i);
end loop; end $$;
insert into part select g, g % 16000, g from generate_series(1, 80000) g;
create function two_of(n int) returns setof int language sql rows 1 as 'select generate_series(1, n)';
create table named(id int, name varchar(20)); insert into named select g, 'n' || g from generate_series(1, 50000) g;
create unlogged table grown(id int, v int); insert into grown select g, g % 10 from generate_series(1, 1000) g;
alter table grown set (autovacuum_enabled = off);
)";

const char *const and_then = R"(
analyze;
insert into grown select g, 3 from generate_series(1, 50000) g;
set max_parallel_workers_per_gather = 0;
set jit = off;
)";

struct Case {
    const char *name;
    const char *settings;
    const char *sql;
    const char *rule; ///< expected; "" when the plan is fine and nothing may be found
    const char *fix;  ///< part of an expected fix
};

const std::vector<Case> cases{
    {"two equalities", "", "select * from orders where region = 'r1' and amount = 7", "seq-scan", "(region, amount)"},
    {"or", "", "select * from orders where region = 'x' or status = 'y'", "seq-scan", "(region)"},
    {"expression", "", "select * from orders where lower(status) = 'x'", "seq-scan", "((lower(status)))"},
    {"cast", "", "select * from items where order_id = 5.0::numeric", "seq-scan", "numeric"},
    {"partitions", "", "select * from part where v between 5 and 8", "partitions-not-pruned", ""},
    {"index of all partitions", "", "select * from part where v between 5 and 8", "seq-scan", "CREATE INDEX ON f.part (v);"},
    {"a number as text", "", "select * from items where order_id::text = '77'", "seq-scan", "(((order_id)::text))"},
    {"a varchar as text", "", "select * from named where name = 'n77'", "seq-scan", "f.named (name)"},
    {"estimate of an expression", "set enable_hashjoin = off; set enable_mergejoin = off",
     "select count(i.pad) from orders o join items i on i.id = o.id where extract(month from o.created) = 1", "misestimate", "ANALYZE"},
    {"sort", "set work_mem = '1MB'", "select * from items order by pad, id desc", "sort-spill", "work_mem"},
    {"hash", "set work_mem = '64kB'; set enable_mergejoin = off; set enable_nestloop = off",
     "select count(a.pad), count(b.pad) from items a join items b on a.id = b.order_id", "hash-spill", "work_mem"},
    {"aggregate",
     "set work_mem = '64kB'; set enable_sort = off; set enable_indexscan = off; set enable_indexonlyscan = off; "
     "set enable_bitmapscan = off",
     "select order_id, count(*) from items group by order_id", "aggregate-spill", "work_mem"},
    {"materialised", "set work_mem = '64kB'", "with x as materialized (select * from items) select count(*) from x",
     "temp-files", "work_mem"},
    {"index", "set enable_seqscan = off", "select * from orders where created < timestamp '2024-02-20' and amount = 17",
     "inefficient-index", "(amount, created)"},
    {"limit", "set enable_sort = off; set enable_bitmapscan = off",
     "select * from orders where amount = 999 and region = 'r3' and customer > 4990 order by created limit 10",
     "limit-index", "(amount, region"},
    {"nested loop",
     "set enable_hashjoin = off; set enable_mergejoin = off; set enable_indexscan = off; "
     "set enable_bitmapscan = off; set enable_indexonlyscan = off",
     "select count(c.id) from parent p left join child c on c.parent_id = p.id where p.id <= 30", "nested-loop",
     "(parent_id)"},
    {"offset", "", "select * from orders order by id offset 90000 limit 10", "large-offset", ""},
    {"correlated", "", "select p.id, (select count(*) from child c where c.parent_id = p.id) from parent p",
     "correlated-subplan", "(parent_id)"},
    {"late", "set enable_nestloop = off",
     "select count(*) from orders o join items i on o.customer = i.order_id where o.id % 97 = i.id % 101 and o.amount "
     "> i.id % 7 or o.amount = i.id + 3",
     "late-filter", ""},
    {"cte", "", "with x as materialized (select * from orders) select * from x where id = 5", "materialized-cte", ""},
    {"trigger", "", "delete from parent where id > 100", "trigger-time", "(parent_id)"},
    {"heap", "set enable_seqscan = off; set enable_bitmapscan = off",
     "select count(customer) from orders where customer between 10 and 2000", "heap-fetches", "VACUUM"},
    {"function", "set enable_hashjoin = off; set enable_mergejoin = off",
     "select count(*) from two_of(30000) n join orders o on o.id = n", "misestimate", ""},
    {"stale", "set enable_seqscan = off", "select count(*) from grown where v = 3 and id > 5", "stale-statistics",
     "ANALYZE"},
    {"fine: by key", "", "select * from orders where id = 77", "", ""},
    {"fine: count", "", "select count(*) from orders", "", ""},
    {"fine: groups", "", "select status, count(*) from orders group by 1", "", ""},
    {"fine: join", "", "select * from orders o join items i on i.id = o.id where o.id < 100", "", ""},
    {"fine: newest", "", "select * from orders order by created desc limit 10", "", ""},
    {"fine: top", "", "select customer, sum(amount) from orders group by 1 order by 2 desc limit 5", "", ""},
    {"fine: most rows", "", "select * from orders where amount >= 0", "", ""},
};

std::string joined(const std::vector<Finding> &all)
{
    std::string text;
    for (const Finding &finding : all)
        text += fmt::format("[{}] {:.1f} ms {} | {} {}\n", finding.rule, finding.lost_ms, finding.message,
                            finding.evidence, fmt::join(finding.fix_sql, " "));
    return text;
}

/// Rules over one plan from its text; text figures make cases that servers of today cannot be made to show.
std::vector<Finding> over(const std::string &text, const FindingContext &context = {})
{
    const Plan plan = plan::test::onlyPlan(text);
    return findings(plan, measure(plan), context);
}

bool found(const std::vector<Finding> &all, std::string_view rule)
{
    return std::any_of(all.begin(), all.end(), [rule](const Finding &f) { return f.rule == rule; });
}

} // namespace

class TestFindings : public QObject
{
    Q_OBJECT

private:
    std::map<int, std::unique_ptr<pg::Connection>> connections_;
    std::map<int, std::shared_ptr<const pg::Catalog>> catalogs_;

    bool run(int major, const std::string &sql)
    {
        const pg::RunOutcome outcome = connections_[major]->run(sql);
        if (outcome.error)
            qWarning("%s", outcome.error->text().c_str());
        return !outcome.error;
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const int major : howdah::test::majors()) {
            connections_[major] = howdah::test::freshConnection(major);
            for (const char *part : {set_up, and_then}) {
                QVERIFY(run(major, part));
                // What the session counted reaches pg_stat_user_tables a little later.
                if (major >= 15)
                    QVERIFY(run(major, "select pg_stat_force_next_flush()"));
                else
                    QTest::qWait(1500);
            }
            auto catalog = pg::readCatalog(*connections_[major]);
            QVERIFY(catalog);
            catalogs_[major] = *catalog;
        }
    }

    void realPlans_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<int>("index");
        for (const int major : howdah::test::majors()) {
            for (std::size_t i = 0; i < cases.size(); ++i)
                QTest::newRow(qPrintable(QStringLiteral("%1 %2").arg(major).arg(QLatin1String(cases[i].name))))
                    << major << static_cast<int>(i);
        }
    }
    void realPlans()
    {
        QFETCH(int, major);
        QFETCH(int, index);
        const Case &expected = cases[static_cast<std::size_t>(index)];
        QVERIFY(run(major, "begin"));
        std::string settings = expected.settings;
        if (!settings.empty())
            QVERIFY(run(major, settings));
        const auto outcome = connections_[major]->query(
            fmt::format("explain (analyze, verbose, buffers, settings, format text) {}", expected.sql));
        if (!outcome)
            QFAIL(outcome.error().text().c_str());
        std::string text;
        for (std::int64_t row = 0; row < outcome->result->rowCount(); ++row)
            text.append(outcome->result->cell(row, 0).text).push_back('\n');
        QVERIFY(run(major, "rollback; set search_path = f; set max_parallel_workers_per_gather = 0; set jit = off"));
        FindingContext context;
        context.server_version = major * 10000;
        context.catalog = catalogs_[major].get();
        std::vector<Finding> all = over(text, context);
        std::erase_if(all, [](const Finding &f) { return f.rule == "settings" || f.rule == "cold-reads"; });
        const std::string told = text + joined(all);
        if (std::string_view(expected.rule).empty()) {
            QVERIFY2(all.empty(), told.c_str());
            return;
        }
        const auto hit =
            std::find_if(all.begin(), all.end(), [&](const Finding &f) { return f.rule == expected.rule; });
        QVERIFY2(hit != all.end(), told.c_str());
        QVERIFY(!hit->message.empty() && !hit->evidence.empty() && !hit->why.empty());
        const std::string fixes = fmt::format("{}", fmt::join(hit->fix_sql, " "));
        QVERIFY2(fixes.find(expected.fix) != std::string::npos, told.c_str());
        // What is offered has to run.
        for (const std::string &fix : hit->fix_sql) {
            if (fix.starts_with("VACUUM"))
                continue;
            QVERIFY(run(major, "begin"));
            std::string inside = fix;
            if (const auto at = inside.find("CONCURRENTLY "); at != std::string::npos)
                inside.erase(at, 13);
            QVERIFY2(run(major, inside), fix.c_str());
            QVERIFY(run(major, "rollback"));
        }
    }

    void figuresAlone_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<bool>("expected");
        const auto row = [](const char *name, const char *rule, bool expected, const std::string &text) {
            QTest::newRow(name) << QString::fromStdString(text) << QString::fromLatin1(rule) << expected;
        };
        const auto jit = [](const char *total) {
            return fmt::format(
                "Aggregate  (cost=0.00..200000.00 rows=1 width=8) (actual time=0.1..400.000 rows=1 loops=1)\n"
                "  ->  Seq Scan on t  (cost=0.00..1.00 rows=9000 width=8) (actual time=0.1..300.000 rows=9000 "
                "loops=1)\n"
                "Planning Time: 0.1 ms\nJIT:\n  Functions: 12\n"
                "  Options: Inlining true, Optimization true, Expressions true, Deforming true\n"
                "  Timing: Generation 1.0 ms, Inlining 50.0 ms, Optimization 80.0 ms, Emission 20.0 ms, Total {} ms\n"
                "Execution Time: 400.000 ms\n",
                total);
        };
        row("jit", "jit", true, jit("151.0"));
        row("jit that pays", "jit", false, jit("31.0"));
        const auto gather = [](int launched) {
            return fmt::format("Gather  (cost=0.00..20.00 rows=1 width=8) (actual time=1.0..300.000 rows=900 loops=1)\n"
                               "  Workers Planned: 4\n  Workers Launched: {}\n"
                               "  ->  Parallel Seq Scan on t  (cost=0.00..1.00 rows=900 width=8) (actual "
                               "time=0.1..290.000 rows=900 loops=1)\n"
                               "Execution Time: 301.000 ms\n",
                               launched);
        };
        row("no workers", "workers-not-launched", true, gather(0));
        row("all workers", "workers-not-launched", false, gather(4));
        row("planning", "planning-time", true,
            "Result  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..0.2 rows=1 loops=1)\nPlanning Time: 120.0 "
            "ms\nExecution "
            "Time: 3.0 ms\n");
        row("little planning", "planning-time", false,
            "Result  (cost=0.00..1.00 rows=1 width=8) (actual time=0.1..0.2 rows=1 loops=1)\nPlanning Time: 3.0 "
            "ms\nExecution "
            "Time: 0.3 ms\n");
        // What hangs on a node before its input: a CTE, an InitPlan.
        const auto limit = [](int given) {
            return fmt::format("Limit  (cost=0.00..1.00 rows=100 width=8) (actual time=300.0..400.000 rows={} loops=1)\n"
                               "  CTE recent\n"
                               "    ->  Seq Scan on t  (cost=0.00..1.00 rows=50000 width=8) (actual time=0.1..90.000 rows=50000 loops=1)\n"
                               "  ->  Sort  (cost=0.00..1.00 rows=5000 width=8) (actual time=300.0..399.000 rows=5000 loops=1)\n"
                               "        Sort Key: a\n"
                               "        ->  CTE Scan on recent  (cost=0.00..1.00 rows=50000 width=8) (actual time=0.1..290.000 rows=50000 loops=1)\n"
                               "Execution Time: 401.000 ms\n",
                               given);
        };
        row("offset below a CTE", "large-offset", true, limit(10));
        row("no offset below a CTE", "large-offset", false, limit(5000));
        const auto bitmap = [](int lossy, int removed) {
            return fmt::format(
                "Bitmap Heap Scan on t  (cost=0.00..1.00 rows=900 width=8) (actual time=0.1..290.000 rows=900 "
                "loops=1)\n"
                "  Recheck Cond: (a > 5)\n  Rows Removed by Index Recheck: {}\n  Heap Blocks: exact=100 lossy={}\n"
                "  ->  Bitmap Index Scan on t_a  (cost=0.00..1.00 rows=900 width=0) (actual time=0.1..9.000 rows=900 "
                "loops=1)\n"
                "Execution Time: 301.000 ms\n",
                removed, lossy);
        };
        row("lossy", "lossy-bitmap", true, bitmap(9000, 500000));
        row("hardly lossy", "lossy-bitmap", false, bitmap(3, 5));
        const auto reads = [](int read) {
            return fmt::format(
                "Seq Scan on t  (cost=0.00..1.00 rows=900000 width=8) (actual time=0.1..290.000 rows=900000 loops=1)\n"
                "  Buffers: shared hit=5000 read={}\n  I/O Timings: shared read={}\nExecution Time: 301.000 ms\n",
                read, read / 100);
        };
        row("cold", "cold-reads", true, reads(20000));
        row("warm", "cold-reads", false, reads(200));
        const auto skew = [](double second) {
            return fmt::format(
                "Gather  (cost=0.00..20.00 rows=1 width=8) (actual time=1.0..300.000 rows=900 loops=1)\n"
                "  Workers Planned: 2\n  Workers Launched: 2\n"
                "  ->  Parallel Seq Scan on t  (cost=0.00..1.00 rows=900 width=8) (actual time=0.1..106.667 rows=300 "
                "loops=3)\n"
                "        Worker 0:  actual time=0.1..{} rows=300 loops=1\n"
                "        Worker 1:  actual time=0.1..10.0 rows=300 loops=1\nExecution Time: 301.000 ms\n",
                second);
        };
        row("skew", "parallel-skew", true, skew(290.0));
        row("even", "parallel-skew", false, skew(150.0));
        row("disabled", "disabled-node", true, "Seq Scan on t  (cost=0.00..1.00 rows=9 width=8)\n  Disabled: true\n");
        row("disabled before 18", "disabled-node", true,
            "Seq Scan on t  (cost=10000000000.00..10000000001.00 rows=9 width=8)\n");
        row("enabled", "disabled-node", false, "Seq Scan on t  (cost=0.00..1.00 rows=9 width=8)\n");
    }
    void figuresAlone()
    {
        QFETCH(QString, text);
        QFETCH(QString, rule);
        QFETCH(bool, expected);
        const std::vector<Finding> all = over(text.toStdString());
        QVERIFY2(found(all, rule.toStdString()) == expected, joined(all).c_str());
    }

    void quals_data()
    {
        QTest::addColumn<QString>("qual");
        QTest::addColumn<QString>("columns");
        const auto row = [](const char *qual, const char *columns) { QTest::newRow(qual) << qual << columns; };
        row("((a = 1) AND (b > 2))", "a,b");
        row("((b > 2) AND (t.a = 'x'::text) AND (c < 3))", "a,b");
        row("(\"Weird Name\" = 'a AND b'::text)", "\"Weird Name\"");
        row("((status)::text = 'x'::text)", "status");
        row("((n)::numeric = 5.0)", "");
        row("(lower(name) = 'x'::text)", "");
        row("(a = ANY ('{1,2}'::integer[]))", "a");
        row("(5 < a)", "a");
        row("(a IS NULL)", "a");
        row("(a = b)", "");
        row("(a = $1)", "a");
        row("(a = (InitPlan 1).col1)", "a");
        row("(created > (now() - '1 day'::interval))", "created");
        row("(x ~~ '%y'::text)", "");
        row("active", "active");
        row("", "");
        row("((", "");
        row("(a = 'it''s (open'::text)", "a");
    }
    void quals()
    {
        QFETCH(QString, qual);
        QFETCH(QString, columns);
        const std::vector<std::string> got = indexColumns(readQuals(qual.toStdString()));
        QCOMPARE(QString::fromStdString(fmt::format("{}", fmt::join(got, ","))), columns);
    }

    void corpusIsNearlySilent()
    {
        std::map<std::string, int> counts;
        int plans = 0;
        for (const QString &path : plan::test::files(QStringLiteral("nodes"), QStringLiteral("*.json"))) {
            const auto result = read(plan::test::content(path));
            QVERIFY(result);
            for (const Plan &plan : result->plans) {
                ++plans;
                double before = 1e300;
                Severity severity = Severity::Serious;
                for (const Finding &finding : findings(plan, measure(plan))) {
                    if (finding.severity != Severity::Info)
                        ++counts[finding.rule];
                    QVERIFY(finding.severity < severity || finding.lost_ms <= before); // sorted
                    before = finding.lost_ms;
                    severity = finding.severity;
                    QVERIFY(finding.lost_ms >= 0 && !finding.message.empty());
                }
            }
        }
        int all = 0;
        for (const auto &[rule, count] : counts) {
            qInfo("%s: %d", rule.c_str(), count);
            all += count;
        }
        QVERIFY2(all * 5 < plans, qPrintable(QStringLiteral("%1 findings in %2 plans").arg(all).arg(plans)));
    }

    void statisticsFitTheColumns_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<double>("expected"); // rows
        QTest::addColumn<double>("actual");
        QTest::addColumn<double>("distinct_a");
        QTest::addColumn<double>("distinct_b"); // 0: nothing is known
        QTest::addColumn<QString>("kinds");     // "": no statistics on both columns
        QTest::addColumn<bool>("target");
        const QString equal = QStringLiteral("((a = 1) AND (b = 2))"), range = QStringLiteral("((a > 1) AND (b > 2))");
        QTest::newRow("nothing known") << equal << 100.0 << 20000.0 << 0.0 << 0.0 << QStringLiteral("(dependencies, mcv)") << false;
        QTest::newRow("few combinations") << equal << 100.0 << 20000.0 << 50.0 << 50.0 << QStringLiteral("(dependencies, mcv)") << false;
        QTest::newRow("many combinations") << equal << 10.0 << 2000.0 << 5000.0 << 5000.0 << QStringLiteral("(dependencies)") << false;
        QTest::newRow("fewer rows than expected, few combinations") << equal << 20000.0 << 40.0 << 8.0 << 8.0 << QStringLiteral("(mcv)") << false;
        QTest::newRow("range, few combinations") << range << 100.0 << 20000.0 << 9.0 << 9.0 << QStringLiteral("(mcv)") << false;
        QTest::newRow("range, more than the default list holds") << range << 100.0 << 20000.0 << 40.0 << 40.0 << QStringLiteral("(mcv)") << true;
        QTest::newRow("range, more than any list holds") << range << 100.0 << 20000.0 << 90000.0 << 90000.0 << QString() << false;
    }
    void statisticsFitTheColumns()
    {
        QFETCH(QString, filter);
        QFETCH(double, expected);
        QFETCH(double, actual);
        QFETCH(double, distinct_a);
        QFETCH(double, distinct_b);
        QFETCH(QString, kinds);
        QFETCH(bool, target);
        const std::string text = fmt::format(" Sort  (cost=0.00..9.00 rows={0} width=4) (actual time=100.000..900.000 rows={1} loops=1)\n"
                                             "   Sort Key: x\n"
                                             "   ->  Seq Scan on s.t  (cost=0.00..5.00 rows={0} width=4) (actual time=0.010..50.000 rows={1} loops=1)\n"
                                             "         Filter: {2}\n         Rows Removed by Filter: {3}\n Execution Time: 900.000 ms\n",
                                             expected, actual, filter.toStdString(), 100000 - actual);
        const auto read = plan::read(text);
        QVERIFY(read);
        FindingContext context;
        context.server_version = 150000;
        if (distinct_a > 0)
            context.columns = {{"s", "t", "a", 100000, distinct_a, 0}, {"s", "t", "b", 100000, distinct_b, 0}};
        const auto found = findings(read->plans[0], measure(read->plans[0]), context);
        const auto wrong = std::find_if(found.begin(), found.end(), [](const Finding &f) { return f.rule == "misestimate"; });
        QVERIFY(wrong != found.end());
        std::string fixes;
        for (const std::string &fix : wrong->fix_sql)
            fixes += fix + "\n";
        if (kinds.isEmpty())
            QVERIFY2(fixes.find("CREATE STATISTICS") == std::string::npos, fixes.c_str());
        else
            QVERIFY2(fixes.find("CREATE STATISTICS t_stat " + kinds.toStdString() + " ON a, b FROM s.t;") != std::string::npos, fixes.c_str());
        QCOMPARE(fixes.find("ALTER STATISTICS t_stat SET STATISTICS 1600;") != std::string::npos, target);
        QCOMPARE(wrong->why.find("combinations") != std::string::npos, distinct_a > 0);
    }

    void everyRuleIsListedOnce()
    {
        std::map<std::string_view, int> names;
        for (const FindingRule &rule : findingRules()) {
            QVERIFY(!rule.title.empty());
            QCOMPARE(++names[rule.name], 1);
        }
        QVERIFY(names.size() >= 25);
    }
};

QTEST_GUILESS_MAIN(TestFindings)
#include "tst_findings.moc"
