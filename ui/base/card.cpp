// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/card.h"

#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {
constexpr qreal edge_width = 3;
}

void paintCard(QPainter &painter, const QRectF &rect, std::optional<Tone> edge, bool selected)
{
    const Colors &c = colors();
    const QRectF frame = rect.adjusted(0.5, 0.5, -0.5, -0.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(frame, spacing::radius, spacing::radius);
    painter.fillPath(outline, c.panel);
    if (edge) {
        painter.save();
        painter.setClipPath(outline);
        painter.fillRect(QRectF(frame.left(), frame.top(), edge_width, frame.height()), toneShape(*edge));
        painter.restore();
    }
    painter.setPen(QPen(selected ? c.accent : c.line, selected ? 2 : 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(outline);
    if (edge && !selected) {
        // The line would otherwise run over the edge and dull it.
        painter.setClipRect(QRectF(rect.left(), rect.top(), edge_width, rect.height()));
        painter.setPen(QPen(toneShape(*edge), 1));
        painter.drawPath(outline);
    }
    painter.restore();
}

Card::Card(QWidget *parent) : QFrame(parent), body_(new QVBoxLayout(this))
{
    body_->setContentsMargins(spacing::card, spacing::card, spacing::card, spacing::card);
    body_->setSpacing(spacing::unit);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

void Card::setEdge(std::optional<Tone> tone)
{
    edge_ = tone;
    update();
}

void Card::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintCard(painter, QRectF(rect()), edge_);
}

} // namespace howdah::ui
