// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>

#include "ui/base/tone.h"

class QTreeView;

namespace howdah::ui {

/// A cell of a table of facts: text, and how it looks.
struct Fact {
    QString text;
    QString tooltip;
    QString icon;                ///< file name in resources/icons without ".svg"
    Tone tone = Tone::Neutral;
    bool mono = false;
    bool dim = false;
    bool to_the_right = false;
    double sort_number = 0;      ///< sorts by it where `to_the_right`
};

/// Rows of facts that were read once and are shown as they are: the tabs of an object's page.
class FactsModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setFacts(QStringList heads, std::vector<std::vector<Fact>> rows);
    [[nodiscard]] const Fact &fact(int row, int column) const;
    /// Where the row was before it was sorted.
    [[nodiscard]] int original(int row) const { return order_[static_cast<std::size_t>(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    QStringList heads_;
    std::vector<std::vector<Fact>> rows_;
    std::vector<int> order_;
};

/// The view for it: flat rows, copy with Ctrl+C, sorted by a click on a head.
[[nodiscard]] QTreeView *factsView(FactsModel *model, const QString &accessible_name, QWidget *parent);
/// Fits the columns to their texts once, none wider than a third of the view.
void fitColumns(QTreeView *view);

} // namespace howdah::ui
