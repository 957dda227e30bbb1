// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"

namespace howdah::cli {

const char *const help_manual = R"(howdah-cli help [COMMAND]

Prints the chapter of a command, or this overview.
)";

namespace {

constexpr const char *overview_head = R"(howdah-cli - work with PostgreSQL 13 to 18 from a terminal or a script

  howdah-cli COMMAND [options]

)";

constexpr const char *overview_tail = R"(
Options of every command (before or behind its name):

  -d, --dbname WHERE   a conninfo ("host=db dbname=shop"), a URI
                       (postgresql://ann@db/shop), the name of a database, or "demo"
                       for the demo server. Without it libpq's environment holds
                       (PGHOST, PGSERVICE, .pgpass …)
      --json           write one JSON document to standard output
      --read-only      the server itself refuses to write
  -w, --no-password    never ask for a password
      --version        print the version
  -h, --help           options of a command, briefly

Exit codes:

    0  it worked
    1  it worked, and there is something to look at
    2  wrong options, or input that cannot be read
    3  no connection could be made, or it was lost
    4  the server refused or failed
  130  interrupted with Ctrl+C (143: by SIGTERM); the server was told to stop

Results go to standard output; errors, notices and progress to standard error. Colours
are used on a terminal only, and never with NO_COLOR set.
)";

int help(const Context &context, const std::string &topic)
{
    if (topic.empty()) {
        output().write(overview_head);
        for (const Command &command : commands())
            output().write(fmt::format("  {:<20} {}\n", command.name, command.summary));
        output().write(overview_tail);
        return exit_ok;
    }
    const auto found = std::find_if(commands().begin(), commands().end(), [&](const Command &command) { return command.name == topic; });
    if (found == commands().end()) {
        std::string names;
        for (const Command &command : commands())
            names += (names.empty() ? "" : ", ") + std::string(command.name);
        return failed(context, fail(ErrorKind::Usage, "There is no command \"" + topic + "\"", "There are: " + names + ".").value());
    }
    output().write(found->manual);
    return exit_ok;
}

} // namespace

Action declareHelp(CLI::App &options)
{
    const auto topic = std::make_shared<std::string>();
    options.add_option("command", *topic, "A command");
    return [topic](const Context &context) { return help(context, *topic); };
}

} // namespace howdah::cli
