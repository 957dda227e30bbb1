// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QAbstractItemModel>

#include "core/partition/scheme.h"

namespace howdah::partition_tool {

/// The tree of a partitioned table as the inspection gave it; the root itself is left out.
class PartitionTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column : int { NameColumn, TakesColumn, RowsColumn, SizeColumn, AnalyzedColumn, VacuumedColumn, ColumnCount };
    using QAbstractItemModel::QAbstractItemModel;
    void setScheme(std::shared_ptr<const partition::Scheme> scheme);
    /// Position in the scheme's tables; no_table for none.
    [[nodiscard]] std::size_t tableAt(const QModelIndex &index) const;
    [[nodiscard]] QModelIndex indexOf(std::size_t table) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QString text(const partition::Table &table, int column) const;

    std::shared_ptr<const partition::Scheme> scheme_;
    std::vector<int> rows_; ///< of each table within its parent
};

} // namespace howdah::partition_tool
