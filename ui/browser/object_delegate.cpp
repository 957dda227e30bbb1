// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_delegate.h"

#include <QPainter>
#include <QTextLayout>

#include "ui/base/palette.h"
#include "ui/browser/object_face.h"
#include "ui/browser/object_model.h"

namespace howdah::ui {

namespace {

constexpr int icon_size = 16;
constexpr int gap = 6;
constexpr int least_name = 36; ///< the name keeps this much before anything else is shown

QColor iconColor(Tone tone)
{
    return tone == Tone::Neutral ? colors().dim : toneInk(tone);
}

/// The text with every occurrence of a word in it in the accent colour.
void drawMarked(QPainter &painter, const QRect &rect, const QString &text, const QStringList &words, const QFont &font)
{
    QList<QTextLayout::FormatRange> marks;
    const QString folded = text.toCaseFolded();
    QTextCharFormat mark;
    mark.setForeground(colors().accent_ink);
    mark.setFontWeight(QFont::Bold);
    for (const QString &word : words) {
        for (qsizetype at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.size()))
            marks.append({static_cast<int>(at), static_cast<int>(word.size()), mark});
    }
    QTextLayout layout(text, font);
    layout.setFormats(marks);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    layout.setTextOption(option);
    layout.beginLayout();
    layout.createLine();
    layout.endLayout();
    painter.save();
    painter.setClipRect(rect);
    painter.setPen(colors().text);
    layout.draw(&painter, QPointF(rect.left(), rect.top() + (rect.height() - layout.boundingRect().height()) / 2.0));
    painter.restore();
}

} // namespace

QSize ObjectDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {100, option.fontMetrics.height() + 7};
}

void ObjectDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *model = static_cast<const ObjectModel *>(index.model());
    const ObjectNode &node = *model->node(index);
    const ObjectFace face = faceOf(*model->outline(), node);
    const Colors &c = colors();
    QRect rest = option.rect;
    painter->save();
    if (!face.icon.isEmpty()) {
        const QRect picture(rest.left(), rest.top() + (rest.height() - icon_size) / 2, icon_size, icon_size);
        icon(face.icon, iconColor(face.icon_tone)).paint(painter, picture);
        rest.setLeft(picture.right() + 1 + gap);
    }

    QFont small = option.font;
    small.setPixelSize(textFont().pixelSize() - 1);
    const QFontMetrics metrics(option.font);
    const QFontMetrics small_metrics(small);
    const int name_width = metrics.horizontalAdvance(face.name);
    const int badge_width = face.badge.isEmpty() ? 0 : pillSize(face.badge).width() + gap;
    // What needs attention is worth more than a size.
    const int beside = badge_width + gap + small_metrics.horizontalAdvance(face.right);
    const bool needs_attention = face.badge_tone == Tone::Warn || face.badge_tone == Tone::Bad;
    const bool right_yields = badge_width > 0 && needs_attention && rest.width() - beside < std::min(name_width, least_name);
    if (!face.right.isEmpty() && !right_yields) {
        const int room = std::max(0, rest.width() - std::min(name_width, std::max(least_name, rest.width() / 2)) - gap);
        const QString right = small_metrics.elidedText(face.right, Qt::ElideRight, room);
        const int width = small_metrics.horizontalAdvance(right);
        painter->setFont(small);
        painter->setPen(c.dim);
        painter->drawText(QRect(rest.right() - width, rest.top(), width + 1, rest.height()), Qt::AlignVCenter | Qt::AlignRight, right);
        rest.setRight(rest.right() - width - gap);
    }

    const bool badge_fits = badge_width > 0 && rest.width() - badge_width >= std::min(name_width, least_name);
    const int mark_width = face.required ? metrics.horizontalAdvance(QStringLiteral(" *")) : 0;
    const int name_room = std::max(0, rest.width() - (badge_fits ? badge_width : 0) - mark_width);
    const QString name = metrics.elidedText(face.name, Qt::ElideRight, name_room);
    painter->setFont(option.font);
    painter->setPen(c.text);
    const QRect name_rect(rest.left(), rest.top(), name_room, rest.height());
    int x = rest.left() + metrics.horizontalAdvance(name);
    if (model->words().isEmpty() || !node.found) {
        painter->drawText(name_rect, Qt::AlignVCenter | Qt::AlignLeft, name);
    } else {
        drawMarked(*painter, name_rect, name, model->words(), option.font);
        x += metrics.averageCharWidth(); // marks are bold and so a little wider
    }
    if (face.required) {
        painter->setPen(c.dim);
        painter->drawText(QRect(x, rest.top(), mark_width, rest.height()), Qt::AlignVCenter | Qt::AlignLeft, QStringLiteral(" *"));
        x += mark_width;
    }
    const int suffix_room = rest.right() - x - (badge_fits ? badge_width : 0);
    if (!face.suffix.isEmpty() && suffix_room > 2 * gap) {
        const QString suffix = small_metrics.elidedText(face.suffix, Qt::ElideMiddle, suffix_room);
        painter->setFont(small);
        painter->setPen(c.dim);
        painter->drawText(QRect(x, rest.top(), suffix_room, rest.height()), Qt::AlignVCenter | Qt::AlignLeft, suffix);
        x += small_metrics.horizontalAdvance(suffix);
    }
    if (badge_fits)
        paintPill(*painter, QRect(x + gap, rest.top() + 1, badge_width, rest.height() - 2), face.badge, face.badge_tone);
    painter->restore();
}

} // namespace howdah::ui
