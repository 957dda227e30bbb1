// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/sql/format.h"
#include "core/sql/lexer.h"

using namespace howdah;
using namespace howdah::sql;

namespace {

std::string readFile(const std::filesystem::path &path)
{
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The SQL that lies in the repository: the demo's scripts and the statements of the lock table.
std::vector<std::pair<std::string, std::string>> corpus()
{
    std::vector<std::pair<std::string, std::string>> texts;
    for (const auto &entry : std::filesystem::directory_iterator(HOWDAH_TEST_DATA "/../../resources/demo")) {
        if (entry.path().extension() == ".sql")
            texts.emplace_back(entry.path().filename().string(), readFile(entry.path()));
    }
    const auto locks = nlohmann::json::parse(readFile(HOWDAH_TEST_DATA "/locks/locks_measured_pg13_18.json"));
    std::string script;
    for (const auto &statement : locks.at("statements"))
        script += statement.at("stmt").get<std::string>() + ";\n";
    texts.emplace_back("locks", script);
    return texts;
}

} // namespace

class TestFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void formats_data()
    {
        QTest::addColumn<QByteArray>("given");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *name, const char *given, const char *expected) {
            QTest::newRow(name) << QByteArray(given) << QByteArray(expected);
        };
        row("a short query stays on its line", "select a,b , count( * ) from t where a=1 and b<-2 ;",
            "SELECT a, b, count(*) FROM t WHERE a = 1 AND b < -2;");
        row("clauses", "select a from orders o join customers c on c.id=o.customer_id where o.total > 100 and c.active order by 1 limit 3",
            "SELECT a\nFROM orders o\nJOIN customers c ON c.id = o.customer_id\nWHERE o.total > 100 AND c.active\nORDER BY 1\nLIMIT 3");
        row("names, types and texts are the writer's", "select \"Q\"(\"x\"), Name, x::Integer, 'it''s', E'\\n' from T",
            "SELECT \"Q\"(\"x\"), Name, x::Integer, 'it''s', E'\\n' FROM T");
        row("keywords that are functions", "select LEFT(a,1), Coalesce(a,b) from t left join u using(id)",
            "SELECT LEFT(a, 1), Coalesce(a, b)\nFROM t\nLEFT JOIN u USING (id)");
        row("keywords within names", "select t.order, o.\"select\", t.key from x.user t",
            "SELECT t.order, o.\"select\", t.key FROM x.user t");
        row("slices, subscripts, casts", "select a [1:2], b[ :3], c::numeric( 3,1 )::text", "SELECT a[1:2], b[:3], c::numeric(3, 1)::text");
        row("signs", "select - 1, a - -1, a*-b, not a, -(1)", "SELECT -1, a - -1, a * -b, NOT a, -(1)");
        row("two texts that are one", "select 'a'\n   'b'", "SELECT 'a'\n'b'");
        row("comments", "select a -- one\n, b /* two */ from t\n-- three\nwhere a = 1 -- four\n",
            "SELECT\n    a -- one\n    ,\n    b /* two */\nFROM t\n-- three\nWHERE a = 1 -- four\n");
        row("a comment behind a comma", "select a, -- one\n b from t", "SELECT\n    a, -- one\n    b\nFROM t");
        row("between is no condition", "select * from t where created_at between '2024-01-01' and '2024-02-01' and status in ('new','paid')",
            "SELECT *\nFROM t\nWHERE created_at BETWEEN '2024-01-01' AND '2024-02-01' AND status IN ('new', 'paid')");
        row("set operations", "(select 1) union all (select 2) except select 3", "(SELECT 1) UNION ALL (SELECT 2) EXCEPT SELECT 3");
        row("insert", "insert into t(a,b) values(1,2),(3,4) on conflict(a) do update set b=excluded.b where t.b is distinct from excluded.b",
            "INSERT INTO t (a, b)\nVALUES (1, 2), (3, 4)\nON CONFLICT (a) DO UPDATE\nSET b = excluded.b\nWHERE t.b IS DISTINCT FROM excluded.b");
        row("merge", "merge into t using s on t.id=s.id when matched and s.x>1 then update set a=s.a when not matched then insert(a) values(s.a)",
            "MERGE INTO t\nUSING s ON t.id = s.id\nWHEN MATCHED AND s.x > 1 THEN UPDATE SET a = s.a\nWHEN NOT MATCHED THEN INSERT (a) VALUES (s.a)");
        row("with", "with a as (select 1), b(x) as materialized (select 2) select * from a, b where a.x = b.x and a.y > 10",
            "WITH a AS (SELECT 1),\nb(x) AS MATERIALIZED (SELECT 2)\nSELECT *\nFROM a, b\nWHERE a.x = b.x AND a.y > 10");
        row("columns of a table", "create table foo(id bigint generated always as identity primary key,price numeric(10,2) check(price>0))",
            "CREATE TABLE foo (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    price numeric(10, 2) CHECK (price > 0)\n)");
        row("an index", "create index concurrently i on t using gin(lower(name),(a->>'b')) where gone is null",
            "CREATE INDEX CONCURRENTLY i ON t USING gin (lower(name), (a ->> 'b')) WHERE gone IS NULL");
        row("psql and blank lines", "select 1;\n\n\n\n\\d foo\nselect 2", "SELECT 1;\n\n\\d foo\nSELECT 2");
        row("a body is not touched", "create function f() returns int language sql as $$ select   1 $$",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ select   1 $$");
        row("two on a line", "select  1; select  2;  -- both\n   select 3", "SELECT 1; SELECT 2;  -- both\nSELECT 3");
        row("nothing", "", "");
        row("only a comment", "-- nothing\n", "-- nothing\n");
    }

    void formats()
    {
        QFETCH(QByteArray, given);
        QFETCH(QByteArray, expected);
        const Formatted formatted = format(given.toStdString());
        QCOMPARE(QByteArray::fromStdString(formatted.text), expected);
        QVERIFY(formatted.kept.empty());
        QCOMPARE(QByteArray::fromStdString(format(formatted.text).text), expected);
    }

    void options()
    {
        FormatOptions options;
        options.keywords = KeywordCase::Lower;
        options.width = 30;
        options.short_query = 20;
        options.indent = 2;
        QCOMPARE(format("SELECT alpha, beta, gamma, delta FROM somewhere", options).text,
                 std::string("select\n  alpha,\n  beta,\n  gamma,\n  delta\nfrom somewhere"));
        options.leading_commas = true;
        QCOMPARE(format("SELECT alpha, beta, gamma, delta FROM somewhere", options).text,
                 std::string("select\n  alpha\n  , beta\n  , gamma\n  , delta\nfrom somewhere"));
        options.keywords = KeywordCase::Keep;
        QCOMPARE(format("Select 1", options).text, std::string("Select 1"));
    }

    void whatDoesNotParseIsLeftAlone()
    {
        const Formatted formatted = format("select  1;\nselec  2;\nselect  3");
        QCOMPARE(formatted.text, std::string("SELECT 1;\nselec  2;\nSELECT 3"));
        QCOMPARE(formatted.kept.size(), std::size_t{1});
        QCOMPARE(formatted.kept.front().reason.sqlstate, std::string("42601"));
        QCOMPARE(formatted.kept.front().span, (ByteSpan{{11}, {19}}));
        QCOMPARE(formatted.statements, std::size_t{2});
    }

    /// What the repository holds of SQL: every statement of a version the grammar knows is formatted, twice is once.
    void corpusKeepsItsMeaning()
    {
        for (const auto &[name, text] : corpus()) {
            const Formatted once = format(text);
            QVERIFY2(once.statements > 0, name.c_str());
            for (const Formatted::Kept &kept : once.kept)
                QVERIFY2(kept.reason.sqlstate == "42601", std::string(kept.span.of(text)).c_str());
            QCOMPARE(format(once.text).text, once.text);
            FormatOptions narrow;
            narrow.width = 20;
            narrow.short_query = 5;
            for (const Formatted::Kept &kept : format(text, narrow).kept)
                QVERIFY2(kept.reason.sqlstate == "42601", std::string(kept.span.of(text)).c_str());
        }
    }

    /// Statements with comments and line breaks thrown in anywhere.
    void commentsAnywhere()
    {
        std::mt19937 random(7);
        const std::string text = corpus().front().second;
        std::size_t formatted = 0;
        for (const StatementSpan &statement : splitStatements(text)) {
            std::string mixed;
            Lexer lexer(statement.text.of(text));
            for (Token token; lexer.next(token);) {
                mixed += token.span.of(statement.text.of(text));
                if (token.kind != TokenKind::Whitespace)
                    continue;
                switch (random() % 6) {
                case 0: mixed += "-- note\n"; break;
                case 1: mixed += "/* note */ "; break;
                case 2: mixed += "\n"; break;
                default: break;
                }
            }
            const Formatted result = format(mixed);
            for (const Formatted::Kept &kept : result.kept)
                QVERIFY2(kept.reason.sqlstate == "42601", mixed.c_str());
            QCOMPARE(format(result.text).text, result.text);
            formatted += result.statements;
        }
        QVERIFY(formatted > 0);
    }

    void deepNestingIsRefused()
    {
        const std::string deep = "SELECT " + std::string(20000, '(') + "1" + std::string(20000, ')');
        const Formatted formatted = format(deep);
        QVERIFY(formatted.text == deep || formatted.kept.empty());
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
