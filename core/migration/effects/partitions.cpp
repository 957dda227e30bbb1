// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *attach_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION";
constexpr const char *detach_page = "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION";

constexpr Rule attach_scan{"attach-scan", "the table is read to see that its rows fit the bound; a valid CHECK that says so spares it", attach_page};
constexpr Rule attach_proved{"attach-proved", "constraints prove that all rows fit the bound: the table is not read", attach_page};
constexpr Rule attach_default{"attach-default", "the default partition is locked and read, for rows that would belong to the new one", attach_page};
constexpr Rule default_proved{"attach-default-proved", "the default partition is locked, but a CHECK proves that it holds no row of the new one", attach_page};
constexpr Rule attach_index{"attach-index", "an index that the parent has and the table lacks is built within", attach_page};
constexpr Rule attach_key{"attach-foreign-key", "the parent's foreign key is validated for the table", attach_page};
constexpr Rule attach_same_key{"attach-same-foreign-key", "the table has the same foreign key: nothing is read, but the referenced table is locked to drop its old triggers", attach_page};
constexpr Rule detach_rule{"detach", "the parent, the partition and the default partition are locked", detach_page};
constexpr Rule detach_concurrently{"detach-concurrently", "the parent stays readable and writable; old transactions are waited for, then the partition alone is locked", detach_page};

std::string indexName(Analysis &at, const Relation &table, const Relation &like)
{
    std::string middle;
    for (const std::string &key : like.keys)
        middle += (middle.empty() ? "" : "_") + (key.empty() ? std::string("expr") : key);
    const bool constraint = like.table != nullptr && like.table->constraint(like.name) != nullptr;
    return at.freeName(table, like.primary ? "" : middle, like.primary ? "pkey" : constraint ? "key" : "idx");
}

void joinIndexes(Analysis &at, Relation &parent, Relation &table, bool fresh)
{
    for (Relation *index : std::vector<Relation *>(parent.indexes)) {
        at.lock(index, Lock::ShareUpdateExclusive);
        Relation *same = nullptr;
        for (Relation *own : table.indexes) {
            if (own->parents.empty() && own->keys == index->keys && own->unique == index->unique && own->plain == index->plain && (!index->primary || own->primary))
                same = own;
        }
        if (same == nullptr) {
            same = &at.makeIndex(table, indexName(at, table, *index), index->keys, index->uses, index->unique, index->plain, true);
            same->primary = index->primary;
            if (!fresh) {
                at.scan(table);
                at.because(attach_index, same->label());
            }
        }
        same->parents.push_back(index);
        index->children.push_back(same);
    }
}

void joinForeignKeys(Analysis &at, Passes *passes, Relation &parent, Relation &table)
{
    for (const Constraint &key : std::vector<Constraint>(parent.constraints)) {
        if (key.type != 'f' || key.referenced == nullptr)
            continue;
        const bool same = std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint &own) {
            return own.type == 'f' && own.referenced == key.referenced && own.columns == key.columns && own.validated;
        });
        at.lock(key.referenced, same ? Lock::AccessExclusive : Lock::ShareRowExclusive);
        if (same) {
            at.because(attach_same_key, key.name);
            continue;
        }
        table.constraints.push_back(key);
        if (passes == nullptr)
            continue;
        at.because(attach_key, key.name);
        (*passes)[&table].foreign_keys.push_back(key.referenced);
    }
}

/// Foreign keys that refer to the parent are cloned for the partition too.
void joinReferences(Analysis &at, const Relation &parent)
{
    for (Relation &other : at.schema.relations) {
        for (const Constraint &key : other.constraints) {
            if (other.alive && key.type == 'f' && key.referenced == &parent)
                at.lock(&other, at.major < 15 ? Lock::AccessShare : Lock::ShareRowExclusive);
        }
    }
}

void checkDefaults(Analysis &at, const Relation &parent, const Bound &bound)
{
    for (Relation *other : defaultsOf(parent)) {
        for (Relation *member : tree(*other))
            at.lock(member, Lock::AccessExclusive);
        const bool proved = provesOutside(*other, parent, bound);
        at.because(proved ? default_proved : attach_default, other->label(), Lock::AccessExclusive);
        if (!proved) {
            for (Relation *member : tree(*other))
                at.scan(*member);
        }
    }
}

void link(Relation &parent, Relation &table, const Bound &bound)
{
    table.bound = bound;
    table.is_partition = true;
    table.parents.push_back(&parent);
    parent.children.push_back(&table);
}

} // namespace

void createPartition(Analysis &at, Relation &parent, Relation &table, const Node &bound_spec)
{
    const Bound bound = boundOf(*bound_spec.body());
    at.lock(&parent, Lock::AccessExclusive);
    if (!bound.is_default)
        checkDefaults(at, parent, bound);
    table.columns = parent.columns;
    for (const Constraint &constraint : parent.constraints) {
        if (constraint.type == 'c' || constraint.type == 'n')
            table.constraints.push_back(constraint);
    }
    for (const Relation *index : parent.indexes) {
        if (index->unique && index->plain)
            refuseNarrowKey(at, table, index->keys, index->primary);
    }
    joinIndexes(at, parent, table, true);
    joinForeignKeys(at, nullptr, parent, table);
    joinReferences(at, parent);
    link(parent, table, bound);
}

void attachPartition(Analysis &at, Passes &passes, Relation &parent, const Node &command)
{
    Relation *table = at.relation(command.get("name"));
    if (table == nullptr)
        return;
    if (parent.isIndex()) { // ALTER INDEX … ATTACH PARTITION
        at.lock(&parent, Lock::ShareUpdateExclusive);
        at.lock(table, Lock::AccessExclusive);
        at.lock(table->table, Lock::AccessShare);
        at.lock(parent.table, Lock::AccessShare);
        table->parents.push_back(&parent);
        parent.children.push_back(table);
        return;
    }
    refuseUnlike(at, parent, *table);
    if (at.failed)
        return;
    const Bound bound = command.get("bound").exists() ? boundOf(*command.get("bound").body()) : Bound();
    for (Relation *member : tree(*table))
        at.lock(member, Lock::AccessExclusive);
    const bool everything = bound.is_default && parent.children.empty();
    const bool proved = everything || (!bound.is_default && table->known && provesBound(*table, parent, bound));
    at.because(proved ? attach_proved : attach_scan, table->label(), Lock::AccessExclusive);
    if (!proved) {
        for (Relation *member : tree(*table))
            passes[member].verify = true;
    }
    if (!bound.is_default)
        checkDefaults(at, parent, bound);
    joinIndexes(at, parent, *table, false);
    joinForeignKeys(at, &passes, parent, *table);
    joinReferences(at, parent);
    link(parent, *table, bound);
}

void detachPartition(Analysis &at, Relation &parent, const Node &command)
{
    const Node definition = command.get("def");
    const bool finalize = command.text("subtype") == "AT_DetachPartitionFinalize", concurrent = definition.flag("concurrent");
    if ((concurrent || finalize) && at.major < 14) {
        at.error("syntax error at or near \"" + std::string(concurrent ? "CONCURRENTLY" : "FINALIZE") + "\"", "42601", "It came with PostgreSQL 14");
        return;
    }
    Relation *table = at.relation(definition.get("name"));
    if (table == nullptr)
        return;
    const auto defaults = defaultsOf(parent);
    if (concurrent && !defaults.empty()) {
        at.error("cannot detach partitions concurrently when a default partition exists", "55000");
        return;
    }
    at.because(concurrent ? detach_concurrently : detach_rule, table->label(), Lock::AccessExclusive);
    if (concurrent)
        at.out.in_transaction = false;
    for (Relation *other : defaults)
        at.lock(other, Lock::AccessExclusive);
    const auto below = tree(*table);
    for (Relation *member : below) // what has partitions of its own is locked with them
        at.lock(member, at.major < 14 && below.size() == 1 ? Lock::ShareUpdateExclusive : Lock::AccessExclusive);
    for (Relation *index : table->indexes) {
        if (!index->parents.empty() || !table->known)
            at.lock(index, Lock::AccessExclusive);
        for (Relation *over : index->parents)
            remove(over->children, index);
        index->parents.clear();
    }
    for (const Constraint &key : table->constraints) {
        const bool inherited = key.type == 'f' && std::any_of(parent.constraints.begin(), parent.constraints.end(), [&](const Constraint &own) { return own.name == key.name; });
        if (inherited) // its triggers on the referenced table are made again
            at.lock(key.referenced, Lock::ShareRowExclusive);
    }
    for (Relation &other : at.schema.relations) {
        const bool refers = other.alive && std::any_of(other.constraints.begin(), other.constraints.end(), [&](const Constraint &key) { return key.type == 'f' && key.referenced == &parent; });
        if (!refers)
            continue;
        at.lock(&other, Lock::AccessExclusive); // its action triggers on the partition are dropped
        at.lock(table, Lock::AccessExclusive);
        at.scan(other);
    }
    remove(parent.children, table);
    remove(table->parents, &parent);
    table->is_partition = false;
    at.breaks("Queries on " + parent.label() + " no longer see the rows of " + table->label());
}

} // namespace howdah::migration::effects
