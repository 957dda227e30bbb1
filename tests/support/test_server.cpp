// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/test_server.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/subprocess.h"
#include "support/cluster_template.h"

namespace howdah::test {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void giveUp(const std::string &what)
{
    std::fprintf(stderr, "test server: %s\n", what.c_str());
    std::abort();
}

/// A folder of this process, removed when it ends.
class ScratchFolder
{
public:
    ScratchFolder()
    {
        std::array<char, 32> name{"/tmp/howdah-test-XXXXXX"};
        if (mkdtemp(name.data()) == nullptr)
            giveUp("cannot make a folder below /tmp");
        path = name.data();
        fs::permissions(path, fs::perms::owner_all | fs::perms::others_exec | fs::perms::group_exec);
    }
    ~ScratchFolder()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    fs::path path;
};

} // namespace

/// initdb takes over a second; a copy of its result takes a tenth. The lock lets tests start side by side.
void copyTemplate(const cluster::Installation &installation, const fs::path &folder)
{
    const fs::path templates = fs::path(HOWDAH_TEST_TEMPLATES);
    const fs::path source = templates / std::to_string(installation.major);
    fs::create_directories(templates);
    const int lock = open((templates / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    flock(lock, LOCK_EX);
    if (!fs::exists(source / "data" / "PG_VERSION")) {
        ScratchFolder scratch;
        cluster::ClusterOptions options;
        options.folder = scratch.path / "cluster";
        options.durable = false;
        auto made = cluster::LocalCluster::start(installation, options);
        if (!made)
            giveUp(made.error().text());
        if (auto stopped = (*made)->stop(); !stopped)
            giveUp(stopped.error().text());
        fs::remove_all(source);
        fs::create_directories(source);
        const auto copied = runCommand({"/bin/cp", {"-a", (options.folder / "data").string(), source.string()}, {}, {}, {}});
        if (!copied || copied->exit_code != 0)
            giveUp("cannot keep a template of the cluster");
    }
    fs::create_directories(folder);
    const auto copied = runCommand({"/bin/cp", {"-a", "--reflink=auto", (source / "data").string(), folder.string()}, {}, {}, {}});
    flock(lock, LOCK_UN);
    close(lock);
    if (!copied || copied->exit_code != 0)
        giveUp("cannot copy the cluster's template");
}

namespace {

std::unique_ptr<cluster::LocalCluster> startServer(int major, const fs::path &folder)
{
    const auto installation = cluster::findInstallation(major);
    if (!installation)
        giveUp("PostgreSQL " + std::to_string(major) + " is not installed; packaging/setup installs it");
    copyTemplate(*installation, folder);
    cluster::ClusterOptions options;
    options.folder = folder;
    options.durable = false;
    options.listen_tcp = true;
    options.settings = {{"shared_buffers", "32MB"}, {"max_connections", "60"}, {"jit", "off"},
                        {"autovacuum", "off"},      {"wal_level", "logical"}};
    auto started = cluster::LocalCluster::start(*installation, options);
    if (!started)
        giveUp(started.error().text());
    return std::move(*started);
}

} // namespace

cluster::LocalCluster &server(int major)
{
    static ScratchFolder scratch;
    static std::mutex mutex;
    static std::map<int, std::unique_ptr<cluster::LocalCluster>> servers;
    const std::lock_guard lock(mutex);
    auto &slot = servers[major];
    if (!slot)
        slot = startServer(major, scratch.path / std::to_string(major));
    return *slot;
}

std::string freshDatabase(int major)
{
    static std::atomic<int> number{0};
    const std::string name = "test_" + std::to_string(++number);
    pg::ConnectionSpec spec;
    spec.conninfo = server(major).conninfo();
    auto connection = pg::Connection::open(spec);
    if (!connection)
        giveUp(connection.error().text());
    if (auto made = (*connection)->query("CREATE DATABASE " + name); !made)
        giveUp(made.error().text());
    return server(major).conninfo(name);
}

std::unique_ptr<pg::Connection> freshConnection(int major)
{
    pg::ConnectionSpec spec;
    spec.conninfo = freshDatabase(major);
    auto connection = pg::Connection::open(spec);
    if (!connection)
        giveUp(connection.error().text());
    return std::move(*connection);
}

std::vector<int> majors()
{
    if (std::getenv("HOWDAH_TEST_ALL_MAJORS") != nullptr)
        return {13, 14, 15, 16, 17, 18};
    return {13, 15, 18};
}

} // namespace howdah::test
