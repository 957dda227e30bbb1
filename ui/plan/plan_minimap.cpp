// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_minimap.h"

#include <algorithm>

#include <QMouseEvent>
#include <QPainter>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/plan_canvas.h"
#include "ui/plan/plan_scale.h"

namespace howdah::ui {

namespace {

constexpr qreal inside = 6;

} // namespace

PlanMinimap::PlanMinimap(PlanCanvas *canvas) : QWidget(canvas->viewport()), canvas_(canvas)
{
    setAccessibleName(tr("The whole tree"));
    setToolTip(tr("The whole tree; drag to move the part in view"));
    setCursor(Qt::OpenHandCursor);
    hide();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &PlanMinimap::renew);
}

qreal PlanMinimap::scale() const
{
    const QSizeF tree = canvas_->layout().size;
    if (tree.isEmpty())
        return 1;
    return std::min((width() - 2 * inside) / tree.width(), (height() - 2 * inside) / tree.height());
}

void PlanMinimap::renew()
{
    tree_ = {};
    follow();
}

void PlanMinimap::follow()
{
    const QRectF seen = canvas_->visibleTree();
    const QSizeF tree = canvas_->layout().size;
    const QSize view = canvas_->viewport()->size();
    const bool all = tree.isEmpty() || seen.adjusted(-1, -1, 1, 1).contains(QRectF(QPointF(), tree));
    const bool room = view.width() >= 420 && view.height() >= 220;
    setVisible(!all && room);
    if (all || !room)
        return;
    // As wide and as high as the tree's shape asks for, within a corner's size.
    const QSizeF most(std::min(180.0, view.width() * 0.25), std::min(120.0, view.height() * 0.32));
    QSizeF shape = tree.scaled(most, Qt::KeepAspectRatio);
    shape = shape.expandedTo(QSizeF(40, 28));
    const QSize size = shape.toSize() + QSize(12, 12);
    const QRect place(QPoint(view.width() - size.width() - 12, view.height() - size.height() - 12), size);
    if (place.size() != geometry().size())
        tree_ = {};
    setGeometry(place);
    update();
}

QRectF PlanMinimap::frame() const
{
    const QRectF seen = canvas_->visibleTree().intersected(QRectF(QPointF(), canvas_->layout().size));
    const qreal by = scale();
    const QSizeF tree = canvas_->layout().size * by;
    const QPointF origin((width() - tree.width()) / 2, (height() - tree.height()) / 2);
    return {origin + seen.topLeft() * by, seen.size() * by};
}

void PlanMinimap::paintTree()
{
    const qreal ratio = devicePixelRatioF();
    tree_ = QPixmap(size() * ratio);
    tree_.setDevicePixelRatio(ratio);
    tree_.fill(Qt::transparent);
    QPainter painter(&tree_);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = colors().panel;
    ground.setAlphaF(0.94F);
    painter.setPen(QPen(colors().line, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const qreal by = scale();
    const QSizeF tree = canvas_->layout().size * by;
    painter.translate((width() - tree.width()) / 2, (height() - tree.height()) / 2);
    for (const LayoutItem &item : canvas_->layout().items) {
        const QRectF box(item.rect.topLeft() * by, (item.rect.size() * by).expandedTo(QSizeF(1.5, 1.5)));
        painter.fillRect(box, scaleColour(canvas_->toneOf(item)));
    }
}

void PlanMinimap::paintEvent(QPaintEvent *)
{
    if (tree_.isNull())
        paintTree();
    const Colors &c = colors();
    QPainter painter(this);
    painter.drawPixmap(0, 0, tree_);
    QColor tint = c.accent;
    tint.setAlphaF(0.12F);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(c.accent, 1.5));
    painter.setBrush(tint);
    const QRectF view = frame();
    painter.drawRect(QRectF(view.topLeft(), view.size().expandedTo(QSizeF(4, 4))));
}

void PlanMinimap::panTo(const QPointF &at)
{
    const qreal by = scale();
    const QSizeF tree = canvas_->layout().size * by;
    canvas_->centerOnPoint((at - QPointF((width() - tree.width()) / 2, (height() - tree.height()) / 2)) / by);
}

void PlanMinimap::mousePressEvent(QMouseEvent *event)
{
    panTo(event->position());
    event->accept();
}

void PlanMinimap::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons().testFlag(Qt::LeftButton))
        panTo(event->position());
    event->accept();
}

} // namespace howdah::ui
