// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/sql/format/words.h"

namespace howdah::sql::format_detail {

/// How the text after a clause's keywords is laid out.
enum class ClauseBody : std::uint8_t {
    List,       ///< items between commas
    Conditions, ///< terms between AND and OR
    Join,       ///< a table, then its condition
    Query,      ///< a set operation: nothing until the next clause
    Ctes,       ///< WITH: every query on lines of its own
    Plain       ///< anything
};

struct Clause {
    std::size_t words = 0; ///< of its keywords; 0: no clause begins here
    ClauseBody body = ClauseBody::Plain;
};

/// What has been seen of a query so far; some words begin a clause only in some statements.
struct QueryContext {
    bool updates = false; ///< UPDATE, MERGE or ON CONFLICT: SET is a clause
    bool deletes = false; ///< DELETE or MERGE: USING is a clause
    bool merges = false;  ///< within a WHEN of MERGE, which has no clauses of its own
    bool begins = true;   ///< at the begin of the query, or after WITH's list
};

/// The clause of a query that begins at a word outside inner parentheses. `end` limits the look ahead.
[[nodiscard]] Clause clauseAt(const std::vector<Word> &words, std::size_t at, std::size_t end, QueryContext &context);
/// Whether a word begins a query.
[[nodiscard]] bool beginsQuery(const Word &word);

} // namespace howdah::sql::format_detail
