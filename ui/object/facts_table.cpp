// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/object/facts_table.h"

#include <algorithm>
#include <numeric>

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QShortcut>
#include <QTreeView>

#include "ui/base/palette.h"

namespace howdah::ui {

void FactsModel::setFacts(QStringList heads, std::vector<std::vector<Fact>> rows)
{
    beginResetModel();
    heads_ = std::move(heads);
    rows_ = std::move(rows);
    order_.resize(rows_.size());
    std::iota(order_.begin(), order_.end(), 0);
    endResetModel();
}

const Fact &FactsModel::fact(int row, int column) const
{
    return rows_[static_cast<std::size_t>(original(row))][static_cast<std::size_t>(column)];
}

int FactsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int FactsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(heads_.size());
}

QVariant FactsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Fact &cell = fact(index.row(), index.column());
    switch (role) {
    case Qt::DisplayRole: return QString(cell.text).replace(QLatin1Char('\n'), QLatin1Char(' '));
    case Qt::ToolTipRole: return cell.tooltip.isEmpty() ? cell.text : cell.tooltip;
    case Qt::DecorationRole: return cell.icon.isEmpty() ? QVariant() : QVariant(icon(cell.icon));
    case Qt::FontRole: return cell.mono ? QVariant(monoFont()) : QVariant();
    case Qt::ForegroundRole:
        if (cell.tone != Tone::Neutral)
            return toneInk(cell.tone);
        return cell.dim ? QVariant(colors().dim) : QVariant();
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (cell.to_the_right ? Qt::AlignRight : Qt::AlignLeft)));
    default: return {};
    }
}

QVariant FactsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return heads_.value(section);
    if (role == Qt::TextAlignmentRole && !rows_.empty())
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (rows_.front()[static_cast<std::size_t>(section)].to_the_right ? Qt::AlignRight : Qt::AlignLeft)));
    return {};
}

void FactsModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    QList<int> kept;
    for (const QModelIndex &index : before)
        kept << original(index.row());
    const auto at = static_cast<std::size_t>(column);
    std::stable_sort(order_.begin(), order_.end(), [&](int left, int right) {
        const Fact &a = rows_[static_cast<std::size_t>(order == Qt::AscendingOrder ? left : right)][at];
        const Fact &b = rows_[static_cast<std::size_t>(order == Qt::AscendingOrder ? right : left)][at];
        return a.to_the_right ? a.sort_number < b.sort_number : a.text.localeAwareCompare(b.text) < 0;
    });
    for (qsizetype i = 0; i < before.size(); ++i) {
        const auto place = std::find(order_.begin(), order_.end(), kept[i]) - order_.begin();
        changePersistentIndex(before[i], index(static_cast<int>(place), before[i].column()));
    }
    Q_EMIT layoutChanged();
}

QTreeView *factsView(FactsModel *model, const QString &accessible_name, QWidget *parent)
{
    auto *view = new QTreeView(parent);
    view->setModel(model);
    view->setRootIsDecorated(false);
    view->setUniformRowHeights(true);
    view->setAlternatingRowColors(true);
    view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    view->setFrameShape(QFrame::NoFrame);
    view->setAccessibleName(accessible_name);
    view->header()->setSortIndicator(-1, Qt::AscendingOrder);
    view->setSortingEnabled(true);
    view->header()->setStretchLastSection(true);
    auto *copy = new QShortcut(QKeySequence::Copy, view, nullptr, nullptr, Qt::WidgetShortcut);
    QObject::connect(copy, &QShortcut::activated, view, [view, model] {
        QStringList lines;
        for (const QModelIndex &index : view->selectionModel()->selectedRows()) {
            QStringList cells;
            for (int column = 0; column < model->columnCount(); ++column)
                cells << model->fact(index.row(), column).text;
            lines << cells.join(QLatin1Char('\t'));
        }
        QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    });
    return view;
}

void fitColumns(QTreeView *view)
{
    const int most = std::max(160, view->width() / 3);
    for (int column = 0; column < view->model()->columnCount(); ++column) {
        view->resizeColumnToContents(column);
        view->setColumnWidth(column, std::min(view->columnWidth(column) + spacing::page, most));
    }
}

} // namespace howdah::ui
