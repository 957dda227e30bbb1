// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QTimer>
#include <QWidget>

#include "core/result/column_statistics.h"
#include "core/result/filter_rows.h"
#include "ui/grid/latest_job.h"

class QGridLayout;
class QLabel;
class QToolButton;

namespace howdah::ui {

class ElidedLabel;
class GridModel;
class HistogramView;
class ValueBars;

/// What the values of one column are, beside the grid: figures, a histogram, the most frequent values. Counted off the GUI
/// thread over the rows shown; a click on a bar or a value asks for a filter.
class StatisticsPanel : public QWidget
{
    Q_OBJECT
public:
    explicit StatisticsPanel(const GridModel *model, QWidget *parent = nullptr);
    /// -1: nothing, and what is being counted stops.
    void showColumn(int column);
    [[nodiscard]] int column() const { return column_; }
    /// The rows shown are others: counted anew, soon.
    void refresh();
    [[nodiscard]] const std::optional<result::ColumnStatistics> &statistics() const { return statistics_; }
    /// All figures as "Name\tvalue" lines.
    [[nodiscard]] QString text() const;
    [[nodiscard]] HistogramView *histogram() const { return histogram_; }
    [[nodiscard]] ValueBars *values() const { return values_; }

Q_SIGNALS:
    void counted();
    void closed();
    void filterRequested(const howdah::result::Condition &condition);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildHead(QWidget *head);
    void count();
    void accept(result::ColumnStatistics statistics);
    void addFigure(const QString &name, const QString &value);
    void showFigures(const result::ColumnStatistics &statistics);
    void clearFigures();

    const GridModel *model_;
    ElidedLabel *title_;
    QLabel *state_;
    QGridLayout *figures_;
    QLabel *histogram_caption_;
    HistogramView *histogram_;
    QLabel *values_caption_;
    ValueBars *values_;
    QLabel *note_;
    QTimer timer_;
    LatestJob job_;
    std::optional<result::ColumnStatistics> statistics_;
    QList<std::pair<QString, QString>> shown_;
    int column_ = -1;
};

} // namespace howdah::ui
