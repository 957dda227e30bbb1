// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/connection.h"
#include "core/sql/transaction_block.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;

namespace {

RunOutcome manual(Connection &connection, const std::string &script, std::vector<Notice> *notices = nullptr)
{
    RunOptions options;
    options.begin_transactions = true;
    RunObserver observer;
    observer.notice = [notices](const Notice &notice) {
        if (notices != nullptr)
            notices->push_back(notice);
    };
    return connection.run(script, options, observer);
}

} // namespace

class TestManualCommit : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void beginsOnceAndRollsBack()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            RunOutcome run = manual(*connection, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
            QVERIFY(!run.error);
            QCOMPARE(run.statements.size(), std::size_t(2)); // no statement of its own for the BEGIN
            QCOMPARE(run.statements[0].transaction, TransactionState::InTransaction);
            QCOMPARE(connection->endTransaction(false).value(), std::string("ROLLBACK"));
            QCOMPARE(connection->query("SELECT to_regclass('t') IS NULL")->result->cell(0, 0).text, std::string_view("t"));
            run = manual(*connection, "SELECT 1/0");
            QCOMPARE(run.statements[0].transaction, TransactionState::InFailedTransaction);
            QCOMPARE(connection->endTransaction(true).value(), std::string("ROLLBACK"));
            // What ends the transaction is not begun anew; what follows is.
            run = manual(*connection, "CREATE TABLE t (a int); COMMIT; SELECT 1");
            QCOMPARE(run.statements[1].transaction, TransactionState::Idle);
            QCOMPARE(run.statements[2].transaction, TransactionState::InTransaction);
            QCOMPARE(connection->endTransaction(true).value(), std::string("COMMIT"));
            std::vector<Notice> notices;
            run = manual(*connection, "BEGIN; SELECT 1; COMMIT", &notices);
            QVERIFY(!run.error && notices.empty());
        }
    }

    void whatCannotRunInABlock()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            QVERIFY(connection->query("CREATE TABLE t (a int)"));
            std::vector<Notice> notices;
            RunOutcome run = manual(*connection, "VACUUM t; CREATE INDEX CONCURRENTLY ON t (a)", &notices);
            QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
            QCOMPARE(connection->transaction(), TransactionState::Idle);
            QCOMPARE(notices.size(), std::size_t(2));
            QVERIFY(notices[1].message.starts_with("CREATE INDEX CONCURRENTLY cannot run inside a transaction block"));
            run = manual(*connection, "INSERT INTO t VALUES (1); VACUUM t");
            QCOMPARE(run.error->kind, ErrorKind::Unsupported);
            QCOMPARE(connection->transaction(), TransactionState::InTransaction); // not failed
            QCOMPARE(connection->endTransaction(true).value(), std::string("COMMIT"));
        }
    }

    /// Each rule against the server's own word.
    void rulesAreTheServers()
    {
        const std::vector<std::string> statements{
            "VACUUM", "vacuum (analyze) t", "CREATE DATABASE x", "DROP DATABASE x", "ALTER SYSTEM SET work_mem = '4MB'", "DISCARD ALL",
            "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "DROP INDEX CONCURRENTLY i", "REINDEX TABLE CONCURRENTLY t", "REINDEX (VERBOSE) DATABASE postgres",
            "CLUSTER", "COMMIT PREPARED 'x'", "ALTER DATABASE postgres SET TABLESPACE pg_default", "DROP TABLESPACE x",
            "SELECT 'vacuum'", "CREATE INDEX \"concurrently\" ON t (a)", "REINDEX TABLE t", "ANALYZE t", "DISCARD PLANS", "SET work_mem = '4MB'",
            "ALTER DATABASE postgres SET work_mem = '4MB'", "TRUNCATE t", "LOCK t"};
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            QVERIFY(connection->query("CREATE TABLE t (a int)"));
            for (const std::string &statement : statements) {
                QVERIFY(connection->query("BEGIN"));
                const auto outcome = connection->query(statement);
                const bool refused = !outcome && outcome.error().sqlstate == "25001";
                QCOMPARE(statement + (sql::blockRule(statement).role == sql::BlockRole::Outside ? " refused" : ""), statement + (refused ? " refused" : ""));
                QVERIFY(connection->query("ROLLBACK"));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestManualCommit)
#include "tst_manual_commit.moc"
