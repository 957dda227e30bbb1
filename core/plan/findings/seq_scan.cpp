// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/findings/quals.h"

namespace howdah::plan {

namespace {

/// Conditions on an expression: only an index on the same expression can answer them.
void adviseExpression(const Node &node, const std::vector<Qual> &quals, Finding &f)
{
    for (const Qual &qual : quals) {
        if (!qual.column.empty() && qual.cast.empty())
            continue;
        if (!qual.against_constant || qual.expression.empty() || qual.op.empty() || qual.op == "<>")
            continue;
        if (!qual.cast.empty() && !qual.column.empty()) {
            f.message += fmt::format(" Its column {} is cast to {}, which keeps an index on it from being used.", qual.column,
                                     qual.cast);
            f.why += " Compare the column with a value of its own type instead: a parameter of the wrong type is enough "
                     "to cause such a cast.";
        } else {
            f.message += " The condition is on an expression, which an index on the bare column cannot answer.";
        }
        f.fix_sql.push_back("CREATE INDEX CONCURRENTLY ON " + relationName(node) + " ((" + qual.expression + "));");
        return;
    }
}

} // namespace

/// A sequential scan that throws most rows away.
void ruleSeqScan(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double removed = in.of(id).removed_total.value_or(0);
        const double share = in.of(id).removed_share.value_or(0);
        if (node.node_type != "Seq Scan" || removed < 1000 || share < 0.8)
            continue;
        const double lost = in.exclusive(id) * share;
        if (!in.worth(lost))
            continue;
        const std::string filter = node.text("Filter");
        const std::vector<Qual> quals = readQuals(filter);
        Finding &f = report(in, out, "seq-scan", id, lost,
                            fmt::format("{} read {} rows to keep {}.", nameOf(node), countText(removed + in.rows(id)),
                                        countText(in.rows(id))),
                            fmt::format("Filter: {}; Rows Removed by Filter: {} in all", filter, countText(removed)));
        f.why = "Without a fitting index every row of the table is read and tested.";
        const std::vector<std::string> columns = isDisjunction(filter) ? std::vector<std::string>() : indexColumns(quals);
        if (!columns.empty()) {
            f.fix_sql.push_back(fmt::format("CREATE INDEX CONCURRENTLY ON {} ({});", relationName(node),
                                            fmt::join(columns, ", ")));
        } else if (isDisjunction(filter)) {
            for (const std::string &part : disjunctColumns(filter))
                f.fix_sql.push_back("CREATE INDEX CONCURRENTLY ON " + relationName(node) + " (" + part + ");");
            f.why += " Conditions joined by OR need an index for each side, which a BitmapOr then combines.";
        } else {
            adviseExpression(node, quals, f);
        }
    }
}

} // namespace howdah::plan
