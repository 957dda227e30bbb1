// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QMenu>
#include <QTextBlock>

#include "plan_documents.h"
#include "ui/base/palette.h"
#include "ui/plan/plan_inks.h"
#include "ui/plan/plan_text_pane.h"
#include "ui/plan/plan_view.h"
#include "ui/plan/text_folds.h"

using namespace howdah;
using namespace howdah::ui;
using howdah::test::documentFrom;
using howdah::test::documentOf;

namespace {

const QString small = QStringLiteral("Limit  (cost=0.00..0.30 rows=4 width=8) (actual time=0.010..0.020 rows=4 loops=1)\n" // 0
                                     "  ->  Sort  (cost=0.00..0.30 rows=4 width=8)\n"                                       // 1
                                     "        Sort Key: a\n"                                                               // 2
                                     "        Sort Method: external merge  Disk: 8232kB\n"                                 // 3
                                     "        ->  Seq Scan on t  (cost=0.00..9.00 rows=90 width=8) (never executed)\n"     // 4
                                     "              Filter: (a = 'x y'::text)\n"                                           // 5
                                     "Planning Time: 0.100 ms\n");                                                         // 6

QColor colourAt(const QList<QTextLayout::FormatRange> &ranges, const QString &line, const char *words)
{
    const auto at = line.indexOf(QLatin1String(words));
    for (const auto &range : ranges) {
        if (at >= range.start && at < range.start + range.length)
            return range.format.foreground().color();
    }
    return {};
}

std::vector<int> shown(const PlanTextPane &pane)
{
    std::vector<int> lines;
    for (QTextBlock block = pane.document()->begin(); block.isValid(); block = block.next()) {
        if (block.isVisible())
            lines.push_back(block.blockNumber());
    }
    return lines;
}

} // namespace

class TestPlanText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { applyTheme(*qApp, Theme::Light); }

    void linesFoldByIndentation()
    {
        TextFolds folds(small);
        QCOMPARE(folds.lines(), 8);
        QCOMPARE(folds.end(0), 5);
        QCOMPARE(folds.end(1), 5);
        QCOMPARE(folds.end(4), 5);
        QVERIFY(!folds.canFold(2) && !folds.canFold(5) && !folds.canFold(6));
        QCOMPARE(folds.head(5), 4);
        QCOMPARE(folds.head(4), 1);
        QCOMPARE(folds.head(6), -1);
        folds.setFolded(4, true);
        folds.setFolded(2, true); // has nothing to fold
        QCOMPARE(folds.visible(), (std::vector<bool>{true, true, true, true, true, false, true, true}));
        folds.setFolded(1, true);
        folds.setFolded(1, false); // what was folded within stays so
        QCOMPARE(folds.visible(), (std::vector<bool>{true, true, true, true, true, false, true, true}));
        folds.setAllFolded(true);
        QCOMPARE(folds.visible(), (std::vector<bool>{true, false, false, false, false, false, true, true}));
        TextFolds json(QStringLiteral("[\n  {\n    \"Plan\": {\n\n      \"a\": 1\n    }\n  }\n]"));
        QCOMPARE(json.end(0), 6);
        QCOMPARE(json.end(2), 4);
        QCOMPARE(TextFolds(QString()).lines(), 1);
    }

    void foldingIsLinear()
    {
        QString deep;
        for (int i = 0; i < 20'000; ++i)
            deep += QString(i % 5'000, QLatin1Char(' ')) + QStringLiteral("x\n");
        QElapsedTimer timer;
        timer.start();
        TextFolds folds(deep);
        folds.setAllFolded(true);
        QCOMPARE(std::count(folds.visible().begin(), folds.visible().end(), true) >= 0, true);
        QVERIFY2(timer.elapsed() < 2'000, qPrintable(QString::number(timer.elapsed())));
    }

    void wordsHaveTheirInks()
    {
        const Colors &c = colors();
        const QStringList lines = small.split(QLatin1Char('\n'));
        const auto colour = [&](int line, const char *words) {
            return colourAt(planTextInks(lines[line]), lines[line], words);
        };
        QCOMPARE(colour(0, "Limit"), c.accent_ink);
        QCOMPARE(colour(0, "cost="), c.dim);
        QCOMPARE(colour(0, "actual"), QColor());
        QCOMPARE(colour(2, "Sort Key"), c.dim);
        QCOMPARE(colour(3, "Disk"), c.warn_ink);
        QCOMPARE(colour(4, "Seq Scan"), c.accent_ink);
        QCOMPARE(colour(4, "on t"), QColor());
        QCOMPARE(colour(4, "never"), c.dim);
        QCOMPARE(colour(5, "'x y'"), c.good_ink);
        const QString json = QStringLiteral("    \"Node Type\": \"Seq \\\" Scan\", \"Parallel Aware\": false, \"n\": 1");
        QCOMPARE(colourAt(jsonInks(json), json, "\"Node"), c.accent_ink);
        QCOMPARE(colourAt(jsonInks(json), json, "\"Seq"), c.good_ink);
        QCOMPARE(colourAt(jsonInks(json), json, "Scan\","), c.good_ink);
        QCOMPARE(colourAt(jsonInks(json), json, "false"), c.warn_ink);
        QCOMPARE(colourAt(jsonInks(json), json, "1"), QColor());
    }

    void panesFold()
    {
        PlanTextPane pane;
        pane.resize(700, 300);
        pane.setPlain(small);
        pane.show();
        QCOMPARE(shown(pane).size(), std::size_t(8));
        QVERIFY(!pane.document()->begin().layout()->formats().isEmpty() || QTest::qWaitFor([&] {
            return !pane.document()->begin().layout()->formats().isEmpty();
        }));
        // At a line that folds nothing, the node it belongs to is folded.
        pane.setTextCursor(QTextCursor(pane.document()->findBlockByNumber(2)));
        QTest::keyClick(&pane, Qt::Key_Minus);
        QCOMPARE(shown(pane), (std::vector<int>{0, 1, 6, 7}));
        QCOMPARE(pane.textCursor().blockNumber(), 1);
        QTest::keyClick(&pane, Qt::Key_Minus); // again: the one above
        QCOMPARE(shown(pane), (std::vector<int>{0, 6, 7}));
        QTest::keyClick(&pane, Qt::Key_Plus);
        QCOMPARE(shown(pane), (std::vector<int>{0, 1, 6, 7}));
        // The margin beside the second line.
        const QRect line = pane.cursorRect(QTextCursor(pane.document()->findBlockByNumber(1)));
        QWidget *margin = pane.childAt(QPoint(8, line.center().y() + pane.viewport()->y()));
        QVERIFY(margin != nullptr && margin != pane.viewport());
        QTest::mouseClick(margin, Qt::LeftButton, {}, QPoint(8, line.center().y() + pane.viewport()->y() - margin->y()));
        QCOMPARE(shown(pane).size(), std::size_t(8));
        pane.setAllFolded(true);
        QCOMPARE(shown(pane), (std::vector<int>{0, 6, 7}));
        QCOMPARE(pane.toPlainText(), small); // all of it can still be copied
        pane.setPlain(small);
        QCOMPARE(shown(pane).size(), std::size_t(8));
    }

    void aSelectedNodeIsUnfolded()
    {
        PlanView view;
        view.resize(1'000, 700);
        view.setDocument(documentFrom("sleep/pg18/05_initplan_deep.json"));
        view.setTab(QStringLiteral("text"));
        view.show();
        PlanTextPane *text = nullptr;
        for (auto *pane : view.findChildren<PlanTextPane *>())
            text = pane->isVisible() ? pane : text;
        QVERIFY(text != nullptr);
        text->setAllFolded(true);
        const plan::NodeId last = static_cast<plan::NodeId>(view.document()->plans[0].nodes.size() - 1);
        view.selectNode(last);
        QVERIFY(text->textCursor().block().isVisible());
        QVERIFY(text->textCursor().block().text().contains(QStringLiteral("->")));
        QVERIFY(text->folds().anyFolded()); // only what hid it is open
    }

    void tenThousandNodesFold()
    {
        const auto document = documentOf(test::manyPartitions(10'000));
        PlanTextPane pane;
        pane.resize(900, 600);
        pane.show();
        pane.setPrinted(plan::printText(document->plans[0]));
        QElapsedTimer timer;
        timer.start();
        pane.setAllFolded(true);
        pane.grab();
        pane.setAllFolded(false);
        pane.grab();
        QVERIFY2(timer.elapsed() < 1'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_MAIN(TestPlanText)
#include "tst_plan_text.moc"
