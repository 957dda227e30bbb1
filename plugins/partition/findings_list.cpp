// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/findings_list.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using partition::Finding;
using partition::Severity;

namespace {

Tone toneOf(Severity severity)
{
    return severity == Severity::Problem ? Tone::Bad : severity == Severity::Warning ? Tone::Warn : Tone::Neutral;
}

QLabel *wrapped(const std::string &text, QWidget *parent)
{
    auto *label = new QLabel(QString::fromStdString(text), parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

FindingsList::FindingsList(QWidget *parent) : QWidget(parent)
{
    cards_ = new QVBoxLayout(this);
    cards_->setContentsMargins(0, 0, 0, 0);
    cards_->setSpacing(spacing::control);
}

void FindingsList::setFindings(std::vector<Finding> findings, bool may_change)
{
    findings_ = std::move(findings);
    while (QLayoutItem *item = cards_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (std::size_t i = 0; i < findings_.size(); ++i)
        cards_->addWidget(makeCard(i, may_change));
    cards_->addStretch(1);
}

QWidget *FindingsList::makeCard(std::size_t index, bool may_change)
{
    const Finding &finding = findings_[index];
    auto *card = new Card(this);
    card->setEdge(toneOf(finding.severity));
    auto *head = new QHBoxLayout;
    head->setSpacing(spacing::control);
    const QString word = finding.severity == Severity::Problem ? tr("Problem") : finding.severity == Severity::Warning ? tr("Warning") : tr("Note");
    head->addWidget(new Pill(word, toneOf(finding.severity), card), 0, Qt::AlignTop);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(spacing::unit / 2);
    auto *message = wrapped(finding.message, card);
    QFont bold = textFont();
    bold.setBold(true);
    message->setFont(bold);
    texts->addWidget(message);
    for (const std::string *text : {&finding.evidence, &finding.detail, &finding.no_fix}) {
        if (text->empty())
            continue;
        auto *label = wrapped(*text, card);
        label->setForegroundRole(text == &finding.detail ? QPalette::PlaceholderText : QPalette::WindowText);
        texts->addWidget(label);
    }
    head->addLayout(texts, 1);
    if (finding.fix) {
        auto *button = new QPushButton(tr("Show the script…"), card);
        button->setToolTip(QString::fromStdString(finding.fix->title));
        button->setAccessibleName(tr("Show the script: %1").arg(QString::fromStdString(finding.fix->title)));
        button->setEnabled(may_change);
        connect(button, &QPushButton::clicked, this, [this, index] { Q_EMIT fixRequested(index); });
        head->addWidget(button, 0, Qt::AlignTop);
    }
    card->body()->addLayout(head);
    return card;
}

} // namespace howdah::partition_tool
