// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/alerts_view.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "plugins/replication/labels.h"
#include "plugins/replication/words.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

namespace {

QString severityWord(Severity severity)
{
    return severity == Severity::Critical ? AlertsView::tr("critical") : severity == Severity::Warning ? AlertsView::tr("warning") : AlertsView::tr("note");
}

} // namespace

AlertsView::AlertsView(QWidget *parent) : QScrollArea(parent)
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Alerts"));
    auto *inside = new QWidget;
    list_ = new QVBoxLayout(inside);
    list_->setContentsMargins(0, 0, spacing::unit, 0);
    list_->setSpacing(spacing::control);
    setWidget(inside);
}

void AlertsView::clear()
{
    while (QLayoutItem *item = list_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

QWidget *AlertsView::cardOf(const Alert &alert)
{
    auto *card = new Card;
    card->setEdge(toneOf(alert.severity));
    QVBoxLayout *body = card->body();
    body->setSpacing(spacing::unit);
    auto *head = new QHBoxLayout;
    auto *title = heading(qt(alert.title));
    head->addWidget(title, 1);
    auto *pill = new Pill(severityWord(alert.severity), toneOf(alert.severity));
    pill->setToolTip(tr("Rule %1, since %2").arg(qt(alert.rule), QDateTime::fromMSecsSinceEpoch(alert.since_ms).toString(QStringLiteral("HH:mm:ss"))));
    head->addWidget(pill, 0, Qt::AlignTop);
    body->addLayout(head);
    body->addWidget(wrapped(tr("%1 · limit: %2").arg(qt(alert.figure), qt(alert.limit)), "dim"));
    body->addWidget(wrapped(qt(alert.message)));
    body->addWidget(wrapped(qt(alert.action), "dim"));
    if (read_only_)
        return card;
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    if (alert.script) {
        auto *button = new QPushButton(tr("Show repair script…"));
        button->setToolTip(tr("%1: every statement is shown before it runs").arg(qt(alert.script->title)));
        if (alert.script->danger)
            button->setProperty("role", QStringLiteral("danger"));
        connect(button, &QPushButton::clicked, this, [this, alert] { Q_EMIT repairRequested(alert); });
        line->addWidget(button);
    }
    for (const AlertAction &action : actions_ ? actions_(alert) : std::vector<AlertAction>()) {
        auto *button = new QPushButton(action.text);
        button->setToolTip(action.tooltip);
        connect(button, &QPushButton::clicked, this, action.run);
        line->addWidget(button);
    }
    line->addStretch();
    if (line->count() > 1)
        body->addLayout(line);
    else
        delete line;
    return card;
}

void AlertsView::setAlerts(const std::vector<Alert> &alerts, bool read_only)
{
    alerts_ = alerts;
    read_only_ = read_only;
    QString said = read_only ? QStringLiteral("r") : QStringLiteral("w");
    for (const Alert &alert : alerts)
        said += qt(alert.rule + "\n" + alert.node + "\n" + alert.title + "\n" + alert.figure + "\n" + alert.message + "\n");
    if (said == shown_)
        return;
    // A click must not hit a button that was another one a moment ago.
    if (!shown_.isEmpty() && underMouse() && !alerts.empty() && said.section(QLatin1Char('\n'), 0, 2) == shown_.section(QLatin1Char('\n'), 0, 2) && list_->count() == static_cast<int>(alerts.size()) + 1)
        return;
    shown_ = said;
    setUpdatesEnabled(false);
    clear();
    for (const Alert &alert : alerts)
        list_->addWidget(cardOf(alert));
    if (alerts.empty()) {
        auto *card = new Card;
        card->setEdge(Tone::Good);
        card->body()->addWidget(wrapped(tr("Nothing is wrong")));
        card->body()->addWidget(wrapped(tr("Slots, lag, receivers, subscriptions, archiving and identity of every node are judged with each look."), "dim"));
        list_->addWidget(card);
    }
    list_->addStretch(1);
    setUpdatesEnabled(true);
}

} // namespace howdah::replication_tool
