// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPixmap>
#include <QWidget>

namespace howdah::ui {

class PlanCanvas;

/// The whole tree in a corner of the canvas, with a frame around the part in view; drag it to pan. Hidden while all
/// of the tree is in view.
class PlanMinimap : public QWidget
{
    Q_OBJECT
public:
    explicit PlanMinimap(PlanCanvas *canvas);
    /// The tree or its colours changed.
    void renew();
    /// The view moved, or its size changed.
    void follow();
    /// Of the part in view, in this widget.
    [[nodiscard]] QRectF frame() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;

private:
    [[nodiscard]] qreal scale() const;
    void paintTree();
    void panTo(const QPointF &at);

    PlanCanvas *canvas_;
    QPixmap tree_;
};

} // namespace howdah::ui
