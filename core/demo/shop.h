// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/demo/demo_server.h"
#include "core/pg/connection.h"
#include "core/pg/connection_spec.h"

namespace howdah::demo {

// The shop is SQL in resources/demo: steps (NN_name.sql) and named queries
// (workload/name.sql). A comment header of
// "-- key: value" lines says what the loader must know:
//   title     what the progress says                        seconds   rough
//   duration, for the progress after     names of steps that must be done
//   before; "workload" stands for all queries needs     an extension without
//   which the file is skipped expect    the SQLSTATE that this file is meant to
//   end with name, interesting, calls, vary: of a query, see WorkloadQuery

/// One part of a text that changes from call to call, so that the history looks
/// like one of a live system.
struct Variation {
    std::string token; ///< as it stands in the SQL
    std::vector<std::string> choices; ///< either one of these …
    std::int64_t low = 0; ///< … or a whole number from low to high, as wide as
                          ///< the token when that
    std::int64_t high = -1; ///<   begins with a zero
};

/// A named query of the shop's users.
struct WorkloadQuery {
    std::string name;
    std::string interesting; ///< one line: what there is to see
    std::string sql; ///< one statement, runnable as it stands
    int calls = 1; ///< how often the load runs it
    std::vector<Variation> variations;
    std::string needs; ///< extension, or ""
    /// The statement of call number `call`; call 0 is `sql` itself. The same on
    /// every machine.
    [[nodiscard]] std::string sqlOfCall(int call) const;
};

struct LoadStep {
    std::string name; ///< file name without ".sql"
    std::string title;
    std::string sql;
    double seconds = 0.5;
    std::vector<std::string> after;
    std::string needs;
    std::string expect;
};

/// All queries by name, and all steps by name. Fail (Io, Parse) when
/// resources/demo is missing or a header is wrong.
[[nodiscard]] Result<std::vector<WorkloadQuery>> readWorkload();
[[nodiscard]] Result<std::vector<LoadStep>> readLoadSteps();

struct ShopOptions {
    double scale = 1; ///< 1: a million orders; tests use 0.01
};

/// Fills an empty database with the shop over two connections and runs the
/// workload. Blocks; `progress` is called on this thread, about ten times a
/// second. On failure or cancellation the database is left half full: the
/// caller drops it.
[[nodiscard]] Result<void> loadShop(const pg::ConnectionSpec &database, const ShopOptions &options,
                                    const std::function<void(const DemoProgress &)> &progress,
                                    const pg::Canceller &canceller = {});

} // namespace howdah::demo
