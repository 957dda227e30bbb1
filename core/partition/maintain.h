// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/partition/scheme.h"

// Every change to a partitioned table as a change script that is shown before it runs. Nothing here changes the server;
// the functions that take a connection read from it. Refusals (Usage, Unsupported) say what stands in the way.

namespace howdah::partition {

using migration::ChangeScript;

/// A table to be attached or made.
struct NewPartition {
    std::string schema, name;
    Bound bound;
    [[nodiscard]] std::string sqlName() const;
};

struct PremakeOptions {
    int ahead = 4;                       ///< partitions that must lie beyond `from`
    std::optional<Interval> interval;    ///< absent: the one that most partitions have
    std::string from;                    ///< a value of the key; "": now for times, the largest value for numbers
    bool fill_gaps = false;              ///< also what is missing between partitions
};
/// The next partitions of a range-partitioned table, made beside it and attached: the parent keeps taking rows meanwhile.
/// Empty steps when nothing is missing.
[[nodiscard]] Result<ChangeScript> premake(pg::Connection &connection, const Scheme &scheme, const Table &parent, const PremakeOptions &options = {});
/// Given ones, of any strategy. Fails when one overlaps what is there.
[[nodiscard]] Result<ChangeScript> addPartitions(pg::Connection &connection, const Scheme &scheme, const Table &parent, std::vector<NewPartition> partitions);

/// A table that is there becomes a partition, without a scan under a lock that others wait for.
[[nodiscard]] Result<ChangeScript> attach(pg::Connection &connection, const Scheme &scheme, const Table &parent, const std::string &table, Bound bound);
/// CONCURRENTLY where the server and the tree allow it; the script's notes say why not otherwise.
[[nodiscard]] Result<ChangeScript> detach(const Scheme &scheme, const Table &partition);
/// Ends a DETACH … CONCURRENTLY that was broken off.
[[nodiscard]] Result<ChangeScript> finalizeDetach(const Scheme &scheme, const Table &partition);
[[nodiscard]] Result<ChangeScript> rename(const Scheme &scheme, const Table &table, const std::string &name);
/// ANALYZE of the parents, which autovacuum never does.
[[nodiscard]] ChangeScript analyzeParents(const Scheme &scheme);

enum class RetentionAction : std::uint8_t { Detach, Archive, Drop };
struct RetentionOptions {
    Interval keep;
    RetentionAction action = RetentionAction::Detach;
    std::string schema;             ///< detached tables move there; "" they stay
    std::string from;               ///< a value of the key; "": now for times, the largest value for numbers
};
/// Partitions that lie wholly before `from` less `keep`. Archive and Drop detach first, so that the parent is locked but
/// for a moment; Archive leaves the detached table to be exported (archiveCommands) and does not drop it.
[[nodiscard]] Result<ChangeScript> retention(pg::Connection &connection, const Scheme &scheme, const Table &parent, const RetentionOptions &options);
/// What a shell runs to archive what was detached: pg_dump lines.
[[nodiscard]] std::vector<std::string> archiveCommands(const ChangeScript &retention, const std::string &folder);

/// CREATE INDEX on a partitioned table without blocking: ON ONLY the parents, each partition CONCURRENTLY, then attached.
/// `definition`: from USING on, or "(a, b)"; `name`: "" makes one. A failed build of a partition is taken away and tried again.
[[nodiscard]] Result<ChangeScript> createIndex(const Scheme &scheme, const std::string &name, const std::string &definition, bool unique = false);
/// The same for an index that some partitions lack.
[[nodiscard]] Result<ChangeScript> completeIndex(const Scheme &scheme, const Table &table, const TreeIndex &index);

/// Rows of a default partition that belong into ranges of their own.
struct Stray {
    Bound range;
    std::int64_t rows = 0;
};
struct DefaultContents {
    const Table *table = nullptr;     ///< null: the parent has no default
    bool has_rows = false;
    bool counted = true;              ///< false: too large to be read from end to end without being asked
    std::int64_t null_rows = 0;       ///< of the first key column
    std::int64_t other_rows = 0;      ///< for which no range can be given: infinity, out of every grid
    std::vector<Stray> strays;        ///< by the interval of the parent; at most 1000
};
/// Reads the default partition of a range or list partitioned table. Past `max_bytes` only whether it holds rows.
[[nodiscard]] Result<DefaultContents> defaultContents(pg::Connection &connection, const Scheme &scheme, const Table &parent,
                                                      std::int64_t max_bytes = 256LL * 1024 * 1024, const std::optional<Interval> &interval = {});
/// The strays into partitions of their own. Few rows are moved in one short transaction; many by a copy that is kept in
/// step with the writes, then exchanged.
[[nodiscard]] Result<ChangeScript> drainDefault(pg::Connection &connection, const Scheme &scheme, const Table &parent,
                                                const std::optional<Interval> &interval = {});
/// One partition becomes several, divided at `at` (values of the first key column), or by an interval.
[[nodiscard]] Result<ChangeScript> split(pg::Connection &connection, const Scheme &scheme, const Table &partition, std::vector<std::string> at,
                                         const std::optional<Interval> &interval = {});
/// Neighbouring range partitions, list partitions, become one called `name` ("": the first one's).
[[nodiscard]] Result<ChangeScript> merge(pg::Connection &connection, const Scheme &scheme, const std::vector<const Table *> &partitions,
                                         const std::string &name = {});

/// "now", or the largest value of the key of a number (read by its index, else from statistics' bounds): where premake
/// and retention count from. Absent when it cannot be known cheaply.
[[nodiscard]] Result<std::optional<BoundValue>> presentValue(pg::Connection &connection, const Scheme &scheme, const Table &parent, const std::string &given = {});

} // namespace howdah::partition
