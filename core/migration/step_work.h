// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/migration/journal.h"
#include "core/migration/key_walk.h"
#include "core/migration/lock_governor.h"
#include "core/migration/run_event.h"
#include "core/migration/watcher.h"

namespace howdah::migration {

/// Where the state of a step is kept; all empty without a journal. Called on the connection that works, in its transaction.
struct StepRecord {
    std::function<Result<void>()> done;                           ///< before the COMMIT of what makes it done
    std::function<Result<void>(const BatchProgress &)> progress;  ///< before the COMMIT of a batch
    std::function<void(const RunEvent &)> tell;                   ///< between transactions
};

struct WorkLimits {
    LockLimits locks;
    std::optional<std::string> lock_timeout; ///< of every try, as the server takes it; "" leaves the session's; absent: `locks` says
    Throttle throttle;
    double comparison_ms = 250;              ///< a range is sized to take about that long
    int max_differences = 100;
};

enum class StepEnd : std::uint8_t { Done, Paused };

/// The one place that runs steps: SQL in and outside of transactions, batches, comparisons, with locks as LockPolicy says.
class StepWork
{
public:
    StepWork(pg::Connection &connection, const WorkLimits &limits, Watcher *watcher, StepRecord record, int number)
        : connection_(connection), limits_(limits), watcher_(watcher), record_(std::move(record)), number_(number)
    {
    }

    /// A whole step, from where its batches were. Afterwards the connection is idle or lost.
    [[nodiscard]] Result<StepEnd> run(const ChangeStep &step, const std::optional<BatchProgress> &progress = {});
    /// The SQL and checks of a step, without BEGIN, COMMIT, timeouts and tries: within a transaction that the caller has begun.
    [[nodiscard]] Result<void> runWithin(const ChangeStep &step);
    /// What a broken try left is removed.
    [[nodiscard]] Result<StepEnd> repair(const ChangeStep &step);
    /// The way back; with `may_be_gone` objects that do not exist count as taken back.
    [[nodiscard]] Result<StepEnd> undo(const ChangeStep &step, bool may_be_gone);
    /// True when the query gives one row with true.
    [[nodiscard]] Result<bool> holds(const std::string &query);

private:
    /// SQL with what goes round it.
    struct Piece {
        std::string sql;
        bool in_transaction = true;
        LockPolicy policy = LockPolicy::Brief;
        std::string check_after;
        std::optional<std::int64_t> expected_rows;
        std::string title;
        bool may_be_gone = false;
        const ChangeStep *repair = nullptr; ///< between tries
        bool record_done = true;
    };
    class Settings;

    [[nodiscard]] Result<StepEnd> runPiece(const Piece &piece);
    [[nodiscard]] Result<void> once(const Piece &piece, int number, bool autovacuum_in_the_way);
    [[nodiscard]] Result<void> onceWithin(const Piece &piece, const std::string &timeout, bool autovacuum_in_the_way);
    [[nodiscard]] Result<void> onceOutside(const Piece &piece, const std::string &timeout);
    [[nodiscard]] Result<void> sendAll(const Piece &piece);
    [[nodiscard]] Result<void> check(const std::string &query, const char *when);
    [[nodiscard]] Result<void> recordDone();
    [[nodiscard]] std::string timeoutOf(const Piece &piece, int number) const;
    [[nodiscard]] Error givenUp(const Piece &piece, Error error, const std::string &blockers, int tries) const;

    [[nodiscard]] Result<StepEnd> batches(const ChangeStep &step, BatchProgress progress);
    [[nodiscard]] Result<StepEnd> walkBatches(const ChangeStep &step, const KeyWalk &walk, BatchProgress &progress);
    [[nodiscard]] Result<std::int64_t> batch(const ChangeStep &step, const KeyWalk &walk, const KeyRange &range, BatchProgress &progress);
    [[nodiscard]] Result<StepEnd> giveWay(double rows_behind);
    void vacuum(const ChangeStep &step);

    [[nodiscard]] Result<StepEnd> compare(const ChangeStep &step, BatchProgress progress);
    [[nodiscard]] Result<void> compareRange(const ChangeStep &step, const std::string &condition);
    [[nodiscard]] Error difference(const ChangeStep &step, const std::string &condition, const std::string &left, const std::string &right);

    [[nodiscard]] Result<void> send(const std::string &sql);
    void rollBack();
    void tell(RunEventKind kind, std::string message);
    void tellProgress(const BatchProgress &progress);
    /// False when the wait is to end at once, because of a cancel or a request to pause.
    [[nodiscard]] bool pause(double milliseconds);
    [[nodiscard]] bool pauseWanted() const;

    pg::Connection &connection_;
    const WorkLimits &limits_;
    Watcher *watcher_;
    StepRecord record_;
    int number_;
    std::string throttled_;       ///< the reason that was told last
    bool vacuum_works_ = true;
};

} // namespace howdah::migration
