// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pg/connection_spec.h"
#include "core/replication/setup.h"

namespace howdah::replication_tool {

enum class SetupKind { Standby, Rebuild, Logical, CutOver, Canary };

/// A set-up as the fields of its page say it, to be run on a session's worker: it touches no widget.
struct SetupTask {
    /// What would be done; nothing is changed.
    struct Plan {
        std::vector<replication::Check> checks;
        std::vector<replication::SetupStep> steps;
        std::optional<Error> error;
    };
    SetupKind kind = SetupKind::Standby;
    std::map<std::string, std::string> values; ///< by field
    pg::ConnectionSpec here;
    std::optional<pg::ConnectionSpec> there;   ///< the other end, where no field names it

    [[nodiscard]] Plan check(pg::Connection &connection) const;
    [[nodiscard]] replication::SetupOutcome run(pg::Connection &connection, const replication::SetupProgress &progress) const;

private:
    [[nodiscard]] std::string value(const char *field) const;
    [[nodiscard]] Result<std::unique_ptr<pg::Connection>> openOther(const pg::Canceller &canceller) const;
    [[nodiscard]] replication::StreamingPlan streamingPlan() const;
    [[nodiscard]] Result<replication::LogicalPlan> logicalPlan() const;
    [[nodiscard]] replication::CutOverPlan cutOverPlan() const;
    [[nodiscard]] replication::CompareOptions comparing() const;
};

} // namespace howdah::replication_tool
