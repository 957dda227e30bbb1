// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::migration {

/// A place in a table: the values of its key as the server writes them, or, without a key, {oid of the leaf, block}.
using KeyPlace = std::vector<std::string>;

/// Rows after one place and up to another.
struct KeyRange {
    std::optional<KeyPlace> after;  ///< exclusive; nothing: from the first
    std::optional<KeyPlace> upto;   ///< inclusive (a block: exclusive); nothing: to the last, whatever comes
    std::optional<std::int64_t> rows; ///< in it when it was measured; nothing: not known
    bool last = false;              ///< nothing follows
};

/// Walks a table, its partitions and children, by a unique key or block by block, from any place on and never by OFFSET from the
/// start. Every call is a statement or two on the connection, in whatever transaction it has.
class KeyWalk
{
public:
    /// Reads what it must know of the table and the key's types. Fails with what the server says of the names.
    [[nodiscard]] static Result<KeyWalk> open(pg::Connection &connection, std::string table, std::vector<std::string> key);

    [[nodiscard]] bool byBlocks() const { return key_.empty(); }
    /// Where the walk shall end: the greatest key of now, or each leaf with its length. Nothing: the table is empty.
    [[nodiscard]] Result<std::optional<KeyPlace>> end(pg::Connection &connection) const;
    /// About `rows` rows after a place; by blocks at least one block. `end` as end() gave it; nothing: to the last row.
    [[nodiscard]] Result<KeyRange> next(pg::Connection &connection, const std::optional<KeyPlace> &after, const std::optional<KeyPlace> &end,
                                        std::int64_t rows) const;
    /// The condition that stands for {range}.
    [[nodiscard]] std::string condition(const KeyRange &range) const;
    /// Fails when the table has been written anew (VACUUM FULL, CLUSTER, a rewriting ALTER TABLE) since `end` was taken, so that blocks
    /// mean nothing any more. By a key it says nothing.
    [[nodiscard]] Result<void> stillSame(pg::Connection &connection, const KeyRange &range, const std::optional<KeyPlace> &end) const;
    /// What the catalog thinks, or a count for a small table; 0 when nobody knows.
    [[nodiscard]] std::int64_t rowsAbout() const { return rows_; }
    [[nodiscard]] const std::vector<std::string> &leafOids() const { return leaf_oids_; }

private:
    struct Leaf {
        std::string oid;
        std::string name;
        std::string file_node;
        std::int64_t blocks = 0;
        double rows_per_block = 0;
    };
    [[nodiscard]] std::string row(const KeyPlace &place) const;
    [[nodiscard]] std::string columns() const;
    [[nodiscard]] KeyRange nextBlocks(const std::optional<KeyPlace> &after, const KeyPlace &end, std::int64_t rows) const;
    [[nodiscard]] std::string blockCondition(const KeyRange &range) const;
    [[nodiscard]] Result<void> readLeaves(pg::Connection &connection);

    int major_ = 0;
    std::string table_;
    std::vector<std::string> key_;
    std::vector<std::string> types_; ///< of the key, as SQL names them
    std::vector<Leaf> leaves_;
    std::vector<std::string> leaf_oids_;
    std::int64_t rows_ = 0;
};

/// `sql` with each {range} replaced.
[[nodiscard]] std::string withRange(std::string sql, const std::string &condition);

} // namespace howdah::migration
