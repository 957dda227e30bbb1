// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/migration/journal_schema.h"
#include "core/migration/throttle.h"
#include "core/pg/connection.h"

namespace howdah::migration {

enum class MigrationState : std::uint8_t {
    Planned,     ///< written down, never begun
    Running,
    Waiting,     ///< for a deployment: resuming says that it is there
    Paused,
    Failed,
    Done,
    RollingBack,
    RolledBack,
};

enum class JournalStepState : std::uint8_t { Waiting, Running, Done, Failed, Undoing, Undone, Kept };

[[nodiscard]] std::string_view word(MigrationState state);   ///< as the tables have it: "rolling_back"
[[nodiscard]] std::string_view word(JournalStepState state);

/// How far the batches or the ranges of a comparison are.
struct BatchProgress {
    std::optional<std::vector<std::string>> cursor;      ///< what is behind it is done
    std::optional<std::vector<std::string>> upper_bound; ///< of the walk; set once, before the first batch
    bool finished = false;
    std::int64_t batches = 0;
    std::int64_t batch_rows = 0;                         ///< of the next batch
    std::int64_t rows_done = 0;
    std::int64_t rows_total = 0;                         ///< an estimate; 0: nobody knows
    double rows_per_second = 0;
    /// 0..1; -1 when nobody knows.
    [[nodiscard]] double fraction() const;
    [[nodiscard]] std::optional<double> secondsLeft() const;
};

struct JournalStep {
    int number = 0;              ///< from 1
    std::string title;
    std::string phase;
    JournalStepState state = JournalStepState::Waiting;
    int attempts = 0;
    std::string started_at;      ///< as the server writes it; "" before
    std::string finished_at;
    double duration_ms = 0;
    std::string error;           ///< as people read it
    std::optional<BatchProgress> batches;
};

struct JournalEvent {
    std::int64_t id = 0;
    int step = 0;                ///< 0: the migration as a whole
    std::string at;
    std::string kind;            ///< "started", "retry", "blocked", "throttled" …
    std::string message;
};

/// A migration as the journal has it. What listMigrations() gives has neither script, steps nor events.
struct JournalMigration {
    std::int64_t id = 0;
    std::string title;
    std::string reason;
    MigrationState state = MigrationState::Planned;
    bool backward = false;
    bool attended = false;       ///< an executor holds its lock at this moment
    Phase deployed = Phase::Plain;
    std::string waits_for;
    std::string request;
    Throttle throttle;
    std::string throttle_reason;
    std::string progress;
    std::string created_by;
    std::string created_at;
    std::string started_at;
    std::string finished_at;
    std::string executor;
    int executor_pid = 0;
    double heartbeat_age_ms = -1;
    std::optional<Error> error;
    int steps_done = 0;
    int steps_total = 0;
    ChangeScript script;
    std::vector<JournalStep> steps;
    std::vector<JournalEvent> events; ///< the latest, oldest first
    /// Left by an executor that is no more: resume or roll back.
    [[nodiscard]] bool isInterrupted() const { return !attended && (state == MigrationState::Running || state == MigrationState::RollingBack); }
    /// The word for people: state, or "interrupted".
    [[nodiscard]] std::string stateText() const;
};

/// Writes a script down; gives its id. The journal must be there.
[[nodiscard]] Result<std::int64_t> addMigration(pg::Connection &connection, const ChangeScript &script, const Throttle &throttle);

/// Fails with Usage when there is no such migration or no journal.
[[nodiscard]] Result<JournalMigration> readMigration(pg::Connection &connection, std::int64_t id, int events = 50);

/// The latest first; none when there is no journal.
[[nodiscard]] Result<std::vector<JournalMigration>> listMigrations(pg::Connection &connection, int limit = 100);

/// Events after that id, oldest first.
[[nodiscard]] Result<std::vector<JournalEvent>> readEvents(pg::Connection &connection, std::int64_t migration, std::int64_t after, int limit = 500);

enum class JournalRequest : std::uint8_t { Pause, Stop };

/// Asks whoever runs it to pause after the batch or statement at hand, or to stop it at once. Without an executor it is
/// only marked as paused. Fails with Usage when it is over.
[[nodiscard]] Result<void> requestPause(pg::Connection &connection, std::int64_t id, JournalRequest request = JournalRequest::Pause);

/// Takes effect within a second or two on the one that runs.
[[nodiscard]] Result<void> setThrottle(pg::Connection &connection, std::int64_t id, const Throttle &throttle);

/// Of an error as the journal keeps it.
[[nodiscard]] std::string errorDocument(const Error &error);

} // namespace howdah::migration
