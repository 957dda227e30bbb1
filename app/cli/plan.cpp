// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/plan_commands.h"
#include "app/cli/plan_report.h"
#include "app/cli/terminal.h"
#include "core/plan/anonymise.h"
#include "core/plan/print.h"
#include "core/plan/to_json.h"

namespace howdah::cli {

const char *const plan_manual = R"(howdah-cli plan FILE|- [--json] [--anonymise]
howdah-cli plan diff A B [--json] [--noise PERCENT]
howdah-cli plan lint FILE… [--fail-on LEVEL] [--json]
howdah-cli plan try [STATEMENT | -f FILE] [-v NAME=VALUE] [--sql SQL]… [--rewrite FILE] [--runs N] [--json]
howdah-cli plan history [--fingerprint F] [--json]

Reads what EXPLAIN printed, in any of its formats: as psql frames it, from a log of
auto_explain, pasted from a ticket, several in one. It needs no server.

It prints the tree with the time that each node took by itself (of loops, parallel
workers, CTEs and InitPlans each millisecond is counted once), its share, its rows and
how far their estimate was off; then the slowest nodes, with the sum that gave
their time, the worst estimate, and what the rules found: what is lost, why, and SQL
to try against it. Without ANALYZE it prints costs.

What cannot be read is named with its line on standard error; the rest is used.

      --json           {format, plans[], findings[], diagnostics[]}; plans[].nodes[] is flat,
                       a parent before its children; plans[].findings[] has rule,
                       node, severity, lost_ms, message, evidence, fix_sql[], why;
                       findings[] on top has those of all, with the plan's index.
                       What EXPLAIN did not print is absent
      --anonymise      the plan as EXPLAIN words it (with --json: the document) with
                       every name and value of yours replaced, to be shown to others

plan diff compares two plans of one query, matched by what their nodes work on. It ends
with 1 when the shape changed or the time grew by more than noise, else with 0.

      --noise PERCENT  what two runs of one plan may differ by (10)

plan lint is for CI: a line per finding, "file: node: rule: message". It ends with 1
when there is one at the level or above, else with 0.

      --fail-on LEVEL  info, warning (the default), serious or none

plan try measures on the server what would make a statement faster, in a transaction that
is rolled back: each fix that the rules propose alone, then all of them together; or what
--sql and --rewrite say. An index is only pretended, and then only planned for, where the
extension hypopg is there.

      --sql SQL        CREATE INDEX, ANALYZE, CREATE STATISTICS, SET …; may be repeated
      --rewrite FILE   another wording; its rows are compared with those of the statement
      --runs N         runs of each side: the first counts as cold, of the others the
                       median and the spread are told (1)
      --plan-only      plan both, run nothing
      --build-up-to MB build an index really where hypopg is not there and the table is no
                       larger; writes to the table wait until it is rolled back
      --build          build it also where hypopg is there, so that it is measured
  -v, --set NAME=VALUE the value of :NAME or $N

plan history lists the plans that "howdah-cli explain --record" kept, by query; a query
whose plan changed its shape between two runs has flips. The file is the one that
HOWDAH_HISTORY names, else plans.sqlite in the user's data folder.

      --fingerprint F  the runs of that query, the latest first
      --json           all of it, with the plans; --import takes it
      --import FILE    add what such a document holds and the history does not

A file that is called like a command is read when the command is given nothing else;
"./diff" is always a file.

  psql -XAtc 'EXPLAIN (ANALYZE, BUFFERS) SELECT …' | howdah-cli plan -
  howdah-cli plan slow.txt --json | jq '.plans[0].nodes[] | {label, exclusive_ms}'
  howdah-cli plan diff before.json after.json
  howdah-cli plan try -d demo --runs 5 'SELECT * FROM orders WHERE status = 7'
  howdah-cli plan lint plans/*.json --fail-on serious
)";

namespace {

struct PlanChoice {
    std::string file;
    bool anonymise = false;
    std::array<PlanCommand, 4> commands;
};

void printPlan(const plan::Plan &plan, std::size_t number, std::size_t count)
{
    const std::size_t columns = terminalColumns(120);
    const bool colored = stdoutHasColors();
    if (count > 1)
        output().write(inked(fmt::format("Plan {} of {}", number, count), Ink::Bold, colored) + "\n");
    if (!plan.query_text.empty())
        output().write("Query: " + clipped(printable(plan.query_text), columns - 7) + "\n");
    if (!plan.note.empty())
        output().write(printable(plan.note) + "\n");
    if (!plan.nodes.empty()) {
        const plan::Metrics metrics = plan::measure(plan);
        output().write(planTree(plan, metrics, columns, colored));
        output().write("\n" + planReadout(plan, metrics, columns, colored));
        output().write(findingsText(plan, plan::findings(plan, metrics), columns, colored));
    }
    if (number < count)
        output().write("\n");
}

void printAnonymised(const std::vector<plan::Plan> &plans)
{
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (!plans[i].query_text.empty())
            output().write("Query Text: " + printable(plans[i].query_text, true) + "\n");
        output().write(printable(plan::printText(plans[i]).text, true) + (i + 1 < plans.size() ? "\n" : ""));
    }
}

int showPlan(const Context &context, const std::string &file, bool anonymise)
{
    int code = exit_ok;
    const auto read = readPlans(context, file, code);
    if (!read)
        return code;
    plan::ReadResult &result = read->result;
    if (anonymise) {
        for (plan::Plan &plan : result.plans)
            plan = plan::anonymised(std::move(plan));
        // They quote the input.
        for (plan::Diagnostic &diagnostic : result.diagnostics)
            diagnostic.message = "not readable";
    }
    if (context.json) {
        output().write(plan::toJson(result) + "\n");
        return exit_ok;
    }
    if (anonymise) {
        printAnonymised(result.plans);
        return exit_ok;
    }
    for (std::size_t i = 0; i < result.plans.size(); ++i)
        printPlan(result.plans[i], i + 1, result.plans.size());
    return exit_ok;
}

/// Whether the command got nothing but its name, and a file of that name lies here.
bool meansFile(const CLI::App &command)
{
    std::error_code unknown;
    return command.count_all() <= 1 && std::filesystem::is_regular_file(command.get_name(), unknown);
}

int plan(const Context &context, const PlanChoice &choice)
{
    for (const PlanCommand &command : choice.commands) {
        if (!command.options->parsed())
            continue;
        if (choice.anonymise || !choice.file.empty())
            return failed(context, fail(ErrorKind::Usage, "plan " + command.options->get_name() + " does not take " + (choice.anonymise ? "--anonymise" : "\"" + choice.file + "\""), "See: howdah-cli help plan").value());
        if (meansFile(*command.options))
            return showPlan(context, command.options->get_name(), false);
        return command.action(context);
    }
    if (choice.file.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no plan", "Give a file with what EXPLAIN printed, or - for standard input.").value());
    return showPlan(context, choice.file, choice.anonymise);
}

} // namespace

std::string nameOf(const std::string &file)
{
    return file == "-" ? "standard input" : file;
}

std::unique_ptr<PlanInput> readPlans(const Context &context, const std::string &file, int &code)
{
    auto input = readInput(file);
    if (!input) {
        code = failed(context, input.error());
        return {};
    }
    auto result = plan::read(input->text);
    if (!result) {
        code = failed(context, result.error(), *input);
        return {};
    }
    for (const plan::Diagnostic &diagnostic : result->diagnostics)
        printNote(fmt::format("{}:{}: {}", input->name.empty() ? "input" : input->name, diagnostic.line, diagnostic.message));
    return std::make_unique<PlanInput>(PlanInput{std::move(*input), std::move(*result)});
}

Action declarePlan(CLI::App &options)
{
    const auto choice = std::make_shared<PlanChoice>();
    options.add_option("file", choice->file, "What EXPLAIN printed; - is standard input");
    options.add_flag("--anonymise,--anonymize", choice->anonymise, "Replace every name and value");
    options.require_subcommand(0, 1);
    choice->commands = {declarePlanDiff(options), declarePlanLint(options), declarePlanTry(options), declarePlanHistory(options)};
    return [choice](const Context &context) { return plan(context, *choice); };
}

} // namespace howdah::cli
