// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/palette_delegate.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/actions/palette_model.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int icon_size = 16;

QFont smaller(QFont font)
{
    font.setPixelSize(font.pixelSize() - 1);
    return font;
}

/// Draws on one line, what was matched bold and in the accent; returns the width used.
int drawMatched(QPainter &painter, const QRect &rect, const QString &text, const QList<int> &places,
                const QColor &color, const QFont &font)
{
    QFont strong = font;
    strong.setWeight(QFont::Bold);
    const QString shown = QFontMetrics(places.isEmpty() ? font : strong).elidedText(text, Qt::ElideRight, rect.width());
    int x = rect.left();
    qsizetype at = 0;
    while (at < shown.size()) {
        const bool matched = places.contains(static_cast<int>(at));
        qsizetype end = at + 1;
        while (end < shown.size() && places.contains(static_cast<int>(end)) == matched)
            ++end;
        const QString run = shown.mid(at, end - at);
        painter.setFont(matched ? strong : font);
        painter.setPen(matched ? colors().accent_ink : color);
        painter.drawText(QRect(x, rect.top(), rect.right() - x + 1, rect.height()), Qt::AlignLeft | Qt::AlignVCenter, run);
        x += QFontMetrics(painter.font()).horizontalAdvance(run);
        at = end;
    }
    return x - rect.left();
}

/// "Ctrl+Shift+E" as three keys; returns the left edge.
int drawKeys(QPainter &painter, const QRect &rect, const QString &shortcut, const QColor &ink)
{
    const Colors &c = colors();
    const QFont font = smaller(smaller(textFont()));
    const QFontMetrics metrics(font);
    QStringList keys = shortcut.split(QLatin1Char('+'), Qt::SkipEmptyParts);
    if (shortcut.endsWith(QStringLiteral("++")) || shortcut == QStringLiteral("+"))
        keys << QStringLiteral("+");
    int x = rect.right() + 1;
    painter.setFont(font);
    for (auto key = keys.crbegin(); key != keys.crend(); ++key) {
        const int width = std::max(metrics.horizontalAdvance(*key) + 2 * 6, 20);
        const QRectF cap(x - width + 0.5, rect.center().y() - 9.5, width - 1, 20);
        painter.setPen(c.line);
        painter.setBrush(c.panel2);
        painter.drawRoundedRect(cap, 4, 4);
        painter.setPen(ink);
        painter.drawText(cap, Qt::AlignCenter, *key);
        x -= width + spacing::unit;
    }
    return x;
}

} // namespace

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {200, row_height};
}

void PaletteDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect row = option.rect.adjusted(spacing::control, 1, -spacing::control, -1);
    const bool selected = (option.state & QStyle::State_Selected) != 0;
    if (selected || (option.state & QStyle::State_MouseOver) != 0) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(selected ? c.on_tint : c.hover);
        painter->drawRoundedRect(row, 6, 6);
    }
    const bool enabled = index.data(PaletteModel::EnabledRole).toBool();
    QRect inner = row.adjusted(spacing::control, 0, -spacing::control, 0);

    const QString icon_name = index.data(PaletteModel::IconRole).toString();
    if (!icon_name.isEmpty()) {
        const QRect place(inner.left(), inner.center().y() - icon_size / 2 + 1, icon_size, icon_size);
        icon(icon_name, selected && enabled ? c.accent_ink : c.dim)
            .paint(painter, place, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
    }
    inner.setLeft(inner.left() + icon_size + 10);

    // Right: the keys, and what it is where there are none.
    const QString shortcut = index.data(PaletteModel::ShortcutRole).toString();
    if (!shortcut.isEmpty()) {
        inner.setRight(drawKeys(*painter, inner, shortcut, c.dim) - spacing::control);
    } else {
        const QString kind = index.data(PaletteModel::RecentRole).toBool()
            ? tr("Recent · %1").arg(index.data(PaletteModel::KindRole).toString())
            : index.data(PaletteModel::KindRole).toString();
        painter->setFont(smaller(textFont()));
        painter->setPen(c.dim);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, kind);
        inner.setRight(inner.right() - QFontMetrics(painter->font()).horizontalAdvance(kind) - 2 * spacing::control);
    }

    const int used = drawMatched(*painter, inner, index.data(Qt::DisplayRole).toString(),
                                 index.data(PaletteModel::PositionsRole).value<QList<int>>(),
                                 enabled ? c.text : c.dim, textFont());
    inner.setLeft(inner.left() + used + 10);
    const QString reason = index.data(PaletteModel::ReasonRole).toString();
    if (inner.width() > 3 * spacing::page && !enabled && !reason.isEmpty())
        drawMatched(*painter, inner, reason, {}, c.warn_ink, smaller(textFont()));
    else if (inner.width() > 3 * spacing::page)
        drawMatched(*painter, inner, index.data(PaletteModel::PathRole).toString(),
                    index.data(PaletteModel::PathPositionsRole).value<QList<int>>(), c.dim, smaller(textFont()));
    painter->restore();
}

} // namespace howdah::ui
