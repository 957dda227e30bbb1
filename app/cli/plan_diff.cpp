// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/plan_commands.h"
#include "app/cli/plan_report.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/plan/diff.h"

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;
using plan::DiffKind;
using plan::NodeDiff;
using plan::Plan;
using plan::PlanDiff;

struct DiffChoice {
    std::vector<std::string> files;
    double noise = 10; ///< percent
};

const char *wordOf(DiffKind kind)
{
    switch (kind) {
    case DiffKind::Same:
        return "same";
    case DiffKind::Changed:
        return "changed";
    case DiffKind::Removed:
        return "removed";
    case DiffKind::Added:
        return "added";
    }
    return "";
}

bool slower(const PlanDiff &diff)
{
    return !diff.noise && diff.execution_ms.value_or(0) > 0;
}

template <typename T> void put(Json &object, const char *key, const std::optional<T> &value)
{
    if (value)
        object[key] = *value;
}

Json diffJson(const Plan &before, const Plan &after, const PlanDiff &diff)
{
    Json object{{"same_shape", diff.same_shape}, {"slower", slower(diff)}, {"noise", diff.noise}};
    put(object, "execution_ms", diff.execution_ms);
    put(object, "planning_ms", diff.planning_ms);
    object["total_cost"] = diff.total_cost;
    object["changes"] = diff.changes;
    object["nodes"] = Json::array();
    for (const NodeDiff &node : diff.nodes) {
        Json entry{{"kind", wordOf(node.kind)}};
        entry["before"] = node.before == plan::no_node ? Json() : Json(node.before);
        entry["after"] = node.after == plan::no_node ? Json() : Json(node.after);
        entry["title"] = nodeTitle(node.after == plan::no_node ? before.nodes[node.before] : after.nodes[node.after]);
        put(entry, "exclusive_ms", node.exclusive_ms);
        put(entry, "inclusive_ms", node.inclusive_ms);
        put(entry, "rows_total", node.rows_total);
        entry["exclusive_cost"] = node.exclusive_cost;
        put(entry, "blocks", node.blocks);
        entry["noise"] = node.noise;
        if (!node.change.empty())
            entry["change"] = node.change;
        object["nodes"].push_back(std::move(entry));
    }
    return object;
}

std::string signedDuration(double ms)
{
    return (ms < 0 ? "-" : "+") + human::duration(std::abs(ms));
}

std::string nodeDiffLine(const Plan &before, const Plan &after, const NodeDiff &node, std::size_t columns, bool colored)
{
    const bool removed = node.after == plan::no_node;
    const char *mark = node.kind == DiffKind::Added ? "+ " : removed ? "- " : node.kind == DiffKind::Changed ? "~ " : "  ";
    const std::string title = node.change.empty() ? nodeTitle(removed ? before.nodes[node.before] : after.nodes[node.after]) : node.change;
    const bool timed = node.exclusive_ms.has_value();
    std::string figures = timed ? (node.noise ? "≈" : signedDuration(*node.exclusive_ms)) : std::abs(node.exclusive_cost) < 0.005 ? "" : fmt::format("{:+.2f} cost", node.exclusive_cost);
    figures = padded(figures, 16, true) + "  ";
    const Ink ink = timed && !node.noise ? (*node.exclusive_ms > 0 ? Ink::Red : Ink::Green) : Ink::Dim;
    return inked(figures, ink, colored) + mark + clipped(printable(title), std::max<std::size_t>(columns, 60) - 20) + "\n";
}

void printDiff(const Plan &before, const Plan &after, const PlanDiff &diff)
{
    const std::size_t columns = terminalColumns(120);
    const bool colored = stdoutHasColors();
    if (diff.same_shape)
        output().write("The shape is the same.\n");
    else
        output().write(inked(fmt::format("The shape changed ({} {}):", diff.changes.size(), diff.changes.size() == 1 ? "place" : "places"), Ink::Bold, colored) + "\n");
    for (const std::string &change : diff.changes)
        output().write("  " + clipped(printable(change), columns - 2) + "\n");
    if (diff.execution_ms)
        output().write(fmt::format("Execution: {}{}\n", signedDuration(*diff.execution_ms), diff.noise ? ", which is within noise" : ""));
    if (diff.planning_ms)
        output().write("Planning: " + signedDuration(*diff.planning_ms) + "\n");
    output().write(fmt::format("Cost: {:+.2f}\n\n", diff.total_cost));
    output().write(inked("   own time after  node (+ added, - removed, ~ changed, ≈ within noise)", Ink::Bold, colored) + "\n");
    for (const NodeDiff &node : diff.nodes)
        output().write(nodeDiffLine(before, after, node, columns, colored));
}

int diff(const Context &context, const DiffChoice &choice)
{
    if (choice.files.size() != 2)
        return failed(context, fail(ErrorKind::Usage, "plan diff compares two plans", "Give two files: howdah-cli plan diff before.txt after.txt").value());
    int code = exit_ok;
    const auto before = readPlans(context, choice.files[0], code);
    const auto after = before ? readPlans(context, choice.files[1], code) : nullptr;
    if (!before || !after)
        return code;
    const std::size_t count = std::min(before->result.plans.size(), after->result.plans.size());
    const bool all_paired = before->result.plans.size() == after->result.plans.size();
    bool changed = !all_paired;
    Json document{{"before", nameOf(choice.files[0])}, {"after", nameOf(choice.files[1])}, {"plans", Json::array()}};
    if (!all_paired)
        printNote(fmt::format("{} has {} plans, {} has {}: the first {} are compared.", nameOf(choice.files[0]), before->result.plans.size(), nameOf(choice.files[1]),
                              after->result.plans.size(), count));
    for (std::size_t i = 0; i < count; ++i) {
        const Plan &a = before->result.plans[i];
        const Plan &b = after->result.plans[i];
        plan::DiffOptions options;
        options.noise_share = choice.noise / 100;
        const PlanDiff found = plan::diffPlans(a, b, options);
        changed = changed || !found.same_shape || slower(found);
        if (context.json) {
            document["plans"].push_back(diffJson(a, b, found));
            continue;
        }
        if (count > 1)
            output().write(fmt::format("{}Plan {} of {}\n", i > 0 ? "\n" : "", i + 1, count));
        printDiff(a, b, found);
    }
    document["changed"] = changed;
    if (context.json)
        output().write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    return changed ? exit_findings : exit_ok;
}

} // namespace

PlanCommand declarePlanDiff(CLI::App &plan)
{
    const auto choice = std::make_shared<DiffChoice>();
    CLI::App *options = plan.add_subcommand("diff", "Compare two plans of one query");
    options->add_option("files", choice->files, "The plan before and the plan after")->expected(0, 2);
    options->add_option("--noise", choice->noise, "What two runs of one plan may differ by, in percent")->type_name("PERCENT")->check(CLI::Range(0.0, 1000.0));
    return {options, [choice](const Context &context) { return diff(context, *choice); }};
}

} // namespace howdah::cli
