// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/session.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace howdah::pg {

namespace {

/// How long a server may take to answer the cancel that the end of a session sends.
constexpr auto patience = std::chrono::seconds(5);

Error dropped()
{
    Error error;
    error.kind = ErrorKind::Cancelled;
    error.message = "Cancelled before it was started";
    return error;
}

} // namespace

struct Session::Impl {
    /// How a piece of work gets its connection.
    enum class Needs : std::uint8_t { Nothing, FirstConnection, AnyConnection };
    struct Work {
        Needs needs = Needs::AnyConnection;
        std::function<void()> run;          ///< with `connection` in place where it needs one
        std::function<void(Error)> abandon; ///< called instead of run
        bool dropped = false;
    };

    ConnectionSpec spec;
    Canceller canceller;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Work> queue;
    bool stopping = false;
    bool ended = false; ///< the worker has left its loop
    std::condition_variable end;
    SessionState state = SessionState::Disconnected;
    TransactionState transaction = TransactionState::Unknown;
    std::shared_ptr<const ServerFacts> facts;
    std::function<void(SessionState, TransactionState)> changed;
    std::unique_ptr<Connection> connection; ///< the worker's alone
    bool was_lost = false;                  ///< the worker's alone: a connection there was and is no more
    std::thread thread;

    void add(Work work);
    void loop();
    void serve(Work &work);
    Result<void> connect();
    void settle();
    void become(SessionState next, TransactionState now);
};

void Session::Impl::add(Work work)
{
    {
        const std::lock_guard lock(mutex);
        queue.push_back(std::move(work));
    }
    wake.notify_one();
}

void Session::Impl::become(SessionState next, TransactionState now)
{
    std::function<void(SessionState, TransactionState)> tell;
    {
        const std::lock_guard lock(mutex);
        if (state == next && transaction == now)
            return;
        state = next;
        transaction = now;
        tell = changed;
    }
    if (tell)
        tell(next, now);
}

/// The state between two pieces of work.
void Session::Impl::settle()
{
    if (connection && connection->alive()) {
        become(SessionState::Idle, connection->transaction());
    } else if (connection) {
        was_lost = true;
        connection.reset();
        become(SessionState::Broken, TransactionState::Unknown);
    } else {
        become(was_lost ? SessionState::Broken : SessionState::Disconnected, TransactionState::Unknown);
    }
}

Result<void> Session::Impl::connect()
{
    connection.reset();
    become(SessionState::Connecting, TransactionState::Unknown);
    auto opened = Connection::open(spec, canceller);
    if (!opened)
        return tl::unexpected(std::move(opened.error()));
    connection = std::move(*opened);
    was_lost = false;
    auto fresh = std::make_shared<const ServerFacts>(connection->facts());
    const std::lock_guard lock(mutex);
    facts = std::move(fresh);
    return {};
}

void Session::Impl::serve(Work &work)
{
    const CancelScope scope(canceller);
    {
        // Between taking the work and opening the scope a cancelAll() or the end may have come.
        const std::lock_guard lock(mutex);
        work.dropped = work.dropped || stopping;
    }
    if (work.dropped) {
        work.abandon(dropped());
        return;
    }
    if (work.needs != Needs::Nothing && !connection) {
        if (was_lost && work.needs == Needs::FirstConnection) {
            Error error;
            error.kind = ErrorKind::Connection;
            error.message = "The connection to the server was lost";
            error.detail = "Nothing was sent.";
            error.hint = "Reconnect, then run it again. Temporary tables, settings and the open transaction are gone.";
            work.abandon(std::move(error));
            return;
        }
        if (auto connected = connect(); !connected) {
            settle();
            work.abandon(std::move(connected.error()));
            return;
        }
    }
    become(SessionState::Busy, connection ? connection->transaction() : TransactionState::Unknown);
    work.run();
    settle();
}

void Session::Impl::loop()
{
    for (;;) {
        Work work;
        {
            std::unique_lock lock(mutex);
            wake.wait(lock, [this] { return stopping || !queue.empty(); });
            if (queue.empty())
                break;
            work = std::move(queue.front());
            queue.pop_front();
        }
        serve(work);
    }
    connection.reset();
    {
        const std::lock_guard lock(mutex);
        ended = true;
    }
    end.notify_all();
}

Session::Session(ConnectionSpec spec) : impl_(std::make_unique<Impl>())
{
    impl_->spec = std::move(spec);
    impl_->thread = std::thread([impl = impl_.get()] { impl->loop(); });
}

Session::~Session()
{
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->stopping = true;
        impl_->changed = nullptr;
        impl_->canceller.cancel();
    }
    impl_->wake.notify_one();
    {
        std::unique_lock lock(impl_->mutex);
        if (!impl_->end.wait_for(lock, patience, [this] { return impl_->ended; }))
            impl_->canceller.abandon();
    }
    impl_->thread.join();
}

void Session::connect(std::function<void(Result<ServerFacts>)> done)
{
    Impl *impl = impl_.get();
    auto run = [impl, done] {
        auto connected = impl->connect();
        impl->settle();
        if (connected)
            done(impl->connection->facts());
        else
            done(tl::unexpected(std::move(connected.error())));
    };
    impl->add({Impl::Needs::Nothing, run, [done](Error error) { done(tl::unexpected(std::move(error))); }, false});
}

void Session::run(std::string script, RunOptions options, RunObserver observer, std::function<void(RunOutcome)> done)
{
    Impl *impl = impl_.get();
    auto run = [impl, script = std::move(script), options = std::move(options), observer = std::move(observer), done] {
        RunOutcome outcome = impl->connection->run(script, options, observer);
        impl->settle();
        done(std::move(outcome));
    };
    auto abandon = [done](Error error) {
        RunOutcome outcome;
        outcome.error = std::move(error);
        done(std::move(outcome));
    };
    impl->add({Impl::Needs::FirstConnection, std::move(run), std::move(abandon), false});
}

void Session::query(std::string sql, std::vector<Parameter> parameters, std::function<void(Result<StatementOutcome>)> done)
{
    Impl *impl = impl_.get();
    auto run = [impl, sql = std::move(sql), parameters = std::move(parameters), done] {
        auto outcome = impl->connection->query(sql, parameters);
        impl->settle();
        done(std::move(outcome));
    };
    impl->add({Impl::Needs::AnyConnection, std::move(run), [done](Error error) { done(tl::unexpected(std::move(error))); }, false});
}

void Session::post(Task task, std::function<void(Error)> failed)
{
    Impl *impl = impl_.get();
    impl->add({Impl::Needs::AnyConnection, [impl, task = std::move(task)] { task(*impl->connection); }, std::move(failed), false});
}

void Session::cancel()
{
    impl_->canceller.cancel();
    const std::lock_guard lock(impl_->mutex);
    if (impl_->state == SessionState::Busy)
        impl_->state = SessionState::Cancelling;
}

void Session::abandon()
{
    impl_->canceller.abandon();
}

void Session::cancelAll()
{
    const std::lock_guard lock(impl_->mutex);
    for (Impl::Work &work : impl_->queue)
        work.dropped = true;
    impl_->canceller.cancel();
    if (impl_->state == SessionState::Busy)
        impl_->state = SessionState::Cancelling;
}

SessionState Session::state() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->state;
}

TransactionState Session::transaction() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->transaction;
}

std::shared_ptr<const ServerFacts> Session::facts() const
{
    const std::lock_guard lock(impl_->mutex);
    return impl_->facts;
}

void Session::onStateChanged(std::function<void(SessionState, TransactionState)> callback)
{
    const std::lock_guard lock(impl_->mutex);
    impl_->changed = std::move(callback);
}

const ConnectionSpec &Session::spec() const
{
    return impl_->spec;
}

} // namespace howdah::pg
