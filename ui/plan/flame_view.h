// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "ui/plan/flame_layout.h"
#include "ui/plan/node_chart.h"

namespace howdah::ui {

/// The plan as an icicle: the root on top, each node as wide as the time of itself and all below it. A double click
/// or Enter makes a node as wide as the view, Esc or Backspace goes back; arrows walk.
class FlameView : public NodeChart
{
    Q_OBJECT
public:
    explicit FlameView(QWidget *parent = nullptr);

    [[nodiscard]] std::optional<plan::NodeId> nodeAt(const QPointF &at) const override;
    [[nodiscard]] QRectF nodeInView(plan::NodeId id) const override;
    /// The node that is as wide as the view.
    [[nodiscard]] plan::NodeId zoomedTo() const { return zoomed_; }
    void zoomTo(plan::NodeId id);
    [[nodiscard]] FlameMeasure measure() const { return layout_.measure; }
    /// Boxes of the last painting.
    [[nodiscard]] std::size_t painted() const { return painted_; }

protected:
    void rebuild() override;
    void reveal(plan::NodeId id) override;
    void updateScrollBars() override;
    void paintEvent(QPaintEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRectF boxOf(plan::NodeId id) const; ///< in the viewport, wherever that is
    [[nodiscard]] bool isAbove(plan::NodeId ancestor, plan::NodeId id) const;
    void paintBox(QPainter &painter, plan::NodeId id, const QRectF &box) const;
    void paintNarrow(QPainter &painter, const QRectF &box) const;
    void paintChildren(QPainter &painter, plan::NodeId id, std::vector<plan::NodeId> &open);
    void zoomOut();
    void step(int key);

    FlameLayout layout_;
    plan::NodeId zoomed_ = 0;
    std::vector<plan::NodeId> zoomed_before_;
    std::size_t painted_ = 0;
};

} // namespace howdah::ui
