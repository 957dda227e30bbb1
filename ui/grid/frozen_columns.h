// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QTableView>

namespace howdah::ui {

class GridHeader;
class GridModel;
class GridView;

/// The first columns of a grid once more, over its left edge, so that they stay while the others scroll below. Shares the
/// model, the selection and the delegate; whatever is done here is done to the grid.
class FrozenColumns : public QTableView
{
    Q_OBJECT
public:
    FrozenColumns(GridView *view, const GridModel *model);
    /// Logical columns, in their order from the left.
    void setColumns(const std::vector<int> &columns);
    /// Follows widths, heights and hidden columns of the grid.
    void follow();

protected:
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    GridView *view_;
    GridHeader *header_;
    std::vector<int> columns_;
    bool following_ = false;
};

} // namespace howdah::ui
