// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/cli/command.h"
#include "core/migration/change_script.h"
#include "core/replication/compare.h"
#include "core/replication/preflight.h"

namespace howdah::cli {

/// {"kind", "ok", "checks": […]} or lines; the exit code.
[[nodiscard]] int showChecks(const Context &context, const char *kind, const std::vector<replication::Check> &checks);
/// {same, tables: […]} as text of JSON.
[[nodiscard]] std::string comparisonJson(const replication::Comparison &comparison);
[[nodiscard]] const char *stepStateName(migration::StepState state);
/// "schema.name (a, b) WHERE (c > 0)", schema, columns and condition where wanted.
[[nodiscard]] Result<replication::PublishedChoice> tableChoice(const std::string &text);

} // namespace howdah::cli
