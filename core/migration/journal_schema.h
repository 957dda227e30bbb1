// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/pg/connection.h"

namespace howdah::migration {

// The journal of migrations lives in the database that they change, in plain tables of the schema "howdah":
//
//   howdah.migrations  one row each: what, who, when, the script itself, its state, what others ask of it
//   howdah.steps       the state of every step, its tries, times and error
//   howdah.batches     how far the batches (or the comparison) of a step have come; written in each batch's own transaction
//   howdah.events      what happened, in order
//
// Nothing but these tables is needed to go on: every other process with the same rights can.

/// The statements that make it, as they are sent; safe to run again.
[[nodiscard]] std::string journalSql();

[[nodiscard]] Result<bool> journalExists(pg::Connection &connection);

/// Makes it in one transaction, which only the user may allow. Fails with what the server says (42501 without CREATE on
/// the database).
[[nodiscard]] Result<void> createJournal(pg::Connection &connection);

/// First key of the advisory lock that the executor of a migration holds; the second is the migration's id.
inline constexpr int journal_lock_class = 1215264612;

} // namespace howdah::migration
