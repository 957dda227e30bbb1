// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/diff_model.h"

#include <algorithm>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

using result::RowChange;

DiffModel::DiffModel(QObject *parent) : QAbstractTableModel(parent)
{
}

void DiffModel::setDiff(result::RowView before, result::RowView after, std::vector<result::ColumnPair> pairs, result::RowsDiff diff)
{
    beginResetModel();
    before_ = std::move(before);
    after_ = std::move(after);
    diff_ = std::move(diff);
    places_.clear();
    const auto &new_columns = after_.source->columns();
    const auto &old_columns = before_.source->columns();
    for (std::size_t i = 0; i < new_columns.size(); ++i) {
        const auto pair = std::find_if(pairs.begin(), pairs.end(), [i](const auto &p) { return p.after == i; });
        places_.push_back({pair == pairs.end() ? std::nullopt : std::optional(pair->before), i, result::valueKind(new_columns[i].type_oid),
                           lineText(new_columns[i].name)});
    }
    for (std::size_t i = 0; i < old_columns.size(); ++i) {
        if (std::none_of(pairs.begin(), pairs.end(), [i](const auto &p) { return p.before == i; }))
            places_.push_back({i, std::nullopt, result::valueKind(old_columns[i].type_oid), lineText(old_columns[i].name)});
    }
    choose();
    endResetModel();
}

void DiffModel::setKind(std::optional<RowChange> kind)
{
    beginResetModel();
    kind_ = kind;
    choose();
    endResetModel();
}

void DiffModel::choose()
{
    kept_.clear();
    for (std::size_t i = 0; i < diff_.rows.size() && kept_.size() < static_cast<std::size_t>(most_rows); ++i) {
        if (!kind_ || diff_.rows[i].change == *kind_)
            kept_.push_back(static_cast<std::uint32_t>(i));
    }
}

std::optional<pg::Cell> DiffModel::cellBefore(int row, const Place &place) const
{
    return place.before && at(row).before >= 0 ? std::optional(before_.cell(at(row).before, *place.before)) : std::nullopt;
}

std::optional<pg::Cell> DiffModel::cellAfter(int row, const Place &place) const
{
    return place.after && at(row).after >= 0 ? std::optional(after_.cell(at(row).after, *place.after)) : std::nullopt;
}

bool DiffModel::isChanged(const QModelIndex &index) const
{
    if (!index.isValid() || index.column() == 0)
        return false;
    const Place &place = places_[static_cast<std::size_t>(index.column() - 1)];
    const auto old = cellBefore(index.row(), place);
    const auto now = cellAfter(index.row(), place);
    return old && now && !result::sameCell(*old, *now);
}

QString DiffModel::cellOf(int row, const Place &place) const
{
    const auto old = cellBefore(row, place);
    const auto now = cellAfter(row, place);
    if (!old && !now)
        return {};
    if (old && now && !result::sameCell(*old, *now))
        return QStringLiteral("%1 → %2").arg(cellText(*old, place.kind), cellText(*now, place.kind));
    return cellText(now ? *now : *old, place.kind);
}

QString DiffModel::copyText(const QModelIndex &index) const
{
    if (!isChanged(index))
        return index.data().toString();
    return cellText(*cellAfter(index.row(), places_[static_cast<std::size_t>(index.column() - 1)]), places_[static_cast<std::size_t>(index.column() - 1)].kind);
}

int DiffModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(kept_.size());
}

int DiffModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || places_.empty() ? 0 : static_cast<int>(places_.size()) + 1;
}

QVariant DiffModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RowChange change = at(index.row()).change;
    const Colors &c = colors();
    if (index.column() == 0) {
        const bool added = change == RowChange::Added, removed = change == RowChange::Removed;
        switch (role) {
        case Qt::DisplayRole: return added ? tr("+ added") : removed ? tr("− removed") : tr("~ changed");
        case Qt::BackgroundRole: return added ? c.good_tint : removed ? c.bad_tint : c.warn_tint;
        case Qt::ForegroundRole: return added ? c.good_ink : removed ? c.bad_ink : c.warn_ink;
        default: return {};
        }
    }
    const Place &place = places_[static_cast<std::size_t>(index.column() - 1)];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: return cellOf(index.row(), place);
    case Qt::BackgroundRole:
        if (change == RowChange::Added)
            return c.good_tint;
        if (change == RowChange::Removed)
            return c.bad_tint;
        return isChanged(index) ? QVariant(c.warn_tint) : QVariant();
    case Qt::FontRole: return monoFont();
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::AlignVCenter | (result::isNumber(place.kind) ? Qt::AlignRight : Qt::AlignLeft));
    default: return {};
    }
}

QVariant DiffModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || section < 0)
        return {};
    if (orientation == Qt::Vertical) {
        if (section >= rowCount())
            return {};
        const auto &row = at(section);
        return QString::fromStdString(human::count((row.after >= 0 ? row.after : row.before) + 1));
    }
    if (section == 0 || section >= columnCount())
        return section == 0 ? QVariant(QString()) : QVariant();
    const Place &place = places_[static_cast<std::size_t>(section - 1)];
    return !place.after ? tr("%1 (only before)").arg(place.name) : !place.before ? tr("%1 (only after)").arg(place.name) : place.name;
}

} // namespace howdah::ui
