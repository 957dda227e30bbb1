// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace howdah::series {

/// Moments are milliseconds since 1970 and never run backwards within a series.
using TimeMs = std::int64_t;

/// A gap: nothing is known at that moment (connection lost, counters reset). Charts break their line there.
inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

struct Point {
    TimeMs time_ms = 0;
    double value = no_value;
    [[nodiscard]] bool isGap() const { return value != value; }
};

/// At most `max_points` points that draw the same picture: each stretch of time keeps its smallest and its greatest
/// value, in their order, so that no peak is lost; a gap stays a gap. `points` by time.
[[nodiscard]] std::vector<Point> decimate(const std::vector<Point> &points, std::size_t max_points);

/// How much a series remembers. The defaults hold the last hour as it was measured and the last day in stretches of
/// ten seconds: about 350 kB when full, and never more.
struct SeriesLimits {
    std::size_t points = 3600;
    TimeMs bucket_ms = 10'000;
    std::size_t buckets = 8640;
};

/// One figure over time, in bounded memory. Not thread-safe; SeriesStore is.
class TimeSeries
{
public:
    explicit TimeSeries(SeriesLimits limits = {});

    /// A moment before the last one is moved up to it.
    void add(TimeMs time_ms, double value);
    void addGap(TimeMs time_ms) { add(time_ms, no_value); }
    [[nodiscard]] std::optional<Point> last() const;
    [[nodiscard]] std::size_t size() const { return points_.size(); }
    /// What is known from `from` to `to`, both included, and one point before, so that a line enters from the left;
    /// where the fine points do not reach back that far, the coarse ones stand in. At most about `max_points`.
    [[nodiscard]] std::vector<Point> window(TimeMs from, TimeMs to, std::size_t max_points) const;
    /// Change per second between the ends of the last `span_ms`; nothing with fewer than two points or after a gap.
    [[nodiscard]] std::optional<double> slope(TimeMs span_ms) const;

private:
    /// A stretch of time: its smallest and its greatest value, each at its moment.
    struct Bucket {
        Point low, high;
    };
    template <typename T> class Ring
    {
    public:
        explicit Ring(std::size_t capacity) : capacity_(capacity) {}
        void push(const T &value);
        [[nodiscard]] std::size_t size() const { return items_.size(); }
        /// From the oldest, 0, on.
        [[nodiscard]] const T &operator[](std::size_t index) const { return items_[(first_ + index) % items_.size()]; }
        [[nodiscard]] T &back() { return items_[(first_ + items_.size() - 1) % items_.size()]; }

    private:
        std::size_t capacity_;
        std::size_t first_ = 0;
        std::vector<T> items_;
    };
    void addToBucket(const Point &point);

    SeriesLimits limits_;
    Ring<Point> points_;
    Ring<Bucket> buckets_;
};

/// Turns a counter of the server into a rate per second.
class CounterRate
{
public:
    /// Nothing for the first value, and where the counter has fallen: it was reset, or the server is another one.
    [[nodiscard]] std::optional<double> next(TimeMs time_ms, double counter);
    /// What comes next is a first value again.
    void forget() { previous_.reset(); }

private:
    std::optional<Point> previous_;
};

} // namespace howdah::series
