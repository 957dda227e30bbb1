// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <iterator>

#include <QRegularExpression>
#include <QTest>

#include "core/index/advise.h"
#include "core/index/to_json.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

std::string dataFile(const std::string &name)
{
    std::ifstream file(std::string(HOWDAH_TEST_DATA) + "/index/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Case {
    std::string name, pattern, statement;
};

/// "-- case: name => pattern", then the statement.
std::vector<Case> cases()
{
    std::vector<Case> all;
    const std::string text = dataFile("cases.sql");
    for (std::size_t at = text.find("-- case: "); at != std::string::npos;) {
        const std::size_t next = text.find("-- case: ", at + 1);
        const std::size_t arrow = text.find(" => ", at), line = text.find('\n', at);
        all.push_back({text.substr(at + 9, arrow - at - 9), text.substr(arrow + 4, line - arrow - 4), text.substr(line + 1, (next == std::string::npos ? text.size() : next) - line - 1)});
        at = next;
    }
    return all;
}

std::string planOf(pg::Connection &connection, const std::string &statement)
{
    std::string plan;
    const auto explained = connection.query("EXPLAIN " + statement);
    for (std::int64_t row = 0; explained && row < explained->result->rowCount(); ++row)
        plan += std::string(explained->result->cell(row, 0).text) + "\n";
    return explained ? plan : explained.error().text();
}

} // namespace

/// Indexes over all access methods, on a real server with HypoPG.
class TestAdvise : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        connection_ = test::freshConnection(15);
        const auto loaded = connection_->run(dataFile("capability.sql"));
        QVERIFY2(!loaded.error, loaded.error ? loaded.error->text().c_str() : "");
        // Index-only scans are no use where the visibility map is empty.
        const auto visible = connection_->query("SELECT relallvisible FROM pg_class WHERE relname = 'orders'");
        QVERIFY(std::stoi(std::string(visible->result->cell(0, 0).text)) > 100);
    }

    void adviseTheRightKind_data()
    {
        QTest::addColumn<int>("number");
        const auto all = cases();
        QVERIFY(all.size() > 40);
        for (std::size_t i = 0; i < all.size(); ++i)
            QTest::newRow(all[i].name.c_str()) << static_cast<int>(i);
    }

    /// The index is of the right kind, and the planner takes it once it is there.
    void adviseTheRightKind()
    {
        QFETCH(int, number);
        const Case one = cases()[static_cast<std::size_t>(number)];
        const auto advice = index::advise(*connection_, workload::readWorkload(one.statement));
        QVERIFY2(advice.has_value(), advice ? "" : advice.error().text().c_str());
        QCOMPARE(advice->problems.size(), 0U);
        if (one.pattern == "none") {
            QVERIFY2(advice->indexes.empty(), advice->indexes.empty() ? "" : advice->indexes.front().ddl.c_str());
            return;
        }
        QVERIFY2(!advice->indexes.empty(), "nothing was advised");
        std::string all;
        for (const index::AdvisedIndex &index : advice->indexes)
            all += index.ddl + "\n";
        QVERIFY2(QRegularExpression(QString::fromStdString(one.pattern)).match(QString::fromStdString(all)).hasMatch(), all.c_str());
        QVERIFY(advice->cost_after < advice->cost_before);
        QVERIFY(connection_->query("BEGIN").has_value());
        for (const index::AdvisedIndex &index : advice->indexes) {
            const auto built = connection_->query(index.ddl);
            QVERIFY2(built.has_value(), built ? "" : built.error().text().c_str());
            static_cast<void>(connection_->query("ANALYZE " + index.table));
        }
        const std::string plan = planOf(*connection_, one.statement);
        QVERIFY(connection_->query("ROLLBACK").has_value());
        for (const index::AdvisedIndex &index : advice->indexes) {
            // What a foreign key looks up is in no plan.
            if (index.candidate.purpose != index::Purpose::ForeignKey)
                QVERIFY2(plan.find(index.name) != std::string::npos, (index.ddl + "\n" + plan).c_str());
        }
    }

    void leavesNothingBehind()
    {
        const auto advice = index::advise(*connection_, workload::readWorkload("SELECT * FROM orders WHERE customer_id = 1"));
        QVERIFY(advice.has_value());
        QCOMPARE(connection_->transaction(), pg::TransactionState::Idle);
        const auto left = connection_->query("SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'hypopg'), (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'howdah%')");
        QCOMPARE(std::string(left->result->cell(0, 0).text), std::string("0"));
        QCOMPARE(std::string(left->result->cell(0, 1).text), std::string("0"));
    }

    void measuresOnASample()
    {
        index::AdviseOptions options;
        options.measure = true;
        const auto advice = index::advise(*connection_, workload::readWorkload("SELECT * FROM events WHERE payload @> '{\"user\": \"4711\"}'"), options);
        QVERIFY2(advice.has_value(), advice ? "" : advice.error().text().c_str());
        QCOMPARE(advice->indexes.size(), 1U);
        const index::AdvisedIndex &index = advice->indexes.front();
        QVERIFY2(index.measured.has_value(), index::toJson(*advice).c_str());
        QVERIFY(index.measured->used);
        QVERIFY(index.measured->whole);
        QCOMPARE(index.proof, index::Proof::Copy);
        QVERIFY(index.measured->ms_after_most < index.measured->ms_before);
        QVERIFY(index.measured->write_factor > 1);
        QVERIFY(index.candidate.size_measured);
        // It is the size of the real one.
        QVERIFY(connection_->query("BEGIN").has_value());
        QVERIFY(connection_->query(index.ddl).has_value());
        const auto size = connection_->query("SELECT pg_relation_size('" + index.name + "')");
        QVERIFY(connection_->query("ROLLBACK").has_value());
        const double real = std::strtod(std::string(size->result->cell(0, 0).text).c_str(), nullptr);
        QVERIFY2(std::abs(static_cast<double>(index.size_bytes) - real) < real * 0.05, std::to_string(index.size_bytes).c_str());
    }

    void weighsWrites()
    {
        const std::string reads = "-- weight: 1\nSELECT * FROM orders WHERE channel = 3 AND region = 4;\n";
        const auto alone = index::advise(*connection_, workload::readWorkload(reads));
        QVERIFY(alone && !alone->indexes.empty());
        const auto written = index::advise(*connection_, workload::readWorkload(reads + "-- weight: 100000\nINSERT INTO orders VALUES (1, 1, 'x', 1, 1, 1, now(), 'c', 'e', NULL);"));
        QVERIFY(written.has_value());
        QVERIFY2(written->indexes.empty(), index::toJson(*written).c_str());
    }

    void keepsToTheBudget()
    {
        std::string all;
        for (const Case &one : cases())
            all += one.statement;
        const auto load = workload::readWorkload(all);
        index::AdviseOptions options;
        options.budget_bytes = 4 * 1024 * 1024;
        options.most_indexes = 5;
        const auto small = index::advise(*connection_, load, options);
        QVERIFY2(small.has_value(), small ? "" : small.error().text().c_str());
        std::int64_t bytes = 0;
        for (const index::AdvisedIndex &index : small->indexes)
            bytes += index.size_bytes;
        QVERIFY(bytes <= options.budget_bytes);
        QVERIFY(small->indexes.size() <= 5 && !small->indexes.empty());
        const auto again = index::advise(*connection_, load, options);
        QVERIFY(again.has_value());
        QCOMPARE(again->indexes.size(), small->indexes.size());
        for (std::size_t i = 0; i < again->indexes.size(); ++i)
            QCOMPARE(again->indexes[i].ddl, small->indexes[i].ddl);
        const auto free = index::advise(*connection_, load);
        QVERIFY(free && free->cost_after < small->cost_after);
        for (std::size_t i = 1; i < free->frontier.size(); ++i)
            QVERIFY(free->frontier[i].bytes > free->frontier[i - 1].bytes && free->frontier[i].cost < free->frontier[i - 1].cost);
    }

    /// What is wrong with one statement keeps none of the others from being advised on.
    void reportsProblems()
    {
        const auto advice = index::advise(*connection_, workload::readWorkload("SELECT * FROM orders WHERE customer_id = 1;\nSELEC 1;\nSELECT * FROM nowhere WHERE a = 1;\n"
                                                                               "SELECT missing FROM orders;\nSELECT * FROM orders WHERE placed::date = '2020-01-01';\nDROP TABLE orders;"));
        QVERIFY(advice.has_value());
        QCOMPARE(advice->problems.size(), 4U);
        QVERIFY(!advice->indexes.empty());
        QVERIFY(connection_->query("SELECT FROM orders LIMIT 1").has_value());
    }

    void saysWhatToWriteInstead()
    {
        const auto advice = index::advise(*connection_, workload::readWorkload("SELECT * FROM documents WHERE 'tag77' = ANY (tags);\n"
                                                                               "SELECT * FROM orders WHERE date_trunc('day', placed::timestamptz) = now();\n"
                                                                               "SELECT * FROM customers WHERE id NOT IN (SELECT customer_id FROM orders);\n"
                                                                               "SELECT * FROM orders ORDER BY id OFFSET 50000 LIMIT 10"));
        QVERIFY(advice.has_value());
        std::set<std::string> kinds;
        for (const index::AdvisedQuery &query : advice->queries) {
            for (const index::Rewrite &rewrite : query.rewrites)
                kinds.insert(rewrite.kind);
        }
        for (const char *kind : {"any-array", "not-immutable", "not-in", "offset"})
            QVERIFY2(kinds.count(kind) > 0, kind);
    }

    /// The script is what a person would run; it leaves a valid index.
    void writesAScript()
    {
        const auto advice = index::advise(*connection_, workload::readWorkload("SELECT * FROM orders WHERE customer_id = 1"));
        QVERIFY(advice.has_value());
        const migration::ChangeScript script = index::scriptOf(*advice);
        const auto done = migration::runChangeScript(*connection_, script);
        QVERIFY2(done.done(), done.error ? done.error->text().c_str() : "");
        const auto again = index::advise(*connection_, workload::readWorkload("SELECT * FROM orders WHERE customer_id = 1"));
        QVERIFY(again && again->indexes.empty());
        QVERIFY(connection_->query(script.steps.front().undo_sql).has_value());
    }

private:
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_GUILESS_MAIN(TestAdvise)
#include "tst_advise.moc"
