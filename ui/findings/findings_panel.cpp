// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/findings/findings_panel.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::ui {

namespace {

Tone toneOf(plan::Severity severity)
{
    switch (severity) {
    case plan::Severity::Serious:
        return Tone::Bad;
    case plan::Severity::Warning:
        return Tone::Warn;
    case plan::Severity::Info:
        break;
    }
    return Tone::Accent;
}

QLabel *wrapped(const QString &text, const char *role, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        label->setProperty("role", QLatin1StringView(role));
    return label;
}

QString pillText(const plan::Finding &finding)
{
    if (finding.lost_ms > 0)
        return QStringLiteral("−") + QString::fromStdString(human::duration(finding.lost_ms));
    return finding.severity == plan::Severity::Info ? FindingsPanel::tr("note") : FindingsPanel::tr("warning");
}

} // namespace

FindingsPanel::FindingsPanel(QWidget *parent) : QWidget(parent), cards_(new QVBoxLayout(this))
{
    cards_->setContentsMargins(spacing::unit, spacing::control, spacing::unit, spacing::control);
    cards_->setSpacing(spacing::control);
    setAccessibleName(tr("Findings"));
}

void FindingsPanel::setFindings(std::vector<plan::Finding> findings, bool can_try)
{
    findings_ = std::move(findings);
    while (QLayoutItem *item = cards_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    auto *caption = new QLabel(tr("FINDINGS"), this);
    caption->setProperty("role", QStringLiteral("caption"));
    const auto can_be_tried = [](const plan::Finding &finding) { return !finding.fix_sql.empty(); };
    if (can_try && std::count_if(findings_.begin(), findings_.end(), can_be_tried) > 1) {
        auto *row = new QWidget(this);
        auto *layout = new QHBoxLayout(row);
        layout->setContentsMargins(0, 0, 0, 0);
        auto *all = new QPushButton(tr("Try all"), row);
        all->setStyleSheet(QStringLiteral("padding: 3px 8px;"));
        all->setToolTip(tr("Each fix alone, then all of them together, on your server; everything is undone"));
        connect(all, &QPushButton::clicked, this, &FindingsPanel::tryAllRequested);
        layout->addWidget(caption, 1);
        layout->addWidget(all);
        cards_->addWidget(row);
    } else {
        cards_->addWidget(caption);
    }
    if (findings_.empty()) {
        cards_->addWidget(wrapped(tr("Nothing stands out: %1 rules have looked at this plan.")
                                      .arg(static_cast<int>(plan::findingRules().size())),
                                  "dim", this));
        return;
    }
    for (std::size_t i = 0; i < findings_.size(); ++i)
        cards_->addWidget(makeCard(i, can_try));
}

QWidget *FindingsPanel::makeCard(std::size_t index, bool can_try)
{
    const plan::Finding &finding = findings_[index];
    auto *card = new Card(this);
    card->setEdge(toneOf(finding.severity));
    auto *head = new QHBoxLayout;
    head->setSpacing(spacing::control);
    auto *message = wrapped(QString::fromStdString(finding.message), nullptr, card);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    message->setFont(bold);
    head->addWidget(message, 1);
    auto *pill = new Pill(pillText(finding), toneOf(finding.severity), card);
    pill->setToolTip(tr("Time that this is thought to cost; %1").arg(QString::fromStdString(finding.rule)));
    head->addWidget(pill, 0, Qt::AlignTop);
    card->body()->addLayout(head);
    if (!finding.evidence.empty())
        card->body()->addWidget(wrapped(QString::fromStdString(finding.evidence), "dim", card));
    auto *why = wrapped(QString::fromStdString(finding.why), nullptr, card);
    why->hide();
    QString sql;
    for (const std::string &fix : finding.fix_sql)
        sql += QString::fromStdString(fix) + QLatin1Char('\n');
    auto *fix = wrapped(sql.trimmed(), nullptr, card);
    fix->setFont(monoFont());
    fix->setVisible(!sql.isEmpty());
    card->body()->addWidget(fix);
    card->body()->addWidget(why);

    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::unit);
    const auto add = [card, buttons](const QString &text, const QString &tooltip) {
        auto *button = new QPushButton(text, card);
        button->setToolTip(tooltip);
        // Four of them have to stand side by side in a column of 300 px.
        button->setStyleSheet(QStringLiteral("padding: 3px 8px;"));
        buttons->addWidget(button);
        return button;
    };
    if (finding.node != plan::no_node) {
        auto *show = add(tr("Show"), tr("Go to the node it is about"));
        connect(show, &QPushButton::clicked, this, [this, node = finding.node] { Q_EMIT nodeChosen(node); });
    }
    if (can_try && !finding.fix_sql.empty()) {
        auto *attempt = add(tr("Try it"), tr("Plan the statement with this on your server, and undo it"));
        connect(attempt, &QPushButton::clicked, this, [this, index] { Q_EMIT tryRequested(index); });
    }
    if (!finding.why.empty()) {
        auto *explain = add(tr("Why?"), tr("How it comes about, and what the fix changes"));
        explain->setCheckable(true);
        connect(explain, &QPushButton::toggled, why, &QWidget::setVisible);
    }
    if (!sql.isEmpty()) {
        auto *copy = add(tr("Copy"), tr("Copy the statements"));
        connect(copy, &QPushButton::clicked, this, [sql] { QApplication::clipboard()->setText(sql); });
    }
    buttons->addStretch(1);
    card->body()->addLayout(buttons);
    const auto builds_index = [](const std::string &statement) { return statement.starts_with("CREATE INDEX"); };
    if (can_try && std::any_of(finding.fix_sql.begin(), finding.fix_sql.end(), builds_index)) {
        auto *advise = new QPushButton(tr("Is it the best index?"), card);
        advise->setToolTip(tr("Weighs this index against all others for the statement: proof, size, upkeep, plans before and after"));
        advise->setStyleSheet(QStringLiteral("padding: 3px 8px;"));
        connect(advise, &QPushButton::clicked, this, [this, index] { Q_EMIT adviceRequested(index); });
        card->body()->addWidget(advise, 0, Qt::AlignLeft);
    }
    return card;
}

} // namespace howdah::ui
