// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *vacuum_page = "https://www.postgresql.org/docs/current/sql-vacuum.html";
constexpr const char *cluster_page = "https://www.postgresql.org/docs/current/sql-cluster.html";
constexpr const char *refresh_page = "https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html";
constexpr const char *truncate_page = "https://www.postgresql.org/docs/current/sql-truncate.html";
constexpr const char *lock_page = "https://www.postgresql.org/docs/current/sql-lock.html";

constexpr Rule vacuum_rule{"vacuum", "runs beside reads and writes", vacuum_page};
constexpr Rule analyze_rule{"analyze", "a sample is read beside reads and writes", vacuum_page};
constexpr Rule vacuum_full{"vacuum-full", "the table and its indexes are written anew while reads and writes wait", vacuum_page};
constexpr Rule cluster_rule{"cluster", "the table and its indexes are written anew in the index's order while reads and writes wait", cluster_page};
constexpr Rule refresh_rule{"refresh", "the view is filled anew while its readers wait", refresh_page};
constexpr Rule refresh_concurrently{"refresh-concurrently", "the new contents are compared with the old while its readers go on", refresh_page};
constexpr Rule truncate_rule{"truncate", "the tables get new, empty files", truncate_page};
constexpr Rule truncate_cascade{"truncate-cascade", "tables that refer to it are emptied too", truncate_page};
constexpr Rule lock_rule{"lock", "taken as written, partitions and inheritors too", lock_page};

/// Table and indexes anew. Whether the indexes are told as scanned depends on how rows are fetched; the table is read.
void writeAnew(Analysis &at, Relation &table, bool reads)
{
    at.lock(&table, Lock::AccessExclusive);
    at.rewrite(table);
    if (reads)
        at.scan(table);
    for (Relation *index : table.indexes) {
        at.lock(index, Lock::AccessExclusive);
        at.rewrite(*index);
        at.build(index->label());
    }
}

bool hasOption(const Node &statement, const std::string &name)
{
    for (const Node &option : statement.list("options")) {
        const std::string value = option.get("arg").value();
        if (option.text("defname") == name)
            return value != "false" && value != "off" && value != "0";
    }
    return false;
}

void vacuum(Analysis &at, const Node &statement)
{
    const bool is_vacuum = statement.flag("is_vacuumcmd"), full = is_vacuum && hasOption(statement, "full");
    at.out.in_transaction = !is_vacuum;
    at.because(full ? vacuum_full : is_vacuum ? vacuum_rule : analyze_rule);
    std::vector<Relation *> targets;
    for (const Node &target : statement.list("rels"))
        targets.push_back(at.relation(target.get("relation")));
    if (targets.empty()) {
        for (Relation &relation : at.schema.relations) {
            if (relation.alive && (relation.kind == 'r' || relation.kind == 'm' || relation.kind == 'p'))
                targets.push_back(&relation);
        }
    }
    for (Relation *target : targets) {
        for (Relation *member : target == nullptr ? std::vector<Relation *>() : target->kind == 'p' ? tree(*target) : std::vector<Relation *>{target}) {
            if (full && member->kind != 'p') {
                writeAnew(at, *member, true);
                continue;
            }
            at.lock(member, full ? Lock::AccessExclusive : Lock::ShareUpdateExclusive);
            if (is_vacuum && member->kind != 'p')
                at.lockIndexes(*member, Lock::RowExclusive);
            else if (member->kind != 'p')
                at.lockIndexes(*member, Lock::AccessShare);
        }
    }
}

void cluster(Analysis &at, const Node &statement)
{
    at.because(cluster_rule);
    if (!statement.get("relation").exists()) {
        at.out.in_transaction = false;
        at.note("Every table that was clustered before is clustered again.");
        return;
    }
    Relation *table = at.relation(statement.get("relation"));
    if (table == nullptr)
        return;
    if (table->kind == 'p')
        at.out.in_transaction = false;
    for (Relation *member : tree(*table)) {
        if (member->kind != 'p')
            writeAnew(at, *member, true);
        else
            at.lock(member, Lock::AccessExclusive);
    }
}

void readBelow(Analysis &at, Relation &view, bool indexes_too)
{
    for (Relation *read : view.reads) {
        for (Relation *member : tree(*read)) {
            at.lock(member, Lock::AccessShare);
            if (member->kind == 'v') {
                readBelow(at, *member, indexes_too);
                continue;
            }
            at.scan(*member);
            if (indexes_too && (member->kind != 'p' || at.major >= 16))
                at.lockIndexes(*member, Lock::AccessShare);
        }
    }
}

void refresh(Analysis &at, const Node &statement)
{
    Relation *view = at.relation(statement.get("relation"));
    if (view == nullptr)
        return;
    const bool concurrent = statement.flag("concurrent"), empties = statement.flag("skipData");
    at.because(concurrent ? refresh_concurrently : refresh_rule, view->label());
    if (concurrent) {
        const bool unique = std::any_of(view->indexes.begin(), view->indexes.end(), [](const Relation *index) { return index->unique && index->plain; });
        if (!unique && view->known) {
            at.error("cannot refresh materialized view \"" + view->label() + "\" concurrently", "55000", "Create a unique index with no WHERE clause on one or more columns of it");
            return;
        }
        at.lock(view, Lock::Exclusive);
        at.lockIndexes(*view, Lock::RowExclusive);
        at.scan(*view);
    } else {
        at.lock(view, Lock::AccessExclusive);
        at.rewrite(*view);
        view->empty = empties; // the indexes are built over what it holds by then
        for (Relation *index : view->indexes) {
            at.lock(index, Lock::AccessExclusive);
            at.rewrite(*index);
            at.build(index->label());
            if (!empties)
                at.scan(*view);
        }
    }
    view->empty = empties;
    if (!empties)
        readBelow(at, *view, true);
    else
        at.breaks("Queries on " + view->label() + " fail until it is filled again");
}

void truncate(Analysis &at, const Node &statement)
{
    const bool cascade = statement.text("behavior") == "DROP_CASCADE";
    at.because(truncate_rule);
    std::vector<Relation *> all;
    for (const Node &range : statement.list("relations")) {
        Relation *named = at.relation(range);
        if (named == nullptr)
            return;
        for (Relation *member : range.flag("inh") ? tree(*named) : std::vector<Relation *>{named})
            all.push_back(member);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (Relation &other : at.schema.relations) {
            for (const Constraint &key : other.constraints) {
                const bool inside = std::find(all.begin(), all.end(), &other) != all.end();
                if (!other.alive || key.type != 'f' || key.referenced != all[i] || inside)
                    continue;
                if (!cascade) {
                    at.error("cannot truncate a table referenced in a foreign key constraint", "0A000", "Table " + other.label() + " refers to " + all[i]->label());
                    return;
                }
                at.because(truncate_cascade, other.label());
                for (Relation *member : tree(other))
                    all.push_back(member);
                break;
            }
        }
    }
    for (Relation *table : all) {
        at.lock(table, Lock::AccessExclusive);
        at.breaks("All rows of " + table->label() + " are gone");
        if (table->is_partition && at.major == 13) {
            for (Relation *parent : table->parents)
                at.lock(parent, Lock::AccessShare);
        }
        if (table->kind == 'p')
            continue;
        at.rewrite(*table);
        for (Relation *index : table->indexes) {
            at.lock(index, Lock::AccessExclusive);
            at.rewrite(*index);
            at.build(index->label());
        }
        if (statement.flag("restart_seqs")) {
            for (Relation *sequence : table->sequences) {
                at.lock(sequence, Lock::AccessExclusive);
                at.rewrite(*sequence);
            }
        }
    }
}

void lockTable(Analysis &at, const Node &statement)
{
    at.because(lock_rule);
    const auto mode = static_cast<Lock>(std::clamp<std::int64_t>(statement.number("mode"), 1, 8));
    for (const Node &range : statement.list("relations")) {
        Relation *named = at.relation(range);
        if (named == nullptr)
            return;
        std::vector<Relation *> open = range.flag("inh") ? tree(*named) : std::vector<Relation *>{named};
        for (std::size_t i = 0; i < open.size(); ++i) {
            at.lock(open[i], mode);
            if (open[i]->kind == 'v')
                open.insert(open.end(), open[i]->reads.begin(), open[i]->reads.end());
        }
    }
}

} // namespace

bool maintenance(Analysis &at, const Node &statement)
{
    if (statement.is("VacuumStmt"))
        vacuum(at, statement);
    else if (statement.is("ClusterStmt"))
        cluster(at, statement);
    else if (statement.is("RefreshMatViewStmt"))
        refresh(at, statement);
    else if (statement.is("TruncateStmt"))
        truncate(at, statement);
    else if (statement.is("LockStmt"))
        lockTable(at, statement);
    else
        return false;
    return true;
}

} // namespace howdah::migration::effects
