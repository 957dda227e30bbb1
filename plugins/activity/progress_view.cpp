// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/progress_view.h"

#include <cmath>

#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "plugins/activity/words.h"
#include "ui/base/card.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/task_progress.h"

namespace howdah::activity_tool {

using namespace howdah::ui;
using activity::Progress;

namespace {

QString amount(double value, const std::string &unit)
{
    if (unit == "bytes")
        return Words::qt(human::bytes(std::llround(value)));
    return ProgressView::tr("%1 %2").arg(Words::count(std::llround(value)), Words::qt(unit));
}

QString headOf(const Progress &progress)
{
    QString text = Words::qt(progress.command);
    if (!progress.relation.empty())
        text += QLatin1Char(' ') + Words::qt(progress.relation);
    if (!progress.index.empty())
        text += ProgressView::tr(", index %1").arg(Words::qt(progress.index));
    return text + QStringLiteral(" · ") + Words::qt(progress.phase);
}

QString factsOf(const Progress &progress)
{
    QStringList parts;
    if (progress.total > 0)
        parts << ProgressView::tr("%1 of %2").arg(progress.unit == "bytes" ? amount(static_cast<double>(progress.done), progress.unit)
                                                                         : Words::count(progress.done),
                                                  amount(static_cast<double>(progress.total), progress.unit));
    else if (progress.done > 0)
        parts << amount(static_cast<double>(progress.done), progress.unit);
    if (progress.per_second > 0.0)
        parts << ProgressView::tr("%1/s").arg(amount(*progress.per_second, progress.unit));
    else if (progress.per_second && progress.total > 0)
        parts << ProgressView::tr("stands still");
    if (!progress.note.empty())
        parts << Words::qt(progress.note);
    parts << (progress.database.empty() ? ProgressView::tr("process %1").arg(progress.pid)
                                        : ProgressView::tr("process %1 in %2").arg(progress.pid).arg(Words::qt(progress.database)));
    if (progress.running_ms >= 0)
        parts << ProgressView::tr("running for %1").arg(Words::age(progress.running_ms));
    return parts.join(QStringLiteral(" · "));
}

} // namespace

ProgressView::ProgressView(QWidget *parent) : QWidget(parent), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    stack_->addWidget(new EmptyState(QStringLiteral("clock"), tr("No long command runs"),
                                     tr("VACUUM, ANALYZE, CREATE INDEX, CLUSTER, COPY and base backups stand here while they run, with what "
                                        "they have done, how fast they are and how long they need yet.")));
    auto *content = new QWidget;
    list_ = new QVBoxLayout(content);
    list_->setContentsMargins(spacing::card, spacing::card, spacing::card, spacing::card);
    list_->setSpacing(spacing::control);
    list_->addStretch();
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(content);
    scroll->setAccessibleName(tr("Running commands"));
    stack_->addWidget(scroll);
}

ProgressView::CommandCard ProgressView::makeCard(int pid)
{
    CommandCard made;
    made.card = new Card;
    made.bar = new TaskProgress;
    made.bar->setCancellable(!read_only_);
    made.facts = new QLabel;
    made.facts->setProperty("role", QStringLiteral("dim"));
    made.facts->setTextFormat(Qt::PlainText);
    made.facts->setWordWrap(true);
    made.card->body()->addWidget(made.bar);
    made.card->body()->addWidget(made.facts);
    connect(made.bar, &TaskProgress::cancelRequested, this, [this, pid] { Q_EMIT endRequested({pid}, activity::Ending::Cancel); });
    list_->insertWidget(list_->count() - 1, made.card);
    return made;
}

void ProgressView::setProgress(const std::vector<Progress> &running)
{
    QHash<QString, CommandCard> still;
    for (const Progress &progress : running) {
        const QString key = Words::qt(progress.command) + QLatin1Char('/') + QString::number(progress.pid);
        const CommandCard one = cards_.contains(key) ? cards_.take(key) : makeCard(progress.pid);
        one.bar->setProgress(headOf(progress), progress.fraction(), progress.seconds_left.value_or(-1));
        one.facts->setText(factsOf(progress));
        still.insert(key, one);
    }
    for (const CommandCard &gone : std::as_const(cards_))
        gone.card->deleteLater();
    cards_ = still;
    stack_->setCurrentIndex(cards_.isEmpty() ? 0 : 1);
}

void ProgressView::setReadOnly(bool read_only)
{
    read_only_ = read_only;
    for (const CommandCard &one : std::as_const(cards_))
        one.bar->setCancellable(!read_only);
}

} // namespace howdah::activity_tool
