// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/iso_session.h"
#include "core/partition/live_copy.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

constexpr std::int64_t few_rows = 20'000;                  ///< moved in one go: well below a second
constexpr std::int64_t small_default = 64LL * 1024 * 1024; ///< read from end to end in as little

/// Partitions of one parent exchanged for others that hold the same rows.
class Exchange
{
public:
    Exchange(pg::Connection &connection, const Scheme &scheme, const Table &parent) : connection_(connection), scheme_(scheme), parent_(parent) {}

    std::vector<const Table *> old;
    std::vector<NewPartition> fresh; ///< with the names they are to have in the end
    bool replaces_default = false;

    Result<ChangeScript> script(std::string title);

private:
    Result<void> readFacts();
    Result<void> refuse() const;
    void addStage(ChangeScript &script) const;
    void addSwitch(ChangeScript &script) const;
    [[nodiscard]] std::string stage() const { return sql::quoteQualified(parent_.schema, stage_); }
    /// As the new table is called until the switch, where its name is still taken.
    [[nodiscard]] std::string working(const NewPartition &partition) const;
    [[nodiscard]] std::string workingSql(const NewPartition &partition) const { return sql::quoteQualified(partition.schema, working(partition)); }

    pg::Connection &connection_;
    const Scheme &scheme_;
    const Table &parent_;
    std::string stage_;
    LiveCopy copy_;
};

Result<void> Exchange::refuse() const
{
    for (const ForeignKey &key : scheme_.incoming)
        return fail(ErrorKind::Unsupported, fmt::format("{} refers to {} ({})", key.from, key.to, key.name), "A partition with rows that are referred to cannot be detached: drop the foreign key for the time of the exchange.");
    for (const Table *table : old) {
        if (table->relkind != 'r')
            return fail(ErrorKind::Unsupported, table->name + " is partitioned itself", "Rearrange the partitions below it.");
        if (table->detach_pending)
            return fail(ErrorKind::Usage, "A detach of " + table->name + " is pending", "Finish it first.");
    }
    return {};
}

Result<void> Exchange::readFacts()
{
    stage_ = derivedName(parent_.name, "_howdah_stage");
    copy_.tag = fmt::format("sync_{}", old.front()->oid);
    copy_.target = stage();
    for (const Table *table : old) {
        auto facts = copyFacts(connection_, table->oid);
        if (!facts)
            return tl::unexpected(facts.error());
        if (facts->key.empty())
            return fail(ErrorKind::Unsupported, table->sqlName() + " has no primary key and no unique index over columns that are not null", "Without one a row cannot be found again in the copy: add a unique index first.");
        CopySource source{table->oid, table->sqlName(), facts->key, old.size() > 1 ? boundCondition(*parent_.key, table->bound, parent_.oid) : std::string()};
        copy_.columns = facts->columns;
        copy_.sources.push_back(std::move(source));
    }
    copy_.match = copy_.sources.front().key;
    for (const KeyColumn &column : parent_.key->columns) {
        if (column.name.empty())
            return fail(ErrorKind::Unsupported, "The partition key of " + parent_.name + " is an expression, over which there is no unique index");
        if (std::find(copy_.match.begin(), copy_.match.end(), column.expression) == copy_.match.end())
            copy_.match.push_back(column.expression);
    }
    for (const std::string &name : copy_.match) {
        const auto column = std::find_if(copy_.columns.begin(), copy_.columns.end(), [&](const CopyColumn &one) { return one.name == name; });
        if (column == copy_.columns.end() || !column->not_null)
            return fail(ErrorKind::Unsupported, fmt::format("{} of {} may be NULL", name, parent_.name), "The copy finds rows by it: declare it NOT NULL first.");
        copy_.match_types.push_back(column->type);
    }
    return {};
}

std::string Exchange::working(const NewPartition &partition) const
{
    const bool taken = std::any_of(scheme_.tables.begin(), scheme_.tables.end(), [&](const Table &table) { return table.schema == partition.schema && table.name == partition.name; });
    return taken ? derivedName(partition.name, "_new") : partition.name;
}

void Exchange::addStage(ChangeScript &script) const
{
    std::string sql = fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING IDENTITY EXCLUDING STATISTICS) PARTITION BY {};\n", stage(), parent_.sqlName(), parent_.key->definition);
    const bool has_unique = std::any_of(parent_.indexes.begin(), parent_.indexes.end(), [](const TreeIndex &index) { return index.primary; });
    if (!has_unique)
        sql += fmt::format("CREATE UNIQUE INDEX ON {} ({});\n", stage(), commaList(copy_.match));
    for (const ForeignKey &key : scheme_.outgoing) {
        if (key.from_oid == parent_.oid)
            sql += fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {};\n", stage(), sql::quoteIdentifier(key.name), key.definition);
    }
    for (const NewPartition &partition : fresh) {
        const std::string storage = old.front()->options.empty() ? "" : " WITH (" + old.front()->options + ")";
        const std::string space = old.front()->tablespace.empty() ? "" : " TABLESPACE " + old.front()->tablespace;
        sql += fmt::format("CREATE TABLE {0} PARTITION OF {1} {2}{3}{4};\nALTER TABLE {0} OWNER TO {5};\n", workingSql(partition), stage(), partition.bound.sql(), storage, space, parent_.owner);
        if (partition.bound.kind != Bound::Kind::Default)
            sql += fmt::format("ALTER TABLE {} ADD CONSTRAINT howdah_bound CHECK ({});\n", workingSql(partition), boundCondition(*parent_.key, partition.bound, parent_.oid));
    }
    ChangeStep make = undoable(step("Make the new partitions aside", std::move(sql)), fmt::format("DROP TABLE IF EXISTS {}", stage()));
    make.check_before = existsCheck(stage(), false);
    make.phase = Phase::Expand;
    make.note = "Empty tables with the indexes of " + parent_.name + ", below a table of their own: nobody reads them yet.";
    script.steps.push_back(std::move(make));
}

void Exchange::addSwitch(ChangeScript &script) const
{
    std::string sql = fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;\n", parent_.sqlName()) + finishSyncSql(copy_);
    std::string drop_bounds;
    for (const Table *table : old) {
        sql += fmt::format("ALTER TABLE {} DETACH PARTITION {};\n", parent_.sqlName(), table->sqlName());
        sql += fmt::format("ALTER TABLE {} RENAME TO {};\n", table->sqlName(), sql::quoteIdentifier(derivedName(table->name, "_old")));
    }
    std::vector<const NewPartition *> order;
    for (const NewPartition &partition : fresh)
        order.push_back(&partition);
    // A default last: without one no ATTACH has to look into it.
    std::stable_partition(order.begin(), order.end(), [](const NewPartition *partition) { return partition->bound.kind != Bound::Kind::Default; });
    for (const NewPartition *partition : order) {
        const std::string name = workingSql(*partition);
        sql += fmt::format("ALTER TABLE {} DETACH PARTITION {};\n", stage(), name);
        sql += fmt::format("ALTER TABLE {} ATTACH PARTITION {} {};\n", parent_.sqlName(), name, partition->bound.sql());
        if (working(*partition) != partition->name)
            sql += fmt::format("ALTER TABLE {} RENAME TO {};\n", name, sql::quoteIdentifier(partition->name));
        if (partition->bound.kind != Bound::Kind::Default)
            drop_bounds += fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS howdah_bound;\n", partition->sqlName());
    }
    sql += fmt::format("DROP TABLE {};\n", stage()) + dropSyncSql(copy_);
    ChangeStep exchange = forGood(step("Exchange the partitions", std::move(sql), "ACCESS EXCLUSIVE"),
                                  "The old partitions stay as they are under their names with _old until the last step; writes made since go to the new ones only.");
    exchange.phase = Phase::Switch;
    exchange.note = "Takes a moment: the rows are there and their bounds proved.";
    script.steps.push_back(std::move(exchange));
    script.steps.push_back(forGood(step("Drop the proofs", drop_bounds, "ACCESS EXCLUSIVE"), "The partitions' bounds say the same."));
    script.steps.back().phase = Phase::Switch;
}

Result<ChangeScript> Exchange::script(std::string title)
{
    if (auto good = refuse(); !good)
        return tl::unexpected(good.error());
    if (auto good = readFacts(); !good)
        return tl::unexpected(good.error());
    ChangeScript script;
    script.title = std::move(title);
    script.reason = "The rows are copied while the table is written to; writes are carried over by a trigger, and the partitions are exchanged in one short transaction.";
    std::vector<Bound> bounds;
    for (const NewPartition &partition : fresh)
        bounds.push_back(partition.bound);
    addStage(script);
    addSyncSteps(script.steps, copy_);
    addCopySteps(script.steps, copy_);
    addCompareSteps(script.steps, copy_);
    DefaultGuard guard;
    if (!replaces_default)
        guard = guardDefault(scheme_, parent_, bounds);
    for (ChangeStep &one : guard.before) {
        one.phase = Phase::Validate;
        script.steps.push_back(std::move(one));
    }
    addSwitch(script);
    for (ChangeStep &one : guard.after) {
        one.phase = Phase::Switch;
        script.steps.push_back(std::move(one));
    }
    ChangeStep analyze = patient(step("Analyse", fmt::format("ANALYZE {}", parent_.sqlName()), "SHARE UPDATE EXCLUSIVE"));
    analyze.phase = Phase::Switch;
    analyze.no_undo_reason = "Statistics only.";
    script.steps.push_back(std::move(analyze));
    for (const Table *table : old) {
        ChangeStep drop = forGood(step("Drop the old " + table->name, "DROP TABLE " + sql::quoteQualified(table->schema, derivedName(table->name, "_old")), "ACCESS EXCLUSIVE"),
                                  "Its rows are in the new partitions.");
        drop.phase = Phase::Contract;
        script.steps.push_back(std::move(drop));
    }
    script.deployments.push_back({Phase::Contract, "Nothing misses the old partitions: they are dropped next"});
    return script;
}

NewPartition named(const Scheme &scheme, const Table &parent, Bound bound, std::string name = {})
{
    NewPartition partition;
    partition.schema = parent.schema;
    partition.name = name.empty() ? partitionName(scheme, parent, bound) : std::move(name);
    partition.bound = std::move(bound);
    return partition;
}

ChangeScript moveFew(const Scheme &scheme, const Table &parent, const Table &from, const std::vector<NewPartition> &partitions, const std::vector<CopyColumn> &columns)
{
    std::vector<std::string> writable;
    for (const CopyColumn &column : columns) {
        if (!column.generated)
            writable.push_back(column.name);
    }
    ChangeScript script;
    script.title = "Move rows of " + from.sqlName() + " into partitions of their own";
    script.reason = "Rows in a default partition are read by every query, and bar the partitions that they belong into.";
    for (const NewPartition &partition : partitions) {
        const std::string condition = boundCondition(*parent.key, partition.bound, parent.oid);
        std::string sql = createLikeSql(scheme, parent, partition) + "\n";
        sql += fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;\n", parent.sqlName());
        sql += fmt::format("WITH moved AS (DELETE FROM {} WHERE {} RETURNING {}) INSERT INTO {} ({}) SELECT {} FROM moved;\n", from.sqlName(), condition, commaList(writable),
                           partition.sqlName(), commaList(writable), commaList(writable));
        sql += fmt::format("ALTER TABLE {} ATTACH PARTITION {} {};", parent.sqlName(), partition.sqlName(), partition.bound.sql());
        ChangeStep move = step(fmt::format("Move the rows of {} to {}", boundWords(partition.bound), partition.name), std::move(sql), "ACCESS EXCLUSIVE");
        move.undo_sql = fmt::format("ALTER TABLE {0} DETACH PARTITION {1};\nINSERT INTO {0} ({2}) SELECT {2} FROM {1};\nDROP TABLE {1}", parent.sqlName(), partition.sqlName(), commaList(writable));
        move.note = "The table is locked while the rows move, which few rows do in a moment. The lock before ATTACH is what keeps waiting queries from missing them.";
        script.steps.push_back(std::move(move));
    }
    return script;
}

} // namespace

Result<ChangeScript> drainDefault(pg::Connection &connection, const Scheme &scheme, const Table &parent, const std::optional<Interval> &interval)
{
    const Table *from = scheme.defaultOf(parent);
    if (from == nullptr)
        return fail(ErrorKind::Usage, parent.sqlName() + " has no default partition");
    auto contents = defaultContents(connection, scheme, parent, INT64_MAX, interval);
    if (!contents)
        return tl::unexpected(contents.error());
    if (contents->has_rows && !contents->counted)
        return fail(ErrorKind::Usage, "It is not known which partitions the rows of " + from->name + " are to have", "Say an interval: --interval '1 month'.");
    ChangeScript nothing;
    nothing.title = "Move rows of " + from->sqlName() + " into partitions of their own";
    nothing.reason = contents->has_rows ? "Its rows fit no range." : "It is empty.";
    if (contents->strays.empty())
        return nothing;
    std::vector<NewPartition> partitions;
    std::int64_t most = 0;
    Scheme grown = scheme;
    for (const Stray &stray : contents->strays) {
        partitions.push_back(named(grown, grown.tables[static_cast<std::size_t>(&parent - scheme.tables.data())], stray.range));
        Table taken;
        taken.schema = partitions.back().schema;
        taken.name = partitions.back().name;
        grown.tables.push_back(std::move(taken));
        most = std::max(most, stray.rows);
    }
    if (most <= few_rows && from->table_bytes <= small_default) {
        const auto facts = copyFacts(connection, from->oid);
        if (!facts)
            return tl::unexpected(facts.error());
        return moveFew(scheme, parent, *from, partitions, facts->columns);
    }
    Exchange exchange(connection, scheme, parent);
    exchange.old = {from};
    exchange.fresh = std::move(partitions);
    Bound rest;
    exchange.fresh.push_back({from->schema, from->name, rest});
    exchange.replaces_default = true;
    return exchange.script("Move rows of " + from->sqlName() + " into partitions of their own");
}

Result<ChangeScript> split(pg::Connection &connection, const Scheme &scheme, const Table &partition, std::vector<std::string> at, const std::optional<Interval> &interval)
{
    const IsoSession session(connection);
    if (partition.parent == no_table)
        return fail(ErrorKind::Usage, partition.name + " is no partition");
    const Table &parent = scheme.tables[partition.parent];
    std::vector<Bound> pieces;
    if (partition.isDefault())
        return fail(ErrorKind::Usage, partition.name + " is a default partition", "Draining it gives its rows partitions of their own.");
    if (partition.bound.kind == Bound::Kind::Hash) {
        for (const int more : {0, partition.bound.modulus}) {
            Bound half = partition.bound;
            half.modulus *= 2;
            half.remainder += more;
            pieces.push_back(half);
        }
    } else if (partition.bound.kind == Bound::Kind::List) {
        Bound wanted = partition.bound;
        wanted.values.clear();
        for (const std::string &text : at)
            wanted.values.push_back(boundValue(text, parent.key->columns.front().kind));
        if (auto good = canonicalise(connection, *parent.key, wanted); !good)
            return tl::unexpected(good.error());
        Bound rest = partition.bound;
        for (const BoundValue &value : wanted.values) {
            const auto found = std::find(rest.values.begin(), rest.values.end(), value);
            if (found == rest.values.end())
                return fail(ErrorKind::Usage, fmt::format("{} does not take {}", partition.name, value.text));
            rest.values.erase(found);
        }
        if (wanted.values.empty() || rest.values.empty())
            return fail(ErrorKind::Usage, "Say which values are to leave " + partition.name + ", but not all of them", "--at 'value', once each.");
        pieces = {rest, wanted};
    } else {
        const ValueKind kind = parent.key->columns.front().kind;
        std::vector<BoundValue> cuts;
        for (const std::string &text : at)
            cuts.push_back(boundValue(text, kind));
        if (interval && partition.bound.lower.front().kind == BoundValue::Kind::Value && partition.bound.upper.front().kind == BoundValue::Kind::Value) {
            auto cut = advance(partition.bound.lower.front(), kind, *interval, 1);
            for (; cut && cut->rank < partition.bound.upper.front().rank && cuts.size() < 10'000; cut = advance(*cut, kind, *interval, 1))
                cuts.push_back(*cut);
        }
        if (cuts.empty())
            return fail(ErrorKind::Usage, "Say where " + partition.name + " is to be divided", "--at VALUE, once each, or --interval.");
        Bound whole = partition.bound;
        Bound probe;
        probe.kind = Bound::Kind::List; // canonicalised and ranked as values of the first column
        probe.values = cuts;
        if (auto good = canonicalise(connection, *parent.key, probe); !good)
            return tl::unexpected(good.error());
        if (auto good = rankValues(connection, *parent.key, {&probe, &whole}); !good)
            return tl::unexpected(good.error());
        std::sort(probe.values.begin(), probe.values.end(), [](const BoundValue &a, const BoundValue &b) { return a.rank < b.rank; });
        std::vector<BoundValue> lower = whole.lower;
        for (const BoundValue &cut : probe.values) {
            std::vector<BoundValue> end(whole.lower.size());
            for (BoundValue &value : end)
                value.kind = BoundValue::Kind::Min;
            end.front() = cut;
            if (compareEnds(end, lower) <= 0 || compareEnds(end, whole.upper) >= 0)
                return fail(ErrorKind::Usage, fmt::format("{} does not lie within {} ({})", cut.text, partition.name, boundWords(partition.bound)));
            Bound piece = whole;
            piece.lower = lower;
            piece.upper = end;
            pieces.push_back(piece);
            lower = end;
        }
        Bound last = whole;
        last.lower = lower;
        pieces.push_back(last);
    }
    Exchange exchange(connection, scheme, parent);
    exchange.old = {&partition};
    Scheme grown = scheme;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Table &same = grown.tables[partition.parent];
        exchange.fresh.push_back(named(grown, same, pieces[i], i == 0 ? partition.name : std::string()));
        Table taken;
        taken.schema = exchange.fresh.back().schema;
        taken.name = exchange.fresh.back().name;
        grown.tables.push_back(std::move(taken));
    }
    return exchange.script(fmt::format("Split {} into {}", partition.sqlName(), pieces.size()));
}

Result<ChangeScript> merge(pg::Connection &connection, const Scheme &scheme, const std::vector<const Table *> &partitions, const std::string &name)
{
    if (partitions.size() < 2)
        return fail(ErrorKind::Usage, "Two partitions at least make one");
    std::vector<const Table *> sorted = partitions;
    const Table *first = sorted.front();
    for (const Table *table : sorted) {
        if (table->parent == no_table || table->parent != first->parent)
            return fail(ErrorKind::Usage, "The partitions are not of one table");
        if (table->isDefault())
            return fail(ErrorKind::Usage, table->name + " is a default partition", "Draining it gives its rows partitions of their own.");
    }
    std::sort(sorted.begin(), sorted.end(), [](const Table *a, const Table *b) { return boundLess(a->bound, b->bound); });
    const Table &parent = scheme.tables[first->parent];
    Bound whole = sorted.front()->bound;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        const Bound &next = sorted[i]->bound;
        if (whole.kind == Bound::Kind::Range) {
            if (compareEnds(whole.upper, next.lower) != 0)
                return fail(ErrorKind::Usage, fmt::format("{} and {} do not touch", sorted[i - 1]->name, sorted[i]->name), "Only neighbours can become one: what lies between would be taken in.");
            whole.upper = next.upper;
        } else if (whole.kind == Bound::Kind::List) {
            whole.values.insert(whole.values.end(), next.values.begin(), next.values.end());
        } else if (sorted.size() == 2 && whole.modulus == next.modulus && whole.modulus % 2 == 0 && next.remainder == whole.remainder + whole.modulus / 2) {
            whole.modulus /= 2;
        } else {
            return fail(ErrorKind::Usage, "These hash partitions are no two halves of one", "Remainders r and r + modulus / 2 become remainder r of modulus / 2.");
        }
    }
    Exchange exchange(connection, scheme, parent);
    exchange.old = sorted;
    exchange.fresh.push_back(named(scheme, parent, whole, name.empty() ? sorted.front()->name : name));
    return exchange.script(fmt::format("Merge {} partitions of {}", sorted.size(), parent.sqlName()));
}

} // namespace howdah::partition
