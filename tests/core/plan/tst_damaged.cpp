// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>

#include "core/plan/metrics.h"
#include "plan_files.h"

using namespace howdah;
using namespace howdah::plan;

// Plans as people find them: broken into lines by psql, answered in a mail, with a line lost in the middle.

namespace {

const QByteArray small_plan = "Limit  (cost=0.00..0.30 rows=4 width=8) (actual time=0.010..0.020 rows=4 loops=1)\n"
                              "  ->  Seq Scan on t  (cost=0.00..9.00 rows=90 width=8) (actual time=0.009..0.018 rows=4 loops=1)\n"
                              "        Filter: (a > 1)\n"
                              "        Rows Removed by Filter: 3\n"
                              "Planning Time: 0.100 ms\n"
                              "Execution Time: 0.050 ms\n";

/// One cell a line, broken at `width` characters; `mark` ends a broken row, `again` begins the next.
QByteArray wrapped(qsizetype width, const QByteArray &first, const QByteArray &mark, const QByteArray &again)
{
    QByteArray out;
    for (const QByteArray &line : small_plan.trimmed().split('\n')) {
        for (qsizetype at = 0; at < line.size(); at += width) {
            out += (at == 0 ? first : again) + line.mid(at, width);
            out += (at + width < line.size() ? mark : QByteArray()) + "\n";
        }
    }
    return out;
}

QByteArray whole(const char *ending)
{
    return QByteArray::fromStdString(test::content(test::dataPath(QStringLiteral("sleep/pg18/05_initplan_deep.") + QLatin1String(ending))));
}

qsizetype lineOf(const QByteArray &text, qsizetype offset)
{
    return text.left(offset).count('\n') + 1;
}

} // namespace

class TestDamaged : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void surroundings_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray heading = QByteArray(30, ' ') + "QUERY PLAN\n";
        QTest::newRow("psql without a border") << heading + QByteArray(60, '-') + "\n" + wrapped(60, "", ".", "") + "(6 rows)\n";
        QTest::newRow("psql without a border, Unicode") << heading + QByteArray(60, '-') + "\n" + wrapped(60, "", "\xE2\x80\xA6", "") + "(6 rows)\n";
        QTest::newRow("old ASCII") << heading + QByteArray(62, '-') + "\n" + wrapped(60, " ", " ", " ") + "(6 rows)\n";
        QByteArray expanded = wrapped(58, "QUERY PLAN | ", "", "           ; ");
        expanded.replace("\nQUERY PLAN |", "\n-[ RECORD 2 ]-----------\nQUERY PLAN |");
        QTest::newRow("old ASCII, expanded") << "-[ RECORD 1 ]-----------\n" + expanded;
        QByteArray bare = wrapped(59, "QUERY PLAN ", ".", "          .");
        bare.replace("\nQUERY PLAN", "\n* Record 2    \nQUERY PLAN");
        QTest::newRow("expanded without a border") << "* Record 1    \n" + bare;
        QByteArray csv = "QUERY PLAN," + small_plan.trimmed();
        QTest::newRow("expanded CSV") << csv.replace("\n", "\nQUERY PLAN,") + "\n";
        QByteArray mail = "> " + small_plan.trimmed();
        QTest::newRow("in an answered mail") << "Hello,\n\n" + mail.replace("\n", "\n> ") + "\n";
        QByteArray twice = ">> " + small_plan.trimmed();
        QTest::newRow("answered twice") << "Hello,\n\n" + twice.replace("\n", "\n>> ") + "\n";
    }
    void surroundings()
    {
        QFETCH(QByteArray, text);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QVERIFY(result->diagnostics.empty());
        QCOMPARE(result->plans.size(), std::size_t(1));
        const Plan expected = test::onlyPlan(small_plan.toStdString());
        QVERIFY2(result->plans[0] == expected, qPrintable(test::firstDifference(result->plans[0], expected)));
    }

    /// auto_explain logs one plan a message; another one in the statement's comment is part of the statement.
    void plansInCommentsAreText()
    {
        const std::string log = "2026-01-02 03:04:05.006 UTC [77] LOG:  duration: 0.050 ms  plan:\n"
                                "\tQuery Text: select /* it was\n\t Seq Scan on x  (cost=0.00..1.00 rows=1 width=4)\n\t */ * from t;\n"
                                "\tSeq Scan on t  (cost=0.00..9.00 rows=90 width=8)\n\t  Filter: (a > 1)\n";
        const auto result = read(log + log);
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(2));
        for (const Plan &plan : result->plans) {
            QCOMPARE(plan.nodes.size(), std::size_t(1));
            QCOMPARE(plan.nodes[0].relation_name, std::string("t"));
            QCOMPARE(plan.duration_ms, std::optional(0.05));
            QCOMPARE(plan.query_text, std::string("select /* it was\n Seq Scan on x  (cost=0.00..1.00 rows=1 width=4)\n */ * from t;"));
        }
    }

    /// Subplans are numbered up to 18 and named after; 9.x ends with "Total runtime".
    void subplansOfEveryAge_data()
    {
        QTest::addColumn<QByteArray>("label");
        QTest::addColumn<QByteArray>("mention");
        QTest::addColumn<QByteArray>("end");
        QTest::newRow("9.2") << QByteArray("InitPlan 1 (returns $0)") << QByteArray("$0") << QByteArray(" Total runtime: 120.000 ms\n");
        QTest::newRow("9.4") << QByteArray("InitPlan 1 (returns $0)") << QByteArray("$0") << QByteArray(" Planning time: 0.100 ms\n Execution time: 120.000 ms\n");
        QTest::newRow("17") << QByteArray("InitPlan 1") << QByteArray("(InitPlan 1).col1") << QByteArray(" Execution Time: 120.000 ms\n");
        QTest::newRow("19") << QByteArray("InitPlan expr_1") << QByteArray("(InitPlan expr_1).col1") << QByteArray(" Execution Time: 120.000 ms\n");
    }
    void subplansOfEveryAge()
    {
        QFETCH(QByteArray, label);
        QFETCH(QByteArray, mention);
        QFETCH(QByteArray, end);
        const Plan plan = test::onlyPlan((" Seq Scan on a  (cost=0.00..9.00 rows=4 width=4) (actual time=100.100..101.000 rows=4 loops=1)\n   Filter: (id > "
                                          + mention + ")\n   " + label
                                          + "\n     ->  Result  (cost=0.00..1.00 rows=1 width=4) (actual time=100.000..100.000 rows=1 loops=1)\n"
                                            "   SubPlan any_1\n"
                                            "     ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (never executed)\n"
                                          + end)
                                             .toStdString());
        QCOMPARE(plan.nodes.size(), std::size_t(3));
        QCOMPARE(plan.execution_ms, std::optional(120.0));
        QCOMPARE(plan.nodes[1].subplan_name, label.toStdString());
        QCOMPARE(plan.nodes[1].parent_relationship, std::string("InitPlan"));
        QCOMPARE(plan.nodes[2].subplan_name, std::string("SubPlan any_1"));
        QCOMPARE(plan.nodes[2].parent_relationship, std::string("SubPlan"));
        const Metrics metrics = measure(plan);
        QVERIFY2(std::abs(*metrics.nodes[0].exclusive_ms - 1) < 0.01, qPrintable(QString::number(*metrics.nodes[0].exclusive_ms)));
        QVERIFY(std::abs(*metrics.nodes[1].exclusive_ms - 100) < 0.01);
    }

    void aStringsContentWithoutItsQuotes()
    {
        QByteArray text = whole("json");
        text.replace('"', "\\\"").replace('\n', "\\n");
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QVERIFY(result->plans[0] == test::onlyPlan(whole("json").toStdString()));
    }

    /// One thing is wrong in the middle; every node must be read nevertheless, and the line be named.
    void oneLineIsWrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line");
        const auto changed = [](const char *name, const char *ending, const QByteArray &from, const QByteArray &to) {
            QByteArray text = whole(ending);
            const qsizetype at = text.indexOf(from, text.size() / 3);
            QVERIFY2(at > 0, name);
            QTest::newRow(name) << text.replace(at, from.size(), to) << static_cast<int>(lineOf(text, at));
        };
        changed("JSON: a number", "json", "\"Actual Loops\": 1,", "\"Actual Loops\": 1x@,");
        changed("JSON: a line of its own", "json", "\"Plan Width\"", "%% what is this\n\"Plan Width\"");
        changed("JSON: a quote is missing", "json", "\"Async Capable\": false", "\"Async Capable: false");
        changed("YAML: a line of its own", "yaml", "Plan Width:", "%% what is this\n                Plan Width:");
        changed("XML: a closing tag", "xml", "<Plan-Width>", "</Nothing><Plan-Width>");
        QByteArray shifted = whole("yaml");
        const qsizetype at = shifted.indexOf("   Plan Width:", shifted.size() / 3);
        QTest::newRow("YAML: an indentation") << shifted.remove(at, 3) << static_cast<int>(lineOf(shifted, at));
        QByteArray one_line = whole("json").simplified();
        const qsizetype loops = one_line.indexOf("\"Actual Loops\": 1,", one_line.size() / 3);
        QTest::newRow("JSON on one line") << one_line.replace(loops + 16, 1, "@") << 1;
    }
    void oneLineIsWrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(1));
        const Plan expected = test::onlyPlan(whole("json").toStdString());
        QCOMPARE(result->plans[0].nodes.size(), expected.nodes.size());
        for (std::size_t i = 0; i < expected.nodes.size(); ++i) {
            QCOMPARE(result->plans[0].nodes[i].node_type, expected.nodes[i].node_type);
            QCOMPARE(result->plans[0].nodes[i].parent, expected.nodes[i].parent);
        }
        QVERIFY(result->plans[0].execution_ms.has_value());
        QCOMPARE(result->diagnostics.size(), std::size_t(1));
        QCOMPARE(static_cast<int>(result->diagnostics[0].line), line);
    }

    void aBracketIsMissing()
    {
        QByteArray text = whole("json");
        const qsizetype at = text.lastIndexOf(']', text.lastIndexOf("Planning"));
        text.remove(text.lastIndexOf(']', at), 1);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(1));
        QCOMPARE(result->plans[0].nodes.size(), test::onlyPlan(whole("json").toStdString()).nodes.size());
        QVERIFY(!result->diagnostics.empty());
    }

    void aCutPlanDoesNotSwallowTheNext()
    {
        const QByteArray all = whole("json");
        const Plan expected = test::onlyPlan(all.toStdString());
        for (const char *end : {"\"Node Ty", "\"Node Type\": \"Index S", "\"Node Type\": \"Sort\",", "\"Plans\": ["}) {
            const auto result = read((all.left(all.indexOf("\"Node Type\"", 300)) + end + "\n" + all).toStdString());
            QVERIFY(result);
            QCOMPARE(result->plans.size(), std::size_t(2));
            QVERIFY(result->plans[1] == expected);
            QVERIFY(!result->diagnostics.empty());
        }
    }

    void theBeginningIsMissing_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *ending : {"json", "xml", "yaml", "txt"}) {
            const QByteArray all = whole(ending);
            QTest::newRow(ending) << all.mid(all.indexOf('\n', ending == QByteArray("txt") ? 60 : 200) + 1);
        }
    }
    void theBeginningIsMissing()
    {
        QFETCH(QByteArray, text);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        std::size_t nodes = 0;
        for (const Plan &plan : result->plans)
            nodes += plan.nodes.size();
        QVERIFY(nodes + 1 >= test::onlyPlan(whole("json").toStdString()).nodes.size());
        QVERIFY(!result->diagnostics.empty());
        QVERIFY(result->diagnostics[0].message.find("beginning") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestDamaged)
#include "tst_damaged.moc"
