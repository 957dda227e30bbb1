// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/cell_delegate.h"

#include <algorithm>

#include <QLineEdit>
#include <QPainter>
#include <QtMath>

#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/grid_model.h"

namespace howdah::ui {

namespace {

QFont italic(QFont font)
{
    font.setItalic(true);
    return font;
}

} // namespace

CellDelegate::CellDelegate(const GridModel *model, QObject *parent)
    : QStyledItemDelegate(parent), model_(model), font_(monoFont()), null_font_(italic(monoFont())), metrics_(font_),
      digit_width_(metrics_.horizontalAdvance(QString(100, QLatin1Char('0'))) / 100.0)
{
}

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors &c = colors();
    const pg::Cell cell = model_->cell(index);
    const result::ValueKind kind = model_->kind(index.column());
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QString text = cellText(cell, kind);
    if (selected)
        painter->fillRect(option.rect, c.on_tint);
    else if (model_->isDeleted(index))
        painter->fillRect(option.rect, c.bad_tint);
    else if (model_->isChanged(index))
        painter->fillRect(option.rect, c.good_tint);
    else if (!matcher_.empty() && !cell.is_null && matcher_.matches(text.toStdString()))
        painter->fillRect(option.rect, c.warn_tint);
    painter->setFont(cell.is_null ? null_font_ : font_);
    painter->setPen(cell.is_null ? c.dim : c.text);
    const QRect inner = option.rect.adjusted(spacing::control, 0, -spacing::control, 0);
    const Qt::Alignment side = result::isNumber(kind) && !cell.is_null ? Qt::AlignRight : Qt::AlignLeft;
    painter->drawText(inner, static_cast<int>(Qt::AlignVCenter | side) | Qt::TextSingleLine | Qt::TextDontClip,
                      elided(text, inner.width()));
    if (model_->isDeleted(index)) {
        painter->setPen(c.bad_ink);
        painter->drawLine(inner.left(), inner.center().y(), inner.right(), inner.center().y());
    } else if (model_->isChanged(index)) {
        painter->fillRect(option.rect.left(), option.rect.top(), 3, option.rect.height(), c.good);
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(c.accent);
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
}

QWidget *CellDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &, const QModelIndex &index) const
{
    auto *field = new QLineEdit(parent);
    field->setFont(font_);
    field->setFrame(false);
    field->setAccessibleName(QString::fromStdString(model_->column(index.column()).name));
    if (model_->cell(index).is_null)
        field->setPlaceholderText(tr("NULL"));
    return field;
}

int CellDelegate::widthOf(const QString &text) const
{
    return textWidth(text) + 2 * spacing::control + 1;
}

int CellDelegate::rowHeight() const
{
    return metrics_.height() + spacing::control;
}

/// A monospaced face needs no measuring for the characters it surely has.
int CellDelegate::textWidth(const QString &text) const
{
    const bool plain = std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() >= 0x20 && c.unicode() < 0x7F; });
    return plain ? qCeil(static_cast<qreal>(text.size()) * digit_width_) : metrics_.horizontalAdvance(text);
}

QString CellDelegate::elided(const QString &text, int width) const
{
    return textWidth(text) <= width ? text : metrics_.elidedText(text, Qt::ElideRight, width);
}

} // namespace howdah::ui
