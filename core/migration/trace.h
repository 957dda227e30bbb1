// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/migration/effects.h"
#include "core/pg/connection.h"

namespace howdah::migration {

struct TraceOptions {
    /// Statements that refuse a transaction block are run as they are, and what they do stays. Otherwise they are
    /// left out, with an error that says so.
    bool outside_transaction = false;
    /// Opens a further connection to the same database: then the locks of a statement that runs outside of a transaction
    /// are watched from there, while another holds its tables in ROW EXCLUSIVE mode for a moment, so that every phase lasts.
    std::function<Result<std::unique_ptr<pg::Connection>>()> connect;
    /// The tables hold no rows: what is read shows by the server's messages alone.
    bool empty = false;
    /// Keep what each statement did, so that the next one finds it; otherwise every statement is rolled back, in one
    /// transaction with those before it.
    bool commit = false;
};

/// One statement as the server ran it.
struct TracedStatement {
    StatementEffects measured;      ///< sql, line, locks, rewrites, scans, builds, in_transaction and errors
    bool was_run = false;
    bool locks_known = true;        ///< false: it ran outside a transaction, so its locks were gone before they could be read
    bool watched = false;           ///< its locks were watched from outside, and a short phase may have been missed
    bool was_empty = false;         ///< it ran on tables without rows
    std::map<std::string, std::string> held_before; ///< locks that earlier statements of the same transaction hold
    std::vector<std::string> notices; ///< DEBUG1 messages that name the work, as sent
    double duration_ms = 0;
};

/// Runs each statement of a script and looks at what it did: locks held at its end (pg_locks), relations whose file
/// node changed, rows read by sequential scans, and the server's DEBUG1 messages. Without `commit` all of it happens
/// in one transaction that is rolled back at the end, each statement behind a savepoint, so that one that fails
/// spoils nothing. Locks are told once, by the first statement that took them in that strength. The connection must
/// be idle. BEGIN, COMMIT, ROLLBACK and savepoints of the script are followed: what it rolls back is undone, and after an
/// error its transaction is deaf. Fails when it cannot be asked; a failing statement is told in its own errors.
[[nodiscard]] Result<std::vector<TracedStatement>> trace(pg::Connection &connection, std::string_view script, const TraceOptions &options = {});

/// Where the static answer and the measured one differ, one sentence each. A measured lock on an index that the static
/// answer does not have counts too.
[[nodiscard]] std::vector<std::string> disagreements(const StatementEffects &expected, const TracedStatement &traced);

} // namespace howdah::migration
