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

Result<pg::ConnectionSpec> connectionSpec(const Context &context, const std::string &where, bool ssh)
{
    pg::ConnectionSpec spec;
    spec.conninfo = where;
    spec.read_only = context.read_only;
    spec.application_name = "howdah-cli";
    if (where == "demo") {
        const demo::DemoStatus status = demo::status();
        if (!status.running)
            return fail(ErrorKind::Connection, "The demo server is not running", "Start it: howdah-cli demo start");
        spec.conninfo = status.conninfo;
    } else if (where.find('=') == std::string::npos && where.find("://") == std::string::npos && !where.empty()) {
        spec.conninfo = "dbname=" + pg::conninfoValue(where); // a bare name, as psql takes it
    }
    if (ssh && !context.ssh.empty()) {
        auto target = pg::parseSshTarget(context.ssh);
        if (!target)
            return tl::unexpected(target.error());
        spec.ssh = std::move(*target);
    }
    return spec;
}

Result<std::unique_ptr<pg::Connection>> connectTo(const Context &context, const std::string &where, bool ssh, pg::ConnectionSpec *used)
{
    auto spec = connectionSpec(context, where, ssh);
    if (!spec)
        return tl::unexpected(spec.error());
    auto connection = pg::Connection::open(*spec, context.canceller);
    const bool wants_password = !connection && connection.error().sqlstate == "28P01";
    if (wants_password && !context.no_password && isatty(STDERR_FILENO) == 1) {
        if (auto password = askPassword()) {
            spec->password = std::move(*password);
            connection = pg::Connection::open(*spec, context.canceller);
        }
    }
    if (used != nullptr)
        *used = std::move(*spec);
    return connection;
}

Result<std::unique_ptr<pg::Connection>> connect(const Context &context, pg::ConnectionSpec *used)
{
    return connectTo(context, context.dbname, true, used);
}

} // namespace howdah::cli
