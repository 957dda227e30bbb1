// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/migration/migration_charts.h"

#include <algorithm>

#include <QHBoxLayout>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/charts/series_chart.h"

namespace howdah::ui {

namespace {

constexpr series::TimeMs span_ms = 10 * 60 * 1000;
constexpr series::TimeMs least_span_ms = 60 * 1000;
/// A pause between two looks that is longer than this is a gap in the course, not a line.
constexpr series::TimeMs gap_ms = 15 * 1000;

QString figure(double value)
{
    return QString::fromStdString(human::compactCount(value));
}

} // namespace

MigrationCharts::MigrationCharts(QWidget *parent) : QWidget(parent)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::card);
    wait_ = new SeriesChart(tr("Longest wait for a lock"), SeriesChart::Shape::Lines, [](double value) { return QString::fromStdString(human::duration(value)); }, this);
    wait_->setLeastTop(100);
    blocked_ = new SeriesChart(tr("Blocked sessions"), SeriesChart::Shape::Lines, figure, this);
    blocked_->setLeastTop(4);
    lag_ = new SeriesChart(tr("Behind on standbys"), SeriesChart::Shape::Lines, [](double value) { return QString::fromStdString(human::bytes(static_cast<std::int64_t>(value))); }, this);
    lag_->setLeastTop(1 << 20);
    lag_->setBytes(true);
    rate_ = new SeriesChart(tr("Rows in a second"), SeriesChart::Shape::Lines, figure, this);
    rate_->setLeastTop(1000);
    const std::vector<SeriesChart *> all{wait_, blocked_, lag_, rate_};
    for (SeriesChart *chart : all) {
        row->addWidget(chart, 1);
        for (SeriesChart *other : all) {
            if (other != chart)
                connect(chart, &SeriesChart::markMoved, other, &SeriesChart::setMark);
        }
    }
    setAccessibleName(tr("What the migration costs others"));
}

void MigrationCharts::add(series::TimeMs now, const migration::Pulse &pulse, double rows_per_second)
{
    samples_.push_back({now, pulse, rows_per_second});
    while (!samples_.empty() && samples_.front().at < now - span_ms)
        samples_.pop_front();
    draw();
}

void MigrationCharts::clear()
{
    samples_.clear();
    draw();
}

void MigrationCharts::draw()
{
    const auto course = [this](const auto &value) {
        std::vector<series::Point> points;
        for (const Sample &sample : samples_) {
            if (!points.empty() && sample.at - points.back().time_ms > gap_ms)
                points.push_back({points.back().time_ms + 1, series::no_value});
            points.push_back({sample.at, value(sample)});
        }
        return series::decimate(points, 600);
    };
    const series::TimeMs to = samples_.empty() ? least_span_ms : samples_.back().at;
    const series::TimeMs from = samples_.empty() ? 0 : std::min(samples_.front().at, to - least_span_ms);
    wait_->setLines({{tr("now"), 3, course([](const Sample &one) { return one.pulse.longest_wait_ms; })}}, from, to);
    blocked_->setLines({{tr("all"), 0, course([](const Sample &one) { return static_cast<double>(one.pulse.waiting_sessions); })},
                        {tr("behind the migration"), 3, course([](const Sample &one) { return static_cast<double>(one.pulse.behind_migration); })}},
                       from, to);
    lag_->setLines({{tr("replay"), 1, course([](const Sample &one) { return one.pulse.standbys > 0 ? static_cast<double>(one.pulse.replica_lag_bytes) : series::no_value; })}}, from, to);
    rate_->setLines({{tr("batches"), 2, course([](const Sample &one) { return one.rows_per_second; })}}, from, to);
    lag_->setVisible(std::any_of(samples_.begin(), samples_.end(), [](const Sample &one) { return one.pulse.standbys > 0; }));
}

} // namespace howdah::ui
