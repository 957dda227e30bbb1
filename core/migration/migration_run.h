// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "core/migration/executor.h"
#include "core/migration/step_work.h"

namespace howdah::migration {

/// One execution: connection, lock, journal, and the loop over the steps in either direction. For executor.cpp alone.
class MigrationRun
{
public:
    MigrationRun(pg::ConnectionSpec spec, const pg::Canceller &canceller, std::int64_t id, const ExecutorOptions &options, const RunObserver &observer);
    [[nodiscard]] Execution run(bool backward_wanted);

private:
    /// Why the loop over the steps ended; nothing: every step is through.
    struct Stop {
        ExecutionEnd end = ExecutionEnd::Failed;
        std::string waits_for;
        std::optional<Error> error;
        int step = 0;
    };

    [[nodiscard]] Result<void> connect();
    [[nodiscard]] bool reconnect(const Error &lost);
    [[nodiscard]] std::string whereItStands() const;
    [[nodiscard]] Result<void> takeLock();
    [[nodiscard]] Result<bool> tryLock();
    [[nodiscard]] Result<void> load();
    [[nodiscard]] std::optional<Error> refusal(bool backward_wanted) const;
    [[nodiscard]] Result<void> begin(bool backward_wanted);
    [[nodiscard]] Result<void> checkFingerprint();

    [[nodiscard]] std::optional<Stop> forward();
    [[nodiscard]] std::optional<Stop> runStep(std::size_t index);
    [[nodiscard]] std::optional<Stop> runTogether();
    [[nodiscard]] Result<void> runTogetherOnce(double timeout_ms, std::size_t &at);
    [[nodiscard]] Result<StepEnd> resolve(const ChangeStep &step, StepWork &work, bool &done);
    [[nodiscard]] std::optional<std::string> deploymentBefore(const ChangeStep &step) const;
    [[nodiscard]] std::optional<Stop> backward();
    [[nodiscard]] std::optional<Stop> undoStep(std::size_t index);
    [[nodiscard]] std::optional<Stop> stopped(const Result<StepEnd> &end, std::size_t index) const;
    [[nodiscard]] Execution finish(std::optional<Stop> stop);

    [[nodiscard]] Result<void> write(const std::string &sql, std::vector<pg::Parameter> parameters = {});
    [[nodiscard]] Result<void> setStep(std::size_t index, JournalStepState state);
    [[nodiscard]] StepRecord recordOf(std::size_t index, JournalStepState done_state);
    [[nodiscard]] Result<void> writeProgress(std::size_t index, const BatchProgress &progress);
    void tell(const RunEvent &event);
    void tell(RunEventKind kind, std::size_t index, std::string message, double duration_ms = 0);

    pg::ConnectionSpec spec_;
    pg::Canceller canceller_;
    std::int64_t id_;
    ExecutorOptions options_;
    WorkLimits limits_;
    const RunObserver &observer_;
    std::mutex telling_;
    std::string executor_;           ///< this program, host and process
    std::unique_ptr<pg::Connection> connection_;
    JournalMigration migration_;
    bool backward_ = false;
    std::string lost_at_;            ///< how far it was when the connection was lost last
    int lost_there_ = 0;             ///< how often in a row
    std::chrono::steady_clock::time_point step_began_{};
    std::unique_ptr<Watcher> watcher_; ///< the last to be made and the first to go
};

} // namespace howdah::migration
