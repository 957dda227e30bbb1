// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/local_cluster.h"
#include "core/pg/connection.h"
#include "core/replication/monitor.h"

namespace howdah::test {

/// A server of a replication that a test makes and breaks; its folder goes with it.
class ReplicationServer
{
public:
    using Settings = std::map<std::string, std::string>;

    /// Ready for streaming and logical replication. `own_identity`: initdb instead of a copy, so that its system
    /// identifier is its own.
    static std::unique_ptr<ReplicationServer> primary(int major = 15, const Settings &settings = {}, bool own_identity = false);
    /// A copy of `upstream`: with a slot and standby.signal, or, as the recipe that goes around has it, without either.
    static std::unique_ptr<ReplicationServer> standby(ReplicationServer &upstream, const std::string &name, const Settings &settings = {});
    static std::unique_ptr<ReplicationServer> copyWithoutSignal(ReplicationServer &upstream);
    ~ReplicationServer();

    [[nodiscard]] std::string conninfo(const std::string &database = "postgres") const;
    [[nodiscard]] std::unique_ptr<pg::Connection> open(const std::string &database = "postgres") const;
    /// Runs a script; ends the process with its error when it fails.
    void run(const std::string &script, const std::string &database = "postgres") const;
    /// The first value; "" for NULL and none.
    [[nodiscard]] std::string ask(const std::string &sql, const std::string &database = "postgres") const;
    /// Until the query gives "t".
    [[nodiscard]] bool waitFor(const std::string &sql, int milliseconds = 20'000, const std::string &database = "postgres") const;
    void stop(cluster::LocalCluster::StopMode mode = cluster::LocalCluster::StopMode::Fast);
    void start();
    [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }
    [[nodiscard]] cluster::LocalCluster &cluster() { return *cluster_; }

private:
    ReplicationServer();
    static std::unique_ptr<ReplicationServer> copyOf(ReplicationServer &upstream, const std::vector<std::string> &arguments, const std::string &application_name);
    static void copyFiles(const ReplicationServer &upstream, const std::filesystem::path &target, const std::string &slot, const std::string &application_name);
    std::filesystem::path folder_;
    Settings settings_;
    int major_ = 15;
    std::unique_ptr<cluster::LocalCluster> cluster_;
};

/// A monitor with a tick of a second and what it has told last.
class Watcher
{
public:
    explicit Watcher(const std::vector<std::pair<std::string, std::string>> &nodes, replication::Limits limits = {}, std::set<std::string> expected = {});
    ~Watcher();
    /// Until `holds`; null when it does not in time.
    std::shared_ptr<const replication::Overview> waitFor(const std::function<bool(const replication::Overview &)> &holds, int milliseconds);
    /// The alert of that rule about that node, and about a subject where one is given.
    std::optional<replication::Alert> waitForAlert(const std::string &rule, const std::string &node, int milliseconds, const std::string &subject = {});
    bool waitUntilGone(const std::string &rule, const std::string &node, int milliseconds);
    /// Each node sampled at least so often, what was told last included: one that was not seen yet comes with 2.
    std::shared_ptr<const replication::Overview> looked(int times = 1, int milliseconds = 15'000);
    [[nodiscard]] double lastWaitMs() const { return last_wait_ms_; }
    [[nodiscard]] replication::Monitor &monitor() { return *monitor_; }
    [[nodiscard]] std::string alerts();

private:
    std::unique_ptr<replication::Monitor> monitor_;
    struct State;
    std::shared_ptr<State> state_;
    double last_wait_ms_ = 0;
};

} // namespace howdah::test
