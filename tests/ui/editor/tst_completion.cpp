// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QVBoxLayout>

#include "core/base/sqlite.h"
#include "core/pg/connection.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/editor/completion_list.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/second_view.h"
#include "ui/editor/signature_tip.h"
#include "ui/editor/sql_editor.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

std::shared_ptr<const pg::Catalog> shop()
{
    static std::shared_ptr<const pg::Catalog> read = [] {
        const auto connection = test::freshConnection();
        const auto made = connection->run("CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, email text);"
                                          "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, total numeric(10,2), placed_at timestamptz);"
                                          "CREATE TABLE order_items (order_id bigint REFERENCES orders, sku text, quantity int);"
                                          "CREATE VIEW order_totals AS SELECT id, total FROM orders;"
                                          "CREATE FUNCTION discount(amount numeric, percent numeric DEFAULT 10) RETURNS numeric LANGUAGE sql AS 'SELECT amount';"
                                          "COMMENT ON FUNCTION discount(numeric, numeric) IS 'What is left of an amount'");
        if (made.error)
            qFatal("%s", made.error->text().c_str());
        pg::CatalogOptions options;
        options.with_words = true;
        return pg::readCatalog(*connection, options).value();
    }();
    return read;
}

struct Shown {
    QWidget window;
    SqlEditor *editor = new SqlEditor;
    explicit Shown(std::string_view text = {}, bool with_catalog = true)
    {
        auto *layout = new QVBoxLayout(&window);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(editor);
        window.resize(820, 420);
        window.show();
        editor->setContent(text, true);
        editor->setCursor({text.size()});
        editor->setFocus();
        QApplication::setActiveWindow(&window);
        if (with_catalog)
            editor->completion()->setCatalog(shop());
        (void)window.grab();
    }
    void type(const char *text)
    {
        QTest::keyClicks(editor, QString::fromUtf8(text));
        QTest::qWait(1);
    }
    void press(Qt::Key key, Qt::KeyboardModifiers with = Qt::NoModifier) { QTest::keyClick(editor, key, with); }
    [[nodiscard]] bool shown() const { return editor->completion()->isShown(); }
    [[nodiscard]] bool offers(const char *label) const
    {
        if (!shown())
            return false;
        const auto *model = editor->completion()->popup()->model();
        for (int i = 0; i < model->rowCount(); ++i) {
            if (model->candidate(i).label == label)
                return true;
        }
        return false;
    }
    [[nodiscard]] QString text() const { return QString::fromStdString(editor->utf8()); }
};

} // namespace

class CompletionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toLocal8Bit());
        applyTheme(*qApp, Theme::Light);
    }
    void worksInTheSecondView(); // before others have chosen names, which then rank first
    void comesByItself();
    void enterIsANewLineUntilSomethingIsChosen();
    void choosesByKeyboard();
    void tabTakesTheFirst();
    void comesWhenAskedFor();
    void escapeTakesItAway();
    void oneUndoTakesItBack();
    void joinsGoInWhole();
    void tipFollowsTheArguments();
    void worksWithoutAConnection();
    void staysAwayWhereSettingsSaySo();
    void countsWhatIsChosen();
    void modelKeepsItsPromises();
    void typingNeverWaits();
    void pictures();

private:
    QTemporaryDir home_;
};

void CompletionTest::comesByItself()
{
    Shown s("SELECT * FROM ");
    s.type("o");
    QTest::qWait(50);
    QVERIFY(!s.shown());
    s.type("r");
    QTRY_VERIFY(s.offers("orders"));
    s.type("der_");
    QTRY_VERIFY(s.offers("order_items") && !s.offers("orders"));
    s.type(" ");
    QTRY_VERIFY(!s.shown());
    Shown dot("SELECT * FROM orders o WHERE o");
    dot.type(".");
    QTRY_VERIFY(dot.offers("customer_id"));
    QVERIFY(!dot.offers("name"));
    Shown literal("SELECT 'a");
    literal.type("bcd");
    QTest::qWait(60);
    QVERIFY(!literal.shown());
}

void CompletionTest::enterIsANewLineUntilSomethingIsChosen()
{
    Shown s("SELECT * FROM ");
    s.type("ord");
    QTRY_VERIFY(s.offers("orders"));
    s.press(Qt::Key_Return);
    QVERIFY(!s.shown());
    QVERIFY2(s.text().startsWith(QStringLiteral("SELECT * FROM ord\n")), qPrintable(s.text()));
}

void CompletionTest::choosesByKeyboard()
{
    Shown s("SELECT * FROM ");
    s.type("ord");
    QTRY_VERIFY(s.offers("orders"));
    auto *popup = s.editor->completion()->popup();
    const std::string second = popup->model()->candidate(1).insert;
    s.press(Qt::Key_Down);
    QCOMPARE(popup->currentRow(), 1);
    s.press(Qt::Key_Return);
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM ") + QString::fromStdString(second));
    QVERIFY(!s.shown());

    Shown all("SELECT ");
    all.press(Qt::Key_Space, Qt::ControlModifier);
    QTRY_VERIFY(all.shown());
    popup = all.editor->completion()->popup();
    all.press(Qt::Key_PageDown);
    const int page = popup->currentRow();
    QVERIFY(page > 5);
    all.press(Qt::Key_PageUp);
    QCOMPARE(popup->currentRow(), 0);
    all.press(Qt::Key_Up);
    QCOMPARE(popup->currentRow(), popup->count() - 1);
}

void CompletionTest::tabTakesTheFirst()
{
    Shown s("SELECT * FROM ");
    s.type("custo");
    QTRY_VERIFY(s.offers("customers"));
    s.press(Qt::Key_Tab);
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM customers"));
}

void CompletionTest::comesWhenAskedFor()
{
    Shown s("SELECT * FROM orders WHERE ");
    s.press(Qt::Key_Space, Qt::ControlModifier);
    QTRY_VERIFY(s.offers("placed_at"));
    s.type("pla");
    QTRY_COMPARE(s.editor->completion()->popup()->model()->candidate(0).label, std::string("placed_at"));
    s.press(Qt::Key_Backspace);
    QTRY_COMPARE(s.editor->completion()->popup()->model()->candidate(0).matched.size(), std::size_t{2});
    s.press(Qt::Key_Return); // asked for: Enter takes the first
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM orders WHERE placed_at"));
}

void CompletionTest::escapeTakesItAway()
{
    Shown s("SELECT * FROM ");
    s.type("ord");
    QTRY_VERIFY(s.shown());
    s.press(Qt::Key_Escape);
    QVERIFY(!s.shown());
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM ord"));
    s.press(Qt::Key_Left);
    QTest::qWait(30);
    QVERIFY(!s.shown());
}

void CompletionTest::oneUndoTakesItBack()
{
    Shown s("SELECT * FROM ");
    s.type("cust");
    QTRY_VERIFY(s.offers("customers"));
    s.press(Qt::Key_Down);
    s.press(Qt::Key_Up);
    s.press(Qt::Key_Return);
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM customers"));
    s.editor->undo();
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM cust"));
    s.editor->redo();
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM customers"));
}

void CompletionTest::joinsGoInWhole()
{
    Shown s("SELECT * FROM orders o JOIN ");
    s.press(Qt::Key_Space, Qt::ControlModifier);
    QTRY_VERIFY(s.shown());
    s.press(Qt::Key_Return);
    QCOMPARE(s.text(), QStringLiteral("SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id"));
}

void CompletionTest::tipFollowsTheArguments()
{
    Shown s("SELECT ");
    s.type("disc");
    QTRY_VERIFY(s.offers("discount"));
    s.press(Qt::Key_Tab);
    QCOMPARE(s.text(), QStringLiteral("SELECT discount()"));
    QCOMPARE(s.editor->cursor().value, std::size_t{16});
    QTRY_VERIFY(s.editor->completion()->tip() && s.editor->completion()->tip()->isVisible());
    auto *tip = s.editor->completion()->tip();
    QVERIFY(tip->text().contains(QStringLiteral(">amount numeric</b>")));
    s.type("1, ");
    QTRY_VERIFY(tip->text().contains(QStringLiteral(">percent numeric DEFAULT 10</b>")));
    QVERIFY(tip->text().contains(QStringLiteral("What is left of an amount")));
    s.type("2)");
    QTRY_VERIFY(!tip->isVisible());
    Shown typed("SELECT lower");
    typed.type("(");
    QTRY_VERIFY(typed.editor->completion()->tip() && typed.editor->completion()->tip()->isVisible());
    typed.press(Qt::Key_Escape);
    QVERIFY(!typed.editor->completion()->tip()->isVisible());
}

void CompletionTest::worksWithoutAConnection()
{
    Shown s("SELECT warehouse_place FROM stock WHERE ", false);
    s.type("wareh");
    QTRY_VERIFY(s.offers("warehouse_place"));
    Shown function("SELECT ", false);
    function.type("string_a");
    QTRY_VERIFY(function.offers("string_agg"));
}

void CompletionTest::worksInTheSecondView()
{
    Shown s("SELECT 1;\n");
    auto *second = new SecondView(s.editor, &s.window);
    s.window.layout()->addWidget(second);
    second->show();
    s.editor->setCursor({0});
    second->setFocus();
    sci::send(second, QsciScintillaBase::SCI_GOTOPOS, sci::length(second));
    (void)s.window.grab();
    QTest::keyClicks(second, QStringLiteral("SELECT * FROM ord"));
    QTRY_VERIFY(second->completion()->isShown());
    QVERIFY(!s.shown());
    QTRY_VERIFY(second->completion()->popup()->model()->rowCount() > 0 && second->completion()->popup()->model()->candidate(0).label == "orders");
    QTest::keyClick(second, Qt::Key_Tab);
    QTRY_COMPARE(s.text().trimmed(), QStringLiteral("SELECT 1;\nSELECT * FROM orders"));
    QCOMPARE(s.editor->cursor().value, std::size_t{0});
    // Asked for by the command, it comes where the keyboard is.
    QTest::keyClicks(second, QStringLiteral(" WHERE tot"));
    QTRY_VERIFY(second->completion()->isShown());
    QTest::keyClick(second, Qt::Key_Escape);
    QVERIFY(!second->completion()->isShown());
    s.editor->completion()->request();
    QTRY_VERIFY(second->completion()->isShown());
    QVERIFY(!s.shown());
    // Its settings are the editor's.
    QTest::keyClick(second, Qt::Key_Escape);
    s.editor->completion()->setAutomatic(false);
    QTest::keyClicks(second, QStringLiteral("al AND plac"));
    QTest::qWait(80);
    QVERIFY(!second->completion()->isShown());
    delete second;
    s.editor->setFocus();
    s.editor->completion()->request();
}

void CompletionTest::staysAwayWhereSettingsSaySo()
{
    Shown s("SELECT * FROM ");
    s.editor->completion()->setAutomatic(false);
    s.type("orders");
    QTest::qWait(60);
    QVERIFY(!s.shown());
    s.press(Qt::Key_Space, Qt::ControlModifier);
    QTRY_VERIFY(s.shown());
}

void CompletionTest::countsWhatIsChosen()
{
    for (int i = 0; i < 6; ++i) {
        Shown s("SELECT * FROM ");
        s.type("order_t");
        QTRY_VERIFY(s.offers("order_totals"));
        s.press(Qt::Key_Tab);
    }
    QTRY_VERIFY([] {
        Shown s("SELECT * FROM ");
        s.type("or");
        for (int i = 0; i < 200 && !s.shown(); ++i)
            QTest::qWait(5);
        return s.shown() && s.editor->completion()->popup()->model()->candidate(0).label == "order_totals";
    }());
    // Names, nothing of statements.
    auto database = sqlite::Database::open(std::filesystem::path(home_.path().toStdString()) / "data" / "completion.sqlite", 1, "", "test");
    if (database) {
        auto rows = database->prepare("SELECT count(*) FROM used WHERE name LIKE '%SELECT%' OR name LIKE '%=%'");
        QVERIFY(rows && rows->step().value());
        QCOMPARE(rows->integer(0), std::int64_t{0});
    }
}

void CompletionTest::modelKeepsItsPromises()
{
    CompletionModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<complete::Candidate> candidates(3);
    candidates[1].label = "é_b";
    model.setCandidates(candidates);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.index(1).data().toString(), QStringLiteral("é_b"));
    model.setCandidates({});
    QCOMPARE(model.rowCount(), 0);
}

/// Keys go in at once, however long the text around them is.
void CompletionTest::typingNeverWaits()
{
    std::string script;
    for (int i = 0; i < 20'000; ++i)
        script += "SELECT id, total FROM orders WHERE customer_id = 42 AND total > 10;\n";
    Shown s(script + "SELECT * FROM ");
    qint64 longest = 0;
    QElapsedTimer timer;
    for (const char c : std::string_view("orders o where o.")) {
        timer.start();
        QTest::keyClick(s.editor, c);
        longest = std::max(longest, timer.elapsed());
        QTest::qWait(2);
    }
    QTRY_VERIFY_WITH_TIMEOUT(s.offers("customer_id"), 5000);
    qInfo("longest key in a text of %zu bytes: %lld ms", script.size(), static_cast<long long>(longest));
    QVERIFY(longest < 200);
}

/// Kept where HOWDAH_PICTURES says, to be looked at.
void CompletionTest::pictures()
{
    const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
    if (folder.isEmpty())
        QSKIP("HOWDAH_PICTURES names no folder");
    for (const bool dark : {false, true}) {
        applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
        const QString suffix = dark ? QStringLiteral("-dark.png") : QStringLiteral("-light.png");
        int number = 0;
        for (const char *text : {"SELECT o.id, c.name\nFROM orders o\nJOIN ", "SELECT o\nFROM orders o JOIN customers c ON c.id = o.customer_id\nWHERE ", "SELECT discount(total, ", "SELECT * FROM orders\nWHERE total > 10\nORDER BY to"}) {
            Shown s(text);
            s.press(Qt::Key_Space, Qt::ControlModifier);
            QTRY_VERIFY(s.shown());
            s.press(Qt::Key_Down);
            QVERIFY(s.window.grab().save(folder + QStringLiteral("/completion-%1").arg(++number) + suffix));
        }
    }
    applyTheme(*qApp, Theme::Light);
}

QTEST_MAIN(CompletionTest)
#include "tst_completion.moc"
