// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace howdah::migration {

/// A migration as another tool keeps it, read as SQL.
struct MigrationFile {
    std::string tool;               ///< "Liquibase", "sqitch", "Django", "Flyway", "Rails", "goose", "dbmate"; "" plain SQL
    std::string forward;            ///< SQL, without the transaction that the tool wraps it in
    std::string backward;           ///< its way back where the file has one
    std::vector<std::string> notes; ///< what was left out or guessed, a sentence each
};

/// Formatted SQL of Liquibase (its --rollback lines are the way back), deploy scripts of sqitch, what Django's sqlmigrate
/// prints, Flyway's with ${placeholders}, goose's and dbmate's with both ways in one file, and a unified diff of Rails'
/// structure.sql: columns, indexes, constraints and tables that it adds, drops or changes become statements. Everything
/// else is given back as it is.
[[nodiscard]] MigrationFile readMigrationFile(std::string_view text);

} // namespace howdah::migration
