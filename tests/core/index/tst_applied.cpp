// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include "core/index/ledger.h"
#include "core/index/to_json.h"
#include "core/workload/values_in_text.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

const char *const queries = R"(
-- weight: 50
SELECT * FROM orders WHERE customer_id = 17 ORDER BY created_at DESC LIMIT 10;
-- weight: 5
SELECT id, total FROM orders WHERE status = 'new' AND total > 900;
INSERT INTO orders SELECT * FROM orders WHERE false;
)";

/// The statement's steps, without their checks.
migration::ChangeOutcome runScript(pg::Connection &connection, const migration::ChangeScript &script)
{
    return migration::runChangeScript(connection, script);
}

} // namespace

/// What becomes of a set that somebody chose, from its price to its dropping.
class TestApplied : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        connection_ = test::freshConnection(15);
        const auto made = connection_->run("CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, status text, created_at timestamptz, total numeric);"
                                           "INSERT INTO orders SELECT i, 1 + i * 7919 % 40, CASE WHEN i % 200 = 0 THEN 'new' ELSE 'done' END, now() - i * interval '1 min', i % 977 FROM generate_series(1, 60000) i;"
                                           "CREATE INDEX orders_customer_id_idx ON orders (customer_id); VACUUM ANALYZE");
        QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
    }

    void tellsTheBestSetWhileItGoesOn()
    {
        std::vector<std::string> best;
        double before = 0, bytes = 0;
        const auto advice = index::advise(*connection_, workload::readWorkload(queries), {}, [&](const index::AdviseProgress &progress) {
            if (progress.best != nullptr && !progress.best->empty()) {
                best = *progress.best;
                before = progress.cost_before;
                bytes = progress.best_bytes;
            }
            return true;
        });
        QVERIFY(advice && advice->indexes.size() >= 2);
        QVERIFY(!best.empty() && best.front().starts_with("CREATE INDEX ON "));
        QCOMPARE(before, advice->cost_before);
        QVERIFY(bytes > 0);
    }

    void aSetThatSomebodyChoseIsPriced()
    {
        const auto load = workload::readWorkload(queries);
        index::AdviseOptions options;
        options.plans = true;
        const auto all = index::advise(*connection_, load, options);
        QVERIFY(all && all->indexes.size() >= 2);
        QVERIFY(!all->queries[0].plan_before.empty() && !all->queries[0].plan_after.empty());
        // With the names that the indexes would have.
        QVERIFY2(all->queries[0].plan_after.find("\"" + all->indexes[all->queries[0].indexes.front()].name + "\"") != std::string::npos, all->queries[0].plan_after.c_str());
        QVERIFY(all->queries[0].plan_after.find(">btree_") == std::string::npos);
        // One of them, though the budget would not even hold it.
        options.only = {all->indexes[0].nameless_ddl};
        options.budget_bytes = 1;
        const auto one = index::advise(*connection_, load, options);
        QVERIFY2(one.has_value(), one ? "" : one.error().text().c_str());
        QCOMPARE(one->indexes.size(), 1U);
        QCOMPARE(one->indexes[0].nameless_ddl, all->indexes[0].nameless_ddl);
        QCOMPARE(one->cost_before, all->cost_before);
        QVERIFY(one->cost_after < one->cost_before && one->cost_after > all->cost_after);
        QVERIFY(std::abs(one->indexes[0].benefit - (one->cost_before - one->cost_after)) < 1);
        options.only = {""};
        const auto none = index::advise(*connection_, load, options);
        QVERIFY(none && none->indexes.empty());
        QCOMPARE(none->cost_after, none->cost_before);
        // All of them cost what the search said.
        options.only.clear();
        for (const index::AdvisedIndex &each : all->indexes)
            options.only.insert(each.nameless_ddl);
        const auto again = index::advise(*connection_, load, options);
        QVERIFY(again.has_value());
        QCOMPARE(again->indexes.size(), all->indexes.size());
        QVERIFY(std::abs(again->cost_after - all->cost_after) < 1e-6 * all->cost_before);
    }

    void aWriteBudgetIsKept()
    {
        const auto load = workload::readWorkload(std::string(queries) + "-- weight: 40\nINSERT INTO orders VALUES (1000000, 1, 'x', now(), 5);");
        const auto free = index::advise(*connection_, load);
        QVERIFY(free && free->indexes.size() >= 2 && free->write_cost > 0);
        index::AdviseOptions options;
        options.write_budget = 0.6 * free->write_cost / free->cost_before;
        const auto thrifty = index::advise(*connection_, load, options);
        QVERIFY2(thrifty.has_value(), thrifty ? "" : thrifty.error().text().c_str());
        QVERIFY2(thrifty->write_cost <= 0.61 * free->write_cost, index::toJson(*thrifty).c_str());
        QVERIFY(!thrifty->indexes.empty() && thrifty->cost_after < thrifty->cost_before);
    }

    void isBuiltLookedAtKeptAndDropped()
    {
        const auto load = workload::readWorkload(queries);
        const auto advice = index::advise(*connection_, load);
        QVERIFY(advice && !advice->redundant.empty());
        QVERIFY(advice->redundant.front().definition.starts_with("CREATE INDEX orders_customer_id_idx"));
        index::StateOptions how;
        how.run = true;
        const auto before = index::queryStates(*connection_, index::workloadOf(*advice), how);
        QVERIFY2(before.has_value(), before ? "" : before.error().text().c_str());
        QCOMPARE(before->size(), 3U);
        QVERIFY((*before)[0].ms && (*before)[0].plan.find("Actual Rows") != std::string::npos);
        QVERIFY(!(*before)[2].ms && !(*before)[2].not_run.empty());
        QCOMPARE((*before)[0].weight, 50.0);

        migration::ChangeScript script = index::scriptOf(*advice);
        index::addRedundantDrops(*advice, script);
        const auto outcome = runScript(*connection_, script);
        QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
        index::Applied applied = index::appliedBy(*advice, outcome);
        QCOMPARE(applied.indexes.size(), advice->indexes.size());
        applied.before = *before;
        applied.run = true;
        applied.server = index::serverName(*connection_);
        const auto look = index::lookAgain(*connection_, applied);
        QVERIFY2(look.has_value(), look ? "" : look.error().text().c_str());
        QCOMPARE(look->verdict, std::string("helped"));
        QVERIFY(index::dropScript(applied, *look).steps.empty());
        applied.after = look->after;
        applied.verdict = look->verdict;

        const QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("ledger.sqlite")).toStdString();
        {
            auto ledger = index::Ledger::open(file);
            QVERIFY(ledger.has_value());
            QVERIFY((*ledger)->record(applied).has_value());
        }
        auto ledger = index::Ledger::open(file);
        const auto kept = (*ledger)->applied(applied.server);
        QVERIFY(kept && kept->size() == 1);
        const index::Applied &back = kept->front();
        QCOMPARE(back.indexes.front().ddl, applied.indexes.front().ddl);
        QCOMPARE(back.before.size(), 3U);
        QCOMPARE(back.before[0].ms.value_or(0), applied.before[0].ms.value_or(-1));
        QCOMPARE(back.after[0].indexes, applied.after[0].indexes);
        QVERIFY((*ledger)->applied("elsewhere:5432/shop")->empty());
        // Not before a day has gone by, and not once it was looked at.
        QVERIFY((*ledger)->due(applied.server, applied.at_ms + index::reminder_ms - 1)->empty());
        QCOMPARE((*ledger)->due(applied.server, applied.at_ms + index::reminder_ms)->size(), 1U);
        index::Applied looked = back;
        looked.looked_ms = applied.at_ms + index::reminder_ms;
        QVERIFY((*ledger)->record(looked).has_value());
        QVERIFY((*ledger)->due(applied.server, applied.at_ms + 9 * index::reminder_ms)->empty());

        // One that no query is planned with.
        index::Applied useless = applied;
        for (index::QueryState &state : useless.before)
            state.text = "SELECT * FROM orders WHERE id = 7";
        useless.before.resize(1);
        useless.indexes.resize(1);
        useless.indexes[0].name = "public.orders_useless_idx";
        QVERIFY(!connection_->run("CREATE INDEX orders_useless_idx ON orders (total, status)").error);
        const auto second = index::lookAgain(*connection_, useless);
        QVERIFY(second.has_value());
        QCOMPARE(second->verdict, std::string("did not help"));
        const auto drops = index::dropScript(useless, *second);
        QCOMPARE(drops.steps.size(), useless.indexes.size());
        QVERIFY(runScript(*connection_, drops).done());
        const auto gone = index::lookAgain(*connection_, useless);
        QVERIFY(gone && gone->indexes.front().gone);
    }

    void whatHasEffectsIsNotRun()
    {
        QVERIFY(!connection_->run("CREATE SEQUENCE numbers; CREATE FUNCTION touch(int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT $1'").error);
        index::StateOptions how;
        how.run = true;
        const auto states = index::queryStates(*connection_, workload::readWorkload("SELECT nextval('numbers') FROM orders WHERE id = 1; SELECT touch(1) FROM orders WHERE id = 1; SELECT pg_advisory_lock(7) FROM orders WHERE id = 1;"
                                                                                  "SELECT lower(status) FROM orders WHERE id = 1;"), how);
        QVERIFY2(states.has_value(), states ? "" : states.error().text().c_str());
        QCOMPARE(states->size(), 4U);
        for (std::size_t i = 0; i < 3; ++i)
            QVERIFY2(!(*states)[i].ms && !(*states)[i].not_run.empty(), (*states)[i].text.c_str());
        QVERIFY((*states)[3].ms.has_value());
        const auto drawn = connection_->query("SELECT is_called FROM numbers");
        QVERIFY(drawn && drawn->result->cell(0, 0).text == "f");
    }

    void valuesStandInTheText()
    {
        using workload::withValues;
        QCOMPARE(withValues("SELECT * FROM t WHERE a = :a AND b = :'b' AND c = $1", {{"a", "it's"}, {"b", std::nullopt}}), std::string("SELECT * FROM t WHERE a = 'it''s' AND b = NULL AND c = $1"));
        QCOMPARE(withValues("SELECT :x, :y, :x, $3", {}), std::string("SELECT $4, $5, $4, $3"));
        QCOMPARE(withValues("SELECT ':x'::text", {{"x", "1"}}), std::string("SELECT ':x'::text"));
    }

private:
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_GUILESS_MAIN(TestApplied)
#include "tst_applied.moc"
