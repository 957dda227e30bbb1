// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Rows that Materialize, a CTE, a function or a window kept for later, on disk.
void ruleMaterializeSpill(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        const std::string &type = node.node_type;
        if (type != "Materialize" && type != "CTE Scan" && type != "Function Scan" && type != "WindowAgg"
            && type != "Table Function Scan" && type != "Recursive Union")
            continue;
        const auto &own = in.of(id).exclusive_buffers;
        const double blocks = own ? static_cast<double>(own->temp_written) : 0;
        const bool on_disk = node.text("Storage") == "Disk" || blocks > 0;
        const double lost = 0.5 * in.exclusive(id);
        if (!on_disk || !in.worth(lost))
            continue;
        const double need =
            std::max({blocks * 8 * 1.5, node.number("Maximum Storage").value_or(0) * 1.5,
                      node.actual_rows.value_or(0) * (static_cast<double>(node.plan_width.value_or(8)) + 40) / 1024});
        Finding &f = report(in, out, "temp-files", id, lost,
                            fmt::format("{} kept its rows in temporary files; about {} of work_mem would hold them.",
                                        nameOf(node), memorySetting(need)),
                            fmt::format("temp written={:.0f} blocks{}", blocks,
                                        node.text("Storage").empty() ? "" : "; Storage: " + node.text("Storage")));
        f.fix_sql.push_back(workMemFix(need));
        f.why = "Rows that are read more than once are stored, in work_mem as long as they fit.";
    }
}

} // namespace howdah::plan
