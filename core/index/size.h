// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/index/candidates.h"

namespace howdah::index {

/// Bytes that the index would have if it were built now: tuples as they are laid out, duplicates packed where the
/// operator classes allow it (nbtree's deduplication, from 13), free space as CREATE INDEX leaves it.
[[nodiscard]] std::int64_t estimatedBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions);

/// Counts the different values of a key of several columns in a sample of some 20,000 rows: statistics know them apart
/// alone. Leaves candidate.distinct as it is where the key is of one column or cannot be counted. `connection` is in a
/// transaction with the savepoint howdah_advice, or in none.
void countDistinct(pg::Connection &connection, Candidate &candidate, const Facts &facts);

/// Planner's cost units to keep the index up to date for one row that is inserted.
[[nodiscard]] double writeCost(const Candidate &candidate, const Facts &facts, const Expressions &expressions);

} // namespace howdah::index
