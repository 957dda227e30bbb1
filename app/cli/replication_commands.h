// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "core/replication/preflight.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// A command below "replication".
struct ReplicationCommand {
    CLI::App *options = nullptr;
    Action action;
};

[[nodiscard]] ReplicationCommand declareReplicationStatus(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationWatch(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationPreflight(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationSetup(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationCompare(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationCanary(CLI::App &replication);
[[nodiscard]] ReplicationCommand declareReplicationSkip(CLI::App &replication);

/// "[{name, ok, figure, message, fix_sql}]" as text of JSON.
[[nodiscard]] std::string checksJson(const std::vector<replication::Check> &checks);
void printChecks(const std::vector<replication::Check> &checks);

/// The password that the replication role is to get: HOWDAH_REPLICATION_PASSWORD; never an argument.
[[nodiscard]] std::string replicationPassword();

/// Waits that long, in small pieces; false when it was interrupted.
[[nodiscard]] bool pauseFor(double seconds);

} // namespace howdah::cli
