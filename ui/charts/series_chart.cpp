// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/series_chart.h"

#include <algorithm>
#include <cmath>

#include <QDateTime>
#include <QFontMetrics>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "core/base/human.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

using series::Point;
using series::TimeMs;

constexpr int title_height = 16;
constexpr int legend_height = 16;
constexpr int axis_height = 14;
constexpr int chart_height = 132;
constexpr int lowest_chart = 100;
constexpr int dot = 7;

QFont smallFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    return font;
}

/// A round number of the unit, at least the value.
double roundUp(double value, double unit)
{
    const double power = unit * std::pow(10.0, std::floor(std::log10(value / unit)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0}) {
        if (value <= step * power * 1.0001)
            return step * power;
    }
    return value;
}

/// The last point not after that moment.
const Point *pointAt(const std::vector<Point> &points, TimeMs time_ms)
{
    const auto after = std::upper_bound(points.begin(), points.end(), time_ms,
                                        [](TimeMs moment, const Point &point) { return moment < point.time_ms; });
    return after == points.begin() ? nullptr : &*(after - 1);
}

/// Layers share their moments as a rule, but each is thinned out by itself.
std::vector<TimeMs> momentsOf(const std::vector<ChartLine> &lines)
{
    std::vector<TimeMs> moments;
    for (const ChartLine &line : lines) {
        for (const Point &point : line.points)
            moments.push_back(point.time_ms);
    }
    std::sort(moments.begin(), moments.end());
    moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
    return moments;
}

double orNought(double value)
{
    return std::isfinite(value) ? value : 0;
}

} // namespace

SeriesChart::SeriesChart(const QString &title, Shape shape, Format format, QWidget *parent)
    : QWidget(parent), title_(title), shape_(shape), format_(std::move(format))
{
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(title);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void SeriesChart::setLines(std::vector<ChartLine> lines, TimeMs from, TimeMs to)
{
    lines_ = std::move(lines);
    from_ = from;
    to_ = std::max(to, from + 1);
    fitLegend();
    setAccessibleDescription(summary());
    update();
}

void SeriesChart::setTitle(const QString &title)
{
    if (title_ == title)
        return;
    title_ = title;
    setAccessibleName(title);
    update();
}

void SeriesChart::setLeastTop(double value)
{
    least_top_ = value;
}

void SeriesChart::setCeiling(double value, const QString &name)
{
    ceiling_ = value;
    ceiling_name_ = name;
}

void SeriesChart::setMark(std::optional<TimeMs> time_ms)
{
    if (mark_ == time_ms)
        return;
    mark_ = time_ms;
    update();
}

double SeriesChart::valueOf(const ChartLine &line, std::optional<TimeMs> time_ms) const
{
    if (line.points.empty())
        return series::no_value;
    const Point *point = time_ms ? pointAt(line.points, *time_ms) : &line.points.back();
    return point == nullptr ? series::no_value : point->value;
}

QString SeriesChart::summary() const
{
    QStringList values;
    for (const ChartLine &line : lines_) {
        const double value = valueOf(line, {});
        values << line.name + QLatin1Char(' ') + (std::isfinite(value) ? format_(value) : tr("not known"));
    }
    return title_ + QStringLiteral(": ") + values.join(QStringLiteral(", "));
}

QSize SeriesChart::sizeHint() const
{
    return {260, chart_height};
}

QSize SeriesChart::minimumSizeHint() const
{
    return {180, lowest_chart};
}

std::vector<SeriesChart::Entry> SeriesChart::legend() const
{
    const QFontMetrics metrics(smallFont());
    const int right = width() - spacing::card;
    int x = spacing::card;
    int y = spacing::control + title_height;
    std::vector<Entry> entries;
    for (const ChartLine &line : lines_) {
        const double value = valueOf(line, mark_);
        const QString figure = std::isfinite(value) ? format_(value) : QStringLiteral("–");
        const int needed = dot + spacing::unit + metrics.horizontalAdvance(line.name + QLatin1Char(' ') + figure);
        if (x > spacing::card && x + needed > right) {
            x = spacing::card;
            y += legend_height;
        }
        entries.push_back({&line, figure, QRect(x, y, std::min(needed, right - x), legend_height)});
        x += needed + spacing::control + 2;
    }
    return entries;
}

void SeriesChart::fitLegend()
{
    const auto entries = legend();
    if (!entries.empty() && entries.back().place.top() > entries.front().place.top())
        legend_lines_ = 2;
}

void SeriesChart::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    legend_lines_ = 1;
    fitLegend();
}

QRectF SeriesChart::plot() const
{
    const qreal above = spacing::control + title_height + legend_lines_ * legend_height + spacing::unit;
    return QRectF(rect()).adjusted(spacing::card, above, -spacing::card, -(axis_height + spacing::unit));
}

double SeriesChart::top() const
{
    double highest = least_top_;
    if (shape_ == Shape::Stacked) {
        for (const TimeMs moment : momentsOf(lines_)) {
            double sum = 0;
            for (const ChartLine &layer : lines_)
                sum += orNought(valueOf(layer, moment));
            highest = std::max(highest, sum);
        }
    } else {
        for (const ChartLine &line : lines_) {
            for (const Point &point : line.points) {
                if (point.time_ms >= from_)
                    highest = std::max(highest, orNought(point.value));
            }
        }
    }
    double unit = 1;
    while (bytes_ && highest >= unit * 1024)
        unit *= 1024;
    const double rounded = roundUp(highest, unit);
    return greatest_top_ > 0 ? std::min(rounded, greatest_top_) : rounded;
}

double SeriesChart::xOf(TimeMs time_ms) const
{
    const QRectF area = plot();
    return area.left() + area.width() * static_cast<double>(time_ms - from_) / static_cast<double>(to_ - from_);
}

void SeriesChart::paintHead(QPainter &painter) const
{
    const Colors &c = colors();
    const QRect inner = rect().adjusted(spacing::card, spacing::control, -spacing::card, 0);
    painter.setFont(captionFont());
    painter.setPen(c.dim);
    const QRect title_line(inner.left(), inner.top(), inner.width(), title_height);
    int title_width = inner.width();
    if (mark_) {
        const QString when = QDateTime::fromMSecsSinceEpoch(*mark_).toString(QStringLiteral("HH:mm:ss"));
        painter.setPen(c.text);
        painter.drawText(title_line, Qt::AlignRight | Qt::AlignVCenter, when);
        title_width -= painter.fontMetrics().horizontalAdvance(when) + spacing::control;
        painter.setPen(c.dim);
    }
    painter.drawText(title_line, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(title_.toUpper(), Qt::ElideRight, title_width));
    painter.setFont(smallFont());
    const int last_line = spacing::control + title_height + (legend_lines_ - 1) * legend_height;
    for (const Entry &entry : legend()) {
        if (entry.place.top() > last_line)
            break;
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.series[entry.line->color]);
        painter.drawRoundedRect(QRectF(entry.place.left(), entry.place.top() + (legend_height - dot) / 2.0, dot, dot), 2, 2);
        const QRect text = entry.place.adjusted(dot + spacing::unit, 0, spacing::unit, 0);
        painter.setPen(c.dim);
        painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, entry.line->name);
        painter.setPen(c.text);
        const int name_width = painter.fontMetrics().horizontalAdvance(entry.line->name + QLatin1Char(' '));
        painter.drawText(text.adjusted(name_width, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, entry.figure);
    }
}

void SeriesChart::paintGrid(QPainter &painter, double top) const
{
    const Colors &c = colors();
    const QRectF area = plot();
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(c.line, 1));
    for (const double share : {0.0, 0.5, 1.0}) {
        const double y = std::round(area.bottom() - share * area.height());
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
    if (ceiling_ > 0 && ceiling_ <= top) {
        const double y = std::round(area.bottom() - ceiling_ / top * area.height());
        painter.setPen(QPen(c.bad, 1, Qt::DashLine));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void SeriesChart::paintLabels(QPainter &painter, double top) const
{
    const Colors &c = colors();
    const QRectF area = plot();
    painter.setFont(smallFont());
    painter.setPen(c.dim);
    const QString length = QStringLiteral("−") + QString::fromStdString(human::duration(static_cast<double>(to_ - from_)));
    const QRectF below(area.left(), area.bottom() + 1, area.width(), axis_height);
    painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter, length);
    painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter, tr("now"));
    // The scale's end stands on the paper, as in a stock chart; a ground of the panel keeps it readable on layers.
    const QString end = format_(top);
    const QRectF label(area.left(), area.top() + 1, painter.fontMetrics().horizontalAdvance(end) + spacing::unit, axis_height);
    QColor ground = c.panel;
    ground.setAlphaF(0.75F);
    painter.fillRect(label, ground);
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter, end);
}

void SeriesChart::paintLines(QPainter &painter, double top) const
{
    const Colors &c = colors();
    const QRectF area = plot();
    // The first line lies on top: it is what the chart is about.
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line) {
        QPolygonF ground;
        const auto flush = [&] {
            if (ground.size() == 1) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(c.series[line->color]);
                painter.drawEllipse(ground.first(), 1.5, 1.5);
            } else if (ground.size() > 1) {
                QPolygonF fill = ground;
                fill << QPointF(ground.last().x(), area.bottom()) << QPointF(ground.first().x(), area.bottom());
                QColor tint = c.series[line->color];
                tint.setAlphaF(0.10F);
                painter.setPen(Qt::NoPen);
                painter.setBrush(tint);
                painter.drawPolygon(fill);
                painter.setPen(QPen(c.series[line->color], 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
                painter.setBrush(Qt::NoBrush);
                painter.drawPolyline(ground);
            }
            ground.clear();
        };
        for (const Point &point : line->points) {
            if (point.isGap()) {
                flush();
                continue;
            }
            ground << QPointF(xOf(point.time_ms), area.bottom() - std::clamp(point.value / top, 0.0, 1.0) * area.height());
        }
        flush();
    }
}

void SeriesChart::paintStack(QPainter &painter, double top) const
{
    const Colors &c = colors();
    const QRectF area = plot();
    const std::vector<TimeMs> moments = momentsOf(lines_);
    std::vector<double> base(moments.size(), 0.0);
    for (const ChartLine &line : lines_) {
        QPolygonF upper, lower;
        const auto flush = [&] {
            std::reverse(lower.begin(), lower.end());
            painter.setPen(Qt::NoPen);
            QColor fill = c.series[line.color];
            fill.setAlphaF(0.80F);
            painter.setBrush(fill);
            painter.drawPolygon(upper + lower);
            upper.clear();
            lower.clear();
        };
        for (std::size_t i = 0; i < moments.size(); ++i) {
            const double value = valueOf(line, moments[i]);
            if (!std::isfinite(value)) {
                flush();
                continue;
            }
            const double x = xOf(moments[i]);
            lower << QPointF(x, area.bottom() - std::min(1.0, base[i] / top) * area.height());
            base[i] += value;
            upper << QPointF(x, area.bottom() - std::min(1.0, base[i] / top) * area.height());
        }
        flush();
    }
}

void SeriesChart::paintMark(QPainter &painter, double top) const
{
    if (!mark_ || *mark_ < from_ || *mark_ > to_)
        return;
    const Colors &c = colors();
    const QRectF area = plot();
    const double x = xOf(*mark_);
    painter.setPen(QPen(c.dim, 1));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    if (shape_ == Shape::Stacked)
        return;
    for (const ChartLine &line : lines_) {
        const double value = valueOf(line, mark_);
        if (!std::isfinite(value))
            continue;
        painter.setPen(QPen(c.panel, 1.5));
        painter.setBrush(c.series[line.color]);
        painter.drawEllipse(QPointF(x, area.bottom() - std::clamp(value / top, 0.0, 1.0) * area.height()), 3.5, 3.5);
    }
}

void SeriesChart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintCard(painter, QRectF(rect()), {}, hasFocus());
    paintHead(painter);
    const double highest = top();
    paintGrid(painter, highest);
    painter.save();
    painter.setClipRect(plot().adjusted(0, -2, 2, 1));
    if (shape_ == Shape::Stacked)
        paintStack(painter, highest);
    else
        paintLines(painter, highest);
    painter.restore();
    paintLabels(painter, highest);
    paintMark(painter, highest);
    const bool empty = std::all_of(lines_.begin(), lines_.end(), [](const ChartLine &line) {
        return std::all_of(line.points.begin(), line.points.end(), [](const Point &point) { return point.isGap(); });
    });
    if (empty) {
        painter.setFont(smallFont());
        painter.setPen(colors().dim);
        painter.drawText(plot(), Qt::AlignCenter, tr("nothing measured yet"));
    }
}

void SeriesChart::moveMark(std::optional<TimeMs> time_ms)
{
    if (mark_ == time_ms)
        return;
    setMark(time_ms);
    Q_EMIT markMoved(time_ms);
}

void SeriesChart::mouseMoveEvent(QMouseEvent *event)
{
    const QRectF area = plot();
    if (event->position().x() < area.left() || event->position().x() > area.right()) {
        moveMark({});
        return;
    }
    const double share = (event->position().x() - area.left()) / area.width();
    moveMark(from_ + static_cast<TimeMs>(share * static_cast<double>(to_ - from_)));
}

void SeriesChart::leaveEvent(QEvent *)
{
    moveMark({});
}

void SeriesChart::focusOutEvent(QFocusEvent *event)
{
    moveMark({});
    QWidget::focusOutEvent(event);
}

void SeriesChart::keyPressEvent(QKeyEvent *event)
{
    const TimeMs step = std::max<TimeMs>(1000, (to_ - from_) / 60);
    switch (event->key()) {
    case Qt::Key_Left:
        moveMark(std::max(from_, mark_.value_or(to_) - step));
        return;
    case Qt::Key_Right:
        moveMark(std::min(to_, mark_.value_or(from_) + step));
        return;
    case Qt::Key_Escape:
        if (mark_) {
            moveMark({});
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

/// Every figure of the legend, also those for which there was no room.
bool SeriesChart::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    QStringList rows;
    for (const ChartLine &line : lines_) {
        const double value = valueOf(line, mark_);
        rows << tr("%1: %2").arg(line.name, std::isfinite(value) ? format_(value) : tr("not known"));
    }
    if (ceiling_ > 0)
        rows << tr("%1: %2").arg(ceiling_name_, format_(ceiling_));
    if (!toolTip().isEmpty())
        rows << toolTip();
    QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), rows.join(QLatin1Char('\n')), this);
    return true;
}

} // namespace howdah::ui
