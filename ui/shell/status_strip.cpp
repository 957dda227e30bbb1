// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QTimer>

#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::ui {

namespace {

constexpr int message_ms = 6'000;

template <typename Label> Label *dimLabel(QWidget *parent, const QString &name)
{
    auto *label = new Label(parent);
    label->setProperty("role", QStringLiteral("dim"));
    label->setAccessibleName(name);
    return label;
}

} // namespace

StatusStrip::StatusStrip(QWidget *parent) : QFrame(parent)
{
    setProperty("role", QStringLiteral("panel"));
    dot_ = new QLabel(this);
    server_ = dimLabel<ElidedLabel>(this, tr("Server"));
    transaction_ = new Pill(this);
    timing_ = dimLabel<ElidedLabel>(this, tr("Rows and time"));
    message_ = dimLabel<ElidedLabel>(this, tr("Message"));
    summary_ = dimLabel<QLabel>(this, tr("Selection"));
    place_ = dimLabel<QLabel>(this, tr("Cursor"));
    encoding_ = dimLabel<QLabel>(this, tr("Server encoding"));
    encoding_->setToolTip(tr("Encoding of the database; the window always speaks UTF-8 with it"));
    message_timer_ = new QTimer(this);
    message_timer_->setSingleShot(true);
    connect(message_timer_, &QTimer::timeout, message_, [this] { message_->setText({}); });

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::unit);
    layout->setSpacing(spacing::page);
    auto *server = new QHBoxLayout;
    server->setSpacing(6);
    server->addWidget(dot_);
    server->addWidget(server_);
    layout->addLayout(server);
    layout->addWidget(transaction_);
    layout->addWidget(timing_);
    layout->addWidget(message_, 1);
    layout->addWidget(summary_);
    layout->addWidget(place_);
    layout->addWidget(encoding_);
    transaction_->hide();
    setServer(tr("Not connected"), Tone::Neutral, {});
}

void StatusStrip::setServer(const QString &text, Tone tone, const QString &tooltip)
{
    server_->setText(text);
    setToolTip(tooltip);
    dot_->setText(tone == Tone::Neutral ? QStringLiteral("○") : tone == Tone::Bad ? QStringLiteral("✕") : QStringLiteral("●"));
    dot_->setStyleSheet(QStringLiteral("color: %1").arg(
        (tone == Tone::Neutral ? colors().dim : toneShape(tone)).name()));
}

void StatusStrip::setTransaction(pg::TransactionState state, bool has_session, const QString &text, Tone tone)
{
    transaction_->setText(text);
    transaction_->setTone(tone);
    transaction_->setVisible(has_session);
    switch (state) {
    case pg::TransactionState::InTransaction:
        transaction_->setToolTip(tr("A transaction is open on this page: nothing is kept until COMMIT, and locks are held."));
        break;
    case pg::TransactionState::InFailedTransaction:
        transaction_->setToolTip(tr("A statement failed. The server takes only ROLLBACK (or ROLLBACK TO a savepoint) now."));
        break;
    case pg::TransactionState::Active:
        transaction_->setToolTip(tr("The server is working on a statement of this page."));
        break;
    case pg::TransactionState::Idle:
    case pg::TransactionState::Unknown:
        transaction_->setToolTip(tr("No transaction is open. With autocommit each statement is one of its own; with manual commit the next statement opens one."));
        break;
    }
}

void StatusStrip::setTiming(const QString &text)
{
    timing_->setText(text);
}

void StatusStrip::setSummary(const QString &text)
{
    summary_->setText(text);
    summary_->setVisible(!text.isEmpty());
}

void StatusStrip::setPlace(const QString &text)
{
    place_->setText(text);
    place_->setVisible(!text.isEmpty());
}

void StatusStrip::setEncoding(const QString &text)
{
    encoding_->setText(text);
    encoding_->setVisible(!text.isEmpty());
}

void StatusStrip::showMessage(const QString &text)
{
    message_->setText(text);
    message_timer_->start(message_ms);
}

QString StatusStrip::serverText() const
{
    return server_->text();
}

QString StatusStrip::transactionText() const
{
    return transaction_->isHidden() ? QString() : transaction_->text();
}

QString StatusStrip::timingText() const
{
    return timing_->text();
}

} // namespace howdah::ui
