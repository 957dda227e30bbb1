// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/partition/maintain.h"

namespace howdah::partition {

/// A partitioned table that is to be made.
struct CreateWish {
    std::string table;                            ///< with its schema or without
    std::string columns;                          ///< as between the parentheses of CREATE TABLE
    std::string like;                             ///< instead: a table whose columns, defaults and checks it gets
    Strategy by = Strategy::Range;
    std::vector<std::string> key;                 ///< columns, bare
    std::optional<Interval> interval;             ///< range over one column
    std::string from;                             ///< where the ranges begin; "": now, or 0
    int ahead = 4;                                ///< ranges beyond the first
    int modulus = 0;                              ///< hash
    std::vector<std::vector<std::string>> lists;  ///< list
    bool with_default = false;
};

/// CREATE TABLE … PARTITION BY and its partitions in one transaction. Tried on the server in a transaction that is rolled
/// back, so that what it would refuse (a primary key without the partition key, a wrong bound) is said here, as it says it.
[[nodiscard]] Result<ChangeScript> createPartitioned(pg::Connection &connection, const CreateWish &wish);

} // namespace howdah::partition
