// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/index/candidates.h"

namespace howdah::index {

// What HypoPG cannot pretend, or cannot cost: worked out from the statement's own plan and from statistics, and for BRIN
// from a look at the table. Less than a what-if, and said so.

/// The plan's cost with that index in place of the scans it would serve; the cost as it is when it serves none.
/// `blocks_read` is BRIN's fraction of the table. `source` is EXPLAIN's JSON.
[[nodiscard]] double estimatedCost(const std::string &source, const Shape &shape, const Candidate &candidate, const Facts &facts,
                                   const Expressions &expressions, double blocks_read = 1);

/// The fraction of block ranges that a BRIN index would leave to be read for what the statement asks of the column: minima
/// and maxima of some dozens of ranges, by TID (14 and later). Nothing where that cannot be told. pg_stats.correlation is
/// no measure of it: it was wrong either way. `connection` is in a transaction with the savepoint howdah_advice.
[[nodiscard]] std::optional<double> probeRanges(pg::Connection &connection, const Shape &shape, const Candidate &candidate, const Facts &facts);

/// The condition of `shape` that the candidate's first key serves: its table use and the term, which may be of an OR.
struct ServedTerm {
    const TableUse *use = nullptr;
    const Term *term = nullptr;
    const SortWish *sort = nullptr; ///< of a nearest-neighbour index
};
[[nodiscard]] std::vector<ServedTerm> servedTerms(const Shape &shape, const Candidate &candidate, const Facts &facts, const Expressions &expressions);

} // namespace howdah::index
