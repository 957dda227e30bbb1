// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/object/size_bar.h"

#include <algorithm>

#include <QPainter>
#include <QPainterPath>

#include "core/base/human.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int bar_height = 22;
constexpr int legend_height = 26;

} // namespace

SizeBar::SizeBar(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SizeBar::setParts(std::vector<Part> parts)
{
    parts_ = std::move(parts);
    QStringList words;
    for (const Part &part : parts_)
        words << part.name + QLatin1Char(' ') + QString::fromStdString(human::bytes(part.bytes));
    setAccessibleName(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize SizeBar::sizeHint() const
{
    return {360, bar_height + spacing::control + legend_height * static_cast<int>(std::max<std::size_t>(parts_.size(), 1))};
}

void SizeBar::paintEvent(QPaintEvent *)
{
    const Colors &c = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    qint64 total = 0;
    for (const Part &part : parts_)
        total += part.bytes;
    const QRectF bar(0, 0, width(), bar_height);
    QPainterPath shape;
    shape.addRoundedRect(bar, spacing::radius, spacing::radius);
    painter.fillPath(shape, c.panel2);
    painter.save();
    painter.setClipPath(shape);
    double x = 0;
    for (const Part &part : parts_) {
        const double wide = total > 0 ? bar.width() * static_cast<double>(part.bytes) / static_cast<double>(total) : 0;
        painter.fillRect(QRectF(x, 0, std::max(0.0, wide - 1), bar_height), c.series[part.series]);
        x += wide;
    }
    painter.restore();
    int y = bar_height + spacing::control;
    for (const Part &part : parts_) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(c.series[part.series]);
        painter.drawRoundedRect(QRectF(1, y + legend_height / 2.0 - 5, 10, 10), 3, 3);
        painter.setFont(textFont());
        painter.setPen(c.text);
        painter.drawText(QRect(20, y, 240, legend_height), Qt::AlignVCenter | Qt::AlignLeft, part.name);
        const double share = total > 0 ? 100.0 * static_cast<double>(part.bytes) / static_cast<double>(total) : 0;
        painter.drawText(QRect(220, y, 110, legend_height), Qt::AlignVCenter | Qt::AlignRight, QString::fromStdString(human::bytes(part.bytes)));
        painter.setPen(c.dim);
        painter.drawText(QRect(330, y, 70, legend_height), Qt::AlignVCenter | Qt::AlignRight, QStringLiteral("%1 %").arg(share, 0, 'f', share < 10 ? 1 : 0));
        y += legend_height;
    }
}

} // namespace howdah::ui
