// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_tree.h"

#include <QContextMenuEvent>
#include <QHoverEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/browser/object_delegate.h"
#include "ui/browser/object_model.h"

namespace howdah::ui {

namespace {
constexpr int indentation_width = 14;
constexpr int chevron_size = 14;
constexpr int inset = spacing::unit; ///< of a row in its ground
} // namespace

ObjectTree::ObjectTree(ObjectModel *model, QWidget *parent) : QTreeView(parent), objects_(model)
{
    setModel(model);
    setItemDelegate(new ObjectDelegate(this));
    setHeaderHidden(true);
    setUniformRowHeights(true); // or opening 100,000 tables would measure each
    setIndentation(indentation_width);
    setExpandsOnDoubleClick(false);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideRight);
    setDragEnabled(true);
    setDragDropMode(QAbstractItemView::DragOnly);
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setViewportMargins(spacing::control, 0, 0, 0); // in line with the filter above
    // The browser paints the ground below everything in it.
    setStyleSheet(QStringLiteral("QTreeView { background: transparent; }"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, viewport(), qOverload<>(&QWidget::update));
}

QSize ObjectTree::sizeHint() const
{
    return {240, 400};
}

QModelIndex ObjectTree::topIndex(int *pixels_above) const
{
    const QModelIndex top = indexAt(QPoint(1, 1));
    *pixels_above = top.isValid() ? -visualRect(top).top() : 0;
    return top;
}

void ObjectTree::scrollToTop(const QModelIndex &index, int pixels_above)
{
    if (!index.isValid())
        return;
    scrollTo(index, QAbstractItemView::PositionAtTop);
    verticalScrollBar()->setValue(verticalScrollBar()->value() + pixels_above);
}

void ObjectTree::drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    const QRect row(0, option.rect.top(), viewport()->width(), option.rect.height());
    const QRectF ground = QRectF(row).adjusted(0.5, 0.5, -spacing::control + 0.5, -0.5);
    const bool is_selected = selectionModel()->isSelected(index);
    const bool is_current = index == currentIndex() && hasFocus();
    if (is_selected || is_current || index == hovered_) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(is_current ? QPen(c.accent, 1) : QPen(Qt::NoPen));
        painter->setBrush(is_selected ? c.on_tint : index == hovered_ ? c.hover : QColor(Qt::transparent));
        painter->drawRoundedRect(ground, 4, 4);
        painter->restore();
    }
    QRect item = visualRect(index);
    // Columns, indexes and constraints never open: the place of their chevron is better used for their names.
    if (index.parent().isValid() && objects_->node(index)->kind >= NodeKind::Column)
        item.setLeft(item.left() - indentation() + inset);
    drawBranches(painter, QRect(item.left() - indentation() + inset, row.top(), indentation(), row.height()), index);
    QStyleOptionViewItem content = option;
    content.rect = QRect(item.left() + inset, row.top(), row.width() - item.left() - inset - spacing::card, row.height());
    content.font = font();
    itemDelegate()->paint(painter, content, index);
}

void ObjectTree::drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const
{
    if (!model()->hasChildren(index) || (!rootIsDecorated() && !index.parent().isValid()))
        return;
    const QRect picture(rect.left() + (rect.width() - chevron_size) / 2, rect.top() + (rect.height() - chevron_size) / 2, chevron_size,
                        chevron_size);
    icon(isExpanded(index) ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"), colors().dim).paint(painter, picture);
}

void ObjectTree::keyPressEvent(QKeyEvent *event)
{
    const QModelIndex index = currentIndex();
    if (event->matches(QKeySequence::Copy)) {
        if (index.isValid())
            Q_EMIT copyWanted(index);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (index.isValid())
            Q_EMIT opened(index);
        return;
    case Qt::Key_Escape: Q_EMIT escaped(); return;
    case Qt::Key_Up:
        if (event->modifiers() == Qt::NoModifier && (!index.isValid() || !indexAbove(index).isValid())) {
            Q_EMIT leftUpwards();
            return;
        }
        break;
    default: break;
    }
    QTreeView::keyPressEvent(event);
}

void ObjectTree::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && index.isValid() && event->position().x() >= visualRect(index).left()) {
        Q_EMIT opened(index);
        event->accept();
        return;
    }
    QTreeView::mouseDoubleClickEvent(event);
}

void ObjectTree::contextMenuEvent(QContextMenuEvent *event)
{
    const bool by_key = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex index = by_key ? currentIndex() : indexAt(event->pos());
    if (!index.isValid())
        return;
    if (by_key)
        scrollTo(index);
    else
        setCurrentIndex(index);
    const QPoint at = by_key ? viewport()->mapToGlobal(visualRect(index).bottomLeft()) : event->globalPos();
    Q_EMIT menuWanted(index, at);
    event->accept();
}

void ObjectTree::setHovered(const QModelIndex &index)
{
    if (index == hovered_)
        return;
    hovered_ = index;
    viewport()->update();
}

bool ObjectTree::viewportEvent(QEvent *event)
{
    switch (event->type()) {
    case QEvent::HoverEnter:
    case QEvent::HoverMove: setHovered(indexAt(static_cast<QHoverEvent *>(event)->position().toPoint())); break;
    case QEvent::HoverLeave:
    case QEvent::Leave: setHovered({}); break;
    default: break;
    }
    return QTreeView::viewportEvent(event);
}

} // namespace howdah::ui
