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

/// auto_explain's log line before a JSON value that begins at `offset`.
std::optional<double> durationBefore(std::string_view input, std::size_t offset)
{
    std::string_view before = trimmedRight(input.substr(0, offset));
    const std::size_t line = before.rfind('\n');
    return logDuration(line == std::string_view::npos ? before : before.substr(line + 1));
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
                for (Plan &plan : builder.takePlans()) {
                    plan.duration_ms = durationBefore(input, at);
                    result.plans.push_back(std::move(plan));
                }
                at = std::max(at, end.offset == 0 ? at : end.offset - 1);
                continue;
            }
            // Whole JSON of another kind is stepped over, not tried again from each of its lines.
            if (end.problem.empty() && end.offset > at)
                at = end.offset - 1;
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
    // JSON in psql's frame or in a quoted cell.
    if (std::any_of(lines.begin(), lines.end(), [](const Line &line) {
            const std::string_view text = trimmed(line.text);
            return text.starts_with('[') || text.starts_with('{');
        })) {
        std::string bare;
        for (const Line &line : lines)
            bare.append(line.text).push_back('\n');
        if (readJsonDocuments(bare, result)) {
            result.format = Format::Json;
            return result;
        }
    }
    result.plans = readText(lines, result.diagnostics);
    if (!result.plans.empty())
        return result;
    return fail(ErrorKind::Parse, "No plan was found in this text.",
                "Paste the whole output of EXPLAIN: TEXT, JSON, XML or YAML.");
}

} // namespace howdah::plan
