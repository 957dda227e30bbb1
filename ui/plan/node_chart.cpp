// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/node_chart.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_terms.h"

namespace howdah::ui {

QString nodeToolTip(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id)
{
    QString text = QStringLiteral("<p>%1</p>").arg(NodeText::summary(plan, metrics, id).toHtmlEscaped());
    if (const QString term = PlanTerms::node(plan.nodes[id]); !term.isEmpty())
        text += QStringLiteral("<p style='color:%1'>%2</p>").arg(colors().dim.name(), term.toHtmlEscaped());
    return text;
}

NodeChart::NodeChart(QWidget *parent) : QAbstractScrollArea(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, viewport(), qOverload<>(&QWidget::update));
}

void NodeChart::setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index)
{
    selected_.reset();
    found_.clear();
    searching_ = false;
    painter_.reset();
    if (document != nullptr && index < document->plans.size()) {
        painter_ = std::make_unique<PlanPainter>(std::move(document), index);
        painter_->setColourBy(colour_by_);
    }
    rebuild();
    updateScrollBars();
    viewport()->update();
}

void NodeChart::setColourBy(ColourBy colour_by)
{
    colour_by_ = colour_by;
    if (painter_ != nullptr)
        painter_->setColourBy(colour_by);
    viewport()->update();
}

void NodeChart::setSelected(plan::NodeId id)
{
    if (painter_ == nullptr || id >= painter_->plan().nodes.size())
        return;
    selected_ = id;
    setAccessibleDescription(NodeText::summary(painter_->plan(), painter_->metrics(), id));
    reveal(id);
    viewport()->update();
}

void NodeChart::choose(plan::NodeId id)
{
    setSelected(id);
    Q_EMIT nodeChosen(id);
}

void NodeChart::setFound(const std::vector<plan::NodeId> &found)
{
    searching_ = !found.empty();
    found_.assign(painter_ == nullptr ? 0 : painter_->plan().nodes.size(), false);
    for (const plan::NodeId id : found) {
        if (id < found_.size())
            found_[id] = true;
    }
    viewport()->update();
}

bool NodeChart::steppedBack(plan::NodeId id) const
{
    return searching_ && !found_[id];
}

void NodeChart::resizeEvent(QResizeEvent *)
{
    updateScrollBars();
}

void NodeChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    if (const auto id = nodeAt(event->position()))
        choose(*id);
}

void NodeChart::mouseMoveEvent(QMouseEvent *event)
{
    viewport()->setCursor(nodeAt(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

bool NodeChart::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    auto *help = static_cast<QHelpEvent *>(event);
    if (const auto id = nodeAt(help->pos()))
        QToolTip::showText(help->globalPos(), nodeToolTip(painter_->plan(), painter_->metrics(), *id), viewport());
    else
        QToolTip::hideText();
    return true;
}

} // namespace howdah::ui
