// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/cli/command.h"

namespace howdah::cli {

/// What "-d WHERE" or another option of its kind means: a conninfo, a URI, a database's name, or "demo". The global
/// option --ssh does not hold where `ssh` is false.
[[nodiscard]] Result<pg::ConnectionSpec> connectionSpec(const Context &context, const std::string &where, bool ssh = true);
/// Connects to such a place; asks for a password on a terminal when the server wants one.
[[nodiscard]] Result<std::unique_ptr<pg::Connection>> connectTo(const Context &context, const std::string &where, bool ssh = true, pg::ConnectionSpec *used = nullptr);
/// Connects as -d, --read-only and the environment say; asks for a password on a terminal when the server wants one.
/// `used`, when given, becomes what was connected with.
[[nodiscard]] Result<std::unique_ptr<pg::Connection>> connect(const Context &context, pg::ConnectionSpec *used = nullptr);

} // namespace howdah::cli
