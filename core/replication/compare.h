// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

/// A row that is not the same on both sides.
struct RowDifference {
    std::string kind;              ///< "missing" on b, "extra" on b, "changed"
    std::string key;               ///< "id=4711", or a hash where the table has no key
};

struct TableComparison {
    std::string table;             ///< schema.name, quoted
    std::string state;             ///< "same", "different", "unsettled", "counted", "missing", "failed"
    std::int64_t rows_a = -1, rows_b = -1;
    std::string hash_a, hash_b;    ///< over all rows in the order of the key; "" when not hashed
    std::int64_t chunks = 0, chunks_differing = 0; ///< at first sight, while writes went on
    std::int64_t different_rows = 0;
    std::int64_t unsettled_rows = 0;               ///< changed faster than they could be looked at on both sides
    std::vector<RowDifference> examples;           ///< the first of them
    std::string message;
    double duration_ms = 0;
};

struct CompareOptions {
    std::vector<PublishedChoice> tables;   ///< empty: all that both sides have
    std::string publication;               ///< on a: its tables, row filters and column lists; "" for none
    std::int64_t chunk_rows = 10'000;
    std::int64_t max_rows = 10'000'000;    ///< of a table by its estimate; a larger one is only counted
    double settle_ms = 15'000;             ///< rows that differ are looked at again for so long: replication is behind, not wrong
    std::size_t max_examples = 20;
};

struct Comparison {
    std::vector<TableComparison> tables;
    double duration_ms = 0;
    [[nodiscard]] bool same() const;       ///< nothing is different, missing or failed
};

/// Compares tables of two servers while writes may go on: chunk by chunk by the primary key, by the hash of each row's
/// text; a chunk that differs row by row, and rows that differ again, until b has what a had when it was read. Neither
/// side is locked, each statement has a snapshot of its own. `progress` gets each table when it is done and, with state
/// "", as it goes on.
[[nodiscard]] Result<Comparison> compareTables(pg::Connection &a, pg::Connection &b, const CompareOptions &options,
                                               const std::function<void(const TableComparison &)> &progress = {});

} // namespace howdah::replication
