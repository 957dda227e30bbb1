// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QAbstractTableModel>

#include "core/edit/row_edit.h"
#include "core/result/row_source.h"
#include "core/result/sort_rows.h"
#include "core/result/value_kind.h"

namespace howdah::ui {

/// Rows of a result as an item model. Qt's views hold 8 bytes a row and count pixels in an int, so the model shows a
/// window of the rows: the row `r` of the model is the row firstRow() + r of the view. Results that fit into the window are
/// shown whole. The window slides by moveWindow(); its size then stays the same, only what it shows changes.
class GridModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int window_rows = 1'000'000;

    explicit GridModel(int window = window_rows, QObject *parent = nullptr);

    void setSource(std::shared_ptr<const result::RowSource> source);
    /// Takes in the rows the source has gained. Does nothing while the rows are in another order.
    void grow();
    /// Null: all rows in the server's order. An order may leave rows out. Rows that came since it was made are not shown
    /// until it is given up or grows.
    void setOrder(std::shared_ptr<const result::RowOrder> order, std::optional<result::SortKey> key);
    /// An order that begins with the rows shown: nothing moves, rows come behind.
    void growOrder(std::shared_ptr<const result::RowOrder> order);

    /// What is shown, for work on other threads.
    [[nodiscard]] const result::RowView &rows() const { return rows_; }
    [[nodiscard]] std::optional<result::SortKey> sortKey() const { return sort_key_; }
    /// All rows shown, in the window or not.
    [[nodiscard]] qint64 totalRows() const { return total_; }
    [[nodiscard]] qint64 firstRow() const { return first_; }
    [[nodiscard]] qint64 shownRow(int row) const { return first_ + row; }
    /// The number of that row as the server sent it, from 0.
    [[nodiscard]] qint64 sourceRow(int row) const { return rows_.sourceRow(first_ + row); }
    /// Puts the window's beginning as near to `first` as there are rows. Emits windowMoved when it moved.
    void moveWindow(qint64 first);

    /// Changes that are shown in place of what was read; null: none. `editable` says which columns can be typed into.
    void setEdits(edit::PendingChanges *changes, std::function<bool(int column)> editable);
    /// Its new value; nullopt is NULL. Only while there are edits.
    void setValue(const QModelIndex &index, const edit::NewValue &value);
    [[nodiscard]] bool isChanged(const QModelIndex &index) const;
    [[nodiscard]] bool isDeleted(const QModelIndex &index) const;

    /// What is shown: the new value of a changed cell.
    [[nodiscard]] pg::Cell cell(const QModelIndex &index) const;
    [[nodiscard]] result::ValueKind kind(int column) const { return kinds_[static_cast<std::size_t>(column)]; }
    [[nodiscard]] const pg::Column &column(int column) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void windowMoved(qint64 from, qint64 to);
    void edited();

private:
    void changedAll();
    void resize(qint64 total);

    result::RowView rows_;
    edit::PendingChanges *edits_ = nullptr;
    std::function<bool(int)> editable_;
    std::vector<result::ValueKind> kinds_;
    std::optional<result::SortKey> sort_key_;
    int window_;
    int row_count_ = 0;
    qint64 total_ = 0;
    qint64 first_ = 0;
};

} // namespace howdah::ui
