// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/plan/what_if.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

QString state(pg::Connection &connection)
{
    // Everything that could be left behind.
    const auto found = connection.query(
        "SELECT (SELECT count(*) FROM pg_class)::text || ' ' || (SELECT count(*) FROM pg_statistic_ext)::text || ' ' || "
        "(SELECT count(*) FROM pg_statistic)::text || ' ' || current_setting('work_mem') || ' ' || current_setting('lock_timeout')");
    return found ? QString::fromStdString(std::string(found->result->cell(0, 0).text)) : QString::fromStdString(found.error().text());
}

} // namespace

class TestWhatIf : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;

    static void fill(pg::Connection &connection)
    {
        for (const char *sql : {"CREATE TABLE t AS SELECT n AS id, n % 50 AS kind, n % 50 AS twin, md5(n::text) AS word FROM generate_series(1, 50000) n",
                                "ALTER TABLE t SET (autovacuum_enabled = off)", "ANALYZE t"})
            QVERIFY2(connection.query(sql), sql);
    }
    static void byVersion()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }

    void must(const char *sql) { QVERIFY2(connection_->query(sql), sql); }

private Q_SLOTS:
    void init()
    {
        connection_ = test::freshConnection(15);
        must("CREATE TABLE t AS SELECT n AS id, n % 50 AS kind, n % 50 AS twin, md5(n::text) AS word FROM generate_series(1, 50000) n");
        must("ALTER TABLE t SET (autovacuum_enabled = off)");
    }

    void anIndexThatHelps()
    {
        must("CREATE EXTENSION hypopg");
        must("ANALYZE t");
        const QString before = state(*connection_);
        const auto outcome = whatIf(*connection_, "SELECT * FROM t WHERE id = 7", {{"CREATE INDEX CONCURRENTLY ON t (id);"}, true});
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QVERIFY(outcome->index_used);
        QVERIFY2(outcome->cost_after * 10 < outcome->cost_before, qPrintable(QString::number(outcome->cost_after)));
        QVERIFY(!outcome->ms_after); // a hypothetical index cannot be read
        QCOMPARE(outcome->level_of_proof, std::string("planned with a hypothetical index"));
        QVERIFY(!outcome->diff.same_shape);
        QCOMPARE(state(*connection_), before);
        const auto left = connection_->query("SELECT count(*) FROM hypopg()");
        QCOMPARE(std::string(left->result->cell(0, 0).text), std::string("0"));
        QCOMPARE(connection_->transaction(), pg::TransactionState::Idle);
    }

    void anIndexThatDoesNot()
    {
        must("CREATE EXTENSION hypopg");
        must("ANALYZE t");
        const auto outcome = whatIf(*connection_, "SELECT * FROM t WHERE word <> 'x'", {{"CREATE INDEX ON t (word)"}});
        QVERIFY(outcome);
        QVERIFY(!outcome->index_used);
        QVERIFY(outcome->diff.same_shape);
        QCOMPARE(outcome->cost_after, outcome->cost_before);
    }

    void statisticsMendAnEstimate()
    {
        must("ANALYZE t");
        const QString before = state(*connection_);
        const auto outcome = whatIf(*connection_, "SELECT * FROM t WHERE kind = 5 AND twin = 5",
                                    {{"CREATE STATISTICS s (dependencies, mcv) ON kind, twin FROM t;", "ANALYZE t;"}, true});
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        const double estimated_before = read(outcome->before_source)->plans[0].nodes[0].plan_rows.value_or(0);
        const double estimated_after = read(outcome->after_source)->plans[0].nodes[0].plan_rows.value_or(0);
        QVERIFY2(estimated_before < 50 && estimated_after > 500, qPrintable(QString::number(estimated_after)));
        QVERIFY(outcome->ms_before && outcome->ms_after);
        QVERIFY(!outcome->warnings.empty());
        QVERIFY(outcome->warnings.front().find("no rollback undoes") != std::string::npos);
        QCOMPARE(state(*connection_), before);
    }

    void aRewriteIsMeasuredAgainstTheOriginal_data() { byVersion(); }
    /// A setting that changes nothing must not look like a gain because the first run filled the caches.
    void aColdRunIsNotComparedWithAWarmOne()
    {
        const auto connection = howdah::test::freshConnection(15);
        // Larger than what the session may buffer, so that every run reads.
        QVERIFY(!connection->run("SET temp_buffers = 100; CREATE TEMP TABLE cold AS SELECT n, repeat('x', 200) AS pad FROM generate_series(1, 20000) n").error);
        WhatIf tried;
        tried.statements = {"SET LOCAL track_io_timing = on"};
        tried.execute = true;
        auto outcome = whatIf(*connection, "SELECT count(*) FROM cold", tried);
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QCOMPARE(outcome->runs_before.ms.size(), std::size_t(2));
        QVERIFY(outcome->runs_before.cold().has_value());
        QCOMPARE(*outcome->ms_before, outcome->runs_before.ms[1]);
        // What was in the buffers runs once.
        outcome = whatIf(*connection, "SELECT sum(g) FROM generate_series(1, 10) g", tried);
        QVERIFY(outcome);
        QCOMPARE(outcome->runs_before.ms.size(), std::size_t(1));
        tried.runs = 3;
        outcome = whatIf(*connection, "SELECT count(*) FROM cold", tried);
        QVERIFY(outcome);
        QCOMPARE(outcome->runs_before.ms.size(), std::size_t(3));
    }

    void aRewriteIsMeasuredAgainstTheOriginal()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        fill(*connection);
        WhatIf tried;
        tried.execute = true;
        tried.runs = 4;
        tried.parameters = {{"k", "7"}};
        tried.rewrite = "SELECT kind, count(*) FROM t WHERE kind = :k GROUP BY kind;";
        const char *slow = "SELECT kind, (SELECT count(*) FROM t i WHERE i.kind = o.kind) FROM (SELECT DISTINCT kind FROM t) o WHERE kind = :k";
        const QString before = state(*connection);
        const auto outcome = whatIf(*connection, slow, tried);
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QCOMPARE(outcome->runs_before.ms.size(), 4U);
        QCOMPARE(outcome->runs_after.ms.size(), 4U);
        QVERIFY(outcome->runs_before.cold() && *outcome->runs_before.cold() == outcome->runs_before.ms.front());
        QVERIFY(*outcome->runs_after.least() <= *outcome->ms_after && *outcome->ms_after <= *outcome->runs_after.most());
        QVERIFY2(outcome->same_rows.value_or(false), "the same rows");
        QVERIFY(*outcome->runs_after.least() < *outcome->runs_before.most()); // no more than that holds on a busy machine
        QVERIFY(!outcome->diff.same_shape);
        QCOMPARE(state(*connection), before);
        tried.rewrite = "SELECT kind, count(*) + 1 FROM t WHERE kind = :k GROUP BY kind";
        const auto wrong = whatIf(*connection, slow, tried);
        QVERIFY(wrong && wrong->same_rows && !*wrong->same_rows);
        QVERIFY(wrong->warnings.back().find("not give the same rows") != std::string::npos);
        QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
    }

    void whatARewriteWritesIsUndone()
    {
        must("ANALYZE t");
        WhatIf tried;
        tried.execute = true;
        tried.runs = 2;
        tried.rewrite = "DELETE FROM t WHERE kind IN (1)";
        const auto outcome = whatIf(*connection_, "DELETE FROM t WHERE kind = 1", tried);
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        const auto left = connection_->query("SELECT count(*) FROM t");
        QCOMPARE(std::string(left->result->cell(0, 0).text), std::string("50000"));
        QVERIFY(!outcome->same_rows); // nothing to compare
    }

    void anIndexIsBuiltUpToASize_data() { byVersion(); }
    void anIndexIsBuiltUpToASize()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        fill(*connection);
        const QString before = state(*connection);
        WhatIf tried;
        tried.statements = {"CREATE INDEX CONCURRENTLY ON t (id);"};
        tried.execute = true;
        tried.runs = 3;
        tried.build_up_to_bytes = 1024;
        const auto small = whatIf(*connection, "SELECT * FROM t WHERE id = 7", tried);
        QVERIFY(!small && small.error().kind == ErrorKind::Unsupported);
        QVERIFY2(small.error().message.find("1 kB") != std::string::npos || small.error().message.find("1.0 kB") != std::string::npos, small.error().message.c_str());
        tried.build_up_to_bytes = 64LL * 1024 * 1024;
        const auto outcome = whatIf(*connection, "SELECT * FROM t WHERE id = 7", tried);
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QVERIFY(outcome->index_used);
        QVERIFY(outcome->ms_after && *outcome->runs_after.least() < *outcome->runs_before.most());
        QCOMPARE(outcome->level_of_proof, std::string("measured with a built index, rolled back"));
        QCOMPARE(outcome->locks.size(), 1U);
        QVERIFY(outcome->locks.front().starts_with("SHARE on t: writes to it waited"));
        QCOMPARE(state(*connection), before);
    }

    void eachFixAloneAndTogether_data() { byVersion(); }
    void eachFixAloneAndTogether()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        fill(*connection);
        const QString before = state(*connection);
        WhatIf tried;
        tried.execute = true;
        tried.build_up_to_bytes = 64LL * 1024 * 1024;
        tried.statements = {"CREATE STATISTICS s (dependencies) ON kind, twin FROM t;", "ANALYZE t;", "VACUUM t;", "CREATE INDEX ON t (kind, twin);"};
        const auto trials = whatIfEach(*connection, "SELECT * FROM t WHERE kind = 5 AND twin = 5", tried);
        QVERIFY2(trials, trials ? "" : trials.error().text().c_str());
        QCOMPARE(trials->size(), 4U);
        QCOMPARE((*trials)[0].statements.size(), 2U); // ANALYZE goes with its statistics
        const auto rows = [](const WhatIfTrial &trial) { return read(trial.outcome->after_source)->plans[0].nodes[0].plan_rows.value_or(0); };
        QVERIFY((*trials)[0].outcome && (*trials)[0].outcome->indexes.empty() && rows((*trials)[0]) > 500);
        QVERIFY(!(*trials)[1].outcome && (*trials)[1].outcome.error().kind == ErrorKind::Unsupported);
        QVERIFY((*trials)[2].outcome && (*trials)[2].outcome->index_used && rows((*trials)[2]) < 100);
        QVERIFY((*trials)[3].together && (*trials)[3].outcome && rows((*trials)[3]) > 500 && (*trials)[3].outcome->indexes.size() == 1);
        QCOMPARE(state(*connection), before);
        QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
    }

    void settingsAreTriedWithinAnOpenTransaction()
    {
        must("ANALYZE t");
        must("BEGIN");
        must("INSERT INTO t VALUES (-1, 0, 0, 'mine')");
        must("SET LOCAL work_mem = '64kB'");
        const auto outcome = whatIf(*connection_, "SELECT * FROM t ORDER BY word", {{"SET LOCAL work_mem = '64MB';"}, true});
        QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
        QVERIFY(outcome->before_source.find("external merge") != std::string::npos);
        QVERIFY(outcome->after_source.find("external merge") == std::string::npos);
        QCOMPARE(connection_->transaction(), pg::TransactionState::InTransaction);
        const auto mine = connection_->query("SELECT current_setting('work_mem'), count(*) FROM t WHERE id = -1");
        QCOMPARE(std::string(mine->result->cell(0, 0).text), std::string("64kB"));
        QCOMPARE(std::string(mine->result->cell(0, 1).text), std::string("1"));
    }

    void aFailureLeavesNoHypotheticalIndex()
    {
        must("CREATE EXTENSION hypopg");
        must("ANALYZE t");
        // The index is made, then the next statement fails and takes the transaction with it.
        const auto failed = whatIf(*connection_, "SELECT * FROM t WHERE id = 7", {{"CREATE INDEX ON t (id)", "ANALYZE nothing_here"}});
        QVERIFY(!failed);
        const auto left = connection_->query("SELECT count(*) FROM hypopg()");
        QVERIFY(left);
        QCOMPARE(std::string(left->result->cell(0, 0).text), std::string("0"));
        QCOMPARE(connection_->transaction(), pg::TransactionState::Idle);
    }

    void whatCannotBeTriedIsSaid()
    {
        const QString before = state(*connection_);
        const auto no_extension = whatIf(*connection_, "SELECT * FROM t WHERE id = 7", {{"CREATE INDEX ON t (id)"}});
        QVERIFY(!no_extension && no_extension.error().kind == ErrorKind::Unsupported);
        QVERIFY(no_extension.error().hint.find("hypopg") != std::string::npos);
        const auto vacuum = whatIf(*connection_, "SELECT * FROM t", {{"VACUUM (ANALYZE) t;"}});
        QVERIFY(!vacuum && vacuum.error().kind == ErrorKind::Unsupported);
        for (const char *refused : {"vacuum t", "COMMIT", "DROP TABLE t", "ALTER TABLE t ADD COLUMN x int", "DELETE FROM t",
                                    "SET work_mem = '1MB'; COMMIT", "SELECT pg_advisory_lock(1)"}) {
            const auto tried = whatIf(*connection_, "SELECT * FROM t", {{refused}});
            QVERIFY2(!tried && tried.error().kind == ErrorKind::Unsupported, refused);
            QCOMPARE(state(*connection_), before);
        }
        must("BEGIN");
        QVERIFY(!connection_->query("SELECT 1/0"));
        const auto failed = whatIf(*connection_, "SELECT * FROM t", {{"ANALYZE t"}});
        QVERIFY(!failed && failed.error().kind == ErrorKind::Usage);
        QCOMPARE(connection_->transaction(), pg::TransactionState::InFailedTransaction);
        must("ROLLBACK");
        const auto wrong = whatIf(*connection_, "SELECT * FROM t", {{"ANALYZE nothing_here"}});
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().sqlstate, std::string("42P01"));
        QCOMPARE(state(*connection_), before);
        QCOMPARE(connection_->transaction(), pg::TransactionState::Idle);
    }
};

QTEST_GUILESS_MAIN(TestWhatIf)
#include "tst_what_if.moc"
