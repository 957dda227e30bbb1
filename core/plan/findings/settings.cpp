// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

namespace {

bool steers(const std::string &name, const std::string &value)
{
    if (name.starts_with("enable_"))
        return value == "off" && name != "enable_partitionwise_join" && name != "enable_partitionwise_aggregate";
    return (name == "join_collapse_limit" || name == "from_collapse_limit") && value == "1";
}

} // namespace

/// Settings away from their default that forbid the planner something.
void ruleSettings(const RuleInput &in, std::vector<Finding> &out)
{
    if (in.analyzed && in.execution_ms < 10)
        return;
    for (const Property &setting : in.plan.settings) {
        const auto *value = std::get_if<std::string>(&setting.second.value);
        if (value == nullptr || !steers(setting.first, *value))
            continue;
        Finding &f =
            report(in, out, "settings", no_node, 0,
                   fmt::format("{} is {}, which keeps the planner from plans it may need.", setting.first, *value),
                   fmt::format("Settings: {} = '{}'", setting.first, *value));
        f.fix_sql.push_back("SET LOCAL " + setting.first + " = DEFAULT;");
        f.why = "Such settings are made to try something out. Left on, they make other queries slow.";
    }
}

} // namespace howdah::plan
