// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_export.h"

#include <cmath>
#include <utility>
#include <vector>

#include <QCoreApplication>

#include "core/plan/anonymise.h"
#include "core/plan/print.h"
#include "core/plan/to_json.h"
#include "ui/base/palette.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

constexpr std::size_t most_nodes = 10;

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::PlanExport)
};

using Figures = std::vector<std::pair<QString, QString>>;

Figures figures(const plan::Plan &plan, const plan::Metrics &metrics)
{
    Figures said;
    if (metrics.execution_ms)
        said.emplace_back(Texts::tr("Execution"), NodeText::duration(*metrics.execution_ms));
    if (plan.planning_ms)
        said.emplace_back(Texts::tr("Planning"), NodeText::duration(*plan.planning_ms));
    if (!plan.nodes.empty() && plan.nodes[0].total_cost)
        said.emplace_back(Texts::tr("Cost"), NodeText::count(std::round(*plan.nodes[0].total_cost)));
    if (metrics.triggers_ms > 0)
        said.emplace_back(Texts::tr("Triggers"), NodeText::duration(metrics.triggers_ms));
    if (!plan.nodes.empty() && plan.nodes[0].buffers) {
        const plan::Buffers &b = *plan.nodes[0].buffers;
        said.emplace_back(Texts::tr("Buffers read"), NodeText::blocks(b.shared_read + b.local_read));
        said.emplace_back(Texts::tr("Buffers hit"), NodeText::blocks(b.shared_hit + b.local_hit));
        if (b.temp_written > 0)
            said.emplace_back(Texts::tr("Temporary files"), NodeText::blocks(b.temp_written));
    }
    said.emplace_back(Texts::tr("Nodes"), NodeText::count(static_cast<double>(plan.nodes.size())));
    return said;
}

/// Rows of cells, the title row first.
std::vector<QStringList> slowest(const plan::Plan &plan, const plan::Metrics &metrics)
{
    const bool timed = metrics.execution_ms.has_value();
    std::vector<QStringList> rows{{Texts::tr("Node"), timed ? Texts::tr("Alone") : Texts::tr("Cost alone"),
                                   Texts::tr("Share"), Texts::tr("Rows"), Texts::tr("Estimate")}};
    for (const plan::NodeId id : plan::hottest(metrics, most_nodes)) {
        const plan::NodeMetrics &m = metrics.nodes[id];
        rows.push_back({NodeText::name(plan.nodes[id]),
                        m.exclusive_ms ? NodeText::duration(*m.exclusive_ms) : NodeText::count(std::round(m.exclusive_cost)),
                        NodeText::percent(m.exclusive_ms ? m.time_share : m.cost_share),
                        NodeText::rows(plan.nodes[id], m), NodeText::estimate(m).text});
    }
    return rows;
}

/// A fence longer than any run of backticks in the text.
QString fenced(const QString &text, const QString &language = {})
{
    qsizetype longest = 0;
    qsizetype run = 0;
    for (const QChar c : text) {
        run = c == QLatin1Char('`') ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(std::max<qsizetype>(3, longest + 1), QLatin1Char('`'));
    return fence + language + QLatin1Char('\n') + text + (text.endsWith(QLatin1Char('\n')) ? QString() : QStringLiteral("\n"))
           + fence + QLatin1Char('\n');
}

QString cell(QString text)
{
    return text.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('|'), QStringLiteral("\\|"))
        .replace(QLatin1Char('\n'), QLatin1Char(' '));
}

QString styleSheet()
{
    const Colors &c = colorsOf(false); // on paper and in a mail it is light
    return QStringLiteral("body{font:14px/1.45 system-ui,sans-serif;margin:24px;color:%1;background:%2}"
                          "h1{font-size:20px}h2{font-size:15px;margin-top:28px}"
                          "dl{display:flex;flex-wrap:wrap;gap:8px 28px;margin:0}dt{color:%3;font-size:12px}dd{margin:0;font-weight:600}"
                          "table{border-collapse:collapse}th,td{padding:4px 12px;border-bottom:1px solid %4;text-align:right}"
                          "th:first-child,td:first-child{text-align:left}th{color:%3;font-weight:600}"
                          "pre,.tree{background:%5;border:1px solid %4;border-radius:7px;padding:12px;overflow:auto}"
                          "pre{font:12px/1.5 ui-monospace,monospace}.tree{max-height:80vh}")
        .arg(c.text.name(), c.window.name(), c.dim.name(), c.line.name(), c.panel.name());
}

} // namespace

QString planMarkdown(const PlanDocument &document, std::size_t index)
{
    const plan::Plan &plan = document.plans[index];
    const plan::Metrics &metrics = document.metrics[index];
    QStringList said;
    for (const auto &[name, value] : figures(plan, metrics))
        said += QStringLiteral("%1 **%2**").arg(name, value);
    QString text = said.join(QStringLiteral(" · ")) + QStringLiteral("\n\n");
    if (!plan.query_text.empty())
        text += fenced(QString::fromStdString(plan.query_text), QStringLiteral("sql")) + QLatin1Char('\n');
    const std::vector<QStringList> rows = slowest(plan, metrics);
    for (std::size_t i = 0; rows.size() > 1 && i < rows.size(); ++i) {
        QStringList cells;
        for (const QString &each : rows[i])
            cells += cell(each);
        text += QStringLiteral("| %1 |\n").arg(cells.join(QStringLiteral(" | ")));
        if (i == 0)
            text += QStringLiteral("| --- | ---: | ---: | ---: | ---: |\n");
    }
    return text + QLatin1Char('\n') + fenced(QString::fromStdString(plan::printText(plan).text));
}

QString planHtml(const PlanDocument &document, std::size_t index, const QByteArray &svg)
{
    const plan::Plan &plan = document.plans[index];
    const plan::Metrics &metrics = document.metrics[index];
    const QString title = plan.nodes.empty() ? Texts::tr("Plan") : Texts::tr("Plan: %1").arg(NodeText::name(plan.nodes[0]));
    QString html = QStringLiteral("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%1</title>\n<style>%2</style>"
                                  "</head>\n<body><h1>%1</h1>\n<dl>")
                       .arg(title.toHtmlEscaped(), styleSheet());
    for (const auto &[name, value] : figures(plan, metrics))
        html += QStringLiteral("<div><dt>%1</dt><dd>%2</dd></div>").arg(name.toHtmlEscaped(), value.toHtmlEscaped());
    html += QStringLiteral("</dl>\n");
    const auto heading = [&html](const QString &text) { html += QStringLiteral("<h2>%1</h2>\n").arg(text.toHtmlEscaped()); };
    if (!plan.query_text.empty()) {
        heading(Texts::tr("Statement"));
        html += QStringLiteral("<pre>%1</pre>\n").arg(QString::fromStdString(plan.query_text).toHtmlEscaped());
    }
    if (const qsizetype begin = svg.indexOf("<svg"); begin >= 0) { // without the XML declaration
        heading(Texts::tr("Tree"));
        html += QStringLiteral("<div class=\"tree\">") + QString::fromUtf8(svg.mid(begin)) + QStringLiteral("</div>\n");
    }
    if (const std::vector<QStringList> rows = slowest(plan, metrics); rows.size() > 1) {
        heading(metrics.execution_ms ? Texts::tr("Slowest nodes") : Texts::tr("Costliest nodes"));
        html += QStringLiteral("<table>");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            html += QStringLiteral("<tr>");
            for (const QString &each : rows[i])
                html += (i == 0 ? QStringLiteral("<th>%1</th>") : QStringLiteral("<td>%1</td>")).arg(each.toHtmlEscaped());
            html += QStringLiteral("</tr>\n");
        }
        html += QStringLiteral("</table>\n");
    }
    heading(Texts::tr("Text"));
    return html + QStringLiteral("<pre>%1</pre>\n</body></html>\n")
                      .arg(QString::fromStdString(plan::printText(plan).text).toHtmlEscaped());
}

QByteArray planJson(const PlanDocument &document)
{
    const plan::ReadResult result{document.plans, document.diagnostics, document.format};
    return QByteArray::fromStdString(plan::toJson(result, document.source));
}

QString anonymousText(const PlanDocument &document, std::size_t index)
{
    return QString::fromStdString(plan::printText(plan::anonymised(document.plans[index])).text);
}

} // namespace howdah::ui
