// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/catalog_json.h"

#include <nlohmann/json.hpp>

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;

void put(Json &object, const char *key, const std::string &value)
{
    if (!value.empty())
        object[key] = value;
}

Json columnJson(const pg::CatalogColumn &column)
{
    Json object{{"name", column.name}, {"type", column.type}, {"attnum", column.attnum}, {"not_null", column.not_null}};
    if (column.is_identity)
        object["is_identity"] = true;
    if (column.is_generated)
        object["is_generated"] = true;
    put(object, "default_expr", column.default_expr);
    put(object, "comment", column.comment);
    return object;
}

Json indexJson(const pg::CatalogIndex &index)
{
    return {{"oid", index.oid},
            {"name", index.name},
            {"access_method", index.access_method},
            {"definition", index.definition},
            {"size_bytes", index.size_bytes},
            {"scans", index.scans},
            {"is_unique", index.is_unique},
            {"is_primary", index.is_primary},
            {"is_valid", index.is_valid},
            {"key_columns", index.key_columns}};
}

Json constraintJson(const pg::CatalogConstraint &constraint)
{
    Json object{{"name", constraint.name},
                {"type", std::string(1, constraint.type)},
                {"definition", constraint.definition},
                {"validated", constraint.validated},
                {"columns", constraint.columns}};
    if (constraint.referenced_oid != 0) {
        object["referenced_oid"] = constraint.referenced_oid;
        object["referenced_columns"] = constraint.referenced_columns;
    }
    return object;
}

Json relationJson(const pg::CatalogRelation &relation)
{
    Json object{{"oid", relation.oid}, {"schema", relation.schema}, {"name", relation.name}, {"kind", kindName(relation.kind)}, {"owner", relation.owner}};
    if (relation.is_partition)
        object["is_partition"] = true;
    if (relation.parent_oid != 0)
        object["parent_oid"] = relation.parent_oid;
    put(object, "partition_bound", relation.partition_bound);
    put(object, "partition_key", relation.partition_key);
    put(object, "comment", relation.comment);
    object["size_bytes"] = relation.size_bytes;
    object["index_bytes"] = relation.index_bytes;
    if (relation.estimated_rows >= 0)
        object["estimated_rows"] = relation.estimated_rows;
    object["columns"] = Json::array();
    for (const pg::CatalogColumn &column : relation.columns)
        object["columns"].push_back(columnJson(column));
    object["indexes"] = Json::array();
    for (const pg::CatalogIndex &index : relation.indexes)
        object["indexes"].push_back(indexJson(index));
    object["constraints"] = Json::array();
    for (const pg::CatalogConstraint &constraint : relation.constraints)
        object["constraints"].push_back(constraintJson(constraint));
    if (relation.last_analyze)
        object["last_analyze"] = *relation.last_analyze;
    if (relation.last_vacuum)
        object["last_vacuum"] = *relation.last_vacuum;
    object["modified_since_analyze"] = relation.modified_since_analyze;
    object["live_tuples"] = relation.live_tuples;
    object["dead_tuples"] = relation.dead_tuples;
    return object;
}

Json functionJson(const pg::CatalogFunction &function)
{
    Json object{{"oid", function.oid},       {"schema", function.schema},           {"name", function.name},        {"arguments", function.arguments},
                {"result", function.result}, {"kind", std::string(1, function.kind)}, {"language", function.language}};
    put(object, "comment", function.comment);
    return object;
}

} // namespace

const char *kindName(char relkind)
{
    switch (relkind) {
    case 'r':
        return "table";
    case 'p':
        return "partitioned";
    case 'v':
        return "view";
    case 'm':
        return "matview";
    case 'f':
        return "foreign";
    case 'S':
        return "sequence";
    default:
        return "other";
    }
}

std::string catalogJson(const pg::Catalog &catalog, const CatalogSelection &selection, const pg::ServerFacts &facts)
{
    Json document{{"database", facts.database},
                  {"server_version_num", facts.version_num},
                  {"database_bytes", catalog.database_bytes},
                  {"read_ms", catalog.read_ms},
                  {"search_path", catalog.search_path},
                  {"schemas", Json::array()},
                  {"extensions", Json::array()},
                  {"relations", Json::array()},
                  {"functions", Json::array()}};
    for (const pg::CatalogSchema &schema : catalog.schemas)
        document["schemas"].push_back({{"oid", schema.oid}, {"name", schema.name}, {"owner", schema.owner}, {"is_system", schema.is_system}});
    for (const pg::CatalogExtension &extension : catalog.extensions)
        document["extensions"].push_back({{"name", extension.name}, {"schema", extension.schema}, {"version", extension.version}});
    for (const pg::CatalogRelation *relation : selection.relations)
        document["relations"].push_back(relationJson(*relation));
    for (const pg::CatalogFunction *function : selection.functions)
        document["functions"].push_back(functionJson(*function));
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace howdah::cli
