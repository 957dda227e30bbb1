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

namespace howdah::cli {

namespace {

struct LintChoice {
    std::vector<std::string> files;
    std::string fail_on = "warning";
};

/// Severities from 0; past the last one nothing fails.
int levelOf(const std::string &word)
{
    return word == "info" ? 0 : word == "warning" ? 1 : word == "serious" ? 2 : 3;
}

nlohmann::ordered_json findingJson(const plan::Plan &plan, const plan::Finding &finding, const std::string &file, std::size_t number)
{
    nlohmann::ordered_json object{{"file", file}, {"plan", number}, {"rule", finding.rule}};
    object["node"] = finding.node == plan::no_node ? nlohmann::ordered_json() : nlohmann::ordered_json(finding.node);
    if (finding.node != plan::no_node)
        object["title"] = nodeTitle(plan.nodes[finding.node]);
    object["severity"] = severityWord(finding.severity);
    object["lost_ms"] = finding.lost_ms;
    object["message"] = finding.message;
    object["evidence"] = finding.evidence;
    object["fix_sql"] = finding.fix_sql;
    return object;
}

std::string findingLine(const plan::Plan &plan, const plan::Finding &finding, const std::string &file)
{
    const std::string node = finding.node == plan::no_node ? "plan" : nodeTitle(plan.nodes[finding.node]);
    return printable(fmt::format("{}: {}: {}: {}", file, node, finding.rule, finding.message)) + "\n";
}

int lint(const Context &context, const LintChoice &choice)
{
    if (choice.files.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no plan to check", "Give files with what EXPLAIN printed, or - for standard input.").value());
    nlohmann::ordered_json document{{"fail_on", choice.fail_on}, {"findings", nlohmann::ordered_json::array()}, {"unreadable", nlohmann::ordered_json::array()}};
    Context reading = context;
    reading.json = false; // one document for all files
    int code = exit_ok;
    int worst = -1;
    for (const std::string &file : choice.files) {
        int problem = exit_ok;
        const auto read = readPlans(reading, file, problem);
        if (!read) {
            code = problem;
            document["unreadable"].push_back(nameOf(file));
            continue;
        }
        for (std::size_t i = 0; i < read->result.plans.size(); ++i) {
            const plan::Plan &plan = read->result.plans[i];
            for (const plan::Finding &finding : plan::findings(plan, plan::measure(plan))) {
                worst = std::max(worst, static_cast<int>(finding.severity));
                if (context.json)
                    document["findings"].push_back(findingJson(plan, finding, nameOf(file), i));
                else
                    output().write(findingLine(plan, finding, nameOf(file)));
            }
        }
    }
    // What could not be read cannot be said to be good.
    if (code == exit_ok && worst >= levelOf(choice.fail_on))
        code = exit_findings;
    document["failed"] = code != exit_ok;
    if (context.json)
        output().write(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return code;
}

} // namespace

PlanCommand declarePlanLint(CLI::App &plan)
{
    const auto choice = std::make_shared<LintChoice>();
    CLI::App *options = plan.add_subcommand("lint", "A line per finding, for CI");
    options->add_option("files", choice->files, "Plans; - is standard input");
    options->add_option("--fail-on", choice->fail_on, "End with 1 from this level on: info, warning, serious, none")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"info", "warning", "serious", "none"}));
    return {options, [choice](const Context &context) { return lint(context, *choice); }};
}

} // namespace howdah::cli
