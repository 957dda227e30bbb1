// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_sql.h"

#include <algorithm>
#include <vector>

#include "core/sql/quote.h"

namespace howdah::ui {

namespace {

std::string relationName(const CatalogOutline &outline, const pg::CatalogRelation &relation)
{
    const bool is_found = outline.catalog().find({}, relation.name) == &relation;
    return sql::quoteQualified(is_found ? std::string_view() : std::string_view(relation.schema), relation.name);
}

/// A type as a comment may hold it: a quoted type name may contain anything, a line break too.
std::string inComment(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
}

std::string withLimit(int limit)
{
    return limit > 0 ? "\nLIMIT " + std::to_string(limit) + ";" : ";";
}

bool searchPathHas(const pg::Catalog &catalog, const std::string &schema)
{
    return std::find(catalog.search_path.begin(), catalog.search_path.end(), schema) != catalog.search_path.end();
}

} // namespace

std::string qualifiedName(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    switch (node.kind) {
    case NodeKind::Relation: return sql::quoteQualified(catalog.relations[node.index].schema, catalog.relations[node.index].name);
    case NodeKind::Column: {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        return sql::quoteQualified(relation.schema, relation.name) + "." + sql::quoteIdentifier(relation.columns[node.item].name);
    }
    case NodeKind::Index: {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        return sql::quoteQualified(relation.schema, relation.indexes[node.item].name);
    }
    case NodeKind::Function: return sql::quoteQualified(catalog.functions[node.index].schema, catalog.functions[node.index].name);
    default: return nameInSql(outline, node);
    }
}

std::string nameInSql(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    switch (node.kind) {
    case NodeKind::Database: return sql::quoteIdentifier(outline.database().toStdString());
    case NodeKind::Schema: return sql::quoteIdentifier(catalog.schemas[node.index].name);
    case NodeKind::Group: return {};
    case NodeKind::Relation: return relationName(outline, catalog.relations[node.index]);
    case NodeKind::Column: return sql::quoteIdentifier(catalog.relations[node.index].columns[node.item].name);
    case NodeKind::Index: {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        return sql::quoteQualified(searchPathHas(catalog, relation.schema) ? std::string_view() : relation.schema,
                                   relation.indexes[node.item].name);
    }
    case NodeKind::Constraint: return sql::quoteIdentifier(catalog.relations[node.index].constraints[node.item].name);
    case NodeKind::Function: {
        const pg::CatalogFunction &function = catalog.functions[node.index];
        return sql::quoteQualified(searchPathHas(catalog, function.schema) ? std::string_view() : function.schema, function.name);
    }
    case NodeKind::Extension: return sql::quoteIdentifier(catalog.extensions[node.index].name);
    }
    return {};
}

std::string selectRows(const CatalogOutline &outline, const pg::CatalogRelation &relation, int limit)
{
    return "SELECT *\nFROM " + relationName(outline, relation) + withLimit(limit) + "\n";
}

std::string selectColumns(const CatalogOutline &outline, const pg::CatalogRelation &relation, int limit)
{
    std::string columns;
    for (const pg::CatalogColumn &column : relation.columns)
        columns += (columns.empty() ? "" : ",\n       ") + sql::quoteIdentifier(column.name);
    return "SELECT " + columns + "\nFROM " + relationName(outline, relation) + withLimit(limit) + "\n";
}

std::string insertTemplate(const CatalogOutline &outline, const pg::CatalogRelation &relation)
{
    std::vector<const pg::CatalogColumn *> wanted;
    for (const pg::CatalogColumn &column : relation.columns) {
        if (!column.is_generated && !column.is_identity)
            wanted.push_back(&column);
    }
    const std::string name = relationName(outline, relation);
    if (wanted.empty())
        return "INSERT INTO " + name + " DEFAULT VALUES;\n";
    std::string columns, values;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const pg::CatalogColumn &column = *wanted[i];
        columns += (i == 0 ? "" : ", ") + sql::quoteIdentifier(column.name);
        values += std::string("    ") + (column.default_expr.empty() ? "NULL" : "DEFAULT") + (i + 1 < wanted.size() ? "," : "") +
                  "  -- " + inComment(column.name + " " + column.type) + (column.not_null ? ", not null" : "") + "\n";
    }
    return "INSERT INTO " + name + " (" + columns + ")\nVALUES (\n" + values + ");\n";
}

std::string definition(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    if (node.kind == NodeKind::Index)
        return catalog.relations[node.index].indexes[node.item].definition + ";\n";
    if (node.kind == NodeKind::Constraint) {
        const pg::CatalogRelation &relation = catalog.relations[node.index];
        const pg::CatalogConstraint &constraint = relation.constraints[node.item];
        return "ALTER TABLE " + sql::quoteQualified(relation.schema, relation.name) + "\n    ADD CONSTRAINT " +
               sql::quoteIdentifier(constraint.name) + " " + constraint.definition + ";\n";
    }
    return {};
}

std::string definitionQuery(const CatalogOutline &outline, const ObjectNode &node)
{
    const pg::Catalog &catalog = outline.catalog();
    if (node.kind == NodeKind::Function) {
        const pg::CatalogFunction &function = catalog.functions[node.index];
        if (function.kind == 'a')
            return {}; // pg_get_functiondef refuses aggregates
        return "SELECT pg_catalog.pg_get_functiondef(" + std::to_string(function.oid) + ") AS definition;\n";
    }
    if (node.kind != NodeKind::Relation)
        return {};
    const pg::CatalogRelation &relation = catalog.relations[node.index];
    if (relation.kind != 'v' && relation.kind != 'm')
        return {};
    const std::string head = std::string(relation.kind == 'v' ? "CREATE OR REPLACE VIEW " : "CREATE MATERIALIZED VIEW ") +
                             sql::quoteQualified(relation.schema, relation.name) + " AS\n";
    return "SELECT " + sql::quoteLiteral(head) + " || pg_catalog.pg_get_viewdef(" + std::to_string(relation.oid) +
           ", true) AS definition;\n";
}

} // namespace howdah::ui
