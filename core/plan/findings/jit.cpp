// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

namespace {

double numberOf(const PropertyValue &value)
{
    if (const auto *real = std::get_if<double>(&value.value))
        return *real;
    if (const auto *integer = std::get_if<std::int64_t>(&value.value))
        return static_cast<double>(*integer);
    return 0;
}

} // namespace

/// Time spent in compiling, against what is left of the query.
void ruleJit(const RuleInput &in, std::vector<Finding> &out)
{
    double total = 0;
    double functions = 0;
    for (const auto &[key, value] : in.plan.jit) {
        if (key == "Functions")
            functions = numberOf(value);
        const auto *group = std::get_if<PropertyValue::Group>(&value.value);
        if (key != "Timing" || group == nullptr)
            continue;
        for (const auto &[name, ms] : *group) {
            if (name == "Total")
                total = numberOf(ms);
        }
    }
    if (total < 5 || total < 0.2 * in.execution_ms)
        return;
    Finding &f = report(in, out, "jit", no_node, total,
                        fmt::format("Compiling {} functions took {} of {}.", countText(functions), timeText(total),
                                    timeText(in.execution_ms)),
                        fmt::format("JIT: Functions: {:.0f}; Timing: Total {:.3f} ms", functions, total));
    f.fix_sql.push_back("SET LOCAL jit = off;");
    const std::string above = in.setting("jit_above_cost");
    const double cost = in.plan.nodes[0].total_cost.value_or(0);
    if (cost > 0)
        f.fix_sql.push_back(fmt::format("SET LOCAL jit_above_cost = {:.0f};", cost * 2));
    f.why = "Just-in-time compilation pays for queries that evaluate expressions over very many rows. It starts by "
            "estimated cost"
            + (above.empty() ? std::string() : " (jit_above_cost is " + above + ")")
            + ", which an over-estimate or many partitions raise without any more work to do.";
}

} // namespace howdah::plan
