// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/connection.h"
#include "core/sql/parameters.h"
#include "core/sql/parser.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::sql;

class TestParameters : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;

    pg::RunOutcome run(const std::string &script, const ParameterValues &values)
    {
        pg::RunOptions options;
        options.values = values;
        return connection_->run(script, options);
    }

private Q_SLOTS:
    void initTestCase()
    {
        connection_ = test::freshConnection();
    }

    void finds_data()
    {
        QTest::addColumn<QByteArray>("statement");
        QTest::addColumn<QByteArrayList>("names");
        const auto row = [](const char *name, const char *statement, const QByteArrayList &names) {
            QTest::newRow(name) << QByteArray(statement) << names;
        };
        row("named", "select * from t where a = :a and b=:b_2 and c = :a", {"a", "b_2", "a"});
        row("directly behind an operator", "select 1/:x, a*-:y", {"x", "y"});
        row("psql's form", "select :'name'", {"name"});
        row("positional", "select $1, $2", {"1", "2"});
        row("casts", "select a::int, :x::text, '1'::int", {"x"});
        row("assignment", "call f(a := 1, b => :x)", {"x"});
        row("slices", "select a[1:2], a[:n], a[i:j], b.c[1:n], (f())[:n]", {});
        row("arrays", "select array[:a, :b], array[[:c]], a[f(:d)]", {"a", "b", "c", "d"});
        row("texts", "select ':a', E':b', $$ :c $$, \":d\" -- :e\n /* :f */", {});
        row("times", "select '12:30', timestamp '2024-01-01 10:00:00'", {});
        row("colons apart", "select : a", {});
        row("bodies", "create function f(int) returns int language sql begin atomic select $1 + 1; end", {});
        row("prepare", "prepare p as select $1", {});
        row("utility", "set work_mem = :x", {"x"});
    }

    void finds()
    {
        QFETCH(QByteArray, statement);
        QFETCH(QByteArrayList, names);
        QByteArrayList found;
        for (const ParameterUse &use : parametersOf(statement.toStdString()))
            found << QByteArray::fromStdString(use.name);
        QCOMPARE(found, names);
    }

    void binds()
    {
        const BoundStatement bound = bindParameters("select $2, :a, :b, :a", {{"2", "two"}, {"a", "x"}, {"b", std::nullopt}});
        QCOMPARE(bound.sql, std::string("select $2, $3, $4, $3"));
        QCOMPARE(bound.values.size(), std::size_t{4});
        QCOMPARE(bound.values[1], std::optional<std::string>("two"));
        QCOMPARE(bound.values[2], std::optional<std::string>("x"));
        QVERIFY(!bound.values[3]);
        QVERIFY(bound.missing.empty());
        QCOMPARE(bindParameters("select :a, :c", {{"a", "1"}}).missing, std::vector<std::string>{"c"});
    }

    void utilityStatementsGetLiterals()
    {
        QCOMPARE(bindParameters("alter table t alter a set default :v", {{"v", "it's"}}).sql,
                 std::string("alter table t alter a set default 'it''s'"));
        QCOMPARE(bindParameters("comment on table t is :v", {{"v", std::nullopt}}).sql, std::string("comment on table t is NULL"));
    }

    void placesAreThoseOfTheText()
    {
        const std::string statement = "select :long_name, :b, nope";
        const BoundStatement bound = bindParameters(statement, {{"long_name", "1"}, {"b", "2"}});
        QCOMPARE(bound.written({bound.sql.find("nope")}), (ByteOffset{statement.find("nope")}));
        QCOMPARE(bound.written({bound.sql.find("$2")}), (ByteOffset{statement.find(":b")}));
        QCOMPARE(bound.written({0}), (ByteOffset{0}));
    }

    void serverGetsThemTruly()
    {
        const std::string hostile = "'; drop table t; --";
        const pg::RunOutcome outcome = run("select :a::text, :n::int + 1; select upper(:a)", {{"a", hostile}, {"n", "41"}});
        QVERIFY2(!outcome.error, outcome.error ? outcome.error->message.c_str() : "");
        QCOMPARE(outcome.statements[0].result->cell(0, 0).text, std::string_view(hostile));
        QCOMPARE(outcome.statements[0].result->cell(0, 1).text, std::string_view("42"));
        QCOMPARE(outcome.statements[1].result->cell(0, 0).text, std::string_view("'; DROP TABLE T; --"));
    }

    void errorsPointIntoTheText()
    {
        const std::string script = "select 1; select :first_of_all, nope";
        const pg::RunOutcome outcome = run(script, {{"first_of_all", "1"}});
        QVERIFY(outcome.error.has_value());
        QCOMPARE(outcome.error->sqlstate, std::string("42703"));
        QCOMPARE(outcome.error->position->value, script.find("nope"));
    }

    void withoutAValueNothingIsSent()
    {
        const pg::RunOutcome outcome = run("create table never (a int); select :x", {{"y", "1"}});
        QVERIFY(outcome.error.has_value());
        QCOMPARE(outcome.error->kind, ErrorKind::Usage);
        QCOMPARE(outcome.statements.size(), std::size_t{2});
        QVERIFY(!outcome.statements[0].error);
    }

    void explainAndCallTakeThem()
    {
        QVERIFY(!run("explain (analyze) select * from pg_class where relname = :n", {{"n", "pg_class"}}).error);
        QVERIFY(!run("create table made as select :n::text as n", {{"n", "x"}}).error);
        QVERIFY(!run("set application_name = :n", {{"n", "it's"}}).error);
    }
};

QTEST_GUILESS_MAIN(TestParameters)
#include "tst_parameters.moc"
