// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include "ui/plan/plan_document.h"

namespace howdah::ui {

/// A plan as a table, one row a node in the order of the plan. Figures are those of all loops; what was not
/// measured is an empty cell.
class PlanGridModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { NodeColumn, Alone, Share, WithBelow, Rows, Estimate, Loops, Cost, Hit, Read, Temp, IoTime, ColumnCount };
    enum Role {
        FigureRole = Qt::UserRole, ///< double; invalid when there is none
        DepthRole,                 ///< int
        ToneRole                   ///< int, a Tone
    };
    explicit PlanGridModel(QObject *parent = nullptr);
    void setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// A cell for other programs: the bare figure, in the unit of its title.
    [[nodiscard]] QString plainCell(int row, int column) const;
    [[nodiscard]] static QString plainTitle(int column); ///< "exclusive_ms"

private:
    [[nodiscard]] std::optional<double> figure(plan::NodeId id, int column) const;
    [[nodiscard]] QString words(plan::NodeId id, int column) const;
    [[nodiscard]] const plan::Plan &plan() const { return document_->plans[index_]; }
    [[nodiscard]] const plan::Metrics &metrics() const { return document_->metrics[index_]; }

    std::shared_ptr<const PlanDocument> document_;
    std::size_t index_ = 0;
    std::vector<int> depths_;
};

/// Sorts figures with the empty cells last, and keeps what a search found.
class PlanGridOrder : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit PlanGridOrder(QObject *parent = nullptr);
    /// nullopt: all rows.
    void setFound(std::optional<std::vector<plan::NodeId>> found);

protected:
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    std::optional<std::vector<plan::NodeId>> found_; ///< ascending
};

} // namespace howdah::ui
