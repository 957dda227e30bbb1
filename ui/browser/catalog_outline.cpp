// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/catalog_outline.h"

#include <algorithm>

namespace howdah::ui {

CatalogOutline::CatalogOutline(std::shared_ptr<const pg::Catalog> catalog, QString database, bool with_system_schemas)
    : catalog_(std::move(catalog)), database_(std::move(database)), shown_(catalog_->schemas.size(), false),
      total_bytes_(catalog_->relations.size(), 0)
{
    sortMembers(with_system_schemas);
    sumSizes();
    orderSchemas();
}

SchemaGroup CatalogOutline::groupOf(const pg::CatalogRelation &relation)
{
    switch (relation.kind) {
    case 'v': return SchemaGroup::Views;
    case 'm': return SchemaGroup::MaterializedViews;
    case 'f': return SchemaGroup::ForeignTables;
    case 'S': return SchemaGroup::Sequences;
    default: return SchemaGroup::Tables;
    }
}

void CatalogOutline::sortMembers(bool with_system_schemas)
{
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < catalog_->schemas.size(); ++i) {
        if (catalog_->schemas[i].is_system && !with_system_schemas)
            continue;
        shown_[i] = true;
        by_name.emplace(catalog_->schemas[i].name, schemas_.size());
        schemas_.push_back({static_cast<std::uint32_t>(i), 0, {}});
    }
    const auto outlineOf = [&](const std::string &name) {
        const auto found = by_name.find(name);
        return found == by_name.end() ? nullptr : &schemas_[found->second];
    };
    // Objects come by schema, so one lookup serves a whole run of them.
    const std::string *last = nullptr;
    SchemaOutline *outline = nullptr;
    for (std::size_t i = 0; i < catalog_->relations.size(); ++i) {
        const pg::CatalogRelation &relation = catalog_->relations[i];
        if (const pg::CatalogRelation *above = parent(relation)) {
            partitions_[position(*above)].push_back(static_cast<std::uint32_t>(i));
            continue;
        }
        if (last == nullptr || *last != relation.schema)
            outline = outlineOf(relation.schema);
        last = &relation.schema;
        if (outline != nullptr)
            outline->members[static_cast<std::size_t>(groupOf(relation))].push_back(static_cast<std::uint32_t>(i));
    }
    for (std::size_t i = 0; i < catalog_->functions.size(); ++i) {
        if (SchemaOutline *of = outlineOf(catalog_->functions[i].schema))
            of->members[static_cast<std::size_t>(SchemaGroup::Functions)].push_back(static_cast<std::uint32_t>(i));
    }
}

void CatalogOutline::sumSizes()
{
    for (std::size_t i = 0; i < catalog_->relations.size(); ++i) {
        const pg::CatalogRelation *relation = &catalog_->relations[i];
        const std::int64_t bytes = relation->size_bytes + relation->index_bytes;
        total_bytes_[i] += bytes;
        // A partition may itself be partitioned; the walk up is as long as the tree is deep.
        for (int depth = 0; depth < 64 && (relation = parent(*relation)) != nullptr; ++depth)
            total_bytes_[position(*relation)] += bytes;
    }
    for (SchemaOutline &outline : schemas_) {
        for (const SchemaGroup group : {SchemaGroup::Tables, SchemaGroup::MaterializedViews}) {
            for (const std::uint32_t relation : outline.members[static_cast<std::size_t>(group)])
                outline.bytes += total_bytes_[relation];
        }
    }
}

void CatalogOutline::orderSchemas()
{
    const auto rank = [&](const SchemaOutline &outline) {
        const pg::CatalogSchema &schema = catalog_->schemas[outline.schema];
        const auto &path = catalog_->search_path;
        const auto found = std::find(path.begin(), path.end(), schema.name);
        if (schema.is_system)
            return path.size() + 1;
        return static_cast<std::size_t>(found - path.begin());
    };
    std::stable_sort(schemas_.begin(), schemas_.end(),
                     [&](const SchemaOutline &a, const SchemaOutline &b) { return rank(a) < rank(b); });
}

const std::vector<std::uint32_t> &CatalogOutline::partitions(std::uint32_t relation) const
{
    static const std::vector<std::uint32_t> none;
    const auto found = partitions_.find(relation);
    return found == partitions_.end() ? none : found->second;
}

const pg::CatalogRelation *CatalogOutline::parent(const pg::CatalogRelation &relation) const
{
    return relation.is_partition && relation.parent_oid != 0 ? catalog_->find(relation.parent_oid) : nullptr;
}

std::uint32_t CatalogOutline::position(const pg::CatalogRelation &relation) const
{
    return static_cast<std::uint32_t>(&relation - catalog_->relations.data());
}

const SchemaOutline *CatalogOutline::schema(std::string_view name) const
{
    const auto found = std::find_if(schemas_.begin(), schemas_.end(), [&](const SchemaOutline &outline) {
        return catalog_->schemas[outline.schema].name == name;
    });
    return found == schemas_.end() ? nullptr : &*found;
}

} // namespace howdah::ui
