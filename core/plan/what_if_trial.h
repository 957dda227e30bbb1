// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::plan {

// What whatIf() stands on: a transaction that is undone, and statements that may be tried in it.

/// A transaction, or a savepoint in the one that is open; undone at the end, whatever happens.
class Undone
{
public:
    explicit Undone(pg::Connection &connection);
    ~Undone();
    Undone(const Undone &) = delete;
    Undone &operator=(const Undone &) = delete;

    [[nodiscard]] Result<void> begin();

    std::vector<std::string> hypothetical; ///< oids of HypoPG's; they are not part of the transaction

private:
    pg::Connection &connection_;
    bool nested_;
    bool begun_ = false;
};

enum class TriedKind : std::uint8_t { Index, Analyze, Setting, Statistics, Other };

/// Only what is known to be undone is tried. By the parse tree, not by the text.
[[nodiscard]] TriedKind triedKind(const std::string &statement);

struct TriedIndex {
    std::string table;     ///< quoted, as it is to be sent
    std::string statement; ///< without CONCURRENTLY, which no transaction takes
};
/// Of CREATE INDEX; an empty table where the grammar does not tell.
[[nodiscard]] TriedIndex triedIndex(const std::string &statement);

} // namespace howdah::plan
