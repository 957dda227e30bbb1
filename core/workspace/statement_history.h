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

namespace howdah::workspace {

/// One statement or script as it was sent.
struct StatementRecord {
    std::int64_t id = 0;          ///< of the file; given by begin()
    std::int64_t at_ms = 0;       ///< when it was sent, milliseconds since 1970
    std::string text;             ///< exactly as sent
    std::string connection;       ///< the connection's name; never a password
    std::string database;
    std::optional<double> duration_ms; ///< absent while it runs, and where the program died meanwhile
    std::int64_t rows = 0;
    std::string sqlstate;         ///< "" when it went well; "57014" when cancelled
    std::string message;          ///< of the error
};

struct HistorySearch {
    std::string words;            ///< each must occur, as the beginning of a word; "" finds everything
    std::string connection;       ///< "" for all
    bool only_failed = false;
    std::int64_t before_id = 0;   ///< for the next page: the last id of the page before; 0 begins with the latest
    std::int64_t limit = 200;
};

/// What was run, in a SQLite file with full-text search. A record is written before its statement is sent, so that
/// whatever killed the program, the text that was sent last is there. The oldest go when there are more than
/// `most_records`. Not thread-safe; errors are of kind Io.
class StatementHistory
{
public:
    static constexpr std::int64_t most_records = 100'000;

    [[nodiscard]] static Result<std::unique_ptr<StatementHistory>> open(const std::filesystem::path &file,
                                                                        std::int64_t most = most_records);
    ~StatementHistory();

    /// Before it is sent; returns the record's id.
    [[nodiscard]] Result<std::int64_t> begin(const StatementRecord &record);
    /// After it ended: duration, rows, SQLSTATE and message are taken over.
    [[nodiscard]] Result<void> end(std::int64_t id, const StatementRecord &record);
    /// The latest first.
    [[nodiscard]] Result<std::vector<StatementRecord>> search(const HistorySearch &search);
    [[nodiscard]] Result<void> remove(std::int64_t id);
    [[nodiscard]] Result<void> clear();

private:
    StatementHistory();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::workspace
