// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "ui/plan/node_chart.h"
#include "ui/plan/time_spans.h"

namespace howdah::ui {

/// One bar a node from its first row to its last on one axis of time, a thin line before it while it had given none;
/// below a node a lane for each worker that was measured. Up and Down walk.
class TimelineView : public NodeChart
{
    Q_OBJECT
public:
    explicit TimelineView(QWidget *parent = nullptr);

    [[nodiscard]] std::optional<plan::NodeId> nodeAt(const QPointF &at) const override;
    [[nodiscard]] QRectF nodeInView(plan::NodeId id) const override;
    /// The bar from the first to the last row, in the viewport.
    [[nodiscard]] QRectF barInView(plan::NodeId id) const;
    [[nodiscard]] const std::vector<TimeSpan> &spans() const { return spans_; }
    /// Some node has times to show.
    [[nodiscard]] bool timed() const { return timed_; }

protected:
    void rebuild() override;
    void reveal(plan::NodeId id) override;
    void updateScrollBars() override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] qreal labelWidth() const;
    void fitLabels() const;
    [[nodiscard]] qreal x(double ms) const;
    [[nodiscard]] qreal top(std::size_t node) const;
    [[nodiscard]] std::size_t rowAt(qreal y) const;
    void paintAxis(QPainter &painter) const;
    void paintRow(QPainter &painter, plan::NodeId id) const;
    void paintWorkers(QPainter &painter, plan::NodeId id) const;

    std::vector<TimeSpan> spans_;
    std::vector<std::size_t> depths_;
    std::vector<qreal> tops_; ///< of rows, from the first one's; one more for the end
    double whole_ms_ = 0;
    bool timed_ = false;
    mutable int fitted_to_ = -1; ///< the width that the next two were computed for
    mutable qreal label_width_ = 120, indent_step_ = 12;
};

} // namespace howdah::ui
