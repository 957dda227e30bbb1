// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include "core/pg/canceller.h"
#include "core/pg/connection.h"
#include "core/pg/libpq.h"
#include "core/pg/ssh_tunnel.h"

namespace howdah::pg {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What waiting for the socket ended with.
enum class Wake : std::uint8_t { Ready, Cancelled, TimedOut, Failed };

struct Connection::Impl {
    ConnectionSpec spec;
    Canceller canceller;
    std::shared_ptr<SshTunnel> tunnel; ///< outlives conn, which goes through it
    ConnPtr conn;
    ServerFacts facts;
    std::function<void(const Notice &)> notice;               ///< of query()
    const std::function<void(const Notice &)> *run_notice = nullptr; ///< of the run() that goes on

    /// Connects within the time limit; leaves `conn` null when it fails.
    [[nodiscard]] Result<void> connect();
    void readFacts(); ///< what libpq knows without asking
    /// Waits for POLLIN and/or POLLOUT on the socket, or for cancel().
    [[nodiscard]] Wake wait(short events, std::optional<Clock::time_point> deadline = {}) const;
    void deliver(const Notice &message) const;
    [[nodiscard]] bool standardConformingStrings() const;
    /// Undoes what a statement did to client_encoding, before the next one is sent.
    void keepEncoding();
    /// RunOptions::begin_transactions; an error when the statement must not be sent.
    [[nodiscard]] std::optional<Error> beginFor(std::string_view statement, ByteOffset at);
};

/// The error of a result; positions count in `sent`, the text that was sent. `sql_ascii` servers count bytes.
[[nodiscard]] Error errorOf(const PGresult *result, std::string_view sent, bool sql_ascii);
[[nodiscard]] Notice noticeOf(const PGresult *result);
/// The server went away; `message` is what libpq says about it.
[[nodiscard]] Error lostConnection(std::string_view message);
/// The user gave the connection up.
[[nodiscard]] Error abandonedConnection();
[[nodiscard]] TransactionState transactionOf(const PGconn *conn);

} // namespace howdah::pg
