// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/migration/recipes/recipe.h"

namespace howdah::migration::recipes {

struct NotNull {
    std::string table;       ///< as SQL names it
    std::string bare_table, column; ///< not quoted
    Phase begin = Phase::Expand; ///< where new nulls begin to be refused
    bool set = true;         ///< false: up to the valid constraint, SET NOT NULL is left to the caller (before 18)
    std::string constraint;  ///< its name from 18 on; "" for one of ours
};

/// A column that is filled becomes NOT NULL: up to 17 by a CHECK that proves it, from 18 by NOT NULL NOT VALID.
void notNullSteps(const Ground &ground, Draft &draft, const NotNull &wanted);

} // namespace howdah::migration::recipes
