// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/demo_server.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/subprocess.h"
#include "core/cluster/local_cluster.h"
#include "core/demo/shop.h"

namespace howdah::demo {

namespace {

namespace fs = std::filesystem;

// A load goes into shop_loading, which becomes shop by its last act: whatever
// is called shop is complete.
constexpr const char *database_name = "shop";
constexpr const char *loading_name = "shop_loading";

/// Whether the account that runs servers for root gets through all folders
/// above.
bool reachable(const fs::path &folder, const std::string &account)
{
    const passwd *entry = getpwnam(account.c_str());
    for (fs::path above = folder.parent_path(); above != above.root_path(); above = above.parent_path()) {
        struct stat facts {
        };
        if (stat(above.c_str(), &facts) != 0)
            continue;
        if ((facts.st_mode & S_IXOTH) == 0 && (entry == nullptr || facts.st_uid != entry->pw_uid))
            return false;
    }
    return true;
}

/// In the user's data folder. Root's is closed to the account that the server
/// has to run as: there a folder below /var/lib takes its place, one for each
/// data folder.
fs::path clusterFolder()
{
    const fs::path natural = paths::data() / "demo";
    const std::string account = serviceAccount();
    if (account.empty() || reachable(natural, account))
        return natural;
    return fs::path("/var/lib/howdah")
        / ("demo-" + std::to_string(std::hash<std::string>{}(natural.string())));
}

/// One start, stop or reset at a time, whichever process asks.
class FolderLock
{
public:
    static Result<FolderLock> take(const pg::Canceller &canceller)
    {
        const fs::path file = paths::data() / "demo.lock";
        FolderLock lock;
        lock.descriptor_ = open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (lock.descriptor_ < 0)
            return fail(ErrorKind::Io, "Cannot write " + file.string());
        while (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR)
                return fail(ErrorKind::Io, "Cannot lock " + file.string());
            if (canceller.requested())
                return fail(ErrorKind::Cancelled, "Starting the demo server was cancelled");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        return lock;
    }
    FolderLock(FolderLock &&other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) { }
    FolderLock(const FolderLock &) = delete;
    FolderLock &operator=(const FolderLock &) = delete;
    FolderLock &operator=(FolderLock &&) = delete;
    ~FolderLock()
    {
        if (descriptor_ >= 0)
            close(descriptor_);
    }

private:
    FolderLock() = default;
    int descriptor_ = -1;
};

/// Says, while the server is down, that its shop is complete.
fs::path loadedMark(const fs::path &folder)
{
    return folder / "shop-complete";
}

/// Servers that the set-up scripts fetch for compatibility tests bring few
/// extensions; they serve only where the system has none of its own.
bool isFetched(const cluster::Installation &installation)
{
    const std::string bin = installation.bin.string();
    const char *deps = std::getenv("HOWDAH_DEPS");
    return bin.find("/howdah/servers/") != std::string::npos
        || (deps != nullptr && *deps != '\0' && bin.starts_with(fs::path(deps).lexically_normal().string()));
}

Result<cluster::Installation> chooseInstallation(const fs::path &folder)
{
    if (std::ifstream file(folder / "data" / "PG_VERSION"); file) {
        int major = 0;
        file >> major;
        if (auto same = cluster::findInstallation(major))
            return *same;
        return fail(ErrorKind::Io,
                    "The demo server was made with PostgreSQL " + std::to_string(major)
                        + ", which is no longer installed",
                    "Reset the demo server to make it anew.");
    }
    const auto installations = cluster::findInstallations(); // newest first
    for (const cluster::Installation &installation : installations) {
        if (!isFetched(installation))
            return installation;
    }
    if (!installations.empty())
        return installations.front();
    return fail(ErrorKind::Io, "No PostgreSQL server is installed on this machine",
                "Install the package postgresql, or connect to a server elsewhere.");
}

Result<std::unique_ptr<cluster::LocalCluster>> runningCluster(const fs::path &folder)
{
    if (auto running = cluster::LocalCluster::attach(folder))
        return running;
    const auto installation = chooseInstallation(folder);
    if (!installation)
        return tl::unexpected(installation.error());
    cluster::ClusterOptions options;
    options.folder = folder;
    options.settings = {
        {"shared_preload_libraries", "pg_stat_statements"},
        {"track_io_timing", "on"},
        {"track_functions", "all"},
        {"wal_level", "logical"},
        {"shared_buffers", "256MB"},
        {"max_wal_size", "2GB"}, // the load writes about that much: no checkpoint in its midst
        {"timezone", "UTC"},
    };
    return cluster::LocalCluster::start(*installation, options);
}

Result<std::unique_ptr<pg::Connection>> maintenanceConnection(const cluster::LocalCluster &cluster,
                                                              const pg::Canceller &canceller)
{
    pg::ConnectionSpec spec;
    spec.conninfo = cluster.conninfo("postgres");
    return pg::Connection::open(spec, canceller);
}

Result<bool> shopExists(pg::Connection &connection)
{
    const auto found =
        connection.query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", {{database_name}});
    if (!found)
        return tl::unexpected(found.error());
    return found->result->cell(0, 0).text == "t";
}

Result<void> each(pg::Connection &connection, const std::vector<std::string> &statements)
{
    for (const std::string &statement : statements) {
        if (auto done = connection.query(statement); !done)
            return tl::unexpected(done.error());
    }
    return {};
}

const std::string drop_leftover = std::string("DROP DATABASE IF EXISTS ") + loading_name + " WITH (FORCE)";

Result<void> loadInto(const cluster::LocalCluster &cluster, pg::Connection &connection,
                      const DemoOptions &options, const std::function<void(const DemoProgress &)> &progress,
                      const pg::Canceller &canceller)
{
    if (auto made = each(connection, {drop_leftover, std::string("CREATE DATABASE ") + loading_name}); !made)
        return made;
    pg::ConnectionSpec spec;
    spec.conninfo = cluster.conninfo(loading_name);
    Result<void> loaded = loadShop(spec, {options.scale}, progress, canceller);
    if (loaded)
        loaded = each(connection,
                      {std::string("COMMENT ON DATABASE ") + loading_name + " IS 'Demo shop'",
                       std::string("ALTER DATABASE ") + loading_name + " RENAME TO " + database_name});
    if (!loaded) {
        // Best effort: what stays behind is dropped by the next start, and the
        // first error is the one to tell.
        const pg::CancelShield shield(canceller);
        static_cast<void>(connection.query(drop_leftover));
    }
    return loaded;
}

DemoStatus describe(const cluster::LocalCluster &cluster, bool loaded)
{
    return {true,
            true,
            loaded,
            cluster.conninfo(database_name),
            cluster.installation().version,
            cluster.folder().string()};
}

} // namespace

Result<DemoStatus> start(const std::function<void(const DemoProgress &)> &progress,
                         const pg::Canceller &canceller, const DemoOptions &options)
{
    const pg::CancelScope scope(canceller);
    const auto lock = FolderLock::take(canceller);
    if (!lock)
        return tl::unexpected(lock.error());
    if (progress)
        progress({"Starting the demo server", 0, -1});
    const fs::path folder = clusterFolder();
    auto cluster = runningCluster(folder);
    if (!cluster)
        return tl::unexpected(cluster.error());
    (*cluster)->release(); // it outlives this call, and this process where nobody
                           // stops it
    auto connection = maintenanceConnection(**cluster, canceller);
    if (!connection)
        return tl::unexpected(connection.error());
    const auto complete = shopExists(**connection);
    if (!complete)
        return tl::unexpected(complete.error());
    if (!*complete) {
        std::error_code ignored;
        fs::remove(loadedMark(folder), ignored);
        if (auto loaded = loadInto(**cluster, **connection, options, progress, canceller); !loaded)
            return tl::unexpected(loaded.error());
    }
    std::ofstream(loadedMark(folder)) << "complete\n";
    if (progress)
        progress({"Ready", 1, 0});
    return describe(**cluster, true);
}

Result<void> stop()
{
    const auto lock = FolderLock::take({});
    if (!lock)
        return tl::unexpected(lock.error());
    if (auto running = cluster::LocalCluster::attach(clusterFolder()))
        return running->stop();
    return {};
}

DemoStatus status()
{
    const fs::path folder = clusterFolder();
    std::error_code error;
    DemoStatus status;
    status.folder = folder.string();
    status.exists = fs::exists(folder / "data" / "PG_VERSION", error);
    status.loaded = status.exists && fs::exists(loadedMark(folder), error);
    if (const auto running = cluster::LocalCluster::attach(folder))
        return describe(*running, status.loaded);
    if (std::ifstream file(folder / "data" / "PG_VERSION"); file)
        file >> status.version;
    return status;
}

Result<void> reset()
{
    const auto lock = FolderLock::take({});
    if (!lock)
        return tl::unexpected(lock.error());
    const fs::path folder = clusterFolder();
    if (auto running = cluster::LocalCluster::attach(folder)) {
        if (auto stopped = running->stop(cluster::LocalCluster::StopMode::Immediate); !stopped)
            return stopped;
    }
    std::error_code error;
    fs::remove_all(folder, error);
    if (error)
        return fail(ErrorKind::Io, "Cannot remove " + folder.string() + ": " + error.message());
    return {};
}

} // namespace howdah::demo
