// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/segmented_tabs.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {
constexpr const char *id_property = "segment";
}

SegmentedTabs::SegmentedTabs(Look look, QWidget *parent)
    : QWidget(parent), look_(look), layout_(new QHBoxLayout(this)), group_(new QButtonGroup(this))
{
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(look == Look::Buttons ? spacing::control : spacing::unit);
    group_->setExclusive(true);
    connect(group_, &QButtonGroup::buttonToggled, this, [this](QAbstractButton *toggled, bool on) {
        toggled->setFocusPolicy(on ? Qt::StrongFocus : Qt::ClickFocus);
        if (on)
            Q_EMIT currentChanged(toggled->property(id_property).toString());
    });
}

void SegmentedTabs::addSegment(const QString &id, const QString &text, const QString &tooltip)
{
    auto *segment = new QPushButton(text, this);
    segment->setProperty(id_property, id);
    segment->setProperty("role", look_ == Look::Buttons ? QStringLiteral("segment") : QStringLiteral("quiet"));
    segment->setToolTip(tooltip);
    segment->setCheckable(true);
    segment->setFocusPolicy(Qt::ClickFocus);
    buttons_ << segment;
    layout_->addWidget(segment);
    group_->addButton(segment);
    if (buttons_.size() == 1)
        segment->setChecked(true);
}

void SegmentedTabs::removeSegment(const QString &id)
{
    QPushButton *segment = button(id);
    if (segment == nullptr)
        return;
    const bool was_current = segment->isChecked();
    buttons_.removeOne(segment);
    group_->removeButton(segment);
    layout_->removeWidget(segment);
    segment->deleteLater();
    if (was_current && !buttons_.isEmpty())
        buttons_.first()->setChecked(true);
}

void SegmentedTabs::setText(const QString &id, const QString &text)
{
    if (QPushButton *segment = button(id))
        segment->setText(text);
}

void SegmentedTabs::setSegmentEnabled(const QString &id, bool enabled)
{
    if (QPushButton *segment = button(id))
        segment->setEnabled(enabled);
}

bool SegmentedTabs::contains(const QString &id) const
{
    return button(id) != nullptr;
}

QString SegmentedTabs::current() const
{
    const QAbstractButton *checked = group_->checkedButton();
    return checked == nullptr ? QString() : checked->property(id_property).toString();
}

void SegmentedTabs::setCurrent(const QString &id)
{
    if (QPushButton *segment = button(id))
        segment->setChecked(true);
}

void SegmentedTabs::keyPressEvent(QKeyEvent *event)
{
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (step == 0 || buttons_.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    auto at = static_cast<qsizetype>(buttons_.indexOf(button(current())));
    for (qsizetype tried = 0; tried < buttons_.size(); ++tried) {
        at = (at + step + buttons_.size()) % buttons_.size();
        if (buttons_[at]->isEnabled()) {
            buttons_[at]->setChecked(true);
            buttons_[at]->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

QPushButton *SegmentedTabs::button(const QString &id) const
{
    for (QPushButton *segment : buttons_) {
        if (segment->property(id_property).toString() == id)
            return segment;
    }
    return nullptr;
}

} // namespace howdah::ui
