// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/maintain.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/iso_session.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

Result<void> refuseOverlaps(pg::Connection &connection, const Scheme &scheme, const Table &parent, std::vector<NewPartition> &partitions)
{
    std::vector<Bound> there;
    for (const std::size_t child : parent.children)
        there.push_back(scheme.tables[child].bound);
    std::vector<Bound *> all;
    for (Bound &bound : there)
        all.push_back(&bound);
    for (NewPartition &partition : partitions)
        all.push_back(&partition.bound);
    if (auto ranked = rankValues(connection, *parent.key, all); !ranked)
        return ranked;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        const Bound &bound = partitions[i].bound;
        if (bound.kind == Bound::Kind::Range && compareEnds(bound.lower, bound.upper) >= 0)
            return fail(ErrorKind::Usage, "The range " + boundWords(bound) + " is empty", "Its lower end belongs to it, its upper end does not.");
        for (std::size_t j = 0; j < there.size(); ++j) {
            if (overlaps(bound, there[j]))
                return fail(ErrorKind::Usage, fmt::format("{} overlaps {} ({})", boundWords(bound), scheme.tables[parent.children[j]].name, boundWords(there[j])),
                            "Choose bounds that no partition has yet.");
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (overlaps(bound, partitions[j].bound))
                return fail(ErrorKind::Usage, fmt::format("{} overlaps {}, which is to be made too", boundWords(bound), boundWords(partitions[j].bound)));
        }
    }
    return {};
}

Result<void> needRange(const Table &parent)
{
    if (parent.key && parent.key->strategy == Strategy::Range && parent.key->columns.size() == 1)
        return {};
    return fail(ErrorKind::Unsupported, fmt::format("{} is partitioned by {}: there is no next partition", parent.name, parent.key ? parent.key->definition : "nothing"),
                "Name the partitions that are wanted with their bounds.");
}

} // namespace

Result<std::optional<BoundValue>> presentValue(pg::Connection &connection, const Scheme &scheme, const Table &parent, const std::string &given)
{
    if (auto range = needRange(parent); !range)
        return tl::unexpected(range.error());
    const KeyColumn &column = parent.key->columns.front();
    Bound bound;
    bound.kind = Bound::Kind::Range;
    if (!given.empty() || isTime(column.kind)) {
        bound.lower.push_back(boundValue(given.empty() ? scheme.now : given, column.kind));
        // A bare date of a timestamp with time zone: the server reads now in its own words.
        if (auto good = canonicalise(connection, *parent.key, bound); !good)
            return tl::unexpected(good.error());
        return bound.lower.front();
    }
    // The largest value, from the end: partitions that never held rows are passed over.
    for (auto child = parent.children.rbegin(); child != parent.children.rend(); ++child) {
        const Table &table = scheme.tables[*child];
        if (table.isDefault() || table.isEmpty())
            continue;
        const bool indexed = std::any_of(table.indexes.begin(), table.indexes.end(), [&](const TreeIndex &index) {
            return index.definition.find("(" + column.expression) != std::string::npos || index.parent != 0;
        });
        if (!indexed && table.totalBytes() > 256LL * 1024 * 1024)
            return std::optional<BoundValue>();
        const auto found = ddl::records(connection, fmt::format("SELECT max({})::text FROM {}", column.expression, table.sqlName()));
        if (!found)
            return tl::unexpected(found.error());
        if (!found->front().isNull(0))
            return boundValue(found->front()[0], column.kind);
    }
    return std::optional<BoundValue>();
}

Result<ChangeScript> addPartitions(pg::Connection &connection, const Scheme &scheme, const Table &parent, std::vector<NewPartition> partitions)
{
    const IsoSession session(connection);
    for (NewPartition &partition : partitions) {
        if (auto good = canonicalise(connection, *parent.key, partition.bound); !good)
            return tl::unexpected(good.error());
    }
    if (auto apart = refuseOverlaps(connection, scheme, parent, partitions); !apart)
        return tl::unexpected(apart.error());
    ChangeScript script;
    script.title = fmt::format("Make {} partition{} of {}", partitions.size(), partitions.size() == 1 ? "" : "s", parent.sqlName());
    script.reason = "CREATE TABLE … PARTITION OF would lock the whole table against reads; a table made beside it and attached does not.";
    std::vector<Bound> bounds;
    Scheme grown = scheme; // so that names made here are taken
    for (NewPartition &partition : partitions) {
        if (partition.schema.empty())
            partition.schema = parent.schema;
        if (partition.name.empty())
            partition.name = partitionName(grown, grown.tables[static_cast<std::size_t>(&parent - scheme.tables.data())], partition.bound);
        Table named;
        named.schema = partition.schema;
        named.name = partition.name;
        grown.tables.push_back(std::move(named));
        if (partition.bound.kind != Bound::Kind::Default)
            bounds.push_back(partition.bound);
    }
    const DefaultGuard guard = guardDefault(scheme, parent, bounds);
    script.steps = guard.before;
    for (const NewPartition &partition : partitions) {
        ChangeStep make = undoable(step(fmt::format("Make {} for {}", partition.name, boundWords(partition.bound)),
                                        createLikeSql(scheme, parent, partition) + "\n" + attachSql(scheme, parent, partition.sqlName(), partition.bound),
                                        attachLock(scheme, parent)),
                                   fmt::format("ALTER TABLE {0} DETACH PARTITION {1};\nDROP TABLE {1}", parent.sqlName(), partition.sqlName()));
        make.check_before = existsCheck(partition.sqlName(), false);
        make.note = "The new table is empty, so its indexes cost nothing.";
        script.steps.push_back(std::move(make));
    }
    script.steps.insert(script.steps.end(), guard.after.begin(), guard.after.end());
    return script;
}

namespace {

/// Where new partitions begin: behind the last one, or at the grid's line below `present`.
std::optional<BoundValue> startOf(const Scheme &scheme, const Table &parent, ValueKind kind, const Interval &interval, const std::optional<BoundValue> &present)
{
    const Table *last = nullptr;
    for (const std::size_t child : parent.children) {
        if (scheme.tables[child].bound.kind == Bound::Kind::Range)
            last = &scheme.tables[child];
    }
    if (last != nullptr)
        return last->bound.upper.front();
    return present ? floorTo(*present, kind, interval) : std::nullopt;
}

} // namespace

Result<ChangeScript> premake(pg::Connection &connection, const Scheme &scheme, const Table &parent, const PremakeOptions &options)
{
    const IsoSession session(connection);
    if (auto range = needRange(parent); !range)
        return tl::unexpected(range.error());
    const ValueKind kind = parent.key->columns.front().kind;
    const auto interval = options.interval ? options.interval : usualInterval(scheme, parent);
    if (!interval)
        return fail(ErrorKind::Usage, "The partitions of " + parent.name + " have no common interval", "Say one: --interval '1 month'.");
    const auto present = presentValue(connection, scheme, parent, options.from);
    if (!present)
        return tl::unexpected(present.error());
    std::vector<NewPartition> wanted;
    const auto add = [&](const BoundValue &lower, const BoundValue &upper) {
        NewPartition partition;
        partition.bound.kind = Bound::Kind::Range;
        partition.bound.lower = {lower};
        partition.bound.upper = {upper};
        wanted.push_back(std::move(partition));
    };
    if (options.fill_gaps) {
        for (const Gap &gap : gapsOf(scheme, parent)) {
            BoundValue lower = gap.lower.front();
            while (lower.rank < gap.upper.front().rank && wanted.size() < 10'000) {
                // A gap's last piece ends where the next partition begins, whatever the interval.
                auto upper = advance(lower, kind, *interval, 1);
                if (!upper || upper->rank > gap.upper.front().rank)
                    upper = gap.upper.front();
                add(lower, *upper);
                lower = *upper;
            }
        }
    }
    auto lower = startOf(scheme, parent, kind, *interval, *present);
    if (!lower)
        return fail(ErrorKind::Usage, "It is not known where the partitions of " + parent.name + " are to begin", "Say a value of the key: --from 2026-01-01.");
    if (lower->kind == BoundValue::Kind::Value) {
        const BoundValue from = *present ? **present : *lower;
        // Behind the present value's own partition lie `ahead` more.
        int beyond = 0;
        for (const std::size_t child : parent.children) {
            const Bound &bound = scheme.tables[child].bound;
            beyond += bound.kind == Bound::Kind::Range && bound.lower.front().kind == BoundValue::Kind::Value && bound.lower.front().rank > from.rank ? 1 : 0;
        }
        while (beyond < options.ahead && wanted.size() < 10'000) {
            const auto upper = advance(*lower, kind, *interval, 1);
            if (!upper)
                return fail(ErrorKind::Usage, fmt::format("There is no value {} after {}", interval->text(), lower->text), "The interval does not fit the type of the key.");
            add(*lower, *upper);
            beyond += lower->rank > from.rank ? 1 : 0;
            lower = upper;
        }
    }
    auto script = addPartitions(connection, scheme, parent, std::move(wanted));
    if (script)
        script->reason += fmt::format(" Interval {}, {} ahead.", interval->text(), options.ahead);
    return script;
}

Result<ChangeScript> detach(const Scheme &scheme, const Table &partition)
{
    if (partition.parent == no_table)
        return fail(ErrorKind::Usage, partition.name + " is no partition");
    if (partition.detach_pending)
        return finalizeDetach(scheme, partition);
    const Table &parent = scheme.tables[partition.parent];
    const Table *other = scheme.defaultOf(parent);
    ChangeScript script;
    script.title = "Detach " + partition.sqlName();
    std::string why_not;
    if (scheme.server_major < 14)
        why_not = "DETACH … CONCURRENTLY came with PostgreSQL 14";
    else if (other != nullptr && other != &partition)
        why_not = "a detach cannot be concurrent while there is a default partition (" + other->name + ")";
    else if (other == &partition)
        why_not = "a default partition cannot be detached concurrently";
    const std::string sql = fmt::format("ALTER TABLE {} DETACH PARTITION {}", parent.sqlName(), partition.sqlName());
    ChangeStep leave = step("Detach " + partition.name, why_not.empty() ? sql + " CONCURRENTLY" : sql, why_not.empty() ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE");
    if (why_not.empty()) {
        leave = patient(std::move(leave));
        leave.in_transaction = false;
        leave.note = "Waits for transactions that use the table, and keeps none of them waiting. When it is broken off, FINALIZE ends it.";
    } else {
        leave.note = "Not CONCURRENTLY: " + why_not + ". The lock on the table is held for a moment only, but whoever waits for it makes all others wait: so it is asked for briefly, and again."
            + (other != nullptr && other != &partition && scheme.server_major >= 14 ? " The way round: detach " + other->name + " in the same manner while it is empty, then this one concurrently." : "");
    }
    leave.undo_sql = fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", parent.sqlName(), partition.sqlName(), partition.bound.sql());
    for (const ForeignKey &key : scheme.incoming) {
        if (key.to_oid == parent.oid || key.to_oid == scheme.root().oid)
            leave.note += " Rows that " + key.from + " refers to (" + key.name + ") make it fail.";
    }
    script.steps.push_back(std::move(leave));
    return script;
}

Result<ChangeScript> finalizeDetach(const Scheme &scheme, const Table &partition)
{
    if (!partition.detach_pending)
        return fail(ErrorKind::Usage, "No detach of " + partition.name + " is pending");
    const Table &parent = scheme.tables[partition.parent];
    ChangeScript script;
    script.title = "Finish detaching " + partition.sqlName();
    script.reason = "DETACH … CONCURRENTLY was broken off half way; until it is finished no other partition can be detached concurrently.";
    ChangeStep finish = patient(step("Finish the detach", fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", parent.sqlName(), partition.sqlName()), "SHARE UPDATE EXCLUSIVE"));
    finish.no_undo_reason = "Attach the table again when it is wanted.";
    script.steps.push_back(std::move(finish));
    return script;
}

Result<ChangeScript> rename(const Scheme &scheme, const Table &table, const std::string &name)
{
    if (name.empty() || name.size() > 63)
        return fail(ErrorKind::Usage, "A name has 1 to 63 bytes");
    const Table *other = scheme.find(table.schema + "." + name);
    if (other != nullptr)
        return fail(ErrorKind::Usage, "There is a table " + other->sqlName() + " already");
    ChangeScript script;
    script.title = "Rename " + table.sqlName();
    script.steps.push_back(undoable(step("Rename " + table.name + " to " + name, fmt::format("ALTER TABLE {} RENAME TO {}", table.sqlName(), sql::quoteIdentifier(name)), "ACCESS EXCLUSIVE"),
                                    fmt::format("ALTER TABLE {} RENAME TO {}", sql::quoteQualified(table.schema, name), sql::quoteIdentifier(table.name))));
    if (scheme.partman.config.contains("parent_table"))
        script.steps.front().note = "pg_partman finds partitions by their names: after renaming one it may make it anew.";
    return script;
}

ChangeScript analyzeParents(const Scheme &scheme)
{
    ChangeScript script;
    script.title = "Analyse " + scheme.root().sqlName();
    script.reason = "Autovacuum analyses partitions, never the tables above them; the planner then knows nothing of the table as a whole.";
    ChangeStep analyze = patient(step("ANALYZE " + scheme.root().sqlName(), "ANALYZE " + scheme.root().sqlName(), "SHARE UPDATE EXCLUSIVE"));
    analyze.note = "Samples rows of every partition; reads and writes go on.";
    analyze.no_undo_reason = "Statistics only.";
    script.steps.push_back(std::move(analyze));
    return script;
}

Result<ChangeScript> retention(pg::Connection &connection, const Scheme &scheme, const Table &parent, const RetentionOptions &options)
{
    const IsoSession session(connection);
    const auto present = presentValue(connection, scheme, parent, options.from);
    if (!present)
        return tl::unexpected(present.error());
    if (!*present)
        return fail(ErrorKind::Usage, "The largest value of the key cannot be read cheaply: no index leads with it", "Say from which value to count: --from N.");
    const ValueKind kind = parent.key->columns.front().kind;
    const auto oldest = advance(**present, kind, options.keep, -1);
    if (!oldest)
        return fail(ErrorKind::Usage, "\"" + options.keep.text() + "\" does not fit the key of " + parent.name, isTime(kind) ? "Say a time: '12 months'." : "Say a number of values: 1000000.");
    ChangeScript script;
    script.title = "Retention of " + parent.sqlName();
    script.reason = fmt::format("Partitions that end before {} are older than {}.", oldest->text, options.keep.text());
    for (const std::size_t child : parent.children) {
        const Table &table = scheme.tables[child];
        if (table.bound.kind != Bound::Kind::Range || table.bound.upper.front().kind != BoundValue::Kind::Value || table.bound.upper.front().rank > oldest->rank)
            continue;
        auto left = detach(scheme, table);
        if (!left)
            return left;
        for (ChangeStep &one : left->steps)
            script.steps.push_back(std::move(one));
        if (!options.schema.empty() && options.action != RetentionAction::Drop)
            script.steps.push_back(undoable(step("Move " + table.name + " to " + options.schema, fmt::format("ALTER TABLE {} SET SCHEMA {}", table.sqlName(), sql::quoteIdentifier(options.schema)),
                                                 "ACCESS EXCLUSIVE"),
                                            fmt::format("ALTER TABLE {} SET SCHEMA {}", sql::quoteQualified(options.schema, table.name), sql::quoteIdentifier(table.schema))));
        if (options.action == RetentionAction::Drop) {
            ChangeStep drop = forGood(step("Drop " + table.name, "DROP TABLE " + table.sqlName(), "ACCESS EXCLUSIVE"), "Its rows are gone: only a backup has them.");
            drop.check_before = fmt::format("SELECT NOT relispartition FROM pg_catalog.pg_class WHERE oid = {}::regclass", sql::quoteLiteral(table.sqlName()));
            drop.note = "Nothing else reads the detached table, so its lock keeps nobody waiting.";
            script.steps.push_back(std::move(drop));
            script.danger = true;
        }
    }
    return script;
}

std::vector<std::string> archiveCommands(const ChangeScript &retention, const std::string &folder)
{
    std::vector<std::string> commands;
    for (const ChangeStep &one : retention.steps) {
        // Each detached table is named by its step's way back: "ALTER TABLE p ATTACH PARTITION x …".
        const std::size_t at = one.undo_sql.find(" ATTACH PARTITION ");
        if (at == std::string::npos)
            continue;
        const std::size_t begin = at + 18;
        const std::string table = one.undo_sql.substr(begin, one.undo_sql.find(' ', begin) - begin);
        std::string shell;
        for (const char c : table)
            shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
        commands.push_back(fmt::format("pg_dump --format=custom --table='{}' --file='{}/{}.dump'", shell, folder, shell));
    }
    return commands;
}

} // namespace howdah::partition
