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

/// One statement that changes a server, with everything a person must know before it runs.
struct ChangeStep {
    std::string title;             ///< "Build index orders_user_id_idx"
    std::string sql;               ///< exactly what is sent: one statement
    std::string lock_level;        ///< strongest lock taken, PostgreSQL's name ("SHARE UPDATE EXCLUSIVE"); "" when none that blocks
    bool in_transaction = true;    ///< false for CREATE INDEX CONCURRENTLY and its like
    std::string check_before;      ///< a query that must return one row with true; "" for none
    std::string check_after;       ///< the same, after the step
    std::optional<std::int64_t> expected_rows; ///< rows that it must hit, no more and no fewer; absent: any number
    std::string undo_sql;          ///< the way back; "" together with a reason in no_undo_reason
    std::string no_undo_reason;    ///< said to the user before anything runs
    std::string note;              ///< what to expect: duration, space, what is blocked
};

/// The one form in which anything in the product changes a server.
struct ChangeScript {
    std::string title;
    std::string reason;            ///< why: the advice or the wish that it comes from
    std::vector<ChangeStep> steps;
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
    std::string lock_timeout = "2s";  ///< for steps that take a lock, as SET LOCAL / SET; "" leaves the session's
    bool single_transaction = false;  ///< all steps that allow it in one transaction: all or nothing
};

/// Runs the steps in order on a connection that must be idle; stops at the first error. Steps already
/// committed stay; the outcome names them and their way back.
[[nodiscard]] ChangeOutcome runChangeScript(pg::Connection &connection, const ChangeScript &script,
                                            const ChangeOptions &options = {},
                                            const std::function<void(std::size_t step, const StepOutcome &)> &progress = {});

} // namespace howdah::migration
