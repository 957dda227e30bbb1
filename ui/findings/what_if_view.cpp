// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/findings/what_if_view.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/plan/plan_view.h"

namespace howdah::ui {

namespace {

const QString before_id = QStringLiteral("before");
const QString after_id = QStringLiteral("after");

QString count(double value)
{
    return QString::fromStdString(human::count(static_cast<std::int64_t>(value)));
}

QString duration(double ms)
{
    return QString::fromStdString(human::duration(ms));
}

struct Verdict {
    QString text;
    Tone tone;
};

Verdict verdictOf(const plan::WhatIfOutcome &outcome)
{
    if (outcome.ms_before && outcome.ms_after) {
        if (outcome.diff.noise)
            return {WhatIfView::tr("No difference that is more than noise"), Tone::Neutral};
        const bool faster = *outcome.ms_after < *outcome.ms_before;
        const double factor = faster ? *outcome.ms_before / std::max(*outcome.ms_after, 0.001)
                                     : *outcome.ms_after / std::max(*outcome.ms_before, 0.001);
        const QString times = QString::fromStdString(human::factor(factor));
        return faster ? Verdict{WhatIfView::tr("%1 faster").arg(times), Tone::Good}
                      : Verdict{WhatIfView::tr("%1 slower").arg(times), Tone::Bad};
    }
    if (!outcome.indexes.empty() && !outcome.index_used)
        return {WhatIfView::tr("The planner would not use this index"), Tone::Warn};
    if (outcome.cost_after < outcome.cost_before * 0.99)
        return {WhatIfView::tr("Estimated %1 cheaper")
                    .arg(QString::fromStdString(human::factor(outcome.cost_before / std::max(outcome.cost_after, 0.01)))),
                Tone::Good};
    return {WhatIfView::tr("The plan would not get cheaper"), Tone::Warn};
}

} // namespace

WhatIfView::WhatIfView(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *head = new QFrame(this);
    head->setProperty("role", QStringLiteral("panel"));
    auto *rows = new QVBoxLayout(head);
    rows->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    rows->setSpacing(spacing::unit);
    auto *first = new QHBoxLayout;
    first->setSpacing(spacing::card);
    verdict_ = new QLabel(head);
    verdict_->setProperty("role", QStringLiteral("title"));
    proof_ = new Pill(head);
    figures_ = new QLabel(head);
    apply_ = new QPushButton(tr("Apply…"), head);
    apply_->setProperty("role", QStringLiteral("primary"));
    apply_->setToolTip(tr("Shows every statement with its lock and its way back before anything runs"));
    connect(apply_, &QPushButton::clicked, this, &WhatIfView::applyRequested);
    side_ = new SegmentedTabs(SegmentedTabs::Look::Quiet, head);
    side_->addSegment(before_id, tr("Before"), tr("The plan as it is"));
    side_->addSegment(after_id, tr("After"), tr("The plan with what was tried"));
    connect(side_, &SegmentedTabs::currentChanged, this, [this](const QString &id) { showSide(id == after_id); });
    first->addWidget(verdict_);
    first->addWidget(proof_);
    first->addWidget(figures_);
    first->addStretch(1);
    first->addWidget(side_);
    first->addWidget(apply_);
    rows->addLayout(first);
    changes_ = new QLabel(head);
    changes_->setProperty("role", QStringLiteral("dim"));
    changes_->setWordWrap(true);
    changes_->setTextFormat(Qt::PlainText);
    rows->addWidget(changes_);
    layout->addWidget(head);
    layout->addWidget(hairline(this));
    plan_ = new PlanView(this);
    layout->addWidget(plan_, 1);
}

void WhatIfView::setOutcome(const plan::WhatIfOutcome &outcome, const std::vector<std::string> &tried)
{
    const Verdict verdict = verdictOf(outcome);
    verdict_->setText(verdict.text);
    proof_->setText(QString::fromStdString(outcome.level_of_proof));
    proof_->setTone(verdict.tone);
    QString figures = tr("cost %1 → %2").arg(count(outcome.cost_before), count(outcome.cost_after));
    if (outcome.ms_before && outcome.ms_after)
        figures = tr("%1 → %2").arg(duration(*outcome.ms_before), duration(*outcome.ms_after)) + QStringLiteral(" · ") + figures;
    figures_->setText(figures);
    QStringList lines;
    QStringList statements;
    for (const std::string &statement : tried)
        statements << QString::fromStdString(statement);
    lines << tr("Tried: %1").arg(statements.join(QLatin1Char(' ')));
    constexpr std::size_t changes_shown = 4;
    for (std::size_t i = 0; i < std::min(outcome.diff.changes.size(), changes_shown); ++i)
        lines << QString::fromStdString(outcome.diff.changes[i]);
    for (const std::string &warning : outcome.warnings)
        lines << QString::fromStdString(warning);
    changes_->setText(lines.join(QLatin1Char('\n')));
    const auto read = [](const std::string &source) {
        auto document = readPlanDocument(source);
        return document ? *document : nullptr;
    };
    before_ = read(outcome.before_source);
    after_ = read(outcome.after_source);
    side_->setCurrent(after_id);
    showSide(true);
}

void WhatIfView::showSide(bool after)
{
    plan_->setDocument(after ? after_ : before_);
}

void WhatIfView::setCanApply(bool can_apply)
{
    apply_->setVisible(can_apply);
}

QString WhatIfView::verdict() const
{
    return verdict_->text();
}

} // namespace howdah::ui
