// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QAbstractScrollArea>

#include "ui/plan/plan_painter.h"

namespace howdah::ui {

/// What flame and timeline share: one plan, the colours of the tree, one selection, what a search found, tooltips.
class NodeChart : public QAbstractScrollArea
{
    Q_OBJECT
public:
    /// Null empties the chart.
    void setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index);
    void setColourBy(ColourBy colour_by);
    /// Marks the node and brings it into view; emits nothing.
    void setSelected(plan::NodeId id);
    [[nodiscard]] std::optional<plan::NodeId> selected() const { return selected_; }
    /// Marks what a search found; the others step back while there is any.
    void setFound(const std::vector<plan::NodeId> &found);

    /// The node at a point of the viewport.
    [[nodiscard]] virtual std::optional<plan::NodeId> nodeAt(const QPointF &at) const = 0;
    /// Where the node is in the viewport; empty when it is not to be seen.
    [[nodiscard]] virtual QRectF nodeInView(plan::NodeId id) const = 0;

Q_SIGNALS:
    void nodeChosen(howdah::plan::NodeId id);

protected:
    explicit NodeChart(QWidget *parent);
    virtual void rebuild() = 0;                ///< the plan is another
    virtual void reveal(plan::NodeId id) = 0;
    virtual void updateScrollBars() = 0;
    void choose(plan::NodeId id);              ///< the user did
    [[nodiscard]] const PlanPainter *source() const { return painter_.get(); } ///< null without a plan
    [[nodiscard]] bool steppedBack(plan::NodeId id) const;

    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    std::unique_ptr<PlanPainter> painter_;
    ColourBy colour_by_ = ColourBy::Time;
    std::optional<plan::NodeId> selected_;
    std::vector<bool> found_;
    bool searching_ = false;
};

/// What a pointer on a node says: its figures, and what such a node does.
[[nodiscard]] QString nodeToolTip(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id);

} // namespace howdah::ui
