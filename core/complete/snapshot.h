// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/pg/catalog.h"
#include "core/pg/catalog_words.h"

namespace howdah::complete {

/// A foreign key as seen from either side; it lives in the catalog.
struct ForeignKey {
    const pg::CatalogRelation *referencing = nullptr;
    const pg::CatalogRelation *referenced = nullptr;
    const pg::CatalogConstraint *constraint = nullptr;
};

/// A catalog with what completion looks up in it; immutable, shared across threads. Made once for a catalog, off the
/// GUI thread: linear in relations and constraints, 1 ms for 5,000 tables.
class Snapshot
{
public:
    /// A null catalog knows the built-in functions and types only.
    /// Asked for again while it is in use, the same one is given.
    [[nodiscard]] static std::shared_ptr<const Snapshot> of(std::shared_ptr<const pg::Catalog> catalog);

    [[nodiscard]] const pg::Catalog &catalog() const { return *catalog_; }
    [[nodiscard]] const pg::CatalogWords &words() const { return *words_; }
    /// The system's relations, unless they are among the catalog's own.
    [[nodiscard]] const std::vector<pg::CatalogRelation> &systemRelations() const { return *system_relations_; }
    /// Null when unknown; an empty schema searches the search_path.
    [[nodiscard]] const pg::CatalogRelation *relation(std::string_view schema, std::string_view name) const;
    /// Those of the relation and those that reference it.
    [[nodiscard]] const std::vector<ForeignKey> &foreignKeys(std::uint32_t oid) const;
    /// All of that name, in any schema.
    [[nodiscard]] const std::vector<const pg::CatalogFunction *> &functionsNamed(std::string_view name) const;
    [[nodiscard]] bool onPath(std::string_view schema) const;
    [[nodiscard]] bool hasSchema(std::string_view name) const;
    /// Whether an unqualified name finds this relation, and none before it on the search_path.
    [[nodiscard]] bool isVisible(const pg::CatalogRelation &relation) const;
    [[nodiscard]] const pg::CatalogType *type(std::string_view schema, std::string_view spelling) const;

private:
    explicit Snapshot(std::shared_ptr<const pg::Catalog> catalog);
    void addFunctions(const std::vector<pg::CatalogFunction> &functions);

    std::shared_ptr<const pg::Catalog> catalog_;
    std::shared_ptr<const pg::CatalogWords> words_;
    const std::vector<pg::CatalogRelation> *system_relations_;
    std::unordered_map<std::string, const pg::CatalogRelation *> system_by_name_;
    std::unordered_map<std::uint32_t, std::vector<ForeignKey>> keys_;
    std::unordered_map<std::string, std::vector<const pg::CatalogFunction *>> functions_;
    std::unordered_map<std::string, const pg::CatalogType *> types_;
    std::unordered_set<std::string> schemas_;
};

/// What every server has, for when there is none: common functions, types and settings.
[[nodiscard]] std::shared_ptr<const pg::CatalogWords> builtInWords();

} // namespace howdah::complete
