// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>

#include "ui/plan/plan_grid_model.h"

namespace howdah::ui {

/// The plan as a table to sort and to copy. The header's menu chooses columns; what was chosen is remembered.
class PlanGrid : public QTableView
{
    Q_OBJECT
public:
    explicit PlanGrid(QWidget *parent = nullptr);
    void setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index);
    /// Marks the node and brings it into view; emits nothing.
    void setSelected(plan::NodeId id);
    /// nullopt: all rows.
    void setFound(std::optional<std::vector<plan::NodeId>> found);
    /// The rows in view order with the columns in view: all of them, or the selected ones when there are several.
    [[nodiscard]] QString tabSeparated() const;
    [[nodiscard]] PlanGridModel *source() const { return model_; }

Q_SIGNALS:
    void nodeChosen(howdah::plan::NodeId id);

protected:
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    void headerMenu(const QPoint &at);
    void fitColumns();
    void widenColumns();
    void fillWidth();
    void copy() const;

    PlanGridModel *model_ = nullptr;
    PlanGridOrder *order_ = nullptr;
    bool following_ = false; ///< the selection came from elsewhere
};

} // namespace howdah::ui
