// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/partition/convert_script.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using migration::ChangeScript;

namespace {

bool lacksKey(const OldIndex &index)
{
    return index.unique && !index.exclusion && !index.has_key;
}

/// "(a, b) INCLUDE (c)" of a constraint's index where ADD CONSTRAINT says the same; "" where it cannot.
std::string constraintTail(const OldIndex &index, const std::string &tail)
{
    constexpr std::string_view method = "USING btree ";
    if (index.constraint.empty() || !tail.starts_with(method) || tail.find("NULLS NOT DISTINCT") != std::string::npos || tail.find(" WITH (") != std::string::npos || tail.find(" TABLESPACE ") != std::string::npos)
        return {};
    return tail.substr(method.size());
}

class AttachScript
{
public:
    AttachScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds) : table_(table), wish_(wish), key_(key), bound_(bounds.front())
    {
        names_.fresh_bare = derivedName(table.name, "_howdah_new");
        // "orders_until_20260101"
        Bound next;
        next.kind = Bound::Kind::Range;
        next.lower = next.upper = bound_.upper;
        const std::string named = freshPartitionName("", key, next);
        names_.old_bare = derivedName(table.name, "_until_" + (named.starts_with("_p") ? named.substr(2) : named));
        names_.fresh = sql::quoteQualified(table.schema, names_.fresh_bare);
        names_.old = sql::quoteQualified(table.schema, names_.old_bare);
        scheme_ = futureScheme(table, key, {bounds.begin() + 1, bounds.end()}, names_, wish.keep_default);
        for (const OldIndex &index : table.indexes) {
            if (lacksKey(index))
                keys_.push_back({&index, derivedName(names_.old_bare, "_" + index.name), index.primary ? derivedName(names_.old_bare, "_" + index.name + "_own") : std::string()});
        }
    }

    ChangeScript script()
    {
        ChangeScript script;
        script.title = fmt::format("Partition {} by {}, the rows so far in one partition", table_.sql_name, key_.definition);
        script.reason = "A partitioned table is put above the old one, which becomes its first partition: no row is copied. Until the last step there is a way back that keeps every write.";
        addTree(script.steps);
        addForeignKeys(script.steps);
        addProof(script.steps);
        addKeys(script.steps);
        addAttachSwitchSteps(script, table_, wish_, names_, bound_, keys_);
        ChangeStep analyze = patient(step("Analyse the partitioned table", "ANALYZE " + table_.sql_name, "SHARE UPDATE EXCLUSIVE"));
        analyze.phase = Phase::Switch;
        analyze.no_undo_reason = "Statistics only.";
        script.steps.push_back(std::move(analyze));
        addContract(script);
        return script;
    }

private:
    void addTree(std::vector<ChangeStep> &steps) const;
    void addForeignKeys(std::vector<ChangeStep> &steps) const;
    void addProof(std::vector<ChangeStep> &steps) const;
    void addKeys(std::vector<ChangeStep> &steps) const;
    void addContract(ChangeScript &script) const;
    [[nodiscard]] std::string indexesSql() const;

    const OldTable &table_;
    const ConvertWish &wish_;
    const Key &key_;
    const Bound &bound_;
    ConvertNames names_;
    Scheme scheme_;
    std::vector<LeafKey> keys_;
};

/// Of the empty tree, at once; those of the old table are found by their definitions when it is attached.
std::string AttachScript::indexesSql() const
{
    std::string sql;
    for (const OldIndex &index : table_.indexes) {
        const std::string fresh = sql::quoteIdentifier(freshIndexName(index));
        const std::string tail = lacksKey(index) ? withKey(index.tail, table_.key.expression) : index.tail;
        if (const std::string constraint = constraintTail(index, tail); !constraint.empty())
            sql += fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} {};\n", names_.fresh, fresh, index.primary ? "PRIMARY KEY" : "UNIQUE", constraint);
        else
            sql += fmt::format("CREATE {}INDEX {} ON {} {};\n", index.unique ? "UNIQUE " : "", fresh, names_.fresh, tail);
        if (wish_.keys != KeyChoice::PerPartition || !lacksKey(index))
            continue;
        for (const std::size_t child : scheme_.root().children) {
            const Table &leaf = scheme_.tables[child];
            sql += fmt::format("CREATE UNIQUE INDEX {} ON {} {};\n", sql::quoteIdentifier(derivedName(leaf.name, "_" + index.name + "_own")), leaf.sqlName(), index.tail);
        }
    }
    return sql;
}

void AttachScript::addTree(std::vector<ChangeStep> &steps) const
{
    std::string sql = newTableSql(table_, scheme_, names_) + indexesSql();
    sql += fmt::format("ALTER TABLE {} OWNER TO {};\n", names_.fresh, table_.owner);
    ChangeStep make = undoable(step(fmt::format("Make the partitioned table with {} empty partitions beside the old one", scheme_.root().children.size()), std::move(sql)),
                               undoNewTableSql(table_, wish_, names_));
    make.check_before = fmt::format("SELECT to_regclass({}) IS NULL AND to_regclass({}) IS NULL", sql::quoteLiteral(names_.fresh), sql::quoteLiteral(names_.old));
    make.phase = Phase::Expand;
    make.note = "Columns, defaults, checks, indexes, storage and comments are taken over; nobody reads it yet.";
    steps.push_back(std::move(make));
}

void AttachScript::addForeignKeys(std::vector<ChangeStep> &steps) const
{
    for (const OldForeignKey &key : table_.outgoing) {
        const std::string name = sql::quoteIdentifier(key.name);
        ChangeStep add = undoable(step("Add " + key.name + " to the empty table", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", names_.fresh, name, key.definition), "SHARE ROW EXCLUSIVE"),
                                  fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", names_.fresh, name));
        add.phase = Phase::Expand;
        steps.push_back(std::move(add));
        if (key.validated)
            continue;
        ChangeStep validate = patient(step("Validate " + key.name, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table_.sql_name, name), "SHARE UPDATE EXCLUSIVE"));
        validate.phase = Phase::Validate;
        validate.no_undo_reason = "It changes nothing but what is known of the rows.";
        steps.push_back(std::move(validate));
    }
    std::stable_sort(steps.begin(), steps.end(), [](const ChangeStep &a, const ChangeStep &b) { return a.phase < b.phase; });
}

void AttachScript::addProof(std::vector<ChangeStep> &steps) const
{
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table_.sql_name, bound_constraint);
    ChangeStep add = undoable(step("Refuse rows that the old table will not take as a partition",
                                   fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID", table_.sql_name, bound_constraint, boundCondition(key_, bound_)), "ACCESS EXCLUSIVE"),
                              drop);
    add.phase = Phase::Validate;
    add.note = fmt::format("It takes {}: what is there, and one interval more for what comes until the exchange. A row beyond that is refused until then.", boundWords(bound_));
    steps.push_back(std::move(add));
    ChangeStep validate = undoable(patient(step("Prove that all rows belong there", fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table_.sql_name, bound_constraint), "SHARE UPDATE EXCLUSIVE")), drop);
    validate.phase = Phase::Validate;
    validate.note = "Reads the table once; reads and writes go on. The exchange then need not read it under its lock.";
    steps.push_back(std::move(validate));
}

void AttachScript::addKeys(std::vector<ChangeStep> &steps) const
{
    const auto build = [&](const std::string &name, const std::string &tail, const std::string &title, const char *note) {
        ChangeStep one = patient(step(title, fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}", sql::quoteIdentifier(name), table_.sql_name, tail), "SHARE UPDATE EXCLUSIVE"));
        one.in_transaction = false;
        one.phase = Phase::Validate;
        one.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + sql::quoteQualified(table_.schema, name);
        one.undo_sql = one.repair_sql;
        one.note = note;
        steps.push_back(std::move(one));
    };
    for (const LeafKey &key : keys_) {
        const std::string tail = withKey(key.index->tail, table_.key.expression);
        build(key.with_key, tail, fmt::format("Build {} with {}", key.index->name, table_.key.name), "What the key of the partitioned table finds when the old one is attached. Reads and writes go on.");
        if (!key.own.empty()) {
            build(key.own, key.index->tail, fmt::format("Build {} once more without it", key.index->name), "The primary key gives way at the exchange; this keeps its columns unique in the old table, and is the way back.");
        } else if (!constraintTail(*key.index, tail).empty()) {
            // A constraint above asks for one below; the index goes with it.
            ChangeStep constraint = undoable(step("Make a constraint of it", fmt::format("ALTER TABLE {} ADD CONSTRAINT {} UNIQUE USING INDEX {}", table_.sql_name, sql::quoteIdentifier(key.with_key), sql::quoteIdentifier(key.with_key)),
                                                  "ACCESS EXCLUSIVE"),
                                             fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table_.sql_name, sql::quoteIdentifier(key.with_key)));
            constraint.phase = Phase::Validate;
            steps.push_back(std::move(constraint));
        }
    }
}

void AttachScript::addContract(ChangeScript &script) const
{
    const auto add = [&](ChangeStep one) {
        one.phase = Phase::Contract;
        script.steps.push_back(std::move(one));
    };
    script.deployments.push_back({Phase::Contract, "The application works on the partitioned table. What the way back needs goes next"});
    add(forGood(step("Drop the proof of the bound", fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", names_.old, bound_constraint), "ACCESS EXCLUSIVE"), "The partition's bound says the same."));
    if (wish_.keys == KeyChoice::PerPartition)
        return;
    for (const LeafKey &key : keys_) {
        const std::string name = key.own.empty() ? derivedName(key.index->name, "_old") : key.own;
        if (key.own.empty() && !key.index->constraint.empty()) {
            add(forGood(step("Drop " + name, fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", names_.old, sql::quoteIdentifier(name)), "ACCESS EXCLUSIVE"), "The key with the partition key stands in its place."));
            continue;
        }
        ChangeStep drop = patient(forGood(step("Drop " + name, "DROP INDEX CONCURRENTLY IF EXISTS " + sql::quoteQualified(table_.schema, name), "SHARE UPDATE EXCLUSIVE"), "The key with the partition key stands in its place."));
        drop.in_transaction = false;
        add(std::move(drop));
    }
}

} // namespace

ChangeScript attachScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds)
{
    return AttachScript(table, wish, key, bounds).script();
}

std::vector<std::string> obstacles(const OldTable &table, const ConvertWish &wish, ConvertStrategy strategy)
{
    std::vector<std::string> all;
    if (strategy == ConvertStrategy::AttachOld) {
        if (wish.by != Strategy::Range)
            all.emplace_back("Only a range can end where the rows end: with a list or a hash the old table is no single partition.");
        if (table.has_infinity)
            all.push_back(fmt::format("{} is 'infinity' in some rows: the old table can have no upper end.", table.key.name));
        for (const OldIndex &index : table.indexes) {
            if (index.exclusion)
                all.push_back(fmt::format("The exclusion constraint {} cannot be carried over to the table above.", index.constraint));
        }
    }
    if (strategy != ConvertStrategy::LogicalReplication)
        return all;
    if (table.wal_level != "logical")
        all.push_back(fmt::format("wal_level is {}, not logical: changing it needs a restart.", table.wal_level));
    if (!table.may_replicate)
        all.emplace_back("This role may not make a replication slot: ALTER ROLE … REPLICATION.");
    if (table.free_slots < 1)
        all.emplace_back("No replication slot is free (max_replication_slots).");
    if (table.persistence == 'u')
        all.emplace_back("An UNLOGGED table writes no log that could be read.");
    const auto key = std::find_if(table.indexes.begin(), table.indexes.end(), [&](const OldIndex &index) { return index.name == table.copy.key_index; });
    const bool told = table.replica_identity == 'f' || (key != table.indexes.end() && (key->replica_identity || (table.replica_identity == 'd' && key->primary)));
    if (!told)
        all.emplace_back("The log does not tell which row was changed: REPLICA IDENTITY must be its primary key, or FULL.");
    return all;
}

} // namespace howdah::partition
