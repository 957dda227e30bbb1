// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/statistics_kinds.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

constexpr int largest_target = 10000;  // what PostgreSQL allows
constexpr int default_target = 100;

/// How many combinations of the columns' values there are: at least, at most.
struct Combinations {
    double least = 0, most = 0;
};

std::optional<Combinations> bounds(const RuleInput &in, const Node &node, const std::vector<std::string> &columns)
{
    Combinations bounds{1, 1};
    double rows = 0;
    for (const std::string &column : columns) {
        const auto known = std::find_if(in.context.columns.begin(), in.context.columns.end(), [&](const ColumnStatistics &one) {
            return one.schema == node.schema && one.relation == node.relation_name && sql::quoteIdentifier(one.column) == column;
        });
        if (known == in.context.columns.end() || known->distinct <= 0)
            return {};
        bounds.least = std::max(bounds.least, known->distinct);
        bounds.most *= known->distinct;
        rows = std::max(rows, known->rows);
    }
    if (rows > 0)
        bounds.most = std::max(bounds.least, std::min(bounds.most, rows));
    return bounds;
}

/// Rows that the scan has looked at in one loop, where its own figures tell.
std::optional<double> looked(const RuleInput &in, NodeId scan)
{
    const Node &node = in.node(scan);
    if (node.node_type != "Seq Scan" || in.rows(scan) <= 0)
        return {};
    return in.rows(scan) + in.of(scan).removed_total.value_or(0);
}

int defaultTarget(const RuleInput &in)
{
    const int set = std::atoi(in.setting("default_statistics_target").c_str());
    return set > 0 ? set : default_target;
}

} // namespace

StatisticsChoice chooseStatistics(const RuleInput &in, NodeId scan, const std::vector<Qual> &quals,
                                  const std::vector<std::string> &columns)
{
    StatisticsChoice choice;
    const bool equalities = std::all_of(quals.begin(), quals.end(), [](const Qual &qual) {
        return qual.op == "=" || qual.op == "= ANY" || qual.op == "IS NULL";
    });
    const bool more = in.of(scan).estimate_factor.value_or(1) >= 1;
    const bool dependencies = equalities && more;
    std::optional<double> combinations;
    if (const auto known = bounds(in, in.node(scan), columns)) {
        // Where each condition is an equality, the share that came says how many like it there may be.
        const auto all = looked(in, scan);
        combinations = known->most;
        if (equalities && more && all)
            combinations = std::clamp(*all / in.rows(scan), known->least, known->most);
    }
    if (dependencies)
        choice.kinds.emplace_back("dependencies");
    if (!combinations) {
        choice.kinds.emplace_back("mcv");
        return choice;
    }
    const int target = defaultTarget(in);
    const std::string count = countText(std::round(*combinations));
    if (*combinations <= target) {
        choice.kinds.emplace_back("mcv");
        choice.reason = fmt::format("A list of {} common combinations holds about all {} that there are.", target, count);
    } else if (dependencies) {
        choice.reason = fmt::format("There are about {} combinations of their values, more than a list of the {} most common ones holds, "
                                    "so only dependencies between the columns are kept.", count, target);
    } else if (*combinations <= largest_target && (in.version() == 0 || in.version() >= 130000)) {
        choice.kinds.emplace_back("mcv");
        choice.target = static_cast<int>(std::ceil(*combinations / 100) * 100);
        choice.reason = fmt::format("There are about {} combinations of their values, so the list of most common ones needs a target of {}.",
                                    count, *choice.target);
    } else {
        choice.reason = fmt::format("There are about {} combinations of their values, more than any list of common ones holds{}.", count,
                                    equalities ? "" : ", and dependencies say nothing of ranges");
    }
    return choice;
}

} // namespace howdah::plan
