// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace howdah::migration {

/// What the executor tells while it works; the important ones are kept in the journal too.
enum class RunEventKind : std::uint8_t {
    Started,    ///< a step
    Done,       ///< a step
    Failed,     ///< a step
    Undone,     ///< a step was taken back
    Kept,       ///< a step has nothing to take back
    Retry,      ///< a lock was not got in time; the message names who held it and when the next try comes
    Blocked,    ///< it does not even try yet: the message names who is in the way
    Progress,   ///< figures below
    Throttled,  ///< batches wait; the message is the reason
    Released,   ///< they go on
    Repaired,   ///< what a broken try had left was removed
    Resolved,   ///< a step that was interrupted turned out to be done
    Vacuumed,
    Reconnected,
    Note,
};

struct RunEvent {
    RunEventKind kind = RunEventKind::Note;
    int step = 0;                      ///< from 1; 0: the migration as a whole
    std::string message;
    double duration_ms = 0;            ///< of Done and Undone
    // Of Progress:
    std::int64_t rows_done = 0;
    std::int64_t rows_total = 0;       ///< an estimate; 0: nobody knows
    double rows_per_second = 0;
    std::optional<double> fraction;    ///< 0..1 of the step
    std::optional<double> seconds_left;
    std::optional<Error> error;        ///< of Failed
};

[[nodiscard]] std::string_view word(RunEventKind kind); ///< "started", "retry" …

using RunObserver = std::function<void(const RunEvent &)>;

} // namespace howdah::migration
