// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/migration/script_json.h"
#include "support/show.h"

using namespace howdah;
using namespace howdah::migration;

class TestScriptJson : public QObject
{
    Q_OBJECT

    static ChangeScript everything()
    {
        ChangeScript script;
        script.title = "Widen \"k\"";
        script.reason = "Two\nlines, ümlaut";
        ChangeStep plain;
        plain.title = "Add";
        plain.sql = "ALTER TABLE t ADD b bigint;\nCREATE TRIGGER x …";
        plain.lock_level = "ACCESS EXCLUSIVE";
        plain.check_before = "SELECT true";
        plain.check_after = "SELECT 1 = 1";
        plain.expected_rows = 0;
        plain.undo_sql = "ALTER TABLE t DROP b";
        plain.note = "instant";
        plain.phase = Phase::Expand;
        ChangeStep concurrently;
        concurrently.title = "Index";
        concurrently.sql = "CREATE INDEX CONCURRENTLY i ON t (b)";
        concurrently.in_transaction = false;
        concurrently.lock_policy = LockPolicy::Patient;
        concurrently.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS i";
        concurrently.no_undo_reason = "goes with the column";
        concurrently.phase = Phase::Switch;
        ChangeStep batches;
        batches.title = "Fill";
        batches.phase = Phase::Backfill;
        batches.batches = BatchWork{"public.t", {"a", "\"B\""}, "UPDATE t SET b = k WHERE {range}", 77, false};
        ChangeStep comparison;
        comparison.title = "Compare";
        comparison.phase = Phase::Validate;
        comparison.comparison = Comparison{"t", {}, "SELECT count(*) FROM t WHERE {range}", "SELECT 1", "SELECT a"};
        script.steps = {plain, concurrently, batches, comparison};
        script.deployments = {{Phase::Switch, "Deploy it"}, {Phase::Contract, "And that"}};
        script.fingerprint_sql = "SELECT 'x'";
        script.fingerprint = "x\ny";
        script.all_or_nothing = true;
        script.danger = true;
        return script;
    }

private Q_SLOTS:
    void nothingIsLost()
    {
        const std::string text = toJson(everything());
        const auto read = readScript(text);
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QCOMPARE(toJson(*read), text);
        QCOMPARE(read->steps[0].expected_rows.value_or(-1), std::int64_t(0));
        QCOMPARE(read->steps[0].phase, Phase::Expand);
        QCOMPARE(read->steps[0].note, std::string("instant"));
        QCOMPARE(read->steps[0].undo_sql, std::string("ALTER TABLE t DROP b"));
        QCOMPARE(read->steps[1].lock_policy, LockPolicy::Patient);
        QCOMPARE(read->steps[1].in_transaction, false);
        QCOMPARE(read->steps[1].repair_sql, std::string("DROP INDEX CONCURRENTLY IF EXISTS i"));
        QCOMPARE(read->steps[1].no_undo_reason, std::string("goes with the column"));
        QCOMPARE(read->steps[2].batches->key, (std::vector<std::string>{"a", "\"B\""}));
        QCOMPARE(read->steps[2].batches->first_rows, std::int64_t(77));
        QCOMPARE(read->steps[2].batches->vacuum, false);
        QCOMPARE(read->steps[3].comparison->differences_sql, std::string("SELECT a"));
        QCOMPARE(read->deployments.size(), std::size_t(2));
        QCOMPARE(read->deployments[0].before, Phase::Switch);
        QCOMPARE(read->fingerprint, std::string("x\ny"));
        QVERIFY(read->all_or_nothing && read->danger);
        QVERIFY(readScript("{\"script\": " + text + ", \"effects\": []}"));
    }

    void refusesWithTheThingNamed_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("no json") << QByteArray("{") << QByteArray("This is not JSON");
        QTest::newRow("a list") << QByteArray("[]") << QByteArray("The document must be an object");
        QTest::newRow("no steps") << QByteArray(R"({"title": "x"})") << QByteArray("steps is missing");
        QTest::newRow("phase") << QByteArray(R"({"title": "x", "steps": [{"title": "a", "sql": "b", "phase": "later"}]})") << QByteArray("steps[0].phase must not be \"later\"");
        QTest::newRow("text") << QByteArray(R"({"title": "x", "steps": [{"title": "a", "sql": 1}]})") << QByteArray("steps[0].sql must be a text");
        QTest::newRow("nothing to do") << QByteArray(R"({"title": "x", "steps": [{"title": "a"}]})") << QByteArray("steps[0] has neither sql nor batches nor a comparison");
        QTest::newRow("no range") << QByteArray(R"({"title": "x", "steps": [{"title": "a", "batches": {"table": "t", "batch_sql": "UPDATE t SET a = 1"}}]})")
                                  << QByteArray("steps[0].batches.batch_sql does not say {range}, so that every batch would touch every row");
    }
    void refusesWithTheThingNamed()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, message);
        const auto read = readScript(json.toStdString());
        QVERIFY(!read);
        QCOMPARE(read.error().kind, ErrorKind::Parse);
        QCOMPARE(QByteArray::fromStdString(read.error().message), message);
    }
};

QTEST_GUILESS_MAIN(TestScriptJson)
#include "tst_script_json.moc"
