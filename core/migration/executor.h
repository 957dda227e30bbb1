// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/migration/change_script.h"
#include "core/migration/journal.h"
#include "core/migration/lock_governor.h"
#include "core/migration/run_event.h"
#include "core/pg/connection.h"

namespace howdah::migration {

/// Runs migrations that the journal holds. All state is in the journal: killed at any moment, lost connection, server gone: the next
/// run goes on from there, in the same process or another one. One executor works on a migration at a time (an advisory lock).
struct ExecutorOptions {
    LockLimits locks;
    bool deployed = false;        ///< everything that has to be deployed is: no stop for it
    double reconnect_s = 300;     ///< tries that long to get a lost connection back
    double takeover_s = 30;       ///< waits that long for the server process of an executor that is no more
};

enum class ExecutionEnd : std::uint8_t {
    Done,       ///< every step, or every step taken back
    Waiting,    ///< for a deployment: resume when it is there
    Paused,     ///< as asked; nothing is running on the server for it
    Failed,     ///< by `error`; the journal says what is done
    Interrupted ///< the connection is lost and did not come back: the journal says how far it came
};

struct Execution {
    ExecutionEnd end = ExecutionEnd::Failed;
    std::string waits_for;        ///< of Waiting
    std::optional<Error> error;   ///< of Failed and Interrupted; an Error of Usage when it was not even begun
    int step = 0;                 ///< where `error` is, from 1; 0: no step
};

/// What keeps a script from being run with a journal, before anything is written: transaction control within a step, a statement that
/// cannot run in a transaction in a step that says it does.
[[nodiscard]] std::optional<Error> unfitForJournal(const ChangeScript &script);

/// Forward from wherever it is; one that was being rolled back goes on being rolled back. One that waits for a deployment counts as
/// told that it is there. `canceller` pauses it. Events come on this thread and on one more, never two at a time.
[[nodiscard]] Execution execute(const pg::ConnectionSpec &spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options,
                                const RunObserver &observer);

/// Takes back what is done, last step first. Fails with Usage when a step done has no way back.
[[nodiscard]] Execution rollBack(const pg::ConnectionSpec &spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options,
                                 const RunObserver &observer);

/// Steps done that cannot be taken back, by title and reason; none when a rollback would leave nothing.
[[nodiscard]] std::vector<std::string> irreversible(const JournalMigration &migration);

} // namespace howdah::migration
