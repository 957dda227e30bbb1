// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QWidget>

#include "core/er/layout.h"

class QPainter;

namespace howdah::ui {

/// Paints the whole diagram in its own coordinates, in the colours of one theme; the view and the export share it.
/// `chosen`: the box to mark with the edges at it, -1 for none. `visible`: what need not be painted lies outside.
void paintDiagram(QPainter &painter, const er::Diagram &diagram, int chosen, const QRectF &visible);

/// A diagram to look around in: wheel and pinch zoom about the pointer, dragging pans, Tab or arrow keys walk from table
/// to table, Enter opens the one that is marked.
class ErView : public QWidget
{
    Q_OBJECT
public:
    explicit ErView(QWidget *parent = nullptr);
    void setDiagram(er::Diagram diagram);
    [[nodiscard]] const er::Diagram &diagram() const { return diagram_; }
    void fit();
    void zoomBy(double factor);
    [[nodiscard]] double zoom() const { return zoom_; }
    [[nodiscard]] int chosen() const { return chosen_; }
    void choose(int box);
    /// The box at a place of the widget; -1 for none.
    [[nodiscard]] int boxAt(const QPointF &place) const;
    /// "" when it went well, else what went wrong. The suffix decides: .svg or .png.
    [[nodiscard]] QString save(const QString &file) const;

Q_SIGNALS:
    void opened(quint32 relation_oid);

protected:
    void paintEvent(QPaintEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void zoomAbout(const QPointF &place, double factor);
    void step(int dx, int dy);
    void bringIntoSight(int box);

    er::Diagram diagram_;
    double zoom_ = 1;
    QPointF origin_;          ///< of the diagram, in the widget
    QPointF pressed_at_;
    QPointF origin_then_;
    bool dragging_ = false;
    bool moved_ = false;
    bool fitted_ = true;      ///< follows the size of the widget until the user zooms or pans
    int chosen_ = -1;
};

} // namespace howdah::ui
