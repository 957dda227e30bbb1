// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <functional>

#include "core/plan/print.h"
#include "plan_files.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

const std::string small_plan = "Limit  (cost=0.00..0.30 rows=4 width=8) (actual time=0.010..0.020 rows=4 "
                               "loops=1)\n"
                               "  ->  Seq Scan on t  (cost=0.00..9.00 rows=90 width=8) (actual "
                               "time=0.009..0.018 rows=4 loops=1)\n"
                               "        Filter: (a > 1)\n"
                               "        Rows Removed by Filter: 3\n"
                               "Planning Time: 0.100 ms\n"
                               "Execution Time: 0.050 ms\n";

/// What psql makes of it: heading, rule, a space before each line, the row
/// count.
std::string framed()
{
    std::string text = "                QUERY "
                       "PLAN\n-------------------------------------------\n";
    std::size_t from = 0;
    while (from < small_plan.size()) {
        const std::size_t end = small_plan.find('\n', from);
        text.append(" ").append(small_plan, from, end + 1 - from);
        from = end + 1;
    }
    return text + "(6 rows)\n\n";
}

std::string prefixed(const std::function<std::string(int)> &prefix)
{
    std::string text;
    int number = 1;
    std::size_t from = 0;
    while (from < small_plan.size()) {
        const std::size_t end = small_plan.find('\n', from);
        text += prefix(number++) + small_plan.substr(from, end + 1 - from);
        from = end + 1;
    }
    return text;
}

} // namespace

class TestRead : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formatsAreEqual_data()
    {
        QTest::addColumn<QString>("json");
        for (const QString &path : test::files(QStringLiteral("nodes"), QStringLiteral("*.json")))
            QTest::newRow(qPrintable(test::rowName(path))) << path;
    }
    void formatsAreEqual()
    {
        // Without ANALYZE nothing may differ; with it each format was a run of its own.
        QFETCH(QString, json);
        const bool measured = !json.endsWith(QStringLiteral(".plain.json"));
        const auto from_json = read(test::content(json));
        QVERIFY(from_json);
        QCOMPARE(from_json->format, Format::Json);
        QVERIFY(from_json->diagnostics.empty());
        for (const auto &[ending, format] : {std::pair{"txt", Format::Text}, {"xml", Format::Xml}, {"yaml", Format::Yaml}}) {
            const auto other = read(test::content(json.chopped(4) + QLatin1String(ending)));
            QVERIFY2(other, ending);
            QCOMPARE(other->format, format);
            QVERIFY2(other->diagnostics.empty(), ending);
            QCOMPARE(other->plans.size(), from_json->plans.size());
            for (std::size_t i = 0; i < from_json->plans.size(); ++i) {
                Plan left = from_json->plans[i];
                Plan right = other->plans[i];
                QVERIFY(!left.nodes.empty() || !left.note.empty());
                if (measured) {
                    test::forgetMeasured(left);
                    test::forgetMeasured(right);
                }
                // Nothing but TEXT leaves anything unsaid.
                if (format == Format::Text) {
                    left = normalizedForComparison(std::move(left));
                    right = normalizedForComparison(std::move(right));
                }
                QVERIFY2(left == right, qPrintable(test::firstDifference(left, right)));
            }
        }
    }

    void printedTextIsTheServers_data()
    {
        QTest::addColumn<QString>("path");
        for (const QString &folder : {QStringLiteral("nodes"), QStringLiteral("sleep")}) {
            for (const QString &path : test::files(folder, QStringLiteral("*.txt")))
                QTest::newRow(qPrintable(folder + QLatin1Char('/') + test::rowName(path))) << path;
        }
    }
    void printedTextIsTheServers()
    {
        QFETCH(QString, path);
        const std::string text = test::content(path);
        const auto result = read(text);
        QVERIFY(result);
        std::string printed;
        for (const Plan &plan : result->plans)
            printed += printText(plan).text;
        const auto lines = [](const std::string &all) {
            QStringList kept;
            for (const QString &line : QString::fromStdString(all).split(QLatin1Char('\n'))) {
                QString right = QStringLiteral("|") + line;
                right = right.trimmed().mid(1);
                if (!right.isEmpty())
                    kept += right;
            }
            return kept.join(QLatin1Char('\n'));
        };
        QCOMPARE(lines(printed), lines(text));
    }

    void printedLinesBelongToNodes()
    {
        const Plan plan = test::onlyPlan(
            test::content(test::dataPath(QStringLiteral("sleep/pg18/01_cte_two_scans.json"))));
        const PrintedPlan printed = printText(plan);
        QCOMPARE(printed.nodes.size(), plan.nodes.size());
        const QStringList lines = QString::fromStdString(printed.text).split(QLatin1Char('\n'));
        for (const PrintedLines &each : printed.nodes) {
            const Node &node = plan.nodes[each.node];
            const QString first = lines.value(static_cast<qsizetype>(each.first)).trimmed();
            const QString expected
                = QString::fromStdString(node.subplan_name.empty() ? node.label() : node.subplan_name);
            QVERIFY2(first.contains(expected), qPrintable(first));
        }
    }

    void decorations_data()
    {
        QTest::addColumn<QString>("text");
        const auto row = [](const char *name, const std::string &text) {
            QTest::newRow(name) << QString::fromStdString(text);
        };
        row("psql", framed());
        row("row count in another language",
            QString::fromStdString(framed())
                .replace(QStringLiteral("(6 rows)"), QStringLiteral("(6 Zeilen)"))
                .toStdString());
        row("after the statement", "shop=# EXPLAIN ANALYZE SELECT * FROM t LIMIT 4;\n" + framed());
        row("carriage returns", QString::fromStdString(small_plan)
                                    .replace(QLatin1Char('\n'), QStringLiteral("\r\n"))
                                    .toStdString());
        row("line numbers", prefixed([](int n) { return QStringLiteral("%1: ").arg(n, 3).toStdString(); }));
        row("line numbers and a bar", prefixed([](int n) { return std::to_string(n) + " | "; }));
        row("quotes", QString::fromStdString(prefixed([](int) { return "\""; }))
                          .replace(QLatin1Char('\n'), QStringLiteral("\"\n"))
                          .toStdString());
        row("log", "2026-01-02 03:04:05.006 UTC [77] LOG:  duration: 0.050 ms  plan:\n"
                   "\tQuery Text: select *\n\t  from t limit 4\n"
                       + prefixed([](int) { return "\t"; })
                       + "2026-01-02 03:04:06.000 UTC [77] LOG:  checkpoint starting: "
                         "time\n");
    }
    void decorations()
    {
        QFETCH(QString, text);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(1));
        Plan plan = result->plans.front();
        if (QTest::currentDataTag() == QByteArray("log")) {
            QCOMPARE(plan.duration_ms, std::optional(0.05));
            QCOMPARE(plan.query_text, std::string("select *\n  from t limit 4"));
            plan.duration_ms.reset();
            plan.query_text.clear();
        }
        QVERIFY(plan == test::onlyPlan(small_plan));
        QCOMPARE(plan.nodes.size(), std::size_t(2));
        QCOMPARE(plan.nodes[1].number("Rows Removed by Filter"), std::optional(3.0));
        QVERIFY(plan.extra_lines.empty());
    }

    void framesDoNotMatter_data()
    {
        QTest::addColumn<QString>("text");
        const QString plain = QString::fromStdString(small_plan);
        const auto lines = [&](const QString &before, const QString &after) {
            QStringList all;
            for (const QString &line : plain.trimmed().split(QLatin1Char('\n')))
                all += before + line + after;
            return all.join(QLatin1Char('\n'));
        };
        QTest::newRow("no-break spaces") << QString(plain).replace(QLatin1Char(' '), QChar(0xA0));
        QTest::newRow("answered mail") << lines(QStringLiteral("> "), QString());
        QTest::newRow("Markdown") << QStringLiteral("```\n") + plain + QStringLiteral("```\n");
        QTest::newRow("Markdown table") << lines(QStringLiteral("| "), QStringLiteral(" |"));
        QTest::newRow("rows of a program") << lines(QStringLiteral("('"), QStringLiteral("',)"));
        QTest::newRow("rows as JSON") << QStringLiteral("[") + lines(QStringLiteral("{\"QUERY PLAN\": \""), QStringLiteral("\"},")) + QStringLiteral("]");
        QTest::newRow("timing") << plain + QStringLiteral("(6 Zeilen)\n\nZeit: 3,400 ms\n");
        QTest::newRow("Russian") << plain + QStringLiteral("(6 \u0441\u0442\u0440\u043e\u043a)\n\n\u0412\u0440\u0435\u043c\u044f: 3,400 \u043c\u0441\n");
        QTest::newRow("expanded") << QStringLiteral("-[ RECORD 1 ]----\n") + lines(QStringLiteral("QUERY PLAN | "), QStringLiteral("\n-[ RECORD 2 ]----"));
        QTest::newRow("one cell of CSV") << QStringLiteral("QUERY PLAN\n") + lines(QStringLiteral("\""), QStringLiteral("\""));
        QString wrapped = plain;
        wrapped.replace(QStringLiteral(" (actual time=0.009"), QStringLiteral("\n(actual time=0.009"));
        wrapped.replace(QStringLiteral("rows=4 width=8"), QStringLiteral("rows=4\nwidth=8"));
        QTest::newRow("wrapped between words") << wrapped;
        QString cut;
        for (const QString &line : plain.split(QLatin1Char('\n'))) {
            for (qsizetype at = 0; at < line.size(); at += 60)
                cut += line.mid(at, 60) + QLatin1Char('\n');
        }
        QTest::newRow("wrapped anywhere") << cut;
    }
    void framesDoNotMatter()
    {
        QFETCH(QString, text);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(1));
        const Plan expected = test::onlyPlan(small_plan);
        QVERIFY2(result->plans[0] == expected, qPrintable(test::firstDifference(result->plans[0], expected)));
    }

    void quotedJson_data()
    {
        QTest::addColumn<QByteArray>("text");
        const QByteArray json = QByteArray::fromStdString(
            test::content(test::dataPath(QStringLiteral("nodes/pg18/agg_mixed.json"))));
        const auto replaced = [&](const char *from, const char *to) { return QByteArray(json).replace(from, to); };
        QTest::newRow("pgAdmin") << QByteArray("\"") + replaced("\"", "\"\"") + QByteArray("\"");
        QTest::newRow("escaped") << QByteArray("\"") + replaced("\"", "\\\"").replace("\n", "\\n") + QByteArray("\"");
        QTest::newRow("a row of a driver") << QByteArray("[{\"QUERY PLAN\": \"") + replaced("\"", "\\\"").replace("\n", "\\n")
                                                  + QByteArray("\"}]");
        QTest::newRow("junk") << QByteArray("Look at [this] {plan}:\n") + json + QByteArray("\nthanks\n");
        QTest::newRow("Python") << replaced("\"", "'").replace("true", "True").replace("false", "False");
        const QString utf16 = QString::fromUtf8(json);
        QByteArray wide("\xFF\xFE");
        for (const QChar c : utf16) {
            wide += static_cast<char>(c.unicode() & 0xFF);
            wide += static_cast<char>(c.unicode() >> 8);
        }
        QTest::newRow("UTF-16") << wide;
    }
    void quotedJson()
    {
        QFETCH(QByteArray, text);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QVERIFY(result->diagnostics.empty());
        const Plan expected = test::onlyPlan(test::content(test::dataPath(QStringLiteral("nodes/pg18/agg_mixed.json"))));
        QCOMPARE(result->plans.size(), std::size_t(1));
        QVERIFY2(result->plans[0] == expected, qPrintable(test::firstDifference(result->plans[0], expected)));
    }

    void logsOfEveryKindAreEqual()
    {
        const std::string plan = "Limit  (cost=0.00..0.30 rows=4 width=8) (actual time=0.010..0.020 rows=4 loops=1)\n"
                                 "  ->  Seq Scan on t  (cost=0.00..9.00 rows=90 width=8) (actual time=0.009..0.018 rows=4 loops=1)\n"
                                 "        Filter: (v <> 'a \"b\"'::text)";
        const std::string query = "Query Text: select *\n  from t\nwhere v <> 'a \"b\"'\nQuery Parameters: $1 = 'x\ny'\n";
        const QString message = QString::fromStdString("duration: 0.050 ms  plan:\n" + query + plan);
        const auto read_all = [](const QString &log) { return read(log.toStdString()); };
        const QString tabbed = QString(message).replace(QLatin1Char('\n'), QStringLiteral("\n\t"));
        QStringList logs;
        for (const char *prefix : {"2026-01-02 03:04:05.006 UTC [77] ", "", "<%x 00000 6b06.749 4> ", "user=u,db=d,app=[a],client=h "}) {
            const QString head = QString::fromLatin1(prefix);
            logs += head + QStringLiteral("LOG:  ") + tabbed + QStringLiteral("\n") + head + QStringLiteral("CONTEXT:  SQL function\n") + head
                    + QStringLiteral("LOG:  ") + tabbed + QStringLiteral("\n");
        }
        const QString field = QString(message).replace(QLatin1Char('"'), QStringLiteral("\"\""));
        const QString csv = QStringLiteral("2026-01-02 03:04:05.006 UTC,\"u\",\"d\",77,,6b.1,1,\"SELECT\",,3/4,0,LOG,00000,\"") + field
                            + QStringLiteral("\",,,,,,,,,\"psql\"\n");
        logs += csv + csv;
        QString escaped = message;
        escaped.replace(QLatin1Char('"'), QStringLiteral("\\\"")).replace(QLatin1Char('\n'), QStringLiteral("\\n"));
        const QString json = QStringLiteral("{\"timestamp\":\"2026-01-02\",\"pid\":77,\"message\":\"") + escaped + QStringLiteral("\"}\n");
        logs += json + json;
        QString syslog;
        for (int number = 5; number < 7; ++number) {
            int line = 1;
            for (const QString &each : QString(QStringLiteral("LOG:  ") + message).split(QLatin1Char('\n'))) {
                const QString mark = QStringLiteral("Jan  2 03:04:05 host postgres[77]: [%1-%2] ").arg(number).arg(line);
                syslog += mark + (line++ == 1 ? QString() : QStringLiteral("#011")) + each + QLatin1Char('\n');
            }
        }
        logs += syslog;
        for (const QString &log : logs) {
            const auto result = read_all(log);
            QVERIFY2(result, qPrintable(log));
            QCOMPARE(result->plans.size(), std::size_t(2));
            for (const Plan &each : result->plans) {
                QCOMPARE(each.duration_ms, std::optional(0.05));
                QCOMPARE(each.query_text, std::string("select *\n  from t\nwhere v <> 'a \"b\"'"));
                QCOMPARE(each.properties.size(), std::size_t(1));
                QVERIFY(each.nodes.size() == 2 && each.nodes[1].extra_lines.empty());
                QVERIFY(each.properties == result->plans[0].properties && each.nodes == read_all(logs[0])->plans[0].nodes);
            }
        }
    }

    void truncatedLogsKeepTheirPlans()
    {
        const std::string whole = test::content(test::dataPath(QStringLiteral("extra/auto_explain_pg18.text")));
        const std::size_t second = whole.find("LOG:", 5);
        const std::string cut = whole.substr(0, second - 70) + "\n" + whole.substr(second);
        const auto result = read(cut);
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(2));
        const std::size_t middle = whole.find("(cost=", whole.find("->"));
        const auto broken = read(whole.substr(0, middle + 12));
        QVERIFY(broken);
        QCOMPARE(broken->plans[0].nodes.size(), std::size_t(2));
        QCOMPARE(broken->plans[0].nodes[1].relation_name, std::string("t"));
        QCOMPARE(broken->diagnostics.size(), std::size_t(1));
        QVERIFY(broken->diagnostics[0].line > 3);
    }

    void damagedXmlAndYamlAreReadAsFarAsTheyGo()
    {
        for (const char *ending : {"xml", "yaml"}) {
            const std::string whole = test::content(
                test::dataPath(QStringLiteral("sleep/pg18/05_initplan_deep.") + QLatin1String(ending)));
            const Plan all = test::onlyPlan(whole);
            for (std::size_t length = 200; length < whole.size(); length += 37) {
                const auto result = read(whole.substr(0, length));
                if (result)
                    QVERIFY(result->plans[0].nodes.size() <= all.nodes.size());
            }
            const auto half = read(whole.substr(0, whole.size() / 2));
            QVERIFY(half && half->plans[0].nodes.size() >= 2);
        }
    }

    void depthIsNoProblem()
    {
        constexpr std::size_t depth = 5000;
        std::string xml = "<explain xmlns=\"http://www.postgresql.org/2009/explain\"><Query><Plan>";
        std::string yaml = "- Plan: \n    Node Type: \"Limit\"\n";
        for (std::size_t i = 1; i < depth; ++i) {
            xml += "<Node-Type>Limit</Node-Type><Plans><Plan>";
            const std::string indent(4 * i, ' ');
            yaml.append(indent).append("Plans: \n").append(indent).append("  - Node Type: \"Limit\"\n");
        }
        xml += "<Node-Type>Limit</Node-Type>";
        for (std::size_t i = 1; i < depth; ++i)
            xml += "</Plan></Plans>";
        xml += "</Plan></Query></explain>";
        QCOMPARE(test::onlyPlan(xml).nodes.size(), depth);
        QCOMPARE(test::onlyPlan(yaml).nodes.size(), depth);
    }

    void statementsWithoutAPlan_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("note");
        QTest::newRow("JSON") << "[\n  \"Utility Statement\"\n]" << "Utility statements have no plan structure";
        QTest::newRow("XML") << "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Utility-Statement />\n</explain>"
                             << "Utility statements have no plan structure";
        QTest::newRow("YAML") << "- \"Utility Statement\"" << "Utility statements have no plan structure";
        QTest::newRow("TEXT") << "Utility statements have no plan structure" << "Utility statements have no plan structure";
        QTest::newRow("nothing") << "[\n]" << "Query rewrites to nothing";
    }
    void statementsWithoutAPlan()
    {
        QFETCH(QString, text);
        QFETCH(QString, note);
        const auto result = read(text.toStdString());
        QVERIFY(result);
        QCOMPARE(QString::fromStdString(result->plans[0].note), note);
    }

    void jsonInPsqlsCell()
    {
        const auto result = read("                 QUERY PLAN                 \n"
                                 "--------------------------------------------\n"
                                 " [                                         +\n"
                                 "   {                                       +\n"
                                 "     \"Plan\": {                             +\n"
                                 "       \"Node Type\": \"Result\",              +\n"
                                 "       \"Startup Cost\": 0.00,               +\n"
                                 "       \"Total Cost\": 0.01,                 +\n"
                                 "       \"Plan Rows\": 1,                     +\n"
                                 "       \"Plan Width\": 4                     +\n"
                                 "     }                                     +\n"
                                 "   }                                       +\n"
                                 " ]\n"
                                 "(1 row)\n");
        QVERIFY(result);
        QCOMPARE(result->plans.size(), std::size_t(1));
        QCOMPARE(result->plans[0].nodes[0].node_type, std::string("Result"));
        QCOMPARE(result->plans[0].nodes[0].total_cost, std::optional(0.01));
    }

    void severalPlansAreAllKept_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("count");
        QTest::newRow("json 13") << "extra/two_plans_pg13.json" << 2;
        QTest::newRow("json 18") << "extra/two_plans_pg18.json" << 2;
        QTest::newRow("text 13") << "extra/two_plans_pg13.txt" << 2;
        QTest::newRow("text 18") << "extra/two_plans_pg18.txt" << 2;
        QTest::newRow("log text 13") << "extra/auto_explain_pg13.text" << 2;
        QTest::newRow("log text 18") << "extra/auto_explain_pg18.text" << 2;
        QTest::newRow("log json 13") << "extra/auto_explain_pg13.json" << 2;
        QTest::newRow("log json 18") << "extra/auto_explain_pg18.json" << 2;
        QTest::newRow("log xml 13") << "extra/auto_explain_pg13.xml" << 2;
        QTest::newRow("log xml 18") << "extra/auto_explain_pg18.xml" << 2;
        QTest::newRow("log yaml 13") << "extra/auto_explain_pg13.yaml" << 2;
        QTest::newRow("log yaml 18") << "extra/auto_explain_pg18.yaml" << 2;
    }
    void severalPlansAreAllKept()
    {
        QFETCH(QString, file);
        QFETCH(int, count);
        const auto result = read(test::content(test::dataPath(file)));
        QVERIFY(result);
        QCOMPARE(static_cast<int>(result->plans.size()), count);
        for (const Plan &plan : result->plans) {
            QVERIFY(!plan.nodes.empty());
            QCOMPARE(plan.duration_ms.has_value(), file.contains(QStringLiteral("auto_explain")));
        }
    }

    void unknownKeysAndLinesAreKept()
    {
        const auto json = read(R"([{"Plan": {"Node Type": "Warp Scan", "Flux": 88, "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t"}]}, "Moon Phase": "full"}])");
        QVERIFY(json);
        QCOMPARE(json->plans[0].nodes[0].label(), std::string("Warp Scan"));
        QCOMPARE(json->plans[0].nodes[0].number("Flux"), std::optional(88.0));
        QCOMPARE(json->plans[0].properties.size(), std::size_t(1));
        const auto text = read("Warp Scan on t  (cost=0.00..1.00 rows=1 width=4)\n "
                               " what is this line\n");
        QVERIFY(text);
        QCOMPARE(text->plans[0].nodes[0].extra_lines, std::vector<std::string>{"what is this line"});
    }

    void damagedJsonIsReadAsFarAsItGoes()
    {
        const std::string whole
            = test::content(test::dataPath(QStringLiteral("sleep/pg18/05_initplan_deep.json")));
        const auto result = read(whole.substr(0, whole.size() / 2));
        QVERIFY(result);
        QVERIFY(result->plans[0].nodes.size() >= 3);
        QCOMPARE(result->diagnostics.size(), std::size_t(1));
        QVERIFY(result->diagnostics[0].line > 10);
    }

    void whatIsNoPlanFails_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << "";
        QTest::newRow("prose") << "Dear colleague,\nplease look at the slow query.\n";
        QTest::newRow("sql") << "select * from t where a = 1;";
        QTest::newRow("other json") << "[{\"name\": \"x\", \"rows\": [1, 2, 3]}]";
    }
    void whatIsNoPlanFails()
    {
        QFETCH(QString, text);
        const auto result = read(text.toStdString());
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Parse);
        QVERIFY(!result.error().hint.empty());
    }

    void everyPrefixOfAPlanIsHarmless()
    {
        for (const char *name :
             {"nodes/pg18/agg_mixed.txt", "nodes/pg18/merge.plain.json", "extra/overexplain_pg18.txt"}) {
            const std::string whole = test::content(test::dataPath(QString::fromLatin1(name)));
            QVERIFY(!whole.empty());
            for (std::size_t length = 0; length < whole.size(); length += 3) {
                if (const auto result = read(whole.substr(0, length))) {
                    for (const Plan &plan : result->plans)
                        QVERIFY(plan.nodes.empty() || !printText(plan).text.empty());
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestRead)
#include "tst_read.moc"
