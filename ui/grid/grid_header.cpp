// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_header.h"

#include <algorithm>

#include <QAbstractItemView>
#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_model.h"

namespace howdah::ui {

namespace {

constexpr int arrow_size = 12;
constexpr int fewest_digits = 3;

void paintArrow(QPainter &painter, const QRect &place, bool down)
{
    const QRectF box = QRectF(place).adjusted(2, 3, -2, -3);
    const QPointF tip(box.center().x(), down ? box.bottom() : box.top());
    const qreal base = down ? box.top() : box.bottom();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().accent_ink);
    painter.drawPolygon(QPolygonF({tip, {box.right(), base}, {box.left(), base}}));
    painter.setRenderHint(QPainter::Antialiasing, false);
}

QFont smaller(QFont font, int pixels)
{
    font.setPixelSize(font.pixelSize() - pixels);
    return font;
}

} // namespace

GridHeader::GridHeader(Qt::Orientation orientation, const GridModel *model, QWidget *parent)
    : QHeaderView(orientation, parent), model_(model),
      name_font_(orientation == Qt::Horizontal ? captionFont() : smaller(monoFont(), 1)), type_font_(smaller(textFont(), 2))
{
    setHighlightSections(false);
    setSectionsClickable(true);
    setResizeContentsPrecision(0);
    if (orientation == Qt::Vertical) {
        setSectionResizeMode(QHeaderView::Fixed);
        return;
    }
    setSectionsMovable(true);
    setStretchLastSection(false);
    setMouseTracking(true);
    setContextMenuPolicy(Qt::DefaultContextMenu);
    setAccessibleName(tr("Columns"));
}

void GridHeader::setSortObstacle(const QString &reason)
{
    sort_obstacle_ = reason;
}

int GridHeader::headWidth(int column) const
{
    const int name = QFontMetrics(name_font_).horizontalAdvance(lineText(model_->column(column).name, 64));
    const int type = QFontMetrics(type_font_).horizontalAdvance(QString::fromStdString(result::shownType(model_->column(column))));
    return std::max(name + arrow_size + spacing::unit, type) + 2 * spacing::control + 1;
}

QSize GridHeader::sizeHint() const
{
    if (orientation() == Qt::Horizontal) {
        const int height = QFontMetrics(name_font_).height() + QFontMetrics(type_font_).height() + spacing::control;
        return {QHeaderView::sizeHint().width(), height};
    }
    const QString widest = QString::fromStdString(human::count(std::max<qint64>(model_->rows().source ? model_->rows().source->rowCount() : 0, 1)));
    QString digits(std::max<qsizetype>(widest.size(), fewest_digits), QLatin1Char('0'));
    return {QFontMetrics(name_font_).horizontalAdvance(digits) + 2 * spacing::control, QHeaderView::sizeHint().height()};
}

QSize GridHeader::sectionSizeFromContents(int section) const
{
    if (orientation() == Qt::Vertical)
        return {0, defaultSectionSize()};
    return {section < model_->columnCount() ? headWidth(section) : defaultSectionSize(), 0};
}

bool GridHeader::isCurrent(int section) const
{
    const auto *view = qobject_cast<const QAbstractItemView *>(parentWidget());
    const QModelIndex current = view != nullptr ? view->currentIndex() : QModelIndex();
    return current.isValid() && (orientation() == Qt::Horizontal ? current.column() : current.row()) == section;
}

void GridHeader::paintSection(QPainter *painter, const QRect &rect, int section) const
{
    if (!rect.isValid())
        return;
    const Colors &c = colors();
    painter->save();
    painter->fillRect(rect, isCurrent(section) ? c.hover : c.panel2);
    painter->setPen(c.line);
    painter->drawLine(rect.topRight(), rect.bottomRight());
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    if (orientation() == Qt::Horizontal)
        paintColumn(*painter, rect, section);
    else
        paintRow(*painter, rect, section);
    painter->restore();
}

void GridHeader::paintColumn(QPainter &painter, const QRect &rect, int column) const
{
    const Colors &c = colors();
    const auto key = model_->sortKey();
    const bool sorted = key && key->column == static_cast<std::size_t>(column);
    QRect inner = rect.adjusted(spacing::control, spacing::unit - 1, -spacing::control, -spacing::unit);
    const bool right = result::isNumber(model_->kind(column));
    const Qt::Alignment side = right ? Qt::AlignRight : Qt::AlignLeft;
    painter.setClipRect(rect);

    QRect names = inner;
    if (sorted) {
        const QRect place(right ? inner.left() : inner.right() - arrow_size + 1, inner.top() + 2, arrow_size, arrow_size);
        paintArrow(painter, place, key->descending);
        names.adjust(right ? arrow_size + 2 : 0, 0, right ? 0 : -arrow_size - 2, 0);
    }
    const QFontMetrics name_metrics(name_font_);
    const std::string &raw = model_->column(column).name;
    painter.setFont(name_font_);
    painter.setPen(sorted ? c.accent_ink : raw.empty() ? c.dim : c.text);
    const QString name = raw.empty() ? tr("(no name)") : lineText(raw);
    painter.drawText(names, static_cast<int>(side | Qt::AlignTop) | Qt::TextSingleLine,
                     name_metrics.elidedText(name, Qt::ElideRight, names.width()));

    const QString type = QString::fromStdString(result::shownType(model_->column(column)));
    if (type.isEmpty())
        return;
    painter.setFont(type_font_);
    painter.setPen(c.dim);
    painter.drawText(inner, static_cast<int>(side | Qt::AlignBottom) | Qt::TextSingleLine,
                     QFontMetrics(type_font_).elidedText(type, Qt::ElideRight, inner.width()));
}

void GridHeader::paintRow(QPainter &painter, const QRect &rect, int row) const
{
    const Colors &c = colors();
    painter.setFont(name_font_);
    painter.setPen(isCurrent(row) ? c.text : c.dim);
    painter.drawText(rect.adjusted(0, 0, -spacing::control, 0), static_cast<int>(Qt::AlignRight | Qt::AlignVCenter) | Qt::TextSingleLine,
                     QString::fromStdString(human::count(model_->sourceRow(row) + 1)));
}

void GridHeader::mousePressEvent(QMouseEvent *event)
{
    QHeaderView::mousePressEvent(event);
    pressed_ = -1;
    if (orientation() == Qt::Vertical || event->button() != Qt::LeftButton)
        return;
    // Over a divider the cursor has changed: the press begins a resize.
    if (viewport()->cursor().shape() == Qt::SplitHCursor || cursor().shape() == Qt::SplitHCursor)
        return;
    pressed_ = logicalIndexAt(event->position().toPoint());
    pressed_visual_ = visualIndex(pressed_);
    pressed_position_ = event->position().toPoint().x();
}

void GridHeader::mouseReleaseEvent(QMouseEvent *event)
{
    QHeaderView::mouseReleaseEvent(event);
    const int column = std::exchange(pressed_, -1);
    const int x = event->position().toPoint().x();
    const bool moved = std::abs(x - pressed_position_) >= QApplication::startDragDistance() || column < 0
        || visualIndex(column) != pressed_visual_;
    if (moved || logicalIndexAt(event->position().toPoint()) != column)
        return;
    const auto keys = event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier);
    if (keys != Qt::NoModifier)
        Q_EMIT selectionRequested(column, keys.testFlag(Qt::ControlModifier));
    else if (sort_obstacle_.isEmpty())
        Q_EMIT sortRequested(column);
    else
        QToolTip::showText(event->globalPosition().toPoint(), sort_obstacle_, this);
}

QString GridHeader::tip(int column) const
{
    const QString name = lineText(model_->column(column).name);
    const QString type = QString::fromStdString(result::shownType(model_->column(column)));
    const QString head = type.isEmpty() ? name : QStringLiteral("%1 · %2").arg(name, type);
    return head + QLatin1Char('\n')
        + (sort_obstacle_.isEmpty() ? tr("Click sorts the rows loaded, Shift+click selects the column, dragging moves it")
                                    : sort_obstacle_);
}

bool GridHeader::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && orientation() == Qt::Horizontal) {
        auto *help = static_cast<QHelpEvent *>(event);
        const int column = logicalIndexAt(help->pos());
        QToolTip::showText(help->globalPos(), column < 0 ? QString() : tip(column), this);
        return true;
    }
    return QHeaderView::viewportEvent(event);
}

void GridHeader::contextMenuEvent(QContextMenuEvent *event)
{
    if (orientation() == Qt::Horizontal)
        Q_EMIT menuRequested(logicalIndexAt(event->pos()), event->globalPos());
    else
        QHeaderView::contextMenuEvent(event);
}

} // namespace howdah::ui
