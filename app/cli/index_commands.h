// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "app/cli/command.h"
#include "core/workload/workload.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// A command below "index"; each in the file of its name, index_advise.cpp …
struct IndexCommand {
    CLI::App *options = nullptr;
    Action action;
};

/// The workload that a command is asked about.
struct WorkloadChoice {
    std::string file;  ///< of statements, or a log; "" for none
    bool kept = false; ///< what pg_stat_statements keeps
    [[nodiscard]] bool given() const { return kept || !file.empty(); }
};
void addWorkloadOptions(CLI::App &options, WorkloadChoice &choice);
/// Empty when none was chosen.
[[nodiscard]] Result<workload::Workload> chosenWorkload(const WorkloadChoice &choice, pg::Connection &connection);

[[nodiscard]] IndexCommand declareIndexHealth(CLI::App &index);
extern const char *const index_health_manual;
[[nodiscard]] IndexCommand declareIndexAdvise(CLI::App &index);
extern const char *const index_advise_manual;
[[nodiscard]] IndexCommand declareIndexWhy(CLI::App &index);
extern const char *const index_why_manual;
[[nodiscard]] IndexCommand declareIndexVerify(CLI::App &index);
extern const char *const index_verify_manual;
/// What became of the sets that the window has built here.
[[nodiscard]] int verifyApplied(const Context &context, pg::Connection &connection);

} // namespace howdah::cli
