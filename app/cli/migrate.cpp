// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/migrate_commands.h"

namespace howdah::cli {

const char *const migrate_manual = R"(howdah-cli migrate run FILE|- -d WHERE [--json]

Runs a change script. "run" takes what "migrate plan --json" prints.
)";

Action declareMigrate(CLI::App &options)
{
    options.require_subcommand(1);
    const auto below = std::make_shared<std::vector<MigrateCommand>>();
    for (const auto declare : {declareMigrateRun})
        below->push_back(declare(options));
    return [below](const Context &context) {
        for (const MigrateCommand &command : *below) {
            if (command.options->parsed())
                return command.action(context);
        }
        return failed(context, fail(ErrorKind::Usage, "There is nothing to do", "See: howdah-cli help migrate").value());
    };
}

} // namespace howdah::cli
