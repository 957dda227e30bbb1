// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_view.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <QKeyEvent>
#include <QScrollBar>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_delegate.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/frozen_columns.h"
#include "ui/grid/grid_editing.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_selection.h"

namespace howdah::ui {

namespace {

constexpr int narrowest_column = 48;
constexpr int widest_at_first = 360;
constexpr int widest_fitted = 900;
constexpr int rows_looked_at = 64;

} // namespace

GridView::GridView(GridModel *model, QWidget *parent)
    : QTableView(parent), grid_(model), columns_(new GridHeader(Qt::Horizontal, model, this)),
      row_numbers_(new GridHeader(Qt::Vertical, model, this)), delegate_(new CellDelegate(model, this)),
      selection_(new GridSelection(model, this)), rows_bar_(new QScrollBar(Qt::Vertical, this))
{
    setHorizontalHeader(columns_);
    setVerticalHeader(row_numbers_);
    row_numbers_->setMinimumSectionSize(1);
    row_numbers_->setDefaultSectionSize(delegate_->rowHeight());
    columns_->setMinimumSectionSize(narrowest_column / 2);
    setModel(model);
    setSelectionModel(selection_);
    setItemDelegate(delegate_);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerItem);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setAccessibleName(tr("Rows of the result"));

    // A click on a head sorts; the base class would select the column and measure all of its rows.
    disconnect(columns_, &QHeaderView::sectionPressed, this, nullptr);
    disconnect(columns_, &QHeaderView::sectionEntered, this, nullptr);
    disconnect(columns_, &QHeaderView::sectionHandleDoubleClicked, this, nullptr);
    connect(columns_, &QHeaderView::sectionHandleDoubleClicked, this, &GridView::fitColumn);
    connect(columns_, &GridHeader::selectionRequested, this, &GridView::selectColumnOfAll);
    connect(columns_, &QHeaderView::sectionMoved, this, [this] {
        if (!arranging_ && !pinned_.empty())
            keepPinnedFirst();
    });
    connect(rows_bar_, &QScrollBar::valueChanged, this, &GridView::rowsBarMoved);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &GridView::innerBarMoved);
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, &GridView::updateRowsBar);
    connect(selection_, &QItemSelectionModel::currentChanged, this, [this] {
        columns_->viewport()->update();
        row_numbers_->viewport()->update();
    });
    connect(this, &QAbstractItemView::doubleClicked, this, [this](const QModelIndex &index) {
        if (editing_ == nullptr || !editing_->canEdit(index.column()))
            Q_EMIT viewerRequested();
    });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, [this] {
        viewport()->update();
        columns_->viewport()->update();
        row_numbers_->viewport()->update();
        if (frozen_ != nullptr)
            frozen_->viewport()->update();
    });
}

void GridView::resetColumns()
{
    setPinnedColumns({});
    for (int column = 0; column < grid_->columnCount(); ++column) {
        columns_->setSectionHidden(column, false);
        columns_->moveSection(columns_->visualIndex(column), column);
    }
    fitColumns();
}

int GridView::visibleRows() const
{
    return std::max(1, viewport()->height() / std::max(1, row_numbers_->defaultSectionSize()));
}

int GridView::fittedWidth(int column, int bound) const
{
    int width = std::max(narrowest_column, columns_->headWidth(column));
    const int first = std::max(0, rowAt(0));
    const int last = std::min(grid_->rowCount(), first + std::max(visibleRows() + 1, rows_looked_at));
    for (int row = first; row < last && width < bound; ++row)
        width = std::max(width, delegate_->widthOf(cellText(grid_->cell(grid_->index(row, column)), grid_->kind(column))));
    return std::min(width, bound);
}

void GridView::fitColumns()
{
    for (int column = 0; column < grid_->columnCount(); ++column)
        columns_->resizeSection(column, fittedWidth(column, widest_at_first));
}

void GridView::fitColumn(int column)
{
    columns_->resizeSection(column, fittedWidth(column, widest_fitted));
}

// The rows' bar counts rows; above what an int holds it counts blocks of them.
namespace {

qint64 rowsPerStep(qint64 most)
{
    return most / std::numeric_limits<int>::max() + 1;
}

} // namespace

void GridView::updateRowsBar()
{
    const qint64 rows = grid_->totalRows();
    const int page = visibleRows();
    const qint64 most = std::max<qint64>(0, rows - page);
    const qint64 step = rowsPerStep(most);
    const QSignalBlocker quiet(rows_bar_);
    rows_bar_->setRange(0, static_cast<int>((most + step - 1) / step));
    rows_bar_->setPageStep(page);
    rows_bar_->setValue(static_cast<int>(topRow() / step));
    rows_bar_->setVisible(most > 0);
    row_numbers_->setFixedWidth(row_numbers_->sizeHint().width());
    updateGeometries();
}

qint64 GridView::topRow() const
{
    return grid_->firstRow() + verticalScrollBar()->value();
}

void GridView::setTopRow(qint64 row)
{
    const qint64 rows = grid_->rowCount();
    const qint64 target = std::clamp<qint64>(row, 0, std::max<qint64>(0, grid_->totalRows() - visibleRows()));
    const qint64 margin = rows / 10;
    moving_ = true;
    const bool above = target < grid_->firstRow() + margin && grid_->firstRow() > 0;
    const bool below = target + visibleRows() > grid_->firstRow() + rows - margin && grid_->firstRow() + rows < grid_->totalRows();
    if (above || below)
        grid_->moveWindow(target - rows / 2);
    verticalScrollBar()->setValue(static_cast<int>(target - grid_->firstRow()));
    moving_ = false;
    const QSignalBlocker quiet(rows_bar_);
    rows_bar_->setValue(static_cast<int>(topRow() / rowsPerStep(std::max<qint64>(0, grid_->totalRows() - visibleRows()))));
}

void GridView::rowsBarMoved(int value)
{
    const qint64 most = std::max<qint64>(0, grid_->totalRows() - visibleRows());
    setTopRow(value == rows_bar_->maximum() ? most : value * rowsPerStep(most));
}

/// Wheel, keys and selecting by dragging move the bar of the base class.
void GridView::innerBarMoved()
{
    if (!moving_)
        setTopRow(topRow());
}

void GridView::goTo(result::CellPlace place)
{
    const qint64 row = std::clamp<qint64>(place.row, 0, std::max<qint64>(0, grid_->totalRows() - 1));
    if (grid_->totalRows() == 0 || place.column >= static_cast<std::size_t>(grid_->columnCount()))
        return;
    const qint64 top = topRow();
    if (row < top || row >= top + visibleRows())
        setTopRow(row - visibleRows() / 3);
    const QModelIndex index = grid_->index(static_cast<int>(row - grid_->firstRow()), static_cast<int>(place.column));
    // Not by setCurrentIndex() of the view: it looks at the keys held down, and Shift+F3 would select a range.
    selection_->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect);
    scrollTo(index);
}

result::CellPlace GridView::currentPlace() const
{
    const QModelIndex current = currentIndex();
    return current.isValid() ? result::CellPlace{grid_->shownRow(current.row()), static_cast<std::size_t>(current.column())}
                             : result::CellPlace{-1, 0};
}

std::vector<std::size_t> GridView::shownColumns() const
{
    std::vector<std::size_t> columns;
    for (int visual = 0; visual < columns_->count(); ++visual) {
        const int logical = columns_->logicalIndex(visual);
        if (!columns_->isSectionHidden(logical))
            columns.push_back(static_cast<std::size_t>(logical));
    }
    return columns;
}

std::vector<result::CellBand> GridView::selectedBands() const
{
    std::vector<result::CellRange> ranges = selection_->ranges();
    if (ranges.empty() && currentIndex().isValid()) {
        const result::CellPlace place = currentPlace();
        ranges.push_back({place.row, place.row, place.column, place.column});
    }
    std::vector<result::CellBand> bands = result::bandsOf(ranges);
    std::vector<bool> shown(static_cast<std::size_t>(grid_->columnCount()), false);
    for (const std::size_t column : shownColumns())
        shown[column] = true;
    result::keepColumns(bands, shown);
    return bands;
}

void GridView::selectColumnOfAll(int column, bool extend)
{
    if (grid_->rowCount() == 0)
        return;
    const QItemSelection whole(grid_->index(0, column), grid_->index(grid_->rowCount() - 1, column));
    const int row = std::max(0, rowAt(0));
    selection_->setCurrentIndex(grid_->index(row, column), QItemSelectionModel::NoUpdate);
    selection_->select(whole, extend ? QItemSelectionModel::Select : QItemSelectionModel::ClearAndSelect);
}

void GridView::showAllColumns()
{
    for (int column = 0; column < columns_->count(); ++column)
        columns_->setSectionHidden(column, false);
}

void GridView::setEditing(GridEditing *editing)
{
    editing_ = editing;
    setEditTriggers(editing != nullptr ? DoubleClicked | EditKeyPressed : NoEditTriggers);
}

// Pinned columns.

void GridView::setColumnPinned(int column, bool pinned)
{
    std::vector<int> now = pinned_;
    std::erase(now, column);
    if (pinned)
        now.push_back(column);
    setPinnedColumns(now);
}

void GridView::setPinnedColumns(const std::vector<int> &columns)
{
    pinned_.clear();
    for (const int column : columns) {
        if (column >= 0 && column < columns_->count())
            pinned_.push_back(column);
    }
    keepPinnedFirst();
    if (frozen_ == nullptr && pinned_.empty())
        return;
    if (frozen_ == nullptr)
        frozen_ = new FrozenColumns(this, grid_);
    frozen_->setColumns(pinned_);
}

/// Where the view is scrolled to its left edge the pinned columns lie over themselves.
void GridView::keepPinnedFirst()
{
    const bool was = std::exchange(arranging_, true);
    int place = 0;
    for (const int column : pinned_)
        columns_->moveSection(columns_->visualIndex(column), place++);
    arranging_ = was;
}

void GridView::scrollTo(const QModelIndex &index, ScrollHint hint)
{
    QTableView::scrollTo(index, hint);
    if (pinned_.empty() || !index.isValid())
        return;
    if (std::find(pinned_.begin(), pinned_.end(), index.column()) != pinned_.end())
        return;
    int width = 0;
    for (const int column : pinned_)
        width += columnWidth(column);
    if (const int left = columnViewportPosition(index.column()); left < width)
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() - (width - left));
}

void GridView::keyPressEvent(QKeyEvent *event)
{
    const bool control = event->modifiers().testFlag(Qt::ControlModifier);
    if (state() == EditingState) {
        // What an editor hands on (Return, which it takes itself a moment later) means nothing more here.
    } else if (editing_ != nullptr && event->key() == Qt::Key_Delete) {
        editing_->toggleDeleted();
    } else if (editing_ != nullptr && control && (event->key() == Qt::Key_0 || event->key() == Qt::Key_ParenRight || event->key() == Qt::Key_Equal) &&
               event->modifiers().testFlag(Qt::ShiftModifier)) {
        editing_->setCurrentNull();
    } else if (event->matches(QKeySequence::Copy)) {
        Q_EMIT copyRequested();
    } else if (event->matches(QKeySequence::Find)) {
        Q_EMIT findRequested();
    } else if (event->key() == Qt::Key_Space && control) {
        if (currentIndex().isValid())
            selectColumnOfAll(currentIndex().column(), false);
    } else if (event->key() == Qt::Key_Space && event->modifiers().testFlag(Qt::ShiftModifier)) {
        if (currentIndex().isValid())
            selectRow(currentIndex().row());
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space) {
        Q_EMIT viewerRequested();
    } else if (event->key() == Qt::Key_Escape) {
        Q_EMIT escaped();
    } else if (control && (event->key() == Qt::Key_Home || event->key() == Qt::Key_End)
               && !event->modifiers().testFlag(Qt::ShiftModifier)) {
        const std::vector<std::size_t> shown = shownColumns();
        if (!shown.empty())
            goTo(event->key() == Qt::Key_Home ? result::CellPlace{0, shown.front()}
                                              : result::CellPlace{grid_->totalRows() - 1, shown.back()});
    } else {
        QTableView::keyPressEvent(event);
        return;
    }
    event->accept();
}

void GridView::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    updateRowsBar();
    if (frozen_ != nullptr)
        frozen_->follow();
}

} // namespace howdah::ui
