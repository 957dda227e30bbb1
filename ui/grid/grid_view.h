// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QTableView>

#include "core/result/cell_bands.h"
#include "core/result/find_cells.h"

class QScrollBar;

namespace howdah::ui {

class CellDelegate;
class FrozenColumns;
class GridEditing;
class GridHeader;
class GridModel;
class GridSelection;

/// The table of a result. Its own vertical scroll bar is not shown: rowsBar() counts all rows and slides the
/// model's window where it must, so that a hundred million rows scroll like a hundred.
class GridView : public QTableView
{
    Q_OBJECT
public:
    explicit GridView(GridModel *model, QWidget *parent = nullptr);

    [[nodiscard]] QScrollBar *rowsBar() const { return rows_bar_; }
    [[nodiscard]] GridHeader *columnsHeader() const { return columns_; }
    [[nodiscard]] CellDelegate *cells() const { return delegate_; }
    [[nodiscard]] GridSelection *selected() const { return selection_; }

    /// A new result is in the model: forget what was.
    void resetColumns();
    /// Widths from the rows that are in sight, within bounds.
    void fitColumns();
    void fitColumn(int column);
    /// Rows were added or the view has another height.
    void updateRowsBar();

    [[nodiscard]] qint64 topRow() const;
    void setTopRow(qint64 row);
    /// Makes it the current cell and brings it into sight.
    void goTo(result::CellPlace place);
    [[nodiscard]] result::CellPlace currentPlace() const;

    /// Columns that are not hidden, in the order shown.
    [[nodiscard]] std::vector<std::size_t> shownColumns() const;
    /// What is selected among the columns that are not hidden; the current cell alone where nothing is.
    [[nodiscard]] std::vector<result::CellBand> selectedBands() const;
    void selectColumnOfAll(int column, bool extend);
    void showAllColumns();
    /// Keys and double clicks change values while there is somebody to take them; null: they look at them.
    void setEditing(GridEditing *editing);
    /// Columns that stay at the left while the others scroll, in their order. Pinning moves a column behind those pinned.
    [[nodiscard]] const std::vector<int> &pinnedColumns() const { return pinned_; }
    void setColumnPinned(int column, bool pinned);
    void setPinnedColumns(const std::vector<int> &columns);
    void scrollTo(const QModelIndex &index, ScrollHint hint = EnsureVisible) override;

Q_SIGNALS:
    void viewerRequested();
    void copyRequested();
    void findRequested();
    void escaped();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void rowsBarMoved(int value);
    void innerBarMoved();
    void keepPinnedFirst();
    [[nodiscard]] int visibleRows() const;
    [[nodiscard]] int fittedWidth(int column, int bound) const;

    GridModel *grid_;
    GridHeader *columns_;
    GridHeader *row_numbers_;
    CellDelegate *delegate_;
    GridSelection *selection_;
    QScrollBar *rows_bar_;
    FrozenColumns *frozen_ = nullptr; ///< made when it is first needed
    std::vector<int> pinned_;
    GridEditing *editing_ = nullptr;
    bool moving_ = false;
    bool arranging_ = false;
};

} // namespace howdah::ui
