// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/migration/plan_view.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/migration/plan_edit.h"
#include "core/migration/recipes/recipe.h"
#include "plugins/migration/step_editor.h"
#include "ui/base/banner.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/change/lock_words.h"
#include "ui/change/step_row.h"

namespace howdah::migration_tool {

using namespace howdah::ui;
using migration::Approach;
using migration::Phase;

namespace {

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

QString phaseName(Phase phase)
{
    switch (phase) {
    case Phase::Plain: return PlanView::tr("Steps");
    case Phase::Expand: return PlanView::tr("Expand");
    case Phase::Backfill: return PlanView::tr("Backfill");
    case Phase::Validate: return PlanView::tr("Validate");
    case Phase::Switch: return PlanView::tr("Switch");
    case Phase::Contract: return PlanView::tr("Contract");
    }
    return {};
}

QLabel *label(const QString &text, const QFont &font, QWidget *parent, bool dim = false)
{
    auto *made = new QLabel(text, parent);
    made->setFont(font);
    made->setWordWrap(true);
    made->setTextFormat(Qt::PlainText);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (dim)
        made->setForegroundRole(QPalette::PlaceholderText);
    return made;
}

struct ApproachWords {
    QString text;
    Tone tone;
};

ApproachWords wordsOf(const migration::WantedChange &change)
{
    switch (change.approach) {
    case Approach::LeftAlone: return {PlanView::tr("as written"), Tone::Good};
    case Approach::Recipe: return {qt(change.recipe), Tone::Accent};
    case Approach::NoSafePath: return {PlanView::tr("no safe path"), Tone::Warn};
    case Approach::HandedOver: return {PlanView::tr("another tool"), Tone::Warn};
    case Approach::Later: return {PlanView::tr("later"), Tone::Warn};
    case Approach::Refused: return {PlanView::tr("refused"), Tone::Bad};
    }
    return {};
}

constexpr int effects_indent = 56; ///< below the texts of a step's row
constexpr int severity_width = 72;

Tone toneOf(migration::LintSeverity severity)
{
    switch (severity) {
    case migration::LintSeverity::Error: return Tone::Bad;
    case migration::LintSeverity::Serious: return Tone::Bad;
    case migration::LintSeverity::Warning: return Tone::Warn;
    default: return Tone::Neutral;
    }
}

QString severityWord(migration::LintSeverity severity)
{
    switch (severity) {
    case migration::LintSeverity::Error: return PlanView::tr("error");
    case migration::LintSeverity::Serious: return PlanView::tr("serious");
    case migration::LintSeverity::Warning: return PlanView::tr("warning");
    default: return PlanView::tr("info");
    }
}

/// "rewrites public.t, reads all of public.t", and what it is refused with.
QStringList workParts(const migration::StatementEffects &effects)
{
    QStringList parts;
    for (const std::string &one : effects.rewrites)
        parts << PlanView::tr("rewrites %1").arg(qt(one));
    for (const std::string &one : effects.scans)
        parts << PlanView::tr("reads all of %1").arg(qt(one));
    for (const std::string &one : effects.builds)
        parts << PlanView::tr("builds %1").arg(qt(one));
    for (const Error &error : effects.errors)
        parts << PlanView::tr("fails: %1").arg(qt(error.message));
    return parts;
}

QString workWords(const migration::StatementEffects &effects)
{
    return workParts(effects).join(QStringLiteral(", "));
}

/// "As written: ACCESS EXCLUSIVE, rewrites public.t, 1 s to 3 s"
QString naiveWords(const migration::StatementEffects &naive)
{
    QStringList parts;
    const std::string lock = migration::recipes::strongestLock({naive});
    if (!lock.empty())
        parts << qt(lock) + QStringLiteral(" – ") + lockWords(lock).blocks;
    parts << workParts(naive);
    if (naive.duration_ms && naive.duration_ms->high > 0)
        parts << PlanView::tr("%1 to %2").arg(qt(human::duration(naive.duration_ms->low)), qt(human::duration(naive.duration_ms->high)));
    return parts.join(QStringLiteral(", "));
}

} // namespace

PhaseStrip::PhaseStrip(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Phases of the plan"));
}

void PhaseStrip::setScript(const migration::ChangeScript &script)
{
    segments_.clear();
    QStringList spoken;
    for (const migration::ChangeStep &step : script.steps) {
        const QString name = phaseName(step.phase);
        if (segments_.empty() || segments_.back().name != name)
            segments_.push_back({name, 0, false, step.phase == Phase::Contract});
        ++segments_.back().steps;
        segments_.back().blocks = segments_.back().blocks || lockWords(step.lock_level).tone == Tone::Bad;
    }
    for (const Segment &segment : segments_)
        spoken << tr("%1: %n step(s)", nullptr, segment.steps).arg(segment.name);
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    setVisible(!segments_.empty());
    update();
}

QSize PhaseStrip::sizeHint() const
{
    return {400, fontMetrics().height() + 2 * spacing::control};
}

QSize PhaseStrip::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

void PhaseStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    int weight = 0;
    for (const Segment &segment : segments_)
        weight += segment.steps + 3;
    double x = 0;
    const double gap = spacing::unit, room = width() - gap * static_cast<double>(segments_.size() - 1);
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    for (const Segment &segment : segments_) {
        const double w = room * (segment.steps + 3) / weight;
        const QRectF rect(x, 0, w, height());
        const Tone tone = segment.last ? Tone::Bad : segment.blocks ? Tone::Warn : Tone::Good;
        painter.setPen(Qt::NoPen);
        painter.setBrush(toneTint(tone));
        painter.drawRoundedRect(rect, spacing::radius, spacing::radius);
        painter.setPen(toneInk(tone));
        painter.drawText(rect, Qt::AlignCenter, painter.fontMetrics().elidedText(QStringLiteral("%1 · %2").arg(segment.name).arg(segment.steps), Qt::ElideRight, static_cast<int>(w) - spacing::control));
        x += w + gap;
    }
}

PlanView::PlanView(QWidget *parent) : QWidget(parent)
{
    page_ = new QVBoxLayout(this);
    page_->setContentsMargins(0, 0, 0, 0);
    page_->setSpacing(spacing::card);
}

void PlanView::setPlan(const migration::MigrationPlan &plan, const std::vector<migration::LintFinding> &findings, bool editable)
{
    editable_ = editable;
    rows_.clear();
    while (QLayoutItem *item = page_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    addFindings(findings);
    for (const migration::WantedChange &change : plan.wanted)
        addWanted(change);
    addSteps(plan);
    page_->addStretch(1);
}

void PlanView::addWanted(const migration::WantedChange &change)
{
    const ApproachWords words = wordsOf(change);
    auto *card = new Card(this);
    if (words.tone != Tone::Good)
        card->setEdge(words.tone);
    auto *head = new QHBoxLayout;
    head->setSpacing(spacing::control);
    head->addWidget(label(qt(change.sql), monoFont(), card), 1);
    head->addWidget(new Pill(words.text, words.tone, card), 0, Qt::AlignTop);
    card->body()->addLayout(head);
    if (!change.reason.empty())
        card->body()->addWidget(label(qt(change.reason) + QStringLiteral("."), textFont(), card));
    if (const QString naive = naiveWords(change.naive); !naive.isEmpty() && change.errors.empty())
        card->body()->addWidget(label(tr("As written: %1").arg(naive), textFont(), card, true));
    for (const std::string &note : change.notes)
        card->body()->addWidget(label(qt(note), textFont(), card, true));
    for (const Error &error : change.errors) {
        auto *wrong = label(tr("Line %1: %2").arg(change.line).arg(qt(error.text())), textFont(), card);
        QPalette inks = wrong->palette();
        inks.setColor(QPalette::WindowText, toneInk(Tone::Bad));
        wrong->setPalette(inks);
        card->body()->addWidget(wrong);
    }
    page_->addWidget(card);
}

void PlanView::addSteps(const migration::MigrationPlan &plan)
{
    if (plan.script.steps.empty())
        return;
    auto *strip = new PhaseStrip(this);
    strip->setScript(plan.script);
    page_->addWidget(strip);
    std::size_t deployment = 0;
    Card *card = nullptr;
    auto phase = Phase::Plain;
    for (std::size_t i = 0; i < plan.script.steps.size(); ++i) {
        migration::ChangeStep step = plan.script.steps[i];
        if (card == nullptr || step.phase != phase) {
            phase = step.phase;
            while (deployment < plan.script.deployments.size() && plan.script.deployments[deployment].before <= phase) {
                auto *banner = new Banner(this);
                banner->showMessage(Tone::Accent, qt(plan.script.deployments[deployment++].what));
                page_->addWidget(banner);
            }
            auto *caption = label(phaseName(phase).toUpper(), captionFont(), this, true);
            page_->addWidget(caption);
            card = new Card(this);
            page_->addWidget(card);
        }
        addStep(card, step, plan.steps[i]);
    }
}

void PlanView::addStep(Card *card, const migration::ChangeStep &step, const migration::PlannedStep &planned)
{
    const std::size_t number = rows_.size();
    migration::ChangeStep shown = step;
    if (step.batches)
        shown.sql = step.batches->batch_sql;
    else if (step.comparison)
        shown.sql = step.comparison->left_sql + "\n=\n" + step.comparison->right_sql;
    auto *line = new QHBoxLayout;
    line->setSpacing(0);
    line->addWidget(new StepRow(number + 1, shown, card), 1);
    Row row{new QVBoxLayout, step, nullptr, nullptr};
    if (editable_) {
        row.button = new QPushButton(icon(QStringLiteral("edit")), QString(), card);
        row.button->setFlat(true);
        row.button->setCheckable(true);
        row.button->setEnabled(!migration::editableSql(step).empty());
        row.button->setToolTip(row.button->isEnabled() ? tr("Write this step otherwise") : tr("A comparison stands as it is"));
        row.button->setAccessibleName(tr("Edit step %1").arg(number + 1));
        connect(row.button, &QPushButton::toggled, this, [this, number](bool on) { on ? editStep(number) : closeEditor(number); });
        line->addWidget(row.button, 0, Qt::AlignTop);
    }
    card->body()->addLayout(line);
    QStringList works;
    for (const migration::StatementEffects &one : planned.effects) {
        if (one.rewrites.empty() && one.scans.empty() && one.builds.empty() && one.errors.empty())
            continue;
        works << workWords(one);
    }
    works.removeDuplicates();
    if (!works.isEmpty()) {
        auto *work = label(works.join(QStringLiteral("; ")), textFont(), card, true);
        work->setContentsMargins(effects_indent, 0, spacing::card, spacing::unit);
        card->body()->addWidget(work);
    }
    card->body()->addLayout(row.below);
    rows_.push_back(row);
}

void PlanView::editStep(std::size_t step)
{
    if (step >= rows_.size() || rows_[step].editor != nullptr || rows_[step].button == nullptr || !rows_[step].button->isEnabled())
        return;
    Row &row = rows_[step];
    auto *editor = new StepEditor(step, row.step, this);
    connect(editor, &StepEditor::accepted, this, &PlanView::stepEdited);
    connect(editor, &StepEditor::cancelled, this, [this, step] { closeEditor(step); });
    row.editor = editor;
    row.below->addWidget(editor);
    row.button->setChecked(true);
    editor->setFocus();
}

void PlanView::closeEditor(std::size_t step)
{
    Row &row = rows_[step];
    if (row.editor == nullptr)
        return;
    row.editor->hide();
    row.editor->deleteLater();
    row.editor = nullptr;
    row.button->setChecked(false);
    row.button->setFocus();
}

/// What lint says of the change as it was pasted, the gravest first.
void PlanView::addFindings(const std::vector<migration::LintFinding> &findings)
{
    if (findings.empty())
        return;
    std::vector<const migration::LintFinding *> sorted;
    for (const migration::LintFinding &finding : findings)
        sorted.push_back(&finding);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto *a, const auto *b) { return a->severity > b->severity; });
    auto *card = new Card(this);
    card->setEdge(toneOf(sorted.front()->severity));
    card->body()->addWidget(label(tr("%n finding(s) in the change as written", nullptr, static_cast<int>(findings.size())), captionFont(), card, true));
    constexpr std::size_t at_most = 30;
    for (std::size_t i = 0; i < std::min(sorted.size(), at_most); ++i) {
        const migration::LintFinding &finding = *sorted[i];
        auto *line = new QHBoxLayout;
        line->setSpacing(spacing::control);
        auto *pill = new Pill(severityWord(finding.severity), toneOf(finding.severity), card);
        pill->setMinimumWidth(severity_width);
        line->addWidget(pill, 0, Qt::AlignTop);
        auto *texts = new QVBoxLayout;
        texts->setSpacing(0);
        texts->addWidget(label(tr("Line %1: %2").arg(finding.line).arg(qt(finding.message)), textFont(), card));
        if (!finding.fix.empty())
            texts->addWidget(label(qt(finding.fix), textFont(), card, true));
        line->addLayout(texts, 1);
        auto *name = label(QString::fromLatin1(finding.rule->name), monoFont(), card, true);
        name->setWordWrap(false);
        line->addWidget(name, 0, Qt::AlignTop);
        card->body()->addLayout(line);
    }
    if (sorted.size() > at_most)
        card->body()->addWidget(label(tr("… and %n more", nullptr, static_cast<int>(sorted.size() - at_most)), textFont(), card, true));
    page_->addWidget(card);
}

} // namespace howdah::migration_tool
