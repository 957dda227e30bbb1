// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_grid.h"

#include <algorithm>

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>
#include <QSettings>
#include <QStyledItemDelegate>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/plan/plan_scale.h"

namespace howdah::ui {

namespace {

constexpr int least_node_width = 300;

using plan::NodeId;

const QString hidden_key = QStringLiteral("plan/gridHiddenColumns");

class PlanGridDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colors &c = colors();
        const auto *order = static_cast<const PlanGridOrder *>(index.model());
        const auto tone = static_cast<Tone>(index.data(PlanGridModel::ToneRole).toInt());
        painter->save();
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->fillRect(option.rect, selected ? c.on_tint : option.state.testFlag(QStyle::State_MouseOver) ? c.hover : c.panel);
        QRect text = option.rect.adjusted(8, 0, -8, 0);
        if (index.column() == PlanGridModel::Share)
            paintShare(*painter, option.rect, index.data(PlanGridModel::FigureRole), tone);
        // Under another order the parent is not above, and an indent would tell nothing.
        if (index.column() == PlanGridModel::NodeColumn && order->sortColumn() <= 0 && order->sortOrder() == Qt::AscendingOrder)
            text.setLeft(text.left() + std::min(index.data(PlanGridModel::DepthRole).toInt() * 14, option.rect.width() / 2));
        painter->setFont(textFont());
        painter->setPen(index.column() == PlanGridModel::Estimate ? toneInk(tone) : c.text);
        const auto alignment = Qt::Alignment(index.data(Qt::TextAlignmentRole).toInt());
        painter->drawText(text, alignment, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(QPen(c.accent, 1));
            painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
        }
        painter->restore();
    }

private:
    static void paintShare(QPainter &painter, const QRect &cell, const QVariant &figure, Tone tone)
    {
        if (!figure.isValid() || figure.toDouble() <= 0)
            return;
        QColor color = scaleColour(tone);
        color.setAlphaF(0.38F);
        const int width = std::max(2, static_cast<int>((cell.width() - 8) * std::min(1.0, figure.toDouble())));
        painter.fillRect(QRect(cell.left() + 4, cell.top() + 4, width, cell.height() - 8), color);
    }
};

} // namespace

PlanGrid::PlanGrid(QWidget *parent) : QTableView(parent), model_(new PlanGridModel(this)), order_(new PlanGridOrder(this))
{
    order_->setSourceModel(model_);
    setModel(order_);
    setItemDelegate(new PlanGridDelegate(this));
    setAccessibleName(tr("Plan as a table"));
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(25);
    QHeaderView *header = horizontalHeader();
    header->setSectionsMovable(true);
    header->setHighlightSections(false);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    header->setSortIndicatorClearable(true); // the third click gives the plan's own order back
    connect(header, &QHeaderView::customContextMenuRequested, this, &PlanGrid::headerMenu);
    setSortingEnabled(true);
    sortByColumn(-1, Qt::AscendingOrder);
    for (const QString &column : QSettings().value(hidden_key).toStringList()) {
        for (int i = 1; i < PlanGridModel::ColumnCount; ++i) {
            if (PlanGridModel::plainTitle(i) == column)
                setColumnHidden(i, true);
        }
    }
    fitColumns();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, viewport(), qOverload<>(&QWidget::update));
}

void PlanGrid::fitColumns()
{
    const QFontMetrics metrics(textFont());
    for (int i = 1; i < PlanGridModel::ColumnCount; ++i) {
        const QString title = model_->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString();
        const int least = i == PlanGridModel::Share || i == PlanGridModel::Estimate ? 84 : 62;
        setColumnWidth(i, std::max(least, metrics.horizontalAdvance(title) + 34));
    }
    setColumnWidth(PlanGridModel::NodeColumn, least_node_width);
}

void PlanGrid::setPlan(std::shared_ptr<const PlanDocument> document, std::size_t index)
{
    const QScopedValueRollback guard(following_, true);
    order_->setFound({});
    model_->setPlan(std::move(document), index);
    widenColumns();
}

/// The nodes' names take what the figures leave.
void PlanGrid::fillWidth()
{
    int others = 0;
    for (int column = 0; column < PlanGridModel::ColumnCount; ++column)
        others += column == PlanGridModel::NodeColumn || isColumnHidden(column) ? 0 : columnWidth(column);
    const int left = viewport()->width() - others;
    if (left > least_node_width)
        setColumnWidth(PlanGridModel::NodeColumn, left);
}

void PlanGrid::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    fillWidth();
}

/// Makes room for the longest figures; never takes any away, so that what the user chose stays.
void PlanGrid::widenColumns()
{
    constexpr int most_rows = 1'000; // the largest totals stand at the top
    constexpr int most_width = 180;
    const QFontMetrics metrics(textFont());
    const int rows = std::min(model_->rowCount(), most_rows);
    for (int column = 1; column < PlanGridModel::ColumnCount; ++column) {
        QString longest;
        for (int row = 0; row < rows; ++row) {
            QString text = model_->index(row, column).data().toString();
            if (text.size() > longest.size())
                longest = std::move(text);
        }
        const int wanted = std::min(most_width, metrics.horizontalAdvance(longest) + 20);
        if (wanted > columnWidth(column))
            setColumnWidth(column, wanted);
    }
    fillWidth();
}

void PlanGrid::setSelected(NodeId id)
{
    const QScopedValueRollback guard(following_, true);
    const QModelIndex row = order_->mapFromSource(model_->index(static_cast<int>(id), 0));
    if (!row.isValid()) {
        clearSelection();
        return;
    }
    if (currentIndex().row() != row.row() || !selectionModel()->isRowSelected(row.row(), {}))
        selectionModel()->setCurrentIndex(row, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    scrollTo(row);
}

void PlanGrid::setFound(std::optional<std::vector<NodeId>> found)
{
    const QScopedValueRollback guard(following_, true);
    order_->setFound(std::move(found));
}

void PlanGrid::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    if (!following_ && current.isValid())
        Q_EMIT nodeChosen(static_cast<NodeId>(order_->mapToSource(current).row()));
}

QString PlanGrid::tabSeparated() const
{
    QList<int> columns;
    for (int visual = 0; visual < PlanGridModel::ColumnCount; ++visual) {
        const int column = horizontalHeader()->logicalIndex(visual);
        if (!isColumnHidden(column))
            columns += column;
    }
    QStringList lines;
    const auto line = [&](auto cell) {
        QStringList cells;
        for (const int column : columns)
            cells += cell(column);
        lines += cells.join(QLatin1Char('\t'));
    };
    line([](int column) { return PlanGridModel::plainTitle(column); });
    const bool some = selectionModel()->selectedRows().size() > 1;
    for (int row = 0; row < order_->rowCount(); ++row) {
        if (some && !selectionModel()->isRowSelected(row, {}))
            continue;
        const int source_row = order_->mapToSource(order_->index(row, 0)).row();
        line([&](int column) { return model_->plainCell(source_row, column); });
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void PlanGrid::copy() const
{
    QGuiApplication::clipboard()->setText(tabSeparated());
}

void PlanGrid::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QTableView::keyPressEvent(event);
}

void PlanGrid::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool some = selectionModel()->selectedRows().size() > 1;
    QAction *action = menu->addAction(icon(QStringLiteral("copy")), some ? tr("Copy the selected rows") : tr("Copy the table"),
                                      this, [this] { copy(); });
    action->setShortcut(QKeySequence::Copy);
    menu->popup(event->globalPos());
}

void PlanGrid::headerMenu(const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (int i = 1; i < PlanGridModel::ColumnCount; ++i) { // the node's name stays
        QAction *action = menu->addAction(model_->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(i));
        connect(action, &QAction::toggled, this, [this, i](bool shown) {
            setColumnHidden(i, !shown);
            QStringList hidden;
            for (int each = 1; each < PlanGridModel::ColumnCount; ++each) {
                if (isColumnHidden(each))
                    hidden += PlanGridModel::plainTitle(each);
            }
            QSettings().setValue(hidden_key, hidden);
        });
    }
    menu->addSeparator();
    menu->addAction(tr("In the plan's order"), this, [this] { sortByColumn(-1, Qt::AscendingOrder); });
    menu->popup(horizontalHeader()->mapToGlobal(at));
}

} // namespace howdah::ui
