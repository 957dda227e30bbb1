// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "support/test_server.h"
#include "ui/shell/link.h"
#include "ui/shell/sql_runner.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr int patience_ms = 20'000;

std::shared_ptr<Link> linkTo(const std::string &conninfo, bool read_only = false)
{
    ConnectionChoice choice;
    choice.saved.name = "test";
    choice.spec.conninfo = conninfo;
    choice.spec.read_only = read_only;
    return std::make_shared<Link>(choice);
}

/// What one run told.
struct Heard {
    explicit Heard(SqlRunner &runner)
    {
        QObject::connect(&runner, &SqlRunner::statementFinished, [this](const pg::StatementOutcome &outcome) {
            statements.push_back(outcome);
        });
        QObject::connect(&runner, &SqlRunner::finished, [this](const pg::RunOutcome &outcome) {
            run = outcome;
            done = true;
        });
        QObject::connect(&runner, &SqlRunner::noticed, [this](const pg::Notice &notice) { notices.push_back(notice); });
    }
    std::vector<pg::StatementOutcome> statements;
    std::vector<pg::Notice> notices;
    pg::RunOutcome run;
    bool done = false;
};

SqlRunner::Work work(const char *sql, std::size_t base = 0)
{
    SqlRunner::Work made;
    made.script = sql;
    made.base = ByteOffset{base};
    return made;
}

} // namespace

class TestSqlRunner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void positionsCountInTheEditorsText()
    {
        SqlRunner runner;
        Heard heard(runner);
        QVERIFY(!runner.run(work("SELECT 1"))); // no server yet
        runner.setLink(linkTo(test::freshDatabase()));
        QVERIFY(runner.run(work("SELECT 1; SELECT nothing", 100)));
        QVERIFY(!runner.run(work("SELECT 2"))); // one at a time
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QCOMPARE(heard.statements.size(), std::size_t(2));
        QCOMPARE(heard.statements[0].span.begin.value, std::size_t(100));
        QCOMPARE(heard.statements[1].span.begin.value, std::size_t(110));
        QVERIFY(heard.statements[1].error);
        QCOMPARE(heard.statements[1].error->position->value, std::size_t(117));
        QCOMPARE(heard.run.error->sqlstate, std::string("42703"));
        QVERIFY(!runner.isBusy());
    }

    void cancelLeavesTheSessionUsable()
    {
        SqlRunner runner;
        Heard heard(runner);
        runner.setLink(linkTo(test::freshDatabase()));
        QVERIFY(runner.run(work("SELECT pg_sleep(60)")));
        QTest::qWait(400);
        QElapsedTimer timer;
        timer.start();
        runner.cancel();
        QVERIFY(runner.isCancelling());
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        qInfo("cancelled in %lld ms", static_cast<long long>(timer.elapsed()));
        QCOMPARE(heard.run.error->kind, ErrorKind::Cancelled);
        heard.done = false;
        QVERIFY(runner.run(work("SELECT 42")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QVERIFY(!heard.run.error);
    }

    void openTransactionIsKnown()
    {
        SqlRunner runner;
        Heard heard(runner);
        runner.setLink(linkTo(test::freshDatabase()));
        QVERIFY(runner.run(work("BEGIN")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QTRY_VERIFY(runner.hasOpenTransaction());
        heard.done = false;
        QVERIFY(runner.run(work("SELECT 1/0")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QTRY_COMPARE(runner.transaction(), pg::TransactionState::InFailedTransaction);
    }

    void readOnlyIsTheServersWord()
    {
        SqlRunner runner;
        Heard heard(runner);
        runner.setLink(linkTo(test::freshDatabase(), true));
        QVERIFY(runner.run(work("CREATE TABLE t()")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QCOMPARE(heard.run.error->sqlstate, std::string("25006"));
    }

    void lostConnectionIsToldAndMended()
    {
        const std::string database = test::freshDatabase();
        SqlRunner runner;
        Heard heard(runner);
        runner.setLink(linkTo(database));
        QVERIFY(runner.run(work("SELECT pg_backend_pid()")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        const std::string pid(heard.statements[0].result->cell(0, 0).text);
        pg::ConnectionSpec spec;
        spec.conninfo = database;
        auto other = pg::Connection::open(spec);
        QVERIFY(other);
        QVERIFY((*other)->query("SELECT pg_terminate_backend(" + pid + ")"));
        heard.done = false;
        QVERIFY(runner.run(work("SELECT 1")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QCOMPARE(heard.run.error->kind, ErrorKind::Connection);
        QTRY_VERIFY(runner.isBroken());
        QSignalSpy connected(&runner, &SqlRunner::taskFinished);
        runner.reconnect();
        QTRY_COMPARE_WITH_TIMEOUT(connected.count(), 1, patience_ms);
        heard.done = false;
        QVERIFY(runner.run(work("SELECT 1")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QVERIFY(!heard.run.error);
    }

    void anotherLinkForgetsTheOldOne()
    {
        SqlRunner runner;
        Heard heard(runner);
        runner.setLink(linkTo(test::freshDatabase()));
        QVERIFY(runner.run(work("SELECT pg_sleep(30)")));
        QTest::qWait(200);
        runner.setLink(linkTo(test::freshDatabase(18)));
        QVERIFY(!runner.isBusy());
        QVERIFY(runner.run(work("SHOW server_version_num")));
        QTRY_VERIFY_WITH_TIMEOUT(heard.done, patience_ms);
        QCOMPARE(heard.statements.size(), std::size_t(1)); // nothing of the old session
        QCOMPARE(std::string(heard.statements[0].result->cell(0, 0).text).substr(0, 2), std::string("18"));
    }

    void tasksReportWhatTheyFailAt()
    {
        SqlRunner runner;
        runner.setLink(linkTo("host=/nowhere dbname=x"));
        QSignalSpy failed(&runner, &SqlRunner::failed);
        bool finished = false;
        QVERIFY(runner.runTask(QStringLiteral("task"), [](pg::Connection &) {}, [&] { finished = true; }));
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, patience_ms);
        QVERIFY(!finished);
        QVERIFY(!runner.isBusy());
    }
};

QTEST_MAIN(TestSqlRunner)
#include "tst_sql_runner.moc"
