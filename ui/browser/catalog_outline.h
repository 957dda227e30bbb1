// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QString>

#include "core/pg/catalog.h"

namespace howdah::ui {

/// What a schema's objects are sorted into. The order is the tree's.
enum class SchemaGroup : std::uint8_t { Tables, Views, MaterializedViews, ForeignTables, Sequences, Functions };
inline constexpr std::size_t schema_group_count = 6;

/// One schema and what is in it, as positions in Catalog::relations and Catalog::functions. Partitions are not
/// members: they stand under their parent.
struct SchemaOutline {
    std::uint32_t schema = 0; ///< position in Catalog::schemas
    std::int64_t bytes = 0;   ///< tables and materialized views with their indexes, partitions counted at their parent
    std::array<std::vector<std::uint32_t>, schema_group_count> members;
};

/// A catalog snapshot sorted for the tree, in one pass: members of every schema, partitions of every parent, sizes
/// with partitions. Immutable, shared across threads like the snapshot.
class CatalogOutline
{
public:
    CatalogOutline(std::shared_ptr<const pg::Catalog> catalog, QString database, bool with_system_schemas);

    [[nodiscard]] const pg::Catalog &catalog() const { return *catalog_; }
    [[nodiscard]] const QString &database() const { return database_; }
    /// Schemas of the search path first, then by name, system schemas last.
    [[nodiscard]] const std::vector<SchemaOutline> &schemas() const { return schemas_; }
    /// Partitions attached directly to that relation (position in Catalog::relations), in the catalog's order.
    [[nodiscard]] const std::vector<std::uint32_t> &partitions(std::uint32_t relation) const;
    /// Table and indexes, and those of all partitions below.
    [[nodiscard]] std::int64_t totalBytes(std::uint32_t relation) const { return total_bytes_[relation]; }
    /// The partitioned table it is attached to, where that is in the snapshot.
    [[nodiscard]] const pg::CatalogRelation *parent(const pg::CatalogRelation &relation) const;
    [[nodiscard]] std::uint32_t position(const pg::CatalogRelation &relation) const;
    [[nodiscard]] bool isShown(std::uint32_t schema) const { return shown_[schema]; }
    /// Position of a schema by name, or nothing.
    [[nodiscard]] const SchemaOutline *schema(std::string_view name) const;
    [[nodiscard]] static SchemaGroup groupOf(const pg::CatalogRelation &relation);

private:
    void sortMembers(bool with_system_schemas);
    void orderSchemas();
    void sumSizes();

    std::shared_ptr<const pg::Catalog> catalog_;
    QString database_;
    std::vector<SchemaOutline> schemas_;
    std::vector<bool> shown_;
    std::vector<std::int64_t> total_bytes_;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> partitions_; ///< by position of the parent
};

} // namespace howdah::ui
