// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::cli {

/// A statement of the script that runs, and what it was told to do with its rows.
struct RunningStatement {
    std::size_t index = 0;
    ByteSpan span;
    std::size_t line = 1;            ///< of the script, where it begins
    bool is_copy = false;            ///< COPY … TO STDOUT: its lines are passed on as they are
    std::vector<pg::Notice> notices;
};

/// How rows are written to standard output while they arrive.
class ResultPrinter
{
public:
    ResultPrinter() = default;
    virtual ~ResultPrinter() = default;
    ResultPrinter(const ResultPrinter &) = delete;
    ResultPrinter &operator=(const ResultPrinter &) = delete;

    virtual void open(const RunningStatement &statement, const std::vector<pg::Column> &columns) = 0;
    /// Rows [from, to) of the statement that was opened last.
    virtual void rows(const RunningStatement &statement, const pg::RowStore &store, std::int64_t from, std::int64_t to) = 0;
    virtual void finish(const RunningStatement &statement, const pg::StatementOutcome &outcome) = 0;
    /// `left_open`: the script ended within a transaction.
    virtual void end(const pg::RunOutcome & /*outcome*/, bool /*left_open*/) {}
};

struct TableStyle {
    bool tuples_only = false; ///< neither heads nor feet
    bool expanded = false;    ///< a line a value
};
[[nodiscard]] std::unique_ptr<ResultPrinter> makeTablePrinter(const TableStyle &style);
/// As COPY … (FORMAT csv) writes it: NULL is nothing, the empty string is "".
[[nodiscard]] std::unique_ptr<ResultPrinter> makeCsvPrinter(bool with_head);
/// One document for the script. `script` outlives the printer.
[[nodiscard]] std::unique_ptr<ResultPrinter> makeJsonPrinter(const std::string &script);

} // namespace howdah::cli
