// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_canvas.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QApplication>
#include <QBuffer>
#include <QHelpEvent>
#include <QImage>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QSvgGenerator>
#include <QToolTip>
#include <QWheelEvent>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/node_chart.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_minimap.h"

namespace howdah::ui {

namespace {

using plan::NodeId;

constexpr qreal margin = 24;
constexpr qreal smallest = 0.02;
constexpr qreal largest = 2.5;
constexpr qreal readable = 0.62; ///< the smallest zoom a plan is opened with

} // namespace

PlanCanvas::PlanCanvas(QWidget *parent) : QAbstractScrollArea(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("Plan tree"));
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    minimap_ = new PlanMinimap(this);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, viewport(), qOverload<>(&QWidget::update));
}

void PlanCanvas::setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index)
{
    selected_.reset();
    found_.clear();
    searching_ = false;
    painter_.reset();
    state_ = {};
    if (document != nullptr && index < document->plans.size()) {
        painter_ = std::make_unique<PlanPainter>(std::move(document), index);
        painter_->setColourBy(colour_by_);
        const std::size_t count = painter_->plan().nodes.size();
        sizes_.heights.clear();
        for (std::size_t i = 0; i < count; ++i)
            sizes_.heights.push_back(painter_->cardHeight(static_cast<NodeId>(i)));
        state_.collapsed.assign(count, false);
        state_.unfolded.assign(count, false);
    }
    view_is_untouched_ = true;
    relayout();
    resetView();
}

void PlanCanvas::setColourBy(ColourBy colour_by)
{
    colour_by_ = colour_by;
    if (painter_ != nullptr)
        painter_->setColourBy(colour_by);
    minimap_->renew();
    viewport()->update();
}

void PlanCanvas::relayout()
{
    layout_ = painter_ == nullptr ? TreeLayout() : layoutTree(painter_->plan(), painter_->metrics(), state_, sizes_);
    updateScrollBars();
    minimap_->renew();
    viewport()->update();
}

void PlanCanvas::scrollContentsBy(int, int)
{
    minimap_->follow();
    viewport()->update();
}

QRectF PlanCanvas::visibleTree() const
{
    return {toTree({0, 0}), QSizeF(viewport()->size()) / zoom_};
}

void PlanCanvas::centerOnPoint(const QPointF &tree)
{
    view_is_untouched_ = false;
    centerOn(QRectF(tree, QSizeF()));
}

Tone PlanCanvas::toneOf(const LayoutItem &item) const
{
    return painter_ == nullptr ? Tone::Neutral : painter_->tone(item.folded.empty() ? item.node : item.folded.front());
}

void PlanCanvas::updateScrollBars()
{
    const QSizeF size = layout_.size * zoom_ + QSizeF(2 * margin, 2 * margin);
    const QSize view = viewport()->size();
    horizontalScrollBar()->setPageStep(view.width());
    verticalScrollBar()->setPageStep(view.height());
    horizontalScrollBar()->setSingleStep(40);
    verticalScrollBar()->setSingleStep(40);
    horizontalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(size.width())) - view.width()));
    verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(size.height())) - view.height()));
}

QPointF PlanCanvas::origin() const
{
    const qreal width = layout_.size.width() * zoom_ + 2 * margin;
    // What is narrower than the view stands in its middle.
    const qreal left = std::max(0.0, (viewport()->width() - width) / 2);
    return {left + margin - horizontalScrollBar()->value(), margin - verticalScrollBar()->value()};
}

QPointF PlanCanvas::toTree(const QPointF &viewport_point) const
{
    return (viewport_point - origin()) / zoom_;
}

QRectF PlanCanvas::cardInView(NodeId id) const
{
    if (id >= layout_.item_of.size() || layout_.item_of[id] == LayoutItem::no_item)
        return {};
    const QRectF rect = layout_.items[layout_.item_of[id]].rect;
    return {origin() + rect.topLeft() * zoom_, rect.size() * zoom_};
}

void PlanCanvas::setZoom(qreal zoom, std::optional<QPointF> around)
{
    zoom = std::clamp(zoom, smallest, largest);
    const QPointF center = around.value_or(QPointF(viewport()->rect().center()));
    const QPointF kept = toTree(center);
    zoom_ = zoom;
    updateScrollBars();
    const QPointF now = origin() + kept * zoom_;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(now.x() - center.x()));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(now.y() - center.y()));
    view_is_untouched_ = false;
    minimap_->follow();
    viewport()->update();
    Q_EMIT zoomChanged(zoom_);
}

void PlanCanvas::fit()
{
    if (layout_.items.empty())
        return;
    const qreal across = (viewport()->width() - 2 * margin) / layout_.size.width();
    const qreal down = (viewport()->height() - 2 * margin) / layout_.size.height();
    setZoom(std::min({across, down, 1.0}));
}

void PlanCanvas::resetView()
{
    if (layout_.items.empty())
        return;
    const qreal across = (viewport()->width() - 2 * margin) / layout_.size.width();
    const qreal down = (viewport()->height() - 2 * margin) / layout_.size.height();
    const qreal whole = std::min(across, down);
    setZoom(whole >= readable ? std::min(whole, 1.0) : std::clamp(across, readable, 1.0));
    verticalScrollBar()->setValue(0);
    const qreal root = layout_.items.front().rect.center().x() * zoom_ + margin;
    horizontalScrollBar()->setValue(qRound(root - viewport()->width() / 2.0));
    view_is_untouched_ = true;
}

void PlanCanvas::centerOn(const QRectF &rect)
{
    const QPointF at = origin() + rect.center() * zoom_;
    const QPointF middle(viewport()->rect().center());
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(at.x() - middle.x()));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(at.y() - middle.y()));
}

void PlanCanvas::ensureVisible(const QRectF &rect)
{
    const QRectF shown = QRectF(origin() + rect.topLeft() * zoom_, rect.size() * zoom_).adjusted(-16, -16, 16, 16);
    const QRectF view(viewport()->rect());
    qreal across = 0;
    qreal down = 0;
    if (shown.left() < view.left())
        across = shown.left() - view.left();
    else if (shown.right() > view.right())
        across = std::min(shown.right() - view.right(), shown.left() - view.left());
    if (shown.top() < view.top())
        down = shown.top() - view.top();
    else if (shown.bottom() > view.bottom())
        down = std::min(shown.bottom() - view.bottom(), shown.top() - view.top());
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(across));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(down));
}

void PlanCanvas::setSelected(NodeId id)
{
    const bool changed = selected_ != id;
    selected_ = id;
    setAccessibleDescription(NodeText::summary(painter_->plan(), painter_->metrics(), id));
    viewport()->update();
    if (changed)
        Q_EMIT selectionChanged(id);
}

void PlanCanvas::select(NodeId id, bool center)
{
    if (painter_ == nullptr || id >= painter_->plan().nodes.size())
        return;
    bool changed = false;
    const auto &nodes = painter_->plan().nodes;
    for (NodeId at = nodes[id].parent; at != plan::no_node; at = nodes[at].parent) {
        changed = changed || state_.collapsed[at];
        state_.collapsed[at] = false;
    }
    if (changed)
        relayout();
    while (layout_.item_of[id] == LayoutItem::no_item) {
        // Folded, it or one of its ancestors: the topmost first.
        NodeId folded = id;
        while (nodes[folded].parent != plan::no_node && layout_.item_of[nodes[folded].parent] == LayoutItem::no_item)
            folded = nodes[folded].parent;
        state_.unfolded[nodes[folded].parent] = true;
        relayout();
    }
    setSelected(id);
    view_is_untouched_ = false;
    const QRectF rect = layout_.items[layout_.item_of[id]].rect;
    if (center)
        centerOn(rect);
    else
        ensureVisible(rect);
}

void PlanCanvas::setFound(std::vector<NodeId> found)
{
    searching_ = !found.empty();
    found_.assign(painter_ == nullptr ? 0 : painter_->plan().nodes.size(), false);
    for (const NodeId id : found)
        found_[id] = true;
    viewport()->update();
}

void PlanCanvas::toggleCollapsed(NodeId id)
{
    if (painter_ == nullptr || painter_->plan().nodes[id].children.empty())
        return;
    const QRectF before = cardInView(id);
    state_.collapsed[id] = !state_.collapsed[id];
    relayout();
    // The card stays under the pointer.
    const QRectF after = cardInView(id);
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(after.left() - before.left()));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(after.top() - before.top()));
    view_is_untouched_ = false;
}

void PlanCanvas::unfold(NodeId parent)
{
    const QRectF before = cardInView(parent);
    state_.unfolded[parent] = true;
    relayout();
    const QRectF after = cardInView(parent);
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(after.left() - before.left()));
    view_is_untouched_ = false;
}

void PlanCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), colors().window);
    if (painter_ == nullptr || layout_.items.empty())
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(origin());
    painter.scale(zoom_, zoom_);
    const QRectF seen(toTree({0, 0}), QSizeF(viewport()->size()) / zoom_);
    const QRectF near = seen.adjusted(-12, -24, 12, 24);

    const std::size_t first = layout_.levelAt(near.top());
    const std::size_t last = std::min(layout_.levelAt(near.bottom()) + 1, layout_.levels.size() - 1);
    std::vector<std::size_t> cards;
    std::vector<std::size_t> highlighted;
    for (std::size_t at = first; at <= last; ++at) {
        for (const std::size_t index : layout_.levels[at]) {
            const LayoutItem &item = layout_.items[index];
            if (item.rect.intersects(near))
                cards.push_back(index);
            if (item.parent == LayoutItem::no_item)
                continue;
            const LayoutItem &parent = layout_.items[item.parent];
            if (parent.children.size() > PlanPainter::most_curves) {
                const QRectF first_child = layout_.items[parent.children.front()].rect;
                const QRectF last_child = layout_.items[parent.children.back()].rect;
                if (index == parent.children.front())
                    painter_->paintTrunk(painter, parent, std::max(first_child.center().x(), near.left()),
                                         std::min(last_child.center().x(), near.right()), item.rect.top(), zoom_);
                if (item.rect.center().x() >= near.left() && item.rect.center().x() <= near.right())
                    painter_->paintDrop(painter, item, parent.rect.bottom(), selected_ && *selected_ == item.node, zoom_);
                continue;
            }
            const qreal left = std::min(item.rect.center().x(), parent.rect.center().x());
            const qreal right = std::max(item.rect.center().x(), parent.rect.center().x());
            if (right < near.left() || left > near.right())
                continue;
            if (selected_ && item.folded.empty() && (item.node == *selected_ || parent.node == *selected_))
                highlighted.push_back(index);
            else
                painter_->paintConnector(painter, parent, item, false, zoom_);
        }
    }
    for (const std::size_t index : highlighted)
        painter_->paintConnector(painter, layout_.items[layout_.items[index].parent], layout_.items[index], true, zoom_);
    for (const std::size_t index : cards) {
        const LayoutItem &item = layout_.items[index];
        PlanPainter::CardState state;
        state.selected = item.folded.empty() && selected_ == item.node;
        state.focused = hasFocus();
        state.found = searching_ && item.folded.empty() && found_[item.node];
        state.dimmed = searching_ && !state.found && !state.selected;
        painter_->paintCard(painter, item, state, zoom_);
    }
}

void PlanCanvas::resizeEvent(QResizeEvent *)
{
    if (view_is_untouched_)
        resetView();
    else
        updateScrollBars();
    minimap_->follow();
}

void PlanCanvas::wheelEvent(QWheelEvent *event)
{
    const QPoint delta = event->pixelDelta().isNull() ? event->angleDelta() / 2 : event->pixelDelta();
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        setZoom(zoom_ * std::pow(1.0025, event->angleDelta().y()), event->position());
    } else if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - delta.y() - delta.x());
    } else {
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - delta.x());
        verticalScrollBar()->setValue(verticalScrollBar()->value() - delta.y());
    }
    view_is_untouched_ = false;
    event->accept();
}

std::size_t PlanCanvas::itemAt(const QPointF &tree) const
{
    if (layout_.levels.empty())
        return LayoutItem::no_item;
    for (const std::size_t index : layout_.levels[layout_.levelAt(tree.y())]) {
        const LayoutItem &item = layout_.items[index];
        const bool toggle = item.folded.empty() && PlanPainter::toggleRect(item).contains(tree);
        if (item.rect.contains(tree) || toggle)
            return index;
    }
    return LayoutItem::no_item;
}

void PlanCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return;
    pressed_at_ = event->pos();
    scroll_at_press_ = {horizontalScrollBar()->value(), verticalScrollBar()->value()};
    panning_ = false;
}

void PlanCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (!pressed_at_) {
        const std::size_t at = itemAt(toTree(event->position()));
        viewport()->setCursor(at == LayoutItem::no_item ? Qt::ArrowCursor : Qt::PointingHandCursor);
        return;
    }
    const QPoint moved = event->pos() - *pressed_at_;
    if (!panning_ && moved.manhattanLength() < QApplication::startDragDistance())
        return;
    panning_ = true;
    view_is_untouched_ = false;
    viewport()->setCursor(Qt::ClosedHandCursor);
    horizontalScrollBar()->setValue(scroll_at_press_.x() - moved.x());
    verticalScrollBar()->setValue(scroll_at_press_.y() - moved.y());
}

void PlanCanvas::press(std::size_t index)
{
    const LayoutItem &item = layout_.items[index];
    if (!item.folded.empty())
        unfold(item.node);
    else
        select(item.node);
}

void PlanCanvas::mouseReleaseEvent(QMouseEvent *event)
{
    const bool clicked = pressed_at_ && !panning_ && event->button() == Qt::LeftButton;
    pressed_at_.reset();
    panning_ = false;
    viewport()->unsetCursor();
    if (!clicked)
        return;
    const QPointF at = toTree(event->position());
    const std::size_t index = itemAt(at);
    if (index == LayoutItem::no_item)
        return;
    const LayoutItem &item = layout_.items[index];
    if (item.folded.empty() && PlanPainter::toggleRect(item).contains(at) && !painter_->plan().nodes[item.node].children.empty())
        toggleCollapsed(item.node);
    else
        press(index);
}

void PlanCanvas::mouseDoubleClickEvent(QMouseEvent *event)
{
    const std::size_t index = itemAt(toTree(event->position()));
    if (index != LayoutItem::no_item && layout_.items[index].folded.empty())
        toggleCollapsed(layout_.items[index].node);
}

void PlanCanvas::step(int key)
{
    if (layout_.items.empty())
        return;
    std::size_t at = selected_ ? layout_.item_of[*selected_] : LayoutItem::no_item;
    if (at == LayoutItem::no_item) {
        press(0);
        return;
    }
    const LayoutItem &item = layout_.items[at];
    if (key == Qt::Key_Up) {
        at = item.parent == LayoutItem::no_item ? at : item.parent;
    } else if (key == Qt::Key_Down) {
        double most = -1;
        for (const std::size_t child : item.children) {
            const LayoutItem &below = layout_.items[child];
            const plan::NodeMetrics &m = painter_->metrics().nodes[below.node];
            const double cost = m.inclusive_ms ? *m.inclusive_ms : painter_->plan().nodes[below.node].total_cost.value_or(0);
            if (below.folded.empty() && cost > most) {
                most = cost;
                at = child;
            }
        }
    } else {
        const std::vector<std::size_t> &row = layout_.levels[item.level];
        auto found = std::find(row.begin(), row.end(), at);
        const std::ptrdiff_t way = key == Qt::Key_Right ? 1 : -1;
        while (found - row.begin() + way >= 0 && found - row.begin() + way < static_cast<std::ptrdiff_t>(row.size())) {
            found += way;
            if (layout_.items[*found].folded.empty()) {
                at = *found;
                break;
            }
        }
    }
    press(at);
}

void PlanCanvas::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right: step(event->key()); return;
    case Qt::Key_Home:
        if (!layout_.items.empty())
            press(0);
        return;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (selected_)
            toggleCollapsed(*selected_);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: setZoom(zoom_ * 1.2); return;
    case Qt::Key_Minus: setZoom(zoom_ / 1.2); return;
    case Qt::Key_0: setZoom(1); return;
    case Qt::Key_F:
        if (event->modifiers() == Qt::NoModifier) {
            fit();
            return;
        }
        break;
    default: break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

bool PlanCanvas::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    auto *help = static_cast<QHelpEvent *>(event);
    const std::size_t index = itemAt(toTree(help->pos()));
    if (index == LayoutItem::no_item || !layout_.items[index].folded.empty()) {
        QToolTip::hideText();
        return true;
    }
    QToolTip::showText(help->globalPos(), nodeToolTip(painter_->plan(), painter_->metrics(), layout_.items[index].node),
                       viewport());
    return true;
}

QImage PlanCanvas::picture(qreal scale) const
{
    const QSize size = (layout_.size * scale + QSizeF(2 * margin, 2 * margin)).toSize();
    constexpr int widest = 30'000; // QImage and the programs that open pictures stop at about 32,767
    if (painter_ == nullptr || layout_.items.empty() || size.width() > widest || size.height() > widest)
        return {};
    QImage image(size, QImage::Format_RGB32);
    image.fill(colors().window);
    QPainter painter(&image);
    painter.translate(margin, margin);
    painter.scale(scale, scale);
    painter_->paintAll(painter, layout_);
    return image;
}

QByteArray PlanCanvas::svg() const
{
    QByteArray document;
    if (painter_ == nullptr || layout_.items.empty())
        return document;
    const QRectF view(QPointF(), layout_.size + QSizeF(2 * margin, 2 * margin));
    QBuffer buffer(&document);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(view.size().toSize());
    generator.setViewBox(view);
    generator.setTitle(tr("Plan"));
    QPainter painter(&generator);
    painter.fillRect(view, colors().window);
    painter.translate(margin, margin);
    painter_->paintAll(painter, layout_);
    painter.end();
    // Whoever opens it may have other fonts; without a kind to fall back to, browsers take one with serifs.
    const auto fall_back = [&document](const QFont &font, const char *kind) {
        const QByteArray family = font.family().toHtmlEscaped().toUtf8();
        document.replace("font-family=\"" + family + "\"", "font-family=\"" + family + ", " + kind + "\"");
    };
    fall_back(textFont(), "system-ui, sans-serif");
    fall_back(monoFont(), "ui-monospace, monospace");
    return document;
}

} // namespace howdah::ui
