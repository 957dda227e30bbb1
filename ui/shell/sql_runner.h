// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <QElapsedTimer>
#include <QObject>
#include <QString>

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
    /// After a lost connection.
    void reconnect();

    [[nodiscard]] bool isBusy() const { return busy_; }
    [[nodiscard]] bool isCancelling() const { return cancelling_; }
    [[nodiscard]] bool isBroken() const;
    [[nodiscard]] double elapsedMs() const;
    [[nodiscard]] pg::TransactionState transaction() const { return transaction_; }
    [[nodiscard]] bool hasOpenTransaction() const;

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
    void stateChanged();               ///< busy, cancelling, broken or the transaction state

private:
    void begin(const QString &title);
    void end();
    void openSession();

    std::shared_ptr<Link> link_;
    std::shared_ptr<pg::Session> session_;
    pg::SessionState session_state_ = pg::SessionState::Disconnected;
    pg::TransactionState transaction_ = pg::TransactionState::Unknown;
    bool busy_ = false;
    bool cancelling_ = false;
    QElapsedTimer timer_;
    double last_ms_ = 0;
    quint64 generation_ = 0; ///< grows with every session; what an older one still says is not heard
};

} // namespace howdah::ui
