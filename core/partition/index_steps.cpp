// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

/// Indexes below `index` that stand for it in the partitions: by position of their table.
const TreeIndex *childIndex(const Table &child, std::uint32_t parent_index)
{
    const auto found = std::find_if(child.indexes.begin(), child.indexes.end(), [&](const TreeIndex &index) { return index.parent == parent_index; });
    return found == child.indexes.end() ? nullptr : &*found;
}

std::string qualified(const TreeIndex &index)
{
    return sql::quoteQualified(index.schema, index.name);
}

/// For one partition that lacks its part of `index`.
void addMissing(std::vector<ChangeStep> &steps, const Scheme &scheme, const Table &child, const TreeIndex &index, const std::string &tail)
{
    const auto same = std::find_if(child.indexes.begin(), child.indexes.end(), [&](const TreeIndex &other) {
        return other.parent == 0 && other.unique == index.unique && other.valid && indexTail(other.definition) == tail;
    });
    std::string name;
    if (same != child.indexes.end() && (same->of_constraint || !index.of_constraint)) {
        name = qualified(*same);
    } else {
        Scheme alone = scheme;
        alone.tables.clear();
        Table holder;
        holder.children.push_back(0);
        alone.tables.push_back(child);
        alone.tables.front().children.clear();
        for (const TreeIndex &other : child.indexes) {
            if (!other.valid && other.parent == 0 && indexTail(other.definition) == tail) {
                ChangeStep drop = patient(step("Drop the broken-off build " + other.name, "DROP INDEX CONCURRENTLY " + qualified(other), "SHARE UPDATE EXCLUSIVE"));
                drop.in_transaction = false;
                drop.no_undo_reason = "It is invalid: no query uses it.";
                steps.push_back(std::move(drop));
            }
        }
        std::vector<ChangeStep> built;
        addLeafIndexSteps(built, alone, holder, index.name, qualified(index), tail, index.unique);
        if (index.of_constraint && !built.empty()) {
            // A primary key's index wants a constraint in the partition too, or it cannot be attached.
            const std::string built_name = derivedName(child.name, "_" + index.name);
            ChangeStep constraint = undoable(step("Make it a constraint of " + child.name,
                                                  fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}", child.sqlName(), sql::quoteIdentifier(built_name),
                                                              index.primary ? "PRIMARY KEY" : "UNIQUE", sql::quoteIdentifier(built_name)),
                                                  "ACCESS EXCLUSIVE"),
                                             fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", child.sqlName(), sql::quoteIdentifier(built_name)));
            built.insert(built.end() - 1, std::move(constraint));
        }
        if (!built.empty()) // the index above was there before
            built.back() = forGood(step(built.back().title, built.back().sql, built.back().lock_level), "An attached index goes with the parent's index.");
        for (ChangeStep &one : built)
            steps.push_back(std::move(one));
        return;
    }
    steps.push_back(forGood(step("Attach " + name, fmt::format("ALTER INDEX {} ATTACH PARTITION {}", qualified(index), name), "ACCESS EXCLUSIVE on the index"),
                            "An attached index goes with the parent's index: drop that one."));
}

void completeBelow(std::vector<ChangeStep> &steps, const Scheme &scheme, const Table &table, const TreeIndex &index, const std::string &tail)
{
    for (const std::size_t at : table.children) {
        const Table &child = scheme.tables[at];
        if (child.relkind == 'f' || child.detach_pending)
            continue;
        const TreeIndex *own = childIndex(child, index.oid);
        if (own == nullptr)
            addMissing(steps, scheme, child, index, tail);
        else if (child.relkind == 'p' && !own->valid)
            completeBelow(steps, scheme, child, *own, tail);
    }
}

} // namespace

Result<ChangeScript> createIndex(const Scheme &scheme, const std::string &name, const std::string &definition, bool unique)
{
    const Table &root = scheme.root();
    const std::string tail = definition.starts_with('(') ? "USING btree " + definition : definition;
    if (tail.find('(') == std::string::npos)
        return fail(ErrorKind::Usage, "\"" + definition + "\" is no index definition", "Write the columns in parentheses: \"(customer_id, created_at)\".");
    std::string words;
    for (const char c : tail.substr(tail.find('(')))
        words += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    while (words.starts_with('_'))
        words.erase(0, 1);
    while (words.ends_with('_'))
        words.pop_back();
    const std::string called = name.empty() ? fittedName(root.name, "_" + words.substr(0, 20) + "_idx") : name;
    ChangeScript script;
    script.title = "Index " + called + " on " + root.sqlName();
    script.reason = "CREATE INDEX on a partitioned table cannot run CONCURRENTLY and would keep writes waiting until the last partition is done.";
    const std::string sql_name = sql::quoteQualified(root.schema, called);
    ChangeStep first = undoable(step("Index on " + root.name + " alone, still invalid",
                                     fmt::format("CREATE {}INDEX {} ON ONLY {} {}", unique ? "UNIQUE " : "", sql::quoteIdentifier(called), root.sqlName(), tail), "SHARE"),
                                "DROP INDEX IF EXISTS " + sql_name);
    first.check_before = existsCheck(sql_name, false);
    first.note = "Nothing is read: it becomes valid with the last partition's index.";
    script.steps.push_back(std::move(first));
    addLeafIndexSteps(script.steps, scheme, root, called, sql_name, tail, unique);
    script.steps.back().check_after = fmt::format("SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = {}::regclass", sql::quoteLiteral(sql_name));
    return script;
}

Result<ChangeScript> completeIndex(const Scheme &scheme, const Table &table, const TreeIndex &index)
{
    ChangeScript script;
    script.title = "Complete the index " + index.name;
    script.reason = "It is invalid because partitions lack their part of it; queries over the table cannot rely on it.";
    completeBelow(script.steps, scheme, table, index, indexTail(index.definition));
    return script;
}

} // namespace howdah::partition
