// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// "Batches" above one: the inner side did not fit, and both sides went through files.
void ruleHashSpill(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const double batches = node.number("Hash Batches").value_or(1);
        if (node.node_type != "Hash" || batches <= 1 || node.parent == no_node)
            continue;
        const double own = in.exclusive(id) + in.exclusive(node.parent);
        const double io = in.node(node.parent).io
                              ? in.node(node.parent).io->temp_read_ms + in.node(node.parent).io->temp_write_ms
                              : 0;
        const double lost = std::max(0.3 * own, std::min(io, own));
        if (!in.worth(lost))
            continue;
        const double need =
            std::max(node.number("Peak Memory Usage").value_or(0) * batches * 1.2,
                     node.actual_rows.value_or(0) * (static_cast<double>(node.plan_width.value_or(8)) + 24) / 1024);
        // hash_mem_multiplier is 2 from 15 on, 1 before.
        const double multiplier = in.version() == 0 || in.version() >= 150000 ? 2 : 1;
        Finding &f = report(in, out, "hash-spill", id, lost,
                            fmt::format("The hash of {} went through {} batches in temporary files; it needs about {}.",
                                        nameOf(in.node(node.parent)), countText(batches), memorySetting(need)),
                            fmt::format("Batches: {:.0f} (originally {:.0f})  Memory Usage: {:.0f}kB", batches,
                                        node.number("Original Hash Batches").value_or(batches),
                                        node.number("Peak Memory Usage").value_or(0)));
        f.fix_sql.push_back(workMemFix(need / multiplier));
        if (in.version() >= 130000 || in.version() == 0)
            f.fix_sql.push_back("SET LOCAL hash_mem_multiplier = 4;");
        f.why = "A hash join whose inner side exceeds work_mem × hash_mem_multiplier splits both sides into batches, "
                "writes all but the first to files and reads them again.";
        if (node.number("Original Hash Batches").value_or(batches) < batches)
            f.why += " There were more rows than estimated, so the number of batches grew while it ran.";
    }
}

} // namespace howdah::plan
