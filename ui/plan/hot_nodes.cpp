// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/hot_nodes.h"

#include <algorithm>

#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_scale.h"

namespace howdah::ui {

namespace {

constexpr int row_height = 40;
constexpr std::size_t most = 8;

enum Role { NodeRole = Qt::UserRole, FigureRole, ShareRole, DetailRole };

class HotDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {100, row_height};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colors &c = colors();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRect row = option.rect.adjusted(4, 1, -4, -1);
        if (option.state.testFlag(QStyle::State_Selected) || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state.testFlag(QStyle::State_Selected) ? c.on_tint : c.hover);
            painter->drawRoundedRect(row, spacing::radius - 1, spacing::radius - 1);
        }
        const QRect inner = row.adjusted(8, 4, -8, -4);
        const double share = index.data(ShareRole).toDouble();
        const QString figure = index.data(FigureRole).toString();
        QFont bold = textFont();
        bold.setWeight(QFont::DemiBold);
        painter->setFont(bold);
        const int width = painter->fontMetrics().horizontalAdvance(figure) + 8;
        painter->setPen(c.text);
        painter->drawText(QRect(inner.right() - width, inner.top(), width, 17), Qt::AlignRight | Qt::AlignVCenter, figure);
        painter->setFont(textFont());
        const QRect text(inner.left(), inner.top(), inner.width() - width - 4, 17);
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight, text.width()));
        const QRectF bar(inner.left(), inner.bottom() - 6, inner.width() - 44, 4);
        painter->setPen(Qt::NoPen);
        painter->setBrush(c.line);
        painter->drawRoundedRect(bar, 2, 2);
        painter->setBrush(scaleColour(shareTone(share)));
        painter->drawRoundedRect(QRectF(bar.topLeft(), QSizeF(std::max(4.0, bar.width() * share), 4)), 2, 2);
        QFont small = textFont();
        small.setPixelSize(small.pixelSize() - 2);
        painter->setFont(small);
        painter->setPen(c.dim);
        painter->drawText(QRect(inner.right() - 40, inner.bottom() - 12, 41, 15), Qt::AlignRight | Qt::AlignVCenter,
                          NodeText::percent(share));
        painter->restore();
    }
};

} // namespace

HotNodes::HotNodes(QWidget *parent) : QListWidget(parent)
{
    setItemDelegate(new HotDelegate(this));
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // the column scrolls
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(tr("Slowest nodes"));
    viewport()->setAutoFillBackground(false);
    setStyleSheet(QStringLiteral("QListWidget { background: transparent; }"));
    connect(this, &QListWidget::itemClicked, this,
            [this](QListWidgetItem *item) { Q_EMIT nodeChosen(item->data(NodeRole).toUInt()); });
    connect(this, &QListWidget::itemActivated, this,
            [this](QListWidgetItem *item) { Q_EMIT nodeChosen(item->data(NodeRole).toUInt()); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, viewport(), qOverload<>(&QWidget::update));
}

void HotNodes::setPlan(const PlanDocument *document, std::size_t index)
{
    clear();
    if (document == nullptr)
        return;
    const plan::Plan &plan = document->plans[index];
    const plan::Metrics &metrics = document->metrics[index];
    for (const plan::NodeId id : plan::hottest(metrics, most)) {
        const plan::NodeMetrics &m = metrics.nodes[id];
        auto *item = new QListWidgetItem(NodeText::name(plan.nodes[id]), this);
        item->setData(NodeRole, id);
        item->setData(FigureRole, m.exclusive_ms ? NodeText::duration(*m.exclusive_ms)
                                                 : QString::number(m.exclusive_cost, 'f', 1));
        item->setData(ShareRole, m.exclusive_ms ? m.time_share : m.cost_share);
        item->setData(Qt::AccessibleTextRole, NodeText::summary(plan, metrics, id));
        item->setToolTip(QStringLiteral("<p>%1</p>").arg(NodeText::summary(plan, metrics, id).toHtmlEscaped()));
    }
    setFixedHeight(sizeHint().height());
}

void HotNodes::markSelected(plan::NodeId id)
{
    clearSelection();
    for (int row = 0; row < count(); ++row) {
        if (item(row)->data(NodeRole).toUInt() == id)
            setCurrentRow(row);
    }
}

QSize HotNodes::sizeHint() const
{
    return {240, std::max(count(), 1) * row_height + 2};
}

} // namespace howdah::ui
