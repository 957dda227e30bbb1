// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/output.h"
#include "app/cli/plan_report.h"
#include "app/cli/terminal.h"
#include "core/plan/to_json.h"

namespace howdah::cli {

const char *const plan_manual = R"(howdah-cli plan FILE [--json]
howdah-cli plan -

Reads what EXPLAIN printed, in any of its formats: as psql frames it, from a log of
auto_explain, pasted from a ticket, several in one. It needs no server.

It prints the tree with the time that each node took by itself (of loops, parallel
workers, CTEs and InitPlans each millisecond is counted once), its share, its rows and
how far their estimate was off; then the slowest nodes, with the sum that gave
their time, and the worst estimate. Without ANALYZE it prints costs.

What cannot be read is named with its line on standard error; the rest is used.

      --json           {format, plans[], diagnostics[]}; plans[].nodes[] is flat,
                       a parent before its children. What EXPLAIN did not print
                       is absent

  psql -XAtc 'EXPLAIN (ANALYZE, BUFFERS) SELECT …' | howdah-cli plan -
  howdah-cli plan slow.txt --json | jq '.plans[0].nodes[] | {label, exclusive_ms}'
)";

namespace {

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
    }
    if (number < count)
        output().write("\n");
}

int plan(const Context &context, const std::string &file)
{
    const auto input = readInput(file);
    if (!input)
        return failed(context, input.error());
    const auto result = plan::read(input->text);
    if (!result)
        return failed(context, result.error(), *input);
    for (const plan::Diagnostic &diagnostic : result->diagnostics)
        printNote(fmt::format("{}:{}: {}", input->name.empty() ? "input" : input->name, diagnostic.line, diagnostic.message));
    if (context.json) {
        output().write(plan::toJson(*result) + "\n");
        return exit_ok;
    }
    for (std::size_t i = 0; i < result->plans.size(); ++i)
        printPlan(result->plans[i], i + 1, result->plans.size());
    return exit_ok;
}

} // namespace

Action declarePlan(CLI::App &options)
{
    const auto file = std::make_shared<std::string>();
    options.add_option("file", *file, "What EXPLAIN printed; - is standard input")->required();
    return [file](const Context &context) { return plan(context, *file); };
}

} // namespace howdah::cli
