// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/plan/model.h"
#include "ui/base/tone.h"

namespace howdah::ui {

/// One bar that is the whole execution, cut where the time went. A click goes to the node.
class TimeBar : public QWidget
{
    Q_OBJECT
public:
    struct Part {
        QString text, tooltip;
        double share = 0; ///< of the whole, 0..1
        Tone tone = Tone::Neutral;
        plan::NodeId node = plan::no_node;
    };
    explicit TimeBar(QWidget *parent = nullptr);
    void setParts(std::vector<Part> parts);
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void nodeClicked(howdah::plan::NodeId id);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] const Part *partAt(const QPointF &at) const;
    [[nodiscard]] std::vector<QRectF> rects() const;
    std::vector<Part> parts_;
};

} // namespace howdah::ui
