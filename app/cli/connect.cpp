// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/connect.h"

#include <cstdio>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "core/demo/demo_server.h"
#include "core/pg/ssh_tunnel.h"

namespace howdah::cli {

namespace {

/// From the terminal itself, since standard input may be the script; nothing where there is none.
std::optional<std::string> askPassword()
{
    const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        return {};
    termios shown{};
    tcgetattr(terminal, &shown);
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal, TCSAFLUSH, &hidden);
    dprintf(terminal, "Password: ");
    std::string password;
    char c = 0;
    while (read(terminal, &c, 1) == 1 && c != '\n')
        password += c;
    tcsetattr(terminal, TCSAFLUSH, &shown);
    dprintf(terminal, "\n");
    close(terminal);
    return password;
}

} // namespace

Result<std::unique_ptr<pg::Connection>> connect(const Context &context, pg::ConnectionSpec *used)
{
    pg::ConnectionSpec spec;
    spec.conninfo = context.dbname;
    spec.read_only = context.read_only;
    spec.application_name = "howdah-cli";
    if (context.dbname == "demo") {
        const demo::DemoStatus status = demo::status();
        if (!status.running)
            return fail(ErrorKind::Connection, "The demo server is not running", "Start it: howdah-cli demo start");
        spec.conninfo = status.conninfo;
    } else if (context.dbname.find('=') == std::string::npos && context.dbname.find("://") == std::string::npos && !context.dbname.empty()) {
        spec.conninfo = "dbname=" + pg::conninfoValue(context.dbname); // a bare name, as psql takes it
    }
    if (!context.ssh.empty()) {
        auto target = pg::parseSshTarget(context.ssh);
        if (!target)
            return tl::unexpected(target.error());
        spec.ssh = std::move(*target);
    }
    auto connection = pg::Connection::open(spec, context.canceller);
    const bool wants_password = !connection && connection.error().sqlstate == "28P01";
    if (wants_password && !context.no_password && isatty(STDERR_FILENO) == 1) {
        if (auto password = askPassword()) {
            spec.password = std::move(*password);
            connection = pg::Connection::open(spec, context.canceller);
        }
    }
    if (used != nullptr)
        *used = std::move(spec);
    return connection;
}

} // namespace howdah::cli
