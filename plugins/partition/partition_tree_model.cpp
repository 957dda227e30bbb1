// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/partition_tree_model.h"

#include "core/base/human.h"
#include "core/partition/conditions.h"
#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::partition;

void PartitionTreeModel::setScheme(std::shared_ptr<const Scheme> scheme)
{
    beginResetModel();
    scheme_ = std::move(scheme);
    rows_.assign(scheme_ ? scheme_->tables.size() : 0, 0);
    for (std::size_t i = 0; scheme_ && i < scheme_->tables.size(); ++i) {
        const auto &children = scheme_->tables[i].children;
        for (std::size_t row = 0; row < children.size(); ++row)
            rows_[children[row]] = static_cast<int>(row);
    }
    endResetModel();
}

std::size_t PartitionTreeModel::tableAt(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<std::size_t>(index.internalId()) : no_table;
}

QModelIndex PartitionTreeModel::indexOf(std::size_t table) const
{
    if (!scheme_ || table == 0 || table >= scheme_->tables.size())
        return {};
    return createIndex(rows_[table], 0, static_cast<quintptr>(table));
}

QModelIndex PartitionTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    const Table &of = scheme_->tables[parent.isValid() ? tableAt(parent) : 0];
    return createIndex(row, column, static_cast<quintptr>(of.children[static_cast<std::size_t>(row)]));
}

QModelIndex PartitionTreeModel::parent(const QModelIndex &child) const
{
    const std::size_t at = tableAt(child);
    if (at == no_table || !scheme_ || scheme_->tables[at].parent == 0)
        return {};
    return indexOf(scheme_->tables[at].parent);
}

int PartitionTreeModel::rowCount(const QModelIndex &parent) const
{
    if (!scheme_ || scheme_->tables.empty() || parent.column() > 0)
        return 0;
    return static_cast<int>(scheme_->tables[parent.isValid() ? tableAt(parent) : 0].children.size());
}

int PartitionTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QString PartitionTreeModel::text(const Table &table, int column) const
{
    const auto when = [this](const std::string &text) { return text.empty() ? (tr("never")) : QString::fromStdString(text.substr(0, 16)); };
    switch (column) {
    case NameColumn: return QString::fromStdString(table.name);
    case TakesColumn: return QString::fromStdString(boundWords(table.bound) + (table.key ? " · " + table.key->definition : ""));
    case RowsColumn: return table.key ? QString() : table.estimated_rows < 0 ? tr("unknown") : QString::fromStdString(human::count(static_cast<std::int64_t>(table.estimated_rows)));
    case SizeColumn: return table.key ? QString() : QString::fromStdString(human::bytes(table.totalBytes()));
    case AnalyzedColumn: return when(table.last_analyze);
    case VacuumedColumn: return table.key ? QString() : when(table.last_vacuum);
    default: return {};
    }
}

QVariant PartitionTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || !scheme_)
        return {};
    const Table &table = scheme_->tables[tableAt(index)];
    switch (role) {
    case Qt::DisplayRole: return text(table, index.column());
    case Qt::ToolTipRole: return table.detach_pending ? tr("Detaching %1 was broken off").arg(QString::fromStdString(table.name)) : QString::fromStdString(table.sqlName() + " " + table.bound.sql());
    case Qt::TextAlignmentRole: return static_cast<int>((index.column() == RowsColumn || index.column() == SizeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DecorationRole:
        if (index.column() == NameColumn)
            return ui::icon(table.key ? QStringLiteral("partitioned-table") : table.detach_pending ? QStringLiteral("warning") : QStringLiteral("partition"));
        return {};
    case Qt::ForegroundRole:
        if (index.column() >= AnalyzedColumn || (index.column() != NameColumn && table.isEmpty()))
            return ui::colors().dim;
        return {};
    default: return {};
    }
}

QVariant PartitionTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == RowsColumn || section == SizeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn: return tr("Partition");
    case TakesColumn: return tr("Takes");
    case RowsColumn: return tr("Rows");
    case SizeColumn: return tr("Size");
    case AnalyzedColumn: return tr("Analysed");
    default: return tr("Vacuumed");
    }
}

} // namespace howdah::partition_tool
