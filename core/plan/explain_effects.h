// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::plan {

// What a statement does that no ROLLBACK undoes. Source: PostgreSQL's documentation of sequence functions, of
// advisory locks and of server administration functions.

/// Names of the functions that a statement calls by name, as written (schema "" when not qualified), without
/// repetition. Empty where our grammar cannot read the statement.
struct CalledFunction {
    std::string schema;
    std::string name;
    auto operator<=>(const CalledFunction &) const = default;
};
[[nodiscard]] std::vector<CalledFunction> calledFunctions(std::string_view statement);

struct OutsideEffects {
    std::vector<std::string> volatile_functions; ///< written by users or extensions: may do anything
    std::vector<std::string> lasting_functions;  ///< PostgreSQL's own whose effect outlives a ROLLBACK
};
/// Looks the functions up on the server; one query, none when there is nothing to look up.
[[nodiscard]] Result<OutsideEffects> outsideEffects(pg::Connection &connection,
                                                    const std::vector<CalledFunction> &functions);

/// Sequences that the expressions of a verbose plan draw from or set: "nextval('a_id_seq'::regclass)" gives
/// "a_id_seq"; "" stands for one whose name is computed.
[[nodiscard]] std::vector<std::string> sequencesIn(std::string_view plan_json);

} // namespace howdah::plan
