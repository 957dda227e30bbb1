// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QItemSelectionModel>

#include "core/result/cell_bands.h"

namespace howdah::ui {

class GridModel;

/// A selection over all rows although the model shows a window of them: what leaves the window is kept
/// beside, and comes back with it. A range as high as the window means all rows.
class GridSelection : public QItemSelectionModel
{
    Q_OBJECT
public:
    explicit GridSelection(GridModel *model, QObject *parent = nullptr);
    /// In rows shown and logical columns; may overlap.
    [[nodiscard]] std::vector<result::CellRange> ranges() const;

    void select(const QItemSelection &selection, QItemSelectionModel::SelectionFlags command) override;
    void select(const QModelIndex &index, QItemSelectionModel::SelectionFlags command) override;
    void clear() override;
    void reset() override;

private:
    void follow(qint64 from, qint64 to);
    [[nodiscard]] std::vector<result::CellRange> inside(qint64 first) const;

    GridModel *rows_;
    std::vector<result::CellRange> outside_;
    bool following_ = false;
};

} // namespace howdah::ui
