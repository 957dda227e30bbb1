// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/sql/parser.h"

using namespace howdah;

class TestParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void errorPositionsAreBytes()
    {
        const std::string sql = "select 'ä🙂' selec from";
        const auto tree = sql::parseTree(sql);
        QVERIFY(!tree);
        QCOMPARE(tree.error().sqlstate, std::string("42601"));
        QCOMPARE(tree.error().position->value, sql.size()); // "from" without a table: at the end
        QVERIFY(!sql::parseTree(std::string_view("select 1\0; x", 12)));
    }

    void fingerprintsIgnoreConstants()
    {
        QCOMPARE(*sql::fingerprint("select * from t where a = 1"), *sql::fingerprint("SELECT *  FROM t WHERE a = 42"));
        QVERIFY(*sql::fingerprint("select * from t where a = 1") != *sql::fingerprint("select * from t where b = 1"));
        QCOMPARE(*sql::normalize("select 1, 'x'"), std::string("select $1, $2"));
        QCOMPARE(*sql::deparse("select   1 ;  select 2"), std::string("SELECT 1; SELECT 2"));
    }

    void natures_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<bool>("writes");
        QTest::addColumn<bool>("explainable");
        QTest::addColumn<bool>("rows");
        const auto row = [](const char *statement, const char *kind, bool writes, bool explainable, bool rows) {
            QTest::newRow(statement) << QString::fromUtf8(statement) << QString::fromUtf8(kind) << writes << explainable << rows;
        };
        row("select 1", "SelectStmt", false, true, true);
        row("select 1 into t", "SelectStmt", true, true, false);
        row("with x as (insert into t values (1) returning *) select * from x", "SelectStmt", true, true, true);
        row("select * from t for update", "SelectStmt", false, true, true);
        row("values (1)", "SelectStmt", false, true, true);
        row("update t set a = 1", "UpdateStmt", true, true, false);
        row("delete from t returning *", "DeleteStmt", true, true, true);
        row("explain delete from t", "ExplainStmt", false, false, true);
        row("explain (analyze) delete from t", "ExplainStmt", true, false, true);
        row("explain analyze select 1", "ExplainStmt", false, false, true);
        row("create table x as select 1", "CreateTableAsStmt", true, true, false);
        row("create index on t (a)", "IndexStmt", true, false, false);
        row("copy t from stdin", "CopyStmt", true, false, false);
        row("copy t to stdout", "CopyStmt", false, false, false);
        row("show work_mem", "VariableShowStmt", false, false, true);
        row("set work_mem = '1MB'", "VariableSetStmt", false, false, false);
        row("do $$ begin end $$", "DoStmt", true, false, false);
        row("select 1; drop table t", "DropStmt", true, false, true);
        row("begin", "TransactionStmt", false, false, false);
        row("create table t (a int generated always as (1) virtual)", "", true, false, false); // syntax of 18
        row("frobnicate", "", true, false, false);
    }
    void natures()
    {
        QFETCH(QString, statement);
        QFETCH(QString, kind);
        const sql::StatementNature nature = sql::natureOf(statement.toStdString());
        QCOMPARE(QString::fromStdString(nature.kind), kind);
        QTEST(nature.writes, "writes");
        QTEST(nature.is_explainable, "explainable");
        QTEST(nature.returns_rows, "rows");
    }

    void deepNestingIsAnErrorNotACrash()
    {
        const std::string deep = "select " + std::string(100'000, '(') + "1" + std::string(100'000, ')');
        const auto tree = sql::parseTree(deep);
        if (!tree)
            QCOMPARE(int(tree.error().kind), int(ErrorKind::Parse));
        std::string chain = "select 1";
        for (int i = 0; i < 50'000; ++i)
            chain += "+1";
        static_cast<void>(sql::natureOf(chain));
    }

    /// Each shape recurses differently in the parser and in what prints the tree again; any of them used to take the
    /// process down at some depth.
    void deepNestingOfEveryKind()
    {
        const auto nested = [](int depth, const char *open, const char *middle, const char *close) {
            std::string text = "SELECT ";
            for (int i = 0; i < depth; ++i)
                text += open;
            text += middle;
            for (int i = 0; i < depth; ++i)
                text += close;
            return text;
        };
        for (const int depth : {10, 1'000, 4'000}) {
            for (const std::string &text : {nested(depth, "(SELECT ", "1", ")"), nested(depth, "NOT ", "true", ""),
                                            nested(depth, "", "1", " UNION SELECT 1, 2"), nested(depth, "f(", "1", ")"),
                                            nested(depth, "CASE WHEN a THEN ", "1", " END"), nested(depth, "a IN (", "1", ")"),
                                            nested(depth, "-", "a", ""), nested(depth, "", "a", "::int IS NULL"),
                                            nested(depth, "", "* FROM a", " JOIN b USING (x, y)")}) {
                for (const auto &result : {sql::parseTree(text), sql::fingerprint(text), sql::normalize(text), sql::deparse(text)}) {
                    QVERIFY(result || !result.error().message.empty());
                    QVERIFY(result || depth > 10); // bison itself gives up somewhere above
                }
                QVERIFY(!sql::natureOf(text).writes);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestParser)
#include "tst_parser.moc"
