// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/convert.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/partition/convert_facts.h"
#include "core/partition/iso_session.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using migration::ChangeScript;

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

Result<std::vector<Bound>> partitionsOf(pg::Connection &connection, const OldTable &table, const ConvertWish &wish, const Key &key)
{
    const IsoSession session(connection);
    if (wish.by == Strategy::Range)
        return rangesOf(connection, table, wish, key);
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

std::vector<KeyIssue> keyIssues(const OldTable &table)
{
    std::vector<KeyIssue> issues;
    for (const OldIndex &index : table.indexes) {
        if (!index.unique || index.has_key)
            continue;
        KeyIssue issue;
        issue.name = index.name;
        issue.primary = index.primary;
        issue.definition = (index.primary ? "PRIMARY KEY " : "UNIQUE ") + index.tail;
        const std::string what = index.tail.substr(std::min(index.tail.find('('), index.tail.size()));
        issue.choices.push_back({"extend", withKey(index.tail, table.key.expression),
                                 fmt::format("The server no longer refuses the same {} with another {}: the application, or a sequence that never gives one twice, must see to it. ON CONFLICT must name both. "
                                             "A lookup by {} alone asks every partition unless {} is given too.", what, table.key.name, what, table.key.name)});
        issue.choices.push_back({"per-partition", fmt::format("{} and {} within each partition", withKey(index.tail, table.key.expression), index.tail),
                                 fmt::format("The server refuses the same {} twice in one partition, not in two. One more index in each partition.", what)});
        issues.push_back(std::move(issue));
    }
    return issues;
}

/// The tree that is to be, as index and name functions want it.
Scheme futureScheme(const OldTable &table, const Key &key, const std::vector<Bound> &bounds, const ConvertNames &names, bool with_default)
{
    Scheme scheme;
    scheme.server_major = table.server_major;
    Table root;
    root.schema = table.schema;
    root.name = names.fresh_bare;
    root.owner = table.owner;
    root.relkind = 'p';
    root.key = key;
    scheme.tables.push_back(std::move(root));
    const auto add = [&](const Bound &bound) {
        Table leaf;
        leaf.schema = table.schema;
        leaf.name = freshPartitionName(table.name, key, bound);
        leaf.parent = 0;
        leaf.depth = 1;
        leaf.bound = bound;
        scheme.tables.front().children.push_back(scheme.tables.size());
        scheme.tables.push_back(std::move(leaf));
    };
    for (const Bound &bound : bounds)
        add(bound);
    if (with_default)
        add(Bound());
    return scheme;
}

class ConversionScript
{
public:
    ConversionScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds) : table_(table), wish_(wish)
    {
        names_.fresh_bare = derivedName(table.name, "_howdah_new");
        names_.old_bare = derivedName(table.name, "_old");
        names_.fresh = sql::quoteQualified(table.schema, names_.fresh_bare);
        names_.old = sql::quoteQualified(table.schema, names_.old_bare);
        // While it is filled the new table takes every row that the old one takes, whatever its key; only a hash needs no default for that.
        scheme_ = futureScheme(table, key, bounds, names_, wish.by != Strategy::Hash);
        copy_.tag = fmt::format("sync_{}", table.oid);
        copy_.sources.push_back({table.oid, table.sql_name, table.copy.key, {}});
        copy_.target = names_.fresh;
        copy_.columns = table.copy.columns;
        copy_.match = table.copy.key;
        if (std::find(copy_.match.begin(), copy_.match.end(), table.key.expression) == copy_.match.end())
            copy_.match.push_back(table.key.expression);
        for (const std::string &name : copy_.match) {
            for (const CopyColumn &column : copy_.columns) {
                if (column.name == name)
                    copy_.match_types.push_back(column.type);
            }
        }
    }

    ChangeScript script()
    {
        ChangeScript script;
        script.title = fmt::format("Partition {} by {}", table_.sql_name, scheme_.root().key->definition);
        script.reason = "The rows are copied into a partitioned table beside it while a trigger carries every write over; then the names are exchanged. Until the last step there is a way back that keeps every write.";
        addNotNull(script.steps);
        addTree(script.steps);
        addSyncSteps(script.steps, copy_);
        addCopySteps(script.steps, copy_);
        addIndexes(script.steps);
        addForeignKeys(script.steps);
        addCompareSteps(script.steps, copy_);
        ChangeStep analyze = patient(step("Analyse the new table", "ANALYZE " + names_.fresh, "SHARE UPDATE EXCLUSIVE"));
        analyze.phase = Phase::Validate;
        analyze.no_undo_reason = "Statistics only.";
        script.steps.push_back(std::move(analyze));
        addSwitchSteps(script, table_, wish_, copy_, names_);
        return script;
    }

private:
    void addNotNull(std::vector<ChangeStep> &steps) const;
    void addTree(std::vector<ChangeStep> &steps) const;
    void addIndexes(std::vector<ChangeStep> &steps) const;
    void perPartition(std::vector<ChangeStep> &steps, const OldIndex &index) const;
    void addForeignKeys(std::vector<ChangeStep> &steps) const;

    const OldTable &table_;
    const ConvertWish &wish_;
    ConvertNames names_;
    Scheme scheme_;
    LiveCopy copy_;
};

void ConversionScript::addNotNull(std::vector<ChangeStep> &steps) const
{
    if (table_.key.not_null)
        return;
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS howdah_key_not_null", table_.sql_name);
    ChangeStep add = undoable(step("Refuse NULL in " + table_.key.name, fmt::format("ALTER TABLE {} ADD CONSTRAINT howdah_key_not_null CHECK ({} IS NOT NULL) NOT VALID", table_.sql_name, table_.key.expression),
                                   "ACCESS EXCLUSIVE"), drop);
    add.phase = Phase::Expand;
    add.note = "A primary key over partitions includes the partition key, which then is never NULL. From here the application cannot write NULL into it.";
    steps.push_back(std::move(add));
    ChangeStep validate = undoable(patient(step("Prove that there is none", fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT howdah_key_not_null", table_.sql_name), "SHARE UPDATE EXCLUSIVE")), drop);
    validate.phase = Phase::Expand;
    steps.push_back(std::move(validate));
}

void ConversionScript::addTree(std::vector<ChangeStep> &steps) const
{
    const Table &root = scheme_.root();
    std::string sql = fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY) PARTITION BY {};\n", names_.fresh, table_.sql_name, root.key->definition);
    sql += fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;\n", names_.fresh, table_.key.expression);
    if (!table_.key.not_null)
        sql += fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS howdah_key_not_null;\n", names_.fresh);
    for (const std::string &setting : table_.column_settings)
        sql += fmt::format("ALTER TABLE {} {};\n", names_.fresh, setting);
    const std::string storage = (table_.options.empty() ? "" : " WITH (" + table_.options + ")") + (table_.tablespace.empty() ? "" : " TABLESPACE " + table_.tablespace);
    for (const std::size_t child : root.children) {
        const Table &leaf = scheme_.tables[child];
        sql += fmt::format("CREATE {}TABLE {} PARTITION OF {} {}{};\n", table_.persistence == 'u' ? "UNLOGGED " : "", leaf.sqlName(), names_.fresh, leaf.bound.sql(), storage);
        sql += fmt::format("ALTER TABLE {} OWNER TO {};\n", leaf.sqlName(), table_.owner);
        if (table_.replica_identity == 'f' || table_.replica_identity == 'n')
            sql += fmt::format("ALTER TABLE {} REPLICA IDENTITY {};\n", leaf.sqlName(), table_.replica_identity == 'f' ? "FULL" : "NOTHING");
    }
    // The index by which the copy finds rows is the key that the old table's own key becomes.
    for (const OldIndex &index : table_.indexes) {
        if (index.name != table_.copy.key_index)
            continue;
        const std::string name = sql::quoteIdentifier(freshIndexName(index));
        if (index.constraint.empty())
            sql += fmt::format("CREATE UNIQUE INDEX {} ON {} {};\n", name, names_.fresh, index.has_key ? index.tail : withKey(index.tail, table_.key.expression));
        else
            sql += fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} ({});\n", names_.fresh, name, index.primary ? "PRIMARY KEY" : "UNIQUE", commaList(copy_.match));
    }
    sql += fmt::format("ALTER TABLE {} OWNER TO {};\n", names_.fresh, table_.owner);
    std::string drop = fmt::format("DROP TABLE IF EXISTS {}", names_.fresh);
    ChangeStep make = undoable(step(fmt::format("Make the partitioned table with {} partitions beside the old one", root.children.size()), std::move(sql)), std::move(drop));
    make.check_before = existsCheck(names_.fresh, false);
    make.phase = Phase::Expand;
    make.note = "Columns, defaults, checks, storage and comments are taken over; nobody reads it yet.";
    steps.push_back(std::move(make));
}

void ConversionScript::addIndexes(std::vector<ChangeStep> &steps) const
{
    std::vector<ChangeStep> built;
    for (const OldIndex &index : table_.indexes) {
        if (index.name == table_.copy.key_index) {
            if (index.unique && !index.has_key && wish_.keys == KeyChoice::PerPartition)
                perPartition(built, index);
            continue;
        }
        const std::string fresh = freshIndexName(index);
        const std::string sql_name = sql::quoteQualified(table_.schema, fresh);
        const std::string tail = index.unique && !index.has_key ? withKey(index.tail, table_.key.expression) : index.tail;
        if (index.exclusion) {
            built.push_back(undoable(step("Add " + index.constraint, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} EXCLUDE {}", names_.fresh, sql::quoteIdentifier(fresh), index.tail), "ACCESS EXCLUSIVE"),
                                     fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", names_.fresh, sql::quoteIdentifier(fresh))));
            continue;
        }
        ChangeStep first = undoable(step("Index " + index.name + " on the new table alone, still invalid",
                                         fmt::format("CREATE {}INDEX {} ON ONLY {} {}", index.unique ? "UNIQUE " : "", sql::quoteIdentifier(fresh), names_.fresh, tail), "SHARE"),
                                    "DROP INDEX IF EXISTS " + sql_name);
        built.push_back(std::move(first));
        addLeafIndexSteps(built, scheme_, scheme_.root(), index.name, sql_name, tail, index.unique);
        built.back().check_after = fmt::format("SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = {}::regclass", sql::quoteLiteral(sql_name));
        if (index.unique && !index.has_key && wish_.keys == KeyChoice::PerPartition)
            perPartition(built, index);
    }
    for (ChangeStep &one : built) {
        one.phase = Phase::Validate;
        steps.push_back(std::move(one));
    }
}

void ConversionScript::perPartition(std::vector<ChangeStep> &steps, const OldIndex &index) const
{
    for (const std::size_t child : scheme_.root().children) {
        const Table &leaf = scheme_.tables[child];
        const std::string name = derivedName(leaf.name, "_" + index.name + "_own");
        const std::string drop = "DROP INDEX CONCURRENTLY IF EXISTS " + sql::quoteQualified(leaf.schema, name);
        ChangeStep build = patient(step("Unique within " + leaf.name, fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}", sql::quoteIdentifier(name), leaf.sqlName(), index.tail), "SHARE UPDATE EXCLUSIVE"));
        build.in_transaction = false;
        build.repair_sql = build.undo_sql = drop;
        steps.push_back(std::move(build));
    }
}

void ConversionScript::addForeignKeys(std::vector<ChangeStep> &steps) const
{
    const auto add = [&](ChangeStep one) {
        one.phase = Phase::Validate;
        steps.push_back(std::move(one));
    };
    const auto pair = [&](const std::string &on, const std::string &name, const std::string &definition) {
        const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", on, name);
        add(undoable(step("Add " + name + " to " + on, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", on, name, definition), "SHARE ROW EXCLUSIVE"), drop));
        add(undoable(patient(step("Validate " + name + " of " + on, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", on, name), "SHARE UPDATE EXCLUSIVE")), drop));
    };
    for (const OldForeignKey &key : table_.outgoing) {
        const std::string name = sql::quoteIdentifier(key.name);
        if (table_.server_major >= 18) {
            pair(names_.fresh, name, key.definition);
            continue;
        }
        // A foreign key of a partitioned table cannot be NOT VALID before 18; with the same one proved in every partition it is not checked again.
        for (const std::size_t child : scheme_.root().children)
            pair(scheme_.tables[child].sqlName(), name, key.definition);
        add(undoable(step("Add " + name + " to the new table", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", names_.fresh, name, key.definition), "SHARE ROW EXCLUSIVE"),
                     fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", names_.fresh, name)));
    }
}

} // namespace

std::string freshIndexName(const OldIndex &index)
{
    return derivedName(index.name, "_howdah_new");
}

namespace {

void addBlockers(Conversion &conversion, const OldTable &table, const ConvertWish &wish)
{
    conversion.blockers = table.blockers;
    conversion.warnings = table.warnings;
    if (table.copy.key.empty())
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

/// Rates measured on small machines; the bench prints those of the one at hand.
void addEstimates(Conversion &conversion, const OldTable &table, const ConvertWish &wish)
{
    constexpr double scan_fast = 1500e6, scan_slow = 150e6; // bytes a second
    constexpr double copy_fast = 60e6, copy_slow = 8e6;
    const double heap = static_cast<double>(table.heap_bytes), all = heap + static_cast<double>(table.index_bytes);
    StrategyEstimate attach;
    attach.strategy = ConvertStrategy::AttachOld;
    attach.seconds_low = heap / scan_fast;
    attach.seconds_high = heap / scan_slow;
    attach.lock = "ACCESS EXCLUSIVE for a moment at the exchange of the names";
    attach.write_cost = "one CHECK a row";
    if (wish.by != Strategy::Range) {
        attach.possible = false;
        attach.obstacles.push_back("Only a range can end where the rows end: with a list or hash the old table is no single partition.");
    }
    const bool lacks = std::any_of(table.indexes.begin(), table.indexes.end(), [](const OldIndex &index) { return index.primary && !index.has_key; });
    if (lacks) {
        attach.obstacles.push_back("The old partition keeps its primary key, so the table above it gets a unique index with the partition key instead; it must be built on all rows.");
        attach.space_bytes = table.index_bytes / std::max<std::int64_t>(1, static_cast<std::int64_t>(table.indexes.size()));
        attach.seconds_high += heap / copy_slow / 4;
    }
    attach.obstacles.push_back("All rows so far stay in one partition: it is neither pruned nor dropped by age until it is split.");
    StrategyEstimate copy;
    copy.strategy = ConvertStrategy::SyncedCopy;
    copy.seconds_low = all / copy_fast;
    copy.seconds_high = all / copy_slow;
    copy.space_bytes = static_cast<std::int64_t>(all);
    copy.wal_bytes = static_cast<std::int64_t>(all * 1.2);
    copy.lock = "SHARE ROW EXCLUSIVE for a moment when the triggers come, ACCESS EXCLUSIVE for a moment at the exchange; both are asked for briefly, again and again";
    copy.write_cost = fmt::format("each write is made twice in its transaction (now about {:.0f} writes a second)", table.writes_per_second);
    if (table.copy.key.empty()) {
        copy.possible = false;
        copy.obstacles.push_back("There is no key by which a row can be found again.");
    }
    StrategyEstimate logical;
    logical.strategy = ConvertStrategy::LogicalReplication;
    logical.seconds_low = all / copy_fast;
    logical.seconds_high = all / copy_slow;
    logical.space_bytes = static_cast<std::int64_t>(all);
    logical.wal_bytes = static_cast<std::int64_t>(all * 1.2);
    logical.lock = "ACCESS EXCLUSIVE at the exchange, until the slot has caught up";
    logical.write_cost = "none in the transaction; the slot keeps WAL until it has been read, and one more process decodes it";
    if (!table.wal_logical) {
        logical.possible = false;
        logical.obstacles.push_back("wal_level is not logical: changing it needs a restart.");
    }
    logical.obstacles.push_back("A subscription cannot write into a table of another name: the new table lives in a schema or database of its own until the exchange. Howdah writes no script for it yet.");
    conversion.strategies = {attach, copy, logical};
    conversion.recommended = copy.possible || !attach.possible ? ConvertStrategy::SyncedCopy : ConvertStrategy::AttachOld;
}

} // namespace

Result<Conversion> planConversion(pg::Connection &connection, const ConvertWish &wish)
{
    if (wish.by == Strategy::Range && !wish.interval)
        return fail(ErrorKind::Usage, "Ranges need an interval", "--interval '1 month', or for numbers --interval 1000000.");
    if (wish.strategy == ConvertStrategy::AttachOld)
        return fail(ErrorKind::Unsupported, "Howdah writes no script yet that attaches the old table as the first partition", "Convert by copy, which keeps a way back.");
    if (wish.strategy == ConvertStrategy::LogicalReplication)
        return fail(ErrorKind::Unsupported, "Howdah writes no script for a conversion by logical replication", "Convert by copy: its triggers cost writers something, and need no slot.");
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
    addEstimates(conversion, table, wish);
    if (conversion.blockers.empty())
        conversion.script = ConversionScript(table, wish, key, *bounds).script();
    return conversion;
}

} // namespace howdah::partition
