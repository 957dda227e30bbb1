// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"

namespace howdah::plan {

namespace {

/// The node whose "Index Cond" found the rows: the scan itself, or the bitmap's only index scan.
const Node *indexNode(const RuleInput &in, NodeId id)
{
    const Node &node = in.node(id);
    if (node.node_type == "Index Scan" || node.node_type == "Index Only Scan")
        return &node;
    if (node.node_type == "Bitmap Heap Scan" && node.children.size() == 1
        && in.node(node.children[0]).node_type == "Bitmap Index Scan")
        return &in.node(node.children[0]);
    return nullptr;
}

} // namespace

/// The index finds rows that the filter then throws away.
void ruleInefficientIndex(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const Node *index = indexNode(in, id);
        const double loops = node.loops.value_or(1);
        const double removed = node.number("Rows Removed by Filter").value_or(0) * loops;
        if (index == nullptr || removed < 1000 || node.text("Filter").empty())
            continue;
        const double share = removed / (removed + in.rows(id));
        const double lost = in.exclusive(id) * share;
        const std::string cond = index->text("Index Cond");
        // A whole index walked in order for a LIMIT is another rule's.
        if (share < 0.7 || !in.worth(lost) || (cond.empty() && in.of(id).stopped_early))
            continue;
        Finding &f = report(in, out, "inefficient-index", id, lost,
                            fmt::format("{} found {} rows of which the filter kept {}.", nameOf(node),
                                        countText(removed + in.rows(id)), countText(in.rows(id))),
                            fmt::format("Index Cond: {}; Filter: {}; Rows Removed by Filter: {} in all",
                                        cond.empty() ? "none" : cond, node.text("Filter"), countText(removed)));
        std::vector<Qual> quals =
            loops > 1 ? readQualsOf(node.alias, node.text("Filter")) : readQuals(node.text("Filter"));
        settleCasts(in, id, quals);
        const std::vector<Qual> conds = readQuals(cond);
        std::vector<Qual> all;
        for (Qual qual : conds) {
            qual.against_constant = true;
            all.push_back(std::move(qual));
        }
        all.insert(all.end(), quals.begin(), quals.end());
        const std::vector<std::string> columns = indexColumns(all);
        if (columns != indexColumns(conds))
            offerIndex(in, id, columns, f);
        f.why = "The index answers only a part of the conditions. With the filter's columns in it, the other rows are "
                "never read; a partial index does the same for a condition that is always the same.";
    }
}

} // namespace howdah::plan
