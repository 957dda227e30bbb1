// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/table/table_view.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/base/palette.h"
#include "ui/settings/settings.h"
#include "ui/table/keyed_model.h"

namespace howdah::ui {

namespace {

constexpr int row_height = 26;
constexpr int narrowest_stretched = 240;

class CellDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), row_height};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Colors &c = colors();
        painter->save();
        painter->setClipRect(option.rect);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        painter->fillRect(option.rect, selected ? c.on_tint : option.state.testFlag(QStyle::State_MouseOver) ? c.hover : c.panel);
        const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
        // Where the keys go: an edge at the current row.
        if (view != nullptr && view->hasFocus() && index.row() == view->currentIndex().row() && index.column() == 0)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), c.accent);
        const QRect inner = option.rect.adjusted(spacing::control, 0, -spacing::control, 0);
        const QString text = index.data().toString();
        if (const QVariant tone = index.data(ToneRole); tone.isValid()) {
            paintPill(*painter, inner, text, static_cast<Tone>(tone.toInt()));
        } else {
            painter->setFont(option.font);
            painter->setPen(c.text);
            const auto alignment = static_cast<Qt::Alignment>(index.data(Qt::TextAlignmentRole).toInt());
            painter->drawText(inner, static_cast<int>(alignment), option.fontMetrics.elidedText(text, Qt::ElideRight, inner.width()));
        }
        painter->restore();
    }
};

} // namespace

void RowFilter::setPredicate(std::function<bool(int)> takes)
{
    takes_ = std::move(takes);
    invalidateFilter();
}

bool RowFilter::filterAcceptsRow(int source_row, const QModelIndex &) const
{
    return !takes_ || takes_(source_row);
}

bool RowFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const QVariant a = left.data(SortRole);
    const QVariant b = right.data(SortRole);
    const auto order = QVariant::compare(a, b);
    if (order != QPartialOrdering::Equivalent)
        return order == QPartialOrdering::Less;
    return left.row() < right.row();
}

TableView::TableView(const QString &name, QAbstractItemModel *source, const QString &remembered_as, QWidget *parent)
    : QTreeView(parent), filter_(new RowFilter(this)), remembered_as_(remembered_as)
{
    filter_->setSourceModel(source);
    filter_->setDynamicSortFilter(true);
    setModel(filter_);
    setItemDelegate(new CellDelegate(this));
    setAccessibleName(name);
    setRootIsDecorated(false);
    setUniformRowHeights(true);
    setAllColumnsShowFocus(true);
    setSortingEnabled(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setMouseTracking(true);
    header()->setContextMenuPolicy(Qt::CustomContextMenu);
    header()->setSectionsMovable(true);
    header()->setHighlightSections(false);
    connect(header(), &QWidget::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        fillColumnMenu(menu);
        menu->popup(header()->mapToGlobal(at));
    });
}

void TableView::setColumns(const QStringList &ids, const QList<int> &widths, const QList<bool> &hidden, int stretched)
{
    ids_ = ids;
    stretched_ = stretched;
    header()->setStretchLastSection(false);
    for (int i = 0; i < ids.size(); ++i) {
        header()->resizeSection(i, widths[i]);
        setColumnHidden(i, hidden[i]);
    }
    const QVariant kept = Settings::instance().remembered(remembered_as_ + QStringLiteral("/hidden"));
    if (kept.isValid()) {
        const QStringList names = kept.toStringList();
        for (int i = 0; i < ids.size(); ++i)
            setColumnHidden(i, names.contains(ids[i]));
    }
    connect(header(), &QHeaderView::sectionResized, this, [this](int section) {
        if (section != stretched_)
            stretch();
    });
    stretch();
}

void TableView::stretch()
{
    if (stretched_ < 0)
        return;
    int others = 0;
    for (int i = 0; i < header()->count(); ++i)
        others += i == stretched_ || isColumnHidden(i) ? 0 : header()->sectionSize(i);
    header()->resizeSection(stretched_, std::max(narrowest_stretched, viewport()->width() - others));
}

void TableView::resizeEvent(QResizeEvent *event)
{
    QTreeView::resizeEvent(event);
    stretch();
}

void TableView::setEmptyText(const QString &text)
{
    if (empty_text_ == text)
        return;
    empty_text_ = text;
    viewport()->update();
}

void TableView::paintEvent(QPaintEvent *event)
{
    QTreeView::paintEvent(event);
    if (empty_text_.isEmpty() || model()->rowCount() > 0)
        return;
    QPainter painter(viewport());
    painter.setPen(colors().dim);
    painter.drawText(viewport()->rect().adjusted(spacing::page, spacing::page, -spacing::page, -spacing::page),
                     static_cast<int>(Qt::AlignCenter) | Qt::TextWordWrap, empty_text_);
}

void TableView::sortAtFirst(int column, Qt::SortOrder order)
{
    sortByColumn(column, order);
}

void TableView::fillColumnMenu(QMenu *menu)
{
    for (int i = 0; i < ids_.size(); ++i) {
        QAction *choice = menu->addAction(model()->headerData(i, Qt::Horizontal).toString());
        choice->setCheckable(true);
        choice->setChecked(!isColumnHidden(i));
        // A table without a column cannot be asked for one.
        choice->setEnabled(i != 0);
        connect(choice, &QAction::toggled, this, [this, i](bool shown) {
            setColumnHidden(i, !shown);
            stretch();
            keepColumns();
        });
    }
}

void TableView::keepColumns() const
{
    QStringList hidden;
    for (int i = 0; i < ids_.size(); ++i) {
        if (isColumnHidden(i))
            hidden << ids_[i];
    }
    // An empty list reads as never set.
    if (hidden.isEmpty())
        hidden << QString();
    Settings::instance().remember(remembered_as_ + QStringLiteral("/hidden"), hidden);
}

QList<int> TableView::selectedSourceRows() const
{
    QList<int> shown;
    for (const QModelIndex &index : selectionModel()->selectedRows())
        shown << index.row();
    std::sort(shown.begin(), shown.end());
    QList<int> rows;
    for (const int row : shown)
        rows << filter_->mapToSource(filter_->index(row, 0)).row();
    return rows;
}

int TableView::currentSourceRow() const
{
    const QModelIndex current = currentIndex();
    return current.isValid() ? filter_->mapToSource(current).row() : -1;
}

QString TableView::selectedText() const
{
    QList<int> columns;
    for (int visual = 0; visual < header()->count(); ++visual) {
        const int column = header()->logicalIndex(visual);
        if (!isColumnHidden(column))
            columns << column;
    }
    QStringList lines;
    QStringList head;
    for (const int column : columns)
        head << model()->headerData(column, Qt::Horizontal).toString();
    lines << head.join(QLatin1Char('\t'));
    for (const int row : selectedSourceRows()) {
        QStringList cells;
        for (const int column : columns)
            cells << filter_->sourceModel()->index(row, column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.size() == 1 ? QString() : lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void TableView::copySelection() const
{
    if (const QString text = selectedText(); !text.isEmpty())
        QApplication::clipboard()->setText(text);
}

void TableView::selectionChanged(const QItemSelection &selected, const QItemSelection &deselected)
{
    QTreeView::selectionChanged(selected, deselected);
    Q_EMIT selectionMoved();
}

void TableView::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTreeView::currentChanged(current, previous);
    Q_EMIT selectionMoved();
}

} // namespace howdah::ui
