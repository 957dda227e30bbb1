// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace howdah::sql {

// PostgreSQL's own grammar through libpg_query. It confirms and analyses; it never decides where a statement
// ends (lexer.h does). All functions are thread-safe and keep nothing.

/// Major version of the grammar built in (17, or 15 where only the packaged library was found).
[[nodiscard]] int grammarVersion();

/// The parse tree as libpg_query's JSON ({"version":…,"stmts":[…]}); locations in it are bytes.
/// A syntax error has kind Parse, SQLSTATE 42601 and a position in bytes.
[[nodiscard]] Result<std::string> parseTree(std::string_view sql);

/// 16 hex digits, equal for statements that differ only in constants, case and spacing.
[[nodiscard]] Result<std::string> fingerprint(std::string_view sql);
/// Constants replaced by $1 …
[[nodiscard]] Result<std::string> normalize(std::string_view sql);
/// Parse and print again in libpg_query's canonical form.
[[nodiscard]] Result<std::string> deparse(std::string_view sql);

/// What running a statement may do to the server; from the parse tree, whole scripts too.
struct StatementNature {
    bool is_explainable = false; ///< EXPLAIN accepts it (SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, EXECUTE, DECLARE, CTAS, REFRESH)
    bool writes = false;         ///< INSERT, UPDATE, DELETE, MERGE anywhere in it (CTEs too), SELECT INTO, or DDL
    bool is_transaction_control = false;
    bool returns_rows = false;
    std::string kind;            ///< libpg_query's node name: "SelectStmt", "IndexStmt" …; "" when it does not parse
};
[[nodiscard]] StatementNature natureOf(std::string_view statement);

} // namespace howdah::sql
