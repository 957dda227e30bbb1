// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QElapsedTimer>
#include <QHeaderView>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "support/test_server.h"
#include "tests/core/result/rows.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/grid/grid_filter_bar.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/messages_pane.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_chips.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::ui;

namespace {

/// Runs a script on a real server as the page does, without the thread between.
pg::RunOutcome runInto(ResultsPane &pane, MessagesPane &messages, pg::Connection &connection, const std::string &script)
{
    const auto sqlOf = [&](ByteSpan span) { return QString::fromStdString(std::string(span.of(script))); };
    ByteSpan span;
    pane.beginRun();
    messages.beginRun(QStringLiteral("Run"));
    pg::RunObserver observer;
    observer.statementStarted = [&](std::size_t, ByteSpan started) { span = started; };
    observer.resultOpened = [&](std::size_t index, std::shared_ptr<pg::RowStore> store) { pane.openResult(index, sqlOf(span), std::move(store)); };
    observer.rowsArrived = [&](std::size_t index) { pane.rowsArrived(index); };
    observer.notice = [&](const pg::Notice &notice) { messages.addNotice(notice); };
    observer.statementFinished = [&](const pg::StatementOutcome &outcome) {
        pane.finishStatement(outcome, sqlOf(outcome.span));
        messages.addOutcome(outcome, sqlOf(outcome.span));
    };
    auto outcome = connection.run(script, {}, observer);
    pane.endRun();
    return outcome;
}

} // namespace

class TestResultsPane : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qputenv("HOWDAH_HOME", home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
        connection_ = freshConnection();
        QVERIFY(connection_);
        QVERIFY(connection_->query("CREATE TABLE orders AS SELECT n AS id, n * 1.5 AS total FROM generate_series(1, 500) n"));
    }

    void oneRunAfterTheOther()
    {
        ResultsPane pane;
        MessagesPane messages;
        pane.resize(900, 400);
        pane.show();
        QVERIFY(pane.emptyState()->isVisible());
        QVERIFY(!pane.hasResults());

        runInto(pane, messages, *connection_, "SELECT * FROM orders; SELECT 1 AS one; UPDATE orders SET total = total WHERE id < 4; SELECT 2 WHERE false");
        QCOMPARE(pane.resultCount(), 3);
        QVERIFY(pane.chips()->isVisible());
        QCOMPARE(pane.chips()->tabText(0), QStringLiteral("1 · orders 500 rows"));
        QCOMPARE(pane.chips()->tabText(1), QStringLiteral("2 · SELECT 1 row"));
        QCOMPARE(pane.chips()->tabText(2), QStringLiteral("4 · SELECT 0 rows"));
        QVERIFY(pane.currentGrid() != nullptr);
        QCOMPARE(pane.currentGrid()->model()->totalRows(), qint64(500));
        pane.setCurrent(1);
        QCOMPARE(pane.currentGrid()->model()->totalRows(), qint64(1));

        pane.setPinned(0, true);
        runInto(pane, messages, *connection_, "UPDATE orders SET total = total WHERE id < 4; CREATE TABLE made (a int)");
        QCOMPARE(pane.resultCount(), 1); // the pinned one
        QVERIFY(pane.currentGrid() == nullptr);
        QVERIFY2(pane.statusText().startsWith(QStringLiteral("UPDATE 3 · ")), qPrintable(pane.statusText()));
        QVERIFY(pane.statusText().contains(QStringLiteral("CREATE TABLE · ")));

        runInto(pane, messages, *connection_, "SELECT 7 AS seven");
        QCOMPARE(pane.resultCount(), 2);
        QCOMPARE(pane.chips()->tabText(1), QStringLiteral("1 · SELECT 1 row"));
        QCOMPARE(pane.currentGrid()->model()->index(0, 0).data().toString(), QStringLiteral("7"));
        pane.setPinned(0, false);
        runInto(pane, messages, *connection_, "SELECT 8 AS eight");
        QCOMPARE(pane.resultCount(), 1);
        QVERIFY(!pane.chips()->isVisible());
        QCOMPARE(pane.currentGrid()->model()->index(0, 0).data().toString(), QStringLiteral("8"));
    }

    void failuresAreSaid()
    {
        ResultsPane pane;
        MessagesPane messages;
        pane.resize(900, 400);
        pane.show();
        runInto(pane, messages, *connection_, "SELECT nothing FROM nowhere");
        QVERIFY(pane.statusText().contains(QStringLiteral("42P01")));
        runInto(pane, messages, *connection_, "SELECT 1 / (500 - id) FROM orders");
        QVERIFY(pane.resultCount() <= 1);
    }

    void aGridKeepsItsColumns()
    {
        ResultsPane pane;
        MessagesPane messages;
        pane.resize(900, 400);
        pane.show();
        runInto(pane, messages, *connection_, "SELECT * FROM orders");
        pane.currentGrid()->view()->columnsHeader()->resizeSection(0, 222);
        runInto(pane, messages, *connection_, "SELECT * FROM orders");
        QCOMPARE(pane.currentGrid()->view()->columnsHeader()->sectionSize(0), 222);
    }

    void aStatementKeepsItsFilter()
    {
        ResultsPane pane;
        MessagesPane messages;
        pane.resize(900, 400);
        pane.show();
        runInto(pane, messages, *connection_, "SELECT id, total FROM orders");
        pane.currentGrid()->filterBar()->add({0, result::FilterOp::LessOrEqual, {"10"}, false});
        QTRY_COMPARE(pane.currentGrid()->model()->totalRows(), qint64(10));
        runInto(pane, messages, *connection_, "SELECT id, total FROM orders");
        QTRY_COMPARE(pane.currentGrid()->model()->totalRows(), qint64(10));
        QVERIFY(pane.currentGrid()->filterBar()->isVisible());
        QCOMPARE(pane.currentGrid()->filterBar()->chipCount(), 1);
        // Another statement begins without, and so does the first one after it.
        runInto(pane, messages, *connection_, "SELECT id FROM orders");
        QTRY_COMPARE(pane.currentGrid()->model()->totalRows(), qint64(500));
        // The column's name counts, wherever it stands now.
        QVERIFY(connection_->query("CREATE TABLE shuffled AS SELECT n AS id, -n AS other FROM generate_series(1, 20) n"));
        runInto(pane, messages, *connection_, "TABLE shuffled");
        pane.currentGrid()->filterBar()->add({0, result::FilterOp::Greater, {"15"}, false});
        pane.currentGrid()->filterBar()->add({1, result::FilterOp::Less, {"-16"}, false});
        QTRY_COMPARE(pane.currentGrid()->model()->totalRows(), qint64(4));
        QVERIFY(connection_->query("DROP TABLE shuffled"));
        QVERIFY(connection_->query("CREATE TABLE shuffled AS SELECT 'x' AS first, n AS id FROM generate_series(1, 20) n"));
        runInto(pane, messages, *connection_, "TABLE shuffled");
        QTRY_COMPARE(pane.currentGrid()->model()->totalRows(), qint64(5));
    }

    void messagesTellAll()
    {
        ResultsPane pane;
        MessagesPane messages;
        messages.resize(900, 300);
        messages.show();
        QSignalSpy counts(&messages, &MessagesPane::countsChanged);
        QSignalSpy errors(&messages, &MessagesPane::errorActivated);
        QSignalSpy statements(&messages, &MessagesPane::statementActivated);
        const std::string script = "DO $$ BEGIN RAISE NOTICE 'halfway' USING HINT = 'go on'; RAISE WARNING 'careful'; END $$;\nSELECT * FROM orders LIMIT 3;\nSELECT nothing";
        runInto(pane, messages, *connection_, script);
        QTRY_VERIFY(messages.plainText().contains(QStringLiteral("42703")));
        const QString text = messages.plainText();
        for (const char *part : {"NOTICE  halfway", "HINT:  go on", "WARNING  careful", "SELECT 3", "3 rows", "ERROR  column"})
            QVERIFY2(text.contains(QLatin1StringView(part)), part);
        QCOMPARE(messages.errorCount(), 1);
        QCOMPARE(messages.warningCount(), 1);
        QVERIFY(counts.count() >= 2);

        auto *edit = messages.findChild<QPlainTextEdit *>();
        const auto activate = [&](const QString &at) {
            QTextCursor cursor = edit->document()->find(at);
            QVERIFY(!cursor.isNull());
            cursor.clearSelection();
            edit->setTextCursor(cursor);
            QTest::keyClick(edit, Qt::Key_Return);
        };
        activate(QStringLiteral("42703"));
        QCOMPARE(errors.count(), 1);
        QCOMPARE(errors[0][0].value<ByteOffset>().value, script.find("nothing"));
        activate(QStringLiteral("SELECT 3"));
        QCOMPARE(statements.count(), 1);
        QCOMPARE(statements[0][0].value<ByteSpan>().of(script), std::string_view("SELECT * FROM orders LIMIT 3"));
        activate(QStringLiteral("halfway"));
        QCOMPARE(errors.count() + statements.count(), 2);

        applyTheme(*qApp, Theme::Dark);
        QCOMPARE(messages.plainText(), text);
        applyTheme(*qApp, Theme::Light);
        messages.clear();
        QCOMPARE(messages.plainText(), QString());
        QCOMPARE(messages.errorCount(), 0);
    }

    void tensOfThousandsOfNotices()
    {
        MessagesPane messages;
        messages.resize(600, 300);
        messages.show();
        pg::Notice notice;
        notice.severity = "NOTICE";
        QElapsedTimer time;
        time.start();
        for (int i = 0; i < 50'000; ++i) {
            notice.message = "number " + std::to_string(i);
            messages.addNotice(notice);
        }
        const auto added = time.elapsed();
        QTRY_VERIFY(messages.plainText().contains(QStringLiteral("number 49999")));
        qInfo("50,000 notices: added in %lld ms, shown after %lld ms", static_cast<long long>(added), static_cast<long long>(time.elapsed()));
        QVERIFY(messages.plainText().contains(QStringLiteral("older messages were dropped")));
    }

private:
    QTemporaryDir home_;
    std::unique_ptr<pg::Connection> connection_;
};

QTEST_MAIN(TestResultsPane)
#include "tst_results_pane.moc"
