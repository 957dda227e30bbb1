// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/frontier_view.h"

#include <algorithm>
#include <cmath>

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTextDocument>
#include <QToolTip>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

constexpr double reach = 14, dot = 3.5, ring = 6.5;
constexpr int left_margin = 44, right_margin = 18, top_margin = 12, bottom_margin = 22;

QFont smallFont()
{
    QFont font = textFont();
    font.setPixelSize(std::max(font.pixelSize() - 2, 10));
    return font;
}

/// 1, 2, 5, 10 … of kB, MB or GB, so that labels are round.
double stepOf(double bytes, int most)
{
    double unit = 1024;
    while (unit * 1024 * 4 <= bytes)
        unit *= 1024;
    for (double power = unit;; power *= 10) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (bytes / (power * factor) <= most)
                return power * factor;
        }
    }
}

QString percent(double share)
{
    return share > 0 && share < 0.0995 ? QStringLiteral("%1 %").arg(share * 100, 0, 'f', 1) : QStringLiteral("%1 %").arg(std::lround(share * 100));
}

} // namespace

FrontierView::FrontierView(QWidget *parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, QOverload<>::of(&QWidget::update));
}

void FrontierView::setPoints(std::vector<Point> points)
{
    points_ = std::move(points);
    current_ = hovered_ = -1;
    tellScreenReader();
    update();
}

void FrontierView::setBudget(double bytes)
{
    budget_ = bytes;
    update();
}

void FrontierView::setOwn(double bytes, double share)
{
    own_bytes_ = bytes;
    own_share_ = share;
    update();
}

void FrontierView::setEmptyText(const QString &text)
{
    empty_text_ = text;
    update();
}

void FrontierView::setCurrent(int point)
{
    if (point == current_ || point >= static_cast<int>(points_.size()))
        return;
    current_ = point;
    tellScreenReader();
    update();
}

QSize FrontierView::sizeHint() const
{
    return {480, 180};
}

QSize FrontierView::minimumSizeHint() const
{
    return {220, 110};
}

QRectF FrontierView::plot() const
{
    return QRectF(rect()).adjusted(left_margin, top_margin, -right_margin, -bottom_margin);
}

double FrontierView::rightEnd() const
{
    double most = own_share_ >= 0 ? own_bytes_ : 0;
    for (const Point &point : points_)
        most = std::max(most, point.bytes);
    // A budget far beyond everything would squeeze the line.
    if (budget_ > 0 && budget_ < most * 2)
        most = std::max(most, budget_);
    return std::max(most * 1.04, 65536.0);
}

QPointF FrontierView::place(double bytes, double share) const
{
    const QRectF area = plot();
    return {area.left() + area.width() * bytes / rightEnd(), area.bottom() - area.height() * std::clamp(share, 0.0, 1.0)};
}

QPointF FrontierView::placeOf(int point) const
{
    const Point &one = points_[static_cast<std::size_t>(point)];
    return place(one.bytes, one.share);
}

int FrontierView::pointAt(const QPointF &at) const
{
    int best = -1;
    double least = reach;
    for (int i = 0; i < static_cast<int>(points_.size()); ++i) {
        const QPointF away = placeOf(i) - at;
        if (const double distance = std::hypot(away.x(), away.y()); distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

void FrontierView::paintScale(QPainter &painter) const
{
    const Colors &c = colors();
    const QRectF area = plot();
    const QFontMetricsF metrics(painter.font());
    for (int tenth = 0; tenth <= 4; ++tenth) {
        const double share = tenth / 4.0, y = place(0, share).y();
        painter.setPen(QPen(c.line, 1));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        if (tenth % 2 == 1 && area.height() < 110)
            continue;
        painter.setPen(c.dim);
        painter.drawText(QRectF(0, y - 8, left_margin - 6, 16), static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), percent(share));
    }
    const double end = rightEnd(), step = stepOf(end, std::max(2, static_cast<int>(area.width() / 110)));
    painter.setPen(c.dim);
    for (double bytes = 0; bytes <= end * 1.0001; bytes += step) {
        const double x = place(bytes, 0).x();
        const QString text = bytes <= 0 ? QStringLiteral("0") : QString::fromStdString(human::bytes(static_cast<std::int64_t>(bytes)));
        const double width = metrics.horizontalAdvance(text) + 4;
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        painter.drawText(QRectF(std::min(x - width / 2, static_cast<double>(rect().right()) - width), area.bottom() + 4, width, 16), static_cast<int>(Qt::AlignHCenter | Qt::AlignVCenter), text);
    }
    if (budget_ <= 0 || budget_ > end)
        return;
    const double x = place(budget_, 0).x();
    painter.setPen(QPen(c.warn, 1, Qt::DashLine));
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.setPen(c.warn_ink);
    const QString text = tr("budget");
    const double width = metrics.horizontalAdvance(text);
    const bool left = x + width + 6 > area.right() + right_margin;
    painter.drawText(QRectF(left ? x - width - 4 : x + 4, area.top() - 2, width + 1, 16), static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), text);
}

void FrontierView::paintLine(QPainter &painter) const
{
    const Colors &c = colors();
    QPainterPath line;
    for (int i = 0; i < static_cast<int>(points_.size()); ++i) {
        const QPointF at = placeOf(i);
        if (i == 0)
            line.moveTo(at);
        else {
            // Between two sizes the smaller set is the best there is.
            line.lineTo(at.x(), line.currentPosition().y());
            line.lineTo(at);
        }
    }
    line.lineTo(plot().right(), line.currentPosition().y());
    QPainterPath under = line;
    under.lineTo(plot().bottomRight());
    under.lineTo(plot().left(), plot().bottom());
    under.closeSubpath();
    QColor ground = c.series[0];
    ground.setAlphaF(c.dark ? 0.16F : 0.10F);
    painter.fillPath(under, ground);
    painter.setPen(QPen(c.series[0], 1.6));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(line);
}

void FrontierView::paintLabel(QPainter &painter, const QPointF &at, const QString &text) const
{
    const Colors &c = colors();
    const QFontMetricsF metrics(painter.font());
    const QSizeF size(metrics.horizontalAdvance(text) + 12, metrics.height() + 4);
    QRectF box(at.x() + 10, at.y() - size.height() - 8, size.width(), size.height());
    if (box.right() > rect().right() - 2)
        box.moveRight(at.x() - 10);
    if (box.top() < 1)
        box.moveTop(at.y() + 8);
    painter.setPen(QPen(c.line, 1));
    painter.setBrush(c.panel2);
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(c.text);
    painter.drawText(box, static_cast<int>(Qt::AlignCenter), text);
}

void FrontierView::paintPoints(QPainter &painter) const
{
    const Colors &c = colors();
    for (int i = 0; i < static_cast<int>(points_.size()); ++i) {
        const bool hot = i == hovered_;
        painter.setPen(QPen(c.panel, 1));
        painter.setBrush(c.series[0]);
        painter.drawEllipse(placeOf(i), hot ? dot + 1.5 : dot, hot ? dot + 1.5 : dot);
    }
    const auto labelOf = [](double bytes, double share) { return tr("%1 · %2").arg(bytes <= 0 ? tr("nothing") : QString::fromStdString(human::bytes(static_cast<std::int64_t>(bytes))), percent(share)); };
    if (own_share_ >= 0) {
        const QPointF at = place(own_bytes_, own_share_);
        painter.setPen(QPen(c.series[1], 2));
        painter.setBrush(c.panel);
        painter.drawRect(QRectF(at.x() - 4, at.y() - 4, 8, 8));
        if (current_ < 0)
            paintLabel(painter, at, labelOf(own_bytes_, own_share_));
    }
    if (current_ < 0)
        return;
    const QPointF at = placeOf(current_);
    painter.setPen(QPen(hasFocus() ? c.accent : c.text, 2));
    painter.setBrush(c.series[0]);
    painter.drawEllipse(at, ring, ring);
    paintLabel(painter, at, labelOf(points_[static_cast<std::size_t>(current_)].bytes, points_[static_cast<std::size_t>(current_)].share));
}

void FrontierView::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), colors().panel);
    painter.setFont(smallFont());
    if (points_.empty()) {
        painter.setPen(colors().dim);
        painter.drawText(rect().adjusted(spacing::page, spacing::page, -spacing::page, -spacing::page), static_cast<int>(Qt::AlignCenter) | Qt::TextWordWrap, empty_text_);
        return;
    }
    paintScale(painter);
    paintLine(painter);
    paintPoints(painter);
}

void FrontierView::choose(int point)
{
    if (point < 0 || point >= static_cast<int>(points_.size()) || point == current_)
        return;
    current_ = point;
    tellScreenReader();
    update();
    Q_EMIT chosen(point);
}

void FrontierView::tellScreenReader()
{
    setAccessibleDescription(current_ < 0 ? tr("No set is chosen; arrow keys choose") : points_[static_cast<std::size_t>(current_)].tooltip);
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void FrontierView::mouseMoveEvent(QMouseEvent *event)
{
    if (const int at = pointAt(event->position()); at != hovered_) {
        hovered_ = at;
        setCursor(at < 0 ? Qt::ArrowCursor : Qt::PointingHandCursor);
        update();
    }
}

void FrontierView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        choose(pointAt(event->position()));
}

void FrontierView::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    hovered_ = -1;
    update();
}

void FrontierView::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void FrontierView::keyPressEvent(QKeyEvent *event)
{
    const int last = static_cast<int>(points_.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Up:
        choose(current_ < 0 ? 0 : std::max(0, current_ - 1));
        return;
    case Qt::Key_Right:
    case Qt::Key_Down:
        choose(current_ < 0 ? 0 : std::min(last, current_ + 1));
        return;
    case Qt::Key_Home: choose(0); return;
    case Qt::Key_End: choose(last); return;
    default: QWidget::keyPressEvent(event);
    }
}

bool FrontierView::event(QEvent *event)
{
    if (event->type() == QEvent::FocusOut)
        update();
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    if (const int at = pointAt(help->pos()); at >= 0)
        QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(points_[static_cast<std::size_t>(at)].tooltip), this);
    else
        QToolTip::hideText();
    return true;
}

} // namespace howdah::index_tool
