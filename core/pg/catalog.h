// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {

class Connection;
struct CatalogWords;

// An immutable snapshot of the catalog, read in a handful of queries and shared across threads as
// shared_ptr<const Catalog>. Names follow pg_catalog.

struct CatalogColumn {
    std::string name;
    std::string type;             ///< format_type(atttypid, atttypmod)
    std::int16_t attnum = 0;
    bool not_null = false;
    bool is_identity = false;
    bool is_generated = false;
    std::string default_expr;     ///< pg_get_expr, "" when none
    std::string comment;
};

struct CatalogIndex {
    std::uint32_t oid = 0;
    std::string name;
    std::string access_method;    ///< btree, gin …
    std::string definition;       ///< pg_get_indexdef
    std::int64_t size_bytes = 0;
    std::int64_t scans = 0;       ///< pg_stat_all_indexes.idx_scan
    bool is_unique = false;
    bool is_primary = false;
    bool is_valid = true;         ///< pg_index.indisvalid and indisready
    std::vector<std::int16_t> key_columns; ///< attnums; 0 for an expression
};

struct CatalogConstraint {
    std::string name;
    char type = 0;                ///< pg_constraint.contype: p u f c x n t
    std::string definition;       ///< pg_get_constraintdef
    bool validated = true;
    std::uint32_t referenced_oid = 0;              ///< for foreign keys
    std::vector<std::int16_t> columns;             ///< conkey
    std::vector<std::int16_t> referenced_columns;  ///< confkey
};

/// Anything in pg_class that people name: tables, views, materialized views, sequences, foreign tables.
struct CatalogRelation {
    std::uint32_t oid = 0;
    std::string schema;
    std::string name;
    char kind = 'r';              ///< pg_class.relkind: r p v m f S
    bool is_partition = false;
    std::uint32_t parent_oid = 0; ///< the partitioned table this one is attached to
    std::string partition_bound;  ///< pg_get_expr(relpartbound)
    std::string partition_key;    ///< pg_get_partkeydef, for kind 'p'
    std::int64_t size_bytes = 0;  ///< pg_table_size of the relation itself (0 for a parent)
    std::int64_t index_bytes = 0; ///< pg_indexes_size
    double estimated_rows = -1;   ///< pg_class.reltuples; -1: never vacuumed or analysed
    std::string owner;
    std::string comment;
    std::vector<CatalogColumn> columns;
    std::vector<CatalogIndex> indexes;
    std::vector<CatalogConstraint> constraints;
    // pg_stat_all_tables; absent where there are none
    std::optional<std::string> last_analyze;       ///< the later of last_analyze and last_autoanalyze
    std::optional<std::string> last_vacuum;
    std::int64_t modified_since_analyze = 0;       ///< n_mod_since_analyze
    std::int64_t live_tuples = 0;
    std::int64_t dead_tuples = 0;
};

struct CatalogFunction {
    std::uint32_t oid = 0;
    std::string schema;
    std::string name;
    std::string arguments;        ///< pg_get_function_arguments
    std::string result;           ///< pg_get_function_result
    char kind = 'f';              ///< pg_proc.prokind: f p a w
    std::string language;
    std::string comment;
};

struct CatalogSchema {
    std::uint32_t oid = 0;
    std::string name;
    std::string owner;
    bool is_system = false;       ///< pg_catalog, information_schema, pg_toast …
};

struct CatalogExtension {
    std::string name;
    std::string schema;
    std::string version;
};

class Catalog
{
public:
    std::vector<CatalogSchema> schemas;      ///< by name
    std::vector<CatalogRelation> relations;  ///< by schema, name
    std::vector<CatalogFunction> functions;  ///< by schema, name
    std::vector<CatalogExtension> extensions;
    std::int64_t database_bytes = 0;
    double read_ms = 0;                      ///< how long reading took
    bool names_only = false;                 ///< read with CatalogOptions::names_only

    /// Null when unknown. An empty schema searches `search_path` (as it was when read).
    [[nodiscard]] const CatalogRelation *find(std::string_view schema, std::string_view name) const;
    [[nodiscard]] const CatalogRelation *find(std::uint32_t oid) const;
    std::vector<std::string> search_path;
    std::shared_ptr<const CatalogWords> words; ///< what completion knows besides; null unless asked for
    /// To be called once after filling; readCatalog() does.
    void buildLookups();

private:
    std::unordered_map<std::string, std::size_t> by_name_;
    std::unordered_map<std::uint32_t, std::size_t> by_oid_;
};

struct CatalogOptions {
    bool with_system_schemas = false;
    bool with_columns = true;
    bool with_functions = true;
    bool with_words = false;      ///< catalog_words.h
    /// Schemas and relations by name, kind and parent, with their estimated rows, and nothing else: of 100,000 tables in a
    /// fraction of the time that their sizes, columns and indexes take. Overrides the other choices.
    bool names_only = false;
};

/// Reads the whole snapshot in a handful of queries inside one read-only repeatable read transaction when
/// the connection is idle (a user's open transaction is left alone). Works on 13 to 18.
[[nodiscard]] Result<std::shared_ptr<const Catalog>> readCatalog(Connection &connection,
                                                                 const CatalogOptions &options = {});

/// Whether the snapshot of this database takes long enough that its names should be read first.
[[nodiscard]] Result<bool> isLargeCatalog(Connection &connection);

} // namespace howdah::pg
