// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <vector>

#include <QWidget>

#include "core/migration/pulse.h"
#include "core/series/time_series.h"

namespace howdah::ui {

class SeriesChart;

/// What a migration costs others while it runs, and how fast its batches are: the last ten minutes, a figure for each look.
class MigrationCharts : public QWidget
{
    Q_OBJECT
public:
    explicit MigrationCharts(QWidget *parent = nullptr);
    /// `rows_per_second`: no_value while no batches run.
    void add(series::TimeMs now, const migration::Pulse &pulse, double rows_per_second);
    void clear();
    [[nodiscard]] bool isEmpty() const { return samples_.empty(); }
    [[nodiscard]] std::size_t samples() const { return samples_.size(); }

private:
    struct Sample {
        series::TimeMs at = 0;
        migration::Pulse pulse;
        double rows_per_second = series::no_value;
    };
    void draw();

    std::deque<Sample> samples_;
    SeriesChart *wait_ = nullptr;
    SeriesChart *blocked_ = nullptr;
    SeriesChart *lag_ = nullptr;
    SeriesChart *rate_ = nullptr;
};

} // namespace howdah::ui
