// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"
#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

/// Time of everything below and including a node.
double below(const RuleInput &in, NodeId id)
{
    return in.inclusive(id);
}

std::optional<NodeId> scanWithoutIndex(const RuleInput &in, NodeId id)
{
    while (true) {
        const Node &node = in.node(id);
        if (node.node_type == "Seq Scan")
            return id;
        if (node.children.size() != 1 || (node.node_type != "Materialize" && node.node_type != "Memoize"))
            return std::nullopt;
        id = node.children[0];
    }
}

} // namespace

/// A nested loop whose inner side ran very often: more rows came than expected, or no index helps it.
void ruleNestedLoop(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        if (node.node_type != "Nested Loop")
            continue;
        const std::vector<NodeId> inputs = inputsOf(in.plan, id);
        if (inputs.size() < 2)
            continue;
        const NodeId outer = inputs[0];
        const NodeId inner = inputs[1];
        const double loops = in.node(inner).loops.value_or(0) / std::max(1.0, node.loops.value_or(1));
        const std::optional<NodeId> scan = scanWithoutIndex(in, inner);
        const double factor = in.of(outer).estimate_factor.value_or(1);
        const bool unindexed = scan && loops >= 10;
        const bool misjudged = factor >= 10 && loops >= 100;
        if (!unindexed && !misjudged)
            continue;
        const double lost = (unindexed ? 0.9 : 0.5) * (below(in, inner) + in.exclusive(id));
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "nested-loop", id, lost,
                            fmt::format("The inner side of {} ran {} times: {}.", nameOf(node), countText(loops),
                                        misjudged ? fmt::format("{} times more than expected", countText(factor))
                                                  : std::string("each time through all of its rows")),
                            fmt::format("{}: loops={:.0f}, {} in all; outer rows {} of {} expected",
                                        nameOf(in.node(inner)), in.node(inner).loops.value_or(0),
                                        timeText(below(in, inner)), countText(in.node(outer).actual_rows.value_or(0)),
                                        countText(in.node(outer).plan_rows.value_or(0))));
        if (unindexed) {
            std::vector<Qual> quals = qualsOf(in, *scan, in.node(*scan).text("Filter"));
            if (quals.empty())
                quals = readQuals(node.text("Join Filter"));
            const std::string alias = in.node(*scan).alias;
            std::vector<std::string> columns;
            for (const Qual &qual : quals) {
                if (qual.op == "=" && !qual.column.empty() && !qual.converts && columns.empty())
                    columns.push_back(qual.column);
            }
            const std::string own = columnOf(node.text("Join Filter"), alias);
            if (!own.empty())
                columns.assign(1, own);
            offerIndex(in, *scan, columns, f);
        }
        f.fix_sql.push_back("SET LOCAL enable_nestloop = off;");
        f.why = misjudged
                    ? "A nested loop is right for few outer rows. With this many a hash join would have read the inner "
                      "side once; the estimate of the outer side is what has to be mended. Switching nested loops off "
                      "shows what another join would cost; it is no setting to keep."
                    : "Each outer row makes the inner side run again. With an index on the joined column a round "
                      "costs a few pages instead of the whole table.";
    }
}

} // namespace howdah::plan
