// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/change_script.h"

namespace howdah::ui {

/// The way back from what was done.
struct ReverseScript {
    migration::ChangeScript script;       ///< the undo_sql of every step done, the last one first
    std::vector<std::string> no_way_back; ///< titles of steps done that have none; then the script is not complete
    [[nodiscard]] bool isComplete() const { return no_way_back.empty() && !script.steps.empty(); }
};

[[nodiscard]] ReverseScript reverseOf(const migration::ChangeScript &script, const migration::ChangeOutcome &outcome);

} // namespace howdah::ui
