// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/value_picture.h"

#include <algorithm>
#include <cmath>

#include <QPainter>
#include <QPainterPath>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

using namespace result::decode;

namespace {

constexpr int most_ranges_drawn = 24;
constexpr double dot = 4;

QString count(std::size_t value)
{
    return QString::fromStdString(human::count(static_cast<std::int64_t>(value)));
}

QString number(double value)
{
    return QString::number(value, 'g', 5);
}

QString rangeText(const Range &range)
{
    if (range.empty)
        return ValuePicture::tr("empty");
    const auto end = [](const RangeEnd &e) { return e.text.empty() ? QStringLiteral("∞") : QString::fromStdString(e.text); };
    return QStringLiteral("%1%2, %3%4").arg(range.lower.inclusive ? QStringLiteral("[") : QStringLiteral("("), end(range.lower), end(range.upper),
                                                  range.upper.inclusive ? QStringLiteral("]") : QStringLiteral(")"));
}

struct Box {
    double left = INFINITY, top = -INFINITY, right = -INFINITY, bottom = INFINITY;
    void add(double x, double y)
    {
        left = std::min(left, x);
        right = std::max(right, x);
        bottom = std::min(bottom, y);
        top = std::max(top, y);
    }
};

Box boxOf(const Shape &shape)
{
    Box box;
    for (const Figure &figure : shape.figures) {
        for (const auto &ring : figure.rings) {
            for (const Point &point : ring) {
                box.add(point.x - figure.radius, point.y - figure.radius);
                box.add(point.x + figure.radius, point.y + figure.radius);
            }
        }
    }
    return box;
}

/// From the plane to the screen, the same scale both ways, y upwards.
struct Projection {
    double scale = 1, left = 0, bottom = 0;
    QPointF origin;
    Projection(const Box &box, const QRectF &area)
    {
        const double width = std::max(box.right - box.left, 1e-12), height = std::max(box.top - box.bottom, 1e-12);
        scale = std::min(area.width() / width, area.height() / height);
        if (width <= 1e-11 && height <= 1e-11)
            scale = 1;
        left = box.left;
        bottom = box.bottom;
        origin = {area.center().x() - (box.right - box.left) * scale / 2, area.center().y() + (box.top - box.bottom) * scale / 2};
    }
    [[nodiscard]] QPointF operator()(const Point &point) const { return {origin.x() + (point.x - left) * scale, origin.y() - (point.y - bottom) * scale}; }
};

QPolygonF polygonOf(const std::vector<Point> &points, const Projection &at)
{
    QPolygonF polygon;
    for (const Point &point : points)
        polygon << at(point);
    return polygon;
}

} // namespace

ValuePicture::ValuePicture(QWidget *parent) : QWidget(parent)
{
    setMinimumHeight(120);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void ValuePicture::show(Content content)
{
    content_ = std::move(content);
    setAccessibleName(caption());
    update();
}

QString ValuePicture::caption() const
{
    if (const auto *shape = std::get_if<Shape>(&content_)) {
        QString text = QString::fromStdString(shape->name);
        text += QStringLiteral(" · ") + (shape->points == 1 ? tr("1 point") : tr("%1 points").arg(count(shape->points)));
        return shape->srid ? text + QStringLiteral(" · SRID %1").arg(*shape->srid) : text;
    }
    if (const auto *vector = std::get_if<std::vector<double>>(&content_)) {
        const auto [low, high] = std::minmax_element(vector->begin(), vector->end());
        return tr("%1 dimensions · norm %2 · %3 to %4").arg(count(vector->size()), number(normOf(*vector)), number(*low), number(*high));
    }
    if (const auto *ranges = std::get_if<std::vector<Range>>(&content_))
        return ranges->size() == 1 ? rangeText(ranges->front()) : tr("%1 ranges").arg(count(ranges->size()));
    if (const auto *image = std::get_if<QImage>(&content_))
        return tr("%1 × %2 pixels").arg(image->width()).arg(image->height());
    return {};
}

void ValuePicture::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Colors &c = colors();
    painter.fillRect(rect(), c.panel);
    const int line = fontMetrics().height();
    const QRectF area = QRectF(rect()).adjusted(spacing::page, spacing::card, -spacing::page, -line - spacing::page);
    painter.setPen(c.dim);
    painter.drawText(QRect(spacing::card, height() - line - spacing::control, width() - 2 * spacing::card, line), static_cast<int>(Qt::AlignLeft),
                     fontMetrics().elidedText(caption(), Qt::ElideRight, width() - 2 * spacing::card));
    if (area.width() < 4 || area.height() < 4)
        return;
    if (const auto *shape = std::get_if<Shape>(&content_)) {
        paintShape(painter, area, *shape);
    } else if (const auto *vector = std::get_if<std::vector<double>>(&content_)) {
        paintVector(painter, area, *vector);
    } else if (const auto *ranges = std::get_if<std::vector<Range>>(&content_)) {
        paintRanges(painter, area, *ranges);
    } else if (const auto *image = std::get_if<QImage>(&content_)) {
        const QSizeF wanted = QSizeF(image->size()).scaled(area.size(), Qt::KeepAspectRatio);
        const QSizeF size = wanted.width() > image->width() ? QSizeF(image->size()) : wanted;
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(QRectF(area.center() - QPointF(size.width(), size.height()) / 2, size), *image);
    }
}

void ValuePicture::paintShape(QPainter &painter, const QRectF &area, const Shape &shape) const
{
    const Colors &c = colors();
    Box box = boxOf(shape);
    if (!(box.left <= box.right))
        return;
    const QRectF inner = area.adjusted(dot, dot, -dot, -dot);
    const Projection at(box, inner);
    QColor fill = c.series[0];
    fill.setAlpha(60);
    painter.setPen(c.line);
    painter.drawRect(area);
    for (const Figure &figure : shape.figures) {
        painter.setPen(QPen(c.series[0], 1.6));
        painter.setBrush(Qt::NoBrush);
        if (figure.kind == Figure::Kind::Area) {
            QPainterPath path;
            for (const auto &ring : figure.rings) {
                path.addPolygon(polygonOf(ring, at));
                path.closeSubpath();
            }
            painter.setBrush(fill);
            painter.drawPath(path);
        } else if (figure.kind == Figure::Kind::Path) {
            painter.drawPolyline(polygonOf(figure.rings[0], at));
        } else if (figure.kind == Figure::Kind::Circle) {
            painter.setBrush(fill);
            painter.drawEllipse(at(figure.rings[0][0]), figure.radius * at.scale, figure.radius * at.scale);
        } else if (figure.kind == Figure::Kind::Line) {
            const QPointF a = at(figure.rings[0][0]), b = at(figure.rings[0][1]);
            const QPointF step = (b - a) * 1000.0;
            painter.save();
            painter.setClipRect(area);
            painter.drawLine(a - step, b + step);
            painter.restore();
        } else {
            painter.setPen(Qt::NoPen);
            painter.setBrush(c.series[0]);
            for (const Point &point : figure.rings[0])
                painter.drawEllipse(at(point), dot, dot);
        }
    }
    painter.setPen(c.dim);
    painter.drawText(area.adjusted(4, 2, -4, -2), static_cast<int>(Qt::AlignLeft | Qt::AlignBottom), QStringLiteral("(%1, %2)").arg(number(box.left), number(box.bottom)));
    if (box.right > box.left || box.top > box.bottom)
        painter.drawText(area.adjusted(4, 2, -4, -2), static_cast<int>(Qt::AlignRight | Qt::AlignTop), QStringLiteral("(%1, %2)").arg(number(box.right), number(box.top)));
}

void ValuePicture::paintRanges(QPainter &painter, const QRectF &area, const std::vector<Range> &ranges) const
{
    const Colors &c = colors();
    double low = INFINITY, high = -INFINITY;
    for (const Range &range : ranges) {
        for (const RangeEnd *end : {&range.lower, &range.upper}) {
            if (end->place) {
                low = std::min(low, *end->place);
                high = std::max(high, *end->place);
            }
        }
    }
    if (!(low <= high)) {
        low = 0;
        high = 1;
    }
    const double margin = high > low ? (high - low) * 0.15 : 1;
    const auto xOf = [&](double place) { return area.left() + (place - low + margin) / (high - low + 2 * margin) * area.width(); };
    const auto drawn = std::min<std::size_t>(ranges.size(), most_ranges_drawn);
    const double step = std::min(area.height() / static_cast<double>(drawn), 46.0);
    for (std::size_t i = 0; i < drawn; ++i) {
        const Range &range = ranges[i];
        const double y = area.top() + step * (static_cast<double>(i) + 0.62);
        painter.setPen(QPen(c.line, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        if (step >= 30 || drawn == 1) {
            painter.setPen(c.dim);
            painter.drawText(QRectF(area.left(), y - step * 0.62, area.width(), step * 0.5), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), rangeText(range));
        }
        const bool placed = (range.lower.text.empty() || range.lower.place) && (range.upper.text.empty() || range.upper.place);
        if (range.empty || !placed)
            continue;
        const double from = range.lower.place ? xOf(*range.lower.place) : area.left();
        const double to = range.upper.place ? xOf(*range.upper.place) : area.right();
        painter.setPen(QPen(c.series[0], 5, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QPointF(from, y), QPointF(to, y));
        painter.setPen(QPen(c.series[0], 2));
        for (const auto &[end, x] : {std::pair(&range.lower, from), std::pair(&range.upper, to)}) {
            if (!end->place)
                continue;
            painter.setBrush(end->inclusive ? c.series[0] : c.panel); // an open end is hollow
            painter.drawEllipse(QPointF(x, y), dot + 1, dot + 1);
        }
    }
}

void ValuePicture::paintVector(QPainter &painter, const QRectF &area, const std::vector<double> &vector) const
{
    const Colors &c = colors();
    const auto [least, most] = std::minmax_element(vector.begin(), vector.end());
    const double low = std::min(0.0, *least), high = std::max(0.0, *most);
    const double range = high > low ? high - low : 1;
    const auto yOf = [&](double value) { return area.bottom() - (value - low) / range * area.height(); };
    painter.setPen(c.line);
    painter.drawLine(QPointF(area.left(), yOf(0)), QPointF(area.right(), yOf(0)));
    // One stroke a pixel: from the lowest to the highest value that falls on it.
    const auto columns = std::min(vector.size(), static_cast<std::size_t>(area.width()));
    painter.setRenderHint(QPainter::Antialiasing, columns < vector.size());
    const double width = area.width() / static_cast<double>(columns);
    painter.setPen(QPen(c.series[0], std::max(1.0, std::min(width - 1, 6.0)), Qt::SolidLine, Qt::FlatCap));
    for (std::size_t i = 0; i < columns; ++i) {
        const auto begin = vector.begin() + static_cast<std::ptrdiff_t>(i * vector.size() / columns);
        const auto end = vector.begin() + static_cast<std::ptrdiff_t>((i + 1) * vector.size() / columns);
        const auto [a, b] = std::minmax_element(begin, end);
        const double x = area.left() + (static_cast<double>(i) + 0.5) * width;
        painter.drawLine(QPointF(x, yOf(std::min(0.0, *a))), QPointF(x, yOf(std::max(0.0, *b))));
    }
}

} // namespace howdah::ui
