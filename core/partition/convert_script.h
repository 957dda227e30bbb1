// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/partition/convert_facts.h"
#include "core/partition/maintain.h"

// For core/partition alone: the scripts of the three strategies.

namespace howdah::partition {

/// The tree that is to be, as index and name functions want it.
[[nodiscard]] Scheme futureScheme(const OldTable &table, const Key &key, const std::vector<Bound> &bounds, const ConvertNames &names, bool with_default);
/// The new table and its partitions, without indexes: several statements, each with its semicolon.
[[nodiscard]] std::string newTableSql(const OldTable &table, const Scheme &scheme, const ConvertNames &names);

/// Of the step that makes the new table: it goes, and foreign keys that the way back from the switch could not prove under its
/// lock are proved.
[[nodiscard]] std::string undoNewTableSql(const OldTable &table, const ConvertWish &wish, const ConvertNames &names);

/// A copy kept in step, by triggers or by a slot as the wish says.
[[nodiscard]] migration::ChangeScript copyScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds);
/// The old table as the first of `bounds`, which has no lower end; the others are made.
[[nodiscard]] migration::ChangeScript attachScript(const OldTable &table, const ConvertWish &wish, const Key &key, const std::vector<Bound> &bounds);
/// A unique key of the old table that lacks the partition key, and what stands beside it once the table is a partition.
struct LeafKey {
    const OldIndex *index = nullptr;
    std::string with_key; ///< bare name of the unique index that has the partition key too
    std::string own;      ///< of a primary key: bare name of a unique index on the same columns, for the way back; else ""
};
/// Of the CHECK that proves the old table's bound.
inline constexpr const char *bound_constraint = "howdah_bound";
/// The switch of attachScript().
void addAttachSwitchSteps(migration::ChangeScript &script, const OldTable &table, const ConvertWish &wish, const ConvertNames &names, const Bound &bound, const std::vector<LeafKey> &keys);

/// What stands in the way of a strategy, beyond what stands in the way of all.
[[nodiscard]] std::vector<std::string> obstacles(const OldTable &table, const ConvertWish &wish, ConvertStrategy strategy);

} // namespace howdah::partition
