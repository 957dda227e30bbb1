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

const char *const index_verify_manual = R"(
howdah-cli index verify [INDEX…] [--workload FILE|- | --pgss] [--applied] [--json]

Tells what has become of indexes after they were built: whether they are valid, how often
they were used since the counts began, and which plans of a workload use them now. Without
names those of the workload's tables. What did not help is offered for dropping, unless a
constraint stands on it; judge it after a day or more. It ends with 1 when there is one.
With --applied those that were built from advice in the window, with the same queries
before and after.
)";

namespace {

struct VerifyChoice {
    std::vector<std::string> names;
    WorkloadChoice workload;
    bool applied = false;
};

void printVerification(const index::Verification &verification)
{
    const bool colored = stdoutHasColors();
    for (const index::Verified &one : verification.indexes) {
        const Ink ink = one.verdict == "used" ? Ink::Green : one.needed ? Ink::Dim : Ink::Yellow;
        output().write(fmt::format("{}  {} · {} · {} scans · in {} plans\n", inked(one.verdict, ink, colored), inked(printable(one.name), Ink::Bold, colored), human::bytes(one.size_bytes), one.scans, one.queries.size()));
        if (!one.drop_sql.empty())
            output().write("    " + printable(one.drop_sql) + ";\n");
    }
    output().write(fmt::format("Counted for {:.1f} hours{}\n", verification.counted_hours, verification.counted_hours < 24 ? ": too short to call an index unused" : ""));
    for (const workload::Problem &problem : verification.problems)
        printNote(printable(problem.message) + ": " + printable(problem.statement));
}

int verify(const Context &context, const VerifyChoice &choice)
{
    if (choice.applied && (!choice.names.empty() || choice.workload.given()))
        return failed(context, fail(ErrorKind::Usage, "index verify takes --applied alone").value());
    if (choice.names.empty() && !choice.workload.given() && !choice.applied)
        return failed(context, fail(ErrorKind::Usage, "index verify needs names of indexes, or a workload", "Give --workload FILE, --pgss or --applied.").value());
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    if (choice.applied)
        return verifyApplied(context, **connection);
    const auto load = chosenWorkload(choice.workload, **connection);
    if (!load)
        return failed(context, load.error());
    const auto verification = index::verifyIndexes(**connection, choice.names, *load);
    if (!verification)
        return failed(context, verification.error());
    if (context.json)
        output().write(index::toJson(*verification) + "\n");
    else
        printVerification(*verification);
    const bool found = std::any_of(verification->indexes.begin(), verification->indexes.end(), [](const index::Verified &one) { return !one.drop_sql.empty(); });
    return found || !verification->problems.empty() ? exit_findings : exit_ok;
}

} // namespace

IndexCommand declareIndexVerify(CLI::App &index)
{
    const auto choice = std::make_shared<VerifyChoice>();
    CLI::App *options = index.add_subcommand("verify", "Tell what has become of indexes that were built");
    options->add_option("indexes", choice->names, "Names, with their schema where that is needed");
    addWorkloadOptions(*options, choice->workload);
    options->add_flag("--applied", choice->applied, "Those that were built from advice in the window");
    return {options, [choice](const Context &context) { return verify(context, *choice); }};
}

} // namespace howdah::cli
