// SPDX-License-Identifier: GPL-3.0-or-later
#include <clocale>
#include <csignal>
#include <cstring>

#include <CLI/CLI.hpp>

#include "app/cli/command.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"

using namespace howdah;
using namespace howdah::cli;

namespace {

/// The reader of our output has gone: end as any program of the shell does then.
int closeOutput(int code)
{
    output().flush();
    if (!output().broken())
        return code;
    if (output().failure() == EPIPE) {
        std::signal(SIGPIPE, SIG_DFL);
        std::raise(SIGPIPE);
    }
    printError(fail(ErrorKind::Io, std::string("Cannot write to standard output: ") + std::strerror(output().failure())).value());
    return code == exit_ok ? exit_server_error : code;
}

void declareGlobals(CLI::App &app, Context &context)
{
    app.add_option("-d,--dbname", context.dbname, "Conninfo, URI or name of the database; \"demo\" for the demo server")->type_name("WHERE");
    app.add_flag("--json", context.json, "Write one JSON document");
    app.add_flag("--read-only", context.read_only, "The server itself refuses to write");
    app.add_option("--ssh", context.ssh, "Through the system's ssh: user@host[:port] or a Host of ~/.ssh/config")->type_name("TARGET");
    app.add_flag("-w,--no-password", context.no_password, "Never ask for a password");
    app.set_version_flag("--version", "howdah-cli " HOWDAH_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
}

} // namespace

int main(int argc, char **argv)
{
    // Widths of characters come from the C library, which knows them for UTF-8 whatever the user's locale is.
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr)
        std::setlocale(LC_CTYPE, "");
    std::signal(SIGPIPE, SIG_IGN);
    Context context;
    catchInterrupts(context.canceller);
    CLI::App app("Work with PostgreSQL 13 to 18 from a terminal or a script. \"howdah-cli help COMMAND\" says more.", "howdah-cli");
    declareGlobals(app, context);
    Action action;
    for (const Command &command : commands()) {
        CLI::App *options = app.add_subcommand(command.name, command.summary);
        options->fallthrough();
        options->callback([&action, chosen = command.declare(*options)] { action = chosen; });
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &problem) {
        const int code = app.exit(problem);
        return code == 0 ? exit_ok : exit_usage;
    }
    return closeOutput(action(context));
}
