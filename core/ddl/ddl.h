// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/ddl/object_ref.h"

namespace howdah::ddl {

struct DdlOptions {
    bool with_owner = true;
    bool with_privileges = true;
    bool with_comments = true;
};

/// What makes an object again, statement by statement in the order in which they run, written as the server's own
/// pg_dump writes them: every name with its schema, a table with what hangs on it (defaults, constraints, indexes,
/// sequences it owns, statistics, rules, triggers, policies, privileges).
struct Ddl {
    ObjectRef object;
    std::vector<std::string> statements; ///< each with its semicolon
    std::vector<std::string> notes;      ///< what a reader should know and SQL does not say

    /// Notes as comments, then the statements with an empty line between two.
    [[nodiscard]] std::string text() const;
};

/// Asks the server (13 to 18) in one read-only transaction. Where pg_dump says SET default_tablespace and SET
/// default_table_access_method, the statement itself says it here (TABLESPACE, USING). A language says its functions,
/// where pg_dump leaves those of pg_catalog out. Unsupported: access methods, large objects and security labels.
[[nodiscard]] Result<Ddl> ddlOf(pg::Connection &connection, const ObjectRef &object, const DdlOptions &options = {});

} // namespace howdah::ddl
