// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/conditions.h"
#include "core/partition/iso_session.h"
#include "core/partition/maintain.h"

namespace howdah::partition {

using ddl::Record;
using ddl::records;

namespace {

constexpr int most_groups = 1000;

/// Values put together so that the server need not send each: what falls into one partition falls into one group.
std::string groupExpression(const KeyColumn &column, const Interval &interval)
{
    if (!isTime(column.kind))
        return fmt::format("(div({0}::numeric, {1}) - CASE WHEN {0} < 0 AND mod({0}::numeric, {1}) <> 0 THEN 1 ELSE 0 END) * {1}", column.expression, interval.step);
    const char *unit = interval.months >= 12 && interval.months % 12 == 0 ? "year" : interval.months != 0 ? "month" : interval.micros % (86'400'000'000LL) == 0 ? "day"
        : interval.micros % 3'600'000'000LL == 0 ? "hour" : "minute";
    // A cast of a date keeps it a date; anchors within a month are met by the grid afterwards.
    return interval.months != 0 ? fmt::format("date_trunc('day', {})", column.expression) : fmt::format("date_trunc('{}', {})", unit, column.expression);
}

std::optional<BoundValue> gridAnchor(const Scheme &scheme, const Table &parent)
{
    for (const std::size_t child : parent.children) {
        const Bound &bound = scheme.tables[child].bound;
        if (bound.kind == Bound::Kind::Range && bound.lower.front().kind == BoundValue::Kind::Value)
            return bound.lower.front();
    }
    return {};
}

/// The grid's range around a value, cut where partitions already begin or end.
std::optional<Bound> rangeAround(const Scheme &scheme, const Table &parent, const BoundValue &value, ValueKind kind, const Interval &interval, const std::optional<BoundValue> &anchor)
{
    auto lower = floorTo(value, kind, interval, anchor);
    auto upper = lower ? advance(*lower, kind, interval, 1) : std::nullopt;
    if (!upper)
        return {};
    for (const std::size_t child : parent.children) {
        const Bound &bound = scheme.tables[child].bound;
        if (bound.kind != Bound::Kind::Range)
            continue;
        const BoundValue &from = bound.lower.front(), &to = bound.upper.front();
        if (from.kind == BoundValue::Kind::Value && from.rank > value.rank && from.rank < upper->rank)
            upper = from;
        if (to.kind == BoundValue::Kind::Value && to.rank <= value.rank && to.rank > lower->rank)
            lower = to;
    }
    Bound range;
    range.kind = Bound::Kind::Range;
    range.lower = {*lower};
    range.upper = {*upper};
    return range;
}

class Counting
{
public:
    Counting(pg::Connection &connection, const Scheme &scheme, const Table &parent, const Interval &interval)
        : connection_(connection), scheme_(scheme), parent_(parent), column_(parent.key->columns.front()), interval_(interval), anchor_(gridAnchor(scheme, parent))
    {
    }

    Result<void> count(DefaultContents &contents)
    {
        const auto found = records(connection_, fmt::format("SELECT g::{}::text, count(*) FROM (SELECT CASE WHEN {} IS NOT NULL THEN {} END AS g, {} IS NULL AS n FROM {}) d GROUP BY g, n ORDER BY g LIMIT {}",
                                                            column_.type, column_.expression, groupExpression(column_, interval_), column_.expression, contents.table->sqlName(), most_groups * 40));
        if (!found)
            return tl::unexpected(found.error());
        for (const Record &row : *found) {
            if (row.isNull(0))
                contents.null_rows += row.number<std::int64_t>(1);
            else
                add(contents, row[0], row.number<std::int64_t>(1));
        }
        return {};
    }

private:
    void add(DefaultContents &contents, const std::string &text, std::int64_t rows)
    {
        const BoundValue value = boundValue(text, column_.kind);
        if (!contents.strays.empty()) {
            const Bound &last = contents.strays.back().range;
            if (value.rank >= last.lower.front().rank && value.rank < last.upper.front().rank) {
                contents.strays.back().rows += rows;
                return;
            }
        }
        const auto range = contents.strays.size() < most_groups ? rangeAround(scheme_, parent_, value, column_.kind, interval_, anchor_) : std::nullopt;
        if (range)
            contents.strays.push_back({*range, rows});
        else
            contents.other_rows += rows;
    }

    pg::Connection &connection_;
    const Scheme &scheme_;
    const Table &parent_;
    const KeyColumn &column_;
    Interval interval_;
    std::optional<BoundValue> anchor_;
};

/// Values of a list key, each of which may have a partition of its own.
Result<void> countValues(pg::Connection &connection, const Table &parent, DefaultContents &contents)
{
    const KeyColumn &column = parent.key->columns.front();
    const auto found = records(connection, fmt::format("SELECT {0}::text, count(*) FROM {1} GROUP BY {0} ORDER BY count(*) DESC LIMIT {2}", column.expression, contents.table->sqlName(), most_groups));
    if (!found)
        return tl::unexpected(found.error());
    for (const Record &row : *found) {
        if (row.isNull(0)) {
            contents.null_rows = row.number<std::int64_t>(1);
            continue;
        }
        Stray stray;
        stray.range.kind = Bound::Kind::List;
        stray.range.values = {boundValue(row[0], column.kind)};
        stray.rows = row.number<std::int64_t>(1);
        contents.strays.push_back(std::move(stray));
    }
    return {};
}

} // namespace

Result<DefaultContents> defaultContents(pg::Connection &connection, const Scheme &scheme, const Table &parent, std::int64_t max_bytes, const std::optional<Interval> &interval)
{
    DefaultContents contents;
    contents.table = scheme.defaultOf(parent);
    if (contents.table == nullptr || contents.table->relkind != 'r' || !parent.key)
        return contents;
    const IsoSession session(connection);
    const auto any = records(connection, "SELECT EXISTS (SELECT FROM " + contents.table->sqlName() + ")");
    if (!any)
        return tl::unexpected(any.error());
    contents.has_rows = any->front().flag(0);
    if (!contents.has_rows)
        return contents;
    contents.counted = contents.table->table_bytes <= max_bytes;
    const auto usual = interval ? interval : usualInterval(scheme, parent);
    const ValueKind kind = parent.key->columns.front().kind;
    const bool ranged = parent.key->strategy == Strategy::Range && parent.key->columns.size() == 1 && usual && kind != ValueKind::Other;
    if (!contents.counted)
        return contents;
    Result<void> counted;
    if (parent.key->strategy == Strategy::List)
        counted = countValues(connection, parent, contents);
    else if (ranged)
        counted = Counting(connection, scheme, parent, *usual).count(contents);
    else
        contents.counted = false;
    if (!counted)
        return tl::unexpected(counted.error());
    return contents;
}

} // namespace howdah::partition
