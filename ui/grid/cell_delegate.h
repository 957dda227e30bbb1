// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QFontMetrics>
#include <QStyledItemDelegate>

#include "core/result/find_cells.h"

namespace howdah::ui {

class GridModel;

/// Paints a cell straight from the store: one string is made for it and nothing else.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit CellDelegate(const GridModel *model, QObject *parent = nullptr);
    /// Cells that match are marked. An empty matcher marks none.
    void setMatcher(const result::TextMatcher &matcher) { matcher_ = matcher; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    [[nodiscard]] QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    /// What the text of a cell needs, with the room on both sides.
    [[nodiscard]] int widthOf(const QString &text) const;
    [[nodiscard]] int rowHeight() const;

private:
    [[nodiscard]] int textWidth(const QString &text) const;
    [[nodiscard]] QString elided(const QString &text, int width) const;

    const GridModel *model_;
    result::TextMatcher matcher_;
    QFont font_;
    QFont null_font_;
    QFontMetrics metrics_;
    qreal digit_width_; ///< not whole in every face
};

} // namespace howdah::ui
