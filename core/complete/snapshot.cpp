// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/snapshot.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace howdah::complete {

namespace {

const std::vector<pg::CatalogRelation> no_relations;
const std::vector<ForeignKey> no_keys;
const std::vector<const pg::CatalogFunction *> no_functions;

std::string qualified(std::string_view schema, std::string_view name)
{
    std::string key(schema);
    key += '\0';
    key += name;
    return key;
}

} // namespace

std::shared_ptr<const Snapshot> Snapshot::of(std::shared_ptr<const pg::Catalog> catalog)
{
    // Pages of one connection share it. A snapshot keeps its catalog, so an address stands for one catalog while it lives.
    static const auto nothing = std::make_shared<const pg::Catalog>();
    static std::mutex mutex;
    static std::map<const pg::Catalog *, std::weak_ptr<const Snapshot>> made;
    if (!catalog)
        catalog = nothing;
    const std::lock_guard lock(mutex);
    std::erase_if(made, [](const auto &entry) { return entry.second.expired(); });
    std::weak_ptr<const Snapshot> &known = made[catalog.get()];
    std::shared_ptr<const Snapshot> snapshot = known.lock();
    if (!snapshot)
        known = snapshot = std::shared_ptr<const Snapshot>(new Snapshot(std::move(catalog)));
    return snapshot;
}

Snapshot::Snapshot(std::shared_ptr<const pg::Catalog> catalog) : catalog_(std::move(catalog)), words_(catalog_->words)
{
    if (!words_)
        words_ = builtInWords();
    const bool has_system = catalog_->find("pg_catalog", "pg_class") != nullptr;
    system_relations_ = has_system ? &no_relations : &words_->system_relations;
    for (const auto &relation : *system_relations_)
        system_by_name_.emplace(qualified(relation.schema, relation.name), &relation);
    for (const auto &relation : catalog_->relations) {
        for (const auto &constraint : relation.constraints) {
            const auto *referenced = constraint.type == 'f' ? catalog_->find(constraint.referenced_oid) : nullptr;
            if (referenced == nullptr)
                continue;
            const ForeignKey key{&relation, referenced, &constraint};
            keys_[relation.oid].push_back(key);
            if (referenced != &relation)
                keys_[referenced->oid].push_back(key);
        }
    }
    addFunctions(catalog_->functions);
    addFunctions(words_->functions);
    for (const auto &type : words_->types) {
        types_.emplace(type.spelling, &type);
        types_.emplace(qualified(type.schema, type.name), &type);
    }
    for (const auto &schema : catalog_->schemas)
        schemas_.insert(schema.name);
    schemas_.insert({"pg_catalog", "information_schema"});
}

void Snapshot::addFunctions(const std::vector<pg::CatalogFunction> &functions)
{
    for (const auto &function : functions) {
        auto &same = functions_[function.name];
        // With the system's schemas read, the catalog holds pg_catalog's functions as well.
        if (std::ranges::none_of(same, [&](const auto *other) { return other->oid == function.oid && function.oid != 0; }))
            same.push_back(&function);
    }
}

const pg::CatalogRelation *Snapshot::relation(std::string_view schema, std::string_view name) const
{
    const auto system = [&](std::string_view in) -> const pg::CatalogRelation * {
        const auto found = system_by_name_.find(qualified(in, name));
        return found == system_by_name_.end() ? nullptr : found->second;
    };
    if (const auto *found = catalog_->find(schema, name))
        return found;
    return system(schema.empty() ? std::string_view("pg_catalog") : schema);
}

const std::vector<ForeignKey> &Snapshot::foreignKeys(std::uint32_t oid) const
{
    const auto found = keys_.find(oid);
    return found == keys_.end() ? no_keys : found->second;
}

const std::vector<const pg::CatalogFunction *> &Snapshot::functionsNamed(std::string_view name) const
{
    const auto found = functions_.find(std::string(name));
    return found == functions_.end() ? no_functions : found->second;
}

bool Snapshot::onPath(std::string_view schema) const
{
    return schema == "pg_catalog" || std::ranges::find(catalog_->search_path, schema) != catalog_->search_path.end();
}

bool Snapshot::hasSchema(std::string_view name) const
{
    return schemas_.contains(std::string(name));
}

bool Snapshot::isVisible(const pg::CatalogRelation &relation) const
{
    return onPath(relation.schema) && this->relation({}, relation.name) == &relation;
}

const pg::CatalogType *Snapshot::type(std::string_view schema, std::string_view spelling) const
{
    const auto found = types_.find(schema.empty() ? std::string(spelling) : qualified(schema, spelling));
    return found == types_.end() ? nullptr : found->second;
}

} // namespace howdah::complete
