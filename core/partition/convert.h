// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/partition/scheme.h"

namespace howdah::partition {

/// How a live plain table becomes a partitioned one.
enum class ConvertStrategy : std::uint8_t {
    AttachOld,          ///< the old table becomes the first partition: nothing is copied
    SyncedCopy,         ///< rows are copied in batches while a trigger carries writes over, then the names are exchanged
    LogicalReplication, ///< the same, but a replication slot keeps what is written while rows are copied: writers pay nothing until then
};
[[nodiscard]] const char *strategyName(ConvertStrategy strategy); ///< "attach", "copy", "logical"

/// What becomes of a primary or unique key that lacks the partition key.
enum class KeyChoice : std::uint8_t {
    Extend,       ///< the partition key is added: (id) becomes (id, created_at), so one id may come twice
    PerPartition, ///< extended, and unique by itself within each partition
};
/// What becomes of a foreign key that points at such a key.
enum class IncomingChoice : std::uint8_t {
    Trigger, ///< triggers on both sides check what the constraint did
    Drop,
};

struct ConvertWish {
    std::string table;
    Strategy by = Strategy::Range;
    std::string column;
    std::optional<Interval> interval;                ///< range
    int modulus = 0;                                 ///< hash: how many partitions
    std::vector<std::vector<std::string>> lists;     ///< list: the values of each partition
    int ahead = 4;                                   ///< range: partitions beyond now, or beyond the largest number
    KeyChoice keys = KeyChoice::Extend;
    IncomingChoice incoming = IncomingChoice::Trigger;
    ConvertStrategy strategy = ConvertStrategy::SyncedCopy;
    bool keep_default = true;                        ///< rows that fit no partition are taken by a default after the switch too
};

/// A key of the table that must change, with the choices and what each means for the application.
struct KeyIssue {
    std::string name, definition;
    bool primary = false;
    struct Choice {
        std::string id, becomes, means;
    };
    std::vector<Choice> choices;
};

struct StrategyEstimate {
    ConvertStrategy strategy = ConvertStrategy::SyncedCopy;
    bool possible = true;
    std::vector<std::string> obstacles;  ///< why not, or what it costs besides
    double seconds_low = 0, seconds_high = 0;
    std::int64_t space_bytes = 0;        ///< on disk, at the most, besides what is there
    std::int64_t wal_bytes = 0;
    std::string lock;                    ///< what waits for whom, and how long
    std::string write_cost;              ///< what each write of the application pays meanwhile
};

struct Conversion {
    std::string table;                   ///< qualified and quoted
    std::int64_t rows = 0, bytes = 0;
    std::string lowest, highest;         ///< of the key
    std::vector<Bound> partitions;
    std::vector<KeyIssue> keys;
    std::vector<std::string> blockers;   ///< what must be settled before; then the script has no steps
    std::vector<std::string> warnings;
    std::vector<std::string> carried;    ///< what the new table gets from the old: "trigger audit", "view recent", …
    std::vector<StrategyEstimate> strategies;
    bool measured = false;               ///< their times are from work done on this server, else from a usual one
    ConvertStrategy recommended = ConvertStrategy::SyncedCopy;
    migration::ChangeScript script;      ///< for the strategy wished for
};

/// Looks at the table and writes the script; changes nothing but what a rolled back transaction does to measure the server,
/// about a second. Reads the key's extremes, which without an index on it means the whole table once. Fails with Usage for what makes no sense (no such table or column, an interval for text).
[[nodiscard]] Result<Conversion> planConversion(pg::Connection &connection, const ConvertWish &wish);

} // namespace howdah::partition
