// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/flame_view.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include "ui/base/contrast.h"
#include "ui/base/palette.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

using plan::NodeId;

constexpr qreal row_height = 26;
constexpr qreal margin = 12;
constexpr qreal narrowest = 1; ///< what is narrower is painted together with its neighbours

} // namespace

FlameView::FlameView(QWidget *parent) : NodeChart(parent)
{
    setAccessibleName(tr("Plan as a flame"));
}

void FlameView::rebuild()
{
    layout_ = source() == nullptr ? FlameLayout() : layoutFlame(source()->plan(), source()->metrics());
    zoomed_ = 0;
    zoomed_before_.clear();
    verticalScrollBar()->setValue(0);
}

void FlameView::updateScrollBars()
{
    const int height = static_cast<int>(static_cast<qreal>(layout_.depth) * row_height + 2 * margin);
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(static_cast<int>(row_height));
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
}

bool FlameView::isAbove(NodeId ancestor, NodeId id) const
{
    const auto &nodes = source()->plan().nodes;
    while (id != plan::no_node && id > ancestor)
        id = nodes[id].parent;
    return id == ancestor;
}

QRectF FlameView::boxOf(NodeId id) const
{
    const FlameBox &box = layout_.boxes[id];
    const qreal space = viewport()->width() - 2 * margin;
    const qreal top = margin + static_cast<qreal>(box.depth) * row_height - verticalScrollBar()->value();
    const FlameBox &zoomed = layout_.boxes[zoomed_];
    if (box.depth < zoomed.depth) // those above what is zoomed to stay over it, whole
        return isAbove(id, zoomed_) ? QRectF(margin, top, space, row_height) : QRectF();
    if (zoomed.width <= 0)
        return id == zoomed_ ? QRectF(margin, top, space, row_height) : QRectF();
    return {margin + (box.left - zoomed.left) / zoomed.width * space, top, box.width / zoomed.width * space, row_height};
}

QRectF FlameView::nodeInView(NodeId id) const
{
    if (source() == nullptr || id >= layout_.boxes.size())
        return {};
    return boxOf(id).intersected(QRectF(viewport()->rect()));
}

std::optional<NodeId> FlameView::nodeAt(const QPointF &at) const
{
    if (source() == nullptr || layout_.boxes.empty())
        return {};
    NodeId id = 0;
    while (true) {
        const QRectF box = boxOf(id);
        if (box.contains(at))
            return id;
        const auto &children = source()->plan().nodes[id].children;
        const auto below = std::find_if(children.begin(), children.end(), [&](NodeId child) {
            const QRectF each = boxOf(child);
            return each.width() > 0 && at.x() >= each.left() && at.x() < each.right();
        });
        if (at.y() < box.bottom() || below == children.end())
            return {};
        id = *below;
    }
}

void FlameView::paintBox(QPainter &painter, NodeId id, const QRectF &whole) const
{
    const Colors &c = colors();
    const QRectF box = whole.adjusted(0, 0, whole.width() > 3 ? -1 : 0, -1);
    const plan::Node &node = source()->plan().nodes[id];
    const QColor ground = scaleGround(source()->tone(id));
    painter.setOpacity(steppedBack(id) || layout_.boxes[id].depth < layout_.boxes[zoomed_].depth ? 0.4 : 1);
    const qreal radius = whole.width() > 8 ? 3 : 0;
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    if (radius > 0)
        painter.drawRoundedRect(box, radius, radius);
    else
        painter.fillRect(box, ground);
    const QRectF seen = box.intersected(QRectF(viewport()->rect()));
    const qreal room = seen.width() - 12;
    if (room > 24) {
        QFont font = textFont();
        font.setPixelSize(font.pixelSize() - 1);
        painter.setFont(font);
        painter.setPen(contrastRatio(c.text, ground) >= 4.5 ? c.text : readableOn(ground));
        QString figure;
        if (layout_.measure == FlameMeasure::Time)
            figure = NodeText::duration(layout_.whole[id]);
        else if (layout_.measure == FlameMeasure::Cost)
            figure = NodeText::count(std::round(layout_.whole[id]));
        const QFontMetrics metrics = painter.fontMetrics();
        const qreal figure_width = metrics.horizontalAdvance(figure);
        const QString name = NodeText::name(node);
        const bool both = !figure.isEmpty() && room > figure_width + 90;
        const QRectF text = seen.adjusted(6, 0, -6 - (both ? figure_width + 8 : 0), 0);
        const QString fits = metrics.elidedText(name, Qt::ElideRight, static_cast<int>(text.width()));
        if (fits.size() > 2 || fits == name)
            painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, fits);
        if (both)
            painter.drawText(seen.adjusted(6, 0, -6, 0), Qt::AlignRight | Qt::AlignVCenter, figure);
    }
    painter.setOpacity(1);
    if (selected() == id) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(c.text, hasFocus() ? 2.5 : 2));
        const QRectF ring = box.width() < 4 ? box.adjusted(-1, 0, 2, 0) : box.adjusted(1, 1, -1, -1);
        painter.drawRoundedRect(ring, radius, radius);
    }
}

/// Many nodes, each narrower than a pixel.
void FlameView::paintNarrow(QPainter &painter, const QRectF &box) const
{
    painter.fillRect(box.adjusted(0, 0, 0, -1), QBrush(colors().dim, Qt::Dense5Pattern));
}

void FlameView::paintChildren(QPainter &painter, NodeId id, std::vector<NodeId> &open)
{
    QRectF narrow;
    const auto flush = [&] {
        if (narrow.width() >= narrowest)
            paintNarrow(painter, narrow);
        narrow = {};
    };
    for (const NodeId child : source()->plan().nodes[id].children) {
        if (layout_.boxes[child].depth <= layout_.boxes[zoomed_].depth && !isAbove(child, zoomed_))
            continue;
        const QRectF box = boxOf(child);
        if (box.width() <= 0 || box.right() < 0 || box.left() > viewport()->width())
            continue;
        if (box.width() < narrowest) {
            narrow = narrow.isNull() ? box : QRectF(narrow.topLeft(), box.bottomRight());
            if (selected() == child)
                paintBox(painter, child, box);
            continue;
        }
        flush();
        if (box.bottom() >= 0) {
            paintBox(painter, child, box);
            ++painted_;
        }
        if (box.bottom() < viewport()->height())
            open.push_back(child);
    }
    flush();
}

void FlameView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), colors().window);
    painted_ = 0;
    if (source() == nullptr || layout_.boxes.empty())
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    std::vector<NodeId> open{0};
    paintBox(painter, 0, boxOf(0));
    ++painted_;
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        paintChildren(painter, id, open);
    }
}

void FlameView::zoomTo(NodeId id)
{
    if (source() == nullptr || id >= layout_.boxes.size() || id == zoomed_ || layout_.boxes[id].width <= 0)
        return;
    zoomed_before_.push_back(zoomed_);
    zoomed_ = id;
    reveal(id);
    viewport()->update();
}

void FlameView::zoomOut()
{
    if (zoomed_before_.empty())
        return;
    zoomed_ = zoomed_before_.back();
    zoomed_before_.pop_back();
    viewport()->update();
}

void FlameView::reveal(NodeId id)
{
    // What is beside the zoomed part can only be seen from further away.
    while (!isAbove(zoomed_, id) && !isAbove(id, zoomed_) && !zoomed_before_.empty())
        zoomOut();
    if (!isAbove(zoomed_, id) && !isAbove(id, zoomed_))
        zoomed_ = 0;
    const QRectF box = boxOf(id);
    QScrollBar *bar = verticalScrollBar();
    if (box.top() < 0)
        bar->setValue(bar->value() + static_cast<int>(box.top() - margin));
    else if (box.bottom() > viewport()->height())
        bar->setValue(bar->value() + static_cast<int>(box.bottom() - viewport()->height() + margin));
}

void FlameView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const auto id = nodeAt(event->position())) {
        if (*id == zoomed_)
            zoomOut();
        else
            zoomTo(*id);
    }
}

void FlameView::step(int key)
{
    const auto &nodes = source()->plan().nodes;
    const NodeId at = selected().value_or(0);
    const auto wide = [this](NodeId id) { return layout_.boxes[id].width; };
    if (key == Qt::Key_Up) {
        if (nodes[at].parent != plan::no_node)
            choose(nodes[at].parent);
    } else if (key == Qt::Key_Down) {
        const auto &below = nodes[at].children;
        const auto widest = std::max_element(below.begin(), below.end(), [&](NodeId a, NodeId b) { return wide(a) < wide(b); });
        if (widest != below.end())
            choose(*widest);
    } else if (nodes[at].parent != plan::no_node) {
        const auto &beside = nodes[nodes[at].parent].children;
        const auto found = std::find(beside.begin(), beside.end(), at);
        if (key == Qt::Key_Right && found + 1 != beside.end())
            choose(*(found + 1));
        else if (key == Qt::Key_Left && found != beside.begin())
            choose(*(found - 1));
    }
}

/// Esc belongs to the zoom while there is any; else to whoever is around.
bool FlameView::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape
        && !zoomed_before_.empty())
        event->accept();
    return NodeChart::event(event);
}

void FlameView::keyPressEvent(QKeyEvent *event)
{
    if (source() == nullptr || layout_.boxes.empty())
        return;
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right: step(event->key()); return;
    case Qt::Key_Home: choose(0); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Plus: zoomTo(selected().value_or(0)); return;
    case Qt::Key_Escape:
        if (zoomed_before_.empty())
            break;
        zoomOut();
        return;
    case Qt::Key_Backspace:
    case Qt::Key_Minus: zoomOut(); return;
    default: break;
    }
    NodeChart::keyPressEvent(event);
}

} // namespace howdah::ui
