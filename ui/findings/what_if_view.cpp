// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/findings/what_if_view.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/editor/sql_editor.h"
#include "ui/plan/plan_compare.h"
#include "ui/settings/settings.h"

namespace howdah::ui {

namespace {

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
    if (outcome.same_rows && !*outcome.same_rows)
        return {WhatIfView::tr("It does not give the same rows"), Tone::Bad};
    if (!outcome.indexes.empty() && !outcome.index_used)
        return {WhatIfView::tr("The planner would not use this index"), Tone::Warn};
    if (outcome.ms_before && outcome.ms_after) {
        if (outcome.noise)
            return {WhatIfView::tr("No difference that is more than noise"), Tone::Neutral};
        const bool faster = *outcome.ms_after < *outcome.ms_before;
        const double factor = faster ? *outcome.ms_before / std::max(*outcome.ms_after, 0.001)
                                     : *outcome.ms_after / std::max(*outcome.ms_before, 0.001);
        const QString times = QString::fromStdString(human::factor(factor));
        return faster ? Verdict{WhatIfView::tr("%1 faster").arg(times), Tone::Good}
                      : Verdict{WhatIfView::tr("%1 slower").arg(times), Tone::Bad};
    }
    if (outcome.cost_after < outcome.cost_before * 0.99)
        return {WhatIfView::tr("Estimated %1 cheaper")
                    .arg(QString::fromStdString(human::factor(outcome.cost_before / std::max(outcome.cost_after, 0.01)))),
                Tone::Good};
    return {WhatIfView::tr("The plan would not get cheaper"), Tone::Warn};
}

/// "80 ms (75 ms to 90 ms, cold 210 ms)".
QString runsText(const plan::RunTimes &runs)
{
    QString text = duration(*runs.typical());
    if (runs.cold())
        text += WhatIfView::tr(" (%1 to %2, cold %3)").arg(duration(*runs.least()), duration(*runs.most()), duration(*runs.cold()));
    return text;
}

QString statementsOf(const plan::WhatIfTrial &trial)
{
    QStringList statements;
    for (const std::string &statement : trial.statements)
        statements << QString::fromStdString(statement).simplified();
    return statements.join(QLatin1Char(' '));
}

std::shared_ptr<const PlanDocument> readSide(const std::string &source)
{
    auto document = readPlanDocument(source);
    return document ? *document : nullptr;
}

} // namespace

WhatIfView::WhatIfView(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildHead());
    layout->addWidget(hairline(this));
    wording_ = buildEditor();
    layout->addWidget(wording_);
    wording_->hide();
    compare_ = new PlanCompare(this);
    compare_->setHeadVisible(false);
    layout->addWidget(compare_, 1);
    setTrials({});
}

QWidget *WhatIfView::buildHead()
{
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
    apply_ = new QPushButton(tr("Apply…"), head);
    apply_->setProperty("role", QStringLiteral("primary"));
    apply_->setToolTip(tr("Shows every statement with its lock and its way back before anything runs"));
    connect(apply_, &QPushButton::clicked, this, &WhatIfView::applyRequested);
    first->addWidget(verdict_);
    first->addWidget(proof_);
    first->addStretch(1);
    first->addWidget(apply_);
    rows->addLayout(first);
    figures_ = new QLabel(head);
    figures_->setWordWrap(true);
    rows->addWidget(figures_);
    changes_ = new QLabel(head);
    changes_->setProperty("role", QStringLiteral("dim"));
    changes_->setWordWrap(true);
    changes_->setTextFormat(Qt::PlainText);
    changes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    rows->addWidget(changes_);
    rows->addWidget(buildOptions());
    return head;
}

QWidget *WhatIfView::buildOptions()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    choice_ = new QComboBox(bar);
    choice_->setAccessibleName(tr("What was tried"));
    choice_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    choice_->setMinimumContentsLength(24);
    connect(choice_, &QComboBox::currentIndexChanged, this, [this] { showTrial(); });
    const Settings &settings = Settings::instance();
    runs_ = new QSpinBox(bar);
    runs_->setRange(1, 100);
    runs_->setValue(settings.get(Settings::whatIfRuns()));
    runs_->setPrefix(tr("runs: "));
    runs_->setAccessibleName(tr("Runs of each side"));
    runs_->setToolTip(tr("How often each side runs. The first run counts as cold: it finds the caches as they are. Of the others "
                         "the median is compared."));
    connect(runs_, &QSpinBox::valueChanged, this, [](int value) { Settings::instance().set(Settings::whatIfRuns(), value); });
    build_ = new QSpinBox(bar);
    build_->setRange(0, 1'000'000);
    build_->setSingleStep(64);
    build_->setValue(settings.get(Settings::whatIfBuild()));
    build_->setPrefix(tr("build up to: "));
    build_->setSuffix(tr(" MB"));
    build_->setSpecialValueText(tr("never build"));
    build_->setAccessibleName(tr("Build indexes for tables up to"));
    build_->setToolTip(tr("Where HypoPG is not installed, an index is really built for tables of up to this size, and rolled back. "
                          "Writes to the table wait meanwhile (SHARE lock)."));
    connect(build_, &QSpinBox::valueChanged, this, [](int value) { Settings::instance().set(Settings::whatIfBuild(), value); });
    again_ = new QPushButton(tr("Try again"), bar);
    connect(again_, &QPushButton::clicked, this, &WhatIfView::againRequested);
    reword_ = new QToolButton(bar);
    reword_->setText(tr("Reword…"));
    reword_->setCheckable(true);
    reword_->setToolTip(tr("Change the statement's text, and measure it against the original"));
    connect(reword_, &QToolButton::toggled, this, [this](bool on) {
        wording_->setVisible(on);
        if (on)
            editor_->setFocus(Qt::OtherFocusReason);
    });
    layout->addWidget(choice_, 1);
    for (QWidget *each : std::initializer_list<QWidget *>{runs_, build_, again_, reword_})
        layout->addWidget(each);
    return bar;
}

QWidget *WhatIfView::buildEditor()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    editor_ = new SqlEditor(box);
    editor_->setAccessibleName(tr("The statement, reworded"));
    editor_->setMinimumHeight(96);
    editor_->setMaximumHeight(200);
    layout->addWidget(editor_);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing::page, spacing::unit, spacing::page, spacing::unit);
    auto *remark = new QLabel(tr("Both wordings run in one transaction that is rolled back, and their rows are compared."), box);
    remark->setProperty("role", QStringLiteral("dim"));
    remark->setWordWrap(true);
    measure_ = new QPushButton(tr("Measure this wording"), box);
    measure_->setProperty("role", QStringLiteral("primary"));
    connect(measure_, &QPushButton::clicked, this, &WhatIfView::rewordingRequested);
    row->addWidget(remark, 1);
    row->addWidget(measure_);
    layout->addLayout(row);
    layout->addWidget(hairline(box));
    return box;
}

void WhatIfView::setStatement(const QString &sql)
{
    editor_->setContent(sql.toStdString(), true);
}

void WhatIfView::startRewording()
{
    reword_->setChecked(true);
}

void WhatIfView::setTrials(std::vector<plan::WhatIfTrial> trials)
{
    trials_ = std::move(trials);
    {
        const QSignalBlocker quiet(choice_);
        choice_->clear();
        for (const plan::WhatIfTrial &trial : trials_)
            choice_->addItem(trial.together ? tr("All of it together") : statementsOf(trial));
        // What helped most stands first in front.
        int best = 0;
        double least = 1;
        for (std::size_t i = 0; i < trials_.size(); ++i) {
            if (!trials_[i].outcome)
                continue;
            const plan::WhatIfOutcome &outcome = *trials_[i].outcome;
            const double ratio = outcome.ms_before && outcome.ms_after ? *outcome.ms_after / std::max(0.001, *outcome.ms_before)
                                                                       : outcome.cost_after / std::max(0.01, outcome.cost_before);
            if (ratio < least * 0.98) {
                least = ratio;
                best = static_cast<int>(i);
            }
        }
        choice_->setCurrentIndex(trials_.empty() ? -1 : best);
    }
    choice_->setVisible(!trials_.empty());
    again_->setEnabled(!trials_.empty());
    showTrial();
}

void WhatIfView::setTrial(int index)
{
    choice_->setCurrentIndex(index);
}

std::vector<std::string> WhatIfView::shownStatements() const
{
    const int index = choice_->currentIndex();
    return index < 0 ? std::vector<std::string>() : trials_[static_cast<std::size_t>(index)].statements;
}

void WhatIfView::showTrial()
{
    const int index = choice_->currentIndex();
    if (index < 0 || static_cast<std::size_t>(index) >= trials_.size()) {
        verdict_->setText(tr("What if it were worded otherwise"));
        figures_->setText({});
        changes_->setText(tr("Change the text below and measure it against the statement as it is; or try a finding's fix on the "
                             "Plan page."));
        proof_->hide();
        compare_->hide();
        return;
    }
    const plan::WhatIfTrial &trial = trials_[static_cast<std::size_t>(index)];
    choice_->setToolTip(statementsOf(trial));
    proof_->setVisible(trial.outcome.has_value());
    compare_->setVisible(trial.outcome.has_value());
    if (trial.outcome) {
        showOutcome(trial);
        return;
    }
    const Error &error = trial.outcome.error();
    verdict_->setText(tr("This could not be tried"));
    figures_->setText(QString::fromStdString(error.message));
    changes_->setText(QString::fromStdString(error.hint.empty() ? error.detail : error.hint));
}

void WhatIfView::showOutcome(const plan::WhatIfTrial &trial)
{
    const plan::WhatIfOutcome &outcome = *trial.outcome;
    const Verdict verdict = verdictOf(outcome);
    verdict_->setText(verdict.text);
    proof_->setText(QString::fromStdString(outcome.level_of_proof));
    proof_->setTone(verdict.tone);
    QStringList figures;
    if (outcome.ms_before && outcome.ms_after) {
        figures << tr("%1 → %2").arg(runsText(outcome.runs_before), runsText(outcome.runs_after));
        if (outcome.runs_before.ms.size() > 1)
            figures << tr("median of %n warm run(s)", nullptr, static_cast<int>(outcome.runs_before.ms.size()) - 1);
        else
            figures << tr("one run each, the second with warm caches");
    }
    figures << tr("cost %1 → %2").arg(count(outcome.cost_before), count(outcome.cost_after));
    if (outcome.same_rows.value_or(false))
        figures << tr("both give the same rows");
    figures_->setText(figures.join(QStringLiteral(" · ")));
    QStringList lines;
    constexpr std::size_t changes_shown = 4;
    for (std::size_t i = 0; i < std::min(outcome.diff.changes.size(), changes_shown); ++i)
        lines << QString::fromStdString(outcome.diff.changes[i]);
    for (const std::string &lock : outcome.locks)
        lines << tr("Lock: %1").arg(QString::fromStdString(lock));
    for (const std::string &warning : outcome.warnings)
        lines << QString::fromStdString(warning);
    lines.removeDuplicates();
    changes_->setText(lines.join(QLatin1Char('\n')));
    compare_->setSides({readSide(outcome.before_source), 0}, tr("AS IT IS"), {readSide(outcome.after_source), 0},
                       tr("WITH WHAT WAS TRIED"));
}

void WhatIfView::setCanApply(bool can_apply)
{
    apply_->setVisible(can_apply);
}

int WhatIfView::runs() const
{
    return runs_->value();
}

qint64 WhatIfView::buildUpToBytes() const
{
    return static_cast<qint64>(build_->value()) * 1024 * 1024;
}

QString WhatIfView::rewording() const
{
    return QString::fromStdString(editor_->utf8());
}

QString WhatIfView::verdict() const
{
    return verdict_->text();
}

QString WhatIfView::figures() const
{
    return figures_->text();
}

QString WhatIfView::changes() const
{
    return changes_->text();
}

} // namespace howdah::ui
