// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"

namespace howdah::plan {

namespace {

/// Conditions on an expression: only an index on the same expression can answer them.
void adviseExpression(const RuleInput &in, NodeId id, bool all, const std::vector<Qual> &quals, Finding &f)
{
    for (const Qual &qual : quals) {
        if (!qual.column.empty() && !qual.converts)
            continue;
        if (!qual.against_constant || qual.expression.empty() || qual.op.empty() || qual.op == "<>")
            continue;
        if (!qual.cast.empty() && !qual.column.empty()) {
            f.message += fmt::format(" Its column {} is cast to {}, which keeps an index on it from being used.",
                                     qual.column, qual.cast);
            f.why +=
                " Compare the column with a value of its own type instead: a parameter of the wrong type is enough "
                "to cause such a cast.";
        } else {
            f.message += " The condition is on an expression, which an index on the bare column cannot answer.";
        }
        f.fix_sql.push_back(createIndex(in, id, "(" + qual.expression + ")", all));
        return;
    }
}

struct Waste {
    double lost = 0, removed = 0, kept = 0;
    std::size_t scans = 0;
    NodeId worst = no_node;
};

void advise(const RuleInput &in, NodeId id, bool all, Finding &f)
{
    const Node &node = in.node(id);
    const std::string filter = node.text("Filter");
    std::vector<Qual> quals =
        node.loops.value_or(1) > 1 && in.of(id).processes < 2 ? readQualsOf(node.alias, filter) : readQuals(filter);
    settleCasts(in, id, quals);
    const bool either = isDisjunction(filter);
    const std::vector<std::string> columns = either ? std::vector<std::string>() : indexColumns(quals);
    if (!columns.empty()) {
        offerIndex(in, id, columns, f, all);
        // Without a catalog nobody knows whether the column is of a type that is compared as text anyway.
        const auto cast = std::find_if(quals.begin(), quals.end(), [](const Qual &each) { return !each.cast.empty() && !each.converts; });
        if (cast != quals.end() && in.relation(id) == nullptr)
            f.why += fmt::format(" If {} is of another type than varchar, the cast itself keeps an index on it from being used.", cast->column);
    } else if (either) {
        for (const std::string &part : disjunctColumns(filter))
            offerIndex(in, id, {part}, f, all);
        f.why += " Conditions joined by OR need an index for each side, which a BitmapOr then combines.";
    } else {
        adviseExpression(in, id, all, quals, f);
    }
}

bool wasteful(const RuleInput &in, NodeId id)
{
    return in.node(id).node_type == "Seq Scan" && in.of(id).removed_total.value_or(0) >= 1000
           && in.of(id).removed_share.value_or(0) >= 0.8;
}

} // namespace

/// Sequential scans that throw most rows away; those of one table's partitions together.
void ruleSeqScan(const RuleInput &in, std::vector<Finding> &out)
{
    std::vector<Waste> waste(in.size());
    for (NodeId id = 0; id < in.size(); ++id) {
        if (!wasteful(in, id))
            continue;
        const NodeId parent = in.node(id).parent;
        const bool member =
            parent != no_node && (in.node(parent).node_type == "Append" || in.node(parent).node_type == "Merge Append");
        Waste &all = waste[member ? parent : id];
        all.lost += in.exclusive(id) * *in.of(id).removed_share;
        all.removed += *in.of(id).removed_total;
        all.kept += in.rows(id);
        ++all.scans;
        if (all.worst == no_node || in.exclusive(id) > in.exclusive(all.worst))
            all.worst = id;
    }
    for (NodeId id = 0; id < in.size(); ++id) {
        const Waste &all = waste[id];
        if (all.scans == 0 || !in.worth(all.lost))
            continue;
        const Node &node = in.node(all.worst);
        Finding &f = report(
            in, out, "seq-scan", all.scans == 1 ? all.worst : id, all.lost,
            all.scans == 1 ? fmt::format("{} read {} rows to keep {}.", nameOf(node), countText(all.removed + all.kept),
                                         countText(all.kept))
                           : fmt::format("{} sequential scans, such as {}, read {} rows to keep {}.", all.scans,
                                         nameOf(node), countText(all.removed + all.kept), countText(all.kept)),
            fmt::format("Filter: {}; Rows Removed by Filter: {} in all", node.text("Filter"), countText(all.removed)));
        f.why = "Without a fitting index every row of the table is read and tested.";
        if (all.scans > 1)
            f.why += " An index on the partitioned table makes one on each partition.";
        advise(in, all.worst, all.scans > 1, f);
    }
}

} // namespace howdah::plan
