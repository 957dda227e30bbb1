// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/sql_runner.h"

#include <utility>

#include "ui/base/bridge.h"
#include "ui/shell/link.h"

namespace howdah::ui {

namespace {

ByteSpan shifted(ByteSpan span, ByteOffset base)
{
    return {ByteOffset{span.begin.value + base.value}, ByteOffset{span.end.value + base.value}};
}

void shift(std::optional<Error> &error, ByteOffset base)
{
    if (error && error->position)
        error->position->value += base.value;
}

} // namespace

SqlRunner::SqlRunner(QObject *parent) : QObject(parent)
{
    constexpr int cancel_patience_ms = 5'000;
    stuck_.setSingleShot(true);
    stuck_.setInterval(cancel_patience_ms);
    connect(&stuck_, &QTimer::timeout, this, [this] {
        if (busy_ && cancelling_)
            Q_EMIT cancelStuck();
    });
}

SqlRunner::~SqlRunner()
{
    releaseSession(std::move(session_));
}

void SqlRunner::setLink(std::shared_ptr<Link> link)
{
    if (link == link_)
        return;
    link_ = std::move(link);
    ++generation_;
    releaseSession(std::move(session_));
    session_ = nullptr;
    session_state_ = pg::SessionState::Disconnected;
    transaction_ = pg::TransactionState::Unknown;
    busy_ = cancelling_ = false;
    stuck_.stop();
    lost_transaction_ = false;
    followTransaction(transaction_);
    Q_EMIT stateChanged();
}

void SqlRunner::followTransaction(pg::TransactionState state)
{
    const bool open = state == pg::TransactionState::InTransaction || state == pg::TransactionState::InFailedTransaction;
    if (open && !began_.isValid()) {
        began_.start();
        last_used_.start();
        statements_ = 0;
    } else if (!open && state != pg::TransactionState::Active) {
        began_.invalidate();
        statements_ = 0;
    }
}

void SqlRunner::countStatement(const pg::StatementOutcome &outcome)
{
    if (outcome.error && outcome.error->kind == ErrorKind::Connection && began_.isValid())
        lost_transaction_ = true;
    // COMMIT AND CHAIN opens the next one in the same breath.
    if (outcome.command_tag == "COMMIT")
        followTransaction(pg::TransactionState::Idle);
    followTransaction(outcome.transaction);
    if (began_.isValid() && outcome.command_tag != "BEGIN" && outcome.command_tag != "START TRANSACTION" && outcome.command_tag != "COMMIT")
        ++statements_;
}

void SqlRunner::openSession()
{
    session_ = link_->newSession();
    const quint64 generation = ++generation_;
    session_->onStateChanged(onGui<pg::SessionState, pg::TransactionState>(
        this, [this, generation](pg::SessionState state, pg::TransactionState transaction) {
            if (generation != generation_)
                return;
            if (state == pg::SessionState::Broken && began_.isValid())
                lost_transaction_ = true;
            session_state_ = state;
            transaction_ = transaction;
            followTransaction(transaction);
            Q_EMIT stateChanged();
        }));
}

std::shared_ptr<pg::Session> SqlRunner::session()
{
    if (!session_ && link_)
        openSession();
    return session_;
}

void SqlRunner::begin(const QString &title)
{
    busy_ = true;
    cancelling_ = false;
    lost_transaction_ = false;
    timer_.start();
    Q_EMIT started(title);
    Q_EMIT stateChanged();
}

void SqlRunner::end()
{
    busy_ = cancelling_ = false;
    stuck_.stop();
    last_used_.start();
    last_ms_ = static_cast<double>(timer_.nsecsElapsed()) / 1e6;
    Q_EMIT stateChanged();
}

bool SqlRunner::run(Work work)
{
    if (busy_ || !session())
        return false;
    begin(work.title);
    const ByteOffset base = work.base;
    const quint64 generation = generation_;
    // An answer counts only while this session is the page's.
    const auto heard = [this, generation](auto &&tell) {
        return [this, generation, tell = std::forward<decltype(tell)>(tell)](auto... arguments) {
            if (generation == generation_)
                tell(std::move(arguments)...);
        };
    };
    pg::RunObserver observer;
    observer.statementStarted = onGui<std::size_t, ByteSpan>(this, heard([this, base](std::size_t index, ByteSpan span) {
        Q_EMIT statementStarted(index, shifted(span, base));
    }));
    observer.resultOpened = onGui<std::size_t, std::shared_ptr<pg::RowStore>>(
        this, heard([this](std::size_t index, std::shared_ptr<pg::RowStore> store) {
            Q_EMIT resultOpened(index, std::move(store));
        }));
    observer.rowsArrived = onGui<std::size_t>(this, heard([this](std::size_t index) { Q_EMIT rowsArrived(index); }));
    const auto noticed = onGui<pg::Notice>(this, heard([this](const pg::Notice &notice) { Q_EMIT this->noticed(notice); }));
    observer.notice = [noticed](const pg::Notice &notice) { noticed(notice); };
    const auto finished_one = onGui<pg::StatementOutcome>(this, heard([this, base](pg::StatementOutcome outcome) {
        outcome.span = shifted(outcome.span, base);
        shift(outcome.error, base);
        countStatement(outcome);
        Q_EMIT statementFinished(outcome);
    }));
    observer.statementFinished = [finished_one](const pg::StatementOutcome &outcome) { finished_one(outcome); };
    session_->run(std::move(work.script), std::move(work.options), std::move(observer),
                  onGui<pg::RunOutcome>(this, heard([this, base](pg::RunOutcome outcome) {
                      shift(outcome.error, base);
                      end();
                      Q_EMIT finished(outcome);
                  })));
    return true;
}

bool SqlRunner::runTask(const QString &title, std::function<void(pg::Connection &)> work, std::function<void()> finished)
{
    if (busy_ || !session())
        return false;
    begin(title);
    const quint64 generation = generation_;
    const auto done = onGui<std::optional<Error>>(this, [this, generation, finished](const std::optional<Error> &error) {
        if (generation != generation_)
            return;
        end();
        if (error)
            Q_EMIT failed(*error);
        else if (finished)
            finished();
        Q_EMIT taskFinished(!error);
    });
    session_->post(
        [work = std::move(work), done](pg::Connection &connection) {
            work(connection);
            done(std::nullopt);
        },
        [done](Error error) { done(std::move(error)); });
    return true;
}

void SqlRunner::cancel()
{
    if (!busy_ || !session_)
        return;
    cancelling_ = true;
    session_->cancel();
    stuck_.start();
    Q_EMIT stateChanged();
}

void SqlRunner::signalBackend(pg::BackendSignal signal, std::function<void(const Result<bool> &)> done)
{
    const auto facts = session_ ? session_->facts() : nullptr;
    const auto other = link_ ? link_->metadataSession() : nullptr;
    if (!facts || !other) {
        done(fail(ErrorKind::Connection, "There is no other session to ask the server from"));
        return;
    }
    const auto told = onGui<Result<bool>>(this, [done](const Result<bool> &sent) { done(sent); });
    other->post([told, facts, signal](pg::Connection &connection) { told(pg::signalBackend(connection, *facts, signal)); },
                [told](Error error) { told(tl::unexpected(std::move(error))); });
}

void SqlRunner::abandon()
{
    if (session_ && busy_)
        session_->abandon();
}

bool SqlRunner::endTransaction(bool commit, std::function<void(const Result<std::string> &)> done)
{
    using Word = Result<std::string>;
    auto word = std::make_shared<Word>(fail(ErrorKind::Connection, "The connection is gone"));
    return runTask(commit ? tr("Commit") : tr("Roll back"),
                               [word, commit](pg::Connection &c) { *word = c.endTransaction(commit); }, [this, word, done] {
                       if (*word) { // told before the session has settled
                           transaction_ = pg::TransactionState::Idle;
                           followTransaction(transaction_);
                           Q_EMIT stateChanged();
                       }
                       done(*word);
                   });
}

double SqlRunner::transactionMs() const
{
    return began_.isValid() ? static_cast<double>(began_.elapsed()) : 0;
}

double SqlRunner::transactionIdleMs() const
{
    return began_.isValid() && !busy_ ? static_cast<double>(last_used_.elapsed()) : 0;
}

void SqlRunner::reconnect()
{
    if (!session() || busy_)
        return;
    begin(tr("Connecting"));
    const quint64 generation = generation_;
    session_->connect(onGui<Result<pg::ServerFacts>>(this, [this, generation](Result<pg::ServerFacts> connected) {
        if (generation != generation_)
            return;
        end();
        if (!connected)
            Q_EMIT failed(connected.error());
        Q_EMIT taskFinished(connected.has_value());
    }));
}

bool SqlRunner::isBroken() const
{
    return session_state_ == pg::SessionState::Broken;
}

double SqlRunner::elapsedMs() const
{
    return busy_ ? static_cast<double>(timer_.nsecsElapsed()) / 1e6 : last_ms_;
}

bool SqlRunner::hasOpenTransaction() const
{
    return transaction_ == pg::TransactionState::InTransaction ||
           transaction_ == pg::TransactionState::InFailedTransaction;
}

} // namespace howdah::ui
