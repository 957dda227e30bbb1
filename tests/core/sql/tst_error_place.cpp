// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/connection.h"
#include "core/sql/error_place.h"
#include "core/sql/lexer.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::sql;

namespace {

/// Runs the script on a server and gives the text that is marked for its last statement's error.
struct Marked {
    std::string text, within, message;
    std::size_t line = 0;
};

Marked run(pg::Connection &connection, const std::string &script)
{
    pg::RunOptions options;
    const pg::RunOutcome run = connection.run(script, options);
    std::vector<ByteSpan> created;
    for (const pg::StatementOutcome &outcome : run.statements) {
        if (!outcome.error && outcome.command_tag.starts_with("CREATE "))
            created.push_back(outcome.span);
    }
    if (!run.error)
        return {"no error", "", "", 0};
    Error error = *run.error;
    const auto place = errorPlace(error, script, run.statements.back().span, created);
    if (!place)
        return {"no place: " + error.message + " | " + error.context, "", error.message, 0};
    return {std::string(place->mark.of(script)), place->within, error.message, lineColumn(script, place->mark.begin).line};
}

} // namespace

class TestErrorPlace : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onServers_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QByteArray>("marked");
        QTest::addColumn<int>("line");
        const auto row = [](const char *name, const char *script, const char *marked, int line) {
            QTest::newRow(name) << QByteArray(script) << QByteArray(marked) << line;
        };
        row("plain", "SELECT 1;\nSELECT nosuch;", "nosuch", 2);
        row("DO, RAISE", "SELECT 1;\nDO $$\nBEGIN\n    RAISE EXCEPTION 'größe'; -- here\nEND $$;", "RAISE EXCEPTION 'größe';", 4);
        row("DO, a column", "DO $$\nBEGIN\n    PERFORM 'größe', nosuch FROM pg_class;\nEND $$;", "nosuch", 3);
        row("DO, a table in a long statement", "DO $$\nDECLARE n int;\nBEGIN\n  SELECT count(*) INTO n\n    FROM nosuch\n   WHERE true;\nEND $$;", "nosuch", 5);
        row("DO, an expression", "DO $$\nDECLARE n int := 1;\nBEGIN\n    n := n + nosuch;\nEND $$;", "nosuch", 4);
        row("DO, a condition", "DO $$\nBEGIN\n    IF 1 > 2 THEN\n      NULL;\n    ELSIF nosuch THEN\n      NULL;\n    END IF;\nEND $$;", "nosuch", 5);
        row("DO, division at run time", "DO $$\nDECLARE z int := 0;\nBEGIN\n    z := 1 / z;\nEND $$;", "z := 1 / z;", 4);
        row("DO in quotes", "DO '\nBEGIN\n    PERFORM ''a'', nosuch;\nEND ';", "nosuch", 3);
        row("DO, EXECUTE of a literal", "DO $$\nBEGIN\n    EXECUTE 'SELECT nosuch FROM pg_class';\nEND $$;", "nosuch", 3);
        row("DO, EXECUTE built elsewhere", "DO $$\nDECLARE q text := 'SELECT no' || 'such';\nBEGIN\n    EXECUTE q;\nEND $$;", "EXECUTE q;", 4);
        row("DO, syntax within", "DO $$\nBEGIN\n    SELEC 1;\nEND $$;", "SELEC", 3);
        row("function, syntax of PL/pgSQL", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$\nBEGIN\n    RETRUN 1;\nEND $body$;", "RETRUN", 3);
        row("function, syntax of SQL in it", "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n    RETURN (SELECT FROM WHERE 1);\nEND $$;", "WHERE", 3);
        row("function, SQL", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1;\n  SELECT nosuch\n$$;", "nosuch", 3);
        row("function just made", "CREATE FUNCTION f(a int, b numeric(10,2)) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n    RAISE 'no';\nEND $$;\nSELECT f(1, 2);",
            "RAISE 'no';", 3);
        row("overloads by number", "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN RETURN f(a, 0); END $$;\n"
                                   "CREATE FUNCTION f(a int, b int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN a / b;\nEND $$;\nSELECT f(1);",
            "RETURN a / b;", 5);
        row("nested, the innermost", "CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN (SELECT nosuch FROM pg_class);\nEND $$;\n"
                                     "DO $$\nBEGIN\n  PERFORM g();\nEND $$;", "nosuch", 3);
        row("a trigger's", "CREATE TABLE t (a int);\nCREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  RAISE 'never';\nEND $$;\n"
                           "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tr();\nINSERT INTO t VALUES (1);", "RAISE 'never';", 4);
    }

    void onServers()
    {
        QFETCH(QByteArray, script);
        QFETCH(QByteArray, marked);
        QFETCH(int, line);
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const Marked found = run(*connection, script.toStdString());
            qInfo("%d: %s", major, found.message.c_str());
            QCOMPARE(found.text, marked.toStdString());
            QCOMPARE(found.line, static_cast<std::size_t>(line));
        }
    }

    /// The function is on the server but not in the script: the call is marked, and the frame said.
    void elseTheCall()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            QVERIFY(connection->query("CREATE FUNCTION far(a int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN a / 0;\nEND $$"));
            Marked found = run(*connection, "SELECT 'far(', far(1)");
            QCOMPARE(found.text, std::string("far"));
            QVERIFY2(found.within.starts_with("PL/pgSQL function far(integer) line 3 at RETURN") || found.within.starts_with("PL/pgSQL"), found.within.c_str());
            found = run(*connection, "DO $$\nBEGIN\n  PERFORM far(1);\nEND $$");
            QCOMPARE(found.text, std::string("PERFORM far(1);"));
            QCOMPARE(found.line, std::size_t(3));
        }
    }

    void framesAreReadable()
    {
        const std::string context = "SQL statement \"SELECT\n  PL/pgSQL function x\"\nPL/pgSQL function shop.f(integer) line 7 at PERFORM\n"
                                    "SQL function \"g\" statement 2";
        const auto frames = errorFrames(context);
        QCOMPARE(frames.size(), std::size_t(3));
        QCOMPARE(frames[1].routine, std::string("shop.f(integer)"));
        QCOMPARE(frames[1].line, 7);
        QCOMPARE(frames[2].statement, 2);
        QCOMPARE(readableContext(context), std::string("SQL statement \"SELECT PL/pgSQL function x\"\n"
                                                       "called from PL/pgSQL function shop.f(integer) line 7 at PERFORM\n"
                                                       "called from SQL function \"g\" statement 2"));
    }
};

QTEST_GUILESS_MAIN(TestErrorPlace)
#include "tst_error_place.moc"
