// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_sql.h"

#include <algorithm>

#include "core/sql/format.h"

namespace howdah::ui {

PlanSql planSql(const plan::Plan &plan, std::string statement, const sql::ParameterValues &values)
{
    constexpr std::size_t long_line = 60;
    PlanSql sql;
    while (!statement.empty() && (statement.back() == '\n' || statement.back() == ' '))
        statement.pop_back();
    if (statement.find('\n') == std::string::npos && statement.size() > long_line)
        statement = sql::format(statement).text;
    while (!statement.empty() && statement.back() == '\n')
        statement.pop_back();
    sql.sources = plan::mapToSql(plan, statement, values);
    sql.text = std::move(statement);
    return sql;
}

std::vector<SqlLineTime> timesByLine(const PlanSql &sql, const plan::Metrics &metrics)
{
    std::vector<std::size_t> begins{0};
    for (std::size_t at = 0; at < sql.text.size(); ++at) {
        if (sql.text[at] == '\n')
            begins.push_back(at + 1);
    }
    std::vector<SqlLineTime> lines(begins.size());
    const bool timed = metrics.execution_ms.has_value();
    std::vector<bool> counted(metrics.nodes.size(), false);
    for (const plan::NodeSource &source : sql.sources) {
        // A node's first source is the one that tells most; its time is counted once.
        if (source.node >= counted.size() || counted[source.node] || source.spans.empty())
            continue;
        counted[source.node] = true;
        const auto after = std::upper_bound(begins.begin(), begins.end(), source.spans.front().begin.value);
        SqlLineTime &line = lines[static_cast<std::size_t>(after - begins.begin()) - 1];
        const plan::NodeMetrics &node = metrics.nodes[source.node];
        line.ms += timed ? node.exclusive_ms.value_or(0) : node.exclusive_cost;
        line.share += timed ? node.time_share : node.cost_share;
        line.nodes.push_back(source.node);
    }
    return lines;
}

} // namespace howdah::ui
