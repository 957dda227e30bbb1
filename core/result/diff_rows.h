// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stop_token>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/result/row_source.h"

namespace howdah::result {

/// A column of the old result and the one of the new result it is compared with.
struct ColumnPair {
    std::size_t before = 0;
    std::size_t after = 0;
    bool operator==(const ColumnPair &) const = default;
};

/// Columns of the same name, in the new result's order; of repeated names the first with the first. Columns that only one
/// of both has are in no pair.
[[nodiscard]] std::vector<ColumnPair> pairColumns(const std::vector<pg::Column> &before, const std::vector<pg::Column> &after);

/// Pairs (by their place in `pairs`) that tell rows apart in both results, as few as possible: a column that is called
/// like a key first, then any single one, then the first few together. All pairs where nothing does.
[[nodiscard]] std::vector<std::size_t> guessKey(const RowView &before, const RowView &after, const std::vector<ColumnPair> &pairs,
                                                std::stop_token stop = {});

enum class RowChange : std::uint8_t { Same, Changed, Added, Removed };

/// Rows as shown in their views; -1 on the side that has none.
struct DiffRow {
    std::int64_t before = -1;
    std::int64_t after = -1;
    RowChange change = RowChange::Same;
};

struct RowsDiff {
    std::vector<DiffRow> rows; ///< in the new result's order, removed rows where they stood; rows that are the same left out
    std::int64_t same = 0, changed = 0, added = 0, removed = 0;
    std::int64_t repeated_keys = 0; ///< rows whose key another row of the same result has: matched in their order
};

/// Compares by text and NULL. Linear in the rows; some 14 bytes a row. Fails with Unsupported beyond 2^32 rows, with Cancelled.
[[nodiscard]] Result<RowsDiff> diffRows(const RowView &before, const RowView &after, const std::vector<ColumnPair> &pairs,
                                        const std::vector<std::size_t> &key, std::stop_token stop = {});

[[nodiscard]] bool sameCell(const pg::Cell &a, const pg::Cell &b);

} // namespace howdah::result
