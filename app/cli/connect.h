// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/cli/command.h"

namespace howdah::cli {

/// Connects as -d, --read-only and the environment say; asks for a password on a terminal when the server wants one.
/// `used`, when given, becomes what was connected with.
[[nodiscard]] Result<std::unique_ptr<pg::Connection>> connect(const Context &context, pg::ConnectionSpec *used = nullptr);

} // namespace howdah::cli
