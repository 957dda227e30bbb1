// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/sql/read_only_gate.h"
#include "core/workspace/confirmation.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::workspace;

class TestConfirmation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void concerns_data()
    {
        QTest::addColumn<QByteArray>("statement");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("object");
        const auto row = [](const char *statement, ConcernKind kind, const char *object = "") {
            QTest::newRow(statement) << QByteArray(statement) << static_cast<int>(kind) << QByteArray(object);
        };
        row("select 1", ConcernKind::Reads);
        row("explain update t set a = 1", ConcernKind::Reads);
        row("explain analyze update t set a = 1", ConcernKind::EveryRow, "t");
        row("update t set a = 1 where id = 2", ConcernKind::Writes);
        row("update t set a = :v where id = :id", ConcernKind::Writes);
        row("update only s.t set a = 1", ConcernKind::EveryRow, "s.t");
        row("delete from \"Odd\"", ConcernKind::EveryRow, "\"Odd\"");
        row("with gone as (delete from t returning *) select * from gone", ConcernKind::EveryRow, "t");
        row("delete from t using u where u.id = t.id", ConcernKind::Writes);
        row("drop table a, s.b cascade", ConcernKind::Drops, "a");
        row("drop schema old", ConcernKind::Drops, "old");
        row("drop database shop", ConcernKind::Drops, "shop");
        row("truncate orders, items", ConcernKind::Truncates, "orders");
        row("alter table t add column x int", ConcernKind::Writes);
        row("frobnicate the table", ConcernKind::Unknown);
        row("insert into t values (1)", ConcernKind::Writes);
        row("set work_mem = '1MB'", ConcernKind::Reads);
        row("begin", ConcernKind::Reads);
    }

    void concerns()
    {
        QFETCH(QByteArray, statement);
        QFETCH(int, kind);
        QFETCH(QByteArray, object);
        const auto all = concernsOf(statement.toStdString(), ConfirmRule::Everything);
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(static_cast<int>(all.front().kind), kind);
        if (!object.isEmpty())
            QCOMPARE(QByteArray::fromStdString(all.front().objects.at(0)), object);
        const bool dangerous = kind >= static_cast<int>(ConcernKind::EveryRow) && kind <= static_cast<int>(ConcernKind::Truncates);
        QCOMPARE(concernsOf(statement.toStdString(), ConfirmRule::Dangerous).size(), std::size_t{dangerous ? 1U : 0U});
        QCOMPARE(concernsOf(statement.toStdString(), ConfirmRule::Writes).size(), std::size_t{kind == static_cast<int>(ConcernKind::Reads) ? 0U : 1U});
        QVERIFY(concernsOf(statement.toStdString(), ConfirmRule::Never).empty());
    }

    void environmentsHaveRules()
    {
        QCOMPARE(standardRule("production"), ConfirmRule::Writes);
        QCOMPARE(standardRule("development"), ConfirmRule::Never);
        QCOMPARE(standardRule("our customer's"), ConfirmRule::Dangerous);
        QCOMPARE(ruleNamed("everything", "test"), ConfirmRule::Everything);
        QCOMPARE(ruleNamed("", "production"), ConfirmRule::Writes);
        QCOMPARE(ruleName(ConfirmRule::Dangerous), std::string_view("dangerous"));
    }

    void readOnlyIsNotUndone_data()
    {
        QTest::addColumn<bool>("undoes");
        for (const char *statement : {"SET default_transaction_read_only = off", "set session \"default_transaction_read_only\" to 'off'", "SET LOCAL transaction_read_only = 0",
                                      "RESET default_transaction_read_only", "RESET ALL", "DISCARD ALL", "BEGIN READ WRITE", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ /* x */ WRITE",
                                      "SET TRANSACTION READ WRITE", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "select pg_catalog.set_config('default_transaction_read_only', 'off', false)"})
            QTest::newRow(statement) << true;
        for (const char *statement : {"SET default_transaction_read_only = on", "BEGIN", "BEGIN READ ONLY", "select 'read write'", "RESET work_mem", "SET search_path = a",
                                      "select set_config('search_path', 'a', false)", "DISCARD TEMP"})
            QTest::newRow(statement) << false;
    }

    void readOnlyIsNotUndone()
    {
        QFETCH(bool, undoes);
        QCOMPARE(!sql::undoesReadOnly(QTest::currentDataTag()).empty(), undoes);
    }

    void theConnectionRefusesIt()
    {
        pg::ConnectionSpec spec;
        spec.conninfo = test::freshDatabase();
        spec.read_only = true;
        const auto connection = std::move(*pg::Connection::open(spec));
        const pg::RunOutcome undone = connection->run("SET default_transaction_read_only = off; create table t (a int)");
        QVERIFY(undone.error.has_value());
        QCOMPARE(undone.error->kind, ErrorKind::Unsupported);
        QCOMPARE(undone.not_started, std::size_t{1});
        const pg::RunOutcome refused = connection->run("create table t (a int)");
        QCOMPARE(refused.error->sqlstate, std::string("25006"));
        QVERIFY(!connection->run("select 1").error);
    }
};

QTEST_GUILESS_MAIN(TestConfirmation)
#include "tst_confirmation.moc"
