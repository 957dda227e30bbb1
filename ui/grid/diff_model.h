// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QAbstractTableModel>

#include "core/result/diff_rows.h"
#include "core/result/value_kind.h"

namespace howdah::ui {

/// What differs between two results: a column that says how, then the new result's columns, then those that only the old
/// one has. Cells that changed show both values.
class DiffModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int most_rows = 5'000'000; ///< shown; Qt's views count pixels in an int

    explicit DiffModel(QObject *parent = nullptr);
    void setDiff(result::RowView before, result::RowView after, std::vector<result::ColumnPair> pairs, result::RowsDiff diff);
    /// nullopt: every kind.
    void setKind(std::optional<result::RowChange> kind);
    [[nodiscard]] const result::RowsDiff &diff() const { return diff_; }
    [[nodiscard]] result::RowChange change(int row) const { return at(row).change; }
    [[nodiscard]] bool isChanged(const QModelIndex &index) const;
    /// As it is copied: a changed cell gives its new value.
    [[nodiscard]] QString copyText(const QModelIndex &index) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    /// One column on the screen: where it is in each result.
    struct Place {
        std::optional<std::size_t> before, after;
        result::ValueKind kind = result::ValueKind::Text;
        QString name;
    };
    [[nodiscard]] const result::DiffRow &at(int row) const { return diff_.rows[kept_[static_cast<std::size_t>(row)]]; }
    [[nodiscard]] std::optional<pg::Cell> cellBefore(int row, const Place &place) const;
    [[nodiscard]] std::optional<pg::Cell> cellAfter(int row, const Place &place) const;
    [[nodiscard]] QString cellOf(int row, const Place &place) const;
    void choose();

    result::RowView before_, after_;
    std::vector<Place> places_;
    result::RowsDiff diff_;
    std::vector<std::uint32_t> kept_;
    std::optional<result::RowChange> kind_;
};

} // namespace howdah::ui
