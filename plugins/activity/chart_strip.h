// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/series/series_store.h"

class QGridLayout;

namespace howdah::ui {
class SeriesChart;
}

namespace howdah::activity_tool {

/// The server's figures over the last minutes or hours, in charts that mark the same moment.
class ChartStrip : public QWidget
{
    Q_OBJECT
public:
    explicit ChartStrip(QWidget *parent = nullptr);

    void setWindow(series::TimeMs length_ms) { length_ms_ = length_ms; }
    /// Draws what the store has up to `now_ms`.
    void show(const series::SeriesStore &store, series::TimeMs now_ms, int max_connections);
    [[nodiscard]] const std::vector<ui::SeriesChart *> &charts() const { return charts_; }

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    struct Line {
        QString series;
        QString name;
        int color;
    };
    void add(ui::SeriesChart *chart, std::vector<Line> lines);
    void addAll();
    void arrange();

    std::vector<ui::SeriesChart *> charts_;
    std::vector<std::vector<Line>> lines_; ///< of the chart at the same place
    ui::SeriesChart *connections_ = nullptr;
    ui::SeriesChart *checkpoints_ = nullptr;
    QGridLayout *grid_;
    series::TimeMs length_ms_ = 5 * 60'000;
    int columns_ = 0;
};

} // namespace howdah::activity_tool
