// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"
#include "core/plan/sql_map_terms.h"

namespace howdah::plan {

// A statement taken apart into what plan nodes come from.

/// A condition, a sort key, a call: where it stands and what it speaks of.
struct SqlPiece {
    ByteSpan span;
    SqlTerms terms;
};

/// What a FROM clause names, or the target of a writing statement.
struct SqlRangeItem {
    std::string alias;    ///< the name it goes by
    std::string relation; ///< "" for sub-selects, functions, VALUES
    ByteSpan span;        ///< with its alias
};

enum class SqlBlockKind : unsigned char { Statement, Cte, SubLink, FromSubselect, SetOperand };

/// One query level.
struct SqlBlock {
    SqlBlockKind kind = SqlBlockKind::Statement;
    std::size_t parent = 0;  ///< the block itself for the first one
    std::string name;        ///< of the CTE, or the alias of the sub-select in FROM
    ByteSpan owner;          ///< what holds it: "c AS (…)", "EXISTS (…)", "(…) s"
    std::vector<SqlRangeItem> from;
    std::vector<SqlPiece> conditions; ///< of WHERE, HAVING, ON and USING, each by itself
    std::vector<SqlPiece> aggregates, windows;
    std::vector<SqlPiece> sort_keys;
    ByteSpan from_clause, where, order_by, group_by, distinct, limit, set_operation, target, locking; ///< empty when there is none
    std::vector<std::size_t> children;
};

/// Parsed; empty when it does not parse. The first block is the statement itself.
[[nodiscard]] std::vector<SqlBlock> takeApart(std::string_view statement);

} // namespace howdah::plan
