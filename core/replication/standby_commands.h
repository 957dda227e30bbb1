// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "core/base/subprocess.h"
#include "core/pg/connection.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

// The programs that make a standby, as they are shown and as they are run; "DATA_DIRECTORY" stands for a target on
// another host.

/// As a shell takes it.
[[nodiscard]] std::string commandText(const Command &command);
/// As the standby connects to its primary.
[[nodiscard]] std::string standbyConninfo(const StreamingPlan &plan, const pg::ServerFacts &facts);
[[nodiscard]] Command baseBackup(const StreamingPlan &plan, const pg::ServerFacts &facts);
/// pg_ctl start; "stop" stops it at once, "fast" in order.
[[nodiscard]] Command serverCommand(const StreamingPlan &plan, const char *what);
[[nodiscard]] Command rewindCommand(const StreamingPlan &plan, const pg::ServerFacts &facts);
/// A copy of the old directory with everything it has, beside it.
[[nodiscard]] Command copyAside(const StreamingPlan &plan);
/// The last lines of what a program wrote, for an error.
[[nodiscard]] std::string tailOf(const std::filesystem::path &file);

} // namespace howdah::replication
