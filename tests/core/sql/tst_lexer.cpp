// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <random>
#include <string>

#include "core/sql/lexer.h"

using namespace howdah;
using namespace howdah::sql;

namespace {

QStringList statements(const std::string &script)
{
    QStringList result;
    for (const StatementSpan &span : splitStatements(script)) {
        if (span.text.size() > 0)
            result << QString::fromUtf8(span.text.of(script).data(), qsizetype(span.text.size()));
    }
    return result;
}

/// Pieces that change a lexer's state, so that random texts are full of beginnings without ends.
const std::vector<std::string> pieces{"'",  "\"", "$$", "$a$", "/*", "*/", "--", "\n", ";",    "(",  ")", "\\", "E'", "U&\"",
                                      "begin", " atomic ", "end", "case", "create function f ", "select", " ", "é", "\xFF",
                                      "1e5", "1..2", "$1", "::", ":=", "<=>", "a$b", "\\g", "\r\n", std::string(1, '\0')};

std::string randomText(std::mt19937 &random)
{
    std::string text;
    const auto count = random() % 60;
    for (unsigned i = 0; i < count; ++i)
        text += pieces[random() % pieces.size()];
    return text;
}

} // namespace

class TestLexer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void splits_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QStringList>("expected");
        const auto row = [](const char *name, const char *script, const QStringList &expected) {
            QTest::newRow(name) << QString::fromUtf8(script) << expected;
        };
        row("two", "select 1; select 2", {QStringLiteral("select 1"), QStringLiteral("select 2")});
        row("no keyword is dropped", "select 1; selec 2; select 3",
            {QStringLiteral("select 1"), QStringLiteral("selec 2"), QStringLiteral("select 3")});
        row("dollar quotes", "do $x$ begin; $$ ; $x$; select $1",
            {QStringLiteral("do $x$ begin; $$ ; $x$"), QStringLiteral("select $1")});
        row("dollar within a name", "select a$b$; select c$b$", {QStringLiteral("select a$b$"), QStringLiteral("select c$b$")});
        row("nested comments", "/* a /* ; */ ; */ select 1 /* ; */; -- ;\nselect 2",
            {QStringLiteral("select 1"), QStringLiteral("select 2")});
        row("escape strings", "select E'\\';', 'x;''y', U&'\\0041;'; select 2",
            {QStringLiteral("select E'\\';', 'x;''y', U&'\\0041;'"), QStringLiteral("select 2")});
        row("quoted names", "select \"a;\"\"b\"; select 2", {QStringLiteral("select \"a;\"\"b\""), QStringLiteral("select 2")});
        row("rule", "create rule r as on insert to t do also (select 1; select 2); select 3",
            {QStringLiteral("create rule r as on insert to t do also (select 1; select 2)"), QStringLiteral("select 3")});
        row("begin atomic",
            "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3",
            {QStringLiteral("create function f() returns int begin atomic select case when true then 1 end; select 2; end"),
             QStringLiteral("select 3")});
        row("begin alone ends at once", "begin; select 1; end", {QStringLiteral("begin"), QStringLiteral("select 1"), QStringLiteral("end")});
        row("psql lines", "\\set x 1\nselect 1 \\g\nselect 2;\n\\d t",
            {QStringLiteral("\\set x 1"), QStringLiteral("select 1"), QStringLiteral("\\g"), QStringLiteral("select 2"), QStringLiteral("\\d t")});
        row("unterminated", "select 1; select 'abc; select 2", {QStringLiteral("select 1"), QStringLiteral("select 'abc; select 2")});
        row("empty statements", ";;select 1;;", {QStringLiteral("select 1")});
        row("only a comment", "-- nothing here", {});
        row("operators stop at comments", "select 1+--x;\n2; select 3", {QStringLiteral("select 1+--x;\n2"), QStringLiteral("select 3")});
    }
    void splits()
    {
        QFETCH(QString, script);
        QFETCH(QStringList, expected);
        QCOMPARE(statements(script.toStdString()), expected);
    }

    void spansJoinedGiveTheTextBack()
    {
        std::mt19937 random(20'240'101);
        for (int round = 0; round < 20'000; ++round) {
            const std::string text = randomText(random);
            std::size_t at = 0;
            Lexer lexer(text, {}, round % 2 == 0);
            for (Token token; lexer.next(token);) {
                QCOMPARE(token.span.begin.value, at);
                QVERIFY(token.span.size() > 0);
                at = token.span.end.value;
            }
            QCOMPARE(at, text.size());
            at = 0;
            for (const StatementSpan &statement : splitStatements(text)) {
                QCOMPARE(statement.whole.begin.value, at);
                QVERIFY(statement.whole.begin <= statement.text.begin && statement.text.end <= statement.whole.end);
                at = statement.whole.end.value;
            }
            QCOMPARE(at, text.size());
        }
    }

    void statementUnderTheCursor()
    {
        const std::string script = "select 1;  \n\n-- about two\nselect 2; select 3";
        const auto spans = splitStatements(script);
        const auto at = [&](std::size_t offset) {
            const StatementSpan *found = statementAt(spans, script, {offset});
            return found == nullptr ? std::string() : std::string(found->text.of(script));
        };
        QCOMPARE(at(3), std::string("select 1"));
        QCOMPARE(at(9), std::string("select 1"));  // right behind the semicolon
        QCOMPARE(at(12), std::string("select 2")); // the empty line before it
        QCOMPARE(at(20), std::string("select 2")); // its comment
        QCOMPARE(at(script.size()), std::string("select 3"));
        QVERIFY(statementAt(splitStatements("  "), "  ", {1}) == nullptr);
    }

    void tokens()
    {
        const std::string text = "x::int := 1_000.5e-3 1..2 $1 \"Ä\" a$1 -- c";
        QString kinds;
        Lexer lexer(text);
        for (Token token; lexer.next(token);) {
            if (token.kind != TokenKind::Whitespace)
                kinds += QString::number(int(token.kind)) + QLatin1Char(':') + QString::fromUtf8(token.span.of(text).data(), qsizetype(token.span.size())) + QLatin1Char(' ');
        }
        QCOMPARE(kinds, QStringLiteral("3:x 9::: 3:int 9::= 7:1_000.5e-3 7:1 9:.. 7:2 8:$1 4:\"Ä\" 3:a$1 1:-- c "));
    }
};

QTEST_GUILESS_MAIN(TestLexer)
#include "tst_lexer.moc"
