// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/migration/change_script.h"

namespace howdah::migration {

// A change script as a document: what "migrate plan --json" prints, "migrate run" reads and the journal keeps.
//
// {"title", "reason", "steps": [{"title", "sql", "phase": "expand", "lock_policy": "brief", "lock_level", "in_transaction",
// "check_before", "check_after", "expected_rows", "undo_sql", "no_undo_reason", "repair_sql", "note",
// "batches": {"table", "key": [], "batch_sql", "first_rows", "vacuum"},
// "comparison": {"table", "key": [], "left_sql", "right_sql", "differences_sql"}}],
// "deployments": [{"before": "contract", "what"}], "fingerprint_sql", "fingerprint", "all_or_nothing", "danger"}
//
// Keys are the fields of change_script.h. What has its default may be left out; further keys are allowed and mean nothing.

/// Lossless. Writes title, reason, steps, and of a step title, phase, sql and in_transaction always, the rest where it says something.
[[nodiscard]] nlohmann::ordered_json scriptJson(const ChangeScript &script);
[[nodiscard]] std::string toJson(const ChangeScript &script);

/// Fails with Parse: the message names the place ("steps[2].phase"). A script within {"script": …} or {"plan": …} is taken too.
[[nodiscard]] Result<ChangeScript> readScript(std::string_view json);

[[nodiscard]] std::string_view word(Phase phase);       ///< "plain", "expand" …
[[nodiscard]] std::string_view word(LockPolicy policy); ///< "brief", "patient"

} // namespace howdah::migration
