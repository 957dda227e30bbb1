// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>
#include <set>

#include "core/er/layout.h"

namespace howdah::er {

namespace {

bool isTable(const pg::CatalogRelation &relation)
{
    return (relation.kind == 'r' || relation.kind == 'p' || relation.kind == 'f') && !relation.is_partition;
}

Box boxOf(const pg::CatalogRelation &relation, const Options &options)
{
    Box box;
    box.oid = relation.oid;
    box.schema = relation.schema;
    box.name = relation.name;
    box.kind = relation.kind;
    std::set<std::int16_t> keys;
    std::set<std::int16_t> foreign;
    for (const pg::CatalogConstraint &constraint : relation.constraints) {
        if (constraint.type == 'p')
            keys.insert(constraint.columns.begin(), constraint.columns.end());
        else if (constraint.type == 'f')
            foreign.insert(constraint.columns.begin(), constraint.columns.end());
    }
    std::size_t others = options.max_columns > keys.size() + foreign.size() ? options.max_columns - keys.size() - foreign.size() : 0;
    for (const pg::CatalogColumn &column : relation.columns) {
        const bool key = keys.count(column.attnum) > 0;
        const bool references = foreign.count(column.attnum) > 0;
        if (!key && !references) {
            if (others == 0) {
                ++box.hidden_columns;
                continue;
            }
            --others;
        }
        box.columns.push_back({column.name, column.type, key, references, column.not_null});
    }
    return box;
}

bool isUnique(const pg::CatalogRelation &relation, const std::vector<std::int16_t> &columns)
{
    return std::any_of(relation.indexes.begin(), relation.indexes.end(), [&](const pg::CatalogIndex &index) {
        return index.is_unique && !index.key_columns.empty() && std::all_of(index.key_columns.begin(), index.key_columns.end(), [&](std::int16_t column) {
            return std::find(columns.begin(), columns.end(), column) != columns.end();
        });
    });
}

Diagram diagramOf(std::vector<const pg::CatalogRelation *> relations, const Options &options)
{
    Diagram diagram;
    if (relations.size() > options.max_tables) {
        relations.resize(options.max_tables);
        diagram.truncated = true;
    }
    std::map<std::uint32_t, std::size_t> place;
    for (const pg::CatalogRelation *relation : relations) {
        place.emplace(relation->oid, diagram.boxes.size());
        diagram.boxes.push_back(boxOf(*relation, options));
    }
    for (const pg::CatalogRelation *relation : relations) {
        for (const pg::CatalogConstraint &constraint : relation->constraints) {
            const auto to = constraint.type == 'f' ? place.find(constraint.referenced_oid) : place.end();
            if (to == place.end())
                continue;
            Edge edge;
            edge.from = place.at(relation->oid);
            edge.to = to->second;
            edge.name = constraint.name;
            edge.unique = isUnique(*relation, constraint.columns);
            edge.optional = std::any_of(relation->columns.begin(), relation->columns.end(), [&](const pg::CatalogColumn &column) {
                return !column.not_null && std::find(constraint.columns.begin(), constraint.columns.end(), column.attnum) != constraint.columns.end();
            });
            diagram.edges.push_back(std::move(edge));
        }
    }
    layOut(diagram);
    return diagram;
}

} // namespace

Diagram diagramOfSchema(const pg::Catalog &catalog, const std::string &schema, const Options &options)
{
    std::vector<const pg::CatalogRelation *> relations;
    for (const pg::CatalogRelation &relation : catalog.relations) {
        if (relation.schema == schema && isTable(relation))
            relations.push_back(&relation);
    }
    return diagramOf(std::move(relations), options);
}

Diagram diagramAround(const pg::Catalog &catalog, std::uint32_t oid, int distance, const Options &options)
{
    const pg::CatalogRelation *start = catalog.find(oid);
    while (start != nullptr && start->is_partition && catalog.find(start->parent_oid) != nullptr)
        start = catalog.find(start->parent_oid);
    if (start == nullptr)
        return {};
    std::set<std::uint32_t> chosen{start->oid};
    for (int step = 0; step < distance; ++step) {
        std::set<std::uint32_t> next = chosen;
        for (const pg::CatalogRelation &relation : catalog.relations) {
            if (!isTable(relation))
                continue;
            for (const pg::CatalogConstraint &constraint : relation.constraints) {
                if (constraint.type != 'f')
                    continue;
                if (chosen.count(relation.oid))
                    next.insert(constraint.referenced_oid);
                if (chosen.count(constraint.referenced_oid))
                    next.insert(relation.oid);
            }
        }
        chosen = std::move(next);
    }
    std::vector<const pg::CatalogRelation *> relations{start};
    for (const pg::CatalogRelation &relation : catalog.relations) {
        if (&relation != start && chosen.count(relation.oid) && isTable(relation))
            relations.push_back(&relation);
    }
    return diagramOf(std::move(relations), options);
}

} // namespace howdah::er
