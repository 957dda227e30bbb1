// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

#include "core/pg/backend_signal.h"
#include "core/pg/session.h"

namespace howdah::ui {

class Link;

/// A page's work session and what it is doing. Everything is told on the GUI thread; positions and spans count in
/// the editor's text (the `base` of run() is added). One piece of work at a time.
class SqlRunner : public QObject
{
    Q_OBJECT
public:
    explicit SqlRunner(QObject *parent = nullptr);
    ~SqlRunner() override;

    /// Another server, or none. The old session is let go of; an open transaction in it is rolled back by the server,
    /// so ask the user first (hasOpenTransaction()).
    void setLink(std::shared_ptr<Link> link);
    [[nodiscard]] const std::shared_ptr<Link> &link() const { return link_; }
    /// Made on first use; null without a link.
    [[nodiscard]] std::shared_ptr<pg::Session> session();

    struct Work {
        std::string script;
        ByteOffset base;             ///< where the script begins in the editor's text
        QString title;               ///< "Current statement", "Whole script"
        pg::RunOptions options;
    };
    /// False while busy or without a link.
    bool run(Work work);
    bool runTask(const QString &title, std::function<void(pg::Connection &)> work, std::function<void()> finished);
    void cancel();
    // When the server does not answer a cancel (cancelStuck()): from another session of the same server, then not at all.
    /// `done` gets whether the backend was still there, or why it could not be signalled.
    void signalBackend(pg::BackendSignal signal, std::function<void(const Result<bool> &)> done);
    /// Gives the connection up; what runs ends with an error of kind Connection.
    void abandon();
    void setCancelPatience(int ms) { stuck_.setInterval(ms); }
    /// COMMIT or ROLLBACK; `done` gets the server's word for it, or why it failed. False while busy.
    bool endTransaction(bool commit, std::function<void(const Result<std::string> &)> done);
    /// After a lost connection.
    void reconnect();

    [[nodiscard]] bool isBusy() const { return busy_; }
    [[nodiscard]] bool isCancelling() const { return cancelling_; }
    [[nodiscard]] bool isBroken() const;
    [[nodiscard]] double elapsedMs() const;
    [[nodiscard]] pg::TransactionState transaction() const { return transaction_; }
    [[nodiscard]] bool hasOpenTransaction() const;
    [[nodiscard]] double transactionMs() const;      ///< since it began; 0 without one
    [[nodiscard]] int transactionStatements() const { return statements_; }
    [[nodiscard]] double transactionIdleMs() const;  ///< since something ran in it last; 0 while busy or without one
    /// The connection was lost with a transaction open; until the next run or reconnect.
    [[nodiscard]] bool lostTransaction() const { return lost_transaction_; }

Q_SIGNALS:
    void started(const QString &title);
    void resultOpened(std::size_t index, std::shared_ptr<howdah::pg::RowStore> store);
    void rowsArrived(std::size_t index);
    void noticed(const howdah::pg::Notice &notice);
    void statementStarted(std::size_t index, howdah::ByteSpan span);
    void statementFinished(const howdah::pg::StatementOutcome &outcome);
    void finished(const howdah::pg::RunOutcome &outcome);
    void taskFinished(bool connected); ///< false: no connection could be had, `error` told by failed()
    void failed(const howdah::Error &error);
    void cancelStuck();                ///< still not idle some seconds after cancel()
    void stateChanged();               ///< busy, cancelling, broken or the transaction state

private:
    void begin(const QString &title);
    void end();
    void openSession();
    void followTransaction(pg::TransactionState state);
    void countStatement(const pg::StatementOutcome &outcome);

    std::shared_ptr<Link> link_;
    std::shared_ptr<pg::Session> session_;
    pg::SessionState session_state_ = pg::SessionState::Disconnected;
    pg::TransactionState transaction_ = pg::TransactionState::Unknown;
    bool busy_ = false;
    bool cancelling_ = false;
    QElapsedTimer timer_;
    double last_ms_ = 0;
    QTimer stuck_;
    QElapsedTimer began_;      ///< the open transaction
    QElapsedTimer last_used_;  ///< something ran in it
    int statements_ = 0;       ///< run in it, the failed ones too
    bool lost_transaction_ = false;
    quint64 generation_ = 0; ///< grows with every session; what an older one still says is not heard
};

} // namespace howdah::ui
