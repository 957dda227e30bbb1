// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/index_commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/index/why.h"

namespace howdah::cli {

const char *const index_why_manual = R"(
howdah-cli index why "CREATE INDEX …" [--workload FILE|- | --pgss] [--json]

Judges an index that you thought of: whether one that is there serves already, which
queries of a workload it would serve and why others not, how large it would be and what
its upkeep costs. Nothing is built. It ends with 1 when the index does not help.
)";

namespace {

struct WhyChoice {
    std::string statement;
    WorkloadChoice workload;
};

void printWhy(const index::Why &why)
{
    const bool colored = stdoutHasColors();
    output().write(inked(printable(why.ddl), Ink::Bold, colored) + "\n");
    output().write(fmt::format("{} · about {} · {}\n", why.helps ? inked("It helps", Ink::Green, colored) : inked("It does not help", Ink::Yellow, colored), human::bytes(why.size_bytes), index::proofName(why.proof)));
    for (const std::string &reason : why.reasons)
        output().write("  " + printable(reason) + "\n");
    for (const index::Why::Query &query : why.queries) {
        output().write(fmt::format("{:>12.1f} → {:>12.1f}  {}\n", query.cost_before, query.cost_after, clipped(printable(query.text), 90)));
        if (!query.reason.empty())
            output().write("      " + printable(query.reason) + "\n");
    }
    for (const workload::Problem &problem : why.problems)
        printNote(printable(problem.message) + ": " + printable(problem.statement));
}

int judge(const Context &context, const WhyChoice &choice)
{
    if (choice.workload.kept && !choice.workload.file.empty())
        return failed(context, fail(ErrorKind::Usage, "index why takes --workload or --pgss, not both").value());
    if (choice.statement.empty())
        return failed(context, fail(ErrorKind::Usage, "index why needs a CREATE INDEX").value());
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto load = chosenWorkload(choice.workload, **connection);
    if (!load)
        return failed(context, load.error());
    const auto why = index::why(**connection, choice.statement, *load);
    if (!why)
        return failed(context, why.error());
    if (context.json)
        output().write(index::toJson(*why) + "\n");
    else
        printWhy(*why);
    return why->helps ? exit_ok : exit_findings;
}

} // namespace

IndexCommand declareIndexWhy(CLI::App &index)
{
    const auto choice = std::make_shared<WhyChoice>();
    CLI::App *options = index.add_subcommand("why", "Judge an index that you thought of");
    options->add_option("statement", choice->statement, "CREATE INDEX …");
    addWorkloadOptions(*options, choice->workload);
    return {options, [choice](const Context &context) { return judge(context, *choice); }};
}

} // namespace howdah::cli
