// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace howdah::sql {

/// What in a statement would switch a read-only session back to writing: SET or RESET of default_transaction_read_only
/// and transaction_read_only, READ WRITE of a transaction, RESET ALL and DISCARD ALL, set_config() with one of the two
/// names. "" when nothing does. The server keeps the session read-only; this keeps people from undoing it by accident,
/// not an attacker: a role without the right to write is stronger.
[[nodiscard]] std::string undoesReadOnly(std::string_view statement);

} // namespace howdah::sql
