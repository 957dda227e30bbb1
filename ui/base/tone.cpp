// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/tone.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

QFont pillFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    font.setWeight(QFont::DemiBold);
    return font;
}

} // namespace

QColor toneInk(Tone tone)
{
    const Colors &c = colors();
    switch (tone) {
    case Tone::Neutral: return c.dim;
    case Tone::Accent: return c.accent_ink;
    case Tone::Good: return c.good_ink;
    case Tone::Warn: return c.warn_ink;
    case Tone::Bad: return c.bad_ink;
    }
    return c.text;
}

QColor toneTint(Tone tone)
{
    const Colors &c = colors();
    switch (tone) {
    case Tone::Neutral: return c.panel2;
    case Tone::Accent: return c.on_tint;
    case Tone::Good: return c.good_tint;
    case Tone::Warn: return c.warn_tint;
    case Tone::Bad: return c.bad_tint;
    }
    return c.panel2;
}

QColor toneShape(Tone tone)
{
    const Colors &c = colors();
    switch (tone) {
    case Tone::Neutral: return c.dim;
    case Tone::Accent: return c.accent;
    case Tone::Good: return c.good;
    case Tone::Warn: return c.warn;
    case Tone::Bad: return c.bad;
    }
    return c.dim;
}

QSize pillSize(const QString &text)
{
    const QFontMetrics metrics(pillFont());
    return {metrics.horizontalAdvance(text) + 2 * spacing::control, metrics.height() + spacing::unit};
}

int paintPill(QPainter &painter, const QRect &rect, const QString &text, Tone tone)
{
    const QSize size = pillSize(text);
    const QRectF pill(rect.left(), rect.top() + (rect.height() - size.height()) / 2.0, size.width(), size.height());
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(toneTint(tone));
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
    painter.setFont(pillFont());
    painter.setPen(toneInk(tone));
    painter.drawText(pill, Qt::AlignCenter, text);
    painter.restore();
    return size.width();
}

} // namespace howdah::ui
