// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_selection.h"

#include <algorithm>

#include "ui/grid/grid_model.h"

namespace howdah::ui {

using result::CellRange;

GridSelection::GridSelection(GridModel *model, QObject *parent) : QItemSelectionModel(model, parent), rows_(model)
{
    connect(model, &GridModel::windowMoved, this, &GridSelection::follow);
}

std::vector<CellRange> GridSelection::inside(qint64 first) const
{
    std::vector<CellRange> result;
    const QItemSelection selected = selection();
    for (const QItemSelectionRange &range : selected) {
        result.push_back({first + range.top(), first + range.bottom(), static_cast<std::size_t>(range.left()),
                          static_cast<std::size_t>(range.right())});
    }
    return result;
}

std::vector<CellRange> GridSelection::ranges() const
{
    std::vector<CellRange> all = inside(rows_->firstRow());
    all.insert(all.end(), outside_.begin(), outside_.end());
    return all;
}

void GridSelection::select(const QItemSelection &selection, SelectionFlags command)
{
    if (!following_ && command.testFlag(Clear))
        outside_.clear();
    const qint64 first = rows_->firstRow();
    const qint64 behind = first + rows_->rowCount();
    const bool windowed = rows_->totalRows() > rows_->rowCount();
    if (!following_ && windowed && command.testFlag(Select)) {
        for (const QItemSelectionRange &range : selection) {
            if (range.top() != 0 || range.bottom() != rows_->rowCount() - 1)
                continue;
            const auto left = static_cast<std::size_t>(range.left());
            const auto right = static_cast<std::size_t>(range.right());
            if (first > 0)
                outside_.push_back({0, first - 1, left, right});
            if (behind < rows_->totalRows())
                outside_.push_back({behind, rows_->totalRows() - 1, left, right});
        }
    }
    QItemSelectionModel::select(selection, command);
}

void GridSelection::select(const QModelIndex &index, SelectionFlags command)
{
    // The base class comes back through the other overload.
    QItemSelectionModel::select(index, command);
}

void GridSelection::clear()
{
    outside_.clear();
    QItemSelectionModel::clear();
}

void GridSelection::reset()
{
    outside_.clear();
    QItemSelectionModel::reset();
}

void GridSelection::follow(qint64 from, qint64 to)
{
    std::vector<CellRange> all = inside(from);
    all.insert(all.end(), outside_.begin(), outside_.end());
    outside_.clear();
    const qint64 last = to + rows_->rowCount() - 1;
    QItemSelection now;
    for (const CellRange &range : all) {
        if (range.first_row < to)
            outside_.push_back({range.first_row, std::min<qint64>(range.last_row, to - 1), range.first_column, range.last_column});
        if (range.last_row > last)
            outside_.push_back({std::max<qint64>(range.first_row, last + 1), range.last_row, range.first_column, range.last_column});
        const qint64 top = std::max<qint64>(range.first_row, to);
        const qint64 bottom = std::min<qint64>(range.last_row, last);
        if (top <= bottom) {
            now.append(QItemSelectionRange(rows_->index(static_cast<int>(top - to), static_cast<int>(range.first_column)),
                                           rows_->index(static_cast<int>(bottom - to), static_cast<int>(range.last_column))));
        }
    }
    const qint64 current_row = currentIndex().isValid() ? from + currentIndex().row() - to : -1;
    const int current_column = currentIndex().column();
    following_ = true;
    select(now, ClearAndSelect);
    if (current_row >= 0 && current_row < rows_->rowCount())
        setCurrentIndex(rows_->index(static_cast<int>(current_row), current_column), NoUpdate);
    else
        setCurrentIndex({}, NoUpdate);
    following_ = false;
}

} // namespace howdah::ui
