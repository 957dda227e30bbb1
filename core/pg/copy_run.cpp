// SPDX-License-Identifier: GPL-3.0-or-later
// COPY as a stream, to and from this side.
#include <cstdlib>
#include <memory>
#include <poll.h>

#include "core/pg/cancel_request.h"
#include "core/pg/connection.h"
#include "core/pg/connection_impl.h"

namespace howdah::pg {

namespace {

/// One COPY statement on a connection whose socket it waits for itself, so that it can be cancelled at any time.
class CopyRun
{
public:
    CopyRun(Connection::Impl &connection, std::string_view sql) : connection_(connection), sql_(sql), begin_(Clock::now()) { }

    Result<CopyOutcome> out(const std::function<bool(std::string_view)> &sink)
    {
        if (begin(PGRES_COPY_OUT))
            receive(sink);
        return end();
    }

    Result<CopyOutcome> in(const std::function<std::optional<std::string_view>()> &next)
    {
        if (begin(PGRES_COPY_IN))
            send(next);
        return end();
    }

private:
    PGconn *conn() { return connection_.conn.get(); }

    /// Sends the statement; true once the server copies in that direction.
    bool begin(ExecStatusType wanted)
    {
        if (PQsendQuery(conn(), sql_.c_str()) == 0) {
            lost_ = true;
            return false;
        }
        if (!flushed())
            return false;
        while (const ResultPtr result = next()) {
            const ExecStatusType status = PQresultStatus(result.get());
            if (status == wanted)
                return true;
            take(result.get());
            if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
                refuse("The statement copies in the other direction");
                if (status == PGRES_COPY_IN)
                    PQputCopyEnd(conn(), "nothing is sent");
                return false;
            }
        }
        return false;
    }

    void receive(const std::function<bool(std::string_view)> &sink)
    {
        for (;;) {
            char *piece = nullptr;
            const int size = PQgetCopyData(conn(), &piece, 1);
            const TextPtr owned(piece);
            if (size > 0) {
                if (!stopped_ && !sink(std::string_view(piece, static_cast<std::size_t>(size)))) {
                    stopped_ = true;
                    requestCancel();
                }
                outcome_.bytes += size;
                continue;
            }
            if (size < 0 || !waitUntil(POLLIN))
                return;
        }
    }

    void send(const std::function<std::optional<std::string_view>()> &next_piece)
    {
        const auto put = [this](std::string_view piece) {
            while (!piece.empty()) {
                // libpq's length is an int, and a piece must not grow its buffer without bounds.
                const std::string_view part = piece.substr(0, 64 * 1024);
                const int done = PQputCopyData(conn(), part.data(), static_cast<int>(part.size()));
                if (done < 0 || (done == 0 && !waitUntil(POLLIN | POLLOUT)))
                    return false;
                if (done == 1) {
                    outcome_.bytes += static_cast<std::int64_t>(part.size());
                    piece.remove_prefix(part.size());
                    if (!flushed())
                        return false;
                }
            }
            return true;
        };
        while (!isOver()) {
            const std::optional<std::string_view> piece = next_piece();
            if (!piece)
                break;
            if (!put(*piece))
                return;
        }
        const char *why = cancel_ ? "cancelled" : nullptr;
        while (PQputCopyEnd(conn(), why) == 0) {
            if (!waitUntil(POLLIN | POLLOUT))
                return;
        }
        static_cast<void>(flushed());
    }

    /// Whether nothing more is to be sent. That the server has refused a row already cannot be seen here: libpq keeps
    /// its answer until the end of the data, and what is readable may be a notice. The server skips the rest.
    bool isOver()
    {
        if (PQconsumeInput(conn()) == 0)
            lost_ = true;
        if (connection_.canceller.requested())
            requestCancel();
        return lost_ || cancel_ != nullptr;
    }

    bool flushed()
    {
        int left = 0;
        while ((left = PQflush(conn())) > 0) {
            if (!waitUntil(POLLIN | POLLOUT))
                return false;
        }
        lost_ = lost_ || left < 0;
        return !lost_;
    }

    bool waitUntil(short events)
    {
        for (;;) {
            switch (connection_.wait(events)) {
            case Wake::Cancelled:
                requestCancel();
                continue;
            case Wake::Ready:
                if (PQconsumeInput(conn()) != 0)
                    return true;
                [[fallthrough]];
            default:
                lost_ = true;
                return false;
            }
        }
    }

    ResultPtr next()
    {
        while (PQisBusy(conn()) != 0) {
            if (!waitUntil(POLLIN))
                break;
        }
        return ResultPtr(PQgetResult(conn()));
    }

    void take(const PGresult *result)
    {
        if (const char *rows = PQcmdTuples(const_cast<PGresult *>(result)); *rows != '\0')
            outcome_.rows = std::atoll(rows);
        const ExecStatusType status = PQresultStatus(result);
        if (error_ || (status != PGRES_FATAL_ERROR && status != PGRES_BAD_RESPONSE))
            return;
        error_ = errorOf(result, sql_, connection_.facts.server_encoding == "SQL_ASCII");
        if (error_->kind == ErrorKind::Cancelled && !cancel_)
            error_->kind = ErrorKind::Server;
    }

    void refuse(const char *message)
    {
        Error error;
        error.kind = ErrorKind::Usage;
        error.message = message;
        error_ = std::move(error);
    }

    void requestCancel()
    {
        if (!cancel_)
            cancel_ = std::make_unique<CancelRequest>(conn());
    }

    Result<CopyOutcome> end()
    {
        while (!lost_) {
            const ResultPtr result = next();
            if (!result)
                break;
            take(result.get());
        }
        if (cancel_)
            static_cast<void>(cancel_->wait());
        if (lost_ || PQstatus(conn()) == CONNECTION_BAD)
            return tl::unexpected(lostConnection(PQerrorMessage(conn())));
        outcome_.duration_ms = millisecondsSince(begin_);
        if (stopped_) {
            outcome_.stopped = true;
            return outcome_;
        }
        if (!error_ && cancel_ && connection_.canceller.requested()) {
            Error error;
            error.kind = ErrorKind::Cancelled;
            error.message = "Cancelled";
            error_ = std::move(error);
        }
        if (error_)
            return tl::unexpected(*error_);
        return outcome_;
    }

    Connection::Impl &connection_;
    std::string sql_;
    Clock::time_point begin_;
    CopyOutcome outcome_;
    std::optional<Error> error_;
    std::unique_ptr<CancelRequest> cancel_;
    bool stopped_ = false; ///< by the sink
    bool lost_ = false;
};

} // namespace

Result<CopyOutcome> Connection::copyOut(std::string_view sql, const std::function<bool(std::string_view)> &sink)
{
    if (!alive())
        return tl::unexpected(lostConnection(""));
    const CancelScope scope(impl_->canceller);
    impl_->keepEncoding();
    return CopyRun(*impl_, sql).out(sink);
}

Result<CopyOutcome> Connection::copyIn(std::string_view sql, const std::function<std::optional<std::string_view>()> &next)
{
    if (!alive())
        return tl::unexpected(lostConnection(""));
    const CancelScope scope(impl_->canceller);
    impl_->keepEncoding();
    return CopyRun(*impl_, sql).in(next);
}

} // namespace howdah::pg
