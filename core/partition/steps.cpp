// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/steps.h"

#include <fmt/format.h>

#include "core/sql/quote.h"

namespace howdah::partition {

ChangeStep step(std::string title, std::string sql, std::string lock_level)
{
    ChangeStep made;
    made.title = std::move(title);
    made.sql = std::move(sql);
    made.lock_level = std::move(lock_level);
    return made;
}

ChangeStep undoable(ChangeStep step, std::string undo_sql)
{
    step.undo_sql = std::move(undo_sql);
    return step;
}

ChangeStep forGood(ChangeStep step, std::string no_undo_reason)
{
    step.no_undo_reason = std::move(no_undo_reason);
    return step;
}

ChangeStep patient(ChangeStep step)
{
    step.lock_policy = LockPolicy::Patient;
    return step;
}

std::string existsCheck(const std::string &sql_name, bool there)
{
    return fmt::format("SELECT to_regclass({}) IS {}NULL", sql::quoteLiteral(sql_name), there ? "NOT " : "");
}

std::string derivedName(const std::string &base, const std::string &suffix)
{
    return fittedName(base, suffix);
}

std::string NewPartition::sqlName() const
{
    return sql::quoteQualified(schema, name);
}

namespace {

/// The youngest partition that is a plain table: what new ones take their storage from.
const Table *modelOf(const Scheme &scheme, const Table &parent)
{
    for (auto child = parent.children.rbegin(); child != parent.children.rend(); ++child) {
        const Table &table = scheme.tables[*child];
        if (table.relkind == 'r' && !table.isDefault() && !table.detach_pending)
            return &table;
    }
    return nullptr;
}

} // namespace

std::string createLikeSql(const Scheme &scheme, const Table &parent, const NewPartition &partition)
{
    const Table *model = modelOf(scheme, parent);
    const Table &storage = model != nullptr ? *model : parent;
    // An identity column would bar the table from being attached (17); the indexes come with ATTACH, which builds them
    // at once in an empty table; statistics objects do not follow either way.
    std::string sql = fmt::format("CREATE {}TABLE {} (LIKE {} INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY EXCLUDING STATISTICS){}{};",
                                  storage.persistence == 'u' ? "UNLOGGED " : "", partition.sqlName(), parent.sqlName(),
                                  model != nullptr && !model->options.empty() ? " WITH (" + model->options + ")" : "",
                                  storage.tablespace.empty() ? "" : " TABLESPACE " + storage.tablespace);
    sql += fmt::format("\nALTER TABLE {} OWNER TO {};", partition.sqlName(), parent.owner);
    return sql;
}

DefaultGuard guardDefault(const Scheme &scheme, const Table &parent, const std::vector<Bound> &bounds)
{
    DefaultGuard guard;
    const Table *table = scheme.defaultOf(parent);
    if (bounds.empty() || table == nullptr || table->relkind != 'r' || table->isEmpty())
        return guard;
    std::string condition;
    std::string inside;
    for (const Bound &bound : bounds) {
        condition += (condition.empty() ? "(" : " AND (") + outsideCondition(*parent.key, bound, parent.oid) + ")";
        inside += (inside.empty() ? "(" : " OR (") + boundCondition(*parent.key, bound, parent.oid) + ")";
    }
    const std::string name = derivedName(table->name, "_howdah_outside");
    const std::string drop = fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table->sqlName(), sql::quoteIdentifier(name));
    ChangeStep add = undoable(step("Keep new rows of these ranges out of " + table->name,
                                   fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {};\nALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID", table->sqlName(),
                                               sql::quoteIdentifier(name), table->sqlName(), sql::quoteIdentifier(name), condition),
                                   "ACCESS EXCLUSIVE"),
                              drop);
    add.check_before = fmt::format("SELECT NOT EXISTS (SELECT FROM {} WHERE {})", table->sqlName(), inside);
    add.note = "Rows of these ranges are refused from here until the partition is attached. When the check before it fails, the default holds such rows: drain them first.";
    ChangeStep validate = patient(step("Prove that " + table->name + " holds no row of these ranges",
                                       fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table->sqlName(), sql::quoteIdentifier(name)), "SHARE UPDATE EXCLUSIVE"));
    validate.undo_sql = drop;
    validate.note = "Reads the default partition once; reads and writes go on. ATTACH then need not read it under its lock.";
    guard.before = {std::move(add), std::move(validate)};
    ChangeStep remove = forGood(step("Drop the proof", drop, "ACCESS EXCLUSIVE"), "The partition bounds say the same.");
    guard.after = {std::move(remove)};
    return guard;
}

std::string attachSql(const Scheme &scheme, const Table &parent, const std::string &table, const Bound &bound)
{
    std::string sql;
    // A statement that waits for the default partition has its list of partitions already and would not see the new one.
    if (scheme.defaultOf(parent) != nullptr)
        sql = fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;\n", parent.sqlName());
    return sql + fmt::format("ALTER TABLE {} ATTACH PARTITION {} {};", parent.sqlName(), table, bound.sql());
}

std::string attachLock(const Scheme &scheme, const Table &parent)
{
    return scheme.defaultOf(parent) != nullptr ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE";
}

void addLeafIndexSteps(std::vector<ChangeStep> &steps, const Scheme &scheme, const Table &table, const std::string &index_name,
                       const std::string &index_sql_name, const std::string &tail, bool unique)
{
    for (const std::size_t at : table.children) {
        const Table &child = scheme.tables[at];
        if (child.relkind == 'f' || child.detach_pending)
            continue;
        const std::string name = derivedName(child.name, "_" + index_name);
        const std::string sql_name = sql::quoteQualified(child.schema, name);
        const std::string drop = "DROP INDEX CONCURRENTLY IF EXISTS " + sql_name;
        // One that is attached goes with the index above it, and cannot go alone.
        const std::string undo = fmt::format("DO $howdah$ BEGIN IF to_regclass({0}) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass({0})) THEN DROP INDEX {1}; END IF; END $howdah$",
                                             sql::quoteLiteral(sql_name), sql_name);
        if (child.relkind == 'p') {
            steps.push_back(undoable(step("Index on " + child.name + " alone, still invalid",
                                          fmt::format("CREATE {}INDEX {} ON ONLY {} {}", unique ? "UNIQUE " : "", sql::quoteIdentifier(name), child.sqlName(), tail), "SHARE"),
                                     "DROP INDEX IF EXISTS " + sql_name));
            addLeafIndexSteps(steps, scheme, child, index_name, sql_name, tail, unique);
        } else {
            ChangeStep build = patient(step("Build the index of " + child.name,
                                            fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}", unique ? "UNIQUE " : "", sql::quoteIdentifier(name), child.sqlName(), tail),
                                            "SHARE UPDATE EXCLUSIVE"));
            build.in_transaction = false;
            build.repair_sql = drop;
            build.undo_sql = undo;
            build.note = "Waits for transactions that are older than it; reads and writes go on.";
            steps.push_back(std::move(build));
        }
        ChangeStep attach = step("Attach the index of " + child.name, fmt::format("ALTER INDEX {} ATTACH PARTITION {}", index_sql_name, sql_name),
                                 "ACCESS EXCLUSIVE on the index");
        attach.undo_sql = "DROP INDEX IF EXISTS " + index_sql_name;
        steps.push_back(std::move(attach));
    }
}

} // namespace howdah::partition
