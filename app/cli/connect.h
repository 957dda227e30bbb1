// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/cli/command.h"

namespace howdah::cli {

/// Connects as -d, --read-only and the environment say; asks for a password on a terminal when the server wants one.
[[nodiscard]] Result<std::unique_ptr<pg::Connection>> connect(const Context &context);

} // namespace howdah::cli
