// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/recipes/recipe.h"

namespace howdah::migration::recipes {

/// The name asked for, or the one the server would choose: table_columns_label, with a number when that is taken.
[[nodiscard]] std::string chosenName(const Ground &ground, const pg::CatalogRelation &table, const std::string &wanted, const std::vector<std::string> &columns, const std::string &label);

/// Adds "CHECK (…)" or "FOREIGN KEY …" NOT VALID and validates it. `name` not quoted.
void checkSteps(Draft &draft, const std::string &table, const std::string &name, const std::string &definition, Phase begin);
void foreignKeySteps(const Ground &ground, Draft &draft, const pg::CatalogRelation &table, const std::string &name, const std::vector<std::string> &columns, const std::string &definition);
/// An index begins with these columns, in any order.
[[nodiscard]] bool servesColumns(const Ground &ground, const pg::CatalogRelation &table, const std::vector<std::string> &columns);

struct UniqueWanted {
    const pg::CatalogRelation *table = nullptr;
    bool primary = false;
    std::string name;            ///< not quoted
    std::vector<std::string> columns;
    std::string index_tail;      ///< "(a, b) INCLUDE (c)" as CREATE INDEX has it
    std::string definition;      ///< the same as the constraint has it
    std::string deferrable;      ///< " DEFERRABLE", "" when not
};
/// `definition`: from UNIQUE or PRIMARY KEY on.
[[nodiscard]] UniqueWanted uniqueOf(const Node &constraint, const std::string &definition);
void uniqueSteps(const Ground &ground, Draft &draft, const UniqueWanted &wanted, Phase begin);

} // namespace howdah::migration::recipes
