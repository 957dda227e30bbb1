// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/replication/compare.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

enum class StepKind : std::uint8_t {
    Statement, ///< a step of a change script
    Command,   ///< a program, shown exactly as it is run
    File,      ///< lines written to a file on this machine
    Wait       ///< nothing is changed: something must come true
};
[[nodiscard]] const char *stepKindName(StepKind kind); ///< "sql", "command", "file", "wait"

/// One step of a set-up: all of it can be shown before anything runs. No secret stands in it.
struct SetupStep {
    std::string id;                ///< "base_backup"
    std::string title;
    StepKind kind = StepKind::Statement;
    std::string node;              ///< "primary", "standby", "publisher", "subscriber", "this machine"
    std::string text;              ///< the statement, the command, the lines, or what is waited for
    std::string undo;              ///< the way back; "" where there is none
    std::string note;
    migration::StepState state = migration::StepState::Waiting;
    double duration_ms = 0;
    double fraction = -1;          ///< done so far, 0 to 1; -1: not known
    std::string figure;            ///< "45 %, 12 MB of 27 MB": while it runs, and what came out of it
    std::optional<Error> error;
};

/// How a set-up went.
struct SetupOutcome {
    std::vector<SetupStep> steps;
    std::vector<Check> checks;     ///< the preflight
    bool proven = false;           ///< what was written on one side was read on the other
    std::string proof;             ///< in words
    std::string standby_conninfo;  ///< streaming: how to reach what was made
    std::optional<Comparison> comparison; ///< logical
    std::optional<Error> error;    ///< the first; its detail says what stays and the way back
};

/// Called on the running thread whenever a step changes.
using SetupProgress = std::function<void(std::size_t index, const SetupStep &step)>;

/// What is left open is filled in: name of the slot, port, binaries. Fails when that cannot be done.
[[nodiscard]] Result<StreamingPlan> completed(pg::Connection &primary, StreamingPlan plan);
/// Every step in its order; the plan must be completed. Without a target: the commands for the other host.
[[nodiscard]] std::vector<SetupStep> streamingSteps(pg::Connection &primary, const StreamingPlan &plan);
/// Preflight, steps, proof. Stops at the first that fails; a standby that turns out to take writes is stopped at once.
[[nodiscard]] SetupOutcome setUpStreaming(pg::Connection &primary, const StreamingPlan &plan, const SetupProgress &progress = {});

[[nodiscard]] Result<LogicalPlan> completed(pg::Connection &publisher, LogicalPlan plan);
[[nodiscard]] std::vector<SetupStep> logicalSteps(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan);
/// Preflight, publication, subscription, initial copy, comparison.
[[nodiscard]] SetupOutcome setUpLogical(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan,
                                        const CompareOptions &comparing, const SetupProgress &progress = {});

/// Moving over to the subscriber.
struct CutOverPlan {
    std::string subscription;      ///< "": the only one of the database
    std::string publication, slot; ///< filled in from it
    double quiet_s = 2;            ///< nobody may write for so long
    double reach_s = 60;           ///< until the subscriber has reached the publisher
    bool drop_publication = false;
};
[[nodiscard]] Result<CutOverPlan> completed(pg::Connection &publisher, pg::Connection &subscriber, CutOverPlan plan);
[[nodiscard]] Result<std::vector<SetupStep>> cutOverSteps(pg::Connection &publisher, pg::Connection &subscriber, const CutOverPlan &plan);
/// Writes have stopped, LSN reached, sides compared, sequences set, subscription dropped, slot gone.
[[nodiscard]] SetupOutcome cutOver(pg::Connection &publisher, pg::Connection &subscriber, const CutOverPlan &plan,
                                   const CompareOptions &comparing, const SetupProgress &progress = {});

} // namespace howdah::replication
