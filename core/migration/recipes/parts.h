// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/migration/recipes/recipe.h"

// What hangs on columns of a table, asked of the server in the form in which it can be made again.

namespace howdah::migration::recipes {

struct ColumnPart {
    std::int16_t attnum = 0;
    std::string name, type;      ///< not quoted; format_type
    bool not_null = false;
    std::string not_null_constraint; ///< its name from 18 on, not quoted
    std::string default_expr;    ///< "" when none; a generated column's expression
    char identity = 0;           ///< a d
    char generated = 0;          ///< s v
    std::string settings;        ///< sub-commands "ALTER COLUMN {} SET STATISTICS 100", with {} for the column, comma between
    std::string comment;
    std::vector<std::string> grants; ///< "GRANT SELECT ({}) ON t TO r"
};

struct IndexPart {
    std::uint32_t oid = 0;
    std::string schema, name, definition; ///< schema and name not quoted
    bool unique = false, primary = false, valid = true;
    std::string constraint;      ///< its constraint's name, not quoted; "" when none
    char constraint_type = 0;    ///< p u x
    std::string deferrable;      ///< " DEFERRABLE INITIALLY DEFERRED" …
    bool replica_identity = false, clustered = false;
    [[nodiscard]] std::string sql() const;
};

struct ConstraintPart {
    std::string name, definition; ///< name not quoted
    bool validated = true;
};

/// A foreign key of another table (or of this one) that points here.
struct IncomingKey {
    std::string table;           ///< as SQL names it
    std::string name, definition; ///< name not quoted
    bool self = false, partitioned = false, validated = true;
};

/// Something dropped and made again by the transaction that switches.
struct Dependant {
    std::string what;            ///< "view public.v"
    std::string drop;            ///< without semicolon
    std::vector<std::string> create; ///< each with its semicolon
    bool materialized = false;
};

struct TableParts {
    std::vector<ColumnPart> columns;      ///< those asked for
    std::vector<IndexPart> indexes;
    std::vector<ConstraintPart> checks, foreign_keys;
    std::vector<IncomingKey> incoming;
    std::vector<Dependant> dependants;    ///< in the order in which they are made
    std::vector<Dependant> materialized;  ///< materialized views and what stands on them, the same
    std::vector<std::string> generated;   ///< columns computed from one of them
    std::vector<std::string> sequences;   ///< as SQL names them, owned by a column of the same place in …
    std::vector<std::string> sequence_columns;
    std::vector<std::string> sequence_types;
    std::vector<std::string> publications; ///< those that have the whole table
    std::vector<std::string> late_triggers; ///< BEFORE ROW triggers whose names sort behind any of ours
    std::vector<std::string> update_triggers; ///< that fire for every UPDATE
    std::vector<std::string> functions;   ///< with bodies the server knows to depend on the columns
    std::vector<std::string> exclusions;
    bool inherited = false;
};

/// `columns`: not quoted; none: the table as a whole.
[[nodiscard]] Result<TableParts> partsOf(const Ground &ground, const pg::CatalogRelation &table, const std::vector<std::string> &columns);

/// Columns that are unique together, not null and served by an index, quoted; empty when there are none.
[[nodiscard]] std::vector<std::string> walkKey(const pg::CatalogRelation &table);
/// A column of the catalog; null when there is none.
[[nodiscard]] const pg::CatalogColumn *columnOf(const pg::CatalogRelation &table, std::string_view name);
[[nodiscard]] std::string nameOf(const pg::CatalogRelation &table); ///< as SQL names it, with its schema
[[nodiscard]] std::vector<const pg::CatalogRelation *> leavesOf(const Ground &ground, const pg::CatalogRelation &table);
/// The first error of a server query as a Result.
[[nodiscard]] tl::unexpected<Error> refuse(std::string message, std::string hint = {}, std::string sqlstate = {});

} // namespace howdah::migration::recipes
