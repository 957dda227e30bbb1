// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/statement_run.h"

#include <cstring>
#include <poll.h>
#include <utility>

#include "core/sql/parser.h"

namespace howdah::pg {

namespace {

/// Small enough that a slow statement's first rows are not held back (the server itself sends in 8 KB pieces),
/// large enough that libpq's cost per result is shared by many rows.
constexpr int rows_per_chunk = 32;
constexpr auto tell_every = std::chrono::milliseconds(50);

std::vector<Column> columnsOf(const PGresult *result)
{
    const int count = PQnfields(result);
    std::vector<Column> columns(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        Column &column = columns[static_cast<std::size_t>(i)];
        column.name = PQfname(result, i);
        column.type_oid = PQftype(result, i);
        column.type_modifier = PQfmod(result, i);
        column.table_oid = PQftable(result, i);
        column.table_column = static_cast<std::int16_t>(PQftablecol(result, i));
    }
    return columns;
}

std::int64_t affectedRows(PGresult *result)
{
    const char *text = PQcmdTuples(result);
    return *text != '\0' ? std::atoll(text) : 0;
}

} // namespace

StatementRun::StatementRun(Connection::Impl &connection, const RunOptions &options, const RunObserver &observer)
    : connection_(connection), options_(options), observer_(observer)
{
}

StatementOutcome StatementRun::execute(std::size_t index, ByteSpan span, std::string_view sql)
{
    outcome_ = {};
    outcome_.index = index;
    outcome_.span = span;
    was_in_transaction_ = PQtransactionStatus(connection_.conn.get()) == PQTRANS_INTRANS;
    begin_ = Clock::now();
    if (bind(sql) && send(sent_, bound_.values.empty() ? options_.parameters : bound_.values)) {
        while (const ResultPtr result = next())
            take(result.get());
    }
    finish();
    return std::move(outcome_);
}

bool StatementRun::bind(std::string_view sql)
{
    bound_ = {};
    if (options_.values.empty()) {
        sent_ = sql;
        return true;
    }
    bound_ = sql::bindParameters(sql, options_.values);
    sent_ = bound_.sql;
    if (bound_.missing.empty())
        return true;
    Error error;
    error.kind = ErrorKind::Usage;
    error.message = "The parameter " + bound_.missing.front() + " has no value";
    error.detail = "The statement was not sent.";
    outcome_.error = std::move(error);
    return false;
}

bool StatementRun::send(const std::string &sql, const std::vector<Parameter> &parameters)
{
    PGconn *conn = connection_.conn.get();
    int sent = 0;
    if (parameters.empty()) {
        sent = PQsendQuery(conn, sql.c_str());
    } else {
        std::vector<const char *> values;
        for (const Parameter &parameter : parameters)
            values.push_back(parameter ? parameter->c_str() : nullptr);
        sent = PQsendQueryParams(conn, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0);
    }
    if (sent == 0) {
        if (PQstatus(conn) == CONNECTION_BAD) {
            lost_ = true;
        } else {
            Error error;
            error.kind = ErrorKind::Usage;
            error.message = PQerrorMessage(conn);
            outcome_.error = error;
        }
        return false;
    }
#ifdef HOWDAH_HAVE_CHUNKED_ROWS
    PQsetChunkedRowsMode(conn, rows_per_chunk);
#else
    PQsetSingleRowMode(conn);
#endif
    // A long statement may not fit into the socket at once, and the server may have to be read meanwhile.
    int left = 0;
    while ((left = PQflush(conn)) > 0) {
        if (!waitUntil(POLLIN | POLLOUT))
            return false;
    }
    lost_ = left < 0;
    return !lost_;
}

bool StatementRun::waitUntil(short events)
{
    PGconn *conn = connection_.conn.get();
    for (;;) {
        switch (connection_.wait(events)) {
        case Wake::Cancelled:
            requestCancel();
            continue;
        case Wake::Ready:
            if (PQconsumeInput(conn) != 0)
                return true;
            [[fallthrough]];
        default:
            lost_ = true;
            return false;
        }
    }
}

ResultPtr StatementRun::next()
{
    PGconn *conn = connection_.conn.get();
    while (PQisBusy(conn) != 0) {
        // A dead link: libpq still hands out the server's last words, which PQgetResult() gives without waiting.
        if (!waitUntil(POLLIN))
            break;
    }
    if (connection_.canceller.isAbandoned()) { // PQgetResult() would wait
        lost_ = true;
        return nullptr;
    }
    ResultPtr result(PQgetResult(conn));
    if (PQstatus(conn) == CONNECTION_BAD)
        lost_ = true;
    return result;
}

void StatementRun::take(PGresult *result)
{
    // libpq 17 leaves the tag at the last piece of the rows, older ones at the empty result behind them.
    if (const char *tag = PQcmdStatus(result); *tag != '\0')
        outcome_.command_tag = tag;
    switch (PQresultStatus(result)) {
#ifdef HOWDAH_HAVE_CHUNKED_ROWS
    case PGRES_TUPLES_CHUNK:
#endif
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK: // the end of the rows, or a result without any
        appendRows(result);
        break;
    case PGRES_COMMAND_OK:
        if (!outcome_.result)
            outcome_.rows = affectedRows(result);
        break;
    case PGRES_EMPTY_QUERY:
        break;
    case PGRES_COPY_OUT:
        copyOut(PQbinaryTuples(result) != 0);
        break;
    case PGRES_COPY_IN:
        copyIn();
        break;
    case PGRES_COPY_BOTH:
        refuseCopyIn();
        break;
    default:
        takeError(result);
        break;
    }
}

void StatementRun::openResult(std::vector<Column> columns)
{
    outcome_.result = std::make_shared<RowStore>(std::move(columns), options_.limits);
    outcome_.rows = 0;
    if (observer_.resultOpened)
        observer_.resultOpened(outcome_.index, outcome_.result);
}

void StatementRun::appendRows(const PGresult *result)
{
    if (!outcome_.result)
        openResult(columnsOf(result));
    const int rows = PQntuples(result);
    const int columns = PQnfields(result);
    if (rows > 0 && !first_row_seen_) {
        first_row_seen_ = true;
        outcome_.first_row_ms = millisecondsSince(begin_);
    }
    RowStore &store = *outcome_.result;
    row_.resize(static_cast<std::size_t>(columns));
    for (int row = 0; row < rows && !dropping_; ++row) {
        if (options_.limits.max_rows >= 0 && outcome_.rows == options_.limits.max_rows) {
            limitReached();
            break;
        }
        for (int column = 0; column < columns; ++column) {
            const auto size = static_cast<std::size_t>(PQgetlength(result, row, column));
            row_[static_cast<std::size_t>(column)] = {{PQgetvalue(result, row, column), size},
                                                      size == 0 && PQgetisnull(result, row, column) != 0};
        }
        store.appendRow(row_.data());
        ++outcome_.rows;
    }
    published(false);
}

void StatementRun::copyOut(bool binary)
{
    openResult({Column{"COPY", 25, -1, 0, 0, "text"}});
    PGconn *conn = connection_.conn.get();
    for (;;) {
        char *line = nullptr;
        const int size = PQgetCopyData(conn, &line, 1);
        const TextPtr owned(line);
        if (size == 0) {
            published(false);
            if (!waitUntil(POLLIN))
                return;
            continue;
        }
        if (size < 0)
            break;
        if (!first_row_seen_) {
            first_row_seen_ = true;
            outcome_.first_row_ms = millisecondsSince(begin_);
        }
        if (!dropping_ && options_.limits.max_rows >= 0 && outcome_.rows == options_.limits.max_rows)
            limitReached();
        if (dropping_)
            continue;
        const auto length = static_cast<std::size_t>(size);
        outcome_.result->beginRow(length);
        outcome_.result->appendCell(line, !binary && line[length - 1] == '\n' ? length - 1 : length, false);
        ++outcome_.rows;
    }
    published(false);
}

void StatementRun::published(bool last)
{
    if (!outcome_.result)
        return;
    if (const auto done = outcome_.result->publish(); !done && !outcome_.error) {
        outcome_.error = done.error();
        requestCancel();
    }
    const auto now = Clock::now();
    if (observer_.rowsArrived && outcome_.result->rowCount() > 0 && (last || !told_ || now - last_told_ >= tell_every)) {
        told_ = true;
        last_told_ = now;
        observer_.rowsArrived(outcome_.index);
    }
}

void StatementRun::copyIn()
{
    if (!copy_data_) {
        refuseCopyIn();
        return;
    }
    PGconn *conn = connection_.conn.get();
    if (!putCopyData(*std::exchange(copy_data_, std::nullopt)))
        return;
    while (PQputCopyEnd(conn, cancel_ ? "cancelled" : nullptr) == 0) {
        if (!waitUntil(POLLIN | POLLOUT))
            return;
    }
    int left = 0;
    while ((left = PQflush(conn)) > 0) {
        if (!waitUntil(POLLIN | POLLOUT))
            return;
    }
    lost_ = lost_ || left < 0;
}

/// False when the link is gone. A cancel ends it early.
bool StatementRun::putCopyData(std::string_view data)
{
    PGconn *conn = connection_.conn.get();
    while (!data.empty() && !cancel_) {
        const std::string_view part = data.substr(0, 64 * 1024);
        const int done = PQputCopyData(conn, part.data(), static_cast<int>(part.size()));
        lost_ = lost_ || done < 0;
        if (lost_ || (done == 0 && !waitUntil(POLLIN | POLLOUT)))
            return false;
        if (done == 1) {
            data.remove_prefix(part.size());
            int left = 0;
            while ((left = PQflush(conn)) > 0) {
                if (!waitUntil(POLLIN | POLLOUT))
                    return false;
            }
            lost_ = left < 0;
        }
        if (connection_.canceller.requested())
            requestCancel();
    }
    return !lost_;
}

void StatementRun::refuseCopyIn()
{
    PQputCopyEnd(connection_.conn.get(), "this connection sends no data");
    if (!outcome_.error) {
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message = "COPY … FROM STDIN takes its data from the client, and the script holds none behind it";
        error.detail = "Nothing was copied.";
        error.hint = "Data stand on the lines behind the statement, up to a line with \"\\.\"; run them together with it. A file is imported by Import.";
        outcome_.error = error;
    }
}

void StatementRun::takeError(const PGresult *result)
{
    Error error = errorOf(result, sent_, connection_.facts.server_encoding == "SQL_ASCII");
    if (error.position)
        error.position = ByteOffset{outcome_.span.begin.value + bound_.written(*error.position).value};
    if (stopped_by_limit_ && error.kind == ErrorKind::Cancelled)
        return;
    // 57014 is a timeout's or an administrator's as well; cancelled by the user is only what we asked for.
    if (error.kind == ErrorKind::Cancelled && !cancel_)
        error.kind = ErrorKind::Server;
    // The first error is the cause (a full disk, a refused COPY); what follows is its consequence.
    if (!outcome_.error)
        outcome_.error = std::move(error);
}

void StatementRun::limitReached()
{
    outcome_.truncated = true;
    dropping_ = true;
    // Stopping is safe only where it undoes nothing: a plain SELECT that is a transaction by itself.
    const sql::StatementNature nature = sql::natureOf(sent_);
    if (PQtransactionStatus(connection_.conn.get()) == PQTRANS_ACTIVE && !was_in_transaction_ && nature.kind == "SelectStmt" && !nature.writes) {
        stopped_by_limit_ = true;
        requestCancel();
    }
}

void StatementRun::requestCancel()
{
    dropping_ = true;
    if (cancel_ && !cancel_->finished())
        return;
    cancel_ = std::make_unique<CancelRequest>(connection_.conn.get());
}

/// What NOTIFY sent to this connection; libpq would keep it for ever.
void StatementRun::tellNotifications()
{
    struct Free {
        void operator()(PGnotify *notification) const { PQfreemem(notification); }
    };
    while (const std::unique_ptr<PGnotify, Free> sent{PQnotifies(connection_.conn.get())}) {
        Notice notice;
        notice.severity = "NOTIFY";
        notice.message = validUtf8(sent->relname);
        if (*sent->extra != '\0')
            notice.message += ": " + validUtf8(sent->extra);
        notice.detail = "Sent by server process " + std::to_string(sent->be_pid) + ".";
        connection_.deliver(notice);
    }
}

void StatementRun::finish()
{
    const bool abandoned = connection_.canceller.isAbandoned();
    if (cancel_ && abandoned)
        cancel_->abandon();
    if (cancel_) {
        const std::string failure = abandoned ? std::string() : cancel_->wait();
        if (!failure.empty() && !lost_)
            connection_.deliver({"WARNING", "", "The cancel request did not reach the server", failure, "", ""});
        cancel_.reset();
    }
    published(true);
    tellNotifications();
    if (lost_) {
        Error lost = abandoned ? abandonedConnection() : lostConnection(PQerrorMessage(connection_.conn.get()));
        if (outcome_.error && outcome_.error->kind == ErrorKind::Server) {
            // The server's own last words say more than the broken link.
            lost.sqlstate = outcome_.error->sqlstate;
            lost.severity = outcome_.error->severity;
            lost.detail = outcome_.error->message;
        }
        outcome_.error = lost;
    }
    if (outcome_.error && outcome_.error->kind == ErrorKind::Cancelled && outcome_.error->hint.empty())
        outcome_.error->hint = outcome_.result && outcome_.rows > 0 ? "The rows that had arrived are kept." : "";
    outcome_.duration_ms = millisecondsSince(begin_);
    outcome_.transaction = lost_ ? TransactionState::Unknown : transactionOf(connection_.conn.get());
    if (!first_row_seen_)
        outcome_.first_row_ms = outcome_.duration_ms;
}

} // namespace howdah::pg
