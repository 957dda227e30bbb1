// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Blocks that were not in shared buffers, with the time they took where track_io_timing tells it.
void ruleColdReads(const RuleInput &in, std::vector<Finding> &out)
{
    NodeId worst = no_node;
    double worst_blocks = 0;
    double blocks = 0;
    double hits = 0;
    for (NodeId id = 0; id < in.size(); ++id) {
        const auto &own = in.of(id).exclusive_buffers;
        if (!own)
            continue;
        const auto read = static_cast<double>(own->shared_read);
        blocks += read;
        hits += static_cast<double>(own->shared_hit);
        if (read > worst_blocks) {
            worst = id;
            worst_blocks = read;
        }
    }
    if (worst == no_node || blocks < 1000 || blocks < hits)
        return;
    const Node &node = in.node(worst);
    const bool timed = node.io.has_value();
    const double processes = std::max(1.0, in.of(worst).processes);
    const double io = timed ? node.io->shared_read_ms / processes : 0;
    // Untimed: the operating system's cache gives a block in some ten microseconds, disks in a hundred and more.
    const double lost =
        timed ? std::min(io, in.inclusive(worst)) : std::min(worst_blocks * 0.01, 0.5 * in.exclusive(worst));
    if (!in.worth(lost))
        return;
    Finding &f = report(in, out, "cold-reads", worst, lost,
                        fmt::format("{} blocks ({}) were read from outside shared buffers, {} found there; most by {}.",
                                    countText(blocks),
                                    blocks >= 131072 ? fmt::format("{:.1f} GB", blocks / 131072)
                                                     : fmt::format("{:.0f} MB", blocks / 128),
                                    countText(hits), nameOf(node)),
                        fmt::format("Buffers: shared hit={:.0f} read={:.0f}{}", hits, blocks,
                                    timed ? fmt::format("; read={:.3f} ms", node.io->shared_read_ms)
                                          : std::string("; the time is an estimate, track_io_timing is off")));
    f.severity = std::min(f.severity, timed ? Severity::Serious : Severity::Warning);
    if (!timed)
        f.fix_sql.push_back("SET track_io_timing = on;");
    f.why = "Run it again: if it is fast then, the blocks were merely cold. If it always reads as much, an index that "
            "finds fewer "
            "blocks, or larger shared_buffers, is what helps.";
}

} // namespace howdah::plan
