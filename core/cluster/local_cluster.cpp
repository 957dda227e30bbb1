// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/local_cluster.h"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "core/base/subprocess.h"
#include "core/pg/connection_spec.h"

namespace howdah::cluster {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds start_patience{60};
constexpr std::chrono::seconds stop_patience{60};

/// A port that nobody listens on now. The socket file carries its number even without TCP.
int freePort()
{
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int port = 54329;
    auto *plain = reinterpret_cast<sockaddr *>(&address);
    if (bind(probe, plain, size) == 0 && getsockname(probe, plain, &size) == 0)
        port = ntohs(address.sin_port);
    close(probe);
    return port;
}

/// Where the socket lies: in the cluster's folder, unless that path is too long for a socket address.
fs::path socketFolder(const fs::path &folder)
{
    const fs::path natural = folder / "socket";
    if (natural.string().size() + std::string("/.s.PGSQL.65535").size() < sizeof(sockaddr_un::sun_path))
        return natural;
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const std::size_t name = std::hash<std::string>{}(folder.string());
    const fs::path base = runtime != nullptr && std::string_view(runtime).size() < 60 ? runtime : "/tmp";
    return base / ("howdah-" + std::to_string(name));
}

Result<void> makeFolder(const fs::path &folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error)
        fs::permissions(folder, fs::perms::owner_all, error);
    if (error)
        return fail(ErrorKind::Io, "Cannot make the folder " + folder.string() + ": " + error.message());
    return giveToServiceAccount(folder);
}

std::string lastLines(const fs::path &file)
{
    std::ifstream stream(file);
    std::string line;
    std::vector<std::string> lines;
    while (std::getline(stream, line))
        lines.push_back(line);
    std::string result;
    for (std::size_t i = lines.size() > 8 ? lines.size() - 8 : 0; i < lines.size(); ++i)
        result += lines[i] + "\n";
    return result;
}

struct PidFile {
    int pid = 0;
    int port = 0;
    std::string socket_folder;
    bool ready = false;
};

/// postmaster.pid: pid, data directory, start time, port, socket folder, listen address, shared memory, status.
std::optional<PidFile> readPidFile(const fs::path &data)
{
    std::ifstream stream(data / "postmaster.pid");
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    if (lines.size() < 5)
        return {};
    PidFile result;
    result.pid = std::atoi(lines[0].c_str());
    result.port = std::atoi(lines[3].c_str());
    result.socket_folder = lines[4];
    result.ready = lines.size() >= 8 && lines[7].starts_with("ready");
    if (result.pid <= 1 || (kill(result.pid, 0) != 0 && errno == ESRCH))
        return {};
    return result;
}

} // namespace

struct LocalCluster::Impl {
    Installation installation;
    ClusterOptions options;
    int port = 0;
    fs::path socket_folder;
    pid_t pid = 0;
    bool ours = false;  ///< our child: it must be waited for
    bool owned = false; ///< stop it when this object dies

    [[nodiscard]] fs::path data() const { return options.folder / "data"; }
    [[nodiscard]] fs::path log() const { return options.folder / "server.log"; }
    [[nodiscard]] Result<void> initialize() const;
    [[nodiscard]] Result<void> writeConfiguration() const;
    [[nodiscard]] Result<void> launch();
    [[nodiscard]] Result<void> waitUntilReady();
    [[nodiscard]] bool ended();
};

Result<void> LocalCluster::Impl::initialize() const
{
    Command initdb{installation.bin / "initdb", {}, {}, serviceAccount(), {}};
    initdb.arguments = {"--pgdata=" + data().string(), "--username=" + options.superuser,
                        "--encoding=" + options.encoding, "--locale=" + options.locale,
                        "--auth-local=trust", "--auth-host=scram-sha-256"};
    if (!options.durable)
        initdb.arguments.emplace_back("--no-sync");
    fs::path secret;
    if (!options.password.empty()) {
        secret = options.folder / "initial-password";
        std::ofstream(secret) << options.password << '\n';
        fs::permissions(secret, fs::perms::owner_read | fs::perms::owner_write);
        if (auto given = giveToServiceAccount(options.folder); !given)
            return given;
        initdb.arguments.push_back("--pwfile=" + secret.string());
    }
    const auto outcome = runCommand(initdb);
    if (!secret.empty())
        fs::remove(secret);
    if (!outcome)
        return tl::unexpected(outcome.error());
    if (outcome->exit_code != 0) {
        Error error;
        error.kind = ErrorKind::Io;
        error.message = "initdb could not create the cluster in " + data().string();
        error.detail = outcome->output;
        return tl::unexpected(error);
    }
    return {};
}

/// A value of postgresql.conf, which knows backslash escapes but no E'' form.
std::string configurationValue(std::string_view value)
{
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            quoted += c;
        quoted += c;
    }
    return quoted + "'";
}

Result<void> LocalCluster::Impl::writeConfiguration() const
{
    // A file of its own, included last: the user's postgresql.conf stays as initdb wrote it.
    std::ofstream own(data() / "howdah.conf", std::ios::trunc);
    own << "port = " << port << "\n"
        << "unix_socket_directories = " << configurationValue('"' + socket_folder.string() + '"') << '\n'
        << "listen_addresses = '" << (options.listen_tcp ? "127.0.0.1" : "") << "'\n";
    if (!options.durable)
        own << "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n";
    for (const auto &[name, value] : options.settings)
        own << name << " = " << configurationValue(value) << '\n';
    own.close();
    std::ifstream existing(data() / "postgresql.conf");
    std::stringstream text;
    text << existing.rdbuf();
    if (text.str().find("include_if_exists = 'howdah.conf'") == std::string::npos)
        std::ofstream(data() / "postgresql.conf", std::ios::app) << "\ninclude_if_exists = 'howdah.conf'\n";
    if (!own)
        return fail(ErrorKind::Io, "Cannot write the configuration in " + data().string());
    return giveToServiceAccount(data() / "howdah.conf");
}

Result<void> LocalCluster::Impl::launch()
{
    Command postgres{installation.bin / "postgres", {"-D", data().string()}, {}, serviceAccount(), log()};
    postgres.new_session = true;
    postgres.dies_with_parent = !options.durable;
    const auto started = startCommand(postgres);
    if (!started)
        return tl::unexpected(started.error());
    pid = *started;
    ours = true;
    owned = true;
    return waitUntilReady();
}

bool LocalCluster::Impl::ended()
{
    if (pid == 0)
        return true;
    // One attached to may be our child all the same, started by an earlier object: unwaited for it would stay a zombie.
    int status = 0;
    const pid_t waited = waitpid(pid, &status, WNOHANG);
    if (waited == pid || (ours && waited < 0 && errno == ECHILD))
        return true;
    return kill(pid, 0) != 0 && errno == ESRCH;
}

Result<void> LocalCluster::Impl::waitUntilReady()
{
    const auto give_up = Clock::now() + start_patience;
    while (Clock::now() < give_up) {
        if (const auto file = readPidFile(data()); file && file->pid == pid && file->ready)
            return {};
        if (ended()) {
            pid = 0;
            Error error;
            error.kind = ErrorKind::Io;
            error.message = "The server did not start";
            error.detail = lastLines(log());
            error.hint = "The whole log is " + log().string();
            return tl::unexpected(error);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return fail(ErrorKind::Io, "The server was not ready within 60 s", "Its log is " + log().string());
}

LocalCluster::LocalCluster() : impl_(std::make_unique<Impl>()) {}

LocalCluster::~LocalCluster()
{
    if (impl_->owned)
        static_cast<void>(stop(impl_->options.durable ? StopMode::Fast : StopMode::Immediate));
}

Result<std::unique_ptr<LocalCluster>> LocalCluster::start(const Installation &installation,
                                                          const ClusterOptions &options)
{
    std::unique_ptr<LocalCluster> cluster(new LocalCluster);
    Impl &impl = *cluster->impl_;
    impl.installation = installation;
    impl.options = options;
    impl.port = freePort();
    impl.socket_folder = socketFolder(options.folder);
    for (const fs::path &folder : {options.folder, impl.socket_folder}) {
        if (auto made = makeFolder(folder); !made)
            return tl::unexpected(made.error());
    }
    std::error_code error;
    if (!fs::exists(impl.data() / "PG_VERSION", error)) {
        if (auto done = impl.initialize(); !done)
            return tl::unexpected(done.error());
    }
    if (auto done = impl.writeConfiguration(); !done)
        return tl::unexpected(done.error());
    if (auto done = impl.launch(); !done)
        return tl::unexpected(done.error());
    return cluster;
}

std::unique_ptr<LocalCluster> LocalCluster::attach(const std::filesystem::path &folder)
{
    const auto file = readPidFile(folder / "data");
    if (!file || !file->ready)
        return nullptr;
    std::unique_ptr<LocalCluster> cluster(new LocalCluster);
    Impl &impl = *cluster->impl_;
    impl.options.folder = folder;
    impl.pid = file->pid;
    impl.port = file->port;
    impl.socket_folder = file->socket_folder;
    int major = 0;
    std::ifstream(folder / "data" / "PG_VERSION") >> major;
    impl.installation = findInstallation(major).value_or(Installation{major, std::to_string(major), {}});
    return cluster;
}

std::string LocalCluster::conninfo(const std::string &database) const
{
    return "host=" + pg::conninfoValue(impl_->socket_folder.string()) + " port=" + std::to_string(impl_->port)
        + " user=" + pg::conninfoValue(impl_->options.superuser) + " dbname=" + pg::conninfoValue(database);
}

int LocalCluster::port() const
{
    return impl_->port;
}

int LocalCluster::postmasterPid() const
{
    return impl_->pid;
}

std::filesystem::path LocalCluster::folder() const
{
    return impl_->options.folder;
}

const Installation &LocalCluster::installation() const
{
    return impl_->installation;
}

Result<void> LocalCluster::stop(StopMode mode)
{
    if (impl_->pid == 0)
        return {};
    // PostgreSQL's documentation, "Shutting Down the Server": SIGTERM smart, SIGINT fast, SIGQUIT immediate.
    const int signal = mode == StopMode::Smart ? SIGTERM : mode == StopMode::Fast ? SIGINT : SIGQUIT;
    kill(impl_->pid, signal);
    const auto give_up = Clock::now() + stop_patience;
    while (Clock::now() < give_up) {
        if (impl_->ended()) {
            impl_->pid = 0;
            impl_->owned = false;
            return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return fail(ErrorKind::Io, "The server did not stop within 60 s", "Its log is " + impl_->log().string());
}

Result<void> LocalCluster::restart(StopMode mode)
{
    if (auto stopped = stop(mode); !stopped)
        return stopped;
    return impl_->launch();
}

void LocalCluster::release()
{
    impl_->owned = false;
}

} // namespace howdah::cluster
