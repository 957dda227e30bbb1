// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/er/er_view.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QSvgGenerator>
#include <QWheelEvent>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr double least_zoom = 0.05;
constexpr double most_zoom = 3;
constexpr double text_from_zoom = 0.28; ///< below it rows are no longer readable and are left out
constexpr double fillet = 6;            ///< radius of the corners of an edge
constexpr double foot = 11;             ///< length of a crow's foot
constexpr int png_edge_px = 16000;

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

QRectF rectOf(const er::Box &box)
{
    return {box.x, box.y, box.width, box.height};
}

QPainterPath pathOf(const er::Edge &edge)
{
    QPainterPath path;
    const auto &points = edge.path;
    path.moveTo(points.front().x, points.front().y);
    for (std::size_t i = 1; i + 1 < points.size(); ++i) {
        const QPointF before(points[i - 1].x, points[i - 1].y), at(points[i].x, points[i].y), after(points[i + 1].x, points[i + 1].y);
        const auto toward = [&](const QPointF &other) {
            const double far = std::hypot(other.x() - at.x(), other.y() - at.y());
            return far < 0.01 ? at : at + (other - at) * std::min(fillet, far / 2) / far;
        };
        path.lineTo(toward(before));
        path.quadTo(at, toward(after));
    }
    path.lineTo(points.back().x, points.back().y);
    return path;
}

/// Signs at the ends: a crow's foot where many rows may reference, a bar for one, a ring where there may be none.
void paintEnds(QPainter &painter, const er::Edge &edge, const QColor &ground)
{
    const auto &first = edge.path.front();
    const auto &last = edge.path.back();
    const double out = edge.path[1].x > first.x ? 1 : -1;
    const double in = edge.path[edge.path.size() - 2].x > last.x ? 1 : -1;
    if (!edge.unique) {
        for (const double spread : {-5.0, 5.0})
            painter.drawLine(QPointF(first.x + out * foot, first.y), QPointF(first.x, first.y + spread));
    } else {
        painter.drawLine(QPointF(first.x + out * 7, first.y - 5), QPointF(first.x + out * 7, first.y + 5));
    }
    painter.setBrush(ground);
    painter.drawEllipse(QPointF(first.x + out * (foot + 4), first.y), 3.2, 3.2);
    painter.setBrush(Qt::NoBrush);
    painter.drawLine(QPointF(last.x + in * 7, last.y - 5), QPointF(last.x + in * 7, last.y + 5));
    if (edge.optional) {
        painter.setBrush(ground);
        painter.drawEllipse(QPointF(last.x + in * 13, last.y), 3.2, 3.2);
        painter.setBrush(Qt::NoBrush);
    } else {
        painter.drawLine(QPointF(last.x + in * 11, last.y - 5), QPointF(last.x + in * 11, last.y + 5));
    }
}

void paintColumn(QPainter &painter, const er::Column &column, const QRectF &row)
{
    const Colors &c = colors();
    const double mark_room = 20;
    if (column.is_key || column.is_foreign_key) {
        const QColor ink = column.is_key ? c.warn_ink : c.accent_ink;
        painter.drawPixmap(QRectF(row.left() + 6, row.center().y() - 6, 12, 12),
                           icon(column.is_key ? QStringLiteral("key") : QStringLiteral("foreign-key"), ink).pixmap(24, 24), QRectF(0, 0, 24, 24));
    }
    QFont font = textFont();
    font.setPixelSize(12);
    font.setBold(column.is_key);
    painter.setFont(font);
    painter.setPen(c.text);
    const QRectF inside = row.adjusted(mark_room + 4, 0, -10, 0);
    const QString name = text(column.name);
    const double name_width = painter.fontMetrics().horizontalAdvance(name);
    painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(name, Qt::ElideRight, static_cast<int>(inside.width())));
    font.setBold(false);
    font.setPixelSize(11);
    painter.setFont(font);
    painter.setPen(c.dim);
    const double room = inside.width() - name_width - 10;
    if (room > 30) {
        const QString type = text(column.type) + (column.not_null ? QString() : QStringLiteral("?"));
        painter.drawText(inside, Qt::AlignVCenter | Qt::AlignRight, painter.fontMetrics().elidedText(type, Qt::ElideRight, static_cast<int>(room)));
    }
}

void paintBox(QPainter &painter, const er::Box &box, bool chosen, bool with_text)
{
    const Colors &c = colors();
    const QRectF rect = rectOf(box);
    QPainterPath shape;
    shape.addRoundedRect(rect, spacing::radius, spacing::radius);
    painter.setPen(Qt::NoPen);
    painter.fillPath(shape, c.panel);
    painter.save();
    painter.setClipPath(shape, Qt::IntersectClip);
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), er::head_height), chosen ? c.on_tint : c.panel2);
    painter.fillRect(QRectF(rect.left(), rect.top() + er::head_height - 1, rect.width(), 1), c.line);
    painter.restore();
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(chosen ? c.accent : c.line, chosen ? 2 : 1.2));
    painter.drawPath(shape);
    QFont font = textFont();
    font.setBold(true);
    font.setPixelSize(with_text ? 13 : 20);
    painter.setFont(font);
    painter.setPen(c.text);
    const QRectF head(rect.left() + 10, rect.top(), rect.width() - 20, with_text ? er::head_height : rect.height());
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, painter.fontMetrics().elidedText(text(box.name), Qt::ElideRight, static_cast<int>(head.width())));
    if (!with_text)
        return;
    double y = rect.top() + er::head_height + 3;
    for (const er::Column &column : box.columns) {
        paintColumn(painter, column, QRectF(rect.left(), y, rect.width(), er::row_height));
        y += er::row_height;
    }
    if (box.hidden_columns > 0) {
        font.setBold(false);
        font.setPixelSize(11);
        painter.setFont(font);
        painter.setPen(c.dim);
        painter.drawText(QRectF(rect.left() + 24, y, rect.width() - 30, er::row_height), Qt::AlignVCenter | Qt::AlignLeft,
                         ErView::tr("%n more", nullptr, box.hidden_columns));
    }
}

} // namespace

void paintDiagram(QPainter &painter, const er::Diagram &diagram, int chosen, const QRectF &visible)
{
    const Colors &c = colors();
    painter.setRenderHint(QPainter::Antialiasing);
    const bool with_text = painter.worldTransform().m11() >= text_from_zoom;
    const auto paintEdge = [&](const er::Edge &edge, const QColor &ink, double wide) {
        const QPainterPath path = pathOf(edge);
        if (!path.boundingRect().adjusted(-20, -20, 20, 20).intersects(visible))
            return;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(ink, wide, Qt::SolidLine, Qt::RoundCap));
        painter.drawPath(path);
        if (with_text)
            paintEnds(painter, edge, c.window);
    };
    const auto touches = [chosen](const er::Edge &edge) { return chosen >= 0 && (static_cast<int>(edge.from) == chosen || static_cast<int>(edge.to) == chosen); };
    for (const er::Edge &edge : diagram.edges) {
        if (!touches(edge))
            paintEdge(edge, chosen >= 0 ? c.line : c.dim, 1.3);
    }
    for (const er::Edge &edge : diagram.edges) {
        if (touches(edge))
            paintEdge(edge, c.accent, 2);
    }
    for (std::size_t i = 0; i < diagram.boxes.size(); ++i) {
        if (rectOf(diagram.boxes[i]).adjusted(-4, -4, 4, 4).intersects(visible))
            paintBox(painter, diagram.boxes[i], static_cast<int>(i) == chosen, with_text);
    }
}

ErView::ErView(QWidget *parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(200, 150);
    setAccessibleName(tr("Diagram of tables and foreign keys"));
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void ErView::setDiagram(er::Diagram diagram)
{
    diagram_ = std::move(diagram);
    chosen_ = -1;
    fit();
}

void ErView::fit()
{
    fitted_ = true;
    if (diagram_.width <= 0 || width() <= 0)
        return;
    zoom_ = std::clamp(std::min(width() / diagram_.width, height() / diagram_.height), least_zoom, 1.0);
    origin_ = QPointF((width() - diagram_.width * zoom_) / 2, (height() - diagram_.height * zoom_) / 2);
    update();
}

void ErView::zoomAbout(const QPointF &place, double factor)
{
    const double next = std::clamp(zoom_ * factor, least_zoom, most_zoom);
    origin_ = place - (place - origin_) * (next / zoom_);
    zoom_ = next;
    fitted_ = false;
    update();
}

void ErView::zoomBy(double factor)
{
    zoomAbout(QRectF(rect()).center(), factor);
}

int ErView::boxAt(const QPointF &place) const
{
    const QPointF at = (place - origin_) / zoom_;
    for (std::size_t i = diagram_.boxes.size(); i-- > 0;) {
        if (rectOf(diagram_.boxes[i]).contains(at))
            return static_cast<int>(i);
    }
    return -1;
}

void ErView::choose(int box)
{
    chosen_ = box;
    if (box >= 0) {
        setAccessibleDescription(text(diagram_.boxes[static_cast<std::size_t>(box)].name));
        bringIntoSight(box);
    }
    update();
}

void ErView::bringIntoSight(int box)
{
    const QRectF there = QRectF(rectOf(diagram_.boxes[static_cast<std::size_t>(box)]));
    const QRectF seen(origin_ + there.topLeft() * zoom_, there.size() * zoom_);
    if (!QRectF(rect()).contains(seen)) {
        origin_ += QRectF(rect()).center() - seen.center();
        fitted_ = false;
    }
}

QString ErView::save(const QString &file) const
{
    const QRectF all(0, 0, diagram_.width, diagram_.height);
    if (file.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator svg;
        svg.setFileName(file);
        svg.setSize(all.size().toSize());
        svg.setViewBox(all);
        svg.setTitle(tr("Tables and foreign keys"));
        QPainter painter;
        if (!painter.begin(&svg))
            return tr("The file cannot be written.");
        painter.fillRect(all, colors().window);
        paintDiagram(painter, diagram_, -1, all);
        return painter.end() ? QString() : tr("The file cannot be written.");
    }
    const double scale = std::min(2.0, png_edge_px / std::max({all.width(), all.height(), 1.0}));
    QImage image((all.size() * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        return tr("The picture is too large for a PNG; SVG has no limit.");
    image.fill(colors().window);
    QPainter painter(&image);
    painter.scale(scale, scale);
    paintDiagram(painter, diagram_, -1, all);
    painter.end();
    return image.save(file) ? QString() : tr("The file cannot be written.");
}

void ErView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), colors().window);
    painter.translate(origin_);
    painter.scale(zoom_, zoom_);
    paintDiagram(painter, diagram_, chosen_, QRectF(-origin_ / zoom_, QSizeF(size()) / zoom_));
    if (hasFocus() && chosen_ < 0) {
        painter.resetTransform();
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colors().accent, 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void ErView::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        origin_ += QPointF(event->angleDelta().y(), 0) / 2;
        fitted_ = false;
        update();
    } else {
        zoomAbout(event->position(), std::pow(1.0015, event->angleDelta().y()));
    }
    event->accept();
}

void ErView::mousePressEvent(QMouseEvent *event)
{
    pressed_at_ = event->position();
    origin_then_ = origin_;
    dragging_ = event->button() == Qt::LeftButton || event->button() == Qt::MiddleButton;
    moved_ = false;
}

void ErView::mouseMoveEvent(QMouseEvent *event)
{
    if (!dragging_) {
        setCursor(boxAt(event->position()) >= 0 ? Qt::PointingHandCursor : Qt::OpenHandCursor);
        return;
    }
    const QPointF by = event->position() - pressed_at_;
    if (moved_ || by.manhattanLength() > 4) {
        moved_ = true;
        fitted_ = false;
        origin_ = origin_then_ + by;
        setCursor(Qt::ClosedHandCursor);
        update();
    }
}

void ErView::mouseReleaseEvent(QMouseEvent *event)
{
    dragging_ = false;
    if (moved_ || event->button() != Qt::LeftButton)
        return;
    chosen_ = boxAt(event->position());
    update();
}

void ErView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const int box = boxAt(event->position()); box >= 0)
        Q_EMIT opened(diagram_.boxes[static_cast<std::size_t>(box)].oid);
}

/// The nearest box in that direction; what lies aside counts double.
void ErView::step(int dx, int dy)
{
    if (diagram_.boxes.empty())
        return;
    if (chosen_ < 0)
        return choose(0);
    const QPointF here = rectOf(diagram_.boxes[static_cast<std::size_t>(chosen_)]).center();
    int best = -1;
    double best_far = 0;
    for (std::size_t i = 0; i < diagram_.boxes.size(); ++i) {
        const QPointF by = rectOf(diagram_.boxes[i]).center() - here;
        const double along = by.x() * dx + by.y() * dy;
        if (static_cast<int>(i) == chosen_ || along < 1)
            continue;
        const double far = along + 2 * std::abs(dx != 0 ? by.y() : by.x());
        if (best < 0 || far < best_far) {
            best = static_cast<int>(i);
            best_far = far;
        }
    }
    if (best >= 0)
        choose(best);
}

void ErView::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left: return step(-1, 0);
    case Qt::Key_Right: return step(1, 0);
    case Qt::Key_Up: return step(0, -1);
    case Qt::Key_Down: return step(0, 1);
    case Qt::Key_Plus: return zoomBy(1.25);
    case Qt::Key_Minus: return zoomBy(0.8);
    case Qt::Key_0: return fit();
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (chosen_ >= 0)
            Q_EMIT opened(diagram_.boxes[static_cast<std::size_t>(chosen_)].oid);
        return;
    case Qt::Key_Escape:
        if (chosen_ >= 0)
            return choose(-1);
        break;
    default: break;
    }
    QWidget::keyPressEvent(event);
}

void ErView::resizeEvent(QResizeEvent *)
{
    if (fitted_)
        fit();
}

} // namespace howdah::ui
