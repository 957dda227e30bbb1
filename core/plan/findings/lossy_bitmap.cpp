// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Lossy blocks: the bitmap remembers pages only, and every row on them has to be looked at again.
void ruleLossyBitmap(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double lossy = node.number("Lossy Heap Blocks").value_or(0);
        const double rechecked = node.number("Rows Removed by Index Recheck").value_or(0) * node.loops.value_or(1);
        if (lossy <= 0 || rechecked <= 0)
            continue;
        const double lost = in.exclusive(id) * rechecked / (rechecked + in.rows(id) + 1);
        if (!in.worth(lost))
            continue;
        const double blocks = lossy + node.number("Exact Heap Blocks").value_or(0);
        const double need = blocks * 100 / 1024 * 1.3; // a hash entry a page
        Finding &f = report(
            in, out, "lossy-bitmap", id, lost,
            fmt::format("{} looked at {} rows in vain, because its bitmap of {} pages did not fit into work_mem.",
                        nameOf(node), countText(rechecked), countText(blocks)),
            fmt::format("Heap Blocks: exact={:.0f} lossy={:.0f}; Rows Removed by Index Recheck: {:.0f}",
                        node.number("Exact Heap Blocks").value_or(0), lossy, rechecked));
        f.fix_sql.push_back(workMemFix(need));
        f.why = "When the bitmap outgrows work_mem it keeps pages instead of rows.";
    }
}

} // namespace howdah::plan
