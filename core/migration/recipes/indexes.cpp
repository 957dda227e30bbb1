// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/indexes.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/constraints.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

FoundIndex findIndex(const Ground &ground, const std::string &schema, const std::string &name)
{
    const auto in = [&](const std::string &wanted) -> FoundIndex {
        for (const pg::CatalogRelation &table : ground.catalog.relations) {
            if (table.schema != wanted)
                continue;
            for (const pg::CatalogIndex &index : table.indexes) {
                if (index.name == name)
                    return {&table, &index};
            }
        }
        return {};
    };
    if (!schema.empty())
        return in(schema);
    for (const std::string &path : ground.catalog.search_path) {
        if (const FoundIndex found = in(path); found.index != nullptr)
            return found;
    }
    return {};
}

std::string concurrently(const std::string &definition)
{
    const IndexText cut = cutCreateIndex(definition);
    return fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(cut.name), cut.table, cut.method, cut.tail);
}

void partitionedIndexSteps(const Ground &ground, Draft &draft, const pg::CatalogRelation &table, const IndexText &cut, const std::string &name, Phase phase)
{
    const std::string whole = sql::quoteQualified(table.schema, name);
    draft.add(phase, "Make the index of the partitioned table alone", fmt::format("CREATE {}INDEX {} ON ONLY {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(name), nameOf(table), cut.method, cut.tail),
              "DROP INDEX IF EXISTS " + whole)
        .note = "It stays invalid until every partition has its own.";
    for (const pg::CatalogRelation &child : ground.catalog.relations) {
        if (!child.is_partition || child.parent_oid != table.oid)
            continue;
        const std::string below = partitionIndexName(child, name);
        if (child.kind == 'p') {
            partitionedIndexSteps(ground, draft, child, cut, below, phase);
            draft.add(phase, "Attach the index of " + nameOf(child), fmt::format("ALTER INDEX {} ATTACH PARTITION {}", whole, sql::quoteQualified(child.schema, below)), "").no_undo_reason = "It goes with the index of the partitioned table";
            continue;
        }
        draft.index(phase, "Build the index of " + nameOf(child), fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(below), nameOf(child), cut.method, cut.tail),
                    sql::quoteQualified(child.schema, below));
        // Once attached it can only go with the whole; until then on its own.
        draft.add(phase, "Attach it", fmt::format("ALTER INDEX {} ATTACH PARTITION {}", whole, sql::quoteQualified(child.schema, below)), "DROP INDEX IF EXISTS " + whole);
    }
}

std::string partitionIndexName(const pg::CatalogRelation &partition, const std::string &whole)
{
    return objectName("p", {partition.name, whole});
}

namespace {

std::string serverName(const Ground &ground, const pg::CatalogRelation &table, const Node &statement)
{
    std::vector<std::string> columns;
    for (const Node &element : statement.list("indexParams"))
        columns.push_back(element.text("name").empty() ? "expr" : element.text("name"));
    return chosenName(ground, table, statement.text("idxname"), columns, "idx");
}

} // namespace

void replaceIndexSteps(Draft &draft, const pg::CatalogRelation &table, const pg::CatalogIndex &old, const std::string &create_tail, const std::string &method, bool unique)
{
    const std::string fresh = objectName("new", {old.name}), aside = objectName("old", {old.name});
    const auto full = [&](const std::string &name) { return sql::quoteQualified(table.schema, name); };
    draft.index(Phase::Expand, "Build the new index beside the old one", fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", unique ? "UNIQUE " : "", sql::quoteIdentifier(fresh), nameOf(table), method, create_tail), full(fresh));
    draft.add(Phase::Switch, "Give the new index the old one's name", fmt::format("ALTER INDEX {} RENAME TO {};\nALTER INDEX {} RENAME TO {}", full(old.name), sql::quoteIdentifier(aside), full(fresh), sql::quoteIdentifier(old.name)),
              fmt::format("ALTER INDEX {} RENAME TO {};\nALTER INDEX {} RENAME TO {}", full(old.name), sql::quoteIdentifier(fresh), full(aside), sql::quoteIdentifier(old.name)));
    ChangeStep &drop = draft.patient(Phase::Contract, "Drop the old index", "DROP INDEX CONCURRENTLY " + full(aside), "");
    drop.in_transaction = false;
    drop.no_undo_reason = "The new index has its name; build the old one again by hand if it is missed";
}

Result<void> createIndex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const pg::CatalogRelation &table = *wish.table;
    IndexText cut = cutCreateIndex(wish.sql);
    const std::string name = serverName(ground, table, wish.statement), full = sql::quoteQualified(table.schema, name);
    if (table.kind == 'p') {
        if (cut.only) {
            draft.approach = Approach::LeftAlone;
            draft.why = "On the partitioned table alone nothing is built";
            draft.add(Phase::Expand, "Make the index of the partitioned table alone", wish.sql, "DROP INDEX IF EXISTS " + full);
            return {};
        }
        partitionedIndexSteps(ground, draft, table, cut, name, Phase::Expand);
        draft.why = "CONCURRENTLY does not work on partitioned tables: the index is made on the parent alone, built concurrently on each partition, and attached";
        return {};
    }
    const FoundIndex found = findIndex(ground, table.schema, name);
    if (found.index != nullptr && found.index->is_valid) {
        if (!wish.statement.flag("if_not_exists"))
            return refuse("relation \"" + name + "\" already exists", "Drop it in the same script to have it replaced", "42P07");
        draft.approach = Approach::LeftAlone;
        draft.why = "The index is there and valid: nothing is to be done";
        return {};
    }
    if (found.index != nullptr) {
        ChangeStep &drop = draft.patient(Phase::Expand, "Drop the invalid index " + full, "DROP INDEX CONCURRENTLY IF EXISTS " + full, "");
        drop.in_transaction = false;
        drop.no_undo_reason = "It was invalid: no query could use it";
        draft.notes.push_back("An invalid index of this name is left from a build that was broken off; IF NOT EXISTS would have skipped the new one.");
    }
    ChangeStep &step = draft.index(Phase::Expand, "Build the index " + sql::quoteIdentifier(name), fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(name), nameOf(table), cut.method, cut.tail), full);
    if (wish.statement.flag("concurrent") && found.index == nullptr) {
        draft.approach = wish.statement.flag("if_not_exists") ? Approach::Recipe : Approach::LeftAlone;
        draft.why = wish.statement.flag("if_not_exists") ? "IF NOT EXISTS would skip an invalid index that a broken build left; here it is dropped and built again" : "It is concurrent already";
    } else {
        draft.why = "Built CONCURRENTLY, reads and writes go on; what a broken build leaves is dropped before the next try";
    }
    if (cut.unique)
        step.note += " It fails when two rows are equal in these columns.";
    return {};
}

Result<void> dropIndex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    for (const Node &object : wish.statement.list("objects")) {
        const Node list = object;
        std::vector<std::string> parts = list.names("items");
        if (parts.empty())
            continue;
        const FoundIndex found = findIndex(ground, parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back());
        if (found.index == nullptr) {
            if (wish.statement.flag("missing_ok")) {
                draft.notes.push_back("There is no index " + parts.back() + ": nothing is to be done.");
                continue;
            }
            return refuse("index \"" + parts.back() + "\" does not exist", {}, "42704");
        }
        const std::string full = sql::quoteQualified(found.table->schema, found.index->name);
        if (found.table->kind == 'p') {
            draft.add(Phase::Contract, "Drop the index " + full, "DROP INDEX " + full, "").no_undo_reason = "Build it again partition by partition";
            draft.notes.emplace_back("DROP INDEX CONCURRENTLY does not work on partitioned tables; it is brief, but reads and writes of the table wait for it.");
            continue;
        }
        ChangeStep &step = draft.patient(Phase::Contract, "Drop the index " + full, "DROP INDEX CONCURRENTLY IF EXISTS " + full, concurrently(found.index->definition));
        step.in_transaction = false;
        step.note = "The way back builds it anew.";
    }
    draft.why = "Dropped CONCURRENTLY, reads and writes of the table go on";
    return {};
}

Result<void> reindex(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const std::string kind = wish.statement.text("kind");
    const auto words = wordsOf(wish.sql);
    std::size_t at = 0; // CONCURRENTLY stands behind the kind of object
    static const std::vector<std::string> kinds{"index", "table", "schema", "database"};
    while (at < words.size() && std::find(kinds.begin(), kinds.end(), words[at].text) == kinds.end())
        ++at;
    if (kind == "REINDEX_OBJECT_SYSTEM" || at >= words.size()) {
        draft.approach = Approach::NoSafePath;
        draft.why = "System catalogs cannot be reindexed concurrently";
        draft.patient(Phase::Expand, "Reindex", wish.sql, "").in_transaction = false;
        draft.steps.back().no_undo_reason = "Nothing to take back";
        return {};
    }
    const bool already = at + 1 < words.size() && words[at + 1].text == "concurrently";
    const std::string sql = already ? wish.sql : wish.sql.substr(0, words[at].span.end.value) + " CONCURRENTLY" + wish.sql.substr(words[at].span.end.value);
    ChangeStep &step = draft.patient(Phase::Expand, "Build the indexes anew", sql, "");
    step.in_transaction = false;
    step.no_undo_reason = "Nothing to take back: the indexes are the same";
    std::vector<std::string> leftovers;
    const Node relation = wish.statement.get("relation");
    if (kind == "REINDEX_OBJECT_INDEX") {
        const FoundIndex found = findIndex(ground, relation.text("schemaname"), relation.text("relname"));
        if (found.index == nullptr)
            return refuse("relation \"" + relation.text("relname") + "\" does not exist", {}, "42P01");
        leftovers.push_back(sql::quoteQualified(found.table->schema, found.index->name + "_ccnew"));
        step.check_after = fmt::format("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({})", sql::quoteLiteral(sql::quoteQualified(found.table->schema, found.index->name)));
    } else if (const pg::CatalogRelation *table = ground.find(relation)) {
        for (const pg::CatalogIndex &index : table->indexes)
            leftovers.push_back(sql::quoteQualified(table->schema, index.name + "_ccnew"));
    }
    for (const std::string &name : leftovers)
        step.repair_sql += (step.repair_sql.empty() ? "DROP INDEX CONCURRENTLY IF EXISTS " : ";\nDROP INDEX CONCURRENTLY IF EXISTS ") + name;
    draft.approach = already ? Approach::LeftAlone : Approach::Recipe;
    draft.why = already ? "It is concurrent already" : "CONCURRENTLY builds new indexes beside the old ones while reads and writes go on";
    return {};
}

Result<void> refreshView(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const pg::CatalogRelation *view = ground.find(wish.statement.get("relation"));
    if (view == nullptr)
        return refuse("relation \"" + wish.statement.get("relation").text("relname") + "\" does not exist", {}, "42P01");
    const bool unique = std::any_of(view->indexes.begin(), view->indexes.end(), [](const pg::CatalogIndex &index) {
        return index.is_unique && index.is_valid && index.definition.find(" WHERE ") == std::string::npos && std::find(index.key_columns.begin(), index.key_columns.end(), 0) == index.key_columns.end();
    });
    if (wish.statement.flag("concurrent") || wish.statement.flag("skipData") || !unique) {
        draft.approach = unique || wish.statement.flag("skipData") ? Approach::LeftAlone : Approach::NoSafePath;
        draft.why = wish.statement.flag("concurrent") ? "Readers of the view go on" : "CONCURRENTLY needs a unique index on plain columns of the view: give it one, and readers go on while it is refreshed";
        draft.add(Phase::Expand, "Refresh the view", wish.sql, "").no_undo_reason = "The rows before are gone";
        return {};
    }
    draft.add(Phase::Expand, "Refresh the view beside its readers", "REFRESH MATERIALIZED VIEW CONCURRENTLY " + nameOf(*view), "").no_undo_reason = "The rows before are gone";
    draft.steps.back().lock_policy = LockPolicy::Patient;
    draft.why = "Refreshed CONCURRENTLY, readers of the view go on";
    return {};
}

} // namespace howdah::migration::recipes
