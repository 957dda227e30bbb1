// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/error.h"

namespace howdah::pg {

/// What CREATE and ALTER ROLE … PASSWORD take instead of a password in plain text: its SCRAM-SHA-256 verifier, made on
/// this machine, so that the password never stands in a statement, a log or a view of the server.
[[nodiscard]] Result<std::string> passwordVerifier(const std::string &role, const std::string &password);

} // namespace howdah::pg
