// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::plan {

/// Turning the result into text took a good part of the time ("Serialization", from 17 on).
void ruleSerialization(const RuleInput &in, std::vector<Finding> &out)
{
    double ms = 0;
    double kilobytes = 0;
    for (const auto &[key, value] : in.plan.serialization) {
        const auto *real = std::get_if<double>(&value.value);
        const auto *integer = std::get_if<std::int64_t>(&value.value);
        const double number = real != nullptr ? *real : integer != nullptr ? static_cast<double>(*integer) : 0;
        if (key == "Time")
            ms = number;
        else if (key == "Output Volume")
            kilobytes = number;
    }
    if (!in.worth(ms) || ms < 0.25 * in.execution_ms || ms < 5)
        return;
    Finding &f = report(in, out, "serialization", no_node, ms,
                        fmt::format("Turning the result into {} took {} of {}.",
                                    kilobytes >= 1024 ? fmt::format("{:.0f} MB", kilobytes / 1024)
                                                      : fmt::format("{:.0f} kB", kilobytes),
                                    timeText(ms), timeText(in.execution_ms)),
                        fmt::format("Serialization: time={:.3f} ms  output={:.0f}kB", ms, kilobytes));
    f.why =
        "Large values are fetched from TOAST and decompressed only now. Ask for the columns and rows that are needed.";
}

} // namespace howdah::plan
