// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/partition/check_rules.h"
#include "core/partition/conditions.h"
#include "core/partition/partman.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

void checkStatistics(Checking &in)
{
    double rows = 0;
    std::int64_t modified = 0;
    for (const Table &table : in.scheme.tables) {
        if (table.relkind == 'p')
            continue;
        rows += std::max(table.estimated_rows, static_cast<double>(table.live_tuples));
        modified += table.modified_since_analyze;
    }
    const Table &root = in.scheme.root();
    if (rows < 1)
        return;
    if (!root.has_inherited_statistics) {
        Finding finding{"never-analysed", Severity::Warning, root.sqlName(), fmt::format("{} was never analysed as a whole", root.name), {}, {}, {}, {}};
        finding.detail = "Autovacuum analyses its partitions but never the table above them: the planner guesses how many distinct values and what share of rows a query over it finds.";
        finding.evidence = fmt::format("about {} rows in {} partitions", human::compactCount(rows), in.scheme.leafCount());
        in.add(std::move(finding), analyzeParents(in.scheme));
        return;
    }
    // Since 14 the parent remembers how many rows its last ANALYZE found.
    if (in.scheme.server_major < 14 || root.estimated_rows < 0 || std::abs(rows - root.estimated_rows) < std::max(1000.0, root.estimated_rows * 0.2))
        return;
    Finding finding{"statistics-stale", Severity::Warning, root.sqlName(), fmt::format("The statistics of {} as a whole are out of date", root.name), {}, {}, {}, {}};
    finding.detail = "Autovacuum never renews them.";
    finding.evidence = fmt::format("{} rows then, about {} now", human::compactCount(root.estimated_rows), human::compactCount(rows));
    in.add(std::move(finding), analyzeParents(in.scheme));
}

std::size_t lacking(const Scheme &scheme, const Table &table, const TreeIndex &index, std::string &names)
{
    std::size_t count = 0;
    for (const std::size_t at : table.children) {
        const Table &child = scheme.tables[at];
        const auto own = std::find_if(child.indexes.begin(), child.indexes.end(), [&](const TreeIndex &other) { return other.parent == index.oid; });
        if (own == child.indexes.end()) {
            if (++count <= 10)
                names += (names.empty() ? "" : ", ") + child.name;
        } else if (child.relkind == 'p') {
            count += lacking(scheme, child, *own, names);
        }
    }
    return count;
}

void checkIndexes(Checking &in)
{
    for (const Table &table : in.scheme.tables) {
        for (const TreeIndex &index : table.indexes) {
            if (index.valid || index.parent != 0)
                continue;
            if (table.relkind == 'p') {
                std::string names;
                const std::size_t count = lacking(in.scheme, table, index, names);
                Finding finding{"invalid-index", Severity::Problem, sql::quoteQualified(index.schema, index.name), {}, {}, {}, {}, {}};
                finding.message = fmt::format("The index {} of {} is invalid: {} partition{} lack{} it", index.name, table.name, count, count == 1 ? "" : "s", count == 1 ? "s" : "");
                finding.detail = "Partitions that have it use it; a unique one promises nothing over the whole table.";
                finding.evidence = names;
                in.add(std::move(finding), completeIndex(in.scheme, table, index));
            } else if (table.parent != no_table) {
                Finding finding{"broken-index", Severity::Warning, sql::quoteQualified(index.schema, index.name), fmt::format("The index {} of {} was not built to its end", index.name, table.name), {}, {}, {}, {}};
                finding.detail = "Every write keeps it up, no query uses it.";
                migration::ChangeScript script;
                script.title = "Drop the broken index " + index.name;
                migration::ChangeStep drop;
                drop.title = "Drop " + index.name;
                drop.sql = "DROP INDEX CONCURRENTLY " + sql::quoteQualified(index.schema, index.name);
                drop.lock_level = "SHARE UPDATE EXCLUSIVE";
                drop.in_transaction = false;
                drop.lock_policy = migration::LockPolicy::Patient;
                drop.no_undo_reason = "It is invalid: no query uses it.";
                script.steps.push_back(std::move(drop));
                in.add(std::move(finding), std::move(script));
            }
        }
    }
}

/// Indexes that stand beside the parent's: of the same form, but not attached; only where the parent's own is whole.
void checkUnattached(Checking &in)
{
    std::string names;
    std::size_t count = 0;
    const Table *first = nullptr;
    for (const Table &table : in.scheme.tables) {
        if (table.parent == no_table || table.relkind != 'r')
            continue;
        const Table &parent = in.scheme.tables[table.parent];
        for (const TreeIndex &index : table.indexes) {
            if (index.parent != 0 || !index.valid)
                continue;
            const bool doubled = std::any_of(parent.indexes.begin(), parent.indexes.end(), [&](const TreeIndex &above) {
                return above.valid && !above.definition.empty() && above.unique == index.unique && indexTail(above.definition) == indexTail(index.definition);
            });
            if (!doubled)
                continue;
            if (++count <= 10)
                names += (names.empty() ? "" : ", ") + index.name;
            first = first == nullptr ? &table : first;
        }
    }
    if (count == 0)
        return;
    Finding finding{"unattached-index", Severity::Warning, first->sqlName(), fmt::format("{} index{} of partitions double{} one that is attached", count, count == 1 ? "" : "es", count == 1 ? "s" : ""), {}, names, {}, {}};
    finding.detail = "Both are kept up by every write.";
    finding.no_fix = "Drop those that are not attached: DROP INDEX CONCURRENTLY.";
    in.add(std::move(finding));
}

void checkKeys(Checking &in)
{
    const Table &root = in.scheme.root();
    const auto unique = [](const TreeIndex &index) { return index.unique; };
    if (std::any_of(root.indexes.begin(), root.indexes.end(), unique))
        return;
    std::string names;
    std::size_t count = 0;
    for (const Table &table : in.scheme.tables) {
        if (table.relkind != 'r')
            continue;
        for (const TreeIndex &index : table.indexes) {
            if (index.unique && ++count <= 5)
                names += (names.empty() ? "" : ", ") + index.name;
        }
    }
    Finding finding{count > 0 ? "unique-per-partition" : "no-primary-key", count > 0 ? Severity::Warning : Severity::Info, root.sqlName(), {}, {}, names, {}, {}};
    if (count > 0) {
        finding.message = fmt::format("What is unique in the partitions of {} need not be unique in the whole", root.name);
        finding.detail = "A primary or unique key over a partitioned table must include the partition key; these lack it, so the same value may come in two partitions.";
        finding.no_fix = "Add a key that includes " + root.key->definition + ", or let a sequence give the values.";
    } else {
        finding.message = root.name + " has no primary key and no unique index";
        finding.detail = "Rows cannot be told apart: neither logical replication of updates, nor a split or merge while it is written to, is possible.";
        finding.no_fix = "Add a primary key that includes the partition key.";
    }
    in.add(std::move(finding));
}

void checkForeignKeys(Checking &in)
{
    for (const ForeignKey &key : in.scheme.incoming) {
        if (key.to_oid == in.scheme.root().oid)
            continue;
        Finding finding{"foreign-key-to-partition", Severity::Problem, key.from, fmt::format("{} of {} refers to one partition, {}", key.name, key.from, key.to), {}, key.definition, {}, {}};
        finding.detail = "A row that refers to a row of any other partition is refused, and the partition can neither be detached nor dropped.";
        finding.no_fix = "Point it at " + in.scheme.root().sqlName() + ", whose key then must be unique over the partition key too.";
        in.add(std::move(finding));
    }
    for (const ForeignKey &key : in.scheme.outgoing) {
        if (key.validated)
            continue;
        Finding finding{"foreign-key-not-valid", Severity::Warning, key.from, fmt::format("The foreign key {} of {} was never validated", key.name, key.from), {}, key.definition, {}, {}};
        finding.detail = "Rows that were there before it may refer to nothing.";
        migration::ChangeScript script;
        script.title = "Validate " + key.name;
        migration::ChangeStep validate;
        validate.title = "Validate " + key.name;
        validate.sql = fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", key.from, sql::quoteIdentifier(key.name));
        validate.lock_level = "SHARE UPDATE EXCLUSIVE";
        validate.lock_policy = migration::LockPolicy::Patient;
        validate.no_undo_reason = "It changes nothing but what is known of the rows.";
        script.steps.push_back(std::move(validate));
        in.add(std::move(finding), std::move(script));
    }
}

void checkPending(Checking &in)
{
    for (const Table &table : in.scheme.tables) {
        if (!table.detach_pending)
            continue;
        Finding finding{"detach-pending", Severity::Problem, table.sqlName(), fmt::format("Detaching {} was broken off", table.name), {}, "pg_inherits.inhdetachpending", {}, {}};
        finding.detail = "It takes no new rows any more, and until it is finished no other partition can be detached concurrently.";
        in.add(std::move(finding), finalizeDetach(in.scheme, table));
    }
}

} // namespace

void checkStructure(Checking &in)
{
    checkPending(in);
    checkIndexes(in);
    checkUnattached(in);
    checkKeys(in);
    checkForeignKeys(in);
    checkStatistics(in);
}

} // namespace howdah::partition
