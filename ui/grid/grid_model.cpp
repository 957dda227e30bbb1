// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/grid_model.h"

#include <algorithm>

#include "core/base/human.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

GridModel::GridModel(int window, QObject *parent) : QAbstractTableModel(parent), window_(window)
{
}

void GridModel::setSource(std::shared_ptr<const result::RowSource> source)
{
    beginResetModel();
    rows_ = {std::move(source), nullptr};
    sort_key_.reset();
    kinds_.clear();
    if (rows_.source) {
        for (const pg::Column &column : rows_.source->columns())
            kinds_.push_back(result::valueKind(column.type_oid));
    }
    first_ = 0;
    total_ = rows_.rowCount();
    row_count_ = static_cast<int>(std::min<qint64>(total_, window_));
    endResetModel();
}

void GridModel::grow()
{
    if (rows_.order)
        return;
    const qint64 total = rows_.rowCount();
    if (total <= total_)
        return;
    resize(total);
}

void GridModel::resize(qint64 total)
{
    const int rows = static_cast<int>(std::min<qint64>(total, window_));
    if (rows > row_count_) {
        beginInsertRows({}, row_count_, rows - 1);
        row_count_ = rows;
        total_ = total;
        endInsertRows();
    } else if (rows < row_count_) {
        beginRemoveRows({}, rows, row_count_ - 1);
        row_count_ = rows;
        total_ = total;
        endRemoveRows();
    } else {
        total_ = total;
    }
}

void GridModel::setOrder(std::shared_ptr<const result::RowOrder> order, std::optional<result::SortKey> key)
{
    const result::RowView next{rows_.source, std::move(order)};
    // Whatever is asked in between: both the rows before and the rows after have an answer.
    moveWindow(0);
    if (next.rowCount() < total_)
        resize(next.rowCount());
    rows_ = next;
    sort_key_ = rows_.order ? key : std::nullopt;
    resize(rows_.rowCount());
    changedAll();
}

void GridModel::growOrder(std::shared_ptr<const result::RowOrder> order)
{
    rows_.order = std::move(order);
    resize(rows_.rowCount());
}

void GridModel::moveWindow(qint64 first)
{
    const qint64 to = std::clamp<qint64>(first, 0, total_ - row_count_);
    if (to == first_)
        return;
    const qint64 from = first_;
    first_ = to;
    changedAll();
    Q_EMIT windowMoved(from, to);
}

void GridModel::changedAll()
{
    if (row_count_ > 0 && !kinds_.empty())
        Q_EMIT dataChanged(index(0, 0), index(row_count_ - 1, columnCount() - 1));
    if (row_count_ > 0)
        Q_EMIT headerDataChanged(Qt::Vertical, 0, row_count_ - 1);
}

void GridModel::setEdits(edit::PendingChanges *changes, std::function<bool(int)> editable)
{
    edits_ = changes;
    editable_ = std::move(editable);
    changedAll();
}

void GridModel::setValue(const QModelIndex &index, const edit::NewValue &value)
{
    if (edits_ == nullptr || !rows_.source)
        return;
    edits_->set(*rows_.source, sourceRow(index.row()), static_cast<std::size_t>(index.column()), value);
    Q_EMIT dataChanged(index, index);
    Q_EMIT edited();
}

bool GridModel::isChanged(const QModelIndex &index) const
{
    return edits_ != nullptr && edits_->value(sourceRow(index.row()), static_cast<std::size_t>(index.column())) != nullptr;
}

bool GridModel::isDeleted(const QModelIndex &index) const
{
    return edits_ != nullptr && edits_->isDeleted(sourceRow(index.row()));
}

bool GridModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !flags(index).testFlag(Qt::ItemIsEditable))
        return false;
    const std::string text = value.toString().toStdString();
    // An editor that was opened on NULL and left empty changes nothing.
    if (!(text.empty() && cell(index).is_null))
        setValue(index, text);
    return true;
}

Qt::ItemFlags GridModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && edits_ != nullptr && editable_ && editable_(index.column()) && !isDeleted(index))
        flags |= Qt::ItemIsEditable;
    return flags;
}

pg::Cell GridModel::cell(const QModelIndex &index) const
{
    if (edits_ != nullptr) {
        if (const edit::NewValue *value = edits_->value(sourceRow(index.row()), static_cast<std::size_t>(index.column())))
            return *value ? pg::Cell{**value, false} : pg::Cell{{}, true};
    }
    return rows_.cell(first_ + index.row(), static_cast<std::size_t>(index.column()));
}

const pg::Column &GridModel::column(int column) const
{
    return rows_.source->columns()[static_cast<std::size_t>(column)];
}

int GridModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : row_count_;
}

int GridModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(kinds_.size());
}

QVariant GridModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    switch (role) {
    case Qt::EditRole: {
        const std::string_view text = cell(index).text;
        return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    }
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole: return cellText(cell(index), kind(index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (result::isNumber(kind(index.column())) ? Qt::AlignRight : Qt::AlignLeft));
    default: return {};
    }
}

QVariant GridModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    const int sections = orientation == Qt::Horizontal ? columnCount() : row_count_;
    if (section < 0 || section >= sections)
        return {};
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(QString::fromStdString(human::count(sourceRow(section) + 1))) : QVariant();
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole)
        return lineText(column(section).name);
    return {};
}

} // namespace howdah::ui
