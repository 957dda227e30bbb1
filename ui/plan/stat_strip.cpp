// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/stat_strip.h"

#include <algorithm>

#include <QPainter>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr int widest_detail = 190;

QFont valueFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() + 2);
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

Stat::Stat(const QString &caption, const QString &value, const QString &detail, Tone tone, QWidget *parent)
    : QAbstractButton(parent), value_(value), detail_(detail), tone_(tone)
{
    setText(caption);
    setAccessibleName(QStringLiteral("%1: %2 %3").arg(caption, value, detail));
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_Hover);
    setToolTip(detail.isEmpty() ? QString() : QStringLiteral("%1 · %2").arg(value, detail));
}

void Stat::setLink(bool link)
{
    link_ = link;
    setFocusPolicy(link ? Qt::StrongFocus : Qt::NoFocus);
    setCursor(link ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

QSize Stat::sizeHint() const
{
    const int value = QFontMetrics(valueFont()).horizontalAdvance(value_);
    const int detail = detail_.isEmpty() ? 0 : spacing::control + QFontMetrics(textFont()).horizontalAdvance(detail_) + 4;
    const int caption = QFontMetrics(captionFont()).horizontalAdvance(text());
    return {std::max(value + std::min(detail, widest_detail), caption) + 2 * spacing::card, 48};
}

QSize Stat::minimumSizeHint() const
{
    return sizeHint();
}

void Stat::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (link_ && (underMouse() || hasFocus())) {
        painter.setPen(hasFocus() ? QPen(c.accent) : QPen(Qt::NoPen));
        painter.setBrush(c.hover);
        painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 3.5, -2.5, -3.5), spacing::radius, spacing::radius);
    }
    const QRect inner = rect().adjusted(spacing::card, 6, -spacing::card, -6);
    painter.setFont(captionFont());
    painter.setPen(c.dim);
    painter.drawText(QRect(inner.left(), inner.top(), inner.width(), 16), Qt::AlignLeft | Qt::AlignVCenter, text());
    const int width = QFontMetrics(valueFont()).horizontalAdvance(value_);
    painter.setFont(valueFont());
    painter.setPen(tone_ == Tone::Neutral ? c.text : toneInk(tone_));
    const QRect line(inner.left(), inner.top() + 16, inner.width(), 20);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, value_);
    if (detail_.isEmpty())
        return;
    const QRect rest = line.adjusted(width + spacing::control, 1, 0, 1);
    painter.setFont(textFont());
    painter.setPen(c.dim);
    painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(textFont()).elidedText(detail_, Qt::ElideRight, rest.width()));
}

StatStrip::StatStrip(QWidget *parent) : QWidget(parent)
{
    setFixedHeight(48);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] { arrange(); });
}

void StatStrip::clear()
{
    qDeleteAll(stats_);
    stats_.clear();
}

void StatStrip::add(const QString &caption, const QString &value, const QString &detail, Tone tone,
                    std::function<void()> clicked)
{
    auto *stat = new Stat(caption, value, detail, tone, this);
    if (clicked) {
        stat->setLink(true);
        connect(stat, &QAbstractButton::clicked, this, [clicked = std::move(clicked)] { clicked(); });
    }
    stats_ << stat;
    arrange();
}

void StatStrip::arrange()
{
    int x = spacing::unit;
    for (Stat *stat : stats_) {
        const int width = stat->sizeHint().width();
        stat->setGeometry(x, 0, width, height());
        stat->setVisible(x + width <= this->width());
        x += width;
    }
}

void StatStrip::resizeEvent(QResizeEvent *)
{
    arrange();
}

} // namespace howdah::ui
