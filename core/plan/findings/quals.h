// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace howdah::plan {

/// One condition of a qual as EXPLAIN prints it: "(o.status = 'new'::text)".
struct Qual {
    std::string column;            ///< quoted as SQL wants it, without its alias; "" when the left side is no column
    std::string expression;        ///< the left side as printed, without aliases: "lower((email)::text)"
    std::string op;                ///< "=", "<", "~~", "= ANY", "IS NULL" …; "" when none was found
    std::string cast;              ///< the type the bare column was cast to: "numeric"; "" when it was not
    bool converts = false;         ///< that cast computes another value, which no index on the column holds
    std::string constant;          ///< the right side as printed
    bool against_constant = false; ///< the right side names no column of this query
};

/// The parts of "((a = 1) AND (b > 2))", outermost parentheses removed; one part when it is no conjunction.
[[nodiscard]] std::vector<std::string_view> conjuncts(std::string_view qual);
[[nodiscard]] Qual readQual(std::string_view condition);
[[nodiscard]] std::vector<Qual> readQuals(std::string_view qual);
/// The same for the scan of `alias` that another node gives its values to, row by row: columns of other relations
/// count as constants, and "(o.id = c.parent_id)" is turned round for c.
[[nodiscard]] std::vector<Qual> readQualsOf(std::string_view alias, std::string_view qual);
/// Whether the text is one OR of conditions.
[[nodiscard]] bool isDisjunction(std::string_view qual);

/// The columns of "(a = 1) OR (b = 2)", when every part compares a bare column; otherwise nothing.
[[nodiscard]] std::vector<std::string> disjunctColumns(std::string_view qual);
/// The column that a join's "(o.id = l.order_id)" names of this alias; "" when there is none.
[[nodiscard]] std::string columnOf(std::string_view join_qual, std::string_view alias);

/// Columns for a b-tree that answers the conditions: equalities first, then one range. Nothing that a b-tree
/// cannot use.
[[nodiscard]] std::vector<std::string> indexColumns(const std::vector<Qual> &quals);

} // namespace howdah::plan
