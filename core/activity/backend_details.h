// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::activity {

struct HeldLock {
    std::string type;      ///< relation, transactionid, tuple, advisory …
    std::string object;    ///< "public.orders", "transaction 812", "public.orders (3,17)"
    std::string mode;      ///< "ROW EXCLUSIVE", in the words of LOCK TABLE
    bool granted = false;
    double waited_ms = -1; ///< pg_locks.waitstart, from 14
};

/// What is asked of one backend when somebody looks at it.
struct BackendDetails {
    std::string query;              ///< as far as the server keeps it (track_activity_query_size)
    bool query_cut = false;         ///< the server itself has cut it
    std::vector<HeldLock> locks;    ///< waited-for ones first, then tables before the rest
    std::int64_t locks_total = 0;
};

inline constexpr int max_locks = 100;

/// The whole query, and with `with_locks` the locks: that reads pg_locks once, tens of milliseconds on a server with
/// tens of thousands of them, so on demand only. Fails with Unsupported when the backend has gone.
[[nodiscard]] Result<BackendDetails> readBackendDetails(pg::Connection &connection, int pid, bool with_locks = true);

} // namespace howdah::activity
