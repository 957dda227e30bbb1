// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPersistentModelIndex>
#include <QTreeView>

namespace howdah::ui {

class ObjectModel;

/// The view of an ObjectModel: paints its rows whole (selection over the full width, size on the right), opens with
/// Enter or a double click, and drags names out as text.
class ObjectTree : public QTreeView
{
    Q_OBJECT
public:
    ObjectTree(ObjectModel *model, QWidget *parent = nullptr);
    [[nodiscard]] ObjectModel *objects() const { return objects_; }
    /// What is at the top now, so that a refresh may put it there again.
    [[nodiscard]] QModelIndex topIndex(int *pixels_above) const;
    void scrollToTop(const QModelIndex &index, int pixels_above);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void opened(const QModelIndex &index);
    void menuWanted(const QModelIndex &index, const QPoint &global);
    void copyWanted(const QModelIndex &index);
    void escaped();
    /// Up was pressed on the first row.
    void leftUpwards();

protected:
    void drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void drawBranches(QPainter *painter, const QRect &rect, const QModelIndex &index) const override;
    void keyPressEvent(QKeyEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    void setHovered(const QModelIndex &index);

    ObjectModel *objects_;
    QPersistentModelIndex hovered_;
};

} // namespace howdah::ui
