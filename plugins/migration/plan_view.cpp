// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/migration/plan_view.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/migration/recipes/recipe.h"
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

/// "As written: ACCESS EXCLUSIVE, rewrites public.t, 1 s to 3 s"
QString naiveWords(const migration::StatementEffects &naive)
{
    QStringList parts;
    const std::string lock = migration::recipes::strongestLock({naive});
    if (!lock.empty())
        parts << qt(lock) + QStringLiteral(" – ") + lockWords(lock).blocks;
    for (const std::string &one : naive.rewrites)
        parts << PlanView::tr("rewrites %1").arg(qt(one));
    for (const std::string &one : naive.scans)
        parts << PlanView::tr("reads all of %1").arg(qt(one));
    for (const std::string &one : naive.builds)
        parts << PlanView::tr("builds %1").arg(qt(one));
    for (const Error &error : naive.errors)
        parts << PlanView::tr("fails: %1").arg(qt(error.message));
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

void PlanView::setPlan(const migration::MigrationPlan &plan)
{
    while (QLayoutItem *item = page_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
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
        if (step.batches)
            step.sql = step.batches->batch_sql;
        else if (step.comparison)
            step.sql = step.comparison->left_sql + "\n=\n" + step.comparison->right_sql;
        card->body()->addWidget(new StepRow(i + 1, step, card));
    }
}

} // namespace howdah::migration_tool
