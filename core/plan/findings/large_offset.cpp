// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/plan/subplans.h"

namespace howdah::plan {

/// A Limit that throws away most of what it asked for.
void ruleLargeOffset(const RuleInput &in, std::vector<Finding> &out)
{
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        if (node.node_type != "Limit" || !in.executed(id))
            continue;
        const std::vector<NodeId> inputs = inputsOf(in.plan, id);
        if (inputs.empty())
            continue;
        const double asked = in.rows(inputs[0]);
        const double skipped = asked - in.rows(id);
        if (skipped < 1000 || skipped < 0.8 * asked)
            continue;
        const double lost = in.inclusive(id) * skipped / asked * 0.8;
        if (!in.worth(lost))
            continue;
        Finding &f = report(in, out, "large-offset", id, lost,
                            fmt::format("OFFSET computed {} rows to skip them and gave {}.", countText(skipped),
                                        countText(in.rows(id))),
                            fmt::format("Limit: {} rows; {}: {} rows", countText(in.rows(id)),
                                        nameOf(in.node(inputs[0])), countText(asked)));
        f.why = "OFFSET has to produce every row it skips. Remember the last row of the page before and ask for those "
                "behind it "
                "instead: WHERE (sort key, id) > (…, …) ORDER BY sort key, id LIMIT n, with an index in that order.";
    }
}

} // namespace howdah::plan
