// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::workload {

// What a server is asked, and how often: the ground that advice stands on.

/// Statements that differ in their constants alone.
struct Statement {
    std::string fingerprint;          ///< 16 hex digits; the same for tables whose names differ in digits alone
    std::string text;                 ///< the first that was seen, as it was written
    std::vector<std::string> samples; ///< with different constants, `text` the first; at most max_samples
    double weight = 0;                ///< calls, as far as they are known; else how often it was written down
    double total_ms = 0;              ///< as measured by the source; 0 when it is not known
    std::string kind;                 ///< libpg_query's name of the node: "SelectStmt", "UpdateStmt" …
    bool writes = false;
    bool has_parameters = false;      ///< $1 …: of pg_stat_statements, or written so
    std::size_t line = 0;             ///< of the text, from 1; 0 where it came from a server
};

/// A statement that cannot be used, and why. Never fatal: the others are.
struct Problem {
    std::string statement; ///< as it was written, cut to a line; may be empty
    std::string message;
    std::size_t line = 0;  ///< from 1; 0 where it came from a server
};

struct Workload {
    std::vector<Statement> statements; ///< in the order of their first appearance
    std::vector<Problem> problems;
    double weight = 0; ///< sum over statements
};

inline constexpr std::size_t max_samples = 3;
inline constexpr std::size_t max_problems = 1000; ///< said one by one; the rest is counted

/// A SQL script, a statement each (a comment before one, "-- weight: 20", says how often it runs), or the log of a server
/// with auto_explain, of which each message counts once. Linear in the text.
[[nodiscard]] Workload readWorkload(std::string_view text);

/// What pg_stat_statements keeps of this database, by total time. Weights are calls. Fails with Unsupported where it is
/// not installed.
[[nodiscard]] Result<Workload> keptWorkload(pg::Connection &connection);

/// On one line, cut to so many bytes (never within a character).
[[nodiscard]] std::string oneLine(std::string_view statement, std::size_t bytes = 160);

} // namespace howdah::workload
