// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::index {

// What advice needs to know of the tables that a workload names, and of the access methods of the server. Read for those
// tables alone: a catalog of 100,000 others costs nothing.

struct ColumnFacts {
    std::string name;
    int attnum = 0;
    std::uint32_t type = 0;       ///< pg_type.oid, of a domain its base type's
    std::string type_name;        ///< format_type() of it
    char type_kind = 'b';         ///< pg_type.typtype: b e r m c
    char category = 'U';          ///< pg_type.typcategory: 'A' is an array
    int length = -1;              ///< pg_attribute.attlen
    char align = 'i';             ///< pg_attribute.attalign
    bool not_null = false;
    bool c_collation = false;     ///< it sorts by bytes, so that a plain B-tree serves LIKE 'x%'
    bool deterministic = true;    ///< its collation is
    // pg_stats; has_statistics is false where there are none, or none for our eyes
    bool has_statistics = false;
    double null_fraction = 0;
    double width = 8;             ///< bytes, avg_width
    double distinct = 0;          ///< different values, never negative; 0: unknown
    double correlation = 0;
    std::vector<std::string> common_values;
    std::vector<double> common_frequencies;
    std::vector<std::string> histogram;
    double elements = 0;          ///< of an array or tsvector, on average; 0: unknown
};

struct IndexFacts {
    std::uint32_t oid = 0;
    std::string name;             ///< without its schema
    std::string schema;
    std::string access_method;
    std::string definition;
    std::vector<std::string> keys;    ///< pg_get_indexdef(oid, n, false): a column's quoted name, or an expression
    std::vector<std::string> classes; ///< pg_opclass.opcname of each key
    std::vector<int> options;         ///< pg_index.indoption: 1 descending, 2 nulls first
    std::vector<std::string> included;
    std::string predicate;
    bool unique = false, primary = false, valid = true;
    bool constraint = false;      ///< a constraint stands on it
    std::int64_t size_bytes = 0, scans = 0;
};

struct ForeignKey {
    std::string name;
    std::vector<std::string> columns;
    std::string referenced;       ///< quoted, with its schema where that is needed
};

struct TableFacts {
    std::uint32_t oid = 0;
    std::string schema, name;
    char kind = 'r';              ///< pg_class.relkind
    bool temporary = false;
    double rows = 0;              ///< as planned with: reltuples scaled to the size of now
    double pages = 0;
    double visible_fraction = 0;  ///< of the pages, by the visibility map
    std::vector<ColumnFacts> columns;
    std::vector<IndexFacts> indexes;
    std::vector<ForeignKey> foreign_keys;
    std::string view_definition;
    bool analyzed = false;        ///< somebody has counted it

    [[nodiscard]] const ColumnFacts *column(std::string_view column_name) const;
    [[nodiscard]] const ColumnFacts *column(int attnum) const;
    [[nodiscard]] std::string quoted() const; ///< as it is to be written
    [[nodiscard]] double rowWidth() const;    ///< bytes of data
};

struct ClassFacts {
    std::uint32_t oid = 0;
    std::string name;             ///< quoted, with its schema where that is needed
    std::string method;           ///< pg_am.amname
    std::uint32_t family = 0;
    std::uint32_t type = 0;       ///< opcintype
    bool by_default = false;
    bool equal_image = false;     ///< B-tree: equal values are equal bytes, so that duplicates are packed
    int length = -1;              ///< opckeytype's, where it stores another type; else the type's
};

struct OperatorFacts {
    std::string name;             ///< "@>"
    std::string commutator;
    std::uint32_t family = 0, left = 0, right = 0;
    int strategy = 0;
    bool orders = false;          ///< amoppurpose 'o'
};

struct PlannerCosts {
    double seq_page = 1, random_page = 4, cpu_tuple = 0.01, cpu_index_tuple = 0.005, cpu_operator = 0.0025;
    double cache_pages = 524288;
};

/// Operator classes by what they can do, straight from pg_opclass and pg_amop.
class AccessMethods
{
public:
    std::vector<ClassFacts> classes;
    std::unordered_map<std::uint32_t, std::vector<OperatorFacts>> operators; ///< by family
    std::set<std::pair<std::uint32_t, std::uint32_t>> coercible;              ///< binary, from → to
    std::unordered_map<std::uint32_t, std::pair<char, char>> kinds;           ///< type oid → typtype, typcategory
    std::set<std::string> volatile_functions; ///< of user schemas and extensions; names without schema

    struct Match {
        const ClassFacts *operator_class = nullptr;
        const OperatorFacts *operation = nullptr;
    };
    /// Classes whose index on a value of that type serves `value op x`, defaults first, in the catalog's order.
    [[nodiscard]] std::vector<Match> serving(std::uint32_t type, std::string_view op, bool orders) const;
    [[nodiscard]] const ClassFacts *byDefault(std::string_view method, std::uint32_t type) const;
    [[nodiscard]] const ClassFacts *named(std::string_view method, std::string_view name) const;
    [[nodiscard]] bool accepts(const ClassFacts &operator_class, std::uint32_t type) const;
    /// x op y ⇔ y result x; "" when it has none.
    [[nodiscard]] std::string commutatorOf(std::string_view op) const;
};

struct Facts {
    std::vector<TableFacts> tables;
    AccessMethods methods;
    PlannerCosts costs;
    int version = 0;              ///< server_version_num
    bool hypopg = false;          ///< in this database
    bool hypopg_available = false; ///< on the server, not in this database
    std::set<std::string> extensions, available_extensions;
    bool may_create_schema = false, may_create_temporary = false;

    /// By the name a statement used; null when there is no such relation (unknown() has it then).
    [[nodiscard]] const TableFacts *find(std::string_view schema, std::string_view name) const;
    std::map<std::string, std::size_t, std::less<>> by_name; ///< quoted as used → tables
    std::set<std::string, std::less<>> unknown;              ///< quoted as used
};

/// Operator classes, settings and rights; no table yet. One batch of small queries.
[[nodiscard]] Result<Facts> readServerFacts(pg::Connection &connection);
/// Adds the relations of these names (quoted, with schema where it was written), once each. A few queries for all of them.
[[nodiscard]] Result<void> readTables(pg::Connection &connection, const std::set<std::string> &names, Facts &facts);

} // namespace howdah::index
