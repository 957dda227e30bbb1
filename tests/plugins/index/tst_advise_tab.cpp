// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QMenu>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTest>

#include "plugins/activity/test_context.h"
#include "plugins/index/advice_details.h"
#include "plugins/index/advise_tab.h"
#include "plugins/index/frontier_view.h"
#include "plugins/index/index_page.h"
#include "plugins/index/index_tool.h"
#include "plugins/index/judged_details.h"
#include "plugins/index/plans_view.h"
#include "plugins/index/verify_tab.h"
#include "support/test_server.h"
#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"
#include "ui/plan/plan_compare.h"
#include "ui/table/table_view.h"

using namespace howdah;
using namespace howdah::index_tool;

namespace {

constexpr int patience_ms = 60'000;

void run(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto opened = pg::Connection::open(spec);
    if (!opened)
        qFatal("%s", opened.error().text().c_str());
    if (const auto outcome = (*opened)->run(sql); outcome.error)
        qFatal("%s", outcome.error->text().c_str());
}

QString ask(const std::string &conninfo, const std::string &sql)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    const auto opened = pg::Connection::open(spec);
    const auto answer = (*opened)->query(sql);
    return answer && answer->result->rowCount() > 0 ? QString::fromStdString(std::string(answer->result->cell(0, 0).text)) : QStringLiteral("?");
}

const char *const shop = R"(
CREATE TABLE customers (id int PRIMARY KEY, email text, country text, signed_up timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int REFERENCES customers, status text, created_at timestamptz, total numeric, tags text[]);
INSERT INTO customers SELECT i, 'c' || i || '@example.org', 'k' || i % 50, now() - i * interval '1 h' FROM generate_series(1, 20000) i;
INSERT INTO orders SELECT i, 1 + i * 7919 % 20000, CASE WHEN i % 200 = 0 THEN 'new' ELSE 'done' END, now() - i * interval '1 min', i % 977, ARRAY['t' || i % 3000] FROM generate_series(1, 100000) i;
CREATE INDEX orders_customer_id_idx ON orders (customer_id);
VACUUM ANALYZE;
)";

const char *const queries = R"(
-- weight: 50
SELECT * FROM orders WHERE customer_id = 4711 ORDER BY created_at DESC LIMIT 10;
-- weight: 20
SELECT * FROM customers WHERE lower(email) = 'c77@example.org';
-- weight: 5
SELECT id, total FROM orders WHERE status = 'new' AND total > 900;
SELECT * FROM orders WHERE tags @> ARRAY['t42'];
SELECT count(*) FROM orders;
SELECT * FROM nowhere WHERE a = 1;
)";

struct Shown {
    explicit Shown(const std::string &conninfo, bool read_only = false, QSize size = {1000, 720}) : context(conninfo)
    {
        context.read_only = read_only;
        page = std::make_unique<IndexPage>(&context);
        advise = new AdviseTab(&context);
        verify = new VerifyTab(&context);
        page->addTab(QStringLiteral("advise"), QStringLiteral("Advise"), {}, [this] { return advise; });
        page->addTab(QStringLiteral("verify"), QStringLiteral("Verify"), {}, [this] { return verify; });
        static_cast<void>(page->tab(QStringLiteral("verify"))); // belongs to the page from now on
        QObject::connect(advise, &AdviseTab::built, verify, &VerifyTab::read);
        page->resize(size);
        page->show();
        advise->bar()->budgetBox()->setValue(0);
        advise->bar()->mostBox()->setValue(0);
        advise->bar()->writesBox()->setValue(0);
    }
    bool advised(const QString &sql) const
    {
        QSignalSpy done(advise, &AdviseTab::advised);
        advise->adviseFor(sql);
        return done.wait(patience_ms) && advise->advice() != nullptr;
    }
    [[nodiscard]] QStringList ddls() const
    {
        QStringList all;
        for (const index::AdvisedIndex &one : advise->advice()->indexes)
            all << QString::fromStdString(one.nameless_ddl);
        return all;
    }
    test::TestContext context;
    std::unique_ptr<IndexPage> page;
    AdviseTab *advise = nullptr;
    VerifyTab *verify = nullptr;
};

} // namespace

class TestAdviseTab : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(folder_.isValid());
        qputenv("HOWDAH_INDEX_LEDGER", folder_.filePath(QStringLiteral("indexes.sqlite")).toUtf8());
        conninfo_ = test::freshDatabase(15);
        run(conninfo_, shop);
    }

    void showsTheSetItsProofAndItsQueries()
    {
        const Shown shown(conninfo_);
        QAbstractItemModelTester indexes(shown.advise->indexesTable()->filter()->sourceModel());
        QAbstractItemModelTester all_queries(shown.advise->queriesTable()->filter()->sourceModel());
        QAbstractItemModelTester remarks(shown.advise->remarksTable()->filter()->sourceModel());
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        const SharedAdvice advice = shown.advise->advice();
        QVERIFY2(advice->indexes.size() >= 3, qPrintable(shown.ddls().join(QLatin1Char('\n'))));
        QCOMPARE(shown.advise->indexesTable()->model()->rowCount(), static_cast<int>(advice->indexes.size()));
        QCOMPARE(shown.advise->queriesTable()->model()->rowCount(), 5);
        // What is left out is said, and so is what becomes redundant.
        QString said;
        for (int row = 0; row < shown.advise->remarksTable()->model()->rowCount(); ++row)
            said += shown.advise->remarksTable()->model()->index(row, 0).data().toString() + QLatin1Char(':') + shown.advise->remarksTable()->model()->index(row, 1).data().toString() + QLatin1Char('\n');
        QVERIFY2(said.contains(QStringLiteral("left out:")) && said.contains(QStringLiteral("nowhere")), qPrintable(said));
        // Each index says why, and leads to its queries.
        QVERIFY(!shown.advise->details()->title().isEmpty());
        QVERIFY(!shown.advise->details()->text().trimmed().isEmpty());
        QVERIFY(shown.advise->details()->sql().contains(QStringLiteral("CREATE INDEX CONCURRENTLY")));
        QVERIFY(!shown.advise->summary().isEmpty());
        shown.advise->filter()->setText(QStringLiteral("lower email"));
        QCOMPARE(shown.advise->indexesTable()->model()->rowCount(), 1);
        QCOMPARE(shown.advise->queriesTable()->model()->rowCount(), 1);
        shown.advise->filter()->clear();
        shown.advise->indexesTable()->selectAll();
        shown.advise->indexesTable()->copySelection();
        QCOMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), static_cast<int>(advice->indexes.size()) + 1);
    }

    void aQueryHasItsPlansBeforeAndAfter()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.advised(QStringLiteral("SELECT * FROM customers WHERE lower(email) = 'c77@example.org'")));
        shown.advise->lists()->setCurrent(QStringLiteral("queries"));
        shown.advise->queriesTable()->setCurrentIndex(shown.advise->queriesTable()->model()->index(0, 0));
        QVERIFY(shown.advise->details()->text().contains(QStringLiteral("→")));
        shown.advise->showPlans(0);
        QVERIFY(shown.advise->plans()->isVisible());
        QVERIFY(!shown.advise->plans()->compare()->diff().same_shape);
        QVERIFY(!shown.advise->plans()->compare()->diff().changes.empty());
        shown.advise->plans()->backButton()->click();
        QVERIFY(!shown.advise->plans()->isVisible());
    }

    void aPointOfTheFrontierBecomesTheSet()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        FrontierView *frontier = shown.advise->frontier();
        const int last = static_cast<int>(frontier->points().size()) - 1;
        QVERIFY(last >= 2);
        QVERIFY(frontier->current() > 0);
        const double whole = shown.advise->advice()->cost_after;
        const std::size_t all = shown.advise->advice()->indexes.size();
        QSignalSpy priced(shown.advise, &AdviseTab::priced);
        QTest::mouseClick(frontier, Qt::LeftButton, {}, frontier->placeOf(1).toPoint());
        QCOMPARE(frontier->current(), 1);
        QVERIFY(priced.wait(patience_ms));
        QVERIFY(shown.advise->advice()->indexes.size() < all);
        QVERIFY(!shown.advise->advice()->indexes.empty());
        QVERIFY(shown.advise->advice()->cost_after > whole);
        QVERIFY(shown.advise->advice()->cost_after < shown.advise->advice()->cost_before);
        // By keys to where nothing is built; what it costs then is what it costs now.
        frontier->setFocus();
        QTest::keyClick(frontier, Qt::Key_Home);
        QVERIFY(priced.wait(patience_ms));
        QVERIFY(shown.advise->advice()->indexes.empty());
        QCOMPARE(shown.advise->advice()->cost_after, shown.advise->advice()->cost_before);
        QVERIFY(!shown.advise->applyButton()->isEnabled());
        // One that was seen is there at once.
        QTest::keyClick(frontier, Qt::Key_Right);
        QCOMPARE(priced.size(), 3);
        QVERIFY(!shown.advise->advice()->indexes.empty());
    }

    void anIndexIsLeftOut()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        const QStringList before = shown.ddls();
        QSignalSpy priced(shown.advise, &AdviseTab::priced);
        shown.advise->leaveOut({0});
        QVERIFY(priced.wait(patience_ms));
        QCOMPARE(QSet<QString>(before.cbegin() + 1, before.cend()), QSet<QString>([&] { const QStringList now = shown.ddls(); return QSet<QString>(now.cbegin(), now.cend()); }()));
        shown.advise->keepOnly({0});
        QVERIFY(priced.wait(patience_ms));
        QCOMPARE(shown.ddls().size(), 1);
    }

    void limitsAreKept()
    {
        const Shown shown(conninfo_);
        shown.advise->bar()->mostBox()->setValue(1);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        QCOMPARE(shown.advise->advice()->indexes.size(), 1U);
        shown.advise->bar()->mostBox()->setValue(0);
        shown.advise->bar()->budgetBox()->setValue(1);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        std::int64_t bytes = 0;
        for (const index::AdvisedIndex &one : shown.advise->advice()->indexes)
            bytes += one.size_bytes;
        QVERIFY(bytes <= 1024 * 1024 * 11 / 10);
        shown.advise->bar()->budgetBox()->setValue(0);
        shown.advise->bar()->writesBox()->setValue(7);
        QCOMPARE(shown.advise->bar()->wish().options.write_budget, 0.07);
        shown.advise->bar()->writesBox()->setValue(0);
        for (QAction *method : shown.advise->bar()->methodsButton()->menu()->actions())
            method->setChecked(method->text() == QStringLiteral("gin"));
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        for (const index::AdvisedIndex &one : shown.advise->advice()->indexes)
            QCOMPARE(one.candidate.method, std::string("gin"));
        for (QAction *method : shown.advise->bar()->methodsButton()->menu()->actions())
            method->setChecked(true);
    }

    void measuresWhereItIsAskedTo()
    {
        const Shown shown(conninfo_);
        shown.advise->bar()->measureBox()->setChecked(true);
        QVERIFY(shown.advised(QStringLiteral("SELECT * FROM orders WHERE tags @> ARRAY['t42']")));
        QCOMPARE(shown.advise->advice()->indexes.size(), 1U);
        QCOMPARE(shown.advise->advice()->indexes.front().proof, index::Proof::Copy);
        // No plan can be pretended for it; there is the one of the sample.
        shown.advise->showPlans(0);
        QVERIFY(shown.advise->plans()->isVisible());
        QVERIFY(!shown.advise->plans()->compare()->diff().same_shape);
    }

    void answersWhyNot()
    {
        const Shown shown(conninfo_);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        QSignalSpy answered(shown.advise, &AdviseTab::answered);
        shown.advise->whyField()->setText(QStringLiteral("CREATE INDEX ON orders (customer_id)"));
        QTest::keyClick(shown.advise->whyField(), Qt::Key_Return);
        QVERIFY(answered.wait(patience_ms));
        QVERIFY2(shown.advise->details()->text().contains(QStringLiteral("orders_customer_id_idx")), qPrintable(shown.advise->details()->text()));
        shown.advise->whyField()->setText(QStringLiteral("CREATE INDEX ON orders (total)"));
        shown.advise->askWhy();
        QVERIFY(answered.wait(patience_ms));
        QVERIFY(!shown.advise->details()->text().trimmed().isEmpty());
        shown.advise->whyField()->setText(QStringLiteral("DROP TABLE orders"));
        shown.advise->askWhy();
        QVERIFY(answered.wait(patience_ms));
        QVERIFY(shown.advise->details()->text().contains(QStringLiteral("CREATE INDEX")));
        QCOMPARE(ask(conninfo_, "SELECT count(*) FROM orders"), QStringLiteral("100000"));
    }

    void isBuiltAndLookedAtAgain()
    {
        const std::string conninfo = test::freshDatabase(15);
        run(conninfo, shop);
        Shown shown(conninfo);
        QVERIFY(shown.advised(QString::fromLatin1(queries)));
        const std::size_t indexes = shown.advise->advice()->indexes.size();
        shown.advise->timeBox()->setChecked(true);
        shown.advise->applyButton()->click();
        QTRY_VERIFY_WITH_TIMEOUT(!shown.context.offered.steps.empty(), patience_ms);
        // What becomes redundant is dropped with them only when that is asked for.
        QCOMPARE(shown.context.offered.steps.size(), indexes);
        QSignalSpy built(shown.advise, &AdviseTab::built);
        QVERIFY(shown.context.runOffered().done());
        QVERIFY(built.wait(patience_ms));
        QCOMPARE(ask(conninfo, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"), QString::number(indexes + 3));

        shown.page->showTab(QStringLiteral("verify"));
        QTRY_COMPARE_WITH_TIMEOUT(shown.verify->setsTable()->model()->rowCount(), 1, patience_ms);
        QAbstractItemModelTester sets(shown.verify->setsTable()->filter()->sourceModel());
        QAbstractItemModelTester judged(shown.verify->indexesTable()->filter()->sourceModel());
        QAbstractItemModelTester fared(shown.verify->queriesTable()->filter()->sourceModel());
        QCOMPARE(shown.verify->indexesTable()->model()->rowCount(), static_cast<int>(indexes));
        QCOMPARE(shown.verify->queriesTable()->model()->rowCount(), 5);
        QVERIFY(!shown.verify->dropButton()->isEnabled());
        QSignalSpy looked(shown.verify, &VerifyTab::looked);
        shown.verify->lookAgain();
        QVERIFY(looked.wait(patience_ms));
        QTRY_VERIFY_WITH_TIMEOUT(shown.verify->chosen() && shown.verify->chosen()->looked_ms > 0, patience_ms);
        QCOMPARE(shown.verify->chosen()->verdict, std::string("helped"));
        const auto &before = shown.verify->chosen()->before;
        QVERIFY(std::any_of(before.begin(), before.end(), [](const index::QueryState &one) { return one.ms.has_value(); }));
        shown.verify->showPlans(0);
        QVERIFY(shown.verify->plans()->isVisible());
        shown.verify->plans()->backButton()->click();

        // One that no query wants any more is offered for dropping.
        run(conninfo, "DROP TABLE orders CASCADE; CREATE INDEX customers_country_idx ON customers (country)");
        looked.clear();
        shown.verify->lookAgain();
        QVERIFY(looked.wait(patience_ms));
        QVERIFY(!shown.verify->dropButton()->isEnabled());
        QTRY_COMPARE_WITH_TIMEOUT(shown.verify->chosen()->verdict, std::string("partly"), patience_ms);
    }

    void whatDidNotHelpIsDropped()
    {
        const std::string conninfo = test::freshDatabase(15);
        run(conninfo, shop);
        run(conninfo, "CREATE INDEX customers_country_idx ON customers (country)");
        index::Applied applied;
        applied.at_ms = index::nowMs() - 2 * index::reminder_ms;
        applied.indexes.push_back({"public.customers_country_idx", "customers", "CREATE INDEX customers_country_idx ON public.customers USING btree (country)", "btree", "what-if", 400'000, 10, 0, {}});
        index::QueryState state;
        state.text = "SELECT * FROM customers WHERE id = 7";
        state.cost = 8;
        applied.before.push_back(state);
        {
            pg::ConnectionSpec spec;
            spec.conninfo = conninfo;
            const auto connection = pg::Connection::open(spec);
            QVERIFY(connection.has_value());
            applied.server = index::serverName(**connection);
            auto ledger = index::Ledger::open(index::Ledger::defaultFile());
            QVERIFY(ledger.has_value());
            QVERIFY((*ledger)->record(applied).has_value());
            QCOMPARE((*ledger)->due(applied.server, index::nowMs())->size(), 1U);
        }
        Shown shown(conninfo);
        shown.page->showTab(QStringLiteral("verify"));
        QTRY_COMPARE_WITH_TIMEOUT(shown.verify->setsTable()->model()->rowCount(), 1, patience_ms);
        QSignalSpy looked(shown.verify, &VerifyTab::looked);
        shown.verify->lookAgain();
        QVERIFY(looked.wait(patience_ms));
        QVERIFY(shown.verify->dropButton()->isEnabled());
        shown.verify->dropButton()->click();
        QCOMPARE(shown.context.offered.steps.size(), 1U);
        QVERIFY(QString::fromStdString(shown.context.offered.steps.front().undo_sql).contains(QStringLiteral("CREATE INDEX CONCURRENTLY customers_country_idx")));
        QVERIFY(shown.context.runOffered().done());
        QCOMPARE(ask(conninfo, "SELECT count(*) FROM pg_class WHERE relname = 'customers_country_idx'"), QStringLiteral("0"));
        QVERIFY(looked.wait(patience_ms));
        // Looked at, it is not reminded of again.
        auto ledger = index::Ledger::open(index::Ledger::defaultFile());
        QCOMPARE((*ledger)->due(applied.server, index::nowMs())->size(), 0U);
    }

    void remindsADayLater()
    {
        const std::string conninfo = test::freshDatabase(15);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        index::Applied applied;
        {
            const auto connection = pg::Connection::open(spec);
            applied.server = index::serverName(**connection);
        }
        applied.at_ms = index::nowMs() - index::reminder_ms - 1000;
        applied.indexes.push_back({"public.a", "t", "CREATE INDEX a ON t (a)", "btree", "what-if", 1, 1, 0, {}});
        auto ledger = index::Ledger::open(index::Ledger::defaultFile());
        QVERIFY((*ledger)->record(applied).has_value());
        test::TestContext context({});
        IndexTool tool;
        tool.initialize(context);
        context.switchTo(conninfo);
        QTRY_VERIFY_WITH_TIMEOUT(context.status.contains(QStringLiteral("a day old")), patience_ms);
    }

    void withoutPgStatStatementsItSaysHowToGetIt()
    {
        const Shown shown(conninfo_);
        QSignalSpy done(shown.advise, &AdviseTab::advised);
        shown.advise->bar()->setSource(WorkloadSource::Kept);
        shown.advise->start();
        QVERIFY(done.wait(patience_ms));
        QVERIFY(shown.advise->missing()->isVisible());
        shown.advise->bar()->setSource(WorkloadSource::Statements);
        QVERIFY(!shown.advise->missing()->isVisible());
    }

    void readsFilesAndLogs()
    {
        const Shown shown(conninfo_);
        const QString path = folder_.filePath(QStringLiteral("queries.sql"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(queries);
        file.close();
        QSignalSpy done(shown.advise, &AdviseTab::advised);
        shown.advise->bar()->setSource(WorkloadSource::File);
        shown.advise->bar()->setFile(path);
        shown.advise->start();
        QVERIFY(done.wait(patience_ms));
        QVERIFY(shown.advise->advice());
        QCOMPARE(shown.advise->advice()->queries.size(), 5U);
        // Of one table alone.
        shown.advise->bar()->setRelation(QStringLiteral("public"), QStringLiteral("customers"));
        shown.advise->start();
        QVERIFY(done.wait(patience_ms));
        QCOMPARE(shown.advise->advice()->queries.size(), 1U);
        shown.advise->bar()->setRelation({}, {});
        shown.advise->bar()->setFile(folder_.filePath(QStringLiteral("nowhere.sql")));
        shown.advise->start();
        QVERIFY(done.wait(patience_ms));
        QVERIFY(!shown.advise->banner()->sentence().isEmpty());
    }

    void isStopped()
    {
        QString many;
        for (int i = 0; i < 400; ++i)
            many += QStringLiteral("SELECT o.*, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.total = %1 AND c.country = 'k%2' AND o.status = 'new' ORDER BY o.created_at LIMIT %3;\n"
                                   "SELECT count(*), avg(o.total + %1) FROM orders o WHERE o.customer_id > %2 AND o.created_at > now() - interval '%3 days' AND o.id % %4 = 0;\n").arg(i).arg(i % 50).arg(i + 1).arg(i + 2)
                        .replace(QStringLiteral("o.*"), QStringLiteral("o.*, %1 + o.id AS x%1").arg(i));
        const Shown shown(conninfo_);
        QSignalSpy done(shown.advise, &AdviseTab::advised);
        shown.advise->adviseFor(many);
        QVERIFY(shown.advise->isRunning());
        QTest::qWait(150);
        if (done.isEmpty()) {
            shown.advise->stop();
            shown.advise->stop();
            QVERIFY(done.wait(10'000));
        }
        QVERIFY(!shown.advise->isRunning());
        QVERIFY(shown.advised(QStringLiteral("SELECT * FROM customers WHERE lower(email) = 'c77@example.org'")));
    }

    void aReadOnlyConnectionOffersNoWrite()
    {
        Shown shown(conninfo_, true);
        QVERIFY(shown.advised(QStringLiteral("SELECT * FROM customers WHERE lower(email) = 'c77@example.org'")));
        QVERIFY(!shown.advise->applyButton()->isEnabled());
        QVERIFY(!shown.advise->applyButton()->toolTip().isEmpty());
        shown.advise->apply();
        QTest::qWait(50);
        QVERIFY(shown.context.offered.steps.empty());
    }

    void anotherConnectionStartsAnew()
    {
        Shown shown(conninfo_);
        QVERIFY(shown.advised(QStringLiteral("SELECT * FROM customers WHERE lower(email) = 'c77@example.org'")));
        shown.context.switchTo(test::freshDatabase(15));
        QVERIFY(!shown.advise->advice());
        QCOMPARE(shown.advise->indexesTable()->model()->rowCount(), 0);
    }

    void aTableOffersAdvice()
    {
        test::TestContext context(conninfo_);
        IndexTool tool;
        tool.initialize(context);
        QObject owner;
        const auto actions = tool.objectActions({QStringLiteral("table"), QStringLiteral("public"), QStringLiteral("orders")}, &owner);
        QCOMPARE(actions.size(), 2);
        std::unique_ptr<QWidget> widget(tool.createPage(nullptr, nullptr));
        auto *tab = static_cast<AdviseTab *>(static_cast<IndexPage *>(widget.get())->tab(QStringLiteral("advise")));
        QSignalSpy done(tab, &AdviseTab::advised);
        widget->show();
        actions.last()->trigger();
        QVERIFY(done.wait(patience_ms));
        QCOMPARE(tab->bar()->source(), WorkloadSource::Kept);
        QCOMPARE(tab->bar()->wish().relation, QStringLiteral("orders"));
    }

    /// For people to look at: HOWDAH_PICTURES=folder.
    void pictures()
    {
        const QString folder = qEnvironmentVariable("HOWDAH_PICTURES");
        if (folder.isEmpty())
            QSKIP("HOWDAH_PICTURES names no folder");
        QDir().mkpath(folder);
        const std::string conninfo = test::freshDatabase(15);
        run(conninfo, shop);
        for (const bool dark : {false, true}) {
            ui::applyTheme(*qApp, dark ? ui::Theme::Dark : ui::Theme::Light);
            for (const QSize size : {QSize(960, 690), QSize(1580, 960)}) {
                Shown shown(conninfo, false, size);
                const QString name = QStringLiteral("%1/advise_%2_%3").arg(folder, dark ? QStringLiteral("dark") : QStringLiteral("light")).arg(size.width());
                const auto picture = [&](const char *what) {
                    QTest::qWait(60);
                    shown.page->grab().save(name + QLatin1Char('_') + QLatin1String(what) + QStringLiteral(".png"));
                };
                picture("0_intro");
                shown.advise->bar()->measureBox()->setChecked(size.width() > 1000);
                shown.advise->bar()->budgetBox()->setValue(size.width() > 1000 ? 6 : 0);
                QVERIFY(shown.advised(QString::fromLatin1(queries)));
                picture("1_set");
                shown.advise->lists()->setCurrent(QStringLiteral("queries"));
                shown.advise->queriesTable()->setCurrentIndex(shown.advise->queriesTable()->model()->index(0, 0));
                picture("2_queries");
                shown.advise->lists()->setCurrent(QStringLiteral("remarks"));
                shown.advise->remarksTable()->setCurrentIndex(shown.advise->remarksTable()->model()->index(0, 0));
                picture("3_remarks");
                QSignalSpy answered(shown.advise, &AdviseTab::answered);
                shown.advise->lists()->setCurrent(QStringLiteral("indexes"));
                shown.advise->whyField()->setText(QStringLiteral("CREATE INDEX ON orders (customer_id)"));
                shown.advise->askWhy();
                QVERIFY(answered.wait(patience_ms));
                picture("4_why");
                QSignalSpy priced(shown.advise, &AdviseTab::priced);
                shown.advise->leaveOut({0});
                QVERIFY(priced.wait(patience_ms));
                picture("5_without");
                for (std::size_t i = 0; i < shown.advise->advice()->queries.size(); ++i) {
                    if (!shown.advise->advice()->queries[i].plan_after.empty())
                        shown.advise->showPlans(i);
                }
                picture("6_plans");
                shown.advise->plans()->backButton()->click();
                shown.page->showTab(QStringLiteral("verify"));
                picture("7_nothing");
                shown.page->showTab(QStringLiteral("advise"));
                shown.advise->timeBox()->setChecked(true);
                shown.advise->applyButton()->click();
                QTRY_VERIFY_WITH_TIMEOUT(!shown.context.offered.steps.empty(), patience_ms);
                QSignalSpy built(shown.advise, &AdviseTab::built);
                QVERIFY(shown.context.runOffered().done());
                QVERIFY(built.wait(patience_ms));
                picture("8_built");
                shown.page->showTab(QStringLiteral("verify"));
                QTest::qWait(300);
                QSignalSpy looked(shown.verify, &VerifyTab::looked);
                shown.verify->lookAgain();
                QVERIFY(looked.wait(patience_ms));
                QTest::qWait(200);
                picture("9_verify");
                shown.verify->lists()->setCurrent(QStringLiteral("queries"));
                shown.verify->queriesTable()->setCurrentIndex(shown.verify->queriesTable()->model()->index(0, 0));
                picture("9_verify_queries");
                for (const migration::ChangeStep &step : shown.context.offered.steps)
                    run(conninfo, step.undo_sql);
                QSignalSpy read(shown.verify, &VerifyTab::readFinished);
                shown.verify->forget();
                QVERIFY(read.wait(patience_ms));
            }
        }
        ui::applyTheme(*qApp, ui::Theme::Light);
    }

private:
    QTemporaryDir folder_;
    std::string conninfo_;
};

QTEST_MAIN(TestAdviseTab)
#include "tst_advise_tab.moc"
