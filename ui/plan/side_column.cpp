// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/side_column.h"

#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"

namespace howdah::ui {

namespace {

constexpr int least_for_both = 470; ///< lower, and each would get less than it takes to read something
const QString overview_page = QStringLiteral("overview");
const QString node_page = QStringLiteral("node");
const QString shares_key = QStringLiteral("plan/sideColumn");

} // namespace

SideColumn::SideColumn(QWidget *details, QWidget *parent) : QFrame(parent), details_(details)
{
    setProperty("role", QStringLiteral("panel2"));
    setMinimumWidth(240);
    pages_ = new SegmentedTabs(SegmentedTabs::Look::Quiet, this);
    pages_->addSegment(overview_page, tr("Overview"), tr("What to look at in the whole plan"));
    pages_->addSegment(node_page, tr("Node"), tr("All that is known of the selected node"));
    pages_->setContentsMargins(spacing::control, 6, spacing::control, 0);
    connect(pages_, &SegmentedTabs::currentChanged, this, &SideColumn::arrange);

    auto *inner = new QWidget(this);
    inner->setAutoFillBackground(false);
    column_ = new QVBoxLayout(inner);
    column_->setContentsMargins(spacing::control, spacing::card, spacing::control, spacing::control);
    column_->setSpacing(spacing::unit);
    panels_ = new QVBoxLayout;
    panels_->setSpacing(spacing::control);
    column_->addLayout(panels_);
    column_->addStretch(1);
    overview_ = new QScrollArea(this);
    overview_->setFrameShape(QFrame::NoFrame);
    overview_->setWidgetResizable(true);
    overview_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    overview_->setWidget(inner);
    overview_->viewport()->setAutoFillBackground(false);
    inner->setAutoFillBackground(false); // QScrollArea turns it on

    split_ = new QSplitter(Qt::Vertical, this);
    split_->addWidget(overview_);
    split_->addWidget(details_);
    split_->setChildrenCollapsible(false);
    overview_->setMinimumHeight(120);
    details_->setMinimumHeight(120);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(pages_);
    layout->addWidget(split_, 1);
    connect(split_, &QSplitter::splitterMoved, this, [this] {
        if (both_)
            QSettings().setValue(shares_key, split_->saveState());
    });
    restoreShares();
    arrange();
}

void SideColumn::restoreShares()
{
    split_->setStretchFactor(0, 1);
    split_->setStretchFactor(1, 1);
    if (!split_->restoreState(QSettings().value(shares_key).toByteArray()))
        split_->setSizes({300, 300});
    split_->setChildrenCollapsible(false);
}

void SideColumn::addToOverview(QWidget *widget, int space_above)
{
    const int end = column_->count() - 1; // before the stretch
    if (space_above > 0)
        column_->insertSpacing(end, space_above);
    column_->insertWidget(column_->count() - 1, widget);
}

void SideColumn::addPanel(QWidget *panel)
{
    panels_->addWidget(panel);
    panels_->setContentsMargins(0, 0, 0, spacing::control);
}

void SideColumn::setPage(const QString &id)
{
    pages_->setCurrent(id);
}

QString SideColumn::page() const
{
    return pages_->current();
}

void SideColumn::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    const bool both = height() >= least_for_both;
    if (both == both_)
        return;
    both_ = both;
    arrange();
    layout()->activate(); // not one picture with the choice over what it chooses between
}

void SideColumn::arrange()
{
    pages_->setVisible(!both_);
    overview_->setVisible(both_ || page() != node_page);
    details_->setVisible(both_ || page() == node_page);
}

} // namespace howdah::ui
