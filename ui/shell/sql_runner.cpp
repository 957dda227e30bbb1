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

SqlRunner::SqlRunner(QObject *parent) : QObject(parent) { }

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
    Q_EMIT stateChanged();
}

void SqlRunner::openSession()
{
    session_ = link_->newSession();
    const quint64 generation = ++generation_;
    session_->onStateChanged(onGui<pg::SessionState, pg::TransactionState>(
        this, [this, generation](pg::SessionState state, pg::TransactionState transaction) {
            if (generation != generation_)
                return;
            session_state_ = state;
            transaction_ = transaction;
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
    timer_.start();
    Q_EMIT started(title);
    Q_EMIT stateChanged();
}

void SqlRunner::end()
{
    busy_ = cancelling_ = false;
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
    Q_EMIT stateChanged();
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
