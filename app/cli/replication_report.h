// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/cli/command.h"
#include "core/migration/change_script.h"
#include "core/replication/compare.h"
#include "core/replication/preflight.h"
#include "core/replication/setup.h"

namespace howdah::cli {

/// {"kind", "ok", "checks": […]} or lines; the exit code.
[[nodiscard]] int showChecks(const Context &context, const char *kind, const std::vector<replication::Check> &checks);
/// Checks and steps of a set-up as they would be taken; the exit code.
[[nodiscard]] int showDryRun(const Context &context, const std::vector<replication::Check> &checks, const std::vector<replication::SetupStep> &steps);
/// {ok, proven, proof, checks, steps, …} or the proof; the exit code.
[[nodiscard]] int showOutcome(const Context &context, const replication::SetupOutcome &outcome);
/// Progress goes to standard error, so that standard output is one document.
[[nodiscard]] replication::SetupProgress teller();
/// {same, tables: […]} as text of JSON.
[[nodiscard]] std::string comparisonJson(const replication::Comparison &comparison);
[[nodiscard]] const char *stepStateName(migration::StepState state);

} // namespace howdah::cli
