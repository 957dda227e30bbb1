// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Nodes of a type that enable_… switched off, used because nothing else was possible.
void ruleDisabled(const RuleInput &in, std::vector<Finding> &out)
{
    constexpr double disable_cost = 1e10; // up to 17 a fine on the estimate, from 18 a mark on the node
    for (NodeId id = 0; id < in.size(); ++id) {
        const Node &node = in.node(id);
        double below = 0;
        for (const NodeId child : node.children)
            below = std::max(below, in.node(child).total_cost.value_or(0));
        if (!node.disabled && (node.total_cost.value_or(0) < disable_cost || below >= disable_cost))
            continue;
        if (in.analyzed && !in.worth(in.exclusive(id)))
            continue;
        Finding &f =
            report(in, out, "disabled-node", id, 0,
                   fmt::format("{} is used although its type is switched off: there was no other way.", nameOf(node)),
                   node.disabled ? "Disabled: true" : fmt::format("cost={:.2f}", node.total_cost.value_or(0)));
        for (const Property &setting : in.plan.settings) {
            const auto *value = std::get_if<std::string>(&setting.second.value);
            if (setting.first.starts_with("enable_") && value != nullptr && *value == "off")
                f.fix_sql.push_back("RESET " + setting.first + ";");
        }
        f.why = "enable_… only discourages a plan type. Where no other can do the work, it is taken anyway.";
        return;
    }
}

} // namespace howdah::plan
