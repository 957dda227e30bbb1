// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QAbstractScrollArea>

#include "ui/plan/plan_painter.h"
#include "ui/plan/tree_layout.h"

namespace howdah::ui {

class PlanMinimap;

/// The tree of cards. Paints only what is in view; 10,000 nodes scroll and zoom as smoothly as ten.
/// Keys: arrows walk (up to the parent, down to the costliest child, left and right along the row), Space hides
/// or shows what is below, + and - zoom, 0 is 100 %, F fits, Home goes to the root.
class PlanCanvas : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit PlanCanvas(QWidget *parent = nullptr);

    /// Null empties the canvas.
    void setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index);
    void setColourBy(ColourBy colour_by);

    [[nodiscard]] std::optional<plan::NodeId> selected() const { return selected_; }
    /// Unfolds and expands what hides the node, and scrolls to it.
    void select(plan::NodeId id, bool center = false);
    /// Marks what a search found; the others step back while there is any.
    void setFound(std::vector<plan::NodeId> found);

    void toggleCollapsed(plan::NodeId id);
    [[nodiscard]] qreal zoom() const { return zoom_; }
    void setZoom(qreal zoom, std::optional<QPointF> around = {});
    void fit();
    /// Readable if it can be, whole if that is readable; the root in view.
    void resetView();

    [[nodiscard]] const TreeLayout &layout() const { return layout_; }
    /// The whole tree at the given zoom; null when that would be larger than a picture can be.
    [[nodiscard]] QImage picture(qreal scale) const;
    /// The same as an SVG document, whatever the size.
    [[nodiscard]] QByteArray svg() const;
    /// The part of the tree in view, at zoom 1; may reach beyond the tree.
    [[nodiscard]] QRectF visibleTree() const;
    /// Pans until that point of the tree is in the middle, as far as the tree goes.
    void centerOnPoint(const QPointF &tree);
    [[nodiscard]] Tone toneOf(const LayoutItem &item) const;
    [[nodiscard]] PlanMinimap *minimap() const { return minimap_; }
    /// Where a node's card is in the viewport; empty when it has none.
    [[nodiscard]] QRectF cardInView(plan::NodeId id) const;

Q_SIGNALS:
    void selectionChanged(howdah::plan::NodeId id);
    void zoomChanged(qreal zoom);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    void relayout();
    void updateScrollBars();
    void centerOn(const QRectF &rect);
    void ensureVisible(const QRectF &rect);
    [[nodiscard]] QPointF origin() const; ///< of the tree's top left corner, in the viewport
    [[nodiscard]] QPointF toTree(const QPointF &viewport) const;
    [[nodiscard]] std::size_t itemAt(const QPointF &tree) const;
    void press(std::size_t item);
    void unfold(plan::NodeId parent);
    void step(int key);
    void setSelected(plan::NodeId id);

    PlanMinimap *minimap_ = nullptr;
    std::unique_ptr<PlanPainter> painter_;
    ColourBy colour_by_ = ColourBy::Time;
    TreeState state_;
    TreeMetrics sizes_;
    TreeLayout layout_;
    std::optional<plan::NodeId> selected_;
    std::vector<bool> found_;
    bool searching_ = false;
    qreal zoom_ = 1;
    std::optional<QPoint> pressed_at_;
    QPoint scroll_at_press_;
    bool panning_ = false;
    bool view_is_untouched_ = true; ///< resizing still may choose zoom and place
};

} // namespace howdah::ui
