// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/complete/words.h"

namespace howdah::complete {

/// What may stand at the cursor, as bits.
namespace want {
constexpr std::uint32_t relations = 1U << 0;    ///< what can be read from: tables, views, CTEs, with their schemas
constexpr std::uint32_t columns = 1U << 1;      ///< of what is in scope
constexpr std::uint32_t functions = 1U << 2;
constexpr std::uint32_t set_functions = 1U << 3;
constexpr std::uint32_t types = 1U << 4;
constexpr std::uint32_t settings = 1U << 5;
constexpr std::uint32_t setting_values = 1U << 6;
constexpr std::uint32_t roles = 1U << 7;
constexpr std::uint32_t extensions = 1U << 8;   ///< that are installed
constexpr std::uint32_t available = 1U << 9;    ///< extensions that are not
constexpr std::uint32_t languages = 1U << 10;
constexpr std::uint32_t access_methods = 1U << 11;
constexpr std::uint32_t indexes = 1U << 12;
constexpr std::uint32_t constraints = 1U << 13; ///< of the named relation
constexpr std::uint32_t unique_constraints = 1U << 14;
constexpr std::uint32_t columns_of = 1U << 15;  ///< of the named relation
constexpr std::uint32_t schemas = 1U << 16;
constexpr std::uint32_t tables = 1U << 17;      ///< what can be written to
constexpr std::uint32_t views = 1U << 18;
constexpr std::uint32_t materialized_views = 1U << 19;
constexpr std::uint32_t sequences = 1U << 20;
constexpr std::uint32_t procedures = 1U << 21;
constexpr std::uint32_t trigger_functions = 1U << 22;
constexpr std::uint32_t column_list = 1U << 23; ///< the whole list of the named relation's columns in parentheses
constexpr std::uint32_t conflict_keys = 1U << 24; ///< lists of columns that a unique index is on
constexpr std::uint32_t nothing = 1U << 31;     ///< a new name
} // namespace want

/// The words that lead to the cursor: parentheses that are closed count as one word "()", and of a list that the
/// cursor is in only what follows the last comma is left, after a ",".
struct Step {
    std::string_view text; ///< in lower case where it is a plain word
    bool is_name = false;
    std::size_t word = nowhere;
};

struct Rule {
    std::string_view pattern;
    std::uint32_t wants = 0;
    std::string_view keywords = {}; ///< separated by |
};

struct RuleMatch {
    const Rule *rule = nullptr;
    std::size_t relation = nowhere; ///< the word that the named relation (%rel) begins at
    std::size_t setting = nowhere;  ///< the word of %set
};

/// The first rule that fits the whole path; its rule is null when there is none.
[[nodiscard]] RuleMatch matchRules(const std::vector<Step> &path);

} // namespace howdah::complete
