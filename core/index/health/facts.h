// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::index_health {

// What the catalog and the cumulative statistics say of the indexes of a database: read once, judged by rules
// afterwards. Names follow pg_catalog. System, temporary and extension-owned relations are left out.

using Oid = std::uint32_t;

/// A column that an index or a foreign key names. Widths and shares are those of pg_stats; absent where the column was
/// never analysed, may not be read, or belongs to a small table only.
struct ColumnFacts {
    std::string name;
    Oid type = 0;
    Oid collation = 0;
    bool not_null = false;
    std::optional<double> width;         ///< avg_width, bytes
    double null_fraction = 0;
    double distinct = 0;                 ///< n_distinct as it stands: negative is a share of the rows
};

struct TableFacts {
    Oid oid = 0;
    std::string schema, name;
    char kind = 'r';                     ///< pg_class.relkind: r p m
    Oid parent = 0;                      ///< the partitioned table this one is attached to
    bool unlogged = false;
    double rows = -1;                    ///< reltuples; -1: never vacuumed or analysed
    std::int64_t pages = 0;              ///< of the heap, as it is now
    std::int64_t all_visible_pages = 0;  ///< as the last VACUUM or ANALYZE left it
    bool was_vacuumed = false;           ///< by anybody, since the statistics began
    bool was_analyzed = false;
    std::int64_t inserted = 0, updated = 0, hot_updated = 0, deleted = 0;
    std::int64_t modified_since_analyze = 0;
    std::int64_t seq_scans = 0;
    char replica_identity = 'd';         ///< relreplident
    std::vector<std::size_t> indexes;    ///< in Facts::indexes
    std::unordered_map<std::int16_t, ColumnFacts> columns; ///< by attnum
    [[nodiscard]] std::int64_t bytes(std::int64_t block) const { return pages * block; }
};

/// A key or INCLUDE column of an index.
struct PartFacts {
    std::int16_t attnum = 0;             ///< 0: an expression
    Oid opclass = 0, collation = 0;      ///< 0 for INCLUDE columns, and where the type has no collation
    int options = 0;                     ///< indoption: 1 DESC, 2 NULLS FIRST
    std::string expression;              ///< "" unless attnum is 0
    std::string opclass_options;         ///< "siglen=32"
    std::optional<ColumnFacts> statistics; ///< of an expression, gathered with the index
};

struct IndexFacts {
    Oid oid = 0;
    Oid table = 0;
    std::string schema, name;
    std::string access_method;
    char kind = 'i';                     ///< i, or I of a partitioned table
    std::size_t keys = 0;                ///< parts[0 … keys) are keys, the rest INCLUDE
    std::vector<PartFacts> parts;
    std::string predicate;               ///< pg_get_expr(indpred), "" for all rows
    std::string options;                 ///< reloptions joined by ", "
    Oid parent = 0;                      ///< the partitioned index it is attached to
    bool unique = false, primary = false, exclusion = false, nulls_not_distinct = false, immediate = true;
    bool valid = true, ready = true, live = true, clustered = false, replica_identity = false;
    bool being_built = false;            ///< somebody builds it at this moment, as far as can be seen
    std::string constraint;              ///< its name, when it backs one
    bool referenced = false;             ///< a foreign key depends on it
    std::int64_t pages = 0;              ///< as it is now
    double tuples = -1;                  ///< pg_class.reltuples
    std::int64_t scans = 0, tuples_read = 0, tuples_fetched = 0;
    std::optional<std::string> last_scan; ///< from 16 on
    std::optional<double> last_scan_age_s; ///< from 16 on; standbys that were asked count too
    std::int64_t replica_scans = 0;      ///< of all standbys that were asked
    std::vector<std::size_t> attached;   ///< of a partitioned index: its direct parts, in Facts::indexes

    [[nodiscard]] bool isUsable() const { return valid && ready && live; }
    /// Whether its going would change what may be stored, or is refused by the server.
    [[nodiscard]] bool isProtected() const
    {
        return unique || primary || exclusion || !constraint.empty() || replica_identity || referenced || parent != 0;
    }
};

struct ForeignKeyFacts {
    Oid oid = 0, parent = 0;             ///< parent: the constraint that it was inherited from
    std::string name;
    Oid table = 0, referenced = 0;
    std::vector<std::int16_t> columns;
    std::vector<Oid> operators;          ///< conpfeqop
    char on_delete = 'a', on_update = 'a';
};

struct OpclassFacts {
    std::string name, access_method;
    Oid family = 0, input_type = 0;
    bool is_default = false;
    bool deduplicates = false;           ///< b-tree: equal keys are equal images, given a deterministic collation
};

struct CollationFacts {
    std::string name;
    bool is_c = false;                   ///< C or POSIX, also when the database's default is
    bool deterministic = true;
    bool version_differs = false;        ///< the library sorts by another version than the indexes were built with
    std::string recorded_version, actual_version;
};

/// What was looked at in the index itself.
struct MeasuredFacts {
    // pgstatindex
    std::optional<double> leaf_density;  ///< avg_leaf_density, percent
    double leaf_fragmentation = 0;       ///< percent
    std::int64_t leaf_pages = 0, internal_pages = 0, empty_pages = 0, deleted_pages = 0;
    // pgstatginindex
    std::optional<std::int64_t> pending_pages;
    std::int64_t pending_tuples = 0;
    // Samples of the table that a BRIN index summarises
    std::optional<double> brin_overlap;  ///< share of its block ranges that a search for one value must read, of the best column
    std::int64_t brin_pieces = 0, brin_piece_pages = 0;
};

/// A standby that was asked for its scans.
struct ReplicaFacts {
    std::string name;                    ///< conninfo without password
    bool is_standby = false;
    bool matched_by_name = false;        ///< another cluster (logical replication): object identifiers differ
    std::optional<double> statistics_age_s;
    std::optional<std::string> statistics_since;
    std::int64_t scans = 0;              ///< of all indexes that were found here and there
};

struct Facts {
    int version_num = 0;
    std::string database;
    std::string system_identifier;
    std::int64_t block_bytes = 8192;
    bool in_recovery = false;
    bool counts = true;                  ///< track_counts
    std::optional<std::string> statistics_reset; ///< pg_stat_database.stats_reset
    std::string server_start;
    std::string statistics_since;        ///< since when scans are counted, as well as it can be known
    double statistics_age_s = 0;
    std::int64_t standbys = 0;           ///< walsenders that stream to physical standbys now
    bool sees_everything = true;         ///< pg_read_all_stats: progress of other roles is seen
    std::string pgstattuple_schema;      ///< "" when it is not installed
    std::int64_t pending_list_limit_kb = 4096;
    std::vector<TableFacts> tables;      ///< by OID
    std::vector<IndexFacts> indexes;     ///< by table, OID
    std::vector<ForeignKeyFacts> foreign_keys;
    std::unordered_map<Oid, OpclassFacts> opclasses;
    std::unordered_map<Oid, CollationFacts> collations;
    std::unordered_map<Oid, std::string> types;              ///< names of the opclasses' input types
    std::unordered_map<Oid, std::vector<Oid>> search_operators; ///< of operator families other than b-tree's and hash's
    std::unordered_map<Oid, MeasuredFacts> measured;         ///< by index
    /// What statements of pg_stat_statements compare a column by: calls by operator; table and attnum. Empty without it.
    std::map<std::pair<Oid, std::int16_t>, std::map<std::string, double>> uses;
    std::int64_t statements_read = 0;
    std::vector<ReplicaFacts> replicas;
    std::vector<std::string> notes;      ///< what could not be known, a sentence each
    double read_ms = 0;

    [[nodiscard]] const TableFacts *table(Oid oid) const;
    [[nodiscard]] TableFacts *table(Oid oid);
    [[nodiscard]] const IndexFacts *index(Oid oid) const;
    [[nodiscard]] const OpclassFacts *opclass(Oid oid) const;
    [[nodiscard]] const CollationFacts *collation(Oid oid) const;
    [[nodiscard]] std::int64_t bytesOf(const IndexFacts &index) const; ///< of a partitioned index: of all its parts
    [[nodiscard]] std::int64_t scansOf(const IndexFacts &index) const; ///< here and on the standbys, of all its parts
    /// To be called once after filling; readFacts() does.
    void buildLookups();

private:
    std::unordered_map<Oid, std::size_t> table_at_, index_at_;
};

/// One read-only snapshot in a handful of queries, 13 to 18. `schema` limits it to one schema; "" reads all.
[[nodiscard]] Result<Facts> readFacts(pg::Connection &connection, const std::string &schema = {});

/// Adds what a standby has scanned, or a logical subscriber (then matched by name). Fails when a standby was asked about
/// another database.
[[nodiscard]] Result<void> addReplica(Facts &facts, pg::Connection &replica, const std::string &name);

/// A column's name, or the expression.
[[nodiscard]] std::string partName(const TableFacts &table, const PartFacts &part);
/// "(user_id, created_at)".
[[nodiscard]] std::string keyText(const TableFacts &table, const IndexFacts &index);

} // namespace howdah::index_health
