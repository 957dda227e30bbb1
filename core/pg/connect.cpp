// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <poll.h>

#include "core/pg/connection_impl.h"

namespace howdah::pg {

namespace {

/// One value of the options keyword: blanks and backslashes are escaped (libpq, "options").
std::string escapeOption(std::string_view value)
{
    std::string escaped;
    for (const char c : value) {
        if (c == ' ' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// The user's own options with ours behind them, so that ours win. Empty: leave libpq's default alone.
std::string optionsFor(const ConnectionSpec &spec, const std::map<std::string, std::string> &keywords)
{
    std::string ours;
    if (spec.read_only)
        ours += " -c default_transaction_read_only=on";
    for (const auto &[name, value] : spec.settings)
        ours += " -c " + escapeOption(name + "=" + value);
    if (ours.empty())
        return {};
    const auto named = keywords.find("options");
    const char *environment = std::getenv("PGOPTIONS");
    return (named != keywords.end() ? named->second : environment != nullptr ? environment : "") + ours;
}

struct Parameters {
    std::vector<const char *> names;
    std::vector<const char *> values;
    void add(const char *name, const std::string &value)
    {
        names.push_back(name);
        values.push_back(value.c_str());
    }
};

int secondsAllowed(const ConnectionSpec &spec, const std::map<std::string, std::string> &keywords)
{
    const auto named = keywords.find("connect_timeout");
    const char *environment = std::getenv("PGCONNECT_TIMEOUT");
    if (named == keywords.end() && environment == nullptr)
        return static_cast<int>(spec.connect_timeout.count());
    // libpq: zero, negative or not named means to wait without end; 1 counts as 2.
    return std::atoi(named != keywords.end() ? named->second.c_str() : environment);
}

/// What to do about a refused connection, from what libpq says.
Error refused(PGconn *conn)
{
    Error error;
    error.kind = ErrorKind::Connection;
    const std::string text = PQerrorMessage(conn);
    error.message = text.substr(0, text.find_last_not_of(" \n") + 1);
    const auto says = [&](const char *part) { return text.find(part) != std::string::npos; };
    if (PQconnectionNeedsPassword(conn) != 0) {
        error.sqlstate = "28P01";
        error.hint = "This server asks for a password and none was given.";
    } else if (says("password authentication failed")) {
        error.sqlstate = "28P01";
        error.hint = "Check the user name and the password.";
    } else if (says("no pg_hba.conf entry")) {
        error.sqlstate = "28000";
        error.hint = "The server's pg_hba.conf does not let this user into this database from here.";
    } else if (says("does not exist") && says("role \"")) {
        error.sqlstate = "28000";
        error.hint = "Check the user name; without one the name of the account on this machine is used.";
    } else if (says("does not exist") && says("database")) {
        error.sqlstate = "3D000";
        error.hint = "Name an existing database; \"postgres\" is there nearly always.";
    } else if (says("starting up") || says("shutting down") || says("recovery mode")) {
        error.sqlstate = "57P03";
        error.retryable = true;
        error.hint = "Try again in a moment.";
    } else if (says("too many clients") || says("too many connections") || says("remaining connection slots")) {
        error.sqlstate = "53300";
        error.retryable = true;
        error.hint = "Close other connections, or raise max_connections.";
    } else if (says("Connection refused") || says("No such file or directory")) {
        error.retryable = true;
        error.hint = "Is the server running, and does it listen on that host and port?";
    } else if (says("translate host name")) {
        error.hint = "Check the host name and the network.";
    }
    return error;
}

void receiveNotice(void *context, const PGresult *result)
{
    static_cast<const Connection::Impl *>(context)->deliver(noticeOf(result));
}

} // namespace

Wake Connection::Impl::wait(short events, std::optional<Clock::time_point> deadline) const
{
    const int socket = PQsocket(conn.get());
    if (socket < 0)
        return Wake::Failed;
    pollfd waits[2] = {{socket, events, 0}, {canceller.state()->event, POLLIN, 0}};
    for (;;) {
        if (canceller.isAbandoned())
            return Wake::Failed;
        int timeout = -1;
        if (deadline) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now()).count();
            if (left <= 0)
                return Wake::TimedOut;
            timeout = static_cast<int>(std::min<std::int64_t>(left + 1, 60'000));
        }
        const int count = poll(waits, 2, timeout);
        if (count < 0 && errno != EINTR)
            return Wake::Failed;
        if (count <= 0)
            continue;
        if ((waits[1].revents & POLLIN) != 0 && canceller.state()->take())
            return Wake::Cancelled;
        if (waits[0].revents != 0)
            return Wake::Ready;
    }
}

Result<void> Connection::Impl::connect()
{
    conn.reset();
    canceller.state()->abandoned.store(false);
    const auto keywords = describe(spec.conninfo);
    if (!keywords && !spec.conninfo.empty())
        return tl::unexpected(keywords.error());
    const std::map<std::string, std::string> named = keywords ? *keywords : std::map<std::string, std::string>();
    if (spec.ssh) {
        const auto value = [&named](const char *name) {
            const auto found = named.find(name);
            return found == named.end() ? std::string() : found->second;
        };
        auto opened = SshTunnel::open(*spec.ssh, value("host"), value("port"), canceller);
        if (!opened)
            return tl::unexpected(std::move(opened.error()));
        tunnel = std::move(*opened);
    } else {
        tunnel.reset();
    }
    const int seconds = secondsAllowed(spec, named);
    const std::string timeout = std::to_string(seconds);
    const std::string options = optionsFor(spec, named);
    const std::string utf8 = "UTF8";
    const std::string loopback = "127.0.0.1";

    Parameters parameters;
    // What stands before dbname yields to the conninfo in it, what stands behind overrides it.
    parameters.add("fallback_application_name", spec.application_name);
    parameters.add("connect_timeout", timeout); // for cancel requests too; the wait below keeps its own clock
    if (!spec.conninfo.empty())
        parameters.add("dbname", spec.conninfo);
    if (tunnel) {
        // The host stays, so that TLS checks the server's own name.
        parameters.add("hostaddr", loopback);
        parameters.add("port", tunnel->localPort());
    }
    if (spec.password)
        parameters.add("password", *spec.password);
    if (!options.empty())
        parameters.add("options", options);
    parameters.add("client_encoding", utf8);
    parameters.names.push_back(nullptr);
    parameters.values.push_back(nullptr);

    conn.reset(PQconnectStartParams(parameters.names.data(), parameters.values.data(), 1));
    if (!conn)
        return fail(ErrorKind::Io, "There is no memory for a connection");
    PQsetNoticeReceiver(conn.get(), receiveNotice, this);
    std::optional<Clock::time_point> deadline;
    if (seconds > 0)
        deadline = Clock::now() + std::chrono::seconds(std::max(seconds, 2));

    PostgresPollingStatusType next = PQstatus(conn.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        Wake wake = Wake::Failed;
        if (next != PGRES_POLLING_FAILED)
            wake = wait(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
        if (wake == Wake::Ready) {
            next = PQconnectPoll(conn.get());
            continue;
        }
        Error error = refused(conn.get());
        if (wake == Wake::Cancelled) {
            error = {};
            error.kind = ErrorKind::Cancelled;
            error.message = "Connecting was cancelled";
        } else if (wake == Wake::TimedOut) {
            error = {};
            error.kind = ErrorKind::Connection;
            error.retryable = true;
            error.message = "No answer from the server within " + std::to_string(std::max(seconds, 2)) + " s";
            error.hint = "Check host, port and firewall, or allow more time with connect_timeout.";
        }
        conn.reset();
        return tl::unexpected(std::move(error));
    }
    PQsetnonblocking(conn.get(), 1);
    return {};
}

void Connection::Impl::readFacts()
{
    const auto status = [&](const char *name) {
        const char *value = PQparameterStatus(conn.get(), name);
        return std::string(value != nullptr ? value : "");
    };
    facts = {};
    facts.version_num = PQserverVersion(conn.get());
    facts.version = status("server_version");
    facts.server_encoding = status("server_encoding");
    facts.is_superuser = status("is_superuser") == "on";
    facts.backend_pid = PQbackendPID(conn.get());
    facts.host = PQhost(conn.get());
    facts.port = PQport(conn.get());
    if (PQsslInUse(conn.get()) != 0) {
        const char *protocol = PQsslAttribute(conn.get(), "protocol");
        const char *cipher = PQsslAttribute(conn.get(), "cipher");
        facts.tls = std::string(protocol != nullptr ? protocol : "TLS") + (cipher != nullptr ? " (" + std::string(cipher) + ")" : "");
    }
}

void Connection::Impl::deliver(const Notice &message) const
{
    if (run_notice != nullptr && *run_notice)
        (*run_notice)(message);
    else if (run_notice == nullptr && notice)
        notice(message);
}

bool Connection::Impl::standardConformingStrings() const
{
    const char *value = PQparameterStatus(conn.get(), "standard_conforming_strings");
    return value == nullptr || std::strcmp(value, "off") != 0;
}

} // namespace howdah::pg
