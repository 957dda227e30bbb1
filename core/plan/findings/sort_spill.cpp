// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

namespace {

/// What the same rows need in memory: EXPLAIN's figure is of packed tapes, while a sort in memory keeps a header
/// and a pointer array beside each row.
double neededKilobytes(double disk_kb, double rows, double width)
{
    constexpr double per_row = 24 + 16 + 16; // SortTuple, header of the tuple, allocation
    return std::max(disk_kb * 1.3, rows * (width + per_row) / 1024) * 1.1;
}

} // namespace

/// "Sort Method: external merge  Disk: …kB", of the leader or of any worker.
void ruleSortSpill(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        double disk = node.text("Sort Space Type") == "Disk" ? node.number("Sort Space Used").value_or(0) : 0;
        double processes = 1;
        for (const WorkerStats &worker : node.workers) {
            double used = 0;
            bool on_disk = false;
            for (const auto &[key, value] : worker.properties) {
                const auto *number = std::get_if<std::int64_t>(&value.value);
                const auto *text = std::get_if<std::string>(&value.value);
                if (key == "Sort Space Used" && number != nullptr)
                    used = static_cast<double>(*number);
                on_disk = on_disk || (key == "Sort Space Type" && text != nullptr && *text == "Disk");
            }
            if (on_disk)
                disk = std::max(disk, used);
        }
        processes = std::max(1.0, in.of(id).processes);
        if (disk <= 0)
            continue;
        const double io = node.io ? node.io->temp_read_ms + node.io->temp_write_ms : 0;
        const double lost = std::max(0.3 * in.exclusive(id), std::min(io, in.exclusive(id)));
        if (!in.worth(lost))
            continue;
        const double rows = node.actual_rows.value_or(0);
        const double need = neededKilobytes(disk, rows, static_cast<double>(node.plan_width.value_or(8)));
        Finding &f =
            report(in, out, "sort-spill", id, lost,
                   fmt::format("{} wrote {} kB to temporary files; about {} of work_mem would keep it in memory.",
                               nameOf(node), countText(disk), memorySetting(need)),
                   fmt::format("Sort Method: {}  Disk: {}kB; {} rows{}", node.text("Sort Method"), disk,
                               countText(rows), processes > 1 ? " in each process" : ""));
        f.fix_sql.push_back(workMemFix(need));
        f.why = "A sort whose rows do not fit into work_mem is written to temporary files and merged from there. "
                "An index in this order would need no sort at all.";
    }
}

} // namespace howdah::plan
