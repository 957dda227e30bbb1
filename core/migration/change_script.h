// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::migration {

/// The part of a live migration that a step belongs to; its steps stand in this order.
enum class Phase : std::uint8_t {
    Plain,    ///< not a migration in phases
    Expand,   ///< the new beside the old, nothing reads it yet
    Backfill, ///< existing rows carried over, in batches
    Validate, ///< constraints validated, old and new compared
    Switch,   ///< readers and writers go over to the new
    Contract, ///< the old is removed: no way back from here
};

/// How a step waits for its locks.
enum class LockPolicy : std::uint8_t {
    Brief,   ///< its lock keeps others waiting: a short lock_timeout, tried again after a pause
    Patient, ///< it waits for old transactions and blocks nobody meanwhile (CONCURRENTLY, VALIDATE): never a short timeout
};

/// Work on the rows of a table in batches, each in a transaction of its own together with the cursor that remembers it.
struct BatchWork {
    std::string table;            ///< whose rows are walked, as SQL names it
    std::vector<std::string> key; ///< columns as SQL names them: unique together, not null, served by an index in this order; empty: by ctid
    std::string batch_sql;        ///< one statement; "{range}" stands for the condition on `key` (unqualified) that picks a batch
    std::int64_t first_rows = 1000; ///< of the first batch; later ones are sized by the time that they took
    bool vacuum = true;           ///< the work leaves dead rows in `table`
};

/// Old against new, range by range, both read in one snapshot, so that writes may go on.
struct Comparison {
    std::string table;            ///< as in BatchWork: whose key gives the ranges
    std::vector<std::string> key;
    std::string left_sql;         ///< with "{range}": one row of figures (a count, a hash that knows no order)
    std::string right_sql;        ///< must give the same row
    std::string differences_sql;  ///< with "{range}": what differs, a row each, key first; "" when it cannot be said
};

/// What changes a server in one piece, with everything a person must know before it runs.
struct ChangeStep {
    std::string title;             ///< "Build index orders_user_id_idx"
    std::string sql;               ///< exactly what is sent: one statement, or with in_transaction several that commit together; "" with
                                   ///< `batches` or `comparison`
    std::string lock_level;        ///< strongest lock taken, PostgreSQL's name ("SHARE UPDATE EXCLUSIVE"); "" when none that blocks
    bool in_transaction = true;    ///< false for CREATE INDEX CONCURRENTLY and its like
    std::string check_before;      ///< a query that must return one row with true; "" for none
    std::string check_after;       ///< the same, after the step
    std::optional<std::int64_t> expected_rows; ///< rows that it must hit, no more and no fewer; absent: any number
    std::string undo_sql;          ///< the way back, one or several statements that commit together (a CONCURRENTLY one stands alone); "" with a
                                   ///< reason in no_undo_reason: nothing to take back, or with Plain and Contract no way at all
    std::string no_undo_reason;    ///< said to the user before anything runs
    std::string note;              ///< what to expect: duration, space, what is blocked
    Phase phase = Phase::Plain;
    LockPolicy lock_policy = LockPolicy::Brief;
    std::string repair_sql;        ///< removes what a failed try outside of a transaction left (an INVALID index), before the next; "" for nothing
    std::optional<BatchWork> batches;     ///< instead of sql
    std::optional<Comparison> comparison; ///< instead of sql: stops the script when old and new differ
};

/// What must be true outside of the database before a phase may begin: the script waits there until told to go on.
struct Deployment {
    Phase before = Phase::Contract;
    std::string what;              ///< "Deploy the version that reads and writes orders.note_text"
};

/// The one form in which anything in the product changes a server.
struct ChangeScript {
    std::string title;
    std::string reason;            ///< why: the advice or the wish that it comes from
    std::vector<ChangeStep> steps;
    std::vector<Deployment> deployments; ///< in the order of their phases
    std::string fingerprint_sql;   ///< a query of one text: what the catalog must still look like; "" for no such check
    std::string fingerprint;       ///< what it gave when the script was made: a fact a line, so that what moved can be named
    bool all_or_nothing = false;   ///< its steps only make sense together: always in one transaction
    bool danger = false;           ///< it ends or removes what cannot be brought back: shown in red, never run by Enter alone
    /// The script as SQL with comments, runnable by psql.
    [[nodiscard]] std::string toSql() const;
};

enum class StepState : std::uint8_t { Waiting, Running, Done, Failed, Cancelled, NotRun };

struct StepOutcome {
    StepState state = StepState::Waiting;
    double duration_ms = 0;
    std::optional<Error> error;
};

struct ChangeOutcome {
    std::vector<StepOutcome> steps;   ///< one per step of the script
    std::optional<Error> error;       ///< the first; `detail` says what was and what was not done
    [[nodiscard]] bool done() const { return !error.has_value(); }
};

struct ChangeOptions {
    std::string lock_timeout = "2s";  ///< for Brief steps, as SET LOCAL / SET; "" leaves the session's
    int lock_tries = 3;               ///< of a step that got no lock in that time or was picked in a deadlock; each with the timeout
    bool single_transaction = false;  ///< all steps that allow it in one transaction: all or nothing
};

/// Runs the steps in order on a connection that must be idle; stops at the first error. Steps already
/// committed stay; the outcome names them and their way back.
[[nodiscard]] ChangeOutcome runChangeScript(pg::Connection &connection, const ChangeScript &script,
                                            const ChangeOptions &options = {},
                                            const std::function<void(std::size_t step, const StepOutcome &)> &progress = {});

} // namespace howdah::migration
