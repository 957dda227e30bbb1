// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::migration {

/// How locks that keep others waiting are taken: tried for briefly, given up, tried again. Never without a timeout.
struct LockLimits {
    double timeout_ms = 50;         ///< of the first tries: what everybody behind it waits at most
    double longest_timeout_ms = 500; ///< it grows to that
    double pause_ms = 100;          ///< after the first try in vain; doubles, with jitter
    double longest_pause_ms = 5000;
    int tries = 0;                  ///< at most; 0: as many as give_up_s allows
    double give_up_s = 600;         ///< then the step fails and can be resumed
    int max_queued = 10;            ///< sessions that may wait behind a try; with more it is given up at once
    double old_transaction_ms = 500; ///< one that is older and holds the table is waited for without a try
};

/// A session that holds a lock in the way.
struct Blocker {
    int pid = 0;
    std::string text;               ///< "pid 4711 (reports, SELECT … since 12 s)"
    double transaction_ms = 0;
    bool autovacuum = false;        ///< pushed aside by a waiter after its deadlock_timeout
    bool prevents_wraparound = false; ///< an autovacuum that is not
};

/// A relation and the strongest lock that SQL will want on it.
struct WantedLock {
    std::string relation;           ///< as SQL names it
    std::string mode;               ///< "AccessExclusiveLock"
};

/// What the statements will lock as far as that can be read off them; none for what cannot be parsed.
[[nodiscard]] std::vector<WantedLock> wantedLocks(const std::string &sql, int major);

/// Who holds what conflicts, longest transaction first, at most ten.
[[nodiscard]] Result<std::vector<Blocker>> blockersOf(pg::Connection &connection, const std::vector<WantedLock> &wanted);

/// "pid 12 (…), pid 13 (…) and 2 more".
[[nodiscard]] std::string names(const std::vector<Blocker> &blockers);

/// Pauses between tries.
class Backoff
{
public:
    explicit Backoff(const LockLimits &limits) : limits_(limits), random_(std::random_device{}()) {}
    /// The next pause, between half and all of a time that doubles.
    [[nodiscard]] double nextPause();
    /// lock_timeout of try `number`, from 1: grows by half every second try.
    [[nodiscard]] double timeout(int number) const;

private:
    LockLimits limits_;
    int pauses_ = 0;
    std::mt19937 random_;
};

} // namespace howdah::migration
