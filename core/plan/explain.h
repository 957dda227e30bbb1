// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/sql/parameters.h"

namespace howdah::plan {

/// EXPLAIN's options, by their own names.
struct ExplainOptions {
    bool analyze = false;      ///< run the statement and measure; its effects are undone, see runExplain()
    bool verbose = true;
    bool costs = true;
    bool buffers = true;
    bool settings = true;
    bool wal = true;           ///< only together with analyze
    bool timing = true;        ///< only together with analyze
    bool generic_plan = false; ///< plan for any values of $1 …; 16 and later, never together with analyze
    bool memory = false;       ///< of the planner; 17 and later
    bool serialize = false;    ///< turn the rows into text too, as sending them would; 17 and later, with analyze
    sql::ParameterValues parameters = {}; ///< of :name and $1 …; more than the statement uses do no harm
};

/// "EXPLAIN (ANALYZE, VERBOSE, …, FORMAT JSON) statement" with those options that a server of that version
/// (server_version_num) knows in that combination; all others are left out. SUMMARY is asked for always, so that
/// the planning time is there without ANALYZE too. `statement` is one statement without EXPLAIN before it.
[[nodiscard]] std::string explainSql(std::string_view statement, const ExplainOptions &options, int version_num);

struct ExplainOutcome {
    std::string source;                ///< the JSON text the server printed; plan::read() reads it
    bool rolled_back = false;          ///< it ran, wrote or may have written, and that was undone
    std::vector<std::string> warnings; ///< what rolling back did not undo, and what was done otherwise than asked;
                                       ///< only said when it applies
    double duration_ms = 0;            ///< of the EXPLAIN itself, as the client sees it
};

/// Explains one statement. Blocks; cancel it with the connection's canceller.
///
/// With `analyze` the statement really runs. It always runs inside a transaction that is rolled back: whether a
/// SELECT writes cannot be known (it may call a volatile function), and everything EXPLAIN accepts may run in a
/// transaction block. Where a transaction is open already, it runs within a savepoint that is rolled back, so that
/// neither its effects nor its failure reach that transaction. Not undone are only things PostgreSQL never undoes
/// (values drawn from sequences, session-level advisory locks, what functions do outside of the database);
/// `warnings` names them. Deferred constraints and triggers do not run, because nothing is committed.
///
/// A statement that begins with EXPLAIN is unwrapped; `options` hold, not the ones written in it. Parameters ($1 …, :name)
/// that `options` has values for are bound, as a driver would; where none has a value, the statement is planned with
/// GENERIC_PLAN from 16 on, without `analyze`.
///
/// Fails with Usage, before anything is sent, for more or fewer than one statement, for one that EXPLAIN does not
/// take (the hint says which ones it takes), for parameters that cannot be planned, and in a failed transaction;
/// with Unsupported for options that were asked for and that the server is too old for (GENERIC_PLAN); otherwise
/// with the server's error or Cancelled. The transaction is as it was before, in each case. Error positions count
/// in bytes in `statement`.
[[nodiscard]] Result<ExplainOutcome> runExplain(pg::Connection &connection, std::string_view statement,
                                                const ExplainOptions &options = {});

} // namespace howdah::plan
