// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/input.h"
#include "core/plan/model.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// A plan's file, read; its diagnostics were written to standard error.
struct PlanInput {
    Input input;
    plan::ReadResult result;
};
/// On failure it was reported, and `code` is the exit code.
[[nodiscard]] std::unique_ptr<PlanInput> readPlans(const Context &context, const std::string &file, int &code);

/// "file" or "standard input".
[[nodiscard]] std::string nameOf(const std::string &file);

/// A command below "plan".
struct PlanCommand {
    CLI::App *options = nullptr;
    Action action;
};

[[nodiscard]] PlanCommand declarePlanDiff(CLI::App &plan);
[[nodiscard]] PlanCommand declarePlanLint(CLI::App &plan);
[[nodiscard]] PlanCommand declarePlanTry(CLI::App &plan);
[[nodiscard]] PlanCommand declarePlanHistory(CLI::App &plan);

} // namespace howdah::cli
