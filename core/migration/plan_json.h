// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/migration/migration_plan.h"

namespace howdah::migration {

// {"server_version": 17, "complete": true,
//  "wanted": [{"sql", "line", "approach": "recipe", "recipe": "set-not-null", "reason", "notes": [], "naive": {effects},
//              "steps": [0, 1], "errors": [{"message", "sqlstate", "hint", "detail", "position"}]}],
//  "script": as script_json.h has it; each step also has "effects": [{effects}] and "wanted": the change that it serves,
//  "errors": those of all wanted changes}
//
// effects: {"sql", "in_transaction", "locks": {relation: lock mode}, "rewrites", "scans", "builds", "breaks",
// "duration_ms": {"low", "high"}, "errors"}: what it would be refused with; positions count bytes in the script from 0.

[[nodiscard]] nlohmann::ordered_json planJson(const MigrationPlan &plan);

} // namespace howdah::migration
