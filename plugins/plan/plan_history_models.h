// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractTableModel>

#include "core/plan/history.h"

namespace howdah::plan_tool {

/// Statements of the history, a row each.
class HistoryQueryModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Statement, Runs, Shapes, Flips, Last, Took, Best, ColumnCount };
    static constexpr int sort_role = Qt::UserRole;
    using QAbstractTableModel::QAbstractTableModel;
    void setQueries(std::vector<plan::HistoryQuery> queries);
    [[nodiscard]] const plan::HistoryQuery &query(int row) const { return queries_[static_cast<std::size_t>(row)]; }
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<plan::HistoryQuery> queries_;
};

/// Runs of one statement, the latest first.
class HistoryRunModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Time, Shape, Execution, Planning, Cost, Parameters, Server, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;
    void setRuns(std::vector<plan::HistoryEntry> runs);
    [[nodiscard]] const std::vector<plan::HistoryEntry> &runs() const { return runs_; }
    [[nodiscard]] const plan::HistoryEntry &run(int row) const { return runs_[static_cast<std::size_t>(row)]; }
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<plan::HistoryEntry> runs_;
    std::vector<int> shapes_; ///< number of each run's shape, the oldest of them 1: people compare A with B
};

} // namespace howdah::plan_tool
