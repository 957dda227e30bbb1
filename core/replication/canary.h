// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/pg/connection.h"

namespace howdah::replication {

/// Something written on a primary in order to be read on a standby: a table with one row, or, where none may be made, a
/// restore point.
struct Canary {
    std::string token;
    std::string table;             ///< "" for a restore point
    std::string lsn;               ///< after it was written
};

/// A new name for one: "howdah_canary_1f0c22ab".
[[nodiscard]] std::string canaryName();
/// The statement that writes the canary of that name: CREATE TABLE name AS SELECT 'name' AS token.
[[nodiscard]] std::string canaryStatement(const std::string &name);
/// The canary of such a statement.
[[nodiscard]] Canary canaryOf(const std::string &statement);
/// Commits it without waiting for any synchronous standby, and sets its LSN.
[[nodiscard]] Result<void> writeCanary(pg::Connection &primary, Canary &canary);
/// Whether the standby shows it now.
[[nodiscard]] Result<bool> readCanary(pg::Connection &standby, const Canary &canary);
[[nodiscard]] Result<void> removeCanary(pg::Connection &primary, const Canary &canary);

} // namespace howdah::replication
