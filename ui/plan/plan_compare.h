// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/plan/plan_delta_model.h"

class QLabel;
class QSortFilterProxyModel;
class QTableView;

namespace howdah::ui {

class Pill;
class PlanCanvas;

/// Two plans side by side on one selection: both trees, what changed in words, and a table of the differences a node.
class PlanCompare : public QWidget
{
    Q_OBJECT
public:
    explicit PlanCompare(QWidget *parent = nullptr);
    void setSides(PlanSide before, const QString &before_title, PlanSide after, const QString &after_title);
    /// The head says what the whole took; a caller with a head of its own hides it.
    void setHeadVisible(bool visible);

    [[nodiscard]] const plan::PlanDiff &diff() const { return model_->diff(); }
    [[nodiscard]] QString verdict() const;
    void selectRow(int row);
    [[nodiscard]] int selectedRow() const;
    [[nodiscard]] PlanCanvas *canvas(bool after) const { return after ? after_ : before_; }
    [[nodiscard]] QTableView *table() const { return table_; }

private:
    QWidget *buildTree(PlanCanvas *&canvas, QLabel *&caption);
    void fillHead();
    void onSelected(plan::NodeId id, bool after);
    void showSelection();

    QWidget *head_ = nullptr;
    QLabel *verdict_ = nullptr, *figures_ = nullptr, *changes_ = nullptr;
    Pill *shape_ = nullptr;
    QLabel *before_caption_ = nullptr, *after_caption_ = nullptr;
    PlanCanvas *before_ = nullptr, *after_ = nullptr;
    PlanDeltaModel *model_;
    QSortFilterProxyModel *order_;
    QTableView *table_ = nullptr;
    PlanSide before_side_, after_side_;
    int row_ = -1;
    bool selecting_ = false;
};

} // namespace howdah::ui
