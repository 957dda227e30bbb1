// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTableView>
#include <QTest>

#include "core/plan/what_if.h"
#include "support/test_server.h"
#include "ui/base/palette.h"
#include "ui/findings/findings_panel.h"
#include "ui/findings/what_if_view.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_compare.h"

using namespace howdah;
using namespace howdah::ui;

class TestWhatIfView : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;

    std::vector<plan::WhatIfTrial> trials(const std::vector<std::string> &statements)
    {
        plan::WhatIf tried;
        tried.statements = statements;
        tried.execute = true;
        tried.runs = 3;
        tried.build_up_to_bytes = 64LL * 1024 * 1024;
        auto found = plan::whatIfEach(*connection_, "SELECT * FROM t WHERE id = 7 ORDER BY word", tried);
        if (!found)
            qFatal("%s", found.error().text().c_str());
        return std::move(*found);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true);
        applyTheme(*qApp, Theme::Light);
        connection_ = test::freshConnection(15);
        for (const char *sql : {"CREATE TABLE t AS SELECT n AS id, md5(n::text) AS word FROM generate_series(1, 50000) n", "ANALYZE t"})
            QVERIFY2(connection_->query(sql), sql);
    }

    void theBestOfSeveralIsInFront()
    {
        WhatIfView view;
        view.resize(1'000, 600);
        view.setTrials(trials({"SET LOCAL work_mem = '8MB';", "CREATE INDEX ON t (id);", "VACUUM t;"}));
        view.show();
        QCOMPARE(view.trials().size(), 4U); // three alone, and the two that could be tried together
        QVERIFY2(view.verdict().contains(QStringLiteral("faster")), qPrintable(view.verdict()));
        QVERIFY(view.figures().contains(QStringLiteral("cold")) && view.figures().contains(QStringLiteral("median of 2")));
        QVERIFY2(view.changes().contains(QStringLiteral("Lock: SHARE on t")), qPrintable(view.changes()));
        QVERIFY(!view.shownStatements().empty());
        QVERIFY(view.compare()->isVisible());
        view.setTrial(2);
        QVERIFY(view.verdict().contains(QStringLiteral("could not be tried")));
        QVERIFY(!view.compare()->isVisible());
        view.setTrial(1);
        QVERIFY(view.compare()->isVisible());
        QCOMPARE(view.shownStatements(), (std::vector<std::string>{"CREATE INDEX ON t (id);"}));
    }

    void aWordingIsEdited()
    {
        WhatIfView view;
        view.resize(1'000, 600);
        view.setStatement(QStringLiteral("SELECT 1"));
        view.show();
        view.startRewording();
        QCOMPARE(view.rewording(), QStringLiteral("SELECT 1"));
        QSignalSpy asked(&view, &WhatIfView::rewordingRequested);
        for (QPushButton *button : view.findChildren<QPushButton *>()) {
            if (button->isVisible() && button->text().contains(QStringLiteral("wording")))
                button->click();
        }
        QCOMPARE(asked.size(), 1);
        std::vector<plan::WhatIfTrial> one;
        plan::WhatIf tried;
        tried.execute = true;
        tried.rewrite = "SELECT count(*) + 1 FROM t";
        one.push_back({{tried.rewrite}, false, plan::whatIf(*connection_, "SELECT count(*) FROM t", tried)});
        view.setTrials(std::move(one));
        QVERIFY2(view.verdict().contains(QStringLiteral("not give the same rows")), qPrintable(view.verdict()));
    }

    void bothTreesShareASelection()
    {
        auto found = trials({"CREATE INDEX ON t (id);"});
        const plan::WhatIfOutcome &outcome = *found[0].outcome;
        PlanCompare compare;
        compare.resize(1'000, 700);
        compare.setSides({*readPlanDocument(outcome.before_source), 0}, QStringLiteral("BEFORE"), {*readPlanDocument(outcome.after_source), 0},
                         QStringLiteral("AFTER"));
        compare.show();
        QAbstractItemModelTester tester(compare.table()->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(!compare.diff().same_shape);
        QVERIFY(compare.selectedRow() >= 0);
        for (int row = 0; row < compare.table()->model()->rowCount(); ++row) {
            compare.selectRow(row);
            const plan::NodeDiff &node = compare.diff().nodes[static_cast<std::size_t>(row)];
            if (node.before != plan::no_node)
                QCOMPARE(compare.canvas(false)->selected(), std::optional(node.before));
            if (node.after != plan::no_node)
                QCOMPARE(compare.canvas(true)->selected(), std::optional(node.after));
        }
        // The other way: a node of one tree selects its partner.
        compare.canvas(false)->select(0);
        QCOMPARE(compare.canvas(true)->selected(), std::optional<plan::NodeId>(0));
        compare.table()->sortByColumn(PlanDeltaModel::Alone, Qt::AscendingOrder);
        QVERIFY(compare.table()->model()->index(0, PlanDeltaModel::Alone).data(PlanDeltaModel::FigureRole).isValid());
    }

    void allFixesAtOnce()
    {
        FindingsPanel panel;
        plan::Finding one, two;
        one.message = two.message = "It is slow.";
        one.fix_sql = {"ANALYZE t;"};
        panel.setFindings({one, two}, true);
        const auto all = [&panel] {
            for (QPushButton *button : panel.findChildren<QPushButton *>()) {
                if (button->text() == QStringLiteral("Try all"))
                    return button;
            }
            return static_cast<QPushButton *>(nullptr);
        };
        QVERIFY(all() == nullptr); // one fix needs no such button
        two.fix_sql = {"SET LOCAL work_mem = '8MB';"};
        panel.setFindings({one, two}, true);
        QVERIFY(all() != nullptr);
        QSignalSpy asked(&panel, &FindingsPanel::tryAllRequested);
        all()->click();
        QCOMPARE(asked.size(), 1);
        panel.setFindings({one, two}, false);
        QVERIFY(all() == nullptr);
    }
};

QTEST_MAIN(TestWhatIfView)
#include "tst_what_if_view.moc"
