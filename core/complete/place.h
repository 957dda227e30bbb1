// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/complete/rules.h"
#include "core/complete/scope.h"

namespace howdah::complete {

/// Where the cursor is and what may stand there.
struct Place {
    std::uint32_t wants = 0;                  ///< want::…
    std::vector<std::string_view> keywords;   ///< in capitals
    bool operand = false;                     ///< a value is expected, not an operator
    std::vector<std::string> qualifier;       ///< names with dots before the one being typed
    Clause clause = Clause::Start;
    bool after_join = false;                  ///< right after JOIN: whole joins may be offered
    bool condition = false;                   ///< right after ON
    bool assigns = false;                     ///< a column to be set
    bool common_columns = false;              ///< USING (
    bool keywords_first = false;
    bool item = false;                        ///< a relation is expected
    std::vector<std::vector<Source>> scopes;  ///< the innermost query's first
    std::vector<Cte> ctes;
    std::vector<Column> outputs;              ///< of the select list, for GROUP BY and ORDER BY
    const pg::CatalogRelation *relation = nullptr; ///< that columns_of, constraints … are about
    std::string setting;                      ///< whose value is expected
    std::vector<std::string> listed;          ///< names in the list already
};

/// `buffer`: all of the text, where a trigger function's table may be told.
[[nodiscard]] Place placeOf(const Statement &statement, const Snapshot &snapshot, std::string_view buffer = {});

} // namespace howdah::complete
