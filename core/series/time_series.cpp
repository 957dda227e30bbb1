// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/series/time_series.h"

#include <algorithm>

namespace howdah::series {

namespace {

/// The smallest and the greatest of a stretch, in the order in which they came; a stretch that holds a gap ends with it.
class Stretch
{
public:
    void take(const Point &point)
    {
        if (point.isGap()) {
            gap_ = point;
            return;
        }
        if (!low_ || point.value < low_->value)
            low_ = point;
        if (!high_ || point.value > high_->value)
            high_ = point;
    }
    void emptyInto(std::vector<Point> &out)
    {
        if (low_) {
            const bool low_first = low_->time_ms <= high_->time_ms;
            out.push_back(low_first ? *low_ : *high_);
            if (low_->time_ms != high_->time_ms)
                out.push_back(low_first ? *high_ : *low_);
        }
        // Within a stretch that has values on both sides a gap is narrower than what can be drawn.
        if (gap_ && (!low_ || gap_->time_ms > out.back().time_ms))
            out.push_back(*gap_);
        *this = {};
    }

private:
    std::optional<Point> low_, high_, gap_;
};

} // namespace

std::vector<Point> decimate(const std::vector<Point> &points, std::size_t max_points)
{
    if (points.size() <= std::max<std::size_t>(max_points, 3))
        return points;
    // Up to three points a stretch; gaps are rare.
    const std::size_t stretches = std::max<std::size_t>(1, max_points / 2);
    const TimeMs begin = points.front().time_ms;
    const TimeMs length = std::max<TimeMs>(1, points.back().time_ms - begin + 1);
    std::vector<Point> kept;
    kept.reserve(max_points + 2);
    Stretch stretch;
    TimeMs current = 0;
    for (const Point &point : points) {
        const TimeMs at = (point.time_ms - begin) * static_cast<TimeMs>(stretches) / length;
        if (at != current)
            stretch.emptyInto(kept);
        current = at;
        stretch.take(point);
    }
    stretch.emptyInto(kept);
    // The value at the end is the one a person reads.
    if (!points.back().isGap() && kept.back().time_ms != points.back().time_ms)
        kept.push_back(points.back());
    return kept;
}

template <typename T> void TimeSeries::Ring<T>::push(const T &value)
{
    if (items_.size() < capacity_) {
        items_.push_back(value);
        return;
    }
    items_[first_] = value;
    first_ = (first_ + 1) % items_.size();
}

TimeSeries::TimeSeries(SeriesLimits limits)
    : limits_(limits), points_(std::max<std::size_t>(2, limits.points)), buckets_(std::max<std::size_t>(2, limits.buckets))
{
}

void TimeSeries::add(TimeMs time_ms, double value)
{
    if (points_.size() > 0)
        time_ms = std::max(time_ms, points_.back().time_ms);
    const Point point{time_ms, value};
    points_.push(point);
    addToBucket(point);
}

void TimeSeries::addToBucket(const Point &point)
{
    const auto stretchOf = [this](TimeMs time_ms) { return time_ms / limits_.bucket_ms; };
    if (buckets_.size() == 0 || stretchOf(buckets_.back().low.time_ms) != stretchOf(point.time_ms)) {
        buckets_.push({point, point});
        return;
    }
    Bucket &bucket = buckets_.back();
    if (point.isGap())
        return;
    if (bucket.low.isGap() || point.value < bucket.low.value)
        bucket.low = point;
    if (bucket.high.isGap() || point.value > bucket.high.value)
        bucket.high = point;
}

std::optional<Point> TimeSeries::last() const
{
    if (points_.size() == 0)
        return {};
    return points_[points_.size() - 1];
}

std::vector<Point> TimeSeries::window(TimeMs from, TimeMs to, std::size_t max_points) const
{
    std::vector<Point> found;
    const auto append = [&](const Point &point) {
        if (point.time_ms > to)
            return;
        if (point.time_ms < from)
            found.clear();
        found.push_back(point);
    };
    const TimeMs fine_from = points_.size() > 0 ? points_[0].time_ms : to;
    if (fine_from > from) {
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            Bucket bucket = buckets_[i];
            if (bucket.high.time_ms < bucket.low.time_ms)
                std::swap(bucket.low, bucket.high);
            if (bucket.high.time_ms >= fine_from)
                break;
            append(bucket.low);
            if (bucket.high.time_ms != bucket.low.time_ms)
                append(bucket.high);
        }
    }
    for (std::size_t i = 0; i < points_.size(); ++i)
        append(points_[i]);
    return decimate(found, max_points);
}

std::optional<double> TimeSeries::slope(TimeMs span_ms) const
{
    if (points_.size() < 2)
        return {};
    const Point end = points_[points_.size() - 1];
    Point begin = end;
    for (std::size_t i = points_.size() - 1; i-- > 0;) {
        const Point &point = points_[i];
        if (point.isGap() || point.time_ms < end.time_ms - span_ms)
            break;
        begin = point;
    }
    if (end.isGap() || begin.time_ms == end.time_ms)
        return {};
    return (end.value - begin.value) * 1000 / static_cast<double>(end.time_ms - begin.time_ms);
}

std::optional<double> CounterRate::next(TimeMs time_ms, double counter)
{
    const std::optional<Point> before = previous_;
    previous_ = Point{time_ms, counter};
    if (!before || counter < before->value || time_ms <= before->time_ms)
        return {};
    return (counter - before->value) * 1000 / static_cast<double>(time_ms - before->time_ms);
}

} // namespace howdah::series
