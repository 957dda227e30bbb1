// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/partition/bound.h"
#include "core/pg/connection.h"

namespace howdah::partition {

enum class Strategy : std::uint8_t { Range, List, Hash };
[[nodiscard]] const char *strategyName(Strategy strategy); ///< "range", "list", "hash"

struct KeyColumn {
    std::string name;        ///< bare; "" for an expression
    std::string expression;  ///< as SQL writes it: the quoted column, or the expression
    std::string type;        ///< format_type
    std::string collation;   ///< quoted and qualified; "" for none
    ValueKind kind = ValueKind::Other;
    bool not_null = false;
};

struct Key {
    Strategy strategy = Strategy::Range;
    std::vector<KeyColumn> columns;
    std::string definition;  ///< pg_get_partkeydef: "RANGE (created_at)"
    [[nodiscard]] std::vector<ValueKind> kinds() const;
};

/// An index of the tree. Those of partitioned tables hold nothing; they are valid when every partition has its own.
struct TreeIndex {
    std::uint32_t oid = 0;
    std::string schema, name;
    std::string definition;      ///< pg_get_indexdef; only of indexes without a parent
    std::uint32_t parent = 0;    ///< the index it is attached to; 0: none
    bool valid = true;
    bool unique = false, primary = false;
    bool of_constraint = false;  ///< a primary key or unique constraint made it
};

constexpr std::size_t no_table = static_cast<std::size_t>(-1);

/// One table of the tree: the root, a partition, or a partition that is partitioned itself.
struct Table {
    std::uint32_t oid = 0;
    std::string schema, name, owner;
    std::string options;                    ///< storage parameters as WITH (…) takes them; "" for none
    std::string tablespace;                 ///< quoted; "" for the database's
    char persistence = 'p';                 ///< p permanent, u unlogged, t temporary
    char relkind = 'r';                     ///< p partitioned, r table, f foreign table
    std::size_t parent = no_table;          ///< position in Scheme::tables
    std::vector<std::size_t> children;      ///< in the order of their bounds, a default last
    int depth = 0;
    Bound bound;                            ///< not of the root
    std::optional<Key> key;                 ///< of a partitioned one
    bool detach_pending = false;            ///< DETACH … CONCURRENTLY was broken off
    std::int64_t table_bytes = 0;           ///< pg_table_size; 0 for partitioned ones
    std::int64_t index_bytes = 0;
    std::int64_t heap_bytes = 0;            ///< of the rows alone: 0 means that it never held one since it was made or truncated
    double estimated_rows = -1;             ///< pg_class.reltuples; -1: never analysed
    std::int64_t live_tuples = 0, dead_tuples = 0, modified_since_analyze = 0;
    std::string last_vacuum, last_analyze;  ///< the later of manual and auto; "" never, as far as the server remembers
    bool has_inherited_statistics = false;  ///< of a partitioned one: ANALYZE looked at the tree as a whole
    std::vector<TreeIndex> indexes;
    [[nodiscard]] std::string sqlName() const;
    [[nodiscard]] std::int64_t totalBytes() const { return table_bytes + index_bytes; }
    [[nodiscard]] bool isEmpty() const { return relkind == 'r' && heap_bytes == 0; }
    [[nodiscard]] bool isDefault() const { return parent != no_table && bound.kind == Bound::Kind::Default; }
};

struct ForeignKey {
    std::string name, definition;
    std::string from, to;        ///< tables, quoted
    std::uint32_t from_oid = 0, to_oid = 0;
    bool validated = true;
};

/// What pg_partman and pg_cron know of the table.
struct Partman {
    std::string schema, version;                 ///< of the extension; "" when it is not installed
    bool readable = true;                        ///< false: this role may not read part_config
    std::map<std::string, std::string> config;   ///< the row of part_config, NULLs left out; empty: not one of its tables
    [[nodiscard]] int major() const { return version.empty() ? 0 : std::atoi(version.c_str()); }
};
struct CronJob {
    std::int64_t id = 0;
    std::string schedule, command, database;
    bool active = true;
    std::string last_status, last_message, last_start; ///< "" when it never ran
};

/// A partitioned table with everything below it.
struct Scheme {
    std::vector<Table> tables;          ///< parents before children; the root first
    std::vector<ForeignKey> outgoing;   ///< of any table of the tree; those that the server made itself are left out
    std::vector<ForeignKey> incoming;
    Partman partman;
    bool cron_installed = false;
    std::vector<CronJob> cron_jobs;     ///< that mention partman's maintenance or the table
    int server_major = 0;
    std::string now;                    ///< of the server, as it writes timestamps with time zone
    std::vector<std::string> notes;     ///< what could not be read

    [[nodiscard]] const Table &root() const { return tables.front(); }
    [[nodiscard]] const Table *find(std::string_view name) const; ///< "schema.name" or "name", quoted or not
    [[nodiscard]] std::size_t leafCount() const;
    [[nodiscard]] const Table *defaultOf(const Table &parent) const; ///< null when it has none
};

/// Everything of one partitioned table in a handful of queries, whatever the number of partitions. Fails with Usage
/// when there is no such table or it is not partitioned (the hint says what it is).
[[nodiscard]] Result<Scheme> inspect(pg::Connection &connection, std::string_view table);

/// A line of the list of partitioned tables: the roots.
struct SchemeSummary {
    std::uint32_t oid = 0;
    std::string schema, name, key;   ///< key: "RANGE (created_at)"
    std::int64_t partitions = 0;     ///< leaves
    int depth = 0;                   ///< levels below the root
    std::int64_t bytes = 0;          ///< tables and indexes
    double estimated_rows = 0;       ///< of the leaves that were analysed
    bool has_default = false;
};
[[nodiscard]] Result<std::vector<SchemeSummary>> listSchemes(pg::Connection &connection);

/// Order of bounds within one parent: by their lower end; a default comes last. Precondition: of the same kind.
[[nodiscard]] bool boundLess(const Bound &left, const Bound &right);
/// Order of the ends of ranges.
[[nodiscard]] int compareEnds(const std::vector<BoundValue> &left, const std::vector<BoundValue> &right);

/// An open stretch between neighbouring range partitions, or before and behind them all.
struct Gap {
    std::vector<BoundValue> lower, upper;
};
/// Between the partitions of a range-partitioned table; the ends to both sides are no gaps.
[[nodiscard]] std::vector<Gap> gapsOf(const Scheme &scheme, const Table &parent);
/// Remainders that no partition of a hash-partitioned table takes: rows of theirs are refused.
[[nodiscard]] std::vector<std::pair<int, int>> missingRemainders(const Scheme &scheme, const Table &parent);
/// Whether one value can fall into both. Precondition: ranks are set (inspect, rankValues).
[[nodiscard]] bool overlaps(const Bound &left, const Bound &right);
/// The interval that most range partitions of this parent have.
[[nodiscard]] std::optional<Interval> usualInterval(const Scheme &scheme, const Table &parent);

/// Sets the ranks of bounds that are to be compared with one another, asking the server where only it knows the order.
[[nodiscard]] Result<void> rankValues(pg::Connection &connection, const Key &key, const std::vector<Bound *> &bounds);
/// The values as the server prints them for this type ("2024-1-1" becomes "2024-01-01"); its error for what is none.
[[nodiscard]] Result<void> canonicalise(pg::Connection &connection, const Key &key, Bound &bound);

} // namespace howdah::partition
