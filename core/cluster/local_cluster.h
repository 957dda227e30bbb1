// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace howdah::cluster {

/// A PostgreSQL installation on this machine: a folder with bin/postgres, bin/initdb, bin/pg_ctl.
struct Installation {
    int major = 0;
    std::string version;               ///< what `postgres --version` says
    std::filesystem::path bin;
};

/// Newest first: /usr/lib/postgresql/*/bin, $HOWDAH_DEPS/servers/*/bin (with its default places), PATH.
[[nodiscard]] std::vector<Installation> findInstallations();
[[nodiscard]] std::optional<Installation> findInstallation(int major);

struct ClusterOptions {
    std::filesystem::path folder;               ///< data directory and socket directory are made below it
    std::map<std::string, std::string> settings; ///< postgresql.conf lines
    std::string superuser = "howdah";
    bool durable = true;                        ///< false: fsync off and no sync at initdb, for throwaway clusters
    std::string encoding = "UTF8";
    std::string locale = "C.UTF-8";
    std::string password;                       ///< when set, TCP (loopback) connections ask for it (scram-sha-256)
    bool listen_tcp = false;                    ///< also on 127.0.0.1, on a free port
};

/// A private server of this user: unix socket in a folder of its own (mode 0700), its own free port, nobody
/// else gets in. PostgreSQL refuses to run as root, so as root it is run as the account "postgres" (or
/// "nobody" where that does not exist) and the folder belongs to that account.
class LocalCluster
{
public:
    /// initdb where the folder holds no cluster yet, then start; ready to connect when it returns.
    [[nodiscard]] static Result<std::unique_ptr<LocalCluster>> start(const Installation &installation,
                                                                     const ClusterOptions &options);
    /// Stops the server (fast) if this object started it and it was not released.
    ~LocalCluster();
    LocalCluster(const LocalCluster &) = delete;
    LocalCluster &operator=(const LocalCluster &) = delete;

    [[nodiscard]] std::string conninfo(const std::string &database = "postgres") const;
    [[nodiscard]] int port() const;
    [[nodiscard]] int postmasterPid() const;
    [[nodiscard]] std::filesystem::path folder() const;
    [[nodiscard]] const Installation &installation() const;

    enum class StopMode { Smart, Fast, Immediate };
    [[nodiscard]] Result<void> stop(StopMode mode = StopMode::Fast);
    [[nodiscard]] Result<void> restart(StopMode mode = StopMode::Fast);
    /// The server keeps running when this object dies.
    void release();
    /// Attaches to a cluster that already runs in that folder; nothing when none does.
    [[nodiscard]] static std::unique_ptr<LocalCluster> attach(const std::filesystem::path &folder);

private:
    LocalCluster();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::cluster
