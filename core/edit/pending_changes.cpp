// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edit/row_edit.h"

namespace howdah::edit {

void PendingChanges::set(const result::RowSource &rows, std::int64_t row, std::size_t column, NewValue value)
{
    const pg::Cell read = rows.cell(row, column);
    const bool same = read.is_null ? !value : value && *value == read.text;
    auto &values = changed_[row];
    if (same)
        values.erase(column);
    else
        values[column] = std::move(value);
    if (values.empty())
        changed_.erase(row);
}

std::size_t PendingChanges::addRow()
{
    added_[next_];
    return next_++;
}

void PendingChanges::setNew(std::size_t number, std::size_t column, NewValue value)
{
    if (const auto row = added_.find(number); row != added_.end())
        row->second[column] = std::move(value);
}

void PendingChanges::unsetNew(std::size_t number, std::size_t column)
{
    if (const auto row = added_.find(number); row != added_.end())
        row->second.erase(column);
}

void PendingChanges::removeNew(std::size_t number)
{
    added_.erase(number);
}

void PendingChanges::setDeleted(std::int64_t row, bool deleted)
{
    if (deleted)
        deleted_[row] = true;
    else
        deleted_.erase(row);
}

void PendingChanges::revert(std::int64_t row)
{
    changed_.erase(row);
    deleted_.erase(row);
}

void PendingChanges::clear()
{
    changed_.clear();
    deleted_.clear();
    added_.clear();
}

bool PendingChanges::isEmpty() const
{
    return changed_.empty() && deleted_.empty() && added_.empty();
}

bool PendingChanges::isDeleted(std::int64_t row) const
{
    return deleted_.contains(row);
}

const NewValue *PendingChanges::value(std::int64_t row, std::size_t column) const
{
    const auto values = changed_.find(row);
    if (values == changed_.end())
        return nullptr;
    const auto value = values->second.find(column);
    return value == values->second.end() ? nullptr : &value->second;
}

std::vector<RowChange> PendingChanges::changes() const
{
    std::vector<RowChange> all;
    for (const auto &[row, marked] : deleted_)
        all.push_back({RowChangeKind::Delete, row, {}});
    for (const auto &[row, values] : changed_) {
        if (!deleted_.contains(row))
            all.push_back({RowChangeKind::Update, row, values});
    }
    for (const auto &[number, values] : added_)
        all.push_back({RowChangeKind::Insert, -1, values});
    return all;
}

std::size_t PendingChanges::count() const
{
    return changes().size();
}

} // namespace howdah::edit
