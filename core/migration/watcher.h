// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/migration/lock_governor.h"
#include "core/migration/throttle.h"
#include "core/pg/connection.h"

namespace howdah::migration {

/// How far a long statement is.
struct StatementProgress {
    std::string text;                  ///< "building index: 120 of 400 blocks", "waiting for pid 4711 (…)"
    std::optional<double> fraction;    ///< 0..1 of its phase
};

/// A second connection and its thread beside the one that works: sees who waits for whom while that one is blocked, how far a long
/// statement is, what the server's load is, and what other processes ask through the journal. All calls from the working thread.
class Watcher
{
public:
    struct Tasks {
        std::int64_t migration = 0;                       ///< whose heartbeat, request and throttle are kept; 0: none
        std::function<void(const StatementProgress &)> progress; ///< about once a second, on the watcher's thread
        std::function<void()> stop;                       ///< somebody asked to stop at once; on the watcher's thread
    };
    /// Connects on its own thread; when it cannot, again every second: the work goes on unwatched meanwhile.
    Watcher(pg::ConnectionSpec spec, Tasks tasks);
    ~Watcher();
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;

    /// The server process that works, from now on.
    void setWorker(int pid);

    // A try for a lock with a short timeout.
    struct Attempt {
        bool gave_up = false;          ///< too many queued: it was cancelled
        int queued = 0;                ///< most sessions seen behind it
        std::string blockers;          ///< who was seen in the way
    };
    void attemptBegins(int max_queued);
    /// After it no cancel of that try is under way any more.
    [[nodiscard]] Attempt attemptEnds();

    // A long statement, whose progress is told.
    void statementBegins();
    void statementEnds();

    // Batches on tables of these oids.
    void batchesBegin(std::vector<std::string> oids, const Throttle &throttle);
    void batchesEnd();
    /// Of at most two seconds ago; nothing before the first look.
    [[nodiscard]] std::optional<Load> load() const;
    [[nodiscard]] Throttle throttle() const;
    void setThrottleReason(const std::string &reason);

    /// "", "pause" or "stop", as another process asked.
    [[nodiscard]] std::string request() const;

private:
    enum class Duty { Idle, Attempt, Statement, Batches };
    void watch();
    bool connect();
    void look();
    void lookAtAttempt();
    void lookAtStatement();
    void lookAtLoad();
    /// For how long that much of the WAL has been there.
    [[nodiscard]] double secondsBehind(std::chrono::steady_clock::time_point now, std::int64_t replayed) const;
    void beat();
    [[nodiscard]] std::optional<pg::StatementOutcome> ask(const std::string &sql, const std::vector<pg::Parameter> &parameters = {});

    pg::ConnectionSpec spec_;
    Tasks tasks_;
    pg::Canceller canceller_;
    std::unique_ptr<pg::Connection> connection_; ///< the thread's
    std::chrono::steady_clock::time_point beat_at_{}, looked_at_{}; ///< the thread's
    std::int64_t wal_before_ = -1;               ///< the thread's
    std::chrono::steady_clock::time_point wal_at_{};
    /// Where the server's WAL stood when; the thread's. A standby whose replay stands still reports no lag that grows.
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::int64_t>> wal_course_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool ending_ = false;
    Duty duty_ = Duty::Idle;
    int worker_ = 0;
    int max_queued_ = 0;
    Attempt attempt_;
    bool stop_told_ = false;
    std::vector<std::string> oids_;
    Throttle throttle_;
    std::optional<Load> load_;
    std::string request_;
    std::string throttle_reason_;
    std::string progress_;
    bool tell_now_ = false;
    std::mutex cancelling_;                      ///< held while a cancel is decided and sent
    std::thread thread_;
};

} // namespace howdah::migration
