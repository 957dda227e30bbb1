// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/plan/model.h"

namespace howdah::plan {

/// One plan of one statement, as it was at that moment.
struct HistoryEntry {
    std::int64_t id = 0;                ///< of the file; given by record()
    std::string fingerprint;            ///< historyFingerprint(statement); filled in by record() when ""
    std::uint64_t shape = 0;            ///< shapeHash(); plans of one shape share it
    std::int64_t at_ms = 0;             ///< milliseconds since 1970; filled in by record() when 0
    std::string statement;
    std::vector<std::string> parameters; ///< as SQL, in the order of $1 …
    std::string server;                 ///< "db.example:5432/shop"; never a password
    int server_version = 0;             ///< server_version_num
    std::optional<double> execution_ms; ///< absent when it was only planned
    std::optional<double> planning_ms;
    double total_cost = 0;
    std::string source;                 ///< what EXPLAIN printed; "" when it was longer than HistoryLimits::source_bytes
    bool flip = false;                  ///< another shape than the run before it, of that query on that server; computed
};

/// A query of the history, all its runs together.
struct HistoryQuery {
    std::string fingerprint;
    std::string statement; ///< of the latest run
    std::int64_t runs = 0;
    std::int64_t shapes = 0;
    std::int64_t flips = 0;
    std::int64_t last_at_ms = 0;
    std::optional<double> last_execution_ms, best_execution_ms, worst_execution_ms;
};

/// The oldest entries go when a file grows beyond these.
struct HistoryLimits {
    std::int64_t runs_per_query = 500;
    std::int64_t total_bytes = 256LL * 1024 * 1024; ///< of statements and sources together
    std::int64_t source_bytes = 32LL * 1024 * 1024; ///< of one source
};

/// sql::fingerprint(); for what the grammar does not take, a hash of the text with blanks made equal ("x" and 15 digits).
[[nodiscard]] std::string historyFingerprint(std::string_view statement);

/// An entry made of a plan that was read from `source`.
[[nodiscard]] HistoryEntry historyEntry(const Plan &plan, std::string_view statement, std::string_view source);

/// Plans by query, in a SQLite file (WAL): each record() is a transaction of its own, so that SIGKILL loses nothing
/// that was recorded; several processes may use one file. A History is not thread-safe; errors are of kind Io.
class History
{
public:
    /// The file HOWDAH_HISTORY names; else plans.sqlite in the user's data folder.
    [[nodiscard]] static std::filesystem::path defaultFile();
    /// Makes the file (mode 0600) when there is none.
    [[nodiscard]] static Result<std::unique_ptr<History>> open(const std::filesystem::path &file, const HistoryLimits &limits = {});
    ~History();

    /// Returns the entry's id.
    [[nodiscard]] Result<std::int64_t> record(HistoryEntry entry);
    /// Runs of one query, the latest first, at most `count`.
    [[nodiscard]] Result<std::vector<HistoryEntry>> entries(const std::string &fingerprint, std::int64_t count = 500);
    /// Those of them that changed the shape, the latest first.
    [[nodiscard]] Result<std::vector<HistoryEntry>> flips(const std::string &fingerprint);
    /// All queries, the one that ran last first.
    [[nodiscard]] Result<std::vector<HistoryQuery>> queries();
    /// Forgets a query.
    [[nodiscard]] Result<void> remove(const std::string &fingerprint);

    /// Everything (or one query) as one JSON document: {"howdah_plan_history": 1, "entries": […]}, the oldest first.
    [[nodiscard]] Result<std::string> exportJson(const std::string &fingerprint = {});
    /// Adds the entries of such a document that are not there yet, all or none; returns how many were added.
    [[nodiscard]] Result<std::int64_t> importJson(std::string_view document);

private:
    History();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::plan
