// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace howdah::ui {

enum class NodeKind : std::uint8_t { Database, Schema, Group, Relation, Column, Index, Constraint, Function, Extension };

/// Which group a NodeKind::Group is. The first six are SchemaGroup, in its order.
enum class NodeGroup : std::uint8_t {
    Tables, Views, MaterializedViews, ForeignTables, Sequences, Functions,
    Extensions,                                ///< of the database
    Columns, Indexes, Constraints, Partitions, ///< of a relation
    None
};

/// One row of the tree. Its children are made when they are first asked for, all at once, and never move.
struct ObjectNode {
    NodeKind kind = NodeKind::Database;
    NodeGroup group = NodeGroup::None;
    bool populated = false;
    bool found = false;      ///< stands in the list of search results, so it has to say where it belongs
    /// Position in Catalog::schemas, relations, functions or extensions; of a group, that of what it belongs to.
    std::uint32_t index = 0;
    std::uint32_t item = 0;  ///< position in the relation's columns, indexes or constraints
    ObjectNode *parent = nullptr;
    std::vector<ObjectNode> children;
};

/// Names a row across snapshots of the catalog, in which positions change.
struct ObjectKey {
    NodeKind kind = NodeKind::Database;
    NodeGroup group = NodeGroup::None;
    std::string schema;
    std::string name; ///< relation, function, extension
    std::string item; ///< column, index, constraint, or a function's arguments
    auto operator<=>(const ObjectKey &) const = default;
};

} // namespace howdah::ui
