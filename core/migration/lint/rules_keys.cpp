// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/words.h"
#include "core/pg/catalog.h"
#include "core/sql/quote.h"

namespace howdah::migration::linting {

namespace {

constexpr const char *keys_page = "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK";

/// Method and predicate of an index, from the catalog or the script.
IndexFacts factsOf(const Script &script, const Relation &table, const Relation &index)
{
    if (const auto made = script.indexes.find(&index); made != script.indexes.end())
        return made->second;
    IndexFacts facts;
    facts.method = "btree";
    facts.has_predicate = false;
    const pg::CatalogRelation *relation = script.options->catalog == nullptr ? nullptr : script.options->catalog->find(table.oid);
    for (const pg::CatalogIndex &known : relation == nullptr ? std::vector<pg::CatalogIndex>() : relation->indexes) {
        if (known.oid != index.oid)
            continue;
        facts.method = known.is_valid ? known.access_method : "";
        const std::size_t where = known.definition.find(" WHERE ");
        facts.has_predicate = where != std::string::npos;
        // "(column IS NOT NULL)" as pg_get_indexdef writes it
        for (const Column &column : table.columns) {
            if (facts.has_predicate && known.definition.substr(where + 7) == "(" + sql::quoteIdentifier(column.name) + " IS NOT NULL)")
                facts.not_null.insert(column.name);
        }
    }
    return facts;
}

/// Whether a lookup of the key's rows can use the index: its first columns are the key's, in any order.
bool serves(const Script &script, const Relation &table, const Relation &index, const std::vector<std::string> &columns)
{
    if (!index.alive || index.keys.size() < columns.size()
        || !std::is_permutation(columns.begin(), columns.end(), index.keys.begin(), index.keys.begin() + static_cast<std::ptrdiff_t>(columns.size())))
        return false;
    const IndexFacts facts = factsOf(script, table, index);
    if (facts.method != "btree" && !(facts.method == "hash" && columns.size() == 1))
        return false;
    // a key's lookup never asks for nulls
    return !facts.has_predicate || (!facts.not_null.empty() && std::all_of(facts.not_null.begin(), facts.not_null.end(), [&](const std::string &column) {
        return std::find(columns.begin(), columns.end(), column) != columns.end();
    }));
}

/// The table of a key at the end of the script: it may have been renamed.
const Relation *tableOf(const Script &script, const AddedKey &key)
{
    if (key.table->alive)
        return key.table;
    for (const Relation &relation : script.schema->relations) {
        const bool has_key = std::any_of(relation.constraints.begin(), relation.constraints.end(), [&](const Constraint &own) { return own.type == 'f' && own.name == key.name && own.columns == key.columns; });
        if (relation.alive && has_key && relation.schema == key.table->schema)
            return &relation;
    }
    return nullptr;
}

void withoutIndex(const Script &script, Report &report)
{
    for (const AddedKey &key : script.keys) {
        const Relation *table = tableOf(script, key);
        if (table == nullptr || key.columns.empty())
            continue;
        const bool still = std::any_of(table->constraints.begin(), table->constraints.end(), [&](const Constraint &own) { return own.type == 'f' && own.columns == key.columns; });
        const bool served = std::any_of(table->indexes.begin(), table->indexes.end(), [&](const Relation *index) { return serves(script, *table, *index, key.columns); });
        if (served || !still)
            continue;
        const bool is_known = script.schema->connected() || key.new_table;
        const std::string columns = columnList(key.columns);
        report.say({is_known ? table->label() + " has no index that leads with (" + columns + "): each DELETE in " + key.referenced + " and each UPDATE of its key reads " + table->label() + " whole"
                             : "The script makes no index of " + table->label() + " that leads with (" + columns + "), and whether there is one is not known without a connection",
                    std::string("CREATE INDEX ") + (key.new_table ? "" : "CONCURRENTLY ") + "ON " + table->label() + " (" + columns + ");", {}, is_known ? LintSeverity::Warning : LintSeverity::Info},
                   key.spot);
    }
}

} // namespace

const std::vector<RuleRow> &keyRules()
{
    static const std::vector<RuleRow> rules{
        {{"foreign-key-without-index", "performance", "A foreign key without an index on its own columns", "PostgreSQL indexes the referenced side only. Without one on the referencing side its rows are looked for by reading the whole table, under a row lock.",
          "Create an index that begins with these columns before the key is used.", keys_page, LintSeverity::Warning}, nullptr, withoutIndex},
    };
    return rules;
}

} // namespace howdah::migration::linting
