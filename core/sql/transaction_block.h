// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace howdah::sql {

/// What a statement is to a transaction block.
enum class BlockRole : std::uint8_t {
    Inside,  ///< runs in a block like any other
    Control, ///< begins, ends or prepares a transaction itself: BEGIN, COMMIT, ROLLBACK, PREPARE TRANSACTION …
    Outside  ///< the server refuses it within a block: VACUUM, CREATE DATABASE, CREATE INDEX CONCURRENTLY …
};

struct BlockRule {
    BlockRole role = BlockRole::Inside;
    std::string command; ///< of Outside, in SQL's words: "CREATE INDEX CONCURRENTLY"
};

/// By the statement's first words, in one pass over its tokens; knows the commands of servers 13 to 18. A CALL or DO
/// whose code commits cannot be told from others and counts as Inside.
[[nodiscard]] BlockRule blockRule(std::string_view statement);

} // namespace howdah::sql
