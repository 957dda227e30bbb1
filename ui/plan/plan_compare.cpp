// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_compare.h"

#include <algorithm>
#include <cmath>

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/elided_label.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/plan/node_text.h"
#include "ui/plan/plan_canvas.h"

namespace howdah::ui {

namespace {

/// By figures where there are some, the empty cells last.
class DeltaOrder : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

protected:
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override
    {
        const QVariant a = left.data(PlanDeltaModel::FigureRole), b = right.data(PlanDeltaModel::FigureRole);
        if (a.isValid() != b.isValid())
            return a.isValid() == (sortOrder() == Qt::AscendingOrder);
        return a.isValid() ? a.toDouble() < b.toDouble() : left.data().toString() < right.data().toString();
    }
};

} // namespace

PlanCompare::PlanCompare(QWidget *parent) : QWidget(parent), model_(new PlanDeltaModel(this)), order_(new DeltaOrder(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *head = new QFrame(this);
    head->setProperty("role", QStringLiteral("panel"));
    auto *rows = new QVBoxLayout(head);
    rows->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    rows->setSpacing(spacing::unit);
    auto *first = new QHBoxLayout;
    first->setSpacing(spacing::card);
    verdict_ = new QLabel(head);
    verdict_->setProperty("role", QStringLiteral("title"));
    shape_ = new Pill(head);
    figures_ = new QLabel(head);
    first->addWidget(verdict_);
    first->addWidget(shape_);
    first->addWidget(figures_, 1);
    rows->addLayout(first);
    changes_ = new QLabel(head);
    changes_->setProperty("role", QStringLiteral("dim"));
    changes_->setWordWrap(true);
    changes_->setTextFormat(Qt::PlainText);
    rows->addWidget(changes_);
    head_ = head;
    layout->addWidget(head);
    layout->addWidget(hairline(this));

    auto *trees = new QSplitter(Qt::Horizontal, this);
    trees->addWidget(buildTree(before_, before_caption_));
    trees->addWidget(buildTree(after_, after_caption_));
    trees->setChildrenCollapsible(false);
    order_->setSourceModel(model_);
    table_ = new QTableView(this);
    table_->setModel(order_);
    table_->setAccessibleName(tr("Differences by node"));
    table_->setFrameShape(QFrame::NoFrame);
    table_->setShowGrid(false);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setWordWrap(false);
    table_->setTabKeyNavigation(false);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table_->verticalHeader()->setDefaultSectionSize(25);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setSortIndicatorClearable(true);
    table_->setSortingEnabled(true);
    table_->sortByColumn(-1, Qt::AscendingOrder);
    const QFontMetrics metrics(textFont());
    for (int i = 0; i < PlanDeltaModel::ColumnCount; ++i) {
        const QString title = model_->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString();
        table_->setColumnWidth(i, i <= PlanDeltaModel::After ? 260 : std::max(84, metrics.horizontalAdvance(title) + 34));
    }
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(trees);
    split->addWidget(table_);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setSizes({600, 240});
    layout->addWidget(split, 1);

    connect(before_, &PlanCanvas::selectionChanged, this, [this](plan::NodeId id) { onSelected(id, false); });
    connect(after_, &PlanCanvas::selectionChanged, this, [this](plan::NodeId id) { onSelected(id, true); });
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &current) {
        if (!selecting_ && current.isValid())
            selectRow(current.data(PlanDeltaModel::RowRole).toInt());
    });
}

QWidget *PlanCompare::buildTree(PlanCanvas *&canvas, QLabel *&caption)
{
    auto *side = new QWidget(this);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    caption = new ElidedLabel(side);
    caption->setProperty("role", QStringLiteral("caption"));
    caption->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::unit);
    canvas = new PlanCanvas(side);
    layout->addWidget(caption);
    layout->addWidget(canvas, 1);
    return side;
}

void PlanCompare::setHeadVisible(bool visible)
{
    head_->setVisible(visible);
}

void PlanCompare::setSides(PlanSide before, const QString &before_title, PlanSide after, const QString &after_title)
{
    const QScopedValueRollback guard(selecting_, true);
    row_ = -1;
    before_side_ = std::move(before);
    after_side_ = std::move(after);
    before_caption_->setText(before_title);
    after_caption_->setText(after_title);
    before_->setPlan(before_side_.document, before_side_.index);
    after_->setPlan(after_side_.document, after_side_.index);
    before_->setAccessibleName(before_title);
    after_->setAccessibleName(after_title);
    if (before_side_.empty() || after_side_.empty()) {
        model_->setSides({}, {}, {});
        return;
    }
    model_->setSides(before_side_, after_side_, plan::diffPlans(before_side_.plan(), after_side_.plan()));
    before_->resetView();
    after_->resetView();
    fillHead();
    // What changed most is what people look for.
    int most = -1;
    for (int row = 0; row < model_->rowCount(); ++row) {
        const auto weight = [this](int at) {
            const plan::NodeDiff &node = model_->node(at);
            return node.exclusive_ms ? std::abs(*node.exclusive_ms) : std::abs(node.exclusive_cost) * 1e-6;
        };
        if (most < 0 || weight(row) > weight(most))
            most = row;
    }
    row_ = most;
    showSelection();
}

void PlanCompare::fillHead()
{
    const plan::PlanDiff &diff = model_->diff();
    const auto before_ms = before_side_.metrics().execution_ms, after_ms = after_side_.metrics().execution_ms;
    QStringList figures;
    if (before_ms && after_ms) {
        const double factor = std::max(*before_ms, *after_ms) / std::max(0.001, std::min(*before_ms, *after_ms));
        const QString times = QString::fromStdString(human::factor(factor));
        verdict_->setText(diff.noise                ? tr("No difference that is more than noise")
                          : *after_ms < *before_ms ? tr("%1 faster").arg(times)
                                                   : tr("%1 slower").arg(times));
        figures << tr("%1 → %2").arg(NodeText::duration(*before_ms), NodeText::duration(*after_ms));
    } else {
        verdict_->setText(diff.same_shape ? tr("The same plan") : tr("Another plan"));
    }
    const auto cost = [](const PlanSide &side) { return side.plan().nodes.empty() ? 0 : side.plan().nodes[0].total_cost.value_or(0); };
    if (cost(before_side_) > 0 && cost(after_side_) > 0)
        figures << tr("cost %1 → %2").arg(NodeText::count(std::round(cost(before_side_))), NodeText::count(std::round(cost(after_side_))));
    figures_->setText(figures.join(QStringLiteral(" · ")));
    shape_->setText(diff.same_shape ? tr("same shape") : tr("other shape"));
    shape_->setTone(diff.same_shape ? Tone::Neutral : Tone::Accent);
    QStringList lines;
    constexpr std::size_t most_lines = 4;
    for (std::size_t i = 0; i < std::min(most_lines, diff.changes.size()); ++i)
        lines << QString::fromStdString(diff.changes[i]);
    if (diff.changes.size() > most_lines)
        lines << tr("… and %1 more changes, in the table below").arg(diff.changes.size() - most_lines);
    changes_->setText(lines.join(QLatin1Char('\n')));
    changes_->setVisible(!lines.isEmpty());
}

QString PlanCompare::verdict() const
{
    return verdict_->text();
}

void PlanCompare::onSelected(plan::NodeId id, bool after)
{
    if (selecting_)
        return;
    const int row = model_->rowOf(id, after);
    if (row >= 0)
        selectRow(row);
}

void PlanCompare::selectRow(int row)
{
    if (row < 0 || row >= model_->rowCount() || row == row_)
        return;
    row_ = row;
    const QScopedValueRollback guard(selecting_, true);
    showSelection();
}

void PlanCompare::showSelection()
{
    if (row_ < 0)
        return;
    const plan::NodeDiff &node = model_->node(row_);
    if (node.before != plan::no_node)
        before_->select(node.before, true);
    if (node.after != plan::no_node)
        after_->select(node.after, true);
    const QModelIndex index = order_->mapFromSource(model_->index(row_, 0));
    table_->setCurrentIndex(index);
    table_->scrollTo(index);
}

int PlanCompare::selectedRow() const
{
    return row_;
}

} // namespace howdah::ui
