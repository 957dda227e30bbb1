// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/pill.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {
constexpr int icon_size = 12;
}

Pill::Pill(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    font.setWeight(QFont::DemiBold);
    setFont(font);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

Pill::Pill(const QString &text, Tone tone, QWidget *parent) : Pill(parent)
{
    tone_ = tone;
    setText(text);
}

void Pill::setText(const QString &text)
{
    text_ = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Pill::setTone(Tone tone)
{
    tone_ = tone;
    update();
}

void Pill::setIconName(const QString &name)
{
    icon_name_ = name;
    updateGeometry();
    update();
}

QSize Pill::sizeHint() const
{
    const QFontMetrics metrics(font());
    const int icon_width = icon_name_.isEmpty() ? 0 : icon_size + (text_.isEmpty() ? 0 : spacing::unit);
    return {metrics.horizontalAdvance(text_) + icon_width + 2 * spacing::control, metrics.height() + spacing::unit};
}

QSize Pill::minimumSizeHint() const
{
    return sizeHint();
}

void Pill::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(toneTint(tone_));
    painter.drawRoundedRect(QRectF(rect()), height() / 2.0, height() / 2.0);
    QRect inner = rect().adjusted(spacing::control, 0, -spacing::control, 0);
    if (!icon_name_.isEmpty()) {
        const QRect place(inner.left(), (height() - icon_size) / 2, icon_size, icon_size);
        icon(icon_name_, toneInk(tone_)).paint(&painter, place);
        inner.setLeft(place.right() + 1 + spacing::unit);
    }
    painter.setPen(toneInk(tone_));
    painter.setFont(font());
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, text_);
}

} // namespace howdah::ui
