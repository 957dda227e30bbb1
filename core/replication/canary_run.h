// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/replication/setup_run.h"
#include "core/replication/topology.h"

namespace howdah::replication {

/// A canary sent over an edge: written where writes go, read at the other end.
struct CanaryPlan {
    bool logical = false;          ///< filled in: the other end is a subscriber, not a standby
    std::string subscription;      ///< logical; "": the only one of the database
    std::string publication;       ///< filled in: that the canary's table is added to; "" where one publishes all tables
    std::string name;              ///< filled in, of its table
    double patience_s = 30;
};

/// Sees what the edge is. `upstream` is where writes go: for a standby of a standby the primary. Fails when `downstream`
/// does not take from it, and for a subscription that has not taken over all tables of its publications: to refresh it for
/// the canary would take those over without their rows.
[[nodiscard]] Result<CanaryPlan> completed(pg::Connection &upstream, pg::Connection &downstream, CanaryPlan plan);
/// Over streaming a table is made and dropped; over logical replication it is also published and subscribed to meanwhile.
[[nodiscard]] std::vector<SetupStep> canarySteps(const CanaryPlan &plan);
/// Whatever happens, what was made is removed again. `proof` says how long it took.
[[nodiscard]] SetupOutcome sendCanary(pg::Connection &upstream, pg::Connection &downstream, const CanaryPlan &plan, const SetupProgress &progress = {});

/// Where a canary for that link is written: the publisher, or the primary that all standbys above it follow. Null where
/// that is not looked at, or the link's other end is not, or either is lost.
[[nodiscard]] const Place *canarySource(const Topology &topology, const Link &link);

/// The steps "canary_write", "canary_read" and "canary_remove" over streaming, in any set-up.
void addStreamingCanary(StepList &steps, const std::string &name);
[[nodiscard]] bool runStreamingCanary(SetupRun &run, pg::Connection &primary, pg::Connection &standby, double patience_s);

} // namespace howdah::replication
