// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/index/advise.h"

namespace howdah::index {

/// An index that somebody thought of, judged.
struct Why {
    std::string ddl;                    ///< as it was understood
    bool helps = false;                 ///< it lowers the workload's cost by more than its upkeep
    std::string served_by;              ///< the existing index that does the same; "" when none does
    std::vector<std::string> reasons;   ///< why, or why not: the telling one first
    std::int64_t size_bytes = 0;
    double write_cost = 0;              ///< for the workload
    double cost_before = 0, cost_after = 0;
    struct Query {
        std::string text;
        double weight = 1, cost_before = 0, cost_after = 0;
        bool used = false;
        std::string reason;             ///< why not, where it is on the query's table
    };
    std::vector<Query> queries;         ///< of the workload, those that read the table
    Proof proof = Proof::Estimated;
    std::vector<workload::Problem> problems;
    std::size_t whatif_calls = 0;
};

/// Judges one CREATE INDEX for a workload, which may be empty. Nothing is built. Fails with Usage where it is none, with the
/// server's error where the server would refuse it.
[[nodiscard]] Result<Why> why(pg::Connection &connection, std::string_view create_index, const workload::Workload &load);
[[nodiscard]] std::string toJson(const Why &why);

/// What has become of an index that was built.
struct Verified {
    std::string name, table, definition; ///< quoted names
    bool valid = true;
    bool needed = false;                 ///< a constraint stands on it, or it is unique: never offered for dropping
    std::int64_t scans = 0, size_bytes = 0;
    std::vector<std::size_t> queries;    ///< of the workload: those whose plan uses it
    std::string verdict;                 ///< "used", "unused", "invalid"
    std::string drop_sql;                ///< where it did not help
};
struct Verification {
    std::vector<Verified> indexes;
    std::vector<std::string> queries;    ///< on one line each
    std::vector<double> costs;           ///< of each, as it is planned now
    std::string counted_since;           ///< pg_stat_database.stats_reset; "" when never reset
    double counted_hours = 0;            ///< since then; since the server started, where it was never reset
    std::vector<workload::Problem> problems;
};

/// Whether indexes are valid and used: by the server's counts, and by the plans of a workload. `names` empty: those of the
/// workload's tables. Nothing is changed.
[[nodiscard]] Result<Verification> verifyIndexes(pg::Connection &connection, const std::vector<std::string> &names, const workload::Workload &load);
[[nodiscard]] std::string toJson(const Verification &verification);

} // namespace howdah::index
