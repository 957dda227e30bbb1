// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/partition/conditions.h"
#include "core/partition/maintain.h"

// For core/partition alone: pieces that several scripts share.

namespace howdah::partition {

using migration::ChangeStep;
using migration::LockPolicy;
using migration::Phase;

[[nodiscard]] ChangeStep step(std::string title, std::string sql, std::string lock_level = {});
[[nodiscard]] ChangeStep undoable(ChangeStep step, std::string undo_sql);
[[nodiscard]] ChangeStep forGood(ChangeStep step, std::string no_undo_reason);
/// Waits for old transactions and keeps nobody waiting meanwhile.
[[nodiscard]] ChangeStep patient(ChangeStep step);

/// A query with one row: whether the relation called so is there.
[[nodiscard]] std::string existsCheck(const std::string &sql_name, bool there = true);
/// A name for a helper constraint or index, derived and cut.
[[nodiscard]] std::string derivedName(const std::string &base, const std::string &suffix);

/// CREATE TABLE … (LIKE parent …) with what ATTACH asks for, the owner and the storage of its siblings. Several
/// statements, each with its semicolon. A sub-partitioned sibling's key is not taken over.
[[nodiscard]] std::string createLikeSql(const Scheme &scheme, const Table &parent, const NewPartition &partition);

/// Steps around an ATTACH that spare the default partition its scan; nothing without a default or when it is empty.
struct DefaultGuard {
    std::vector<ChangeStep> before, after;
};
[[nodiscard]] DefaultGuard guardDefault(const Scheme &scheme, const Table &parent, const std::vector<Bound> &bounds);
/// "LOCK TABLE …; ALTER TABLE … ATTACH PARTITION …": the lock where rows may wait for a default partition.
[[nodiscard]] std::string attachSql(const Scheme &scheme, const Table &parent, const std::string &table, const Bound &bound);
/// The lock that it takes, and on what, in words.
[[nodiscard]] std::string attachLock(const Scheme &scheme, const Table &parent);

/// An index for every leaf below `table`, then attached upwards to `index_name` that is there already (ON ONLY).
void addLeafIndexSteps(std::vector<ChangeStep> &steps, const Scheme &scheme, const Table &table, const std::string &index_name,
                       const std::string &index_sql_name, const std::string &tail, bool unique);

} // namespace howdah::partition
