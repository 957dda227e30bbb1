// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace howdah::cli {

/// A command below "index"; each in the file of its name, index_advise.cpp …
struct IndexCommand {
    CLI::App *options = nullptr;
    Action action;
};

} // namespace howdah::cli
