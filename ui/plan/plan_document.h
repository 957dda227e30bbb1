// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/plan/metrics.h"
#include "core/plan/model.h"

namespace howdah::ui {

/// What was read from one input, with everything computed from it; never changed afterwards, so that views and
/// workers may share it.
struct PlanDocument {
    std::string source; ///< as pasted, read from a file or sent by the server
    plan::Format format = plan::Format::Text;
    std::vector<plan::Plan> plans;
    std::vector<plan::Metrics> metrics; ///< one a plan
    std::vector<plan::Diagnostic> diagnostics;
};

/// Reads and measures; 17 MB take some tens of milliseconds. Any thread.
[[nodiscard]] Result<std::shared_ptr<const PlanDocument>> readPlanDocument(std::string source);

} // namespace howdah::ui
