// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace howdah::migration {

/// What a change of a structure dump (Rails' structure.sql, any pg_dump) comes to as DDL.
struct StructureDiff {
    std::string forward, backward;
    std::vector<std::string> notes; ///< what could not be said as a statement
};

[[nodiscard]] bool isUnifiedDiff(std::string_view text);

/// Reads a unified diff of a dump that pg_dump wrote: columns within CREATE TABLE become ALTER TABLE, statements that were
/// added stand as they are, those that were removed become DROP. Hunks say the table in their context or in their heads, as
/// git writes them; where neither does, a note says what was left out.
[[nodiscard]] StructureDiff readStructureDiff(std::string_view text);

} // namespace howdah::migration
