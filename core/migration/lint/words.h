// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/migration/lint/statement.h"

namespace howdah::migration::linting {

/// "t", "s.t": a RangeVar as SQL has it.
[[nodiscard]] std::string nameOf(const Node &range_var);
/// "a", "a and b", "a, b and c"; of many the first ones and "12 more".
[[nodiscard]] std::string listed(const std::vector<std::string> &names);
/// Column names as SQL has them: "a, b".
[[nodiscard]] std::string columnList(const std::vector<std::string> &names);
/// The statement with ` words` put in behind the first keyword of that name; unchanged when there is none.
[[nodiscard]] std::string withAfter(const std::string &statement, std::string_view keyword, const std::string &words);
/// Without the first of those keywords.
[[nodiscard]] std::string without(const std::string &statement, const std::vector<std::string> &keywords);
/// "ACCESS EXCLUSIVE"
[[nodiscard]] std::string lockWords(Lock mode);
/// "readers and writers wait", "writers wait"
[[nodiscard]] std::string waiters(Lock mode);

/// ADD COLUMN's definition in pieces, as written: "x int" and each of its constraints.
struct ColumnParts {
    std::string head;
    struct Part {
        std::string kind; ///< contype
        std::string text;
    };
    std::vector<Part> parts;
    [[nodiscard]] std::string textOf(const char *kind) const;
    /// The column with all parts but those.
    [[nodiscard]] std::string without(const std::vector<std::string> &kinds) const;
};
/// Empty head where the text cannot be cut reliably.
[[nodiscard]] ColumnParts partsOf(const Statement &statement, const SubCommand &command);

} // namespace howdah::migration::linting
