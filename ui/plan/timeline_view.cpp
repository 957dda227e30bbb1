// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/timeline_view.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include "ui/base/palette.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

using plan::NodeId;

constexpr qreal row_height = 24;
constexpr qreal lane_height = 13;
constexpr qreal axis_height = 24;
constexpr qreal right_margin = 28;

/// 1, 2 or 5 times a power of ten, so that about as many steps fit as are asked for.
double tickStep(double whole, double wanted)
{
    const double rough = whole / std::max(1.0, wanted);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= rough)
            return power * factor;
    }
    return power * 10;
}

QFont smallFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    return font;
}

} // namespace

TimelineView::TimelineView(QWidget *parent) : NodeChart(parent)
{
    setAccessibleName(tr("Plan as a timeline"));
}

void TimelineView::rebuild()
{
    spans_.clear();
    depths_.clear();
    tops_.clear();
    timed_ = false;
    verticalScrollBar()->setValue(0);
    if (source() == nullptr)
        return;
    spans_ = timeSpans(source()->plan(), source()->metrics());
    fitted_to_ = -1;
    whole_ms_ = source()->metrics().execution_ms.value_or(0);
    qreal y = 0;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        const NodeId parent = source()->plan().nodes[i].parent;
        depths_.push_back(parent == plan::no_node ? 0 : depths_[parent] + 1);
        tops_.push_back(y);
        y += row_height + static_cast<qreal>(spans_[i].workers.size()) * lane_height;
        timed_ = timed_ || (spans_[i].known && spans_[i].end > 0);
        whole_ms_ = std::max(whole_ms_, spans_[i].known ? spans_[i].end : 0);
    }
    tops_.push_back(y);
}

void TimelineView::updateScrollBars()
{
    const int height = tops_.empty() ? 0 : static_cast<int>(tops_.back() + axis_height + 8);
    verticalScrollBar()->setPageStep(viewport()->height() - static_cast<int>(axis_height));
    verticalScrollBar()->setSingleStep(static_cast<int>(row_height));
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
}

/// As wide as the captions are, up to a part of the view; deep plans are indented by less before words are cut.
void TimelineView::fitLabels() const
{
    if (fitted_to_ == viewport()->width() || spans_.empty())
        return;
    fitted_to_ = viewport()->width();
    const qreal most = std::clamp(viewport()->width() * 0.42, 120.0, 460.0);
    const QFontMetrics metrics(textFont());
    std::vector<int> widths;
    widths.reserve(spans_.size());
    for (const plan::Node &node : source()->plan().nodes)
        widths.push_back(metrics.horizontalAdvance(NodeText::name(node)));
    for (const qreal step : {12.0, 8.0, 5.0, 3.0}) {
        indent_step_ = step;
        qreal needed = 120;
        for (std::size_t i = 0; i < widths.size(); ++i)
            needed = std::max(needed, spacing::card + static_cast<qreal>(depths_[i]) * step + widths[i] + spacing::control);
        label_width_ = std::min(needed, most);
        if (needed <= most)
            return;
    }
}

qreal TimelineView::labelWidth() const
{
    fitLabels();
    return label_width_;
}

qreal TimelineView::x(double ms) const
{
    const qreal left = labelWidth() + spacing::control;
    return left + (viewport()->width() - right_margin - left) * (whole_ms_ > 0 ? ms / whole_ms_ : 0);
}

qreal TimelineView::top(std::size_t node) const
{
    return axis_height + tops_[node] - verticalScrollBar()->value();
}

std::size_t TimelineView::rowAt(qreal y) const
{
    const qreal at = y - axis_height + verticalScrollBar()->value();
    const auto after = std::upper_bound(tops_.begin(), tops_.end() - 1, at);
    return after == tops_.begin() ? 0 : static_cast<std::size_t>(after - tops_.begin() - 1);
}

std::optional<NodeId> TimelineView::nodeAt(const QPointF &at) const
{
    if (spans_.empty() || at.y() < axis_height || at.y() >= axis_height + tops_.back() - verticalScrollBar()->value())
        return {};
    return static_cast<NodeId>(rowAt(at.y()));
}

QRectF TimelineView::nodeInView(NodeId id) const
{
    if (id >= spans_.size())
        return {};
    return QRectF(0, top(id), viewport()->width(), tops_[id + 1] - tops_[id]).intersected(QRectF(viewport()->rect()));
}

QRectF TimelineView::barInView(NodeId id) const
{
    if (id >= spans_.size() || !spans_[id].known)
        return {};
    const qreal left = x(spans_[id].first);
    return {left, top(id) + 5, std::max(2.0, x(spans_[id].end) - left), row_height - 10};
}

void TimelineView::paintAxis(QPainter &painter) const
{
    const Colors &c = colors();
    painter.fillRect(QRectF(0, 0, viewport()->width(), axis_height - 1), c.panel);
    painter.fillRect(QRectF(0, axis_height - 1, viewport()->width(), 1), c.line);
    painter.setFont(smallFont());
    if (whole_ms_ <= 0)
        return;
    const double step = tickStep(whole_ms_, (x(whole_ms_) - x(0)) / 90);
    for (int i = 0; i * step <= whole_ms_ * 1.0001; ++i) {
        const qreal at = x(i * step);
        painter.fillRect(QRectF(at, axis_height, 1, viewport()->height()), c.line);
        painter.setPen(c.dim);
        painter.drawText(QRectF(at - 45, 0, 90, axis_height - 1), Qt::AlignCenter,
                         i == 0 ? QStringLiteral("0") : NodeText::duration(i * step));
    }
}

void TimelineView::paintRow(QPainter &painter, NodeId id) const
{
    const Colors &c = colors();
    const TimeSpan &span = spans_[id];
    const plan::Node &node = source()->plan().nodes[id];
    const qreal y = top(id);
    if (selected() == id) {
        painter.fillRect(QRectF(0, y, viewport()->width(), tops_[id + 1] - tops_[id]), c.on_tint);
        if (hasFocus())
            painter.fillRect(QRectF(0, y, 3, tops_[id + 1] - tops_[id]), c.accent);
    }
    painter.setOpacity(steppedBack(id) ? 0.4 : 1);
    const qreal indent = std::min(static_cast<qreal>(depths_[id]) * indent_step_, labelWidth() * 0.5);
    painter.setFont(textFont());
    painter.setPen(span.known ? c.text : c.dim);
    const QRectF label(spacing::card + indent, y, labelWidth() - spacing::card - indent, row_height);
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(NodeText::name(node), Qt::ElideRight, static_cast<int>(label.width())));
    painter.setFont(smallFont());
    if (!span.known) {
        painter.drawText(QRectF(labelWidth() + spacing::control, y, 200, row_height), Qt::AlignLeft | Qt::AlignVCenter,
                         node.never_executed ? tr("never executed") : tr("not measured"));
        painter.setOpacity(1);
        return;
    }
    const QColor color = scaleColour(source()->tone(id));
    const QRectF bar = barInView(id);
    painter.setPen(QPen(c.dim, 1.5));
    if (bar.left() - x(span.start) > 1)
        painter.drawLine(QPointF(x(span.start), bar.center().y()), QPointF(bar.left(), bar.center().y()));
    painter.setPen(span.looped ? QPen(color, 1, Qt::DashLine) : Qt::NoPen);
    QColor fill = color;
    if (span.looped) // it worked now and then, so the bar is not solid
        fill.setAlphaF(0.28F);
    painter.setBrush(fill);
    painter.drawRoundedRect(bar, 3, 3);
    QString said = NodeText::duration(span.busy);
    if (span.looped)
        said = tr("%1 in %2 loops").arg(said, NodeText::count(std::round(node.loops.value_or(1))));
    const qreal wide = painter.fontMetrics().horizontalAdvance(said) + 6;
    // Where there is no room beside the bar the figure has a ground of its own: within the bar, or over the line before it.
    const auto onGround = [&](qreal from) {
        const QRectF ground(from, bar.top() + 1, wide + 2, bar.height() - 2);
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.panel);
        painter.drawRoundedRect(ground, 2, 2);
        painter.setPen(c.text);
        painter.drawText(ground, Qt::AlignCenter, said);
    };
    painter.setPen(c.text);
    const bool right = bar.right() + wide < viewport()->width() - 4;
    const bool left = !right && x(span.start) - wide > labelWidth();
    if (right || left)
        painter.drawText(QRectF(right ? bar.right() + 6 : x(span.start) - wide, y, wide, row_height),
                         Qt::AlignLeft | Qt::AlignVCenter, said);
    else if (bar.width() > wide + 8)
        onGround(bar.right() - wide - 5);
    else
        onGround(std::max(labelWidth() + 2, bar.left() - wide - 8));
    painter.setOpacity(1);
}

void TimelineView::paintWorkers(QPainter &painter, NodeId id) const
{
    const Colors &c = colors();
    qreal y = top(id) + row_height - 2;
    painter.setFont(smallFont());
    for (const TimeSpan::Worker &worker : spans_[id].workers) {
        painter.setPen(c.dim);
        painter.drawText(QRectF(0, y, labelWidth(), lane_height), Qt::AlignRight | Qt::AlignVCenter, tr("worker %1").arg(worker.number));
        const qreal left = x(worker.first);
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.series[4]);
        painter.drawRoundedRect(QRectF(left, y + 3, std::max(2.0, x(worker.end) - left), lane_height - 6), 2, 2);
        y += lane_height;
    }
}

void TimelineView::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), c.window);
    if (spans_.empty())
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    if (!timed_) {
        painter.setFont(textFont());
        painter.setPen(c.dim);
        painter.drawText(viewport()->rect().adjusted(40, 0, -40, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("This plan has no times. EXPLAIN (ANALYZE) executes the statement and measures them."));
        return;
    }
    paintAxis(painter);
    painter.setClipRect(QRectF(0, axis_height, viewport()->width(), viewport()->height() - axis_height));
    for (std::size_t i = rowAt(axis_height); i < spans_.size() && top(i) < viewport()->height(); ++i) {
        paintRow(painter, static_cast<NodeId>(i));
        paintWorkers(painter, static_cast<NodeId>(i));
    }
}

void TimelineView::reveal(NodeId id)
{
    QScrollBar *bar = verticalScrollBar();
    const qreal y = top(id);
    if (y < axis_height)
        bar->setValue(bar->value() + static_cast<int>(y - axis_height));
    else if (y + row_height > viewport()->height())
        bar->setValue(bar->value() + static_cast<int>(std::ceil(y + row_height - viewport()->height())));
}

void TimelineView::keyPressEvent(QKeyEvent *event)
{
    if (spans_.empty())
        return;
    const auto at = static_cast<std::ptrdiff_t>(selected().value_or(0));
    const auto last = static_cast<std::ptrdiff_t>(spans_.size()) - 1;
    const auto page = static_cast<std::ptrdiff_t>((viewport()->height() - axis_height) / row_height);
    std::ptrdiff_t to = at;
    switch (event->key()) {
    case Qt::Key_Up: to = at - 1; break;
    case Qt::Key_Down: to = at + 1; break;
    case Qt::Key_PageUp: to = at - page; break;
    case Qt::Key_PageDown: to = at + page; break;
    case Qt::Key_Home: to = 0; break;
    case Qt::Key_End: to = last; break;
    default: NodeChart::keyPressEvent(event); return;
    }
    choose(static_cast<NodeId>(std::clamp<std::ptrdiff_t>(to, 0, last)));
}

} // namespace howdah::ui
