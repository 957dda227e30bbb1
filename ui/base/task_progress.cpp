// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/task_progress.h"

#include <cmath>

#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include "core/base/human.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {
constexpr int bar_steps = 1000;
}

TaskProgress::TaskProgress(QWidget *parent)
    : QWidget(parent), what_(new ElidedLabel(this)), how_far_(new QLabel(this)), bar_(new QProgressBar(this)),
      cancel_(new QPushButton(tr("Cancel"), this))
{
    how_far_->setProperty("role", QStringLiteral("dim"));
    bar_->setTextVisible(false);
    bar_->setRange(0, bar_steps);
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setHorizontalSpacing(spacing::card);
    layout->setVerticalSpacing(spacing::unit);
    layout->addWidget(what_, 0, 0);
    layout->addWidget(how_far_, 0, 1, Qt::AlignRight);
    layout->addWidget(bar_, 1, 0, 1, 2);
    layout->addWidget(cancel_, 0, 2, 2, 1, Qt::AlignVCenter);
    layout->setColumnStretch(0, 1);
    connect(cancel_, &QPushButton::clicked, this, &TaskProgress::cancelRequested);
}

void TaskProgress::setProgress(const QString &what, double fraction, double seconds_left)
{
    what_->setText(what);
    QString far;
    if (fraction >= 0) {
        bar_->setRange(0, bar_steps);
        bar_->setValue(static_cast<int>(std::lround(fraction * bar_steps)));
        far = tr("%1 %").arg(static_cast<int>(std::floor(fraction * 100)));
    } else {
        bar_->setRange(0, 0);
    }
    if (seconds_left >= 0) {
        const QString left = QString::fromStdString(human::duration(std::ceil(seconds_left) * 1000));
        far += (far.isEmpty() ? QString() : QStringLiteral(" · ")) + tr("%1 left").arg(left);
    }
    how_far_->setText(far);
    bar_->setAccessibleName(text());
}

void TaskProgress::setCancellable(bool cancellable)
{
    cancel_->setVisible(cancellable);
}

QString TaskProgress::text() const
{
    return how_far_->text().isEmpty() ? what_->text() : what_->text() + QStringLiteral(" · ") + how_far_->text();
}

} // namespace howdah::ui
