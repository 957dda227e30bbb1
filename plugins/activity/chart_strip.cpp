// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/chart_strip.h"

#include <algorithm>
#include <cmath>

#include <QGridLayout>

#include "plugins/activity/words.h"
#include "ui/base/palette.h"
#include "ui/charts/series_chart.h"

namespace howdah::activity_tool {

using namespace howdah::ui;
using series::Point;

namespace {

constexpr std::size_t points_in_chart = 300;
constexpr int narrowest_chart = 215;
constexpr double block_bytes = 8192;

QString whole(double value)
{
    return Words::count(std::llround(value));
}

/// What a rate adds up to over the points.
double sum(const std::vector<Point> &rates)
{
    double all = 0;
    for (std::size_t i = 1; i < rates.size(); ++i) {
        if (!rates[i].isGap())
            all += rates[i].value * static_cast<double>(rates[i].time_ms - rates[i - 1].time_ms) / 1000;
    }
    return all;
}

} // namespace

ChartStrip::ChartStrip(QWidget *parent) : QWidget(parent), grid_(new QGridLayout(this))
{
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setSpacing(spacing::control);
    addAll();
    for (SeriesChart *chart : charts_) {
        connect(chart, &SeriesChart::markMoved, this, [this](std::optional<series::TimeMs> moment) {
            for (SeriesChart *other : charts_)
                other->setMark(moment);
        });
    }
    arrange();
}

void ChartStrip::add(SeriesChart *chart, std::vector<Line> lines)
{
    charts_.push_back(chart);
    lines_.push_back(std::move(lines));
}

void ChartStrip::addAll()
{
    using Shape = SeriesChart::Shape;
    const auto name = [](const char *series) { return QStringLiteral("figures.") + QString::fromLatin1(series); };
    const auto make = [this](const QString &title, Shape shape, SeriesChart::Format format) {
        return new SeriesChart(title, shape, std::move(format), this);
    };
    add(make(tr("Transactions"), Shape::Lines, &Words::rate),
        {{name("commits"), tr("commit"), 0}, {name("rollbacks"), tr("rollback"), 3}});
    connections_ = make(tr("Connections"), Shape::Stacked, &whole);
    connections_->setLeastTop(5);
    add(connections_, {{name("active"), tr("active"), 2},
                       {name("waiting"), tr("waiting"), 3},
                       {name("idle_in_transaction"), tr("in transaction"), 1},
                       {name("idle"), tr("idle"), 5}});
    add(make(tr("Tuples read"), Shape::Lines, &Words::rate),
        {{name("tuples_returned"), tr("scanned"), 5}, {name("tuples_fetched"), tr("by index"), 0}});
    add(make(tr("Tuples written"), Shape::Lines, &Words::rate),
        {{name("tuples_inserted"), tr("ins."), 2}, {name("tuples_updated"), tr("upd."), 1}, {name("tuples_deleted"), tr("del."), 3}});
    SeriesChart *cache = make(tr("Cache hits"), Shape::Lines, &Words::share);
    cache->setLeastTop(1);
    cache->setGreatestTop(1);
    add(cache, {{name("cache_hit"), tr("found in shared buffers"), 2}});
    SeriesChart *temp = make(tr("Temporary files"), Shape::Lines, &Words::bytesRate);
    temp->setLeastTop(1024 * 1024);
    temp->setBytes(true);
    add(temp, {{name("temp_bytes"), tr("written"), 4}});
    SeriesChart *wal = make(tr("WAL"), Shape::Lines, &Words::bytesRate);
    wal->setLeastTop(64 * 1024);
    wal->setBytes(true);
    add(wal, {{name("wal_bytes"), tr("generated"), 0}});
    checkpoints_ = make(tr("Checkpoints"), Shape::Lines, &Words::bytesRate);
    checkpoints_->setLeastTop(1024 * 1024);
    checkpoints_->setBytes(true);
    add(checkpoints_, {{name("checkpoint_buffers"), tr("written"), 1}});
}

void ChartStrip::show(const series::SeriesStore &store, series::TimeMs now_ms, int max_connections)
{
    const series::TimeMs from = now_ms - length_ms_;
    for (std::size_t i = 0; i < charts_.size(); ++i) {
        std::vector<ChartLine> lines;
        for (const Line &line : lines_[i])
            lines.push_back({line.name, line.color, store.window(line.series.toStdString(), from, now_ms, points_in_chart)});
        if (charts_[i] == checkpoints_) {
            for (Point &point : lines.front().points)
                point.value *= block_bytes;
        }
        charts_[i]->setLines(std::move(lines), from, now_ms);
    }
    if (max_connections > 0)
        connections_->setCeiling(max_connections, tr("max_connections"));
    const auto count = [&](const char *series) {
        return std::llround(sum(store.window(series, from, now_ms, points_in_chart)));
    };
    const auto timed = count("figures.checkpoints_timed");
    const auto requested = count("figures.checkpoints_requested");
    checkpoints_->setToolTip(tr("In this time %1 timed and %2 requested checkpoints; the line is what they have written").arg(timed).arg(requested));
    checkpoints_->setTitle(timed + requested == 0 ? tr("Checkpoints")
                                                  : tr("Checkpoints %1 + %2").arg(timed).arg(requested));
}

void ChartStrip::arrange()
{
    const int fitting = std::max(1, (width() + spacing::control) / (narrowest_chart + spacing::control));
    const int columns = fitting >= 8 ? 8 : fitting >= 4 ? 4 : fitting >= 2 ? 2 : 1;
    if (columns == columns_)
        return;
    columns_ = columns;
    for (SeriesChart *chart : charts_)
        grid_->removeWidget(chart);
    for (std::size_t i = 0; i < charts_.size(); ++i)
        grid_->addWidget(charts_[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
    for (int column = 0; column < 8; ++column)
        grid_->setColumnStretch(column, column < columns ? 1 : 0);
}

void ChartStrip::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

} // namespace howdah::activity_tool
