// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "app/cli/command.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// A command below "migrate". The next one is a file with its declare function and a row in migrate.cpp.
struct MigrateCommand {
    CLI::App *options = nullptr;
    Action action;
};

[[nodiscard]] MigrateCommand declareMigratePlan(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateRun(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateResume(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateRollback(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigratePause(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateThrottle(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateStatus(CLI::App &migrate);
[[nodiscard]] MigrateCommand declareMigrateList(CLI::App &migrate);

} // namespace howdah::cli
