// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <QAbstractTableModel>
#include <QHash>
#include <QString>

#include "ui/base/tone.h"

namespace howdah::ui {

/// Roles besides Qt's own.
enum Role : int {
    SortRole = Qt::UserRole, ///< what is compared
    ToneRole                 ///< int of Tone: the cell is drawn as a pill
};

template <typename Row> struct KeyedColumn {
    QString id;      ///< remembered under this name
    QString title;
    QString tooltip;
    int width = 100;
    bool right = false;
    bool hidden = false; ///< at first
    std::function<QString(const Row &)> text;
    std::function<QVariant(const Row &)> sort;     ///< empty: the text
    std::function<Tone(const Row &)> tone;     ///< empty: no pill
    std::function<QString(const Row &)> full_text; ///< tooltip of the cell; empty: the text
};

/// Rows that come anew with every sample but are the same things by their key: they keep their place, so that selection
/// and scroll position stay. A proxy sorts. For some hundreds of rows.
template <typename Row> class KeyedModel : public QAbstractTableModel
{
public:
    using Key = std::function<QString(const Row &)>;
    KeyedModel(std::vector<KeyedColumn<Row>> columns, Key key, QObject *parent = nullptr)
        : QAbstractTableModel(parent), columns_(std::move(columns)), key_(std::move(key)) {}

    void setRows(std::vector<Row> rows)
    {
        QHash<QString, std::size_t> fresh;
        for (std::size_t i = 0; i < rows.size(); ++i)
            fresh.insert(key_(rows[i]), i);
        for (int at = rowCount() - 1; at >= 0; --at) {
            if (fresh.contains(keys_[at]))
                continue;
            beginRemoveRows({}, at, at);
            rows_.erase(rows_.begin() + at);
            keys_.removeAt(at);
            endRemoveRows();
        }
        for (int at = 0; at < rowCount(); ++at)
            rows_[static_cast<std::size_t>(at)] = std::move(rows[fresh.take(keys_[at])]);
        if (rowCount() > 0)
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        // What is left is new; in the order of the sample.
        std::vector<std::pair<std::size_t, QString>> added;
        for (auto it = fresh.cbegin(); it != fresh.cend(); ++it)
            added.emplace_back(it.value(), it.key());
        if (added.empty())
            return;
        std::sort(added.begin(), added.end());
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(added.size()) - 1);
        for (const auto &[at, name] : added) {
            keys_ << name;
            rows_.push_back(std::move(rows[at]));
        }
        endInsertRows();
    }

    [[nodiscard]] const Row &row(int at) const { return rows_[static_cast<std::size_t>(at)]; }
    [[nodiscard]] const QString &key(int at) const { return keys_[at]; }
    [[nodiscard]] const std::vector<KeyedColumn<Row>> &columns() const { return columns_; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override
    {
        if (!index.isValid())
            return {};
        const Row &one = row(index.row());
        const KeyedColumn<Row> &column = columns_[static_cast<std::size_t>(index.column())];
        switch (role) {
        case Qt::DisplayRole: return column.text(one);
        case Qt::ToolTipRole: return column.full_text ? column.full_text(one) : column.text(one);
        case Qt::TextAlignmentRole: return static_cast<int>((column.right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        case SortRole: return column.sort ? column.sort(one) : QVariant(column.text(one));
        case ToneRole: return column.tone ? QVariant(static_cast<int>(column.tone(one))) : QVariant();
        default: return {};
        }
    }

    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
            return {};
        const KeyedColumn<Row> &column = columns_[static_cast<std::size_t>(section)];
        switch (role) {
        case Qt::DisplayRole: return column.title;
        case Qt::ToolTipRole: return column.tooltip;
        case Qt::TextAlignmentRole: return static_cast<int>((column.right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        default: return {};
        }
    }

private:
    std::vector<KeyedColumn<Row>> columns_;
    Key key_;
    std::vector<Row> rows_;
    QList<QString> keys_;
};

} // namespace howdah::ui
