// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QActionGroup>
#include <QMenu>
#include <QToolButton>

#include "core/base/human.h"
#include "core/sql/lexer.h"
#include "core/sql/routine_body.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/messages_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/sql_page.h"

// The page's transaction, what is left when a cancel does not help, and where errors within functions are shown.

namespace howdah::ui {

namespace {

constexpr std::size_t routines_remembered = 200;
constexpr std::size_t longest_routine = 1 << 20;

/// "00:42", "1:05:42"
QString clock(double ms)
{
    const auto s = static_cast<qint64>(ms / 1000);
    const QString rest = QStringLiteral("%1:%2").arg(s / 60 % 60, 2, 10, QLatin1Char('0')).arg(s % 60, 2, 10, QLatin1Char('0'));
    return s >= 3600 ? QStringLiteral("%1:%2").arg(s / 3600).arg(rest) : rest;
}

} // namespace

QWidget *SqlPage::buildTransactionChip(QWidget *parent)
{
    transaction_chip_ = new QToolButton(parent);
    transaction_chip_->setPopupMode(QToolButton::InstantPopup);
    transaction_chip_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto *menu = new QMenu(transaction_chip_);
    menu->setToolTipsVisible(true);
    auto *modes = new QActionGroup(menu);
    autocommit_entry_ = menu->addAction(tr("Autocommit: each statement is a transaction of its own"));
    manual_entry_ = menu->addAction(tr("Manual commit: a BEGIN goes before, you commit or roll back"));
    for (QAction *mode : {autocommit_entry_, manual_entry_}) {
        mode->setCheckable(true);
        modes->addAction(mode);
    }
    connect(autocommit_entry_, &QAction::triggered, this, [this] { setManualCommit(false); });
    connect(manual_entry_, &QAction::triggered, this, [this] { setManualCommit(true); });
    menu->addSeparator();
    commit_entry_ = menu->addAction(icon(QStringLiteral("check")), tr("Commit"), this, [this] { endTransaction(true); });
    rollback_entry_ = menu->addAction(icon(QStringLiteral("undo")), tr("Roll back"), this, [this] { endTransaction(false); });
    transaction_chip_->setMenu(menu);
    transaction_tick_.setInterval(1'000);
    connect(&transaction_tick_, &QTimer::timeout, this, [this] {
        refreshTransaction();
        Q_EMIT statusChanged();
    });
    return transaction_chip_;
}

QString SqlPage::transactionText(Tone &tone) const
{
    const pg::TransactionState state = runner_->transaction();
    tone = Tone::Neutral;
    if (runner_->isBusy() && !runner_->hasOpenTransaction()) {
        tone = runner_->isCancelling() ? Tone::Warn : Tone::Accent;
        return runner_->isCancelling() ? tr("cancelling") : tr("running");
    }
    if (!runner_->hasOpenTransaction())
        return manual_commit_ ? tr("manual commit · idle") : tr("autocommit");
    const bool failed = state == pg::TransactionState::InFailedTransaction;
    tone = failed ? Tone::Bad : Tone::Warn;
    const QString since = clock(runner_->transactionMs());
    const QString count = tr("%n statement(s)", nullptr, runner_->transactionStatements());
    QString text = (failed ? tr("transaction failed · %1 · %2") : tr("in transaction · %1 · %2")).arg(since, count);
    if (runner_->isCancelling())
        text += tr(" · cancelling");
    return text;
}

void SqlPage::refreshTransaction()
{
    Tone tone = Tone::Neutral;
    const QString text = transactionText(tone);
    const bool open = runner_->hasOpenTransaction();
    transaction_chip_->setText(text);
    transaction_chip_->setAccessibleName(tr("Transaction: %1").arg(text));
    transaction_chip_->setToolTip(open ? tr("Nothing is kept until it is committed, and its locks are held.")
                                       : tr("Whether this page commits by itself"));
    transaction_chip_->setIcon(icon(open ? QStringLiteral("warning") : QStringLiteral("commit"), tone == Tone::Neutral ? colors().dim : toneInk(tone)));
    transaction_chip_->setStyleSheet(open ? QStringLiteral("QToolButton { color: %1; background: %2; }").arg(toneInk(tone).name(), toneTint(tone).name())
                                          : QString());
    (manual_commit_ ? manual_entry_ : autocommit_entry_)->setChecked(true);
    const bool can_end = open && !runner_->isBusy();
    commit_entry_->setEnabled(can_end && runner_->transaction() == pg::TransactionState::InTransaction);
    rollback_entry_->setEnabled(can_end);
    if (open != transaction_tick_.isActive())
        open ? transaction_tick_.start() : transaction_tick_.stop();
    const bool idle_long = open && !runner_->isBusy() && runner_->transactionIdleMs() >= idle_limit_s_ * 1000.0;
    if (idle_long && !idle_told_)
        warnOfIdleTransaction();
    else if (!idle_long && idle_told_) {
        idle_told_ = false;
        transaction_banner_->dismiss();
    }
}

void SqlPage::warnOfIdleTransaction()
{
    idle_told_ = true;
    const bool failed = runner_->transaction() == pg::TransactionState::InFailedTransaction;
    transaction_banner_->showMessage(Tone::Warn, tr("The transaction of this page is open and idle."),
                                     tr("Its locks keep others waiting, and VACUUM cannot remove rows that it may still see."));
    if (!failed)
        transaction_banner_->addButton(tr("Commit"), [this] { endTransaction(true); });
    transaction_banner_->addButton(tr("Roll back"), [this] { endTransaction(false); });
}

void SqlPage::setManualCommit(bool manual)
{
    if (manual_commit_ == manual)
        return;
    manual_commit_ = manual;
    refreshTransaction();
    if (runner_->hasOpenTransaction() && !manual)
        banner_->showMessage(Tone::Warn, tr("Autocommit begins after the transaction that is open now."), {}, 6);
    Q_EMIT edited();
    Q_EMIT statusChanged();
}

void SqlPage::endTransaction(bool commit, std::function<void()> ended)
{
    if (!runner_->hasOpenTransaction()) {
        if (ended)
            ended();
        return;
    }
    const int statements = runner_->transactionStatements();
    const bool begun = runner_->endTransaction(commit, [this, commit, statements, ended](const Result<std::string> &word) {
        if (!word) {
            onFailed(word.error());
            showPane(QStringLiteral("messages"));
            return;
        }
        const bool undone = *word != "COMMIT";
        const QString count = tr("%n statement(s)", nullptr, statements);
        messages_->addText(undone ? tr("ROLLBACK · %1 undone").arg(count) : tr("COMMIT · %1 kept").arg(count),
                           undone && commit ? Tone::Warn : Tone::Good);
        if (ended)
            ended();
    });
    if (!begun)
        banner_->showMessage(Tone::Warn, tr("This page is still running something."), tr("Wait for it, or cancel it with Esc."), 6);
}

void SqlPage::offerStrongerCancel()
{
    banner_->showMessage(Tone::Warn, tr("The server has not answered the cancel yet."),
                         tr("Cancel again: from another session (pg_cancel_backend); the session and its settings stay.\n"
                            "Terminate: ends the session (pg_terminate_backend); its transaction is rolled back, temporary tables and "
                            "settings are gone.\n"
                            "Abandon: this page stops waiting; the server may work on and hold its locks until it notices."));
    banner_->addButton(tr("Cancel again"), [this] { strongerCancel(pg::BackendSignal::Cancel); });
    banner_->addButton(tr("Terminate"), [this] { strongerCancel(pg::BackendSignal::Terminate); });
    banner_->addButton(tr("Abandon the connection"), [this] {
        banner_->dismiss();
        runner_->abandon();
    });
}

void SqlPage::strongerCancel(pg::BackendSignal signal)
{
    runner_->signalBackend(signal, [this](const Result<bool> &sent) {
        if (!runner_->isBusy())
            return;
        if (!sent)
            messages_->addError(sent.error());
        else
            messages_->addText(*sent ? tr("The signal was sent.") : tr("The server has no such session any more."), *sent ? Tone::Neutral : Tone::Warn);
    });
}

/// The outcome with its error's place in the script, which is marked; remembers which routines this page made.
pg::StatementOutcome SqlPage::placed(const pg::StatementOutcome &told)
{
    pg::StatementOutcome outcome = told;
    if (outcome.span.end.value > run_text_.size())
        return outcome;
    const std::string_view sql = outcome.span.of(run_text_);
    if (!outcome.error) {
        if ((outcome.command_tag == "CREATE FUNCTION" || outcome.command_tag == "CREATE PROCEDURE") && sql.size() <= longest_routine) {
            std::erase(created_routines_, std::string(sql));
            created_routines_.emplace_back(sql);
            if (created_routines_.size() > routines_remembered)
                created_routines_.erase(created_routines_.begin());
        }
        return outcome;
    }
    if (outcome.error->kind == ErrorKind::Cancelled || text_moved_)
        return outcome;
    std::vector<ByteSpan> created;
    if (!outcome.error->position && !created_routines_.empty()) {
        for (const sql::StatementSpan &statement : sql::splitStatements(run_text_)) {
            if (std::ranges::find(created_routines_, statement.text.of(run_text_)) != created_routines_.end())
                created.push_back(statement.text);
        }
    }
    if (const auto place = sql::errorPlace(*outcome.error, run_text_, outcome.span, created)) {
        editor_->markError(*place, *outcome.error);
        outcome.error->position = place->mark.begin;
    }
    return outcome;
}

} // namespace howdah::ui
