// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QSortFilterProxyModel>
#include <QString>
#include <QStringList>
#include <QTreeView>

class QMenu;

namespace howdah::ui {

/// Sorts by SortRole and takes rows in by a predicate.
class RowFilter : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setPredicate(std::function<bool(int source_row)> takes);
    void refilter() { invalidateFilter(); }

protected:
    [[nodiscard]] bool filterAcceptsRow(int source_row, const QModelIndex &source_parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    std::function<bool(int)> takes_;
};

/// A flat table of rows that are selected as a whole: sorted by its header, columns chosen from the header's menu and
/// remembered, copied as text with tabs.
class TableView : public QTreeView
{
    Q_OBJECT
public:
    TableView(const QString &name, QAbstractItemModel *model, const QString &remembered_as, QWidget *parent = nullptr);

    [[nodiscard]] RowFilter *filter() const { return filter_; }
    /// Rows of the source model, in the order shown.
    [[nodiscard]] QList<int> selectedSourceRows() const;
    [[nodiscard]] int currentSourceRow() const; ///< -1: none
    /// Once, with what the columns are like at first.
    void setColumns(const QStringList &ids, const QList<int> &widths, const QList<bool> &hidden, int stretched);
    /// What stands in the table while it shows no row.
    void setEmptyText(const QString &text);
    void sortAtFirst(int column, Qt::SortOrder order);
    void fillColumnMenu(QMenu *menu);
    [[nodiscard]] QString selectedText() const;
    void copySelection() const;

Q_SIGNALS:
    void selectionMoved();

protected:
    void selectionChanged(const QItemSelection &selected, const QItemSelection &deselected) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void resizeEvent(QResizeEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void keepColumns() const;
    void stretch();

    RowFilter *filter_;
    QString remembered_as_;
    QString empty_text_;
    QStringList ids_;
    int stretched_ = -1; ///< the column that takes what the others leave
};

} // namespace howdah::ui
