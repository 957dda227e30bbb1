// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::inspect {

struct ColumnDetails {
    std::string name;
    std::string type;
    bool not_null = false;
    std::string default_expr;          ///< with "GENERATED …" in front where it is one
    std::optional<double> n_distinct;  ///< pg_stats: negative is minus the share of all rows; absent without statistics
    std::optional<double> null_frac;   ///< 0 to 1
    std::optional<int> avg_width;      ///< bytes
    std::string comment;
};

struct IndexDetails {
    std::uint32_t oid = 0;
    std::string name;
    std::string definition;            ///< pg_get_indexdef
    std::string access_method;
    std::int64_t size_bytes = 0;
    std::int64_t scans = 0;
    std::optional<std::string> last_scan; ///< server 16 and later
    bool is_valid = true;
    bool is_unique = false;
    bool is_primary = false;
};

struct ConstraintDetails {
    std::string name;
    char type = 0;                     ///< pg_constraint.contype
    std::string definition;
    bool validated = true;
    bool incoming = false;             ///< a foreign key of another table that points here; `name` is then "name on table"
};

struct TriggerDetails {
    std::string name;
    std::string definition;
    char enabled = 'O';                ///< pg_trigger.tgenabled
    std::string function;
};

struct PartitionDetails {
    std::uint32_t oid = 0;
    std::string name;
    std::string bound;
    std::int64_t size_bytes = 0;
    double estimated_rows = -1;
};

struct PrivilegeDetails {
    std::string grantee;               ///< "PUBLIC" for everybody
    std::string column;                ///< "" for the whole relation
    std::string privileges;            ///< "SELECT, INSERT"
    std::string grantor;
    bool grantable = false;
};

/// Bytes on disk, by what they are for.
struct Sizes {
    std::int64_t heap_bytes = 0;
    std::int64_t toast_bytes = 0;      ///< with its index
    std::int64_t index_bytes = 0;
    std::int64_t map_bytes = 0;        ///< free space and visibility maps
    [[nodiscard]] std::int64_t total() const { return heap_bytes + toast_bytes + index_bytes + map_bytes; }
};

/// What a heap of these rows would take if it were written anew, from statistics alone: rows (pg_class.reltuples) of a
/// 24 byte header with an 8 byte aligned null bitmap where columns can be null, the average widths (pg_stats) of what is
/// not null rounded up to 8, and a line pointer of 4; pages of 8192 bytes with a header of 24, filled to the fillfactor.
/// Limits: as old as the last ANALYZE, blind to alignment between columns and to dropped columns, and it counts room
/// that the next rows will use as bloat. An estimate to decide where to look closer (pgstattuple), never a measurement.
struct BloatInput {
    double rows = 0;
    std::int64_t pages = 0;            ///< pg_class.relpages
    double row_bytes = 0;              ///< sum of avg_width × (1 − null_frac)
    int columns = 0;
    bool has_nulls = false;
    int fillfactor = 100;
};
struct Bloat {
    std::int64_t expected_bytes = 0;
    std::int64_t wasted_bytes = 0;     ///< never negative
    double share = 0;                  ///< of the heap, 0 to 1
};
[[nodiscard]] Bloat estimateBloat(const BloatInput &input);

struct RelationDetails {
    std::uint32_t oid = 0;
    std::string schema;
    std::string name;
    char kind = 'r';
    std::string owner;
    std::string comment;
    std::string persistence;           ///< "p", "u", "t"
    double estimated_rows = -1;        ///< -1: never analysed
    std::vector<ColumnDetails> columns;
    std::vector<IndexDetails> indexes;
    std::vector<ConstraintDetails> constraints;
    std::vector<TriggerDetails> triggers;
    std::vector<PartitionDetails> partitions; ///< direct children: the first 1000
    std::vector<PrivilegeDetails> privileges;
    Sizes sizes;
    std::optional<Bloat> bloat;        ///< absent without statistics
    std::vector<std::pair<std::string, std::string>> statistics; ///< pg_stat_all_tables and pg_statio: name of the column, value
};

/// Everything the page of a table, view or sequence shows, in one read-only transaction. Counts no rows.
[[nodiscard]] Result<RelationDetails> relationDetails(pg::Connection &connection, std::uint32_t oid);

} // namespace howdah::inspect
