// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/pg/catalog.h"

namespace howdah::er {

/// A picture of tables and the foreign keys between them. Lengths are in pixels at zoom 1, y grows downwards.
struct Column {
    std::string name;
    std::string type;
    bool is_key = false;        ///< of the primary key
    bool is_foreign_key = false;
    bool not_null = false;
};

struct Box {
    std::uint32_t oid = 0;
    std::string schema;
    std::string name;
    char kind = 'r';
    std::vector<Column> columns; ///< keys first where they were cut; see hidden_columns
    int hidden_columns = 0;
    double x = 0, y = 0, width = 0, height = 0;
    int layer = 0;              ///< column of the picture, from the left; what references stands right of what is referenced
};

struct Point {
    double x = 0, y = 0;
};

struct Edge {
    std::size_t from = 0;       ///< the box with the foreign key
    std::size_t to = 0;         ///< the box that it references
    std::string name;           ///< of the constraint
    bool optional = false;      ///< the key may be null: "zero or one" at the referenced end
    bool unique = false;        ///< at most one row references: no crow's foot
    std::vector<Point> path;    ///< horizontal and vertical pieces, from `from` to `to`
};

struct Diagram {
    std::vector<Box> boxes;
    std::vector<Edge> edges;
    double width = 0, height = 0;
    bool truncated = false;     ///< there were more tables than Options::max_tables
};

struct Options {
    std::size_t max_tables = 400;
    std::size_t max_columns = 12; ///< a box shows; keys always
};

inline constexpr double head_height = 30;
inline constexpr double row_height = 20;
inline constexpr double character_width = 7.2; ///< what boxes reckon with; the picture's text is made to fit

/// Tables and foreign keys of one schema; partitions are left to their parents.
[[nodiscard]] Diagram diagramOfSchema(const pg::Catalog &catalog, const std::string &schema, const Options &options = {});
/// A table and what foreign keys connect with it, in any schema, up to `distance` steps away.
[[nodiscard]] Diagram diagramAround(const pg::Catalog &catalog, std::uint32_t relation, int distance = 1, const Options &options = {});

/// Places boxes in layers along the foreign keys and routes the edges. The same input gives the same picture.
void layOut(Diagram &diagram);

} // namespace howdah::er
