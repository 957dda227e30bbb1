// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_painter.h"

#include <algorithm>
#include <cmath>

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include "ui/base/palette.h"
#include "ui/plan/node_text.h"

namespace howdah::ui {

namespace {

using plan::NodeId;

constexpr qreal words_from = 0.42;  ///< zoom below which only the title is painted
constexpr qreal title_from = 0.22;  ///< zoom below which a card is a coloured box
constexpr qreal thickest = 9;       ///< of connectors
constexpr qreal bar_height = 4;
constexpr qreal toggle_size = 18;
constexpr qreal line_height = 18;
constexpr qreal least_height = 9 + 19 + 22 + 6 + bar_height + 8; ///< title, rows, bar and what is around them

double blocksOf(const plan::NodeMetrics &metrics)
{
    if (!metrics.exclusive_buffers)
        return 0;
    const plan::Buffers &b = *metrics.exclusive_buffers;
    return static_cast<double>(b.shared_hit + b.shared_read + b.local_hit + b.local_read + b.temp_read
                               + b.temp_written);
}

QFont boldFont()
{
    QFont font = textFont();
    font.setWeight(QFont::DemiBold);
    return font;
}

QFont smallFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 1);
    return font;
}

void drawText(QPainter &painter, const QRectF &rect, const QFont &font, const QColor &color, const QString &text,
              Qt::Alignment alignment = Qt::AlignLeft | Qt::AlignVCenter)
{
    painter.setFont(font);
    painter.setPen(color);
    const QString shown = QFontMetricsF(font).elidedText(text, Qt::ElideRight, rect.width());
    painter.drawText(rect, static_cast<int>(alignment), shown);
}

/// A card's frame in the colours of the plan's scale. Without clipping, which pictures in SVG cannot have.
void drawFrame(QPainter &painter, const QRectF &rect, const QColor &edge, bool selected)
{
    constexpr qreal edge_width = 4;
    const Colors &c = colors();
    const QRectF frame = rect.adjusted(0.5, 0.5, -0.5, -0.5);
    const qreal round = spacing::radius;
    painter.setPen(Qt::NoPen);
    painter.setBrush(edge.isValid() ? edge : c.panel);
    painter.drawRoundedRect(frame, round, round);
    if (edge.isValid()) {
        QPainterPath body(QPointF(frame.left() + edge_width, frame.top()));
        body.lineTo(frame.right() - round, frame.top());
        body.arcTo(QRectF(frame.right() - 2 * round, frame.top(), 2 * round, 2 * round), 90, -90);
        body.lineTo(frame.right(), frame.bottom() - round);
        body.arcTo(QRectF(frame.right() - 2 * round, frame.bottom() - 2 * round, 2 * round, 2 * round), 0, -90);
        body.lineTo(frame.left() + edge_width, frame.bottom());
        body.closeSubpath();
        painter.setBrush(c.panel);
        painter.setPen(selected ? Qt::NoPen : QPen(c.line, 1));
        painter.drawPath(body);
    }
    if (selected || !edge.isValid()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(selected ? c.accent : c.line, selected ? 2 : 1));
        painter.drawRoundedRect(frame, round, round);
    }
}

void drawBar(QPainter &painter, const QRectF &rect, double share, const QColor &color)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors().panel2);
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2);
    if (share <= 0)
        return;
    painter.setBrush(color);
    const qreal width = std::max(rect.height(), rect.width() * std::min(1.0, share));
    painter.drawRoundedRect(QRectF(rect.topLeft(), QSizeF(width, rect.height())), rect.height() / 2, rect.height() / 2);
}

/// State is never colour alone: a triangle stands before words that warn.
void drawRemark(QPainter &painter, QRectF rect, const NodeText::Said &said)
{
    const QColor ink = toneInk(said.tone);
    if (said.tone == Tone::Warn || said.tone == Tone::Bad) {
        const QPointF at(rect.left(), rect.center().y());
        QPolygonF triangle{at + QPointF(0, 4.5), at + QPointF(5.5, -5), at + QPointF(11, 4.5)};
        painter.setPen(Qt::NoPen);
        painter.setBrush(ink);
        painter.drawPolygon(triangle);
        rect.setLeft(rect.left() + 16);
    }
    drawText(painter, rect, smallFont(), ink, said.text);
}

} // namespace

PlanPainter::PlanPainter(std::shared_ptr<const PlanDocument> document, std::size_t plan_index)
    : document_(std::move(document)), index_(plan_index)
{
    for (std::size_t i = 0; i < plan().nodes.size(); ++i) {
        most_rows_ = std::max(most_rows_, rowsOf(static_cast<NodeId>(i)));
        most_blocks_ = std::max(most_blocks_, blocksOf(metrics().nodes[i]));
    }
}

void PlanPainter::setColourBy(ColourBy colour_by)
{
    colour_by_ = colour_by;
}

double PlanPainter::rowsOf(NodeId id) const
{
    const plan::NodeMetrics &m = metrics().nodes[id];
    return m.rows_total ? *m.rows_total : m.plan_rows_total.value_or(0);
}

double PlanPainter::share(NodeId id) const
{
    const plan::NodeMetrics &m = metrics().nodes[id];
    switch (colour_by_) {
    case ColourBy::Time: return m.exclusive_ms ? m.time_share : m.cost_share;
    case ColourBy::Rows: return rowsOf(id) / most_rows_;
    case ColourBy::Cost: return m.cost_share;
    case ColourBy::Buffers: return blocksOf(m) / most_blocks_;
    case ColourBy::Estimate:
        return m.estimate_factor ? std::min(1.0, std::abs(std::log10(*m.estimate_factor)) / 3) : 0;
    }
    return 0;
}

Tone PlanPainter::tone(NodeId id) const
{
    if (plan().nodes[id].never_executed)
        return Tone::Neutral;
    return colour_by_ == ColourBy::Estimate ? factorTone(metrics().nodes[id]) : shareTone(share(id));
}

qreal PlanPainter::cardHeight(NodeId id) const
{
    const plan::Node &node = plan().nodes[id];
    qreal height = least_height;
    if (!NodeText::detail(node).isEmpty())
        height += line_height;
    if (!NodeText::remark(plan(), metrics(), id).text.isEmpty())
        height += line_height;
    return height;
}

QRectF PlanPainter::toggleRect(const LayoutItem &item)
{
    const QString hidden = item.hidden == 0 ? QString() : QString::number(item.hidden);
    const qreal width = toggle_size + (hidden.isEmpty() ? 0 : 8 + 7.5 * static_cast<qreal>(hidden.size()));
    return {item.rect.center().x() - width / 2, item.rect.bottom() - toggle_size / 2, width, toggle_size};
}

void PlanPainter::paintCard(QPainter &painter, const LayoutItem &item, CardState state, qreal zoom) const
{
    painter.save();
    if (state.dimmed)
        painter.setOpacity(0.35);
    if (item.folded.empty())
        paintNode(painter, item, state, zoom);
    else
        paintFold(painter, item, state, zoom);
    painter.restore();
}

void PlanPainter::paintNode(QPainter &painter, const LayoutItem &item, const CardState &state, qreal zoom) const
{
    const Colors &c = colors();
    const plan::Node &node = plan().nodes[item.node];
    const plan::NodeMetrics &m = metrics().nodes[item.node];
    const Tone edge = tone(item.node);
    if (zoom < title_from) {
        const bool quiet = edge == Tone::Good || edge == Tone::Neutral;
        painter.fillRect(item.rect, state.selected || state.found ? c.accent : quiet ? c.line : scaleColour(edge));
        if (quiet && !state.selected && !state.found)
            painter.fillRect(QRectF(item.rect.topLeft(), QSizeF(14, item.rect.height())), scaleColour(edge));
        return;
    }
    drawFrame(painter, item.rect, scaleColour(edge), state.selected);
    if (state.found && !state.selected) {
        painter.setPen(QPen(c.accent, 2, Qt::DashLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(item.rect.adjusted(1, 1, -1, -1), spacing::radius, spacing::radius);
    }
    const QRectF inner = item.rect.adjusted(14, 9, -12, -8);
    const QColor ink = node.never_executed ? c.dim : c.text;
    const QString label = QString::fromStdString(node.label());
    if (zoom < words_from) {
        QFont font = boldFont();
        font.setPixelSize(22);
        drawText(painter, QRectF(inner.left(), inner.top(), inner.width(), inner.height() - 14), font, ink, label);
        drawBar(painter, QRectF(inner.left(), inner.bottom() - 10, inner.width(), 10), share(item.node), scaleColour(edge));
        return;
    }

    QString figure;
    if (m.exclusive_ms && !node.never_executed)
        figure = NodeText::duration(*m.exclusive_ms);
    else if (node.total_cost && !node.loops)
        figure = tr("cost %1").arg(NodeText::percent(m.cost_share));
    const qreal figure_width = figure.isEmpty() ? 0 : QFontMetricsF(boldFont()).horizontalAdvance(figure) + 8;
    drawText(painter, QRectF(inner.left(), inner.top(), inner.width() - figure_width, 18), boldFont(), ink, label);
    drawText(painter, QRectF(inner.right() - figure_width, inner.top(), figure_width, 18), boldFont(), c.text, figure,
             Qt::AlignRight | Qt::AlignVCenter);
    qreal row_top = inner.top() + 19;
    if (const QString detail = NodeText::detail(node); !detail.isEmpty()) {
        drawText(painter, QRectF(inner.left(), row_top - 1, inner.width(), 17), monoFont(), c.dim, detail);
        row_top += line_height;
    }
    const NodeText::Said estimate = NodeText::estimate(m);
    const QSize pill = estimate.text.isEmpty() ? QSize(0, 0) : pillSize(estimate.text);
    drawText(painter, QRectF(inner.left(), row_top, inner.width() - pill.width() - 6, 20), smallFont(), c.dim,
             NodeText::rows(node, m));
    if (!estimate.text.isEmpty())
        paintPill(painter, QRect(qRound(inner.right()) - pill.width(), qRound(row_top), pill.width(), 20), estimate.text,
                  estimate.tone);
    const NodeText::Said remark = NodeText::remark(plan(), metrics(), item.node);
    if (!remark.text.isEmpty())
        drawRemark(painter, QRectF(inner.left(), row_top + 20, inner.width(), 16), remark);
    if (!node.never_executed)
        drawBar(painter, QRectF(inner.left(), inner.bottom() - bar_height, inner.width(), bar_height), share(item.node),
                scaleColour(edge));
    if (m.cost_share > 0 && colour_by_ != ColourBy::Cost) { // what the planner expected, under what happened
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.dim);
        painter.setOpacity(painter.opacity() * 0.5);
        painter.drawRect(QRectF(inner.left(), inner.bottom() + 2, std::max(2.0, inner.width() * m.cost_share), 1.5));
        painter.setOpacity(state.dimmed ? 0.35 : 1);
    }
    if (!node.subplan_name.empty())
        drawText(painter, QRectF(item.rect.left() + 4, item.rect.top() - 17, item.rect.width() / 2 - 16, 15), captionFont(),
                 c.dim, NodeText::subplan(node));
    if (!node.children.empty() && !(state.picture && item.hidden == 0)) // nothing to press in a picture
        paintToggle(painter, item);
}

void PlanPainter::paintFold(QPainter &painter, const LayoutItem &item, const CardState &state, qreal zoom) const
{
    const Colors &c = colors();
    double share_sum = 0;
    double ms = 0;
    double rows = 0;
    std::size_t executed = 0;
    NodeId slowest = item.folded.front();
    for (const NodeId id : item.folded) {
        const plan::NodeMetrics &m = metrics().nodes[id];
        share_sum += share(id);
        ms += m.inclusive_ms.value_or(0);
        rows += rowsOf(id);
        executed += plan().nodes[id].never_executed ? 0 : 1;
        if (m.inclusive_ms.value_or(0) > metrics().nodes[slowest].inclusive_ms.value_or(0))
            slowest = id;
    }
    const Tone edge = shareTone(share_sum);
    if (zoom < title_from) {
        painter.fillRect(item.rect, state.selected ? c.accent : c.line);
        return;
    }
    // Sheets behind the card: it stands for many.
    for (const int step : {2, 1})
        drawFrame(painter, item.rect.translated(4.0 * step, 4.0 * step), {}, false);
    drawFrame(painter, item.rect, scaleColour(edge), state.selected);
    const QRectF inner = item.rect.adjusted(14, 9, -12, -8);
    const QString title = tr("%1 more, alike").arg(NodeText::count(static_cast<double>(item.folded.size())));
    if (zoom < words_from) {
        QFont font = boldFont();
        font.setPixelSize(22);
        drawText(painter, inner, font, c.text, title);
        return;
    }
    const bool timed = metrics().nodes[slowest].inclusive_ms.has_value();
    const QString figure = timed ? NodeText::duration(ms) : QString();
    const qreal figure_width = figure.isEmpty() ? 0 : QFontMetricsF(boldFont()).horizontalAdvance(figure) + 8;
    drawText(painter, QRectF(inner.left(), inner.top(), inner.width() - figure_width, 18), boldFont(), c.text, title);
    drawText(painter, QRectF(inner.right() - figure_width, inner.top(), figure_width, 18), boldFont(), c.text, figure,
             Qt::AlignRight | Qt::AlignVCenter);
    drawText(painter, QRectF(inner.left(), inner.top() + 18, inner.width(), 17), monoFont(), c.dim,
             tr("like %1").arg(NodeText::name(plan().nodes[slowest])));
    drawText(painter, QRectF(inner.left(), inner.top() + 37, inner.width(), 18), smallFont(), c.dim,
             timed && executed < item.folded.size()
                 ? tr("%1 rows, %2 never executed")
                       .arg(NodeText::count(rows), NodeText::count(static_cast<double>(item.folded.size() - executed)))
                 : tr("%1 rows").arg(NodeText::count(rows)));
    drawText(painter, QRectF(inner.left(), inner.top() + 55, inner.width(), 18), smallFont(), c.accent_ink,
             tr("Show them all"));
    drawBar(painter, QRectF(inner.left(), inner.bottom() - bar_height, inner.width(), bar_height), share_sum, scaleColour(edge));
}

void PlanPainter::paintToggle(QPainter &painter, const LayoutItem &item) const
{
    const Colors &c = colors();
    const QRectF rect = toggleRect(item);
    const bool hidden = item.hidden > 0;
    painter.setPen(QPen(hidden ? c.accent : c.line, 1));
    painter.setBrush(hidden ? c.on_tint : c.panel);
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), toggle_size / 2, toggle_size / 2);
    if (hidden) {
        drawText(painter, rect, captionFont(), c.accent_ink, QStringLiteral("+") + QString::number(item.hidden),
                 Qt::AlignCenter);
        return;
    }
    painter.setPen(QPen(c.dim, 1.5));
    painter.drawLine(rect.center() - QPointF(4, 0), rect.center() + QPointF(4, 0));
}

void PlanPainter::paintConnector(QPainter &painter, const LayoutItem &parent, const LayoutItem &child, bool highlighted,
                                 qreal zoom) const
{
    const Colors &c = colors();
    const NodeId id = child.folded.empty() ? child.node : child.folded.front();
    const plan::Node &node = plan().nodes[id];
    double rows = rowsOf(id);
    if (!child.folded.empty()) {
        rows = 0;
        for (const NodeId folded : child.folded)
            rows += rowsOf(folded);
    }
    const QPointF from(parent.rect.center().x(), parent.rect.bottom());
    const QPointF to(child.rect.center().x(), child.rect.top());
    // The logarithm, since rows of one plan easily span six orders of magnitude.
    const qreal width = std::clamp(1 + (thickest - 1) * std::log10(1 + rows) / std::log10(2 + most_rows_), 1.0, thickest);
    if (zoom < title_from) { // thousands may be in view, and curves cannot be told from lines
        QColor thin = highlighted ? c.accent : c.dim;
        thin.setAlphaF(0.5F);
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(QPen(thin, 0));
        painter.drawLine(from, to);
        painter.setRenderHint(QPainter::Antialiasing);
        return;
    }
    QPainterPath path(from);
    const qreal bend = (to.y() - from.y()) * 0.55;
    path.cubicTo(from + QPointF(0, bend), to - QPointF(0, bend), to);
    QColor color = highlighted ? c.accent : c.dim;
    color.setAlphaF(highlighted ? 0.9F : 0.45F);
    QPen pen(color, std::max(width, 1 / zoom));
    pen.setCapStyle(Qt::FlatCap);
    // Not part of the flow of rows: evaluated on demand.
    const bool on_demand = !node.subplan_name.empty() && child.folded.empty();
    if (on_demand || node.never_executed) {
        pen.setWidthF(std::max(1.5, 1 / zoom));
        pen.setDashPattern({4, 3});
    }
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

void PlanPainter::paintTrunk(QPainter &painter, const LayoutItem &parent, qreal from, qreal to, qreal child_top,
                             qreal zoom) const
{
    QColor color = colors().dim;
    color.setAlphaF(0.45F);
    painter.setPen(QPen(color, std::max(2.0, 1 / zoom)));
    const qreal middle = (parent.rect.bottom() + child_top) / 2;
    painter.drawLine(QPointF(parent.rect.center().x(), parent.rect.bottom()), QPointF(parent.rect.center().x(), middle));
    painter.drawLine(QPointF(from, middle), QPointF(to, middle));
}

void PlanPainter::paintDrop(QPainter &painter, const LayoutItem &child, qreal parent_bottom, bool highlighted, qreal zoom) const
{
    QColor color = highlighted ? colors().accent : colors().dim;
    color.setAlphaF(highlighted ? 0.9F : 0.45F);
    painter.setPen(QPen(color, std::max(2.0, 1 / zoom)));
    const qreal middle = (parent_bottom + child.rect.top()) / 2;
    painter.drawLine(QPointF(child.rect.center().x(), middle), QPointF(child.rect.center().x(), child.rect.top()));
}

void PlanPainter::paintAll(QPainter &painter, const TreeLayout &layout) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const LayoutItem &item : layout.items) {
        if (item.parent == LayoutItem::no_item)
            continue;
        const LayoutItem &parent = layout.items[item.parent];
        if (parent.children.size() <= most_curves) {
            paintConnector(painter, parent, item, false, 1);
            continue;
        }
        paintDrop(painter, item, parent.rect.bottom(), false, 1);
        if (&item == &layout.items[parent.children.front()])
            paintTrunk(painter, parent, item.rect.center().x(), layout.items[parent.children.back()].rect.center().x(),
                       item.rect.top(), 1);
    }
    for (const LayoutItem &item : layout.items)
        paintCard(painter, item, {.picture = true}, 1);
}

} // namespace howdah::ui
