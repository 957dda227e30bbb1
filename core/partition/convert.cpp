// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/convert.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/partition/conditions.h"
#include "core/partition/convert_estimate.h"
#include "core/partition/convert_script.h"
#include "core/partition/iso_session.h"
#include "core/sql/quote.h"

namespace howdah::partition {

const char *strategyName(ConvertStrategy strategy)
{
    return strategy == ConvertStrategy::AttachOld ? "attach" : strategy == ConvertStrategy::SyncedCopy ? "copy" : "logical";
}

namespace {

constexpr std::size_t most_partitions = 2000;

Key keyOf(const OldTable &table, const ConvertWish &wish)
{
    Key key;
    key.strategy = wish.by;
    key.columns.push_back(table.key);
    key.columns.front().not_null = true;
    key.definition = fmt::format("{} ({})", wish.by == Strategy::Range ? "RANGE" : wish.by == Strategy::List ? "LIST" : "HASH", table.key.expression);
    return key;
}

Result<std::vector<Bound>> rangesOf(pg::Connection &connection, const OldTable &table, const ConvertWish &wish, const Key &key)
{
    const ValueKind kind = table.key.kind;
    const std::string present = isTime(kind) ? table.now : table.highest.empty() ? "0" : table.highest;
    Bound ends;
    ends.kind = Bound::Kind::List;
    ends.values = {boundValue(table.lowest.empty() ? present : table.lowest, kind), boundValue(table.highest.empty() ? present : table.highest, kind), boundValue(present, kind)};
    if (auto good = canonicalise(connection, key, ends); !good)
        return tl::unexpected(good.error());
    auto lower = floorTo(ends.values[0], kind, *wish.interval);
    const BoundValue last = ends.values[1].rank > ends.values[2].rank ? ends.values[1] : ends.values[2];
    std::vector<Bound> ranges;
    for (int beyond = 0; lower && beyond < wish.ahead + 1;) {
        const auto upper = advance(*lower, kind, *wish.interval, 1);
        if (!upper)
            return fail(ErrorKind::Usage, fmt::format("There is no value {} after {}", wish.interval->text(), lower->text), "The interval does not fit the type of the key.");
        Bound range;
        range.kind = Bound::Kind::Range;
        range.lower = {*lower};
        range.upper = {*upper};
        ranges.push_back(std::move(range));
        if (ranges.size() > most_partitions)
            return fail(ErrorKind::Usage, fmt::format("{} from {} to {} gives more than {} partitions", wish.interval->text(), ends.values[0].text, last.text, most_partitions),
                        "Choose a longer interval; a few odd values far away belong into the default partition: correct them first.");
        beyond += upper->rank > last.rank ? 1 : 0;
        lower = upper;
    }
    if (ranges.empty())
        return fail(ErrorKind::Usage, "No ranges can be made of " + table.key.name);
    for (Bound &range : ranges) {
        if (kind != ValueKind::TimestampTz)
            break; // only there the server's time zone has a word in it
        if (auto good = canonicalise(connection, key, range); !good)
            return tl::unexpected(good.error());
    }
    return ranges;
}

/// What is there and one interval more, so that no row of the application is refused meanwhile; then the ranges to come.
Result<std::vector<Bound>> attachRangesOf(pg::Connection &connection, const OldTable &table, const ConvertWish &wish, const Key &key)
{
    ConvertWish from_now = wish;
    OldTable last = table;
    last.lowest = isTime(table.key.kind) ? table.now : table.highest;
    const auto later = [&](const std::string &a, const std::string &b) { return !b.empty() && (a.empty() || boundValue(b, table.key.kind).rank > boundValue(a, table.key.kind).rank); };
    if (later(last.lowest, table.highest))
        last.lowest = table.highest;
    from_now.ahead = std::max(wish.ahead, 0) + 1;
    auto ranges = rangesOf(connection, last, from_now, key);
    if (!ranges || ranges->size() < 2)
        return ranges;
    // The one that holds the present, and the next, are the old table's.
    Bound old = ranges->at(1);
    BoundValue lowest;
    lowest.kind = BoundValue::Kind::Min;
    old.lower = {lowest};
    ranges->erase(ranges->begin());
    ranges->front() = old;
    return ranges;
}

Result<std::vector<Bound>> partitionsOf(pg::Connection &connection, const OldTable &table, const ConvertWish &wish, const Key &key)
{
    const IsoSession session(connection);
    if (wish.strategy == ConvertStrategy::AttachOld && wish.by != Strategy::Range)
        return fail(ErrorKind::Usage, "The old table can become a partition by range only", "With a list or a hash its rows belong to several partitions: convert by copy.");
    if (wish.by == Strategy::Range)
        return wish.strategy == ConvertStrategy::AttachOld ? attachRangesOf(connection, table, wish, key) : rangesOf(connection, table, wish, key);
    std::vector<Bound> bounds;
    if (wish.by == Strategy::Hash) {
        if (wish.modulus < 2 || wish.modulus > 1024)
            return fail(ErrorKind::Usage, "A hash needs 2 to 1024 partitions", "--modulus 16");
        for (int remainder = 0; remainder < wish.modulus; ++remainder) {
            Bound bound;
            bound.kind = Bound::Kind::Hash;
            bound.modulus = wish.modulus;
            bound.remainder = remainder;
            bounds.push_back(bound);
        }
        return bounds;
    }
    for (const std::vector<std::string> &values : wish.lists) {
        Bound bound;
        bound.kind = Bound::Kind::List;
        for (const std::string &value : values)
            bound.values.push_back(boundValue(value, table.key.kind));
        if (auto good = canonicalise(connection, key, bound); !good)
            return tl::unexpected(good.error());
        bounds.push_back(std::move(bound));
    }
    if (bounds.empty())
        return fail(ErrorKind::Usage, "A list needs values", "--values eu,us --values asia");
    std::vector<Bound *> all;
    for (Bound &bound : bounds)
        all.push_back(&bound);
    if (auto ranked = rankValues(connection, key, all); !ranked)
        return tl::unexpected(ranked.error());
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (overlaps(bounds[i], bounds[j]))
                return fail(ErrorKind::Usage, fmt::format("{} overlaps {}", boundWords(bounds[i]), boundWords(bounds[j])));
        }
    }
    return bounds;
}

/// For people, who know that a key is a B-tree.
std::string withoutMethod(const std::string &tail)
{
    constexpr std::string_view method = "USING btree ";
    return tail.starts_with(method) ? tail.substr(method.size()) : tail;
}

std::vector<KeyIssue> keyIssues(const OldTable &table)
{
    std::vector<KeyIssue> issues;
    for (const OldIndex &index : table.indexes) {
        if (!index.unique || index.has_key)
            continue;
        KeyIssue issue;
        issue.name = index.name;
        issue.primary = index.primary;
        issue.definition = (index.primary ? "PRIMARY KEY " : "UNIQUE ") + withoutMethod(index.tail);
        const std::string what = index.tail.substr(std::min(index.tail.find('('), index.tail.size()));
        const std::string extended = withoutMethod(withKey(index.tail, table.key.expression));
        issue.choices.push_back({"extend", extended,
                                 fmt::format("The server no longer refuses the same {} with another {}: the application, or a sequence that never gives one twice, must see to it. ON CONFLICT must name both. "
                                             "A lookup by {} alone asks every partition unless {} is given too.", what, table.key.name, what, table.key.name)});
        issue.choices.push_back({"per-partition", fmt::format("{} and {} within each partition", extended, withoutMethod(index.tail)),
                                 fmt::format("The server refuses the same {} twice in one partition, not in two. One more index in each partition.", what)});
        issues.push_back(std::move(issue));
    }
    return issues;
}

void addBlockers(Conversion &conversion, const OldTable &table, const ConvertWish &wish)
{
    conversion.blockers = table.blockers;
    conversion.warnings = table.warnings;
    for (std::string &obstacle : obstacles(table, wish, wish.strategy))
        conversion.blockers.push_back(std::move(obstacle));
    if (table.copy.key.empty() && wish.strategy != ConvertStrategy::AttachOld)
        conversion.blockers.push_back("It has no primary key and no unique index over columns that are not null: without one a row cannot be found again in the copy. "
                                      "Add one (CREATE UNIQUE INDEX CONCURRENTLY), or a column: ALTER TABLE … ADD COLUMN … GENERATED ALWAYS AS IDENTITY rewrites the table.");
    conversion.warnings.push_back("An UPDATE of a row that another transaction has just moved to another partition fails with SQLSTATE 40001, also under READ COMMITTED: applications that change " + table.key.name + " must try again.");
    if (table.key_has_nulls)
        conversion.blockers.push_back(fmt::format("{} is NULL in some rows. They belong to no range and to no primary key: give them a value first (UPDATE {} SET {} = … WHERE {} IS NULL).", table.key.name,
                                                  table.sql_name, table.key.expression, table.key.expression));
    for (const OldForeignKey &key : table.incoming) {
        if (key.referenced_has_key && !key.self)
            continue;
        conversion.warnings.push_back(fmt::format("{} of {} points at columns that are not unique without {} any more: {}", key.name, key.child, table.key.name,
                                                  wish.incoming == IncomingChoice::Trigger
                                                      ? "triggers on both sides check what it did. Under REPEATABLE READ they see no row that came later, as the constraint would."
                                                      : "it is dropped, nothing checks it any more."));
    }
}

void addCarried(Conversion &conversion, const OldTable &table)
{
    auto &carried = conversion.carried;
    for (const OldIndex &index : table.indexes)
        carried.push_back("index " + index.name);
    for (const OldForeignKey &key : table.outgoing)
        carried.push_back("foreign key " + key.name);
    for (const OldForeignKey &key : table.incoming)
        carried.push_back("foreign key " + key.name + " of " + key.child);
    for (const OldSequence &sequence : table.sequences)
        carried.push_back(fmt::format("{} {}", sequence.identity ? "identity" : "sequence", sequence.name));
    for (const OldTrigger &trigger : table.triggers)
        carried.push_back("trigger " + trigger.name);
    if (!table.parts.rules.empty())
        carried.push_back(fmt::format("{} rules", table.parts.rules.size()));
    for (const OldView &view : table.views)
        carried.push_back("view " + view.name);
    if (!table.parts.policies.empty())
        carried.push_back("row security");
    if (!table.parts.privileges.empty())
        carried.push_back("privileges");
    if (!table.parts.comments.empty())
        carried.push_back("comment");
    if (!table.options.empty())
        carried.push_back("storage parameters " + table.options);
    for (const OldPublication &publication : table.publications)
        carried.push_back("publication " + publication.name);
}

} // namespace

Result<Conversion> planConversion(pg::Connection &connection, const ConvertWish &wish)
{
    if (wish.by == Strategy::Range && !wish.interval)
        return fail(ErrorKind::Usage, "Ranges need an interval", "--interval '1 month', or for numbers --interval 1000000.");
    auto read = readOldTable(connection, wish);
    if (!read)
        return tl::unexpected(read.error());
    const OldTable &table = *read;
    const Key key = keyOf(table, wish);
    auto bounds = partitionsOf(connection, table, wish, key);
    if (!bounds)
        return tl::unexpected(bounds.error());
    Conversion conversion;
    conversion.table = table.sql_name;
    conversion.rows = static_cast<std::int64_t>(std::llround(table.rows));
    conversion.bytes = table.heap_bytes + table.index_bytes;
    conversion.lowest = table.lowest;
    conversion.highest = table.highest;
    conversion.partitions = *bounds;
    conversion.keys = keyIssues(table);
    addBlockers(conversion, table, wish);
    addCarried(conversion, table);
    addEstimates(conversion, table, wish, measureConvertSpeeds(connection));
    if (conversion.blockers.empty())
        conversion.script = wish.strategy == ConvertStrategy::AttachOld ? attachScript(table, wish, key, *bounds) : copyScript(table, wish, key, *bounds);
    return conversion;
}

} // namespace howdah::partition
