// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/pg/connection.h"

namespace howdah::pg {

enum class SessionState : std::uint8_t { Disconnected, Connecting, Idle, Busy, Cancelling, Broken };

/// One connection and the one worker thread that alone touches it.
///
/// Work is handed over as tasks, run in order; every callback comes on the worker thread (ui/base/bridge.h
/// carries it to the GUI thread). The destructor cancels what runs, drops what waits and joins; a server that does not
/// answer the cancel within five seconds is abandoned.
class Session
{
public:
    explicit Session(ConnectionSpec spec);
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    using Task = std::function<void(Connection &)>;

    /// Connects, or drops the present connection and connects again, on the worker.
    void connect(std::function<void(Result<ServerFacts>)> done);
    /// Runs a script; `done` is called exactly once, after every observer call. Connects first when there never was a
    /// connection; after a lost one it fails until connect() is called, because a transaction, temporary tables and
    /// settings that the script may count on went with it.
    void run(std::string script, RunOptions options, RunObserver observer, std::function<void(RunOutcome)> done);
    /// One small query. Connects again by itself when it must, as post() does.
    void query(std::string sql, std::vector<Parameter> parameters,
               std::function<void(Result<StatementOutcome>)> done);
    /// Any other work with the connection (catalog reading, change scripts). Connects first when it must;
    /// `failed` is called instead when no connection can be had, or when cancelAll() or the destructor came first.
    void post(Task task, std::function<void(Error)> failed);
    /// Cancels the running task on the server and drops none of the waiting ones. Any thread.
    void cancel();
    /// Stops waiting for the server and gives the connection up (Canceller::abandon); the running task fails with
    /// Connection, and connect() starts anew. Any thread.
    void abandon();
    /// Cancels the running task and drops all waiting ones; their callbacks get ErrorKind::Cancelled.
    void cancelAll();

    [[nodiscard]] SessionState state() const;
    [[nodiscard]] TransactionState transaction() const;
    /// Facts of the last successful connect.
    [[nodiscard]] std::shared_ptr<const ServerFacts> facts() const;
    /// Called on the worker whenever state() or transaction() changes.
    void onStateChanged(std::function<void(SessionState, TransactionState)> callback);
    [[nodiscard]] const ConnectionSpec &spec() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::pg
