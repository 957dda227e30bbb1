// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/model.h"

#include <algorithm>

#include "core/plan/json_reader.h"
#include "core/plan/text_lines.h"
#include "core/plan/text_reader.h"

namespace howdah::plan {

namespace {

std::size_t lineOf(std::string_view input, std::size_t offset)
{
    return 1 + static_cast<std::size_t>(
               std::count(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

/// Every JSON value that begins at the start of a line and holds a plan.
bool readJsonDocuments(std::string_view input, ReadResult &result)
{
    bool found = false;
    bool line_start = true;
    for (std::size_t at = 0; at < input.size(); ++at) {
        const char c = input[at];
        if (line_start && (c == '[' || c == '{')) {
            PlanBuilder builder;
            const JsonEnd end = readJson(input, at, builder);
            builder.finish();
            if (builder.hasPlans()) {
                found = true;
                if (!end.problem.empty())
                    result.diagnostics.push_back({lineOf(input, end.offset), end.problem});
                for (Plan &plan : builder.takePlans())
                    result.plans.push_back(std::move(plan));
                at = std::max(at, end.offset == 0 ? at : end.offset - 1);
                continue;
            }
        }
        line_start = c == '\n' || (line_start && (c == ' ' || c == '\t' || c == '\r'));
    }
    return found;
}

} // namespace

Result<ReadResult> read(std::string_view input)
{
    ReadResult result;
    if (readJsonDocuments(input, result)) {
        result.format = Format::Json;
        return result;
    }
    const std::vector<Line> lines = bareLines(input);
    result.plans = readText(lines, result.diagnostics);
    if (!result.plans.empty())
        return result;
    return fail(ErrorKind::Parse, "No plan was found in this text.",
                "Paste the whole output of EXPLAIN: TEXT, JSON, XML or YAML.");
}

} // namespace howdah::plan
