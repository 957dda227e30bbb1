// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {
class Connection;
} // namespace howdah::pg

namespace howdah::migration {

/// What lint asks a server for beyond pg::Catalog and SchemaFacts: who else names a table.
struct LintFacts {
    struct Routine {
        std::string signature;                ///< regprocedure's
        std::string source;                   ///< pg_proc.prosrc, cut at 64 KB; "" for C and for BEGIN ATOMIC bodies
        std::vector<std::uint32_t> relations; ///< that it depends on, as pg_depend says (BEGIN ATOMIC)
    };
    struct Publication {
        std::string name;
        bool all_tables = false;
        std::vector<std::uint32_t> relations;
    };
    std::vector<Routine> routines;            ///< of users, at most 20,000
    bool routines_complete = true;
    std::vector<Publication> publications;
    std::int64_t lock_timeout_ms = 0;         ///< of the session, as the role and the database have it; 0: none
    std::int64_t statement_timeout_ms = 0;
};

/// In a handful of queries; works on 13 to 18. Needs no privileges: what may not be read is left out.
[[nodiscard]] Result<LintFacts> readLintFacts(pg::Connection &connection);

} // namespace howdah::migration
