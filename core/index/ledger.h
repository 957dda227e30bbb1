// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/index/advise.h"
#include "core/index/query_state.h"
#include "core/index/why.h"
#include "core/migration/change_script.h"

namespace howdah::index {

// What became of advice: which indexes were built where, how the same queries fared before and after, and whether the server
// uses them a day later.

struct BuiltIndex {
    std::string name;                ///< quoted, with its schema
    std::string table, ddl, method, proof;
    std::int64_t size_bytes = 0;     ///< as it was expected
    double benefit = 0, write_cost = 0;
    std::vector<std::string> parts;  ///< of a partitioned table: each part's index, as `name`
};

struct Applied {
    std::int64_t id = 0;             ///< of the file; given by record()
    std::string server;              ///< "db.example:5432/shop"; never a password
    std::int64_t at_ms = 0;          ///< since 1970: when they were built
    std::int64_t looked_ms = 0;      ///< when it was last verified; 0: never
    bool run = false;                ///< queries were run, not only planned
    std::vector<BuiltIndex> indexes;
    std::vector<QueryState> before;
    std::vector<QueryState> after;   ///< of the last look; empty when there was none
    std::string verdict;             ///< of the last look: "helped", "partly", "did not help"; "" when there was none
};

/// How long after they were built the server's counts tell something.
inline constexpr std::int64_t reminder_ms = 24LL * 3600 * 1000;

/// Those of the advice that a run of its scriptOf() has built; `before` is asked for ahead of it.
[[nodiscard]] Applied appliedBy(const Advice &advice, const migration::ChangeOutcome &outcome);
/// The queries of an advice, to be asked about before and after: one sample each, weights kept.
[[nodiscard]] workload::Workload workloadOf(const Advice &advice);
[[nodiscard]] workload::Workload workloadOf(const Applied &applied);

/// One index of a set, looked at again.
struct Judged {
    Verified now;                    ///< scans and size, those of its parts counted in; empty where it is gone
    bool gone = false;
    bool helped = false;
    std::string reason;              ///< in words: why it helps, or why it should go
    std::string drop_sql;            ///< where it did not help and no constraint needs it
};
struct Look {
    std::vector<Judged> indexes;     ///< as in Applied::indexes
    std::vector<QueryState> after;   ///< of those of `before` that can still be planned
    std::string counted_since;
    double counted_hours = 0;
    std::string verdict;
};

/// Asks the same queries again, in the way they were asked before, and what the server has counted.
[[nodiscard]] Result<Look> lookAgain(pg::Connection &connection, const Applied &applied, const std::function<bool(std::size_t done, std::size_t all)> &progress = {});
/// Drops those that did not help, with their way back; CONCURRENTLY where the server allows it.
[[nodiscard]] migration::ChangeScript dropScript(const Applied &applied, const Look &look);

/// Drops an index, CONCURRENTLY; `definition` is its way back.
[[nodiscard]] migration::ChangeStep dropStep(const std::string &name, const std::string &definition, const std::string &note);
/// What becomes redundant beside the advised indexes goes after they are built.
void addRedundantDrops(const Advice &advice, migration::ChangeScript &script);

/// The applied sets in a SQLite file, each change a transaction of its own. Not thread-safe; errors are of kind Io.
class Ledger
{
public:
    /// The file HOWDAH_INDEX_LEDGER names; else indexes.sqlite in the user's data folder.
    [[nodiscard]] static std::filesystem::path defaultFile();
    [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path &file);
    ~Ledger();

    /// Returns the id. One with an id takes the place of that one.
    [[nodiscard]] Result<std::int64_t> record(const Applied &applied);
    /// Of one server, the latest first, at most `count`.
    [[nodiscard]] Result<std::vector<Applied>> applied(const std::string &server, std::int64_t count = 200);
    /// Those that were built at least reminder_ms before `now_ms`, and not looked at since then.
    [[nodiscard]] Result<std::vector<Applied>> due(const std::string &server, std::int64_t now_ms);
    [[nodiscard]] Result<void> remove(std::int64_t id);

private:
    Ledger();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "db.example:5432/shop", as Applied has it.
[[nodiscard]] std::string serverName(const pg::Connection &connection);
[[nodiscard]] std::int64_t nowMs();

} // namespace howdah::index
