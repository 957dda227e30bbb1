// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/convert_script.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/partition/live_slot.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

using migration::ChangeScript;

std::string freshIndexName(const OldIndex &index)
{
    return derivedName(index.name, "_howdah_new");
}

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

std::string undoNewTableSql(const OldTable &table, const ConvertWish &wish, const ConvertNames &names)
{
    std::string sql = fmt::format("DROP TABLE IF EXISTS {}", names.fresh);
    for (const OldForeignKey &key : table.incoming) {
        if (key.validated && (wish.incoming != IncomingChoice::Drop || (key.referenced_has_key && !key.self)))
            sql += fmt::format(";\nALTER TABLE {} VALIDATE CONSTRAINT {}", key.self ? table.sql_name : key.child, sql::quoteIdentifier(key.name));
    }
    return sql;
}

std::string newTableSql(const OldTable &table, const Scheme &scheme, const ConvertNames &names)
{
    const Table &root = scheme.root();
    std::string sql = fmt::format("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY) PARTITION BY {};\n", names.fresh, table.sql_name, root.key->definition);
    sql += fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;\n", names.fresh, table.key.expression);
    if (!table.key.not_null)
        sql += fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS howdah_key_not_null;\n", names.fresh);
    for (const std::string &setting : table.column_settings)
        sql += fmt::format("ALTER TABLE {} {};\n", names.fresh, setting);
    const std::string storage = (table.options.empty() ? "" : " WITH (" + table.options + ")") + (table.tablespace.empty() ? "" : " TABLESPACE " + table.tablespace);
    for (const std::size_t child : root.children) {
        const Table &leaf = scheme.tables[child];
        sql += fmt::format("CREATE {}TABLE {} PARTITION OF {} {}{};\n", table.persistence == 'u' ? "UNLOGGED " : "", leaf.sqlName(), names.fresh, leaf.bound.sql(), storage);
        sql += fmt::format("ALTER TABLE {} OWNER TO {};\n", leaf.sqlName(), table.owner);
        if (table.replica_identity == 'f' || table.replica_identity == 'n')
            sql += fmt::format("ALTER TABLE {} REPLICA IDENTITY {};\n", leaf.sqlName(), table.replica_identity == 'f' ? "FULL" : "NOTHING");
    }
    return sql;
}

namespace {

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
        const bool by_slot = wish_.strategy == ConvertStrategy::LogicalReplication;
        if (by_slot)
            script.reason = "The rows are copied into a partitioned table beside it while a replication slot keeps what is written; for the comparison and the exchange of the names triggers keep step. Until the last step there is a way back that keeps every write.";
        addNotNull(script.steps);
        addTree(script.steps);
        if (by_slot) {
            addBySlot(script.steps);
        } else {
            addSyncSteps(script.steps, copy_);
            addCopySteps(script.steps, copy_);
            addIndexes(script.steps, true, true);
        }
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
    void addBySlot(std::vector<ChangeStep> &steps) const;
    void addIndexes(std::vector<ChangeStep> &steps, bool plain, bool unique) const;
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
    std::string sql = newTableSql(table_, scheme_, names_);
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
    std::string drop = undoNewTableSql(table_, wish_, names_);
    ChangeStep make = undoable(step(fmt::format("Make the partitioned table with {} partitions beside the old one", root.children.size()), std::move(sql)), std::move(drop));
    make.check_before = existsCheck(names_.fresh, false);
    make.phase = Phase::Expand;
    make.note = "Columns, defaults, checks, storage and comments are taken over; nobody reads it yet.";
    steps.push_back(std::move(make));
}

/// While rows are copied triggers cost nothing, and the log of the slot grows. Rows that are not in step yet would trip unique
/// indexes and foreign keys, so those come last.
void ConversionScript::addBySlot(std::vector<ChangeStep> &steps) const
{
    addSyncObjectSteps(steps, copy_, false);
    addSlotSteps(steps, copy_);
    addBatchSteps(steps, copy_);
    addSlotReadStep(steps, copy_, Phase::Backfill);
    addLogStep(steps, copy_, Phase::Backfill);
    addIndexes(steps, true, false);
    addSlotReadStep(steps, copy_, Phase::Validate);
    addLogStep(steps, copy_, Phase::Validate);
    addSyncTriggerSteps(steps, copy_, Phase::Validate);
    addSlotReadStep(steps, copy_, Phase::Validate);
    addSlotEndStep(steps, copy_, Phase::Validate);
    addLogStep(steps, copy_, Phase::Validate);
    addIndexes(steps, false, true);
}

void ConversionScript::addIndexes(std::vector<ChangeStep> &steps, bool plain, bool unique) const
{
    std::vector<ChangeStep> built;
    for (const OldIndex &index : table_.indexes) {
        if (index.name == table_.copy.key_index) {
            if (unique && index.unique && !index.has_key && wish_.keys == KeyChoice::PerPartition)
                perPartition(built, index);
            continue;
        }
        const bool exacting = index.unique || index.exclusion;
        if ((exacting && !unique) || (!exacting && !plain))
            continue;
        const std::string fresh = freshIndexName(index);
        const std::string sql_name = sql::quoteQualified(table_.schema, fresh);
        const std::string tail = index.unique && !index.has_key ? withKey(index.tail, table_.key.expression) : index.tail;
        if (index.exclusion) {
            built.push_back(undoable(step("Add " + index.constraint, fmt::format("ALTER TABLE {} ADD CONSTRAINT {} EXCLUDE {}", names_.fresh, sql::quoteIdentifier(fresh), index.tail), "ACCESS EXCLUSIVE"),
                                     fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", names_.fresh, sql::quoteIdentifier(fresh))));
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
        const std::string drop = fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", on, name);
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
                     fmt::format("ALTER TABLE IF EXISTS {} DROP CONSTRAINT IF EXISTS {}", names_.fresh, name)));
    }
}

} // namespace

ChangeScript copyScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds)
{
    return ConversionScript(table, wish, key, bounds).script();
}

} // namespace howdah::partition
