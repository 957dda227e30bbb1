// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/ssh_tunnel.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <tuple>
#include <unistd.h>

#include "core/base/subprocess.h"

namespace howdah::pg {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(30);
constexpr auto look_every = std::chrono::milliseconds(20);

/// A listening socket of 127.0.0.1 on that port (0: any); -1 when it is taken.
int listenOn(std::uint16_t port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (socket >= 0 && ::bind(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return socket;
    if (socket >= 0)
        ::close(socket);
    return -1;
}

std::uint16_t freePort()
{
    const int socket = listenOn(0);
    if (socket < 0)
        return 0;
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

/// Somebody listens there. Trying to bind tells without connecting, which the server behind would log.
bool isTaken(std::uint16_t port)
{
    const int socket = listenOn(port);
    if (socket < 0)
        return errno == EADDRINUSE;
    ::close(socket);
    return false;
}

std::filesystem::path logFile()
{
    std::string name = (std::filesystem::temp_directory_path() / "howdah-ssh-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file >= 0)
        ::close(file);
    return file >= 0 ? std::filesystem::path(name) : std::filesystem::path();
}

/// As a terminal would find it; empty when it is not installed.
std::filesystem::path sshProgram()
{
    const char *path = std::getenv("PATH");
    std::stringstream folders(path != nullptr ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::filesystem::path program = std::filesystem::path(folder) / "ssh";
        if (::access(program.c_str(), X_OK) == 0)
            return program;
    }
    return {};
}

using Key = std::tuple<std::string, int, std::string, std::string, std::vector<std::string>, std::string, std::string>;

struct Shared {
    std::mutex mutex;
    std::map<Key, std::weak_ptr<SshTunnel>> tunnels;
};

Shared &shared()
{
    static Shared all;
    return all;
}

/// What begins with a dash would be an option to ssh.
bool looksLikeOption(std::string_view text)
{
    return text.starts_with('-');
}

} // namespace

std::vector<std::string> sshArguments(const SshTarget &target, const std::string &local_port, const std::string &host, const std::string &port)
{
    std::vector<std::string> arguments{"-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3",
                                       "-o", "ConnectTimeout=15", "-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "ClearAllForwardings=no"};
    // Nobody can answer a question on a terminal that is not there; an askpass program can.
    if (std::getenv("SSH_ASKPASS") == nullptr) {
        arguments.emplace_back("-o");
        arguments.emplace_back("BatchMode=yes");
    }
    for (const std::string &option : target.options) {
        arguments.emplace_back("-o");
        arguments.push_back(option);
    }
    if (target.port > 0) {
        arguments.emplace_back("-p");
        arguments.push_back(std::to_string(target.port));
    }
    if (!target.jump.empty()) {
        arguments.emplace_back("-J");
        arguments.push_back(target.jump);
    }
    if (!target.identity_file.empty()) {
        arguments.emplace_back("-i");
        arguments.push_back(target.identity_file);
    }
    const std::string seen_port = port.empty() ? "5432" : port;
    const std::string far = host.starts_with('/')                 ? host + "/.s.PGSQL." + seen_port
        : host.find(':') != std::string::npos                     ? "[" + host + "]:" + seen_port
                                                                  : (host.empty() ? "localhost" : host) + ":" + seen_port;
    arguments.emplace_back("-L");
    arguments.push_back("127.0.0.1:" + local_port + ":" + far);
    arguments.emplace_back("--");
    arguments.push_back(target.destination);
    return arguments;
}

Result<SshTarget> parseSshTarget(std::string_view text)
{
    SshTarget target;
    const std::size_t at = text.rfind('@');
    std::string_view host = at == std::string_view::npos ? text : text.substr(at + 1);
    const std::size_t colon = host.rfind(':');
    const bool address = host.starts_with('[');
    const std::size_t bracket = host.find(']');
    std::string_view port;
    if (address && bracket != std::string_view::npos) {
        if (bracket + 1 < host.size() && host[bracket + 1] == ':')
            port = host.substr(bracket + 2);
        host = host.substr(1, bracket - 1);
    } else if (colon != std::string_view::npos && host.find(':') == colon) {
        port = host.substr(colon + 1);
        host = host.substr(0, colon);
    }
    if (!port.empty()) {
        const auto read = std::from_chars(port.data(), port.data() + port.size(), target.port);
        if (read.ec != std::errc() || read.ptr != port.data() + port.size() || target.port < 1 || target.port > 65535)
            return fail(ErrorKind::Usage, std::string(port) + " is no port of an ssh server", "Write user@host:22.");
    }
    target.destination = (at == std::string_view::npos ? std::string() : std::string(text.substr(0, at + 1))) + std::string(host);
    if (host.empty() || looksLikeOption(target.destination))
        return fail(ErrorKind::Usage, "\"" + std::string(text) + "\" names no ssh server", "Write user@host, user@host:port, or a Host of ~/.ssh/config.");
    return target;
}

Error SshTunnel::failure(const SshTarget &target) const
{
    std::ifstream file(log_);
    std::stringstream text;
    text << file.rdbuf();
    std::string said = text.str();
    while (!said.empty() && (said.back() == '\n' || said.back() == '\r'))
        said.pop_back();
    Error error;
    error.kind = ErrorKind::Connection;
    error.retryable = true;
    error.message = "ssh to " + target.destination + " gave no tunnel";
    error.detail = said.empty() ? "ssh ended without a word." : said;
    const auto says = [&said](const char *part) { return said.find(part) != std::string::npos; };
    if (says("Host key verification failed"))
        error.hint = "Connect once with ssh in a terminal and check the server's key there.";
    else if (says("Permission denied"))
        error.hint = "Load the key into your agent (ssh-add), or name its file.";
    else if (says("Could not resolve") || says("Connection refused") || says("timed out"))
        error.hint = "Check the ssh server's name and port.";
    else
        error.hint = "Try the same in a terminal: ssh " + target.destination;
    return error;
}

Result<std::shared_ptr<SshTunnel>> SshTunnel::start(const SshTarget &target, const std::string &host, const std::string &port, const Canceller &canceller)
{
    const std::uint16_t local = freePort();
    std::shared_ptr<SshTunnel> tunnel(new SshTunnel);
    tunnel->local_port_ = std::to_string(local);
    tunnel->log_ = logFile();
    Command command;
    command.program = sshProgram();
    if (command.program.empty())
        return fail(ErrorKind::Connection, "There is no ssh on this machine", "Install OpenSSH's client (openssh-client).");
    command.arguments = sshArguments(target, tunnel->local_port_, host, port);
    command.output = tunnel->log_;
    command.dies_with_parent = true;
    command.new_session = true; // no terminal to ask on
    const auto started = startCommand(command);
    if (!started)
        return tl::unexpected(started.error());
    tunnel->pid_ = *started;
    for (const auto begin = Clock::now(); Clock::now() - begin < patience; std::this_thread::sleep_for(look_every)) {
        if (canceller.requested()) {
            Error error;
            error.kind = ErrorKind::Cancelled;
            error.message = "Connecting was cancelled";
            return tl::unexpected(std::move(error));
        }
        if (!tunnel->isAlive())
            return tl::unexpected(tunnel->failure(target));
        if (isTaken(local))
            return tunnel;
    }
    Error error = tunnel->failure(target);
    error.detail = "No tunnel within 30 s.";
    return tl::unexpected(std::move(error));
}

Result<std::shared_ptr<SshTunnel>> SshTunnel::open(const SshTarget &target, const std::string &host, const std::string &port, const Canceller &canceller)
{
    if (target.destination.empty() || looksLikeOption(target.destination) || looksLikeOption(target.jump))
        return fail(ErrorKind::Usage, "\"" + target.destination + "\" names no ssh server");
    const Key key{target.destination, target.port, target.jump, target.identity_file, target.options, host, port};
    {
        const std::lock_guard lock(shared().mutex);
        if (auto tunnel = shared().tunnels[key].lock(); tunnel && tunnel->isAlive())
            return tunnel;
    }
    auto tunnel = start(target, host, port, canceller);
    if (!tunnel)
        return tunnel;
    const std::lock_guard lock(shared().mutex);
    // Two that began at once keep theirs; the last one is what the next gets.
    shared().tunnels[key] = *tunnel;
    return tunnel;
}

bool SshTunnel::isAlive()
{
    static std::mutex waiting;
    const std::lock_guard lock(waiting);
    if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0)
        pid_ = -1;
    return pid_ > 0;
}

SshTunnel::~SshTunnel()
{
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    if (!log_.empty())
        std::filesystem::remove(log_, ignored);
}

} // namespace howdah::pg
