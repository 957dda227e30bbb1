// SPDX-License-Identifier: GPL-3.0-or-later


#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "core/plan/history.h"
#include "plugins/activity/test_context.h"
#include "plugins/plan/compare_menu.h"
#include "plugins/plan/plan_history_page.h"
#include "plugins/plan/plan_pane.h"
#include "plugins/plan/plan_tool.h"
#include "plugins/plan/statement_picker.h"
#include "support/test_server.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/findings/findings_panel.h"
#include "ui/findings/what_if_view.h"
#include "ui/plan/plan_compare.h"
#include "ui/plan/plan_sql_pane.h"
#include "ui/settings/settings.h"

using namespace howdah;
using namespace howdah::plan_tool;
using namespace howdah::ui;

namespace {

constexpr int patience_ms = 20'000;

/// A SQL page's text and session, without its editor.
class Page : public SqlDocument
{
public:
    explicit Page(const std::string &conninfo)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        session_ = std::make_shared<pg::Session>(spec);
    }
    ~Page() override { qDeleteAll(panes_); }
    void setText(const QString &sql) { statement.sql = sql; }
    [[nodiscard]] Statement currentStatement() const override { return statement; }
    [[nodiscard]] std::shared_ptr<pg::Session> session() const override { return session_; }
    bool haveParameters(const Statement &asked, std::function<void()> then) override
    {
        then_ = std::move(then);
        for (const std::string &name : sql::parameterNames(asked.sql.toStdString())) {
            if (!asked.parameters.contains(name))
                return false;
        }
        return true;
    }
    void give(const std::string &name, const std::string &value)
    {
        statement.parameters[name] = value;
        then_();
    }
    void showPane(const QString &id, const QString &, QWidget *widget) override { panes_[id] = widget; }
    [[nodiscard]] QWidget *pane(const QString &id) const override { return panes_.value(id); }
    bool runTask(const QString &, std::function<void(pg::Connection &)> work, std::function<void()> finished) override
    {
        const auto done = onGui(this, std::function<void()>([this, finished] {
                                    ++tasks;
                                    finished();
                                }));
        session_->post([work, done](pg::Connection &connection) {
            work(connection);
            done();
        }, [done](const Error &) { done(); });
        return true;
    }
    void showError(const Error &shown, const Statement &) override { error = shown; }
    void highlight(ByteSpan span) override { lit = span; }

    Statement statement;
    std::optional<Error> error;
    ByteSpan lit;
    int tasks = 0;

private:
    std::shared_ptr<pg::Session> session_;
    QHash<QString, QWidget *> panes_;
    std::function<void()> then_;
};

class Window : public test::TestContext
{
public:
    using TestContext::TestContext;
    [[nodiscard]] SqlDocument *currentDocument() const override { return page; }
    SqlDocument *openSql(const QString &, const QString &sql) override
    {
        opened = sql;
        if (page != nullptr)
            page->setText(sql);
        return page;
    }
    void openPage(const QString &id, const QString &title, const QString &, QWidget *widget) override
    {
        page_id = id;
        page_title = title;
        page_widget = widget;
    }
    QAction *registerAction(const ActionSpec &spec, std::function<void()> triggered) override
    {
        actions[spec.id] = std::move(triggered);
        return nullptr;
    }

    void offer(const QString &sentence, const QString &, std::function<void()> chosen) override
    {
        offers += sentence;
        choose = std::move(chosen);
    }

    QStringList offers;
    std::function<void()> choose;
    Page *page = nullptr;
    QString page_id, page_title;
    QPointer<QWidget> page_widget;
    QHash<QString, std::function<void()>> actions;
};

} // namespace

class TestPlanTool : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    std::string conninfo_;
    std::unique_ptr<Window> window_;
    std::unique_ptr<Page> page_;
    std::unique_ptr<PlanTool> tool_;

    PlanPane *explain(const QString &sql, bool analyze = true)
    {
        page_->setText(sql);
        const int before = page_->tasks;
        window_->actions[analyze ? QStringLiteral("plan.explain_analyze") : QStringLiteral("plan.explain")]();
        if (!QTest::qWaitFor([&] { return page_->tasks > before; }, patience_ms))
            return nullptr;
        return qobject_cast<PlanPane *>(page_->pane(QStringLiteral("plan")));
    }
    void must(const char *sql)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo_;
        QVERIFY2((*pg::Connection::open(spec))->query(sql), sql);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        qputenv("HOWDAH_HOME", QFile::encodeName(folder_.path())); // settings of its own
        applyTheme(*qApp, Theme::Light);
    }
    void init()
    {
        qputenv("HOWDAH_HISTORY", QFile::encodeName(folder_.filePath(QStringLiteral("%1.sqlite").arg(QLatin1StringView(QTest::currentTestFunction())))));
        conninfo_ = test::freshDatabase(15);
        must("CREATE TABLE t AS SELECT n AS id, n % 50 AS kind, md5(n::text) AS word FROM generate_series(1, 50000) n");
        must("ANALYZE t");
        window_ = std::make_unique<Window>(conninfo_);
        page_ = std::make_unique<Page>(conninfo_);
        window_->page = page_.get();
        tool_ = std::make_unique<PlanTool>();
        tool_->initialize(*window_);
    }
    void cleanup()
    {
        page_.reset();
        delete window_->page_widget;
        tool_.reset();
        window_.reset();
    }

    void explainUsesThePagesValues()
    {
        QVERIFY(explain(QStringLiteral("SELECT * FROM t WHERE id = :which"), false) == nullptr || page_->error); // 15 plans none without a value
        QVERIFY(page_->error && page_->error->message.find(":which") != std::string::npos);
        const int before = page_->tasks;
        page_->give("which", "42"); // explains again by itself
        QVERIFY(QTest::qWaitFor([&] { return page_->tasks > before; }, patience_ms));
        auto *pane = qobject_cast<PlanPane *>(page_->pane(QStringLiteral("plan")));
        QVERIFY(pane != nullptr);
        QVERIFY(pane->document()->plans[0].nodes[0].text("Filter").find("42") != std::string::npos);
        // The node's words are those that were written.
        pane->selectNode(0);
        const std::string text = page_->statement.sql.toStdString();
        QCOMPARE(std::string(page_->lit.of(text)), std::string("t"));
        QVERIFY(pane->sqlPane()->sql().text.find(":which") != std::string::npos);
        // A wrong name is marked where it was written.
        page_->error.reset();
        page_->setText(QStringLiteral("SELECT * FROM t WHERE id = :which AND wrong = 1"));
        window_->actions[QStringLiteral("plan.explain")]();
        QVERIFY(QTest::qWaitFor([&] { return page_->error.has_value(); }, patience_ms));
        QCOMPARE(page_->error->position->value, std::string("SELECT * FROM t WHERE id = :which AND ").size());
    }

    void everyPlanOfAFileIsJudged()
    {
        QFile two(QStringLiteral(HOWDAH_TEST_DATA "/plans/extra/two_plans_pg18.json"));
        QVERIFY(two.open(QIODevice::ReadOnly));
        const QByteArray text = two.readAll();
        auto document = readPlanDocument(text.toStdString());
        QVERIFY(document && (*document)->plans.size() == 2);
        // A plan with something to find as the second one.
        const QString path = folder_.filePath(QStringLiteral("several.txt"));
        QFile several(path);
        QVERIFY(several.open(QIODevice::WriteOnly));
        several.write(" Seq Scan on calm  (cost=0.00..5.00 rows=4 width=40) (actual time=0.010..0.020 rows=4 loops=1)\n Execution Time: 0.050 ms\n\n"
                      " Sort  (cost=20000.00..21000.00 rows=400000 width=40) (actual time=400.000..500.000 rows=400000 loops=1)\n"
                      "   Sort Key: name\n   Sort Method: external merge  Disk: 20000kB\n"
                      "   ->  Seq Scan on wild  (cost=0.00..5000.00 rows=400000 width=40) (actual time=0.010..40.000 rows=400000 loops=1)\n"
                      " Execution Time: 520.000 ms\n");
        several.close();
        QVERIFY(several.open(QIODevice::ReadOnly));
        const QByteArray head = several.readAll();
        QVERIFY(tool_->openFile(path, head));
        QVERIFY(QTest::qWaitFor([&] { return qobject_cast<JudgedView *>(window_->page_widget) != nullptr; }, patience_ms));
        auto *view = qobject_cast<JudgedView *>(window_->page_widget);
        QCOMPARE(view->document()->plans.size(), 2U);
        QVERIFY(view->panel()->findings().empty());
        view->setPlanIndex(1);
        QVERIFY(!view->panel()->findings().empty());
        QCOMPARE(view->panel()->findings()[0].rule, std::string("sort-spill"));
        view->setPlanIndex(0);
        QVERIFY(view->panel()->findings().empty());
    }

    void plansInTheClipboardAreOffered()
    {
        QClipboard *clipboard = QGuiApplication::clipboard();
        if (clipboard->ownsClipboard())
            QSKIP("what this process copied is told apart from what others did");
        Settings &settings = Settings::instance();
        const QString plan = QStringLiteral("Seq Scan on t  (cost=0.00..5.00 rows=4 width=40)\n  Filter: (a > %1)\n");
        settings.set(Settings::watchClipboard(), false);
        clipboard->setText(plan.arg(1));
        QVERIFY(window_->offers.isEmpty()); // nobody asked for it
        settings.set(Settings::watchClipboard(), true);
        clipboard->setText(QStringLiteral("Dear colleague, the query is slow (cost is high)."));
        clipboard->setText(QString());
        QVERIFY(window_->offers.isEmpty());
        clipboard->setText(plan.arg(2));
        QCOMPARE(window_->offers.size(), qsizetype(1));
        clipboard->setText(plan.arg(2)); // the same again is no news
        QCOMPARE(window_->offers.size(), qsizetype(1));
        clipboard->setText(QStringLiteral("[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Result\",\n      \"Total Cost\": 0.01\n    }\n  }\n]"));
        QCOMPARE(window_->offers.size(), qsizetype(2));
        window_->choose();
        QVERIFY(QTest::qWaitFor([&] { return qobject_cast<JudgedView *>(window_->page_widget) != nullptr; }, patience_ms));
        QCOMPARE(qobject_cast<JudgedView *>(window_->page_widget)->document()->plans[0].nodes[0].node_type, std::string("Result"));
        settings.restore(*Settings::watchClipboard().info);
    }

    void historyMarksAFlip()
    {
        const QString sql = QStringLiteral("SELECT * FROM t WHERE id = 7");
        QVERIFY(explain(sql) != nullptr);
        must("CREATE INDEX ON t (id)");
        QVERIFY(explain(QStringLiteral("SELECT * FROM t WHERE id = 8")) != nullptr); // the same statement but for its constant
        PlanHistoryPage page(window_.get());
        page.resize(1'000, 600);
        QAbstractItemModelTester queries(page.queryModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QAbstractItemModelTester runs(page.runModel(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        page.show();
        QVERIFY(QTest::qWaitFor([&] { return page.runModel()->rowCount() == 2; }, patience_ms));
        QCOMPARE(page.queryModel()->rowCount(), 1);
        QCOMPARE(page.queryModel()->query(0).flips, std::int64_t(1));
        QVERIFY(page.runModel()->run(0).flip && !page.runModel()->run(1).flip);
        QVERIFY(page.runModel()->index(0, HistoryRunModel::Shape).data().toString().contains(QStringLiteral("flipped")));
        // Opened, and compared with the run before it.
        QSignalSpy opened(&page, &PlanHistoryPage::openRequested);
        page.runs()->selectRow(0);
        for (QPushButton *button : page.findChildren<QPushButton *>()) {
            if (button->text() == QStringLiteral("Open") || button->text() == QStringLiteral("Compare"))
                button->click();
        }
        QCOMPARE(opened.size(), 1);
        const auto compared = [this] { return qobject_cast<PlanCompare *>(window_->page_widget); };
        QVERIFY(QTest::qWaitFor([&] { return compared() != nullptr; }, patience_ms));
        QVERIFY(!compared()->diff().same_shape);
        // Out to a file and in again: nothing is there twice.
        const QString file = folder_.filePath(QStringLiteral("exported.json"));
        QSignalSpy done(&page, &PlanHistoryPage::readDone);
        page.exportTo(file);
        QVERIFY(done.wait(patience_ms));
        QVERIFY(QFileInfo(file).size() > 1'000);
        qputenv("HOWDAH_HISTORY", QFile::encodeName(folder_.filePath(QStringLiteral("another.sqlite"))));
        page.importFrom(file);
        QVERIFY(QTest::qWaitFor([&] { return window_->status.contains(QStringLiteral("2 plan")); }, patience_ms));
        page.importFrom(file);
        QVERIFY(QTest::qWaitFor([&] { return window_->status.contains(QStringLiteral("0 plan")); }, patience_ms));
    }

    void comparesWithTheRunBefore()
    {
        const QString sql = QStringLiteral("SELECT * FROM t WHERE id = 7");
        QVERIFY(explain(sql) != nullptr);
        must("CREATE INDEX ON t (id)");
        PlanPane *pane = explain(sql);
        QVERIFY(pane != nullptr);
        auto *menu = pane->findChild<CompareMenu *>();
        QVERIFY(menu != nullptr);
        const auto runs = [menu] {
            Q_EMIT menu->aboutToShow();
            QList<QAction *> found;
            for (QAction *action : menu->actions()) {
                if (action->isEnabled() && !action->isSeparator() && action->text().contains(QLatin1Char(',')))
                    found << action;
            }
            return found;
        };
        QVERIFY(QTest::qWaitFor([&] { return runs().size() == 1; }, patience_ms));
        runs().front()->trigger();
        const auto compared = [this] { return qobject_cast<PlanCompare *>(window_->page_widget); };
        QVERIFY(QTest::qWaitFor([&] { return compared() != nullptr; }, patience_ms));
        const PlanCompare *compare = compared();
        QVERIFY(!compare->diff().same_shape && !compare->diff().changes.empty());
    }

    void fixesAreTriedAndReworded()
    {
        PlanPane *pane = explain(QStringLiteral("SELECT * FROM t WHERE word = 'c4ca4238a0b923820dcc509a6f75849b'"));
        QVERIFY(pane != nullptr);
        const auto &findings = pane->panel()->findings();
        const auto scan = std::find_if(findings.begin(), findings.end(), [](const auto &finding) { return finding.rule == "seq-scan"; });
        QVERIFY(scan != findings.end());
        int before = page_->tasks;
        Q_EMIT pane->panel()->tryRequested(static_cast<std::size_t>(scan - findings.begin()));
        QVERIFY(QTest::qWaitFor([&] { return page_->tasks > before; }, patience_ms));
        auto *view = qobject_cast<WhatIfView *>(page_->pane(QStringLiteral("what_if")));
        QVERIFY(view != nullptr && view->trials().size() == 1);
        QVERIFY(!view->trials()[0].outcome); // neither HypoPG nor leave to build
        QVERIFY(view->verdict().contains(QStringLiteral("could not be tried")));
        before = page_->tasks;
        pane->startRewording();
        Q_EMIT view->rewordingRequested(); // the same text: the same rows
        QVERIFY(QTest::qWaitFor([&] { return page_->tasks > before; }, patience_ms));
        QCOMPARE(view->trials().size(), 1U);
        QVERIFY(view->trials()[0].outcome && view->trials()[0].outcome->same_rows.value_or(false));
    }

    void runningStatementsAreOffered()
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo_;
        pg::Session other(spec);
        other.query("SELECT count(*), pg_sleep(20) FROM t WHERE kind = 3", {}, [](const auto &) {});
        auto session = std::make_shared<pg::Session>(spec);
        StatementPicker picker(session, nullptr);
        QSignalSpy filled(&picker, &StatementPicker::filled);
        picker.show();
        const auto has = [&picker] {
            for (int row = 0; row < picker.table()->model()->rowCount(); ++row) {
                if (picker.table()->model()->index(row, 0).data().toString().contains(QStringLiteral("pg_sleep(20)")))
                    return row;
            }
            return -1;
        };
        QVERIFY(filled.wait(patience_ms));
        for (int i = 0; i < 20 && has() < 0; ++i) {
            picker.setSource(QStringLiteral("kept"));
            QVERIFY(filled.wait(patience_ms));
            QVERIFY(picker.remark().contains(QStringLiteral("pg_stat_statements"))); // not installed here, and it says so
            picker.setSource(QStringLiteral("running"));
            QVERIFY(filled.wait(patience_ms));
        }
        QVERIFY(has() >= 0);
        QSignalSpy chosen(&picker, &StatementPicker::chosen);
        picker.table()->setCurrentIndex(picker.table()->model()->index(has(), 0));
        Q_EMIT picker.table()->doubleClicked(picker.table()->currentIndex());
        QCOMPARE(chosen.size(), 1);
        QVERIFY(chosen[0][1].toString().contains(QStringLiteral("kind = 3")));
        other.cancelAll();
    }
};

QTEST_MAIN(TestPlanTool)
#include "tst_plan_tool.moc"
