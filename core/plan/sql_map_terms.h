// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace howdah::plan {

/// What a condition speaks of, however it is worded: the planner reorders, casts and commutes, but names and
/// constants stay.
struct SqlTerms {
    std::set<std::string> names;      ///< columns and functions, without qualifiers
    std::set<std::string> values;     ///< constants, parameters
    std::set<std::string> qualifiers; ///< tables' aliases
};

/// Of an expression of the parse tree; sub-selects are left out.
[[nodiscard]] SqlTerms termsOf(const nlohmann::json &expression);
/// Of one condition as EXPLAIN prints it.
[[nodiscard]] SqlTerms termsOf(std::string_view printed);
/// "((a = 1) AND (b = 2))" → its conditions.
[[nodiscard]] std::vector<std::string> conjunctsOf(std::string_view printed);

/// "o_1" → "o": EXPLAIN numbers an alias that is used more than once, and partitions.
[[nodiscard]] std::string baseAlias(const std::string &alias);

/// How well a piece of the statement explains a printed condition: below 0 not at all, else the larger the better.
/// `alias`: of the scan that the condition hangs on, "" for a join.
[[nodiscard]] double likeness(const SqlTerms &printed, const SqlTerms &piece, const std::string &alias);

} // namespace howdah::plan
