// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/time_bar.h"

#include <algorithm>

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include "ui/base/contrast.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/plan_scale.h"

namespace howdah::ui {

TimeBar::TimeBar(QWidget *parent) : QWidget(parent)
{
    setFixedHeight(26);
    setMouseTracking(true);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
}

QSize TimeBar::sizeHint() const
{
    return {240, 26};
}

void TimeBar::setParts(std::vector<Part> parts)
{
    parts_ = std::move(parts);
    QStringList said;
    for (const Part &part : parts_)
        said += part.tooltip;
    setAccessibleName(said.join(QStringLiteral("; ")));
    update();
}

std::vector<QRectF> TimeBar::rects() const
{
    std::vector<QRectF> rects;
    qreal x = 0;
    for (const Part &part : parts_) {
        const qreal wide = part.share * width();
        rects.emplace_back(x, 0, wide, height());
        x += wide;
    }
    return rects;
}

void TimeBar::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(QRectF(rect()), spacing::radius - 1, spacing::radius - 1);
    painter.setClipPath(outline);
    painter.fillRect(rect(), c.line);
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 2);
    painter.setFont(font);
    const std::vector<QRectF> all = rects();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const QColor ground = parts_[i].tone == Tone::Neutral ? c.line : scaleColour(parts_[i].tone);
        painter.fillRect(all[i].adjusted(0, 0, i + 1 < parts_.size() ? -1 : 0, 0), ground);
        if (i + 1 < parts_.size())
            painter.fillRect(QRectF(all[i].right() - 1, 0, 1, height()), c.panel);
        const QRectF inner = all[i].adjusted(6, 0, -6, 0);
        const QString text = painter.fontMetrics().elidedText(parts_[i].text, Qt::ElideRight, static_cast<int>(inner.width()));
        if (inner.width() < 40 || text.size() < 4)
            continue;
        painter.setPen(parts_[i].tone == Tone::Neutral ? c.text : readableOn(ground));
        painter.drawText(inner, Qt::AlignCenter, text);
    }
}

const TimeBar::Part *TimeBar::partAt(const QPointF &at) const
{
    const std::vector<QRectF> all = rects();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (all[i].contains(at))
            return &parts_[i];
    }
    return nullptr;
}

void TimeBar::mouseReleaseEvent(QMouseEvent *event)
{
    if (const Part *part = partAt(event->position()); part != nullptr && part->node != plan::no_node)
        Q_EMIT nodeClicked(part->node);
}

bool TimeBar::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const Part *part = partAt(help->pos());
        QToolTip::showText(help->globalPos(), part == nullptr ? QString() : part->tooltip, this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace howdah::ui
