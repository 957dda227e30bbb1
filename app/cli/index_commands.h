// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// A command below "index"; each in the file of its name, index_advise.cpp …
struct IndexCommand {
    CLI::App *options = nullptr;
    Action action;
};

[[nodiscard]] IndexCommand declareIndexHealth(CLI::App &index);
extern const char *const index_health_manual;
[[nodiscard]] IndexCommand declareIndexAdvise(CLI::App &index);
extern const char *const index_advise_manual;
[[nodiscard]] IndexCommand declareIndexWhy(CLI::App &index);
extern const char *const index_why_manual;
[[nodiscard]] IndexCommand declareIndexVerify(CLI::App &index);
extern const char *const index_verify_manual;

} // namespace howdah::cli
