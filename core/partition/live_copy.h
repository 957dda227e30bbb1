// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/pg/connection.h"

// For core/partition alone: a copy of tables that keeps step with their writes. Every conversion and every rearrangement
// of partitions stands on it.
//
// How it stays right. A trigger on each source carries every write over to the target in the writer's own transaction.
// Rows that are there already when the trigger comes are carried over in batches (INSERT … SELECT … WHERE NOT EXISTS).
// A batch sees the rows as they were when it began, so it may bring back what a writer has changed or deleted meanwhile.
// So the trigger notes the key of each row that it did not find in the target, and, while batches are under way, of each
// row that was deleted or got another key, in a log. The log is worked off afterwards: each noted row is locked in the source (rows that somebody holds are left
// for later), taken out of the target and put in anew. No writer ever waits for a batch, and a batch locks no row.
// Once all rows are carried over every trigger finds its row, and the log stays empty but for transactions with an old
// snapshot (REPEATABLE READ), which do not see the copied rows. The switch works off what is left under its lock.

namespace howdah::partition {

struct CopyColumn {
    std::string name;       ///< quoted
    std::string type;
    bool generated = false; ///< computed by the target itself
    bool not_null = false;
};

struct CopySource {
    std::uint32_t oid = 0;
    std::string table;                  ///< qualified and quoted
    std::vector<std::string> key;       ///< quoted columns that are unique and not null in it: how a row is found again
    std::string belongs;                ///< with several sources: the condition (on bare columns) that the rows of this one fulfil
};

/// What a live copy is made of; all names are quoted.
struct LiveCopy {
    std::string tag;                    ///< for the names of its objects in schema howdah: "sync_16385"
    std::vector<CopySource> sources;    ///< of the same columns
    std::string target;                 ///< a table of those columns that takes any row, with a unique index on `match`
    std::vector<CopyColumn> columns;
    std::vector<std::string> match;     ///< columns by which a row is found in the target: the key and the partition key, all not null
    std::vector<std::string> match_types;
};

/// Reads the columns of a table. The key: its primary key, else a unique, immediate, valid index without an expression or
/// condition over columns that are not null; empty when there is none.
struct CopyFacts {
    std::vector<CopyColumn> columns;
    std::vector<std::string> key;
    std::string key_index;
};
[[nodiscard]] Result<CopyFacts> copyFacts(pg::Connection &connection, std::uint32_t table);

/// The schema, log, functions and triggers. Phase Expand.
void addSyncSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy);
/// The two halves of it: with `copying` the functions note every row that goes, as batches under way ask for.
void addSyncObjectSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy, bool copying);
void addSyncTriggerSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy, migration::Phase phase);
/// The batches, then what the log has. Phase Backfill.
void addCopySteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy);
/// The batches alone, and the walk over the log alone.
void addBatchSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy);
void addLogStep(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy, migration::Phase phase);
/// Old against new, range by range. Phase Validate.
void addCompareSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy);
/// SQL for the switch, to run with the sources locked: what is left in the log, then no triggers any more.
[[nodiscard]] std::string finishSyncSql(const LiveCopy &copy);
/// Takes away what addSyncSteps() made, whatever of it is there.
[[nodiscard]] std::string dropSyncSql(const LiveCopy &copy);
/// SQL that makes a trigger on `from` (which has everything that `to` has) carry every write over to `to`: the way back
/// from a switch. Matches by `match`.
[[nodiscard]] std::string reverseSyncSql(const LiveCopy &copy, const std::string &from, const std::string &to);
[[nodiscard]] std::string dropReverseSyncSql(const LiveCopy &copy, const std::string &from);

/// "a, b, c"
[[nodiscard]] std::string commaList(const std::vector<std::string> &names, const std::string &prefix = "");

} // namespace howdah::partition
