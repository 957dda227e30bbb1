// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/frozen_columns.h"

#include <algorithm>

#include <QApplication>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include "ui/base/palette.h"
#include "ui/grid/cell_delegate.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_selection.h"
#include "ui/grid/grid_view.h"

namespace howdah::ui {

FrozenColumns::FrozenColumns(GridView *view, const GridModel *model)
    : QTableView(view), view_(view), header_(new GridHeader(Qt::Horizontal, model, this))
{
    setHorizontalHeader(header_);
    header_->setMinimumSectionSize(view->columnsHeader()->minimumSectionSize());
    header_->setSectionsMovable(false);
    header_->setSortObstacle(view->columnsHeader()->sortObstacle());
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(1);
    verticalHeader()->setDefaultSectionSize(view->verticalHeader()->defaultSectionSize());
    setModel(view->model());
    setSelectionModel(view->selectionModel());
    setItemDelegate(view->cells());
    setWordWrap(false);
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::NoFocus);
    viewport()->setFocusPolicy(Qt::NoFocus);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerItem);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setAccessibleName(tr("Pinned columns"));
    disconnect(header_, &QHeaderView::sectionPressed, this, nullptr);
    disconnect(header_, &QHeaderView::sectionEntered, this, nullptr);
    disconnect(header_, &QHeaderView::sectionHandleDoubleClicked, this, nullptr);

    connect(view->verticalScrollBar(), &QScrollBar::valueChanged, verticalScrollBar(), &QScrollBar::setValue);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, view->verticalScrollBar(), &QScrollBar::setValue);
    connect(header_, &GridHeader::sortRequested, view->columnsHeader(), &GridHeader::sortRequested);
    connect(header_, &GridHeader::selectionRequested, view->columnsHeader(), &GridHeader::selectionRequested);
    connect(header_, &GridHeader::menuRequested, view->columnsHeader(), &GridHeader::menuRequested);
    connect(header_, &QHeaderView::sectionHandleDoubleClicked, view, &GridView::fitColumn);
    connect(header_, &QHeaderView::sectionResized, this, [this](int column, int, int size) {
        if (!following_ && size > 0)
            view_->setColumnWidth(column, size);
    });
    connect(view->columnsHeader(), &QHeaderView::sectionResized, this, &FrozenColumns::follow);
    connect(view->columnsHeader(), &QHeaderView::geometriesChanged, this, &FrozenColumns::follow);
    connect(view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] { header_->viewport()->update(); });
    connect(this, &QAbstractItemView::doubleClicked, view, &GridView::viewerRequested);
    connect(this, &QWidget::customContextMenuRequested, view, [this](const QPoint &at) {
        Q_EMIT view_->customContextMenuRequested(view_->viewport()->mapFromGlobal(viewport()->mapToGlobal(at)));
    });
    // Where the keys go. The base class would take the focus with every click.
    connect(this, &QAbstractItemView::pressed, view, [this] { view_->setFocus(Qt::MouseFocusReason); });
}

void FrozenColumns::setColumns(const std::vector<int> &columns)
{
    columns_ = columns;
    following_ = true;
    std::vector<bool> shown(static_cast<std::size_t>(header_->count()), false);
    for (const int column : columns)
        shown[static_cast<std::size_t>(column)] = true;
    for (int column = 0; column < header_->count(); ++column)
        header_->setSectionHidden(column, !shown[static_cast<std::size_t>(column)]);
    int place = 0;
    for (const int column : columns)
        header_->moveSection(header_->visualIndex(column), place++);
    following_ = false;
    follow();
}

void FrozenColumns::follow()
{
    if (following_)
        return;
    following_ = true;
    header_->setSortObstacle(view_->columnsHeader()->sortObstacle());
    int width = 0;
    for (const int column : columns_) {
        const bool hidden = view_->isColumnHidden(column);
        header_->setSectionHidden(column, hidden);
        if (hidden)
            continue;
        header_->resizeSection(column, view_->columnWidth(column));
        width += view_->columnWidth(column);
    }
    const QRect area = view_->viewport()->geometry();
    const int head = view_->columnsHeader()->height();
    header_->setFixedHeight(head);
    setGeometry(area.left(), area.top() - head, std::min(width + 1, area.width() * 2 / 3), area.height() + head);
    setVisible(width > 0);
    raise();
    verticalScrollBar()->setValue(view_->verticalScrollBar()->value());
    following_ = false;
}

void FrozenColumns::wheelEvent(QWheelEvent *event)
{
    QApplication::sendEvent(view_->viewport(), event);
}

void FrozenColumns::keyPressEvent(QKeyEvent *event)
{
    QApplication::sendEvent(view_, event);
}

/// A stronger line tells where the pinned columns end.
void FrozenColumns::paintEvent(QPaintEvent *event)
{
    QTableView::paintEvent(event);
    QPainter painter(viewport());
    painter.fillRect(QRect(viewport()->width() - 2, 0, 2, viewport()->height()), colors().dim);
}

} // namespace howdah::ui
