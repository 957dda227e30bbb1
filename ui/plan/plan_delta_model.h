// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QAbstractTableModel>

#include "core/plan/diff.h"
#include "ui/plan/plan_document.h"

namespace howdah::ui {

/// One plan of a document, to be compared.
struct PlanSide {
    std::shared_ptr<const PlanDocument> document;
    std::size_t index = 0;

    [[nodiscard]] bool empty() const { return document == nullptr || index >= document->plans.size(); }
    [[nodiscard]] const plan::Plan &plan() const { return document->plans[index]; }
    [[nodiscard]] const plan::Metrics &metrics() const { return document->metrics[index]; }
};

/// Two plans node beside node, in the order of the second one. Figures are after less before; cells are empty where
/// a plan does not tell them.
class PlanDeltaModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Before, After, AloneBefore, AloneAfter, Alone, Rows, Blocks, Cost, ColumnCount };
    enum Role {
        FigureRole = Qt::UserRole, ///< double; invalid when there is none
        ToneRole,                  ///< int, a Tone
        RowRole                    ///< int, the row of the diff
    };
    explicit PlanDeltaModel(QObject *parent = nullptr);
    void setSides(PlanSide before, PlanSide after, plan::PlanDiff diff);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    [[nodiscard]] const plan::PlanDiff &diff() const { return diff_; }
    [[nodiscard]] const plan::NodeDiff &node(int row) const { return diff_.nodes[static_cast<std::size_t>(row)]; }
    /// -1 when there is none.
    [[nodiscard]] int rowOf(plan::NodeId id, bool after) const;

private:
    [[nodiscard]] std::optional<double> figure(const plan::NodeDiff &node, int column) const;
    [[nodiscard]] QString words(const plan::NodeDiff &node, int column) const;
    [[nodiscard]] QString name(plan::NodeId id, bool after) const;

    PlanSide before_, after_;
    plan::PlanDiff diff_;
};

} // namespace howdah::ui
