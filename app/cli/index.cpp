// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/index_commands.h"

namespace howdah::cli {

namespace {

constexpr const char *index_head = R"(howdah-cli index COMMAND …

Which indexes a database wants, and how those do that it has.

)";

const char *wholeManual()
{
    static const std::string whole = std::string(index_head) + index_advise_manual + index_why_manual + index_verify_manual + index_health_manual;
    return whole.c_str();
}

int runCommand(const Context &context, const std::vector<IndexCommand> &commands)
{
    for (const IndexCommand &command : commands) {
        if (command.options->parsed())
            return command.action(context);
    }
    return failed(context, fail(ErrorKind::Usage, "index needs to be told what to do", "See: howdah-cli help index").value());
}

} // namespace

const char *const index_manual = wholeManual();

Action declareIndex(CLI::App &options)
{
    std::vector<IndexCommand> commands;
    commands.push_back(declareIndexAdvise(options));
    commands.push_back(declareIndexWhy(options));
    commands.push_back(declareIndexVerify(options));
    commands.push_back(declareIndexHealth(options));
    options.require_subcommand(0, 1);
    return [commands = std::move(commands)](const Context &context) { return runCommand(context, commands); };
}

} // namespace howdah::cli
