// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include "core/pg/cancel_request.h"
#include "core/pg/connection_impl.h"
#include "core/sql/parameters.h"

namespace howdah::pg {

/// Sends one statement and takes everything the server answers to it.
class StatementRun
{
public:
    StatementRun(Connection::Impl &connection, const RunOptions &options, const RunObserver &observer);

    /// `span` and positions count in the script that `sql` lies in.
    [[nodiscard]] StatementOutcome execute(std::size_t index, ByteSpan span, std::string_view sql);
    /// What the script holds for COPY … FROM STDIN; without it such a statement is refused.
    void setCopyData(std::string_view data) { copy_data_ = data; }

private:
    /// Puts the values of its parameters to the statement; false when one is missing.
    bool bind(std::string_view sql);
    bool send(const std::string &sql, const std::vector<Parameter> &parameters);
    /// Waits for the next result; null when the server is ready again or the link is gone.
    ResultPtr next();
    bool waitUntil(short events);
    void take(PGresult *result);
    void openResult(std::vector<Column> columns);
    void appendRows(const PGresult *result);
    void copyOut(bool binary);
    void tellNotifications();
    void published(bool last);
    void copyIn();
    bool putCopyData(std::string_view data);
    void refuseCopyIn();
    void takeError(const PGresult *result);
    void limitReached();
    /// Asks the server to stop; rows that still come are dropped.
    void requestCancel();
    void finish();

    Connection::Impl &connection_;
    const RunOptions &options_;
    const RunObserver &observer_;
    StatementOutcome outcome_;
    std::string sent_;
    sql::BoundStatement bound_;
    std::optional<std::string_view> copy_data_;
    Clock::time_point begin_;
    Clock::time_point last_told_;
    bool told_ = false;
    bool first_row_seen_ = false;
    std::vector<Cell> row_; ///< the row being taken in; kept, so that no row allocates
    bool dropping_ = false;         ///< rows are no longer wanted
    bool stopped_by_limit_ = false; ///< the cancel is ours, not the user's
    bool lost_ = false;
    bool was_in_transaction_ = false; ///< before the statement was sent
    std::unique_ptr<CancelRequest> cancel_;
};

} // namespace howdah::pg
