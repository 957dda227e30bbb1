// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "core/migration/change_script.h"

namespace howdah::migration {

/// Whether only the executor with its journal can run it: work in batches, comparisons, a stop for a deployment.
[[nodiscard]] inline bool needsJournal(const ChangeScript &script)
{
    return !script.deployments.empty() || std::any_of(script.steps.begin(), script.steps.end(), [](const ChangeStep &step) { return step.batches || step.comparison; });
}

} // namespace howdah::migration
