// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *create_page = "https://www.postgresql.org/docs/current/sql-createindex.html";
constexpr const char *concurrently_page = "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY";
constexpr const char *reindex_page = "https://www.postgresql.org/docs/current/sql-reindex.html";

constexpr Rule create_rule{"create-index", "the table is read and writes to it wait", create_page};
constexpr Rule create_concurrently{"create-index-concurrently", "the table is read twice beside reads and writes; old transactions are waited for, so give it no short lock_timeout", concurrently_page};
constexpr Rule create_only{"create-index-only", "the index of the partitioned table stays invalid until every partition's is attached", create_page};
constexpr Rule is_there{"create-index-exists", "the index is there already, yet the table is locked to find that out", create_page};
constexpr Rule reindex_rule{"reindex", "writes wait, and so do most reads: the planner opens every index", reindex_page};
constexpr Rule reindex_concurrently{"reindex-concurrently", "a second index is built beside reads and writes; the old one is locked briefly at the end", reindex_page};

bool option(const Node &statement, const char *name)
{
    for (const Node &parameter : statement.list("params")) {
        if (parameter.text("defname") == name)
            return !(parameter.get("arg").exists() && (parameter.get("arg").value() == "false" || parameter.get("arg").value() == "off" || parameter.get("arg").value() == "0"));
    }
    return false;
}

std::string indexName(Analysis &at, const Relation &table, const Node &statement)
{
    std::string middle;
    auto elements = statement.list("indexParams");
    for (const Node &included : statement.list("indexIncludingParams"))
        elements.push_back(included);
    for (const Node &element : elements) {
        const std::string part = indexColumnName(element);
        middle += (middle.empty() ? "" : "_") + part;
    }
    return at.freeName(table, middle, "idx");
}

void createIndex(Analysis &at, const Node &statement)
{
    Relation *table = at.relation(statement.get("relation"));
    if (table == nullptr)
        return;
    const bool concurrent = statement.flag("concurrent"), only = !statement.get("relation").flag("inh");
    at.out.in_transaction = !concurrent;
    if (table->kind == 'p' && concurrent) {
        at.error("cannot create index on partitioned table \"" + table->name + "\" concurrently", "0A000", "Create it ON ONLY the parent, CONCURRENTLY on each partition, and attach those");
        return;
    }
    const Lock mode = concurrent ? Lock::ShareUpdateExclusive : Lock::Share;
    at.lock(table, mode);
    std::string name = statement.text("idxname");
    if (!name.empty() && at.schema.find(table->schema, name) != nullptr) {
        if (statement.flag("if_not_exists"))
            at.because(is_there, name, mode);
        else
            at.error("relation \"" + name + "\" already exists", "42P07");
        return;
    }
    std::vector<std::string> keys;
    bool plain = !statement.get("whereClause").exists();
    for (const Node &element : statement.list("indexParams")) {
        keys.push_back(element.text("name"));
        plain = plain && !element.text("name").empty();
        if (table->known && !keys.back().empty() && table->column(keys.back()) == nullptr) {
            at.error("column \"" + keys.back() + "\" does not exist", "42703");
            return;
        }
    }
    if (statement.flag("unique"))
        refuseNarrowKey(at, *table, keys, false);
    if (at.failed)
        return;
    const auto uses = columnsIn(*statement.body());
    at.because(concurrent ? create_concurrently : only && table->kind == 'p' ? create_only : create_rule, name, mode);
    std::vector<Relation *> made;
    for (Relation *member : only || table->kind != 'p' ? std::vector<Relation *>{table} : tree(*table)) {
        at.lock(member, mode);
        const bool top = member == table;
        if (!top) {
            const auto same = std::find_if(member->indexes.begin(), member->indexes.end(), [&](const Relation *own) {
                return own->parents.empty() && own->keys == keys && own->plain && plain && own->unique == statement.flag("unique");
            });
            if (same != member->indexes.end()) {
                at.lock(*same, mode);
                (*same)->parents.push_back(made.front());
                made.front()->children.push_back(*same);
                continue;
            }
        }
        Relation &index = at.makeIndex(*member, top && !name.empty() ? name : indexName(at, *member, statement), keys, uses, statement.flag("unique"), plain, true);
        for (const Node &element : statement.list("indexParams"))
            index.key_names.push_back(indexColumnName(element));
        if (!top) {
            index.parents.push_back(made.front());
            made.front()->children.push_back(&index);
        }
        made.push_back(&index);
        at.scan(*member);
    }
    if (concurrent)
        at.note("A failure leaves an invalid index behind, which IF NOT EXISTS takes for a good one.");
    if (statement.flag("unique"))
        at.breaks("INSERTs and UPDATEs of " + table->label() + " that repeat a key fail");
}

void reindexTable(Analysis &at, Relation &table, bool concurrent, const Relation *only_index)
{
    if (table.kind == 'p') {
        for (Relation *member : tree(table)) {
            if (member->kind != 'p')
                reindexTable(at, *member, concurrent, nullptr);
        }
        at.out.in_transaction = false;
        return;
    }
    at.lock(&table, concurrent ? Lock::ShareUpdateExclusive : Lock::Share);
    for (Relation *index : table.indexes) {
        if (only_index != nullptr && index != only_index)
            continue;
        at.lock(index, Lock::AccessExclusive);
        at.scan(table);
        if (!concurrent)
            at.rewrite(*index);
        Relation built = *index;
        if (concurrent)
            built.name += "_ccnew";
        at.build(built.label());
    }
}

void reindex(Analysis &at, const Node &statement)
{
    const bool concurrent = option(statement, "concurrently");
    const std::string kind = statement.text("kind");
    at.out.in_transaction = !concurrent && (kind == "REINDEX_OBJECT_INDEX" || kind == "REINDEX_OBJECT_TABLE");
    at.because(concurrent ? reindex_concurrently : reindex_rule);
    if (kind == "REINDEX_OBJECT_INDEX" || kind == "REINDEX_OBJECT_TABLE") {
        Relation *named = at.relation(statement.get("relation"));
        if (named == nullptr)
            return;
        if (at.major < 14 && named->kind == 'I') {
            at.error("REINDEX is not yet implemented for partitioned indexes", "0A000", "It came with PostgreSQL 14");
            return;
        }
        if (at.major < 14 && named->kind == 'p') {
            at.lock(named, Lock::Share);
            at.note("PostgreSQL 13 reindexes no partitioned tables: it only warns.");
            return;
        }
        if (named->kind == 'p') // a transaction for each partition
            at.out.in_transaction = false;
        if (kind == "REINDEX_OBJECT_TABLE") {
            reindexTable(at, *named, concurrent, nullptr);
        } else if (named->kind == 'I') {
            for (Relation *leaf : tree(*named)) {
                if (leaf->kind == 'i')
                    reindexTable(at, *leaf->table, concurrent, leaf);
            }
            at.out.in_transaction = false;
        } else if (named->table != nullptr) {
            reindexTable(at, *named->table, concurrent, named);
        } else {
            at.lock(named, Lock::AccessExclusive);
            at.build(named->label());
            at.note("The index's table is locked too; without a catalog it is not known.");
        }
        return;
    }
    for (Relation &relation : at.schema.relations) {
        const bool wanted = kind != "REINDEX_OBJECT_SCHEMA" || relation.schema == statement.text("name");
        if (relation.alive && wanted && (relation.kind == 'r' || relation.kind == 'm'))
            reindexTable(at, relation, concurrent, nullptr);
    }
}

} // namespace

bool indexes(Analysis &at, const Node &statement)
{
    if (statement.is("IndexStmt"))
        createIndex(at, statement);
    else if (statement.is("ReindexStmt"))
        reindex(at, statement);
    else
        return false;
    return true;
}

} // namespace howdah::migration::effects
