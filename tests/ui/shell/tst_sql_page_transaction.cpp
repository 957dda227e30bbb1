// SPDX-License-Identifier: GPL-3.0-or-later
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "support/test_server.h"
#include "ui/actions/action_registry.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/messages_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/transaction_question.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

constexpr int patience_ms = 20'000;

std::shared_ptr<Link> linkTo(const std::string &conninfo)
{
    ConnectionChoice choice;
    choice.saved.name = "test";
    choice.spec.conninfo = conninfo;
    auto link = std::make_shared<Link>(choice);
    link->open();
    return link;
}

QPushButton *button(const QWidget *in, const QString &text)
{
    for (QPushButton *one : in->findChildren<QPushButton *>()) {
        if (one->text() == text)
            return one;
    }
    return nullptr;
}

} // namespace

class TestSqlPageTransaction : public QObject
{
    Q_OBJECT

    QTemporaryDir home_;

    void run(SqlPage &page, const char *sql)
    {
        page.editor()->setContent(sql, false);
        QSignalSpy finished(page.runner(), &SqlRunner::finished);
        page.run(SqlPage::Scope::All);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience_ms);
    }

    static QString said(const SqlPage &page)
    {
        Tone tone = Tone::Neutral;
        return page.transactionText(tone);
    }

    std::string count(const std::string &database)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = database;
        auto other = pg::Connection::open(spec);
        return std::string((*other)->query("SELECT count(*) FROM t")->result->cell(0, 0).text);
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *name : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
            qputenv(name, home_.path().toUtf8());
        applyTheme(*qApp, Theme::Light);
    }

    void manualCommitIsKeptAndBegins()
    {
        const std::string database = test::freshDatabase();
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.setLink(linkTo(database));
        run(page, "CREATE TABLE t (a int)");
        QCOMPARE(said(page), QStringLiteral("autocommit"));
        page.setManualCommit(true);
        QVERIFY(page.buffer().manual_commit);
        run(page, "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2)");
        QTRY_VERIFY(page.runner()->hasOpenTransaction());
        QTRY_COMPARE(said(page), QStringLiteral("in transaction · 00:00 · 2 statement(s)"));
        QCOMPARE(count(database), std::string("0"));
        bool ended = false;
        page.endTransaction(true, [&] { ended = true; });
        QTRY_VERIFY_WITH_TIMEOUT(ended, patience_ms);
        QVERIFY(!page.runner()->hasOpenTransaction());
        QCOMPARE(count(database), std::string("2"));
        QTRY_VERIFY(page.messages()->plainText().contains(QStringLiteral("COMMIT · 2 statement(s) kept")));
        run(page, "SELECT 1/0");
        QTRY_VERIFY(said(page).startsWith(QStringLiteral("transaction failed")));
        page.endTransaction(false);
        QTRY_COMPARE(said(page), QStringLiteral("manual commit · idle"));
        SqlPage again(&actions, &window);
        again.setBuffer(page.buffer());
        QVERIFY(again.isManualCommit());
    }

    void anIdleTransactionIsLoud()
    {
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.setIdleTransactionLimit(2);
        page.setLink(linkTo(test::freshDatabase()));
        run(page, "BEGIN; SELECT 1"); // typed, in autocommit
        QVERIFY(page.transactionBanner()->isHidden());
        QTRY_VERIFY_WITH_TIMEOUT(!page.transactionBanner()->isHidden(), 6000);
        QPushButton *back = button(page.transactionBanner(), QStringLiteral("Roll back"));
        QVERIFY(back != nullptr);
        back->click();
        QTRY_VERIFY(!page.runner()->hasOpenTransaction());
        QTRY_VERIFY(page.transactionBanner()->isHidden());
    }

    void closingAsks()
    {
        const std::string database = test::freshDatabase();
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.setLink(linkTo(database));
        run(page, "CREATE TABLE t (a int)");
        const auto answer = [&](const QString &text, bool &then) {
            run(page, "BEGIN; INSERT INTO t VALUES (1)");
            QTRY_VERIFY(page.runner()->hasOpenTransaction());
            then = false;
            askAboutTransactions(&window, {&page}, QStringLiteral("Close"), [&then] { then = true; });
            auto *question = window.findChild<QMessageBox *>(QStringLiteral("transactions"));
            QVERIFY(question != nullptr);
            QVERIFY(!then);
            button(question, text)->click();
        };
        bool then = false;
        answer(QStringLiteral("Keep it open"), then);
        QTest::qWait(200);
        QVERIFY(!then);
        QVERIFY(page.runner()->hasOpenTransaction());
        page.endTransaction(false);
        QTRY_VERIFY(!page.runner()->hasOpenTransaction());
        answer(QStringLiteral("Roll back"), then);
        QTRY_VERIFY_WITH_TIMEOUT(then, patience_ms);
        QCOMPARE(count(database), std::string("0"));
        answer(QStringLiteral("Commit"), then);
        QTRY_VERIFY_WITH_TIMEOUT(then, patience_ms);
        QCOMPARE(count(database), std::string("1"));
    }

    void aLostTransactionIsSaid()
    {
        const std::string database = test::freshDatabase();
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.setLink(linkTo(database));
        run(page, "BEGIN; SELECT 1");
        const int pid = page.runner()->session()->facts()->backend_pid;
        pg::ConnectionSpec spec;
        spec.conninfo = database;
        auto other = pg::Connection::open(spec);
        QVERIFY((*other)->query("SELECT pg_terminate_backend(" + std::to_string(pid) + ")"));
        run(page, "SELECT 2");
        QTRY_VERIFY(page.banner()->sentence().contains(QStringLiteral("is gone")));
        QVERIFY(page.runner()->lostTransaction());
        QVERIFY(!page.runner()->hasOpenTransaction());
    }

    void aCancelThatDoesNotHelp()
    {
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.runner()->setCancelPatience(600);
        const auto link = linkTo(test::freshDatabase());
        page.setLink(link);
        QTRY_VERIFY_WITH_TIMEOUT(link->state() == Link::State::Open, patience_ms);
        QSignalSpy finished(page.runner(), &SqlRunner::finished);
        const auto begin = [&] {
            finished.clear();
            page.editor()->setContent("DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$", false);
            page.run(SqlPage::Scope::All);
            QTest::qWait(500);
            page.runner()->cancel();
            QCOMPARE(said(page), QStringLiteral("cancelling"));
            QTRY_VERIFY_WITH_TIMEOUT(button(page.banner(), QStringLiteral("Terminate")) != nullptr && !page.banner()->isHidden(), patience_ms);
            QVERIFY(page.runner()->isBusy());
        };
        begin();
        button(page.banner(), QStringLiteral("Cancel again"))->click();
        QTRY_VERIFY(page.messages()->plainText().contains(QStringLiteral("The signal was sent.")));
        QVERIFY(page.runner()->isBusy());
        button(page.banner(), QStringLiteral("Terminate"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience_ms);
        QSignalSpy mended(page.runner(), &SqlRunner::taskFinished);
        page.runner()->reconnect();
        QTRY_COMPARE_WITH_TIMEOUT(mended.count(), 1, patience_ms);
        begin();
        button(page.banner(), QStringLiteral("Abandon the connection"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, patience_ms);
        QTRY_VERIFY(page.runner()->isBroken());
        QVERIFY(page.messages()->plainText().contains(QStringLiteral("abandoned")) || (QTest::qWait(200), page.messages()->plainText().contains(QStringLiteral("abandoned"))));
    }

    void errorsAreMarkedInBodies()
    {
        QWidget window;
        ActionRegistry actions(&window);
        SqlPage page(&actions, &window);
        page.setLink(linkTo(test::freshDatabase()));
        run(page, "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n    RETURN 1 / a;\nEND $$;\nSELECT f(0);");
        const auto marks = page.editor()->errorMarks();
        QCOMPARE(marks.size(), std::size_t(1));
        const std::string text = page.editor()->utf8();
        QCOMPARE(std::string(marks[0].of(text)), std::string("RETURN 1 / a;"));
        QTRY_VERIFY(page.messages()->plainText().contains(QStringLiteral("PL/pgSQL function f(integer) line 3 at RETURN")));
    }

    void picture()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            QSKIP("HOWDAH_PICTURES names no folder");
        for (const bool dark : {false, true}) {
            applyTheme(*qApp, dark ? Theme::Dark : Theme::Light);
            QWidget window;
            ActionRegistry actions(&window);
            SqlPage page(&actions);
            page.resize(1000, 640);
            page.setIdleTransactionLimit(1);
            page.setLink(linkTo(test::freshDatabase()));
            page.setManualCommit(true);
            page.show();
            run(page, "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n    RETURN 1 / a;\nEND $$;\nSELECT f(0);");
            QTest::qWait(2500);
            page.grab().save(folder + (dark ? QStringLiteral("/dark.png") : QStringLiteral("/light.png")));
        }
    }
};

QTEST_MAIN(TestSqlPageTransaction)
#include "tst_sql_page_transaction.moc"
