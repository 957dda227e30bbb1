// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection_spec.h"
#include "core/pg/row_store.h"
#include "core/sql/parameters.h"

namespace howdah::pg {

/// PQtransactionStatus in words.
enum class TransactionState : std::uint8_t { Unknown, Idle, Active, InTransaction, InFailedTransaction };

/// What a fresh connection tells of its server and of us.
struct ServerFacts {
    int version_num = 0;            ///< server_version_num: 150020
    std::string version;            ///< server_version as reported: "15.20 (Debian …)"
    std::string database;
    std::string role;               ///< current_user
    std::string host;               ///< host or socket folder in use
    std::string port;
    std::string server_encoding;
    std::string tls;                ///< "TLSv1.3 (TLS_AES_256_GCM_SHA384)" or "" when not encrypted
    int backend_pid = 0;
    bool is_superuser = false;
    std::string backend_start;      ///< of this connection's backend, as text: with backend_pid it names it for good
    bool in_recovery = false;
    bool read_only = false;         ///< default_transaction_read_only at connect
    [[nodiscard]] int major() const { return version_num / 10000; }
};

/// A NOTICE, WARNING, INFO … message, in the same fields as an error; a notification as "channel: payload".
struct Notice {
    std::string severity;            ///< the server's own word, or NOTIFY
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    std::string context;
};

/// A parameter bound truly ($1 …): text format; nullopt is NULL.
using Parameter = std::optional<std::string>;

/// How one statement ended.
struct StatementOutcome {
    std::size_t index = 0;               ///< in the script, from 0
    ByteSpan span;                       ///< in the script handed in (the statement without surrounding blanks)
    std::string command_tag;             ///< "SELECT 10", "CREATE TABLE", "" for an empty statement
    std::int64_t rows = 0;               ///< rows received, or rows affected where none are returned
    std::shared_ptr<RowStore> result;    ///< null where the statement returns no rows
    double first_row_ms = 0;             ///< from sending to the first row (or to completion)
    double duration_ms = 0;              ///< from sending to completion, as the client sees it
    bool truncated = false;              ///< stopped at RowStoreLimits::max_rows
    TransactionState transaction = TransactionState::Unknown; ///< after it
    std::optional<Error> error;          ///< position counts in the script
};

/// How a COPY ended.
struct CopyOutcome {
    std::int64_t rows = 0;      ///< as the server counts them
    std::int64_t bytes = 0;     ///< of data, either way
    double duration_ms = 0;
    bool stopped = false;       ///< the sink wanted no more
};

/// What a run tells while it goes on. Every call comes on the thread that runs the connection; keep them short.
struct RunObserver {
    std::function<void(std::size_t index, ByteSpan span)> statementStarted;
    /// A result opened: its columns are known, rows will follow into `store`.
    std::function<void(std::size_t index, std::shared_ptr<RowStore> store)> resultOpened;
    /// More rows are visible in the store; called for the first row at once, then at most every 50 ms.
    std::function<void(std::size_t index)> rowsArrived;
    std::function<void(const Notice &)> notice;
    std::function<void(const StatementOutcome &)> statementFinished;
};

struct RunOptions {
    /// Past limits.max_rows a plain SELECT outside a transaction is cancelled on the server (so a volatile function
    /// in it is undone); everything else runs to its end and the surplus rows are dropped.
    RowStoreLimits limits;
    bool stop_on_error = true;
    /// Manual commit: outside a transaction a BEGIN goes before each statement that can run in one. What cannot
    /// (sql/transaction_block.h) is sent alone with a notice, and within a transaction refused unsent (Unsupported).
    bool begin_transactions = false;
    /// Bound to $1 … ; only allowed for a script of exactly one statement.
    std::vector<Parameter> parameters;
    /// Values of the parameters that the script's statements name (:name, $1; core/sql/parameters.h). A statement that
    /// names one without a value is not sent and fails with Usage.
    sql::ParameterValues values;
};

/// A whole run: one outcome per statement that was started, in order.
struct RunOutcome {
    std::vector<StatementOutcome> statements;
    std::size_t not_started = 0;   ///< statements after the one that failed or was cancelled
    std::optional<Error> error;    ///< the first error; kind Cancelled when the user cancelled
    double duration_ms = 0;
};

/// Cancels what its connection is doing, from any thread. Cheap to copy; outlives the connection safely. Calling it
/// again sends another request: a PL/pgSQL block may have caught the first one.
class Canceller
{
public:
    Canceller();
    /// Returns at once: a thread of its own sends the cancel request (TLS kept with libpq 17) and the
    /// connection discards what still arrives until the server says it is ready. The next statement is not
    /// sent before the request has gone through, so that it can never be hit by a late one.
    void cancel() const;
    /// Gives the connection up: whoever waits for the server stops waiting, now and later, and the link counts as lost.
    /// What the server does goes on there until it notices. For a server that does not answer a cancel.
    void abandon() const;
    [[nodiscard]] bool isAbandoned() const;
    /// Whether cancel() was called since the outermost CancelScope began; false within a CancelShield.
    [[nodiscard]] bool requested() const;
    struct State;
    [[nodiscard]] const std::shared_ptr<State> &state() const { return state_; }

private:
    std::shared_ptr<State> state_;
};

/// Work that a Canceller can reach. Scopes nest; a request holds until the outermost one ends, so that a task of
/// several statements stops as a whole. Outside of every scope cancel() does nothing.
class CancelScope
{
public:
    explicit CancelScope(const Canceller &canceller);
    ~CancelScope();
    CancelScope(const CancelScope &) = delete;
    CancelScope &operator=(const CancelScope &) = delete;

private:
    std::shared_ptr<Canceller::State> state_;
};

/// Clearing up after work that was cancelled (ROLLBACK, dropping what was half made): within it requests wait.
class CancelShield
{
public:
    explicit CancelShield(const Canceller &canceller);
    ~CancelShield();
    CancelShield(const CancelShield &) = delete;
    CancelShield &operator=(const CancelShield &) = delete;

private:
    std::shared_ptr<Canceller::State> state_;
};

/// One libpq connection. Calls block, wait with poll() and can always be cancelled. Not thread-safe: one
/// thread at a time uses it (the CLI's main thread, or the worker of a Session).
class Connection
{
public:
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectionSpec &spec,
                                                                  const Canceller &canceller = {});
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    [[nodiscard]] const ServerFacts &facts() const;
    [[nodiscard]] TransactionState transaction() const;
    [[nodiscard]] bool alive() const;
    [[nodiscard]] const Canceller &canceller() const;

    /// One statement whose whole result is wanted (catalog and other small queries).
    [[nodiscard]] Result<StatementOutcome> query(std::string_view sql, const std::vector<Parameter> &parameters = {});
    /// Splits the script with core/sql and runs its statements one after the other, streaming rows.
    [[nodiscard]] RunOutcome run(std::string_view script, const RunOptions &options = {},
                                 const RunObserver &observer = {});
    /// COPY … TO STDOUT: each piece that the server sends (a row; in binary format any part) goes to `sink` at once and
    /// is kept nowhere. When the sink returns false the server is asked to stop.
    [[nodiscard]] Result<CopyOutcome> copyOut(std::string_view sql, const std::function<bool(std::string_view)> &sink);
    /// COPY … FROM STDIN: sends what `next` gives, until it gives nothing. Memory is that of one piece. After an error
    /// nothing was copied; its context names the line.
    [[nodiscard]] Result<CopyOutcome> copyIn(std::string_view sql, const std::function<std::optional<std::string_view>()> &next);
    /// Notices of query() go here; run() has its own in the observer.
    void onNotice(std::function<void(const Notice &)> callback);
    /// COMMIT or ROLLBACK of the open transaction; gives the server's word: COMMIT of a failed one is a "ROLLBACK".
    [[nodiscard]] Result<std::string> endTransaction(bool commit);
    /// Connects again with the same spec; session state (temporary tables, settings) is lost.
    [[nodiscard]] Result<void> reconnect();

    struct Impl; ///< for core/pg alone

private:
    Connection();
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::pg
