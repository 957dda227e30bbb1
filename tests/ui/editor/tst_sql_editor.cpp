// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "ui/base/contrast.h"
#include "ui/base/palette.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/parameter_bar.h"
#include "ui/editor/sql_editor.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

using Sci = QsciScintillaBase;

// KSyntaxHighlighting::Theme::TextStyle, which are the numbers of our styles.
constexpr long keyword_style = 1;
constexpr long string_style = 13;
constexpr long comment_style = 21;

struct Shown {
    SqlEditor editor;
    explicit Shown(std::string_view text = {})
    {
        editor.resize(700, 400);
        editor.show();
        editor.setContent(text, true);
        (void)editor.grab();
    }
    [[nodiscard]] long style(std::size_t at) const { return sci::send(&editor, Sci::SCI_GETSTYLEAT, at); }
    [[nodiscard]] std::string statement()
    {
        const std::string text = editor.utf8();
        return std::string(editor.currentStatement().of(text));
    }
    [[nodiscard]] QString text() const { return QString::fromStdString(editor.utf8()); }
};

std::string longScript(int lines)
{
    std::string script;
    for (int i = 0; i < lines; ++i)
        script += "select id, name, 'text " + std::to_string(i) + "' from orders where id = 42; -- a remark\n";
    return script;
}

} // namespace

class SqlEditorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }
    void coloursKeywordsTextsAndComments();
    void coloursBehindLettersOfSeveralBytes();
    void statesRunOverLinesAndMeetAgain();
    void longScriptStaysFluid();
    void everyInkCanBeRead();
    void currentStatementKnowsBytesAndCharacters();
    void marksTheStatementInTheMargin();
    void togglesComments_data();
    void togglesComments();
    void keywordsChangeCaseAlone();
    void duplicatesAndMovesLines();
    void newLinesKeepTheIndentation();
    void closesBracketsWhereThatHelps();
    void severalCursorsTypeAtOnce();
    void errorMarksGoWithTheNextEdit();
    void errorAtTheEndMarksTheLastWord();
    void themeSwitchesLive();
    void wheelZooms();
    void findsAndReplaces();
    void findsByPattern();
    void foldsStatements();
    void snippetsAreFilledInWithTab();
    void parameterBarAsksOnce();
};

void SqlEditorTest::coloursKeywordsTextsAndComments()
{
    Shown s("select 'a text' -- why\nfrom t");
    QCOMPARE(s.style(0), keyword_style);
    QCOMPARE(s.style(9), string_style);
    QCOMPARE(s.style(18), comment_style);
    QCOMPARE(s.style(23), keyword_style);
}

void SqlEditorTest::coloursBehindLettersOfSeveralBytes()
{
    const std::string text = "/* é🙂 */ select 'ü🙂' from t";
    Shown s(text);
    QCOMPARE(s.style(text.find("select")), keyword_style);
    QCOMPARE(s.style(text.find("ü") + 1), string_style);
    QCOMPARE(s.style(text.find("from")), keyword_style);
    QVERIFY(s.style(text.find(" t")) != keyword_style);
}

void SqlEditorTest::statesRunOverLinesAndMeetAgain()
{
    Shown s("select 1;\nselect 2;\nselect 3;\n");
    QTRY_VERIFY(s.editor.isColoured());
    s.editor.replace({{0}, {0}}, "/* ");
    (void)s.editor.grab();
    QTRY_VERIFY(s.editor.isColoured());
    QCOMPARE(s.style(14), comment_style);
    QCOMPARE(s.style(24), comment_style);
    s.editor.replace({{3}, {3}}, "*/ ");
    (void)s.editor.grab();
    QTRY_VERIFY(s.editor.isColoured());
    QCOMPARE(s.style(6), keyword_style);
    QCOMPARE(s.style(27), keyword_style);
}

void SqlEditorTest::longScriptStaysFluid()
{
    const std::string script = longScript(120'000); // about 9 MB
    Shown s;
    QElapsedTimer clock;
    clock.start();
    s.editor.setContent(script, true);
    (void)s.editor.grab();
    const qint64 load_ms = clock.restart();
    s.editor.setCursor({script.size() - 80});
    (void)s.editor.grab();
    const qint64 end_ms = clock.restart();
    QCOMPARE(s.style(script.size() - 5), comment_style); // on the screen, so coloured
    s.editor.setCursor({0});
    (void)s.editor.grab();
    clock.restart();
    QTest::keyClicks(&s.editor, QStringLiteral("/* typed"));
    (void)s.editor.grab();
    const qint64 type_ms = clock.restart();
    (void)s.editor.currentStatement();
    const qint64 split_ms = clock.elapsed();
    qInfo("%zu bytes: load %lld ms, jump to the end %lld ms, type 8 keys %lld ms, split %lld ms", script.size(), load_ms,
          end_ms, type_ms, split_ms);
    // Colouring all of it would take seconds; the limits leave room for a busy machine.
    QVERIFY(end_ms < 1'000);
    QVERIFY(type_ms < 1'500);
}

void SqlEditorTest::everyInkCanBeRead()
{
    for (const bool dark : {false, true}) {
        for (int style = 0; style < 31; ++style) {
            const double ratio = contrastRatio(syntaxInk(style, dark), colorsOf(dark).panel);
            QVERIFY2(ratio >= 4.5, qPrintable(QStringLiteral("style %1 dark %2: %3").arg(style).arg(dark).arg(ratio)));
        }
    }
}

void SqlEditorTest::currentStatementKnowsBytesAndCharacters()
{
    const std::string text = "select 'é🙂';\nselect 2;\n\ncreate function f() returns int as $$ select 1; $$ language sql;";
    Shown s(text);
    s.editor.setCursor({text.find("select 2") + 3});
    QCOMPARE(s.statement(), std::string("select 2"));
    s.editor.setCursor({text.find("select 1")});
    QVERIFY(s.statement().starts_with("create function"));
    QSignalSpy moved(&s.editor, &SqlEditor::cursorMoved);
    s.editor.setCursor({text.find("';")});
    (void)s.editor.grab();
    QTRY_VERIFY(!moved.isEmpty());
    QCOMPARE(moved.last().at(0).toInt(), 1);
    QCOMPARE(moved.last().at(1).toInt(), 11); // characters, not bytes and not UTF-16 units
}

void SqlEditorTest::marksTheStatementInTheMargin()
{
    Shown s("select 1;\n\nselect\n  2;\n");
    s.editor.setCursor({13});
    QTRY_COMPARE(s.editor.markersAtLine(2) & (1U << editor_marker::statement), 1U << editor_marker::statement);
    QVERIFY(s.editor.markersAtLine(3) & (1U << editor_marker::statement));
    QVERIFY(!(s.editor.markersAtLine(0) & (1U << editor_marker::statement)));
}

void SqlEditorTest::togglesComments_data()
{
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::newRow("one line") << "select 1" << "-- select 1";
    QTest::newRow("back") << "-- select 1" << "select 1";
    QTest::newRow("without a blank") << "--select 1" << "select 1";
    QTest::newRow("indented, blank between") << "  a\n\n    b\n" << "  -- a\n\n  --   b\n";
    QTest::newRow("mixed gains") << "-- a\nb\n" << "-- -- a\n-- b\n";
}

void SqlEditorTest::togglesComments()
{
    QFETCH(QString, before);
    QFETCH(QString, after);
    Shown s(before.toStdString());
    s.editor.selectAll();
    s.editor.toggleComment();
    QCOMPARE(s.text(), after);
    s.editor.undo();
    QCOMPARE(s.text(), before);
}

void SqlEditorTest::keywordsChangeCaseAlone()
{
    Shown s("select \"from\", 'where', Name from t where x in (select 1) -- order by\n");
    s.editor.changeKeywords(true);
    QCOMPARE(s.text(), QStringLiteral("SELECT \"from\", 'where', Name FROM t WHERE x IN (SELECT 1) -- order by\n"));
    s.editor.changeKeywords(false);
    QVERIFY(s.text().startsWith(QStringLiteral("select \"from\", 'where', Name from t where")));
}

void SqlEditorTest::duplicatesAndMovesLines()
{
    Shown s("one\ntwo\n");
    s.editor.duplicate();
    QCOMPARE(s.text(), QStringLiteral("one\none\ntwo\n"));
    s.editor.setCursor({9});
    s.editor.moveLines(true);
    QCOMPARE(s.text(), QStringLiteral("one\ntwo\none\n"));
}

void SqlEditorTest::newLinesKeepTheIndentation()
{
    Shown s;
    QTest::keyClicks(&s.editor, QStringLiteral("  in ("));
    QTest::keyClick(&s.editor, Qt::Key_Return);
    QTest::keyClicks(&s.editor, QStringLiteral("1"));
    QCOMPARE(s.text(), QStringLiteral("  in (\n      1\n  )"));
}

void SqlEditorTest::closesBracketsWhereThatHelps()
{
    Shown s;
    QTest::keyClicks(&s.editor, QStringLiteral("count(x)"));
    QCOMPARE(s.text(), QStringLiteral("count(x)"));
    QTest::keyClicks(&s.editor, QStringLiteral(" = 'it"));
    QCOMPARE(s.text(), QStringLiteral("count(x) = 'it'"));
    QTest::keyClicks(&s.editor, QStringLiteral("'"));
    QCOMPARE(s.text(), QStringLiteral("count(x) = 'it'"));
    QTest::keyClicks(&s.editor, QStringLiteral(" ("));
    QTest::keyClick(&s.editor, Qt::Key_Backspace);
    QCOMPARE(s.text(), QStringLiteral("count(x) = 'it' "));
    s.editor.setCursor({0});
    QTest::keyClicks(&s.editor, QStringLiteral("("));
    QCOMPARE(s.text(), QStringLiteral("(count(x) = 'it' "));
    s.editor.select({{1}, {6}});
    QTest::keyClicks(&s.editor, QStringLiteral("\""));
    QCOMPARE(s.text(), QStringLiteral("(\"count\"(x) = 'it' "));
}

void SqlEditorTest::severalCursorsTypeAtOnce()
{
    Shown s("a\na\na\n");
    s.editor.addCursor(false);
    s.editor.addCursor(false);
    QTest::keyClicks(&s.editor, QStringLiteral("x"));
    QCOMPARE(s.text(), QStringLiteral("xa\nxa\nxa\n"));
    QTest::keyClick(&s.editor, Qt::Key_Escape);
    QTest::keyClicks(&s.editor, QStringLiteral("y"));
    QCOMPARE(s.text().count(QLatin1Char('y')), 1);
}

void SqlEditorTest::foldsStatements()
{
    Shown s("select 1;\nselect (\n  2,\n  3\n)\nfrom t;\n");
    const auto shown = [&s](int line) { return sci::send(&s.editor, Sci::SCI_GETLINEVISIBLE, line) != 0; };
    QTRY_VERIFY((sci::send(&s.editor, Sci::SCI_GETFOLDLEVEL, 1) & Sci::SC_FOLDLEVELHEADERFLAG) != 0);
    s.editor.setCursor({static_cast<std::size_t>(sci::lineStart(&s.editor, 3))});
    s.editor.toggleFold();
    QVERIFY(shown(1));
    QVERIFY(!shown(2) && !shown(3) && !shown(5));
    QCOMPARE(sci::lineOf(&s.editor, static_cast<int>(s.editor.cursor().value)), 1);
    s.editor.unfoldAll();
    QVERIFY(shown(3));
    s.editor.foldAll();
    QVERIFY(shown(0) && shown(1) && !shown(5));
    // A place that is gone to is shown.
    s.editor.select({{s.text().toStdString().find("from")}, {s.text().toStdString().find("from") + 4}});
    QVERIFY(shown(5));
}

void SqlEditorTest::snippetsAreFilledInWithTab()
{
    Shown s("    ups");
    s.editor.setCursor({7});
    QTest::keyClick(&s.editor, Qt::Key_Tab);
    QVERIFY2(s.text().startsWith(QStringLiteral("    INSERT INTO table (key, column)\n    VALUES (values)")), qPrintable(s.text()));
    QTest::keyClicks(&s.editor, QStringLiteral("users"));
    QTest::keyClick(&s.editor, Qt::Key_Tab);
    QTest::keyClicks(&s.editor, QStringLiteral("id")); // twice in the text, typed once
    QTest::keyClick(&s.editor, Qt::Key_Tab);
    QTest::keyClicks(&s.editor, QStringLiteral("name"));
    QTest::keyClick(&s.editor, Qt::Key_Tab);
    QTest::keyClicks(&s.editor, QStringLiteral("1"));
    QTest::keyClick(&s.editor, Qt::Key_Tab);
    QCOMPARE(s.text(), QStringLiteral("    INSERT INTO users (id, name)\n    VALUES (1)\n    ON CONFLICT (id) DO UPDATE\n"
                                      "    SET name = excluded.name;"));
    QCOMPARE(s.editor.cursor().value, s.text().toStdString().size());
    QTest::keyClick(&s.editor, Qt::Key_Tab); // no longer a snippet
    QVERIFY2(s.text().endsWith(QStringLiteral(";   ")), qPrintable(s.text()));
    // A word that is none indents as ever.
    Shown other("nothing");
    other.editor.setCursor({7});
    QTest::keyClick(&other.editor, Qt::Key_Tab);
    QCOMPARE(other.text(), QStringLiteral("nothing "));
}

void SqlEditorTest::parameterBarAsksOnce()
{
    ParameterBar bar;
    QSignalSpy run(&bar, &ParameterBar::runRequested);
    bar.ask({"a", "b"});
    QCOMPARE(bar.unknown({"a", "b"}).size(), std::size_t{2});
    const auto fields = bar.findChildren<QLineEdit *>();
    QCOMPARE(fields.size(), 2);
    QTest::keyClicks(fields.at(0), QStringLiteral("it's"));
    for (QToolButton *button : bar.findChildren<QToolButton *>()) {
        if (button->accessibleName() == QStringLiteral(":b is NULL"))
            button->setChecked(true);
    }
    QTest::keyClick(fields.at(0), Qt::Key_Return);
    QCOMPARE(run.size(), 1);
    QCOMPARE(bar.values(), (sql::ParameterValues{{"a", "it's"}, {"b", std::nullopt}}));
    bar.ask({"b", "c", "a"});
    QCOMPARE(bar.unknown({"b", "c", "a"}), std::vector<std::string>{"c"});
    QCOMPARE(bar.findChildren<QLineEdit *>().last()->text(), QStringLiteral("it's"));
}

void SqlEditorTest::errorMarksGoWithTheNextEdit()
{
    const std::string text = "select 'é' from nowhere;";
    Shown s(text);
    Error error;
    error.kind = ErrorKind::Server;
    error.message = "relation \"nowhere\" does not exist";
    error.hint = "Look again.";
    const ByteOffset at{text.find("nowhere")};
    s.editor.markError(at, {{0}, {text.size() - 1}}, error);
    QCOMPARE(s.editor.errorMarks().size(), std::size_t(1));
    QCOMPARE(s.editor.errorMarks().front(), (ByteSpan{at, {at.value + 7}}));
    QVERIFY(sci::send(&s.editor, Sci::SCI_INDICATORVALUEAT, editor_indicator::error, at.value) != 0);
    QVERIFY(s.editor.annotation(0).contains(QStringLiteral("Look again.")));
    QVERIFY(s.editor.markersAtLine(0) & (1U << editor_marker::error));
    QTest::keyClicks(&s.editor, QStringLiteral("x"));
    QTRY_VERIFY(s.editor.errorMarks().empty());
    QVERIFY(s.editor.annotation(0).isEmpty());
    QCOMPARE(sci::send(&s.editor, Sci::SCI_INDICATORVALUEAT, editor_indicator::error, at.value + 1), 0L);
}

void SqlEditorTest::errorAtTheEndMarksTheLastWord()
{
    const std::string text = "select 1;\nselect * from -- what\n;";
    Shown s(text);
    s.editor.markError({text.size() - 1}, {{10}, {text.size() - 1}}, Error{});
    QCOMPARE(s.editor.errorMarks().front().of(text), std::string_view("from"));
}

void SqlEditorTest::themeSwitchesLive()
{
    Shown s("select 1");
    const QRgb light = s.editor.grab().toImage().pixel(600, 300);
    applyTheme(*qApp, Theme::Dark);
    QCOMPARE(s.editor.grab().toImage().pixelColor(600, 300).rgb(), colorsOf(true).panel.rgb());
    QVERIFY(light != colorsOf(true).panel.rgb());
    applyTheme(*qApp, Theme::Light);
    QCOMPARE(s.editor.grab().toImage().pixel(600, 300), light);
}

void SqlEditorTest::wheelZooms()
{
    Shown s("select 1");
    const long before = sci::send(&s.editor, Sci::SCI_GETZOOM);
    QWheelEvent wheel({100, 100}, s.editor.mapToGlobal(QPointF(100, 100)), {0, 0}, {0, 120}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(s.editor.viewport(), &wheel);
    QCOMPARE(sci::send(&s.editor, Sci::SCI_GETZOOM), before + 1);
}

void SqlEditorTest::findsAndReplaces()
{
    Shown s("é one\nOne two\nthree one");
    FindBar bar(&s.editor);
    QSignalSpy searched(&bar, &FindBar::searched);
    s.editor.select({{3}, {6}});
    bar.open(true);
    QTRY_COMPARE(bar.matchCount(), 3);
    bar.findNext();
    QCOMPARE(s.editor.selectedText(), QStringLiteral("One"));
    QList<QLineEdit *> edits = bar.findChildren<QLineEdit *>();
    edits.last()->setText(QStringLiteral("fünf"));
    bar.replaceOne();
    QCOMPARE(s.text(), QStringLiteral("é one\nfünf two\nthree one"));
    QTRY_COMPARE(bar.matchCount(), 2);
    bar.replaceAll();
    QCOMPARE(s.text(), QStringLiteral("é fünf\nfünf two\nthree fünf"));
    s.editor.undo();
    QCOMPARE(s.text(), QStringLiteral("é one\nfünf two\nthree one"));
}

void SqlEditorTest::findsByPattern()
{
    Shown s("a1 b22 c333");
    FindBar bar(&s.editor);
    bar.open(true);
    QList<QLineEdit *> edits = bar.findChildren<QLineEdit *>();
    for (QAbstractButton *button : bar.findChildren<QAbstractButton *>()) {
        if (button->text() == QStringLiteral(".*"))
            button->setChecked(true);
    }
    edits.first()->clear();
    QTest::keyClicks(edits.first(), QStringLiteral("([a-z])\\d+"));
    QTRY_COMPARE(bar.matchCount(), 3);
    edits.last()->setText(QStringLiteral("<\\1>"));
    bar.replaceAll();
    QCOMPARE(s.text(), QStringLiteral("<a> <b> <c>"));
}

QTEST_MAIN(SqlEditorTest)
#include "tst_sql_editor.moc"
