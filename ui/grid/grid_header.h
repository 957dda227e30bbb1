// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHeaderView>

namespace howdah::ui {

class GridModel;

/// The heads of columns (name, type below it, the arrow of the sort) and the numbers of rows. Painted here
/// because QHeaderView asks for each section whether all of its cells are selected: at a million rows and everything
/// selected that is 0.3 s a frame.
class GridHeader : public QHeaderView
{
    Q_OBJECT
public:
    GridHeader(Qt::Orientation orientation, const GridModel *model, QWidget *parent = nullptr);
    /// Says why columns cannot be sorted now; empty: they can.
    void setSortObstacle(const QString &reason);
    [[nodiscard]] QString sortObstacle() const { return sort_obstacle_; }
    /// Room for the head of a column without cutting its name.
    [[nodiscard]] int headWidth(int column) const;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void sortRequested(int column);
    void selectionRequested(int column, bool extend);
    void menuRequested(int column, const QPoint &global);

protected:
    void paintSection(QPainter *painter, const QRect &rect, int section) const override;
    [[nodiscard]] QSize sectionSizeFromContents(int section) const override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void paintColumn(QPainter &painter, const QRect &rect, int column) const;
    void paintRow(QPainter &painter, const QRect &rect, int row) const;
    [[nodiscard]] bool isCurrent(int section) const;
    [[nodiscard]] QString tip(int column) const;

    const GridModel *model_;
    QFont name_font_;
    QFont type_font_;
    QString sort_obstacle_;
    int pressed_ = -1;
    int pressed_position_ = 0;
    int pressed_visual_ = -1;
};

} // namespace howdah::ui
